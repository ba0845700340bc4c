"""The level of a day, day by day: a robust regression on the calendar and an error that fades.

Weekday, holidays, events, the day of the month and, with enough history, of the year explain the level on a
variance-stabilising scale (Huber's M-estimator); what is left reverts to a slow local level at a rate phi per
day, so that the forecast is close to today's level tomorrow and at the usual one in some weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.robust import clipped, first_order, huber_ridge, robust_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.forecasting.calendar import Calendar
    from staffcast.forecasting.series import Days, FloatArray

__all__ = ["DayLevelModel", "LevelDesign", "Scale", "fit_day_level", "level_design"]

MONTH_TERMS_FROM_WEEKS = 12
YEAR_TERMS_FROM_WEEKS = 78
_HALF_LIVES_DAYS = (np.inf, 40.0, 20.0, 10.0, 5.0)
"""Memory of the slow level, in open days; the first means that there is none."""
_GAIN_OF_CHANCE, _FULL_GAIN = 0.2, 0.12
"""Shares of the squared errors that a slow level takes away. Small ones may be chance, and belief is in
proportion to the first; towards the second it grows with the third power until it is full."""
_PRIOR_DAYS = 20.0
"""Days of evidence that stand behind phi = 0."""


class Scale(StrEnum):
    """On which scale day levels are modelled."""

    SQRT = "sqrt"
    LOG = "log"
    LINEAR = "linear"

    def forward(self, level: FloatArray) -> FloatArray:
        """To the scale of the model."""
        match self:
            case Scale.SQRT:
                return np.asarray(np.sqrt(level))
            case Scale.LOG:
                return np.asarray(np.log1p(level))
            case _:
                return level

    def backward(self, value: FloatArray, variance: FloatArray) -> FloatArray:
        """The mean level for a mean and a variance on the scale of the model."""
        match self:
            case Scale.SQRT:
                return np.asarray(np.maximum(value, 0.0) ** 2 + variance)
            case Scale.LOG:
                return np.asarray(np.maximum(np.expm1(value + variance / 2), 0.0))
            case _:
                return value


@dataclass(frozen=True)
class LevelDesign:
    """Columns of the regression, with what stands behind an effect of zero and names."""

    columns: FloatArray
    penalties: FloatArray
    names: tuple[str, ...]


@dataclass(frozen=True)
class DayLevelModel:
    """A fitted day level.

    Attributes:
        coefficients: effect of each named column on the scale of the model.
        phi: share of today's deviation that is left tomorrow.
        slow: the slow level on the last day.
        last: the last day's deviation from it.
        variance: of the one-day error.
        stationary_variance: of the error far ahead.
    """

    scale: Scale
    calendar: Calendar
    coefficients: dict[str, float]
    n_weeks: float
    phi: float
    slow: float
    last: float
    variance: float
    stationary_variance: float

    def predict(self, days: Days) -> FloatArray:
        """Mean level of the days that follow the history, shape (days,)."""
        left = self.phi ** np.arange(1, len(days) + 1)
        variance = self.variance + (self.stationary_variance - self.variance) * (1 - left**2)
        uplift = self.calendar.effects(days.dates).uplift
        return self.scale.backward(self.linear(days), np.asarray(variance)) * uplift

    def linear(self, days: Days) -> FloatArray:
        """The level on the scale of the model, without expected uplifts, shape (days,)."""
        design = level_design(days, self.calendar, self.n_weeks)
        effect = np.array([self.coefficients.get(name, 0.0) for name in design.names])
        left = self.phi ** np.arange(1, len(days) + 1)
        return np.asarray(design.columns @ effect + self.slow + left * self.last)


def fit_day_level(
    levels: FloatArray, exposure: FloatArray, days: Days, calendar: Calendar, scale: Scale
) -> DayLevelModel:
    """Fit the level of open days.

    Args:
        levels: level of each day, shape (days,).
        exposure: share of a whole day that stands behind each level; days with nothing seen are left out.
        days: their dates.
        calendar: the special days.
        scale: on which the model is linear.
    """
    n_weeks = float((days.dates[-1] - days.dates[0]).astype(int) + 1) / 7
    design = level_design(days, calendar, n_weeks)
    used = exposure > 0
    uplift = calendar.effects(days.dates).uplift if scale is not Scale.LINEAR else 1.0
    value = scale.forward(levels / uplift)
    slow = np.zeros(len(value))
    for _ in range(2):
        effect = _fit(value - slow, design, used)
        deviation = np.where(used, value - design.columns @ effect, 0.0)
        memory = _memory(clipped(deviation))
        slow = memory.weight * _both_sides(clipped(deviation), memory.half_life)
        if memory.weight == 0:
            break
    rest = deviation - slow
    spread = robust_scale(rest[used])
    pulled = clipped(deviation)
    path, phi = memory.weight * _running(pulled, memory.half_life), memory.phi
    errors = pulled[1:] - path[:-1] - phi * (pulled - path)[:-1]
    error_variance = float(np.mean(errors**2)) if len(errors) else spread**2
    far = error_variance if phi == 0 else max(float(np.mean((pulled - slow) ** 2)), error_variance)
    return DayLevelModel(
        scale, calendar, dict(zip(design.names, effect.tolist(), strict=True)), n_weeks, phi,
        float(path[-1]), float(pulled[-1] - path[-1]), error_variance, far,
    )  # fmt: skip


def level_design(days: Days, calendar: Calendar, n_weeks: float) -> LevelDesign:
    """Columns, and how many days of evidence stand behind an effect of zero."""
    columns: list[FloatArray] = [np.ones((len(days), 1)), np.eye(7)[days.weekdays]]
    names = ["level", *(f"weekday {number}" for number in range(1, 8))]
    penalties = [1e-6, *[0.2] * 7]
    effects = calendar.effects(days.dates)
    columns.append(effects.columns)
    names += effects.names
    penalties += [1.0 if " " not in name or name == "day after" else 2.0 for name in effects.names]
    if n_weeks >= MONTH_TERMS_FROM_WEEKS:
        for part in (_month_waves(days.dates), _month_edges(days.dates)):
            columns.append(part.columns)
            names += part.names
            penalties += part.penalties.tolist()
    if n_weeks >= YEAR_TERMS_FROM_WEEKS:
        year = _waves("year", days.dates.astype(int) / 365.2425, 20.0)
        columns.append(year.columns)
        names += year.names
        penalties += year.penalties.tolist()
    drivers = days.driver_rows
    columns.append(drivers)
    names += [f"driver {number}" for number in range(drivers.shape[1])]
    penalties += [2.0] * drivers.shape[1]
    return LevelDesign(np.hstack(columns), np.array(penalties), tuple(names))


def _waves(name: str, position: FloatArray, penalty: float) -> LevelDesign:
    """Two harmonics of a position within a season, 0 to 1."""
    angle = 2 * np.pi * np.outer(position, [1, 1, 2, 2]) - np.array([0, np.pi / 2] * 2)
    return LevelDesign(
        np.cos(angle), np.array([1, 1, 2, 2]) * penalty, tuple(f"{name} {k}" for k in range(1, 5))
    )


def _month_waves(dates: NDArray[np.datetime64]) -> LevelDesign:
    month = dates.astype("datetime64[M]")
    first, following = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    return _waves("month", (dates - first).astype(int) / (following - first).astype(int), 5.0)


def _month_edges(dates: NDArray[np.datetime64]) -> LevelDesign:
    """The first three and last two working days of a month: pay, bills and statements."""
    month = dates.astype("datetime64[M]")
    since = np.busday_count(month.astype("datetime64[D]"), dates)
    until = np.busday_count(dates, (month + 1).astype("datetime64[D]"))
    edges = [since == 0, since == 1, since == 2, until == 1, until == 2]
    working = np.is_busday(dates)
    columns = np.column_stack(edges) & working[:, None]
    names = ("first", "second", "third", "last", "last but one")
    return LevelDesign(
        columns.astype(np.float64), np.full(5, 2.0), tuple(f"{name} working day" for name in names)
    )


def _fit(value: FloatArray, design: LevelDesign, used: NDArray[np.bool_]) -> FloatArray:
    """Robust effects; the penalty pulls differences from the middle, not the middle itself, to zero."""
    centre = float(np.median(value[used]))
    effect = huber_ridge(value[used] - centre, design.columns[used], design.penalties)
    effect[0] += centre
    return effect


def _running(values: FloatArray, half_life: float) -> FloatArray:
    """Exponentially weighted mean of the past, shrunk to 0 by one half-life's evidence."""
    if not np.isfinite(half_life):
        return np.zeros(len(values))
    from scipy.signal import lfilter

    keep = 0.5 ** (1 / half_life)
    total = lfilter([1.0], [1.0, -keep], values)
    weight = lfilter([1.0], [1.0, -keep], np.ones(len(values)))
    return np.asarray(total / (weight + half_life / 4))


def _both_sides(values: FloatArray, half_life: float) -> FloatArray:
    """The slow level as it looks afterwards, from the days before and after."""
    return (_running(values, half_life) + _running(values[::-1], half_life)[::-1]) / 2


@dataclass(frozen=True)
class _Memory:
    """How long deviations last: the half-life of a slow level, how far it is believed, and phi around it."""

    half_life: float
    weight: float
    phi: float


def _memory(deviation: FloatArray) -> _Memory:
    """Choose by the errors one to ten days ahead within the history."""
    n_days = len(deviation)
    if n_days < 15:
        return _Memory(np.inf, 0.0, 0.0)
    ahead = [h for h in (1, 2, 3, 5, 7, 10) if h < n_days // 2]
    start = n_days // 4
    errors = {}
    for half_life in _HALF_LIVES_DAYS:
        slow = _running(deviation, half_life)
        rest = deviation - slow
        phi = _phi(rest)
        guesses = [(deviation[start + h :] - slow[start:-h] - phi**h * rest[start:-h]) ** 2 for h in ahead]
        errors[half_life] = sum(float(guess.mean()) for guess in guesses)
    best = min(errors, key=errors.__getitem__)
    gain = 1 - errors[best] / errors[np.inf] if errors[np.inf] > 0 else 0.0
    weight = min(max(gain / _GAIN_OF_CHANCE, (gain / _FULL_GAIN) ** 3), 1.0)
    return _Memory(best, weight, _phi(deviation - weight * _running(deviation, best)))


def _phi(values: FloatArray) -> float:
    """Autoregression of order one, shrunk to 0 while the history is short."""
    return float(np.clip(first_order(values), 0.0, 0.98) * len(values) / (len(values) + _PRIOR_DAYS))
