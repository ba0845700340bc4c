"""How soon customers come back: first-contact resolution as a curve over the window, by Kaplan-Meier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from staffcast.core.enums import NullReason
from staffcast.core.errors import MetricError
from staffcast.core.units import US_PER_DAY
from staffcast.metrics import compiler, options_from_settings
from staffcast.metrics import metric as find
from staffcast.metrics.population import CENSORED, USED
from staffcast.metrics.request import request
from staffcast.metrics.run import decide
from staffcast.metrics.suppression import refuse_people, suppressed
from staffcast.reports.periods import data_range, reporting_period
from staffcast.reports.wording import DASH, REASONS, format_interval, format_value
from staffcast.statistics import KaplanMeier, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from staffcast.core.config import Settings
    from staffcast.reports.named_periods import Days
    from staffcast.reports.periods import DataRange
    from staffcast.store.generations import Reader

__all__ = ["RepeatCurve", "repeat_curve", "repeat_note", "repeat_table"]

DAYS = (0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90)
"""Days after the close that the table shows."""

_GAPS = {
    "same_issue": "next_issue_gap_us",
    "any_topic": "next_any_gap_us",
    "chat_only": "next_chat_gap_us",
}
_TIMES = (*_GAPS.values(), "reopen_gap_us", "maturity_us")
_COLUMNS = (*_TIMES, "is_escalated", "n_transfers")
_VALUES: dict[str, type[pl.DataType]] = {
    "days": pl.Float64,
    "resolved": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "n_at_risk": pl.Int64,
    "n_repeats": pl.Int64,
    "n": pl.Int64,
    "convention": pl.String,
    "definition_hash": pl.String,
    "null_reason": pl.String,
}


@dataclass(frozen=True)
class RepeatCurve:
    """The share of first contacts without a repeat, by the days since the close.

    Attributes:
        rows: The groups asked for, then days, resolved (the share), ci_low, ci_high (95 %), n_at_risk,
            n_repeats (so far), n, convention, definition_hash, null_reason.
        steps: The same at each quarter of a day, for the chart.
        by: The groups.
        period: First day and the day after the last, of the closes.
        covered: What the data cover.
    """

    rows: pl.DataFrame
    steps: pl.DataFrame
    by: tuple[str, ...]
    period: Days
    covered: DataRange


def repeat_curve(
    reader: Reader,
    settings: Settings,
    *,
    by: Sequence[str] = (),
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
    options: Mapping[str, object] | None = None,
) -> RepeatCurve:
    """Estimate the share of first contacts that stay resolved, for every window at once.

    The contacts are those of ``fcr``, with those whose window has not passed yet: each is followed until its
    repeat, its reopening, or the end of what could have been seen. What was passed on to another channel has
    failed at once. Where everybody was followed for a whole window the curve is ``fcr`` with that window.

    Args:
        reader: A published generation.
        settings: Defaults of the options of ``fcr``; its window decides only what is a first contact.
        by: Dimensions to draw a curve each for.
        where: Value or values that a dimension must have.
        from_date: First local date of the close, ISO.
        to_date: Last local date, ISO, included.
        options: Of ``fcr``; beats the settings.

    Raises:
        MetricError: An unknown dimension or option, or no contact could be followed.
        ConfigError: The period is malformed or empty.
    """
    covered = data_range(reader)
    period = reporting_period(covered, from_date=from_date, to_date=to_date)
    asked = request(by=by, where=where, period=period)
    refuse_people((*asked.by, *(where or {})), reader.min_group)
    [chosen] = decide([find("fcr")], asked, options_from_settings(settings, _of_fcr(options or {})))
    statement = compiler.rows(chosen, asked, columns=_COLUMNS, only_used=False)
    found = reader.run(*statement.bound()).filter(
        pl.col("row_status").is_in([USED, CENSORED]) & pl.col("maturity_us").is_not_null()
    )
    if found.is_empty():
        raise MetricError(
            "no first contact of the period can be followed",
            hint="repeats are seen by customer id: is it in the export?",
        )
    followed = _followed(
        found, str(chosen.options["repeat"]), is_strict=chosen.options["transfer_fails"] == "yes"
    )
    parts = {() if not asked.by else key: part for key, part in _parts(followed, asked.by)}
    withheld = suppressed(reader, chosen, asked, list(parts))
    shared = {"convention": chosen.convention, "definition_hash": chosen.definition_hash}
    rows: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    for key, part in parts.items():
        group = dict(zip(asked.by, key, strict=True)) | shared
        if key in withheld:
            rows.append(group | {"null_reason": NullReason.SUPPRESSED.value})
            continue
        curve = _Curve(part)
        rows += [group | point for point in curve.points(DAYS)]
        steps += [group | point for point in curve.points(np.arange(0, DAYS[-1] + 0.25, 0.25).tolist())]
    schema = {name: found.schema[name] for name in asked.by} | _VALUES
    return RepeatCurve(
        rows=pl.DataFrame(rows, schema=schema, orient="row"),
        steps=pl.DataFrame(steps, schema=schema, orient="row"),
        by=asked.by,
        period=period,
        covered=covered,
    )


class _Curve:
    """One group, followed."""

    def __init__(self, part: pl.DataFrame) -> None:
        self.days = part["days"].to_numpy()
        self.is_repeat = part["is_repeat"].to_numpy()
        self.survival: KaplanMeier = kaplan_meier(self.days, self.is_repeat)

    def points(self, days: Sequence[float]) -> Iterator[dict[str, Any]]:
        """The curve at the given days, as far as somebody was followed."""
        for day in days:
            n_at_risk = int((self.days >= day).sum())
            if not n_at_risk:
                return
            low, high = self.survival.interval(day)
            yield {
                "days": float(day),
                "resolved": self.survival.at(day),
                "ci_low": low,
                "ci_high": high,
                "n_at_risk": n_at_risk,
                "n_repeats": int((self.is_repeat & (self.days <= day)).sum()),
                "n": self.days.size,
            }


def _of_fcr(options: Mapping[str, object]) -> dict[str, object]:
    return {name if "." in name else f"fcr.{name}": value for name, value in options.items()}


def _followed(found: pl.DataFrame, repeat: str, *, is_strict: bool) -> pl.DataFrame:
    """How many days each was followed, and whether the end was a repeat."""
    at_once = pl.col("is_escalated") | (pl.col("n_transfers") > 0) if is_strict else pl.col("is_escalated")
    failed_us = (
        pl.when(at_once)
        .then(pl.lit(0, pl.Int64))
        .otherwise(pl.min_horizontal(_GAPS[repeat], "reopen_gap_us"))
    )
    return found.with_columns(failed_us.alias("failed_us")).with_columns(
        is_repeat=(pl.col("failed_us") <= pl.col("maturity_us")).fill_null(value=False),
        days=pl.min_horizontal("failed_us", "maturity_us").clip(lower_bound=0) / US_PER_DAY,
    )


def _parts(followed: pl.DataFrame, by: tuple[str, ...]) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    if not by:
        yield (), followed
        return
    groups = followed.partition_by(by, as_dict=True, maintain_order=True)
    yield from sorted(groups.items(), key=lambda item: [(value is None, value) for value in item[0]])


def repeat_table(curve: RepeatCurve) -> pl.DataFrame:
    """The curve in words.

    Returns:
        Text columns: the groups, days, resolved, interval (95 %), still followed, repeats.
    """
    columns = (*curve.by, "days", "resolved", "interval (95 %)", "still followed", "repeats")
    lines = []
    for row in curve.rows.iter_rows(named=True):
        reason = row["null_reason"]
        line = {name: DASH if row[name] is None else str(row[name]) for name in curve.by}
        line["days"] = DASH if row["days"] is None else f"{row['days']:g}"
        line["resolved"] = f"{DASH} ({REASONS[reason]})" if reason else format_value(row["resolved"], "share")
        line["interval (95 %)"] = format_interval(row["ci_low"], row["ci_high"], "share")
        line["still followed"] = DASH if row["n_at_risk"] is None else f"{row['n_at_risk']:,}"
        line["repeats"] = DASH if row["n_repeats"] is None else f"{row['n_repeats']:,}"
        lines.append(line)
    return pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")


def repeat_note(curve: RepeatCurve) -> str:
    """How the curve was made, under the table."""
    return (
        "Share of first contacts without a repeat so many days after the close (Kaplan-Meier).\n"
        "Recent ones are used as far as they could be followed.\n"
        "The window below decides only what is a first contact.\n"
        f"{curve.rows['convention'][0]}\n\n{curve.covered.stamp}"
    )
