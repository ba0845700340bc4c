"""Where something changed: the parts of the business whose figures moved beyond noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.metrics import Verdict
from staffcast.reports.kpis import kpi_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.core.config import Settings
    from staffcast.store.generations import Reader

__all__ = ["CHANGE_SCHEMA", "biggest_changes"]

CHANGE_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "label": pl.String,
        "dimension": pl.String,
        "part": pl.String,
        "unit": pl.String,
        "previous": pl.Float64,
        "value": pl.Float64,
        "n": pl.Int64,
        "change": pl.Float64,
        "change_low": pl.Float64,
        "change_high": pl.Float64,
        "verdict": pl.String,
        "n_compared": pl.Int64,
    }
)
"""A row for each detectable change; ``n_compared`` counts all comparisons that were made.

Of so many comparisons about one in twenty would look detectable by chance.
"""

_METRICS = ("offered", "service_level", "abandonment_rate", "replies_within", "csat", "fcr")
_DIMENSIONS = ("queue", "topic")


def biggest_changes(
    reader: Reader,
    settings: Settings,
    *,
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
    limit: int = 6,
) -> pl.DataFrame:
    """The clearest changes against the period just before, by queue and topic.

    A change is the clearer, the larger it is beside the half width of its 95 % interval.

    Args:
        reader: A published generation.
        settings: Defaults of the metrics' options.
        where: Value or values that a dimension must have.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.
        limit: The most rows to return.

    Returns:
        A frame of ``CHANGE_SCHEMA``, clearest first.
    """
    parts = []
    for dimension in _DIMENSIONS:
        report = kpi_report(
            reader, settings, metrics=_METRICS, by=(dimension,), where=where, from_date=from_date,
            to_date=to_date, comparison=True,
        )  # fmt: skip
        parts.append(
            report.rows.with_columns(pl.lit(dimension).alias("dimension"), pl.col(dimension).alias("part"))
        )
    half_width = (pl.col("change_high") - pl.col("change_low")) / 2
    compared = pl.concat(parts, how="diagonal").filter(
        pl.col("change_low").is_not_null() & pl.col("part").is_not_null()
    )
    detectable = [Verdict.BETTER, Verdict.WORSE, Verdict.HIGHER, Verdict.LOWER]
    return (
        compared.with_columns(pl.lit(compared.height, pl.Int64).alias("n_compared"))
        .filter(pl.col("verdict").is_in([verdict.value for verdict in detectable]))
        .sort(pl.col("change").abs() / half_width, descending=True, nulls_last=True)
        .head(limit)
        .select(CHANGE_SCHEMA.names())
        .cast(CHANGE_SCHEMA)
    )
