"""The volume forecast of the coming days, from published facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.calendars import zone
from staffcast.core.errors import ConfigError, ForecastError
from staffcast.core.units import SLOTS_PER_HOUR, US_PER_S
from staffcast.forecasting import SameSlotAverage, VolumeForecast, forecast_queues, series_of
from staffcast.forecasting.drivers import DRIVER_PREFIX, with_past_drivers
from staffcast.planning.changes import changed
from staffcast.planning.knowledge import Knowledge, knowledge_of
from staffcast.planning.overrides import changes_of, overrides
from staffcast.planning.retries import retry_rates, uncertain_retries, without_retries
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from staffcast.core.config import Settings
    from staffcast.forecasting import Series
    from staffcast.planning.changes import Change
    from staffcast.store.generations import Reader

__all__ = [
    "INTERVALS_MIN",
    "Outlook",
    "best_volume",
    "coming_days",
    "coming_volume",
    "forecast_cells",
    "forecast_volume",
    "open_cells_of",
    "past_cells",
    "past_volume",
    "present",
    "with_paths_of",
]

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
    as_of_us, tz = present(reader)
    local = datetime.fromtimestamp(as_of_us // US_PER_S, tz)
    midnight = local.hour == local.minute == local.second == 0 and as_of_us % US_PER_S == 0
    first: date = local.date() if midnight else local.date() + timedelta(days=1)
    return first.isoformat(), (first + timedelta(days=days)).isoformat()


def present(reader: Reader) -> tuple[int, ZoneInfo]:
    """The instant up to which the data are known, in UTC microseconds, and the report time zone."""
    info = dict(reader.run(sql_text(__package__, "build_info")).iter_rows())
    return int(info["as_of_us"]), zone(info["timezone"])


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


@dataclass(frozen=True)
class Outlook:
    """What is expected of the coming days, and what that rests on.

    Attributes:
        forecast: with overrides and the scenario that is asked for.
        plain: as the models have it.
        changes: overrides in force and the scenario.
        model: setting that was in force: best or average.
        first_date: first local date.
        end_date: the date after the last.
        every_min: minutes of an interval.
        knowledge: what the forecast was told.
    """

    forecast: VolumeForecast
    plain: VolumeForecast
    changes: tuple[Change, ...]
    model: str
    first_date: str
    end_date: str
    every_min: int
    knowledge: Knowledge = field(default_factory=Knowledge)

    @property
    def n_days(self) -> int:
        """Local days."""
        return (date.fromisoformat(self.end_date) - date.fromisoformat(self.first_date)).days


def coming_volume(
    reader: Reader,
    settings: Settings,
    *,
    days: int = 7,
    every_min: int = 60,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Outlook:
    """Forecast the coming days with all that the settings and the log of overrides tell.

    The command line, plans and the dashboard all forecast here, with one seed: the same data, settings and
    overrides give the same paths.

    Args:
        reader: A published generation.
        settings: Model, country, events, drivers, scenario, and the folder of the log.
        days: How many local days after ``as_of``.
        every_min: Length of an interval: 15, 30 or 60 minutes.
        seed: Of the paths.
        progress: Told the number of queues done, and of all.

    Raises:
        ConfigError: An argument is out of range, or a table of the user's is malformed.
        ForecastError: There is no history, or the country is not known.
    """
    known = knowledge_of(settings)
    history, future = _past_and_future(reader, days, every_min)
    ends = coming_days(reader, days=days)
    changes = (*changes_of(overrides(settings.data_dir)), *known.scenario)
    if settings.retries == "leave_out":
        rates = retry_rates(reader)
        changes = (*uncertain_retries(history, rates, *ends), *changes)
        history = without_retries(history, rates)
    if settings.forecast_model == "average":
        plain = VolumeForecast(SameSlotAverage().forecast(history, future), {}, {}, {})
    else:
        plain = forecast_cells(history, future, known, seed=seed, progress=progress)
    return Outlook(
        changed(plain, changes, seed=seed), plain, changes, settings.forecast_model, *ends, every_min, known
    )


def best_volume(
    reader: Reader,
    *,
    days: int = 7,
    every_min: int = 60,
    knowledge: Knowledge | None = None,
    n_paths: int = 500,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> VolumeForecast:
    """Forecast with the model of each queue that would have forecast it best, and draw paths.

    Args:
        reader: A published generation.
        days: How many local days after ``as_of``.
        every_min: Length of an interval: 15, 30 or 60 minutes.
        knowledge: Holidays, events, drivers, siblings of new queues, flagged days that count.
        n_paths: Possible volumes to draw for each queue.
        seed: Of the paths.
        progress: Told the number of queues done, and of all.

    Raises:
        ConfigError: An argument is out of range.
        ForecastError: There is no history.
    """
    history, future = _past_and_future(reader, days, every_min)
    return forecast_cells(
        history, future, knowledge or Knowledge(), n_paths=n_paths, seed=seed, progress=progress
    )


def forecast_cells(
    history: pl.DataFrame,
    future: pl.DataFrame,
    known: Knowledge,
    *,
    n_paths: int = 500,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> VolumeForecast:
    """The same from cells of the past and the future; arguments and errors as of `best_volume`."""
    history, future = (_with_drivers(cells, known.drivers) for cells in (history, future))
    return forecast_queues(
        history,
        future,
        rng=np.random.default_rng(seed),
        calendar=known.calendar,
        n_paths=n_paths,
        keep_days=known.kept,
        like={new: old for new, old in known.like.items() if new in future["queue"]},
        progress=progress,
    )


def with_paths_of(forecast: VolumeForecast, made: VolumeForecast) -> VolumeForecast:
    """A forecast, such as one that was read, with the paths of another that it is a part of.

    Args:
        forecast: Whole queues or some of their intervals.
        made: With paths.

    Returns:
        Without paths if any interval of it is another one, or expects something else.
    """
    key, contacts = ["queue", "interval_at_us"], ["expected", "lower", "upper"]
    own = forecast.frame.select(*key, *contacts)
    rows = made.frame.with_columns(pl.int_range(pl.len()).over("queue").alias("row"))
    both = own.join(rows.select(*key, *contacts, "row"), on=key, how="left", maintain_order="left")
    others = both.select(f"{name}_right" for name in contacts).to_numpy()
    if not np.allclose(own.select(contacts).to_numpy(), others, rtol=1e-9, atol=1e-9):
        return forecast
    paths = {
        str(queue): made.paths[str(queue)][:, part["row"].to_numpy()]
        for (queue,), part in both.group_by("queue", maintain_order=True)
        if queue in made.paths
    }
    return replace(forecast, paths=paths)


def _with_drivers(cells: pl.DataFrame, drivers: pl.DataFrame | None) -> pl.DataFrame:
    if drivers is None:
        return cells
    return cells.join(
        drivers, on=[name for name in ("queue", "local_date") if name in drivers.columns], how="left"
    )


def past_volume(
    reader: Reader, *, every_min: int = 60, settings: Settings | None = None
) -> dict[str, Series]:
    """The past contacts of each queue that had any, as a back-test takes them.

    Args:
        reader: A published generation.
        every_min: Length of an interval: 15, 30 or 60 minutes.
        settings: With them, as the forecast takes them: with drivers, and without retries if that is set.

    Raises:
        ConfigError: The length is none of these.
        ForecastError: A driver has no value on a day.
    """
    history = past_cells(reader, every_min).filter(pl.col("open_us") > 0)
    drivers = None
    if settings is not None:
        drivers = knowledge_of(settings).drivers
        if settings.retries == "leave_out":
            history = without_retries(history, retry_rates(reader))
    parts = _with_drivers(history, drivers).partition_by("queue", as_dict=True, maintain_order=True)
    return {
        str(queue): _past_series(rows, every_min)
        for (queue,), rows in parts.items()
        if rows["n_offered"].sum()
    }


def _past_series(rows: pl.DataFrame, every_min: int) -> Series:
    """One queue, with its drivers where there are any."""
    series = series_of(rows, slot_min=every_min)
    names = sorted(name for name in rows.columns if name.startswith(DRIVER_PREFIX))
    if not names:
        return series
    known = rows.filter(pl.col("local_date") >= str(series.dates[0]))
    return replace(series, days=with_past_drivers(series.days, known, names))


def _past_and_future(reader: Reader, days: int, every_min: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    history = past_cells(reader, every_min)
    future = open_cells_of(reader, *coming_days(reader, days=days), every_min)
    if future.is_empty():
        raise ForecastError("no queue is open in the coming days", hint="check the hours in queues.csv")
    return history, future


def open_cells_of(reader: Reader, first_date: str, end_date: str, every_min: int) -> pl.DataFrame:
    """Open intervals of the queues that had contacts, from a local date to the day before another."""
    slots = every_min * SLOTS_PER_HOUR // 60
    params = {"slots": slots, "first_date": first_date, "last_date": end_date}
    return reader.run(sql_text(__package__, "future"), params)


def past_cells(reader: Reader, every_min: int) -> pl.DataFrame:
    """Contacts of each queue and local interval that was complete by ``as_of``.

    Raises:
        ConfigError: The length is not 15, 30 or 60 minutes.
    """
    if every_min not in INTERVALS_MIN:
        raise ConfigError(f"intervals must be 15, 30 or 60 minutes, not {every_min}")
    as_of_us, _ = present(reader)
    slots = every_min * SLOTS_PER_HOUR // 60
    return reader.run(sql_text(__package__, "history"), {"slots": slots, "as_of_us": as_of_us})
