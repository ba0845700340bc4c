"""What has changed in a closed month since, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast import __version__
from staffcast.core.enums import NullReason
from staffcast.metrics import catalogue, options_from_settings
from staffcast.metrics import metric as find
from staffcast.reports.closing import figures, options_of
from staffcast.reports.wording import DASH, REASONS, format_change, format_interval, format_value
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from staffcast.core.config import Settings
    from staffcast.reports.closing import Close
    from staffcast.store.generations import Reader

    Figure = Mapping[str, Any]
    Figures = Mapping[tuple[str, str | None, str | None], Figure]

__all__ = ["RESTATED_SCHEMA", "figures_table", "restated", "restated_table", "still_shown"]

RESTATED_SCHEMA = pl.Schema(
    {
        "month": pl.String,
        "metric": pl.String,
        "dimension": pl.String,
        "part": pl.String,
        "unit": pl.String,
        "closed_value": pl.Float64,
        "value": pl.Float64,
        "change": pl.Float64,
        "closed_n": pl.Int64,
        "n": pl.Int64,
        "reasons": pl.String,
        "loads": pl.String,
        "closed_hash": pl.String,
        "definition_hash": pl.String,
        "null_reason": pl.String,
    }
)
"""A row for each figure that is another now than when the month was closed."""

_NUMBER = ("value", "numerator", "denominator", "n", "null_reason")
_KEY = ("metric", "dimension", "part")
_SURVEYS = "surveys"
_MOST_LOADS = 3


@dataclass(frozen=True)
class _Since:
    """What came after the close."""

    close: Close
    loads: list[dict[str, Any]]
    options: dict[str, Any]

    def named(self, *, surveys: bool) -> str:
        """The loads that may have done it: those of surveys, or all others."""
        own = [load for load in self.loads if (load["table_name"] == _SURVEYS) == surveys]
        names = [f"{load['load_id']} ({load['file_name']})" for load in own]
        more = len(names) - _MOST_LOADS
        return ", ".join(names[:_MOST_LOADS]) + (f" and {more} more" if more > 0 else "")


def restated(reader: Reader, settings: Settings, close: Close) -> pl.DataFrame:
    """Compare a closed month with the same month as reports show it now.

    The reasons: ``matured`` (what was too recent to count at the close counts now), ``late survey``, ``late
    data`` (rows that were loaded after the close), ``rows removed`` (erased, retained or corrected),
    ``changed definition`` (another option or another text in the catalogue), ``another version``. To tell the
    data from the definition, each figure is also counted with the options of the close.

    Args:
        reader: A published generation.
        settings: In force.
        close: Of the month.

    Returns:
        A frame of ``RESTATED_SCHEMA``. Figures that the works-council profile withholds now are left out,
        also as they were published.
    """
    options = options_from_settings(settings)
    now = _by_key(figures(reader, settings, close.period, options))
    then = _known_options(close)
    as_closed = now if then == options else _by_key(figures(reader, settings, close.period, then))
    loads = reader.run(sql_text(__package__, "loads_after"), {"load_id": close.load_id}).to_dicts()
    rows = list(_rows(_Since(close, loads, options), now, as_closed))
    return pl.DataFrame(rows, schema=RESTATED_SCHEMA, orient="row")


def still_shown(reader: Reader, settings: Settings, close: Close) -> pl.DataFrame:
    """The figures of a close as they were published, but for those that the profile withholds now.

    Returns:
        A frame of ``closing.FIGURE_SCHEMA``.
    """
    if not reader.min_group:
        return close.figures
    now = _by_key(figures(reader, settings, close.period, options_from_settings(settings)))
    is_shown = [not _is_withheld(now.get(key)) for key in _keys(close.figures)]
    return close.figures.filter(pl.Series(is_shown, dtype=pl.Boolean))


def figures_table(found: pl.DataFrame) -> pl.DataFrame:
    """Closed figures in words.

    Args:
        found: A frame of ``closing.FIGURE_SCHEMA``.

    Returns:
        Text columns metric, part, value, interval (95 %), n, definition.
    """
    columns = ("metric", "part", "value", "interval (95 %)", "n", "definition")
    lines = [
        {
            "metric": row["label"],
            "part": _part(row),
            "value": _value(row),
            "interval (95 %)": format_interval(row["ci_low"], row["ci_high"], row["unit"]),
            "n": DASH if row["n"] is None else f"{row['n']:,}",
            "definition": row["definition_hash"],
        }
        for row in found.iter_rows(named=True)
    ]
    return pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")


def restated_table(changes: pl.DataFrame) -> pl.DataFrame:
    """The changes in words.

    Returns:
        Text columns month, metric, part, closed, now, change, reasons, loads.
    """
    columns = ("month", "metric", "part", "closed", "now", "change", "reasons", "loads")
    lines = [
        {
            "month": row["month"],
            "metric": row["metric"],
            "part": _part(row),
            "closed": format_value(row["closed_value"], row["unit"]),
            "now": _value(row),
            "change": format_change(row["change"], row["unit"]),
            "reasons": row["reasons"],
            "loads": row["loads"],
        }
        for row in changes.iter_rows(named=True)
    ]
    return pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")


def _part(row: Figure) -> str:
    return f"{row['dimension']} {row['part'] or DASH}" if row["dimension"] else "all"


def _value(row: Figure) -> str:
    reason = row["null_reason"]
    return f"{DASH} ({REASONS[reason]})" if reason else format_value(row["value"], row["unit"])


def _known_options(close: Close) -> dict[str, Any]:
    """The options of the close as far as the catalogue still has them."""
    known = {f"{record.id}.{option.name}" for record in catalogue() for option in record.options}
    return {name: value for name, value in close.options.items() if name in known}


def _by_key(frame: pl.DataFrame) -> Figures:
    return dict(zip(_keys(frame), frame.to_dicts(), strict=True))


def _keys(frame: pl.DataFrame) -> list[tuple[str, str | None, str | None]]:
    return frame.select(_KEY).rows()


def _rows(since: _Since, now: Figures, as_closed: Figures) -> Iterator[dict[str, Any]]:
    closed = _by_key(since.close.figures)
    for key in dict.fromkeys([*closed, *now]):
        before, current = closed.get(key), now.get(key)
        if _is_withheld(current) or not _differs(before, current):
            continue
        reasons, loads = _why(since, before, current, as_closed.get(key))
        named = before or current or {}
        old, new = (figure["value"] if figure else None for figure in (before, current))
        yield {
            "month": since.close.month,
            **dict(zip(_KEY, key, strict=True)),
            "unit": named["unit"],
            "closed_value": old,
            "value": new,
            "change": None if old is None or new is None else new - old,
            "closed_n": before["n"] if before else None,
            "n": current["n"] if current else None,
            "reasons": "; ".join(reasons),
            "loads": loads,
            "closed_hash": before["definition_hash"] if before else None,
            "definition_hash": current["definition_hash"] if current else None,
            "null_reason": current["null_reason"] if current else None,
        }


def _is_withheld(figure: Figure | None) -> bool:
    return figure is not None and figure["null_reason"] == NullReason.SUPPRESSED


def _differs(before: Figure | None, current: Figure | None) -> bool:
    """Whether the figure is another; a part that had nothing and has nothing is the same."""
    if before is None or current is None:
        lone = before or current or {}
        return bool(lone["n"])
    return any(before[name] != current[name] for name in _NUMBER)


def _why(
    since: _Since, before: Figure | None, current: Figure | None, same_options: Figure | None
) -> tuple[list[str], str]:
    """Reasons, strongest first, and the loads that brought what is new."""
    if current is None:
        return ["no longer in the catalogue or in the data"], ""
    if before is None:
        known = {figure["metric"] for figure in since.close.figures.to_dicts()}
        reason = "late data: a new part" if current["metric"] in known else "new in the catalogue"
        return [reason], since.named(surveys=False) if current["metric"] in known else ""
    if _is_withheld(before):
        return ["was withheld at the close"], ""
    reasons = []
    if before["definition_hash"] != current["definition_hash"]:
        reasons.append(_definition_change(since, current["metric"]))
    is_comparable = same_options and same_options["definition_hash"] == before["definition_hash"]
    if not is_comparable or same_options is None or not _differs(before, same_options):
        return reasons or ["unknown"], ""
    found, loads = _data_reasons(since, before, same_options)
    if since.close.version != __version__:
        found.append(f"another version: {since.close.version} -> {__version__}")
    return reasons + found, loads


def _definition_change(since: _Since, name: str) -> str:
    """Which options are others now, or else that the text of the definition is."""
    then = since.close.definitions.get(name, {}).get("options", {})
    now = options_of(name, since.options)
    changed = [
        f"{option} {_shown(then.get(option))} -> {_shown(now.get(option))}"
        for option in sorted(then.keys() | now.keys())
        if then.get(option) != now.get(option)
    ]
    return f"changed definition: {', '.join(changed) or 'another text in the catalogue'}"


def _shown(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _data_reasons(since: _Since, before: Figure, now: Figure) -> tuple[list[str], str]:
    is_survey = "fact_survey" in find(before["metric"]).facts
    reasons, loads = [], []
    n_matured = (before["n_censored"] or 0) - (now["n_censored"] or 0)
    n_more = _population(now) - _population(before)
    if n_matured > 0:
        reasons.append(f"matured: {n_matured:,} that were too recent")
    if n_more > 0 or (n_more == 0 and n_matured <= 0):
        kind = "late survey" if is_survey and since.named(surveys=True) else "late data"
        reasons.append(f"{kind}: {n_more:,} more" if n_more else f"{kind}: rows changed")
        loads.append(since.named(surveys=kind == "late survey"))
    if n_more < 0:
        reasons.append(f"rows removed: {-n_more:,}")
    if not since.loads and n_more >= 0 and n_matured <= 0:
        return ["no load since: calendars or settings of the build"], ""
    return reasons, ", ".join(load for load in loads if load)


def _population(figure: Figure) -> int:
    """All rows that the metric is about, whatever became of them."""
    left_out = json.loads(figure["n_excluded"] or "{}").values()
    return int((figure["n"] or 0) + (figure["n_censored"] or 0) + sum(left_out))
