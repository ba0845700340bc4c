"""The key figures at the head of a page: value, certainty and change, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.metrics import Verdict
from staffcast.metrics import metric as find
from staffcast.reports.kpis import KpiReport, kpi_report
from staffcast.reports.wording import DASH, REASONS, format_change, format_interval, format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.core.config import Settings
    from staffcast.store.generations import Reader

__all__ = ["TILES", "Tile", "Tone", "tile_metrics", "tiles"]

TILES: tuple[tuple[str, str, str], ...] = (
    ("offered", "", ""),
    ("service_level", "", ""),
    ("first_response", "first_response_p90", "P90"),
    ("replies_within", "", ""),
    ("abandonment_rate", "", ""),
    ("csat", "csat_response_rate", "response rate"),
    ("fcr", "", ""),
    ("containment", "verified_deflection", "verified"),
)
"""Metric of each tile, the metric shown beside it, and what that one is called there."""


_SHORT_VERDICTS = {
    Verdict.NO_DETECTABLE_CHANGE.value: "within noise",
    Verdict.NO_DATA.value: "",
    Verdict.NOT_JUDGED.value: "",
}


class Tone(StrEnum):
    """How a change is to be read: only a detectable one is good or bad."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Tile:
    """One key figure.

    Attributes:
        metric: Id in the catalogue.
        label: Name on screen.
        value: Value in its unit, or a dash.
        certainty: 95 % interval and n, or why there is no value.
        aside: The figure beside it; empty for none.
        change: Change against the period before, or empty.
        verdict: What the change means, in words.
        tone: What the change means, as a colour.
        by_day: Daily values; NaN where there is none.
        explanation: Definition, convention and caveats, one line each.
    """

    metric: str
    label: str
    value: str
    certainty: str
    aside: str
    change: str
    verdict: str
    tone: Tone
    by_day: tuple[float, ...] = ()
    explanation: tuple[str, ...] = field(default=())


def tile_metrics() -> tuple[str, ...]:
    """Every metric that the tiles show."""
    return tuple(name for main, beside, _ in TILES for name in (main, beside) if name)


def tiles(
    reader: Reader,
    settings: Settings,
    *,
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
) -> tuple[Tile, ...]:
    """The key figures of a period with their change against the period just before.

    Args:
        reader: A published generation.
        settings: Defaults of the metrics' options.
        where: Value or values that a dimension must have.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.

    Raises:
        ConfigError: The period is malformed or empty.
        MetricError: An unknown dimension.
    """
    compared = kpi_report(
        reader, settings, metrics=tile_metrics(), where=where, from_date=from_date, to_date=to_date,
        comparison=True,
    )  # fmt: skip
    daily = kpi_report(
        reader, settings, metrics=[main for main, _, _ in TILES], where=where, from_date=from_date,
        to_date=to_date, grain="day",
    )  # fmt: skip
    rows = {row["metric"]: row for row in compared.rows.iter_rows(named=True)}
    shown = {
        main: _tile(rows[main], rows.get(beside), name, _by_day(daily, main)) for main, beside, name in TILES
    }
    if "queue" in (where or {}) and not rows["containment"]["numerator"]:
        shown["containment"] = _without_queue(shown["containment"])
    return tuple(shown.values())


def _tile(
    row: Mapping[str, Any], beside: Mapping[str, Any] | None, name: str, by_day: tuple[float, ...]
) -> Tile:
    has_change = row["change"] is not None
    return Tile(
        metric=row["metric"],
        label=row["label"],
        value=format_value(row["value"], row["unit"]),
        certainty=_certainty(row),
        aside=_joined(f"{name} {_short(beside)}") if beside and _adds(row, beside) else "",
        change=format_change(row["change"], row["unit"]) if has_change else "",
        verdict=_SHORT_VERDICTS.get(row["verdict"], row["verdict"]),
        tone=_tone(row["verdict"]),
        by_day=by_day,
        explanation=_explanation(row),
    )


def _without_queue(tile: Tile) -> Tile:
    """Filtered by queue, containment is no 0 %: what the bot contains has no queue to be found by."""
    return replace(
        tile, value=DASH, certainty="what the bot contains enters no queue", aside="", change="", verdict="",
        tone=Tone.NEUTRAL, by_day=(),
    )  # fmt: skip


def _certainty(row: Mapping[str, Any]) -> str:
    if row["null_reason"]:
        return REASONS[row["null_reason"]]
    interval = format_interval(row["ci_low"], row["ci_high"], row["unit"])
    size = "" if row["unit"] == "conversations" else f"n {row['n']:,}"
    return _joined(interval, size)


def _joined(*parts: str) -> str:
    """Parts that a line may be broken between, but not within."""
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts if part)


def _adds(row: Mapping[str, Any], beside: Mapping[str, Any]) -> bool:
    """Whether the figure beside says more than the same reason once again."""
    return beside["null_reason"] is None or beside["null_reason"] != row["null_reason"]


def _short(row: Mapping[str, Any]) -> str:
    if row["null_reason"]:
        return REASONS[row["null_reason"]]
    return format_value(row["value"], row["unit"])


def _tone(verdict: str) -> Tone:
    match verdict:
        case Verdict.BETTER:
            return Tone.GOOD
        case Verdict.WORSE:
            return Tone.BAD
        case _:
            return Tone.NEUTRAL


def _explanation(row: Mapping[str, Any]) -> tuple[str, ...]:
    record = find(row["metric"])
    too_recent = (f"{row['n_censored']:,} more are too recent to count.",) if row["n_censored"] else ()
    return (record.definition, f"Convention: {row['convention']}.", *record.caveats, *too_recent)


def _by_day(daily: KpiReport, name: str) -> tuple[float, ...]:
    values = daily.rows.filter(pl.col("metric") == name).sort("period_start")["value"]
    return tuple(float("nan") if value is None else float(value) for value in values)
