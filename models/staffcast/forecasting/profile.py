"""The shape of a day: which share of its contacts falls into each interval, for each weekday.

A weekday's own shape is shrunk to the shape of all days as far as the differences seen are no more than
chance, and that one to its smoothed self: little data give a plain curve, much data the true one
(empirical Bayes by moments).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.forecasting.series import Days, FloatArray, Series

__all__ = ["DayShape", "day_shape", "ewma_weights"]

HALF_LIFE_DAYS = 56.0
_SMOOTHING_MIN = 45.0
_N_ROUNDS = 3


@dataclass(frozen=True)
class DayShape:
    """Shares of a day's level by weekday and interval.

    Attributes:
        shares: shape (7, slots); the contacts of a day are its level times the shares of its open intervals.
    """

    shares: FloatArray

    def of(self, days: Days) -> FloatArray:
        """Expected contacts for a level of 1, shape (days, slots)."""
        return np.asarray(self.shares[days.weekdays] * days.open_share)

    def levels(self, series: Series) -> tuple[FloatArray, FloatArray]:
        """Level of each day from what was seen of it, and the share of a whole day that was seen."""
        expected = np.where(series.seen, self.of(series.days), 0.0).sum(axis=1)
        return np.divide(series.totals, expected, out=np.zeros(len(series)), where=expected > 0), expected


def ewma_weights(dates: NDArray[np.datetime64], half_life_days: float) -> FloatArray:
    """Weights that halve with age; 1 on the last day."""
    age = (dates[-1] - dates).astype(np.float64)
    return np.asarray(0.5 ** (age / half_life_days))


def day_shape(series: Series, half_life_days: float = HALF_LIFE_DAYS) -> DayShape:
    """Estimate the shape of the days of a queue.

    Args:
        series: the history.
        half_life_days: age at which a day counts half.
    """
    weights = ewma_weights(series.dates, half_life_days)[:, None]
    exposure = np.where(series.seen, series.days.open_share, 0.0)
    shares = np.ones((7, exposure.shape[1]))
    if not series.counts.any():
        return DayShape(_normalised(shares, series))
    for _ in range(_N_ROUNDS):
        levels, _ = DayShape(shares).levels(series)
        expected = weights * levels[:, None] * exposure
        shares = _normalised(_shares(series, weights * series.counts, expected), series)
    return DayShape(shares)


def _shares(series: Series, counts: FloatArray, expected: FloatArray) -> FloatArray:
    pooled = _smoothed(counts.sum(axis=0), expected.sum(axis=0), series.slot_min)
    weekdays = np.eye(7)[series.days.weekdays]
    by_weekday, level = weekdays.T @ counts, weekdays.T @ expected
    fitted = level * pooled
    weight = _signal_share(by_weekday, fitted)
    ratio = np.divide(by_weekday, fitted, out=np.ones_like(fitted), where=fitted > 0)
    return np.asarray(pooled * (1 + weight * (ratio - 1)))


def _smoothed(counts: FloatArray, level: FloatArray, slot_min: int) -> FloatArray:
    """The pooled shape, shrunk to a running mean over neighbouring intervals."""
    reach = np.arange(len(counts))
    kernel = np.exp(-0.5 * ((reach[:, None] - reach) * slot_min / _SMOOTHING_MIN) ** 2)
    smooth = np.divide(kernel @ counts, kernel @ level, out=np.zeros_like(counts), where=level > 0)
    fitted = smooth * level
    weight = _signal_share(counts[None, :], fitted[None, :])[0]
    ratio = np.divide(counts, fitted, out=np.ones_like(counts), where=fitted > 0)
    return np.asarray(smooth * (1 + weight * (ratio - 1)))


def _signal_share(counts: FloatArray, fitted: FloatArray) -> FloatArray:
    """How much of the relative differences between counts and a fit is more than Poisson noise.

    The variance of the true ratio is the excess of the squared differences over what chance gives.
    """
    usable = fitted > 0
    excess = np.where(usable, (counts - fitted) ** 2 - fitted, 0.0).sum()
    size = np.where(usable, fitted**2, 0.0).sum()
    variance = max(excess / size, 0.0) if size > 0 else 0.0
    return np.divide(variance * fitted, variance * fitted + 1.0, out=np.zeros_like(fitted), where=usable)


def _normalised(shares: FloatArray, series: Series) -> FloatArray:
    """Scaled so that the mean whole day has a level equal to its contacts."""
    exposure = np.where(series.seen, series.days.open_share, 0.0)
    mean = float((shares[series.days.weekdays] * exposure).sum(axis=1).mean())
    return shares / mean if mean > 0 else shares
