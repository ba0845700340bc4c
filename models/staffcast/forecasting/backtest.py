"""Rolling-origin back-test, and the choice of a model by it.

Every model forecasts from every origin with what was known then. Spread, bias and choice at an origin use
only days that had passed by then, so the automatic choice is judged as honestly as the models.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.averages import SeasonalNaive, WeekMean, WeekMedian
from staffcast.forecasting.calendar import Calendar
from staffcast.forecasting.cleaning import clean
from staffcast.forecasting.day_level import Scale
from staffcast.forecasting.scores import QUANTILES, pinball
from staffcast.forecasting.spread import Fold, Prediction, fit_spread
from staffcast.forecasting.two_level import Combination, SingularVectors, TwoLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from staffcast.forecasting.model import Model
    from staffcast.forecasting.series import Days, FloatArray, Series

__all__ = [
    "PLAIN",
    "SHORT_WEEKS",
    "Choice",
    "backtest_origins",
    "choose",
    "forecast_means",
    "known_at",
    "model_pool",
    "past_folds",
    "prediction",
]

SHORT_WEEKS = 9.0
"""Below this history the average has half of the say and nothing is chosen."""
PLAIN = ("last week", "4-week mean", "8-week mean")
"""Models that stay as a spreadsheet has them: their bias is not corrected."""
SIMPLE = (*PLAIN, "4-week median", "8-week median")
_TIE = 0.01
_MOST_BIAS = 0.5
"""Share of the contacts beyond which a model is out: where most intervals are empty, pinball likes zeros."""
_FOLDS_USED = 10


@dataclass(frozen=True)
class Choice:
    """Which model forecasts, and why.

    Attributes:
        name: the chosen model.
        pinball: of every model, over the mean of contacts; empty when the history is too short.
        n_folds: how many past forecasts decided.
        reason: in words.
    """

    name: str
    pinball: dict[str, float]
    n_folds: int
    reason: str


def model_pool(calendar: Calendar | None = None) -> tuple[Model, ...]:
    """The models to choose from, the simplest first."""
    known = calendar or Calendar()
    level, vectors = TwoLevel(Scale.SQRT, known), SingularVectors(3, known)
    return (
        SeasonalNaive(), WeekMean(4), WeekMean(8), WeekMedian(4), WeekMedian(8),
        level, TwoLevel(Scale.LOG, known), vectors,
        Combination((level, WeekMean(4)), "two-level and 4-week mean"),
        Combination((level, vectors, WeekMedian(8)), "mean of three"),
    )  # fmt: skip


def forecast_means(
    models: Sequence[Model],
    history: Series,
    days: Days,
    calendar: Calendar,
    *,
    keep: Collection[date] = (),
) -> dict[str, FloatArray]:
    """What each model expects of the days, from the cleaned history; shared parts are fitted once."""
    cleaned = _until_last_seen(clean(history, calendar, keep=keep)[0])
    uplift = calendar.effects(days.dates).uplift[:, None]
    usual = replace(cleaned, rates=cleaned.rates / calendar.effects(cleaned.dates).uplift[:, None])
    means: dict[str, FloatArray] = {}

    def mean_of(model: Model) -> FloatArray:
        if model.name not in means:
            if isinstance(model, Combination):
                means[model.name] = np.asarray(np.mean([mean_of(part) for part in model.parts], axis=0))
            elif model.name in SIMPLE:  # which know no calendar
                means[model.name] = model.fit(usual).mean(days) * uplift
            else:
                means[model.name] = model.fit(cleaned).mean(days)
        return means[model.name]

    return {model.name: mean_of(model) for model in models}


def _until_last_seen(series: Series) -> Series:
    """Without the days at the end of which nothing is known: they would age what is."""
    seen = np.flatnonzero(series.seen.any(axis=1))
    return series.between(0, int(seen[-1]) + 1) if len(seen) else series


def past_folds(
    series: Series,
    models: Sequence[Model],
    origins: Sequence[int],
    n_days: int,
    calendar: Calendar,
    *,
    keep: Collection[date] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, list[Fold]]:
    """Forecast from each origin.

    What a fold counts as seen is without the outages and outliers of the whole history: a choice or a spread
    should not be decided by one odd day.

    Args:
        series: the whole history.
        models: to forecast with.
        origins: rows of the first day that is forecast.
        n_days: open days ahead.
        calendar: special days.
        keep: flagged days that count all the same.
        progress: told the number of origins done, and of all.

    Returns:
        For each model a fold per origin, in their order.
    """
    folds: dict[str, list[Fold]] = {model.name: [] for model in models}
    usual = clean(series, calendar, keep=keep)[0].seen
    for number, origin in enumerate(origins):
        stop = min(origin + n_days, len(series))
        history, days = series.between(0, origin), series.days_between(origin, stop)
        for name, mean in forecast_means(models, history, days, calendar, keep=keep).items():
            folds[name].append(Fold(origin, mean, series.counts[origin:stop], usual[origin:stop]))
        progress(number + 1, len(origins))
    return folds


def known_at(folds: Sequence[Fold], row: int, at_most: int = _FOLDS_USED) -> list[Fold]:
    """The latest folds with the days that had passed before a row of the history."""
    return [fold.until(row) for fold in folds if fold.origin < row][-at_most:]


def choose(folds: Mapping[str, Sequence[Fold]], row: int, n_days: int, n_weeks: float) -> Choice:
    """Choose a model by its past pinball at the horizon that is planned.

    Args:
        folds: of each model, the simplest first.
        row: only days before this one count.
        n_days: open days that are planned.
        n_weeks: length of the history.

    Returns:
        The simplest model within 1 % of the best, of those that neither halved the contacts nor came to more
        than half as many again.
    """
    usable = {
        name: [fold.until(fold.origin + n_days) for fold in known_at(own, row)] for name, own in folds.items()
    }
    n_folds = min((len(own) for own in usable.values()), default=0)
    if n_weeks < SHORT_WEEKS or n_folds < 2:
        name = "two-level and 4-week mean"
        return Choice(name, {}, 0, f"{n_weeks:.0f} weeks of history are too few to choose: {name}")
    losses = {name: _pinball(name, own) for name, own in usable.items()}
    fair = {name: loss for name, loss in losses.items() if not _is_far_off(usable[name])} or losses
    best = min(fair.values())
    name = next(name for name, loss in fair.items() if loss <= best * (1 + _TIE))
    simple = name in SIMPLE
    reason = f"{name} has the lowest pinball loss of {n_folds} past forecasts"
    if losses[name] > best:
        reason = f"{name} is the simplest within 1 % of the best of {n_folds} past forecasts"
    return Choice(name, losses, n_folds, f"the simple average won: {reason}" if simple else reason)


def backtest_origins(n_days: int, per_week: int, horizon: int, n_origins: int = 6) -> list[int]:
    """Where a back-test within a history of ``n_days`` open days starts its forecasts."""
    first = max(2 * per_week, min(n_days // 2, 12 * per_week))
    step = max(3, min(horizon // 2, (n_days - first) // n_origins))
    latest = range(n_days - max(step, 1), first - 1, -step)
    return sorted(latest)[-n_origins:] if len(latest) else []


def prediction(name: str, mean: FloatArray, folds: Sequence[Fold], row: int) -> Prediction:
    """A model's forecast with its bias and spread from its forecasts of the past."""
    return Prediction.corrected(mean, fit_spread(known_at(folds, row), corrected=name not in PLAIN))


def _is_far_off(folds: Sequence[Fold]) -> bool:
    """Whether past forecasts as a whole missed half of the contacts, or had half as many again."""
    expected = sum(float(fold.mean[fold.seen].sum()) for fold in folds)
    came = sum(float(fold.counts[fold.seen].sum()) for fold in folds)
    return abs(expected - came) > _MOST_BIAS * came


def _pinball(name: str, folds: Sequence[Fold]) -> float:
    spread = fit_spread(folds, corrected=name not in PLAIN, stretched=False)
    loss = total = 0.0
    for fold in folds:
        if len(fold.mean):
            quantiles = Prediction.corrected(fold.mean, spread).quantiles(QUANTILES, exact_below=3.0)
            loss += float(pinball(fold.counts, quantiles)[fold.seen].sum())
            total += float(fold.counts[fold.seen].sum())
    return loss / total if total > 0 else float("inf")
