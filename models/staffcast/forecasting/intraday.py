"""The rest of the day from its contacts so far: a ridge regression, believed as far as it helped before.

Regresses the ratio of the rest of a past day to its forecast on the ratio so far and on that of the last four
intervals (both in logs), and multiplies the forecast by what the day's own ratios give. What that took off
the errors of days left out of the fit is compared with chance: a gain within its own standard error is none,
and a larger one shrinks the update the less the surer it is (as James and Stein shrink a mean).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ForecastError
from staffcast.forecasting.backtest import past_folds

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from staffcast.forecasting.calendar import Calendar
    from staffcast.forecasting.model import Model
    from staffcast.forecasting.series import FloatArray, Series

__all__ = ["IntradayUpdate", "learn_update", "past_forecasts"]

_LATEST = 4
_RIDGE_DAYS = 10.0
_LEAST_DAYS = 10
_LEAST_GAIN = 0.01
_GUARD = 8.0
"""Half a dozen contacts on both sides of a ratio keep thin mornings from shouting."""


@dataclass(frozen=True)
class IntradayUpdate:
    """What past days say about updating at one time of day.

    Attributes:
        n_slots: intervals that have passed.
        coefficients: of the log ratio so far and of the last four intervals; zero where no update was better.
        gain: share of the absolute error that the update took away on days that it had not seen.
    """

    n_slots: int
    coefficients: tuple[float, float]
    gain: float

    def factor(self, forecast: FloatArray, contacts: FloatArray) -> float:
        """What the rest of the day's forecast is to be multiplied by.

        Args:
            forecast: expected contacts of the day's intervals, shape (slots,).
            contacts: those that have come; only the first ``n_slots`` are looked at.
        """
        ratios = _log_ratios(forecast[None, :], contacts[None, :], self.n_slots)[0]
        return float(np.exp(np.clip(ratios @ np.array(self.coefficients), -1.0, 1.0)))

    def path_factors(self, forecast: FloatArray, contacts: FloatArray, paths: FloatArray) -> FloatArray:
        """What the rest of each path is to be multiplied by, now that the morning is known.

        Each path loses the factor that its own morning would have called for and gets that of the real one:
        what is left of its scatter is what past mornings could not tell.

        Args:
            forecast: expected contacts of the day's intervals, shape (slots,).
            contacts: those that have come; only the first ``n_slots`` are looked at.
            paths: of the whole day, shape (paths, slots).

        Returns:
            Shape (paths,).
        """
        ratios = _log_ratios(np.broadcast_to(forecast, paths.shape), paths, self.n_slots)
        own = np.exp(np.clip(ratios @ np.array(self.coefficients), -1.0, 1.0))
        return np.asarray(self.factor(forecast, contacts) / own)

    def updated(self, forecast: FloatArray, contacts: FloatArray) -> FloatArray:
        """Expected contacts of the day: what has come, then the updated rest."""
        rest = forecast[self.n_slots :] * self.factor(forecast, contacts)
        return np.concatenate([contacts[: self.n_slots], rest])


def past_forecasts(
    series: Series, model: Model, calendar: Calendar, *, n_days: int = 60, keep: Collection[date] = ()
) -> tuple[FloatArray, FloatArray]:
    """What was to be expected of past days on the day before, and what came.

    Args:
        series: the history.
        model: that forecasts.
        calendar: special days.
        n_days: the latest days, of those with two weeks before them.
        keep: flagged days that count all the same.

    Returns:
        Forecasts and contacts, each of shape (days, slots); 0 where nothing was observed.
    """
    first = int(np.searchsorted(series.dates, series.dates[0] + np.timedelta64(14, "D")))
    origins = range(max(first, len(series) - n_days), len(series))
    folds = past_folds(series, [model], origins, 1, calendar, keep=keep)[model.name]
    if not folds:
        nothing = np.zeros((0, series.rates.shape[1]))
        return nothing, nothing
    seen = np.vstack([fold.seen for fold in folds])
    return (
        np.where(seen, np.vstack([fold.mean for fold in folds]), 0.0),
        np.where(seen, np.vstack([fold.counts for fold in folds]), 0.0),
    )


def learn_update(forecasts: FloatArray, contacts: FloatArray, n_slots: int) -> IntradayUpdate:
    """Learn how much of the morning's surprise lasts.

    Args:
        forecasts: what was expected of past days, made before each day, shape (days, slots).
        contacts: what came.
        n_slots: how many intervals of today have passed.

    Returns:
        An update that changes nothing when days are fewer than 10, or when on days left out of the fit (one
        in five at a time) it would not have lowered the absolute error by 1 % and by more than chance.

    Raises:
        ForecastError: the shapes differ, or ``n_slots`` is outside the day.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> level = np.exp(0.2 * rng.standard_normal(60))
        >>> day = np.full((60, 10), 50.0)
        >>> update = learn_update(day, rng.poisson(day * level[:, None]).astype(float), 5)
        >>> update.gain > 0.3
        True
    """
    if forecasts.shape != contacts.shape or forecasts.ndim != 2:
        raise ForecastError(
            f"forecasts {forecasts.shape} and contacts {contacts.shape} are of different days"
        )
    if not 0 <= n_slots <= forecasts.shape[1]:
        raise ForecastError(f"{n_slots} intervals have passed of a day of {forecasts.shape[1]}")
    nothing = IntradayUpdate(n_slots, (0.0, 0.0), 0.0)
    rest, came = forecasts[:, n_slots:], contacts[:, n_slots:]
    usable = (forecasts[:, :n_slots].sum(axis=1) > 0) & (rest.sum(axis=1) > 0)
    if usable.sum() < _LEAST_DAYS:
        return nothing
    rest, came = rest[usable], came[usable]
    ratios = _log_ratios(forecasts[usable], contacts[usable], n_slots)
    target = np.log((came.sum(axis=1) + _GUARD) / (rest.sum(axis=1) + _GUARD))
    weights = np.sqrt(rest.sum(axis=1) / rest.sum(axis=1).mean())
    folds = np.arange(len(ratios)) % 5
    factors = np.ones(len(ratios))
    for fold in range(5):
        out = folds == fold
        slope = _ridge(ratios[~out], target[~out], weights[~out])
        factors[out] = np.exp(np.clip(ratios[out] @ slope, -1.0, 1.0))
    belief = _belief(_saved(rest, came, factors))
    error = float(np.abs(came - rest).sum())
    gain = float(_saved(rest, came, factors**belief).sum()) / error if error > 0 else 0.0
    if gain < _LEAST_GAIN:
        return nothing
    first, second = (belief * _ridge(ratios, target, weights)).tolist()
    return IntradayUpdate(n_slots, (first, second), gain)


def _saved(rest: FloatArray, came: FloatArray, factors: FloatArray) -> FloatArray:
    """What factors take off the absolute error of each day."""
    return np.asarray((np.abs(came - rest) - np.abs(came - rest * factors[:, None])).sum(axis=1))


def _belief(saved: FloatArray) -> float:
    """How far a mean gain is to be believed: 0 within its standard error, three quarters at twice that."""
    mean, variance = float(saved.mean()), float(saved.var(ddof=1)) / len(saved)
    return max(0.0, 1 - variance / mean**2) if mean > 0 else 0.0


def _log_ratios(forecast: FloatArray, contacts: FloatArray, n_slots: int) -> FloatArray:
    """Log ratio of contacts to forecast: so far, and in the last open intervals, shape (days, 2)."""
    start = max(0, n_slots - _LATEST)
    parts = [
        np.log((contacts[:, a:n_slots].sum(axis=1) + _GUARD) / (forecast[:, a:n_slots].sum(axis=1) + _GUARD))
        for a in (0, start)
    ]
    return np.column_stack(parts)


def _ridge(ratios: FloatArray, target: FloatArray, weights: FloatArray) -> FloatArray:
    """Slopes through the origin, shrunk to 0 by ten days of typical surprise."""
    x, y = ratios * weights[:, None], target * weights
    typical = float(np.mean(x**2)) if x.size else 0.0
    penalty = np.eye(2) * max(_RIDGE_DAYS * typical, 1e-12)
    return np.asarray(np.linalg.solve(x.T @ x + penalty, x.T @ y))
