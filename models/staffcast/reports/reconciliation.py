"""A vendor's total beside ours, counted in every way that the catalogue knows: which one matches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.errors import MetricError
from staffcast.metrics import query
from staffcast.reports.candidates import Subject, candidates
from staffcast.reports.wording import DASH, REASONS, format_change, format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.core.config import Settings
    from staffcast.reports.candidates import Candidate
    from staffcast.reports.named_periods import Days
    from staffcast.reports.vendor_file import VendorValue
    from staffcast.store.generations import Reader

__all__ = ["TOTALS_SCHEMA", "in_unit", "reconcile_total", "totals_table"]

TOTALS_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "counted": pl.String,
        "unit": pl.String,
        "vendor": pl.Float64,
        "value": pl.Float64,
        "difference": pl.Float64,
        "matches": pl.Boolean,
        "is_own": pl.Boolean,
        "n": pl.Int64,
        "convention": pl.String,
        "definition_hash": pl.String,
        "null_reason": pl.String,
    }
)
"""A row for each way to count, the nearest to the vendor's number first.

``counted`` says what differs from our own definition and is empty for it; ``is_own`` marks the very first
metric of the subject as it stands, which is the figure that reports show.
"""

_OTHERWISE = "as it stands"


@dataclass(frozen=True)
class _Asked:
    """What every way to count is asked."""

    reader: Reader
    period: Days
    where: Mapping[str, str | list[str]]
    vendor: VendorValue


def reconcile_total(
    reader: Reader,
    settings: Settings,
    subject: Subject,
    vendor: VendorValue,
    *,
    period: Days,
    where: Mapping[str, str | list[str]] | None = None,
    options: Mapping[str, object] | None = None,
) -> pl.DataFrame:
    """Count a subject in every way and set each beside the vendor's number.

    A value matches if it prints the same with the vendor's digits, rounded or cut off.

    Args:
        reader: A published generation.
        settings: Defaults of the options.
        subject: What is reconciled.
        vendor: Its number, as `in_unit` makes it.
        period: First day and the day after the last.
        where: Value or values that a dimension must have.
        options: Beats the settings, and is not varied.

    Returns:
        A frame of ``TOTALS_SCHEMA``.

    Raises:
        MetricError: A dimension or option is unknown, or every way is withheld by the works-council profile.
    """
    asked = _Asked(reader, period, where or {}, vendor)
    ways = candidates(subject, settings, options)
    rows = [_row(asked, way, is_own=number == 0) for number, way in enumerate(ways)]
    if all(row["null_reason"] == "suppressed" for row in rows):
        raise MetricError(
            f"{subject.value} is withheld by the works-council profile",
            hint="ask for more days or fewer filters",
        )
    frame = pl.DataFrame(rows, schema=TOTALS_SCHEMA)
    return frame.sort(pl.col("difference").abs(), nulls_last=True, maintain_order=True)


def in_unit(vendor: VendorValue, unit: str) -> VendorValue:
    """A vendor's number in the unit of the metric: a bare 82.4 for a share is a percentage.

    Example:
        >>> from staffcast.reports.vendor_file import vendor_value
        >>> in_unit(vendor_value("82"), "share")
        VendorValue(value=0.82, tolerance=0.01)
    """
    if unit != "share" or vendor.value <= 1:
        return vendor
    return replace(vendor, value=vendor.value / 100, tolerance=vendor.tolerance / 100)


def totals_table(totals: pl.DataFrame, *, n_ways: int = 12) -> pl.DataFrame:
    """The ways to count in words: all that match, our own, and the nearest others.

    Ways that differ in nothing here share a line.

    Args:
        totals: Of `reconcile_total`.
        n_ways: Most lines.

    Returns:
        Text columns: metric, counted, value, vendor, difference, n, verdict.
    """
    merged = totals.group_by(
        "metric", "unit", "vendor", "value", "difference", "matches", "n", "null_reason", maintain_order=True
    ).agg(pl.col("counted").first(), pl.len().alias("n_ways"), pl.col("is_own").any())
    kept = merged.with_row_index().filter(pl.col("matches") | pl.col("is_own") | (pl.col("index") < n_ways))
    columns = ("metric", "counted", "value", "vendor", "difference", "n", "verdict")
    lines = [_line(row) for row in kept.head(max(n_ways, 1) + 20).iter_rows(named=True)]
    return pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")


def _row(asked: _Asked, way: Candidate, *, is_own: bool) -> dict[str, Any]:
    [row] = query(
        asked.reader, way.metric.id, period=asked.period, where=asked.where, clock=way.clock,
        options=way.options,
    ).to_dicts()  # fmt: skip
    vendor = in_unit(asked.vendor, way.metric.unit)
    value = row["value"]
    return {
        "metric": way.metric.id,
        "counted": way.words,
        "unit": way.metric.unit,
        "vendor": vendor.value,
        "value": value,
        "difference": None if value is None else value - vendor.value,
        "matches": vendor.matches(value),
        "is_own": is_own,
        "n": row["n"],
        "convention": row["convention"],
        "definition_hash": row["definition_hash"],
        "null_reason": row["null_reason"],
    }


def _line(row: Mapping[str, Any]) -> dict[str, str]:
    others = row["n_ways"] - 1
    same = f" (and {others} more with this value)" if others else ""
    reason = row["null_reason"]
    verdict = [word for word, holds in (("matches", row["matches"]), ("ours", row["is_own"])) if holds]
    return {
        "metric": row["metric"],
        "counted": (row["counted"] or _OTHERWISE) + same,
        "value": f"{DASH} ({REASONS[reason]})" if reason else format_value(row["value"], row["unit"]),
        "vendor": format_value(row["vendor"], row["unit"]),
        "difference": format_change(row["difference"], row["unit"]),
        "n": DASH if row["n"] is None else f"{row['n']:,}",
        "verdict": ", ".join(verdict),
    }
