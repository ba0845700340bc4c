"""A change and its parts in words: the largest contributions of each dimension, and what they add up to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.metrics import metric as find
from staffcast.reports.wording import DASH, REASONS, format_change, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.reports.differences import DifferenceReport
    from staffcast.reports.named_periods import Days

__all__ = ["difference_note", "difference_table", "difference_title"]

_COLUMNS = (
    "by", "part", "before", "now", "of all before", "of all now", "mix", "rate", "contribution",
    "interval (95 %)", "verdict",
)  # fmt: skip


def difference_table(report: DifferenceReport, *, n_parts: int = 5) -> pl.DataFrame:
    """The change in words: the whole, then of each dimension its sum and its largest contributions.

    Args:
        report: Of `differences.difference`.
        n_parts: Most parts of a dimension that get a line of their own; the others share one.

    Returns:
        Text columns: by, part, before, now, of all before, of all now, mix, rate, contribution,
        interval (95 %), verdict.
    """
    whole = report.rows.row(0, named=True)
    lines = [_line(whole, by="", part="all")]
    for dimension in report.rows["dimension"].drop_nulls().unique(maintain_order=True):
        parts = report.rows.filter(pl.col("dimension") == dimension).to_dicts()
        lines += _dimension(dimension, parts, n_parts)
    return pl.DataFrame(lines, schema=dict.fromkeys(_COLUMNS, pl.String), orient="row")


def difference_title(report: DifferenceReport) -> str:
    """The metric, and which days stand against which."""
    label = find(report.rows["metric"][0]).label
    return f"{label}: {_days(report.period)} against {_days(report.versus)} ({report.covered.timezone})"


def difference_note(report: DifferenceReport) -> str:
    """How to read the table, under it."""
    n_judged = report.rows.filter(pl.col("contribution_low").is_not_null())["contribution"].len() - 1
    kind = find(report.rows["metric"][0]).kind.value
    meaning = (
        "mix: the period is longer or shorter; rate: more or fewer a day, which the verdict judges"
        if kind == "count"
        else "mix: the part's share of the whole changed; rate: the part itself changed"
    )
    chance = (
        f"\nOf {n_judged} parts judged about one in twenty looks detectable by chance."
        if n_judged > 1
        else ""
    )
    return (
        f"{meaning}; mix + rate of a dimension = the change.{chance}\n"
        f"{report.rows['convention'][0]}\n\n{report.covered.stamp}"
    )


def _dimension(dimension: str, parts: list[dict[str, Any]], n_parts: int) -> Iterator[dict[str, str]]:
    shown = [row for row in parts if row["contribution"] is not None]
    withheld = [row for row in parts if row["contribution"] is None]
    if not withheld:
        yield _sum(dimension, f"all {len(shown)}", shown)
    shown.sort(key=lambda row: -abs(row["contribution"]))
    # A line for "one other" would say less than that one itself.
    n_own = len(shown) if len(shown) == n_parts + 1 else n_parts
    for row in shown[:n_own]:
        yield _line(row, by=dimension, part=DASH if row["part"] is None else row["part"])
    if others := shown[n_own:]:
        yield _sum(dimension, f"{len(others)} others", others)
    for row in withheld:
        yield _line(row, by=dimension, part=row["part"])


def _sum(dimension: str, name: str, rows: list[dict[str, Any]]) -> dict[str, str]:
    unit = rows[0]["unit"]
    sums = {key: sum(row[key] for row in rows) for key in ("mix", "rate", "contribution")}
    shares = {
        key: sum(row[f"{source}share"] or 0 for row in rows)
        for key, source in (("of all before", "previous_"), ("of all now", ""))
    }
    return (
        dict.fromkeys(_COLUMNS, "")
        | {"by": dimension, "part": name}
        | {key: _effect(value, unit) for key, value in sums.items()}
        | {key: format_value(value, "share") for key, value in shares.items()}
    )


def _line(row: dict[str, Any], *, by: str, part: str) -> dict[str, str]:
    unit = row["unit"]
    bounds = (row["contribution_low"], row["contribution_high"])
    reason = row["null_reason"]
    return {
        "by": by,
        "part": part,
        "before": format_value(row["previous"], unit),
        "now": f"{DASH} ({REASONS[reason]})" if reason else format_value(row["value"], unit),
        "of all before": "" if not by else format_value(row["previous_share"], "share"),
        "of all now": "" if not by else format_value(row["share"], "share"),
        "mix": "" if not by else _effect(row["mix"], unit),
        "rate": "" if not by else _effect(row["rate"], unit),
        "contribution": _effect(row["contribution"], unit),
        "interval (95 %)": "" if None in bounds else " to ".join(_effect(bound, unit) for bound in bounds),
        "verdict": row["verdict"] or "",
    }


def _effect(value: float | None, unit: str) -> str:
    """Finer than a change: parts of a change are small."""
    if value is None:
        return DASH
    if unit == "share":
        return f"{value * 100:+.2f} pts"
    if unit == "s":
        return f"{value:+.1f} s" if abs(value) < 60 else format_change(value, unit)
    return f"{value:+,.1f}" if abs(value) >= 10 else f"{value:+.2f}"


def _days(period: Days) -> str:
    first, last = period[0], period[1] - timedelta(days=1)
    return str(first) if first == last else f"{first} to {last}"
