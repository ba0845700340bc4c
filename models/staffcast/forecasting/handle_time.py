"""Handle time by weekday and time of day: weighted logs, shrunk to the mean of the queue, as paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ForecastError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.forecasting.series import FloatArray

__all__ = ["HandleTime", "fit_handle_time"]

BAND_MIN = 240
_N_BANDS = 6
_TREND_DAYS = 182.0
_PRIOR_WEIGHT = 0.02


@dataclass(frozen=True)
class HandleTime:
    """Mean handle time of the coming intervals.

    Attributes:
        coefficients: level, weekdays, bands of four hours, trend over half a year; on the log scale.
        covariance: of the coefficients.
        day_sd: of the log handle time of whole days around them.
        last_day: day number of the end of the history; the trend stops there.
    """

    coefficients: FloatArray
    covariance: FloatArray
    day_sd: float
    last_day: int

    def mean_s(self, weekdays: NDArray[np.int64], minutes: NDArray[np.int64]) -> FloatArray:
        """Expected mean handle time of intervals.

        Args:
            weekdays: Monday 0 to Sunday 6, shape (n,).
            minutes: of the local day, shape (n,).

        Returns:
            Seconds, shape (n,).
        """
        return np.exp(self._columns(weekdays, minutes) @ self.coefficients)

    def paths_s(
        self,
        day_numbers: NDArray[np.int64],
        minutes: NDArray[np.int64],
        n_paths: int,
        rng: np.random.Generator,
    ) -> FloatArray:
        """Mean handle times as they may be: uncertain coefficients, and days that differ.

        Args:
            day_numbers: days since 1970-01-01, shape (n,).
            minutes: of the local day, shape (n,).
            n_paths: how many.
            rng: of the draws.

        Returns:
            Seconds, shape (paths, n).
        """
        drawn = rng.multivariate_normal(self.coefficients, self.covariance, n_paths, method="eigh")
        _, rows = np.unique(day_numbers, return_inverse=True)
        days = self.day_sd * rng.standard_normal((n_paths, int(rows.max()) + 1))
        return np.exp(
            drawn @ self._columns((day_numbers + 3) % 7, minutes).T + days[:, rows] - self.day_sd**2 / 2
        )

    def _columns(self, weekdays: NDArray[np.int64], minutes: NDArray[np.int64]) -> FloatArray:
        return _columns(weekdays, minutes, np.zeros(len(weekdays)))


def fit_handle_time(
    day_numbers: ArrayLike, minutes: ArrayLike, mean_s: ArrayLike, n_contacts: ArrayLike
) -> HandleTime:
    """Fit the mean handle times of past intervals.

    A weighted ridge regression of the log; weights are contacts. Intervals without a contact are left out.
    The same for each level of concurrency gives handle time by concurrency.

    Args:
        day_numbers: days since 1970-01-01, shape (n,).
        minutes: of the local day, shape (n,).
        mean_s: mean handle time of the interval's contacts in seconds.
        n_contacts: how many they were.

    Raises:
        ForecastError: there are no contacts, or a handle time is not above 0.

    Example:
        >>> day = np.arange(20_000, 20_028)
        >>> fitted = fit_handle_time(day, np.full(28, 600), np.full(28, 300.0), np.full(28, 50))
        >>> fitted.mean_s(np.array([0]), np.array([600])).round(3).tolist()
        [300.0]
    """
    days, minute = np.asarray(day_numbers, dtype=np.int64), np.asarray(minutes, dtype=np.int64)
    seconds, weight = np.asarray(mean_s, dtype=np.float64), np.asarray(n_contacts, dtype=np.float64)
    used = weight > 0
    if not used.any():
        raise ForecastError("no handled contact", hint="give a history with handle times")
    if not np.all(np.isfinite(seconds[used]) & (seconds[used] > 0)):
        raise ForecastError(
            "a handle time is not above 0 seconds", hint="leave out contacts that were not handled"
        )
    days, minute, seconds, weight = days[used], minute[used], seconds[used], weight[used]
    last_day = int(days.max())
    x = _columns((days + 3) % 7, minute, (days - last_day) / _TREND_DAYS)
    log = np.log(seconds)
    centre = float(np.average(log, weights=weight))
    penalty = np.full(x.shape[1], _PRIOR_WEIGHT * weight.sum())
    penalty[0] = 1e-9 * weight.sum()
    gram = x.T @ (x * weight[:, None]) + np.diag(penalty)
    effect = np.linalg.solve(gram, x.T @ (weight * (log - centre)))
    rest = log - centre - x @ effect
    _, rows = np.unique(days, return_inverse=True)
    by_day = np.bincount(rows, weight * rest) / np.bincount(rows, weight)
    within = float(np.average((rest - by_day[rows]) ** 2, weights=weight)) * len(rest) / max(len(rest) - 1, 1)
    n_in_day = np.bincount(rows).mean()
    day_variance = max(float(np.mean(by_day**2)) - within / n_in_day, 0.0)
    noise = float(np.average(rest**2, weights=weight))
    covariance = (
        np.linalg.inv(gram)
        * noise
        * float(weight.mean())
        * max(1.0, n_in_day * day_variance / max(noise, 1e-12))
    )
    effect[0] += centre
    return HandleTime(
        np.asarray(effect, dtype=np.float64),
        (covariance + covariance.T) / 2,
        float(np.sqrt(day_variance)),
        last_day,
    )


def _columns(weekdays: NDArray[np.int64], minutes: NDArray[np.int64], trend: FloatArray) -> FloatArray:
    bands = np.eye(_N_BANDS)[minutes // BAND_MIN % _N_BANDS]
    return np.column_stack([np.ones(len(weekdays)), np.eye(7)[weekdays], bands, trend])
