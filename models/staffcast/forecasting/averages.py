"""The models of a careful planner: last week again, and the mean or median of some weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.model import Fitted

if TYPE_CHECKING:
    from staffcast.forecasting.series import Days, FloatArray, Series

__all__ = ["FittedAverage", "SeasonalNaive", "WeekMean", "WeekMedian"]


@dataclass(frozen=True)
class FittedAverage(Fitted):
    """Expected contacts by weekday and interval.

    Attributes:
        rates: per fully open interval, shape (7, slots).
    """

    rates: FloatArray

    def mean(self, days: Days) -> FloatArray:
        """Expected contacts, shape (days, slots)."""
        return np.asarray(self.rates[days.weekdays] * days.open_share)


@dataclass(frozen=True)
class WeekMean:
    """The mean of the same weekday and time over the last weeks.

    Attributes:
        weeks: how many of the latest days of a weekday count.

    Example:
        >>> from staffcast.forecasting.series import Days, Series
        >>> mondays = Days(np.array(["2026-11-02", "2026-11-09"], "datetime64[D]"), np.ones((2, 1)))
        >>> fitted = WeekMean(4).fit(Series(mondays, np.array([[8.0], [12.0]]), 1440))
        >>> fitted.mean(Days(np.array(["2026-11-16"], "datetime64[D]"), np.ones((1, 1))))
        array([[10.]])
    """

    weeks: int

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.weeks}-week mean"

    def fit(self, series: Series) -> FittedAverage:
        """Average the latest days of each weekday."""
        return FittedAverage(_by_weekday(series, self.weeks, median=False))


@dataclass(frozen=True)
class WeekMedian:
    """The median of the same weekday and time over the last weeks: one odd day does no harm.

    Attributes:
        weeks: how many of the latest days of a weekday count.
    """

    weeks: int

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.weeks}-week median"

    def fit(self, series: Series) -> FittedAverage:
        """Take the medians of the latest days of each weekday."""
        return FittedAverage(_by_weekday(series, self.weeks, median=True))


@dataclass(frozen=True)
class SeasonalNaive:
    """The same weekday of last week again."""

    name: str = "last week"

    def fit(self, series: Series) -> FittedAverage:
        """Keep the latest day of each weekday."""
        return FittedAverage(_by_weekday(series, 1, median=False))


def _by_weekday(series: Series, weeks: int, *, median: bool) -> FloatArray:
    """Average rates of each weekday; what was never seen on a weekday takes the average of all days."""
    rates = np.where(series.seen, series.rates, np.nan)
    weekdays = series.days.weekdays
    pooled = _average(rates[-7 * weeks :], median=median)
    overall = float(np.nanmean(rates))
    pooled = np.where(
        np.isnan(pooled), np.where(np.isnan(_average(rates, median=False)), overall, 0.0), pooled
    )
    out = np.empty((7, rates.shape[1]))
    for weekday in range(7):
        own = _average(rates[weekdays == weekday][-weeks:], median=median)
        out[weekday] = np.where(np.isnan(own), pooled, own)
    return out


def _average(rates: FloatArray, *, median: bool) -> FloatArray:
    """Average over days of what was seen; NaN where nothing was."""
    seen = np.isfinite(rates)
    n_seen = seen.sum(axis=0)
    if not median:
        total = np.where(seen, rates, 0.0).sum(axis=0)
        return np.asarray(np.divide(total, n_seen, out=np.full(rates.shape[1], np.nan), where=n_seen > 0))
    if not len(rates):
        return np.full(rates.shape[1], np.nan)
    ordered = np.sort(rates, axis=0)  # NaN come last
    columns = np.arange(rates.shape[1])
    lower, upper = (
        ordered[np.maximum(n_seen - 1, 0) // 2, columns],
        ordered[n_seen // 2 % len(rates), columns],
    )
    middle = (lower + ordered[np.minimum(n_seen // 2, len(rates) - 1), columns]) / 2
    return np.asarray(np.where(n_seen % 2 == 1, upper, middle))
