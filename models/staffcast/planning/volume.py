"""The volume forecast of the coming days, from published facts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.calendars import zone
from staffcast.core.errors import ConfigError, ForecastError
from staffcast.core.units import SLOTS_PER_HOUR, US_PER_S
from staffcast.forecasting import Calendar, SameSlotAverage, forecast_queues, series_of
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.forecasting import Series, VolumeForecast
    from staffcast.store.generations import Reader

__all__ = ["INTERVALS_MIN", "best_volume", "calendar_of", "coming_days", "forecast_volume", "past_volume"]

INTERVALS_MIN = (15, 30, 60)
"""Lengths of a planning interval that divide the hour and are divided by a quarter-hour."""

MAX_DAYS = 28


def coming_days(reader: Reader, *, days: int = 7) -> tuple[str, str]:
    """First local date of the plan and the date after its last: the whole local days after ``as_of``.

    Raises:
        ConfigError: ``days`` is not between 1 and 28.
    """
    if not 1 <= days <= MAX_DAYS:
        raise ConfigError(f"days must be between 1 and {MAX_DAYS}, not {days}")
    info = dict(reader.run(sql_text(__package__, "build_info")).iter_rows())
    as_of_us = int(info["as_of_us"])
    tz = zone(info["timezone"])
    local = datetime.fromtimestamp(as_of_us // US_PER_S, tz)
    midnight = local.hour == local.minute == local.second == 0 and as_of_us % US_PER_S == 0
    first: date = local.date() if midnight else local.date() + timedelta(days=1)
    return first.isoformat(), (first + timedelta(days=days)).isoformat()


def forecast_volume(
    reader: Reader, *, days: int = 7, every_min: int = 60, model: SameSlotAverage | None = None
) -> pl.DataFrame:
    """Forecast contacts per queue and interval of the coming days.

    Args:
        reader: A published generation.
        days: How many local days after ``as_of``.
        every_min: Length of an interval: 15, 30 or 60 minutes.
        model: The forecaster; the 8-week same-slot average by default.

    Returns:
        A frame of ``forecasting.FORECAST_SCHEMA``.

    Raises:
        ConfigError: An argument is out of range.
        ForecastError: There is no history.
    """
    return (model or SameSlotAverage()).forecast(*_past_and_future(reader, days, every_min))


def best_volume(
    reader: Reader,
    *,
    days: int = 7,
    every_min: int = 60,
    country: str = "",
    n_paths: int = 500,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> VolumeForecast:
    """Forecast with the model of each queue that would have forecast it best, and draw paths.

    Args:
        reader: A published generation.
        days: How many local days after ``as_of``.
        every_min: Length of an interval: 15, 30 or 60 minutes.
        country: Country or region of the public holidays, such as ``DE`` or ``US/NY``; empty for none.
        n_paths: Possible volumes to draw for each queue.
        seed: Of the paths.
        progress: Told the number of queues done, and of all.

    Raises:
        ConfigError: An argument is out of range.
        ForecastError: There is no history, or the country is not known.
    """
    return forecast_queues(
        *_past_and_future(reader, days, every_min),
        rng=np.random.default_rng(seed),
        calendar=calendar_of(country),
        n_paths=n_paths,
        progress=progress,
    )


def past_volume(reader: Reader, *, every_min: int = 60) -> dict[str, Series]:
    """The past contacts of each queue that had any, as a back-test takes them.

    Args:
        reader: A published generation.
        every_min: Length of an interval: 15, 30 or 60 minutes.

    Raises:
        ConfigError: The length is none of these.
    """
    history = _past(reader, every_min).filter(pl.col("open_us") > 0)
    parts = history.partition_by("queue", as_dict=True, maintain_order=True)
    return {str(queue): series_of(rows, slot_min=every_min) for (queue,), rows in parts.items()
            if rows["n_offered"].sum()}  # fmt: skip


def calendar_of(country: str) -> Calendar:
    """Public holidays of a country or region, such as ``DE`` or ``US/NY``; none of an empty text.

    Example:
        >>> calendar_of("de/by").subdivision
        'BY'
    """
    code, _, subdivision = country.upper().partition("/")
    return Calendar(code or None, subdivision or None)


def _past_and_future(reader: Reader, days: int, every_min: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    history = _past(reader, every_min)
    first_date, last_date = coming_days(reader, days=days)
    slots = every_min * SLOTS_PER_HOUR // 60
    future = reader.run(
        sql_text(__package__, "future"), {"slots": slots, "first_date": first_date, "last_date": last_date}
    )
    if future.is_empty():
        raise ForecastError("no queue is open in the coming days", hint="check the hours in queues.csv")
    return history, future


def _past(reader: Reader, every_min: int) -> pl.DataFrame:
    if every_min not in INTERVALS_MIN:
        raise ConfigError(f"intervals must be 15, 30 or 60 minutes, not {every_min}")
    as_of_us = int(dict(reader.run(sql_text(__package__, "build_info")).iter_rows())["as_of_us"])
    slots = every_min * SLOTS_PER_HOUR // 60
    return reader.run(sql_text(__package__, "history"), {"slots": slots, "as_of_us": as_of_us})
