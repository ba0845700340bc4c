"""The running day: what has come, what is still to come, and whether there are people for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ConfigError, ForecastError
from staffcast.core.units import SLOTS_PER_HOUR, US_PER_S
from staffcast.forecasting import (
    IntradayUpdate,
    SameSlotAverage,
    VolumeForecast,
    learn_update,
    model_pool,
    past_forecasts,
    series_of,
)
from staffcast.forecasting.series import MINUTES_PER_DAY
from staffcast.planning.changes import changed
from staffcast.planning.knowledge import knowledge_of
from staffcast.planning.overrides import changes_of, overrides
from staffcast.planning.plan import inputs_for, make_plan
from staffcast.planning.published import published
from staffcast.planning.volume import forecast_cells, open_cells_of, past_cells, present
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from staffcast.core.config import Settings
    from staffcast.forecasting.series import FloatArray
    from staffcast.planning.knowledge import Knowledge
    from staffcast.store.generations import Reader

__all__ = ["TODAY_SCHEMA", "Schedules", "Today", "today"]

TODAY_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "interval_at_us": pl.Int64,
        "local_date": pl.String,
        "local_minute": pl.Int64,
        "forecast": pl.Float64,
        "contacts": pl.Float64,
        "updated": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "required_agents": pl.Int64,
        "scheduled_agents": pl.Float64,
        "net_agents": pl.Float64,
    }
)
"""A row for each queue (null: all queues) and open interval of the day. ``forecast`` was made before the day;
``contacts`` are those of intervals that are over; ``updated`` is what came, then the new forecast with its
80 % bounds; agents are required for ``updated``, scheduled as far as known, net is the difference."""

_LEARN_DAYS = 60
_TAILS = (0.1, 0.9)
_KEY = ("queue", "interval_at_us")
_CONTACTS = ("expected", "lower", "upper")
_AVERAGE = "8-week mean"
_LAST_MINUTE = 59
"""A day that is over is looked at from its last minute."""


class Schedules(StrEnum):
    """Where it is known from who works in the rest of the day."""

    GIVEN = "given"
    LOADED = "loaded"
    NONE = "none"


@dataclass(frozen=True)
class Today:
    """A running day.

    Attributes:
        frame: of `TODAY_SCHEMA`.
        local_now: local time up to which the contacts are known, as ``2026-11-20 14:00``.
        source: where ``forecast`` comes from, in words.
        updates: by queue what past days say about updating now.
        schedules: where the scheduled agents of the rest of the day come from.
    """

    frame: pl.DataFrame
    local_now: str
    source: str
    updates: dict[str, IntradayUpdate]
    schedules: Schedules


def today(
    reader: Reader,
    settings: Settings,
    *,
    at: str | None = None,
    every_min: int = 60,
    scheduled: pl.DataFrame | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Today:
    """Set the day so far beside its forecast, and forecast the rest anew.

    How much of the morning's surprise lasts is learned from the last 60 days of each queue, each forecast
    from the days before it; where an update would not have helped, the forecast stays as it is.

    Args:
        reader: A published generation.
        settings: Model, country, targets, and the folder of published forecasts.
        at: Local time of the data's last day, as ``14:00``, or ``2026-11-20 14:00``; the present by default.
        every_min: Length of an interval: 15, 30 or 60 minutes.
        scheduled: ``queue`` (null: of all queues), ``local_minute`` and ``agents`` of the day; by default
            the schedules that were loaded.
        progress: Told the number of queues done, and of all.

    Raises:
        ConfigError: ``at`` is no time, or lies after the data.
        ForecastError: Nothing is open on that day, or there is no history.
    """
    now_us, local = _moment(reader, at)
    day = local.date().isoformat()
    cells = open_cells_of(reader, day, (local.date() + timedelta(days=1)).isoformat(), every_min)
    if cells.is_empty():
        raise ForecastError(f"no queue is open on {day}", hint="give --at a time on another day")
    past = past_cells(reader, every_min)
    history = past.filter(pl.col("local_date") < day)
    known = knowledge_of(settings)
    forecast = _morning(history, cells, settings, known, progress)
    came = past.filter(
        (pl.col("local_date") == day) & (pl.col("interval_at_us") + every_min * 60 * US_PER_S <= now_us)
    ).select(*_KEY, pl.col("n_offered").cast(pl.Float64).alias("contacts"))
    n_passed = (local.hour * 60 + local.minute) // every_min + (local.minute == _LAST_MINUTE)
    updates = {
        queue: _learned(history.filter(queue=queue), forecast, queue, known, n_passed, every_min)
        for queue in forecast.frame["queue"].unique(maintain_order=True)
    }
    updated = _updated(forecast, came, updates, every_min)
    plan = make_plan(inputs_for(reader, settings, updated)).frame.select(*_KEY, "required_agents")
    rows = (
        forecast.frame.select(*_KEY, "local_date", "local_minute", pl.col("expected").alias("forecast"))
        .join(came, on=_KEY, how="left")
        .join(updated.frame.select(*_KEY, pl.col("expected").alias("updated"), "lower", "upper"), on=_KEY)
        .join(plan, on=_KEY)
    )
    rows, source = _as_published(rows, settings, day, every_min)
    rows = pl.concat([_totals(rows, updated), rows], how="diagonal")
    schedules = Schedules.GIVEN
    if scheduled is None:
        scheduled, schedules = _at_work(reader, day, every_min, now_us)
    return Today(_with_agents(rows, scheduled), f"{local:%Y-%m-%d %H:%M}", source, updates, schedules)


def _moment(reader: Reader, at: str | None) -> tuple[int, datetime]:
    """The present in UTC microseconds and on the local clock; midnight belongs to the day that it ends."""
    as_of_us, tz = present(reader)
    latest = datetime.fromtimestamp(as_of_us // US_PER_S, UTC).astimezone(tz)
    last_day = (latest - timedelta(microseconds=1)).date()
    if at is None:
        ended = datetime.combine(last_day, datetime.max.time())
        return as_of_us, ended if latest.date() != last_day else latest.replace(tzinfo=None)
    text = at.strip() if " " in at.strip() or "T" in at else f"{last_day}T{at.strip()}"
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError as error:
        raise ConfigError(f"--at: '{at}' is no time", hint="write 14:00 or '2026-11-20 14:00'") from error
    now_us = int(local.replace(tzinfo=tz).timestamp()) * US_PER_S
    if now_us > as_of_us:
        raise ConfigError(
            f"--at: {local:%Y-%m-%d %H:%M} is after the data, which are as of {latest:%Y-%m-%d %H:%M}",
            hint="load newer data, or give an earlier time",
        )
    return now_us, local


def _morning(
    history: pl.DataFrame,
    cells: pl.DataFrame,
    settings: Settings,
    known: Knowledge,
    progress: Callable[[int, int], None],
) -> VolumeForecast:
    """The forecast as it was before the day began, with the overrides in force."""
    if settings.forecast_model == "average":
        plain = VolumeForecast(SameSlotAverage().forecast(history, cells), {}, {}, {})
    else:
        plain = forecast_cells(history, cells, known, progress=progress)
    return changed(plain, (*changes_of(overrides(settings.data_dir)), *known.scenario))


def _learned(
    past: pl.DataFrame, forecast: VolumeForecast, queue: str, known: Knowledge, n_passed: int, every_min: int
) -> IntradayUpdate:
    """What past days of a queue say; thin and new queues have no model of their own and learn nothing."""
    calendar = known.calendar.of_queue(queue)
    name = forecast.choices[queue].name if queue in forecast.choices else _AVERAGE
    model = next((model for model in model_pool(calendar) if model.name == name), None)
    past = past.filter(pl.col("open_us") > 0)
    if model is None or past.is_empty() or not past["n_offered"].sum():
        return IntradayUpdate(n_passed, (0.0, 0.0), 0.0)
    series = series_of(past, slot_min=every_min)
    return learn_update(
        *past_forecasts(series, model, calendar, n_days=_LEARN_DAYS, keep=known.kept.get(queue, ())), n_passed
    )


def _updated(
    forecast: VolumeForecast, came: pl.DataFrame, updates: Mapping[str, IntradayUpdate], every_min: int
) -> VolumeForecast:
    """What has come, then the new forecast of the rest, with its bounds and paths."""
    frames, paths = [], {}
    for (queue,), rows in forecast.frame.join(came, on=_KEY, how="left").group_by(
        "queue", maintain_order=True
    ):
        name = str(queue)
        frame, drawn = _one_queue(rows, updates[name], forecast.paths.get(name), every_min)
        frames.append(frame.select(forecast.frame.columns))
        if drawn is not None:
            paths[name] = drawn
    return VolumeForecast(pl.concat(frames), paths, forecast.choices, forecast.flags, forecast.notes)


def _one_queue(
    rows: pl.DataFrame, update: IntradayUpdate, paths: FloatArray | None, every_min: int
) -> tuple[pl.DataFrame, FloatArray | None]:
    columns = rows["local_minute"].to_numpy() // every_min
    n_slots = MINUTES_PER_DAY // every_min

    def by_slot(values: FloatArray) -> FloatArray:
        slots = np.zeros((*values.shape[:-1], n_slots))
        for place, column in enumerate(columns):  # the hour that the clock repeats comes twice
            slots[..., column] += values[..., place]
        return slots

    expected, contacts = rows["expected"].to_numpy(), rows["contacts"].to_numpy()
    day, so_far = by_slot(expected), by_slot(np.nan_to_num(contacts))
    is_over = np.isfinite(contacts)
    factor = np.where(is_over, 1.0, update.factor(day, so_far))
    shown = {name: np.where(is_over, contacts, rows[name].to_numpy() * factor) for name in _CONTACTS}
    if paths is not None:
        ratio = update.path_factors(day, so_far, by_slot(paths))
        paths = np.where(is_over, np.nan_to_num(contacts), np.rint(paths * ratio[:, None]))
        bounds = np.quantile(paths, _TAILS, axis=0, method="inverted_cdf")
        shown |= dict(zip(("lower", "upper"), bounds, strict=True))
    return rows.with_columns(pl.Series(name, values) for name, values in shown.items()), paths


def _as_published(
    rows: pl.DataFrame, settings: Settings, day: str, every_min: int
) -> tuple[pl.DataFrame, str]:
    """With the forecast that was published for the day, where there is one."""
    found = [
        own for own in published(settings.data_dir)
        if own.first_date <= day < own.end_date and own.every_min == every_min
    ]  # fmt: skip
    if not found:
        return rows, "forecast from the days before"
    latest = found[-1]
    promised = latest.frame.select(*_KEY, pl.col("expected").alias("promised"))
    joined = rows.join(promised, on=_KEY, how="left").with_columns(
        pl.coalesce("promised", "forecast").alias("forecast")
    )
    return joined.drop("promised"), f"published on {latest.published_at[:10]}, version {latest.version}"


def _totals(rows: pl.DataFrame, updated: VolumeForecast) -> pl.DataFrame:
    """All queues together: each has agents of its own, which add up. Without paths queues are independent."""
    at = ("interval_at_us", "local_date", "local_minute")
    sums = ("forecast", "updated", "required_agents")

    def width(bound: str) -> pl.Expr:
        return (pl.col(bound) - pl.col("updated")).pow(2).sum().sqrt()

    total = (
        rows.group_by(at)
        .agg(
            pl.col(sums).sum(),
            pl.when(pl.col("contacts").is_not_null().all()).then(pl.col("contacts").sum()).alias("contacts"),
            (pl.col("updated").sum() - width("lower")).alias("lower"),
            (pl.col("updated").sum() + width("upper")).alias("upper"),
        )
        .sort("interval_at_us")
        .with_columns(pl.lit(None, pl.String).alias("queue"))
    )
    if not updated.paths:
        return total
    _, paths = updated.total_paths()
    bounds = np.quantile(paths, _TAILS, axis=0, method="inverted_cdf")
    return total.with_columns(pl.Series("lower", bounds[0]), pl.Series("upper", bounds[1]))


def _at_work(reader: Reader, day: str, every_min: int, now_us: int) -> tuple[pl.DataFrame, Schedules]:
    """Agents scheduled for chat work, and whether the rest of the day is known; else those available so far.

    Where anybody is scheduled for the rest, an interval without anybody has zero agents. Under the
    works-council profile one with fewer agents than the smallest group has no number.
    """
    slots = every_min * SLOTS_PER_HOUR // 60
    found = reader.run(sql_text(__package__, "at_work"), {"slots": slots, "local_date": day})
    length_us = every_min * 60 * US_PER_S
    present_us = present(reader)[0]
    ends_us = pl.col("interval_at_us") + length_us
    is_planned = bool(found["planned_us"].sum())
    is_whole = is_planned and bool(
        found["ahead_us"].sum() or found.select((ends_us <= present_us).all()).item()
    )
    if not is_planned:
        found = found.filter((ends_us <= now_us) & (pl.col("n_agents") > 0))
    elif not is_whole:
        found = found.filter(ends_us <= present_us)
    is_shown = (pl.col("n_agents") == 0) | (pl.col("n_agents") >= reader.min_group)
    agents = pl.col("scheduled_us" if is_planned else "available_us") / length_us
    return found.filter(is_shown).select(
        pl.lit(None, pl.String).alias("queue"), "local_minute", agents.alias("agents")
    ), Schedules.LOADED if is_whole else Schedules.NONE


def _with_agents(rows: pl.DataFrame, scheduled: pl.DataFrame) -> pl.DataFrame:
    given = scheduled.select("queue", "local_minute", pl.col("agents").alias("scheduled_agents"))
    return (
        rows.join(given, on=["queue", "local_minute"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns((pl.col("scheduled_agents") - pl.col("required_agents")).alias("net_agents"))
        .select(TODAY_SCHEMA.names())
        .cast(TODAY_SCHEMA)
    )
