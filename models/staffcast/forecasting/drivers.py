"""Business drivers: numbers known for the past and planned for the future, such as orders or active users."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ForecastError

if TYPE_CHECKING:
    from staffcast.forecasting.series import Days, FloatArray

__all__ = ["DRIVER_PREFIX", "driver_names", "with_drivers"]

DRIVER_PREFIX = "driver_"
"""Columns of history and future that start so are drivers; a day's value is the mean of its intervals."""


def driver_names(history: pl.DataFrame, future: pl.DataFrame) -> list[str]:
    """Names of the drivers.

    Raises:
        ForecastError: one is given for the past or the future only.
    """
    past, planned = (
        {name for name in frame.columns if name.startswith(DRIVER_PREFIX)} for frame in (history, future)
    )
    if alone := sorted(past ^ planned):
        where = "history" if alone[0] in past else "future"
        raise ForecastError(
            f"'{alone[0]}' is in the {where} only", hint="give drivers for the past and the future"
        )
    return sorted(past)


def with_drivers(
    past_days: Days, past: pl.DataFrame, days: Days, future: pl.DataFrame, names: list[str]
) -> tuple[Days, Days]:
    """Days of the past and of the future with their drivers, in standard deviations of the past.

    Args:
        past_days: the days of ``past``.
        past: cells with the driver columns.
        days: the days of ``future``.
        future: cells with the driver columns.
        names: the driver columns.

    Raises:
        ForecastError: a value is missing.
    """
    known, planned = _by_day(past, names), _by_day(future, names)
    centre, scale = known.mean(axis=0), known.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    return replace(past_days, drivers=(known - centre) / scale), replace(
        days, drivers=(planned - centre) / scale
    )


def _by_day(cells: pl.DataFrame, names: list[str]) -> FloatArray:
    table = cells.group_by("local_date").agg(pl.col(names).cast(pl.Float64).mean()).sort("local_date")
    values = table.select(names).to_numpy()
    missing = np.argwhere(~np.isfinite(values))
    if len(missing):
        row, column = missing[0]
        raise ForecastError(
            f"{table['local_date'][int(row)]}: no value of '{names[int(column)]}'", hint="fill it in"
        )
    return np.asarray(values, dtype=np.float64)
