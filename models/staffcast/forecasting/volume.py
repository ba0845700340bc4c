"""The forecast of several queues at once: chosen models, and paths that add up to the total."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ForecastError, did_you_mean
from staffcast.forecasting.backtest import (
    SHORT_WEEKS,
    Choice,
    backtest_origins,
    choose,
    forecast_means,
    model_pool,
    past_folds,
    prediction,
)
from staffcast.forecasting.calendar import Calendar
from staffcast.forecasting.cleaning import clean, silent_end
from staffcast.forecasting.drivers import driver_names, known_variance, with_drivers
from staffcast.forecasting.queue_cells import FUTURE_CELLS, PAST_CELLS, checked_cells
from staffcast.forecasting.same_slot import FORECAST_SCHEMA
from staffcast.forecasting.series import day_grid, series_of, slot_length_min
from staffcast.forecasting.spread import Prediction, Spread, correlated_day_factors
from staffcast.forecasting.thin import borrowed, is_thin, launched, shared_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from staffcast.forecasting.cleaning import Flag
    from staffcast.forecasting.series import Days, FloatArray, Series

__all__ = ["VolumeForecast", "forecast_queues"]

_CELLS = ("interval_at_us", "local_date", "local_weekday", "local_minute", "open_us")
_COMMON_SHARE = 0.3
_SHORT_DAYS = 14
_UNSURE_WIDENING, _UNSURE_VARIANCE = 4.0, 0.06
_CLOSED_DAYS = 42
"""Without a contact for longer, where some were sure to come, a queue is taken as closed."""


@dataclass(frozen=True)
class VolumeForecast:
    """What may come to each queue.

    Attributes:
        frame: of `FORECAST_SCHEMA`, ordered by queue and interval.
        paths: for each queue counts as they may come, shape (paths, rows of the queue in ``frame``).
        choices: the model of each queue, why it was chosen, and the scores of all.
        flags: outages and outliers that were left out of each fit, for the user to accept or undo.
        notes: what was assumed.
    """

    frame: pl.DataFrame
    paths: dict[str, FloatArray]
    choices: dict[str, Choice]
    flags: dict[str, tuple[Flag, ...]]
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def total_paths(self) -> tuple[NDArray[np.int64], FloatArray]:
        """Instants and counts of all queues together: path by path the sum of the queues."""
        instants = np.unique(self.frame["interval_at_us"].to_numpy())
        n_paths = len(next(iter(self.paths.values())))
        total = np.zeros((n_paths, len(instants)))
        for queue, paths in self.paths.items():
            own = self.frame.filter(pl.col("queue") == queue)["interval_at_us"].to_numpy()
            total[:, np.searchsorted(instants, own)] += paths
        return instants, total


@dataclass(frozen=True)
class _Queue:
    """One queue on its way to a forecast."""

    cells: pl.DataFrame
    days: Days
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    series: Series | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Answer:
    prediction: Prediction
    choice: Choice
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()


def forecast_queues(
    history: pl.DataFrame,
    future: pl.DataFrame,
    *,
    rng: np.random.Generator,
    calendar: Calendar | None = None,
    n_paths: int = 500,
    confidence: float = 0.8,
    keep_days: Mapping[str, Collection[date]] | None = None,
    like: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> VolumeForecast:
    """Forecast the contacts of every queue in ``future``.

    Args:
        history: ``queue, interval_at_us, local_date, local_weekday, local_minute, open_us, n_offered``, one
            row per past open interval, zeros included. Columns ``driver_*`` are business drivers.
        future: the same without ``n_offered``; directly follows the history.
        rng: of the paths.
        calendar: special days of the past and of the future.
        n_paths: how many paths are drawn; 0 for none.
        confidence: of ``lower`` and ``upper``.
        keep_days: for a queue the flagged days that count all the same.
        like: for a new queue the one that it will be like, until it has nine weeks of its own.
        progress: told the number of queues done, and of all.

    Raises:
        ForecastError: there is nothing to forecast or to learn from, or a frame is malformed.
    """
    history = checked_cells(history, "history", PAST_CELLS)
    future = checked_cells(future, "future", FUTURE_CELLS)
    if future.is_empty():
        raise ForecastError("no open interval to forecast", hint="check the opening hours")
    known, alike, kept = calendar or Calendar(), dict(like or {}), keep_days or {}
    names = sorted(future["queue"].unique().to_list())
    for new, sibling in alike.items():
        if sibling not in names:
            raise ForecastError(
                f"'{new}' is like '{sibling}', which is no queue", hint=did_you_mean(sibling, names)
            )
    length_min = slot_length_min(
        pl.concat([history.select("local_minute", "open_us"), future.select("local_minute", "open_us")])
    )
    drivers = driver_names(history, future)
    queues = {
        name: _queue(history, future, name, length_min, drivers, known.of_queue(name), kept.get(name, ()))
        for name in names
    }
    if all(queue.series is None for queue in queues.values()):
        when = f"the last {_CLOSED_DAYS} days" if history["n_offered"].sum() else "the history"
        raise ForecastError(f"no contact in {when} of any queue", hint="load two weeks of contacts or more")
    answers: dict[str, _Answer] = {}
    for number, (name, queue) in enumerate(queues.items()):
        if queue.series is not None and not _is_helped(name, queue.series, alike):
            answers[name] = _own_forecast(queue, known.of_queue(name), kept.get(name, ()))
        progress(number + 1, len(queues))
    for name in names:
        if name not in answers:
            answers[name] = _pooled_forecast(name, queues, answers, known.of_queue(name), alike.get(name))
    paths = _paths(queues, answers, n_paths, rng) if n_paths else {}
    frames = [_frame(name, queues[name], answers[name].prediction, confidence) for name in names]
    return VolumeForecast(
        pl.concat(frames), paths,
        {name: answers[name].choice for name in names},
        {name: answers[name].flags for name in names},
        {name: queues[name].notes + answers[name].notes for name in names},
    )  # fmt: skip


def _is_helped(name: str, series: Series, alike: Mapping[str, str]) -> bool:
    """Whether a queue has too little of a past of its own."""
    return is_thin(series) or (name in alike and series.n_weeks < SHORT_WEEKS)


def _queue(
    history: pl.DataFrame,
    future: pl.DataFrame,
    name: str,
    slot_min: int,
    drivers: list[str],
    calendar: Calendar,
    keep: Collection[date],
) -> _Queue:
    cells = future.filter((pl.col("queue") == name) & (pl.col("open_us") >= 0)).sort("interval_at_us")
    days, rows, columns = day_grid(cells, slot_min)
    past = history.filter((pl.col("queue") == name) & (pl.col("open_us") > 0))
    notes: list[str] = []
    series = None
    if past.is_empty() or not past["n_offered"].sum():
        notes.append("no contact so far: a cautious guess")
    else:
        series = series_of(past, slot_min=slot_min)
        notes += series.notes
        if drivers:
            past = past.filter(pl.col("local_date") >= str(series.dates[0]))
            known, days = with_drivers(series.days, past, days, cells, drivers)
            series = replace(series, days=known)
        if len(series) < _SHORT_DAYS:
            notes.append(f"{len(series)} days of history: the intervals are wide")
        silence = silent_end(series, calendar, keep)
        if silence is not None and (series.dates[-1].item() - silence.day).days >= _CLOSED_DAYS:
            notes.append(f"no contact from {silence.day} on: taken as closed, a cautious guess")
            series = None
    return _Queue(cells, days, rows, columns, series, tuple(notes))


def _own_forecast(queue: _Queue, calendar: Calendar, keep: Collection[date]) -> _Answer:
    """Choose by back-test, then forecast with all of the history."""
    series, days = queue.series, queue.days
    if series is None:
        raise ForecastError("a queue without a history has no forecast of its own")
    cleaned, flags = clean(series, calendar, keep=keep)
    pool, n_days = model_pool(calendar), len(days)
    per_week = max(1, round(len(series) / max(series.n_weeks, 1.0)))
    origins = backtest_origins(len(series), per_week, n_days)
    folds = past_folds(series, pool, origins, n_days, calendar, keep=keep) if origins else {}
    choice = choose(folds, len(series), n_days, series.n_weeks)
    model = next(model for model in pool if model.name == choice.name)

    def mean_of(days: Days) -> FloatArray:
        return forecast_means([model], cleaned, days, calendar, keep=keep)[choice.name]

    mean = mean_of(days)
    found = prediction(choice.name, mean, folds.get(choice.name, []), len(series))
    silence = silent_end(series, calendar, keep)
    if silence is not None or len(series) < _SHORT_DAYS:
        found = _widened(found)
    notes = () if silence is None else (_silence_words(silence),)
    known = known_variance(days, mean, mean_of) + calendar.effects(days.dates).variance
    return _Answer(replace(found, known_variance=known), choice, flags, notes)


def _silence_words(silence: Flag) -> str:
    return (
        f"no contact from {silence.day} on: taken as an outage, and the intervals are wide; if the queue has "
        f"closed, count these days: `staffcast forecast flags --undo {silence.day}`"
    )


def _widened(found: Prediction) -> Prediction:
    """With days instead of weeks behind it, or nothing of late, nobody knows how days differ."""
    spread = found.spread
    days = np.maximum(_UNSURE_WIDENING * spread.day_variances, _UNSURE_VARIANCE)
    return Prediction(found.mean, Spread(days, spread.slot_variance))


def _pooled_forecast(
    name: str,
    queues: Mapping[str, _Queue],
    answers: Mapping[str, _Answer],
    calendar: Calendar,
    sibling: str | None,
) -> _Answer:
    """Thin and new queues: the days of a sibling, or of all thin or all other queues, at their own level."""
    queue = queues[name]
    others = [sibling] if sibling else [other for other in queues if other != name and other not in answers]
    donors = [series for other in others if (series := queues[other].series) is not None]
    if queue.series is not None and not sibling:
        donors.append(queue.series)
    if not donors:
        donors = [series for other in queues.values() if (series := other.series) is not None]
    if sibling and len(donors) == 1:
        mean = launched(queue.series, donors[0], queue.days, calendar)
        words = f"starts as {sibling} did, at its own level"
    elif queue.series is None:
        mean = borrowed(queue.series, donors, queue.days, calendar)
        words = "the days of the other queues at its own level"
    else:
        mean = shared_mean(queue.series, donors, queue.days, calendar)
        words = "few contacts: the days of all thin queues, its own share of them"
    spread = Spread(np.full(4, _UNSURE_VARIANCE if queue.series is None or sibling else 0.02), 0.01)
    known = calendar.effects(queue.days.dates).variance
    return _Answer(Prediction(mean, spread, known), Choice("pooled", {}, 0, words), notes=(words,))


def _paths(
    queues: Mapping[str, _Queue], answers: Mapping[str, _Answer], n_paths: int, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Counts of all queues; good and bad days are partly common to them."""
    dates = np.unique(np.concatenate([queue.days.dates for queue in queues.values()]))
    common = rng.standard_normal((n_paths, len(dates)))
    found = {}
    for name, queue in queues.items():
        forecast = answers[name].prediction
        shared = common[:, np.searchsorted(dates, queue.days.dates)]
        factors = correlated_day_factors(
            forecast.day_variances, forecast.spread.memory, shared, _COMMON_SHARE, rng
        )
        found[name] = forecast.counts(factors, rng)[:, queue.rows, queue.columns]
    return found


def _frame(name: str, queue: _Queue, forecast: Prediction, confidence: float) -> pl.DataFrame:
    tail = (1 - confidence) / 2
    lower, upper = forecast.quantiles([tail, 1 - tail])[:, queue.rows, queue.columns]
    n_seen = np.zeros(len(queue.rows), dtype=np.int64)
    if queue.series is not None:
        by_weekday = np.eye(7)[queue.series.days.weekdays].T @ queue.series.seen
        n_seen = by_weekday[queue.days.weekdays[queue.rows], queue.columns].astype(np.int64)
    return (
        queue.cells.select(*_CELLS)
        .with_columns(
            pl.lit(name).alias("queue"),
            pl.Series("expected", forecast.mean[queue.rows, queue.columns]),
            pl.Series("lower", lower),
            pl.Series("upper", upper),
            pl.Series("n_weeks", n_seen),
        )
        .select(FORECAST_SCHEMA.names())
        .cast(FORECAST_SCHEMA)
    )
