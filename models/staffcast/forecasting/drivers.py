"""Business drivers: numbers known for the past and planned for the future, such as orders or active users."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ForecastError

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.forecasting.series import Days, FloatArray

__all__ = ["DRIVER_PREFIX", "driver_names", "known_variance", "with_drivers", "with_past_drivers"]

DRIVER_PREFIX = "driver_"
"""Columns of history and future that start so are drivers; a day's value is the mean of its intervals.

A column of the future with ``sd_`` before such a name holds the standard deviation of the planned values.
"""
_SD_PREFIX = "sd_"


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
    known, centre, scale = _in_sds(past, names)
    planned = _by_day(future, names)
    given = [name for name in names if f"{_SD_PREFIX}{name}" in future.columns]
    sds = np.zeros_like(planned)
    if given:
        columns = [names.index(name) for name in given]
        sds[:, columns] = _by_day(future, [f"{_SD_PREFIX}{name}" for name in given]) / scale[columns]
    return replace(past_days, drivers=known), replace(
        days, drivers=(planned - centre) / scale, driver_sds=sds
    )


def with_past_drivers(days: Days, past: pl.DataFrame, names: list[str]) -> Days:
    """Days of the past alone with their drivers, as `with_drivers` has them."""
    return replace(days, drivers=_in_sds(past, names)[0])


def known_variance(days: Days, mean: FloatArray, mean_of: Callable[[Days], FloatArray]) -> FloatArray:
    """Relative variance of each day's contacts that the plans of its drivers bring.

    By the delta method: the forecast with a driver one standard deviation higher.

    Args:
        days: with drivers and their standard deviations.
        mean: forecast of these days, shape (days, slots).
        mean_of: forecasts the same days with other drivers.

    Returns:
        Shape (days,).
    """
    total, variance = mean.sum(axis=1), np.zeros(len(days))
    for column in range(days.driver_sds.shape[1]):
        if not days.driver_sds[:, column].any():
            continue
        higher = days.drivers.copy()
        higher[:, column] += days.driver_sds[:, column]
        moved = mean_of(replace(days, drivers=higher)).sum(axis=1)
        change = np.divide(moved, total, out=np.ones(len(days)), where=total > 0) - 1
        variance += change**2
    return variance


def _in_sds(past: pl.DataFrame, names: list[str]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Drivers of past days in standard deviations, their means and standard deviations."""
    known = _by_day(past, names)
    centre, scale = known.mean(axis=0), known.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    return (known - centre) / scale, centre, scale


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
