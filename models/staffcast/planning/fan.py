"""Contacts by day, those that came and those that may: what a fan chart draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.planning.volume import past_cells

if TYPE_CHECKING:
    from staffcast.forecasting import VolumeForecast
    from staffcast.store.generations import Reader

__all__ = ["FAN_SCHEMA", "fan_frame"]

FAN_SCHEMA = pl.Schema(
    {"local_date": pl.String, "contacts": pl.Float64, "expected": pl.Float64}
    | dict.fromkeys(("lower_95", "lower_80", "upper_80", "upper_95"), pl.Float64)
)
"""A row for each open day: ``contacts`` of the past ones; of the coming ones what is expected, and the 80 and
95 % intervals of the day's total, null where the forecast has no paths."""

_SHARES = {"lower_95": 0.025, "lower_80": 0.1, "upper_80": 0.9, "upper_95": 0.975}


def fan_frame(
    reader: Reader, forecast: VolumeForecast, *, queue: str | None = None, past_days: int = 28
) -> pl.DataFrame:
    """The last weeks and the coming days of one queue, or of all together.

    Args:
        reader: a published generation.
        forecast: of the coming days.
        queue: one queue; all of them if None.
        past_days: how many of the latest open days.

    Returns:
        A frame of `FAN_SCHEMA`.
    """
    names = forecast.frame["queue"].unique() if queue is None else pl.Series([queue])
    is_shown = pl.col("queue").is_in(names.to_list())
    came = (
        past_cells(reader, 60)
        .filter(is_shown & (pl.col("open_us") > 0))
        .group_by("local_date")
        .agg(pl.col("n_offered").sum().cast(pl.Float64).alias("contacts"))
        .sort("local_date")
        .tail(past_days)
    )
    rows = forecast.frame.filter(is_shown)
    days = rows.group_by("local_date").agg(pl.col("expected").sum()).sort("local_date")
    known = [name for name in names if name in forecast.paths]
    if len(known) == len(names) and known:
        total = sum(_by_day(rows.filter(queue=name), forecast.paths[name], days) for name in known)
        bounds = np.quantile(total, list(_SHARES.values()), axis=0, method="inverted_cdf")
        days = days.with_columns(pl.Series(name, bound) for name, bound in zip(_SHARES, bounds, strict=True))
    frame = pl.concat([came, days], how="diagonal")
    missing = [pl.lit(None, pl.Float64).alias(name) for name in FAN_SCHEMA if name not in frame.columns]
    return frame.with_columns(missing).select(FAN_SCHEMA.names()).cast(FAN_SCHEMA)


def _by_day(rows: pl.DataFrame, paths: np.ndarray, days: pl.DataFrame) -> np.ndarray:
    """Totals of each path on each day, shape (paths, days)."""
    place = {day: number for number, day in enumerate(days["local_date"])}
    total = np.zeros((len(paths), len(place)))
    for column, day in enumerate(rows["local_date"]):
        total[:, place[day]] += paths[:, column]
    return total
