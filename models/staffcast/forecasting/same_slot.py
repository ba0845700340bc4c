"""The first forecast: the average of the same weekday and time of day over the last eight weeks.

It is what a careful planner does by hand, and the bar that every later model has to beat. Rates are
contacts per open hour, summed before they are divided, so half-open slots and repeated hours count right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import betainc, nbdtrik

from staffcast.core.errors import ForecastError
from staffcast.core.units import US_PER_HOUR

__all__ = ["FORECAST_SCHEMA", "SameSlotAverage"]

FORECAST_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "interval_at_us": pl.Int64,
        "local_date": pl.String,
        "local_weekday": pl.Int64,
        "local_minute": pl.Int64,
        "open_us": pl.Int64,
        "expected": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "n_weeks": pl.Int64,
    }
)
"""Columns of a forecast: one row per queue and open interval.

``expected``, ``lower`` and ``upper`` are contacts in the interval; ``n_weeks`` is the number of past
intervals that the average rests on (0: the queue's own average stood in).
"""

_CELL = ("queue", "local_weekday", "local_minute")
_HOUR = ("queue", "local_minute")
_DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class SameSlotAverage:
    """Average contacts per open hour of the same weekday and time of day.

    The interval is that of a negative binomial count whose variance is the dispersion (Pearson's, at least
    Poisson's) times the mean, widened by the uncertainty of an average over few weeks. After a single week
    the weekdays stand in for the weeks that are missing, which makes it wide.

    Attributes:
        weeks: How far back to look.
        confidence: Of the interval.

    Example:
        >>> monday = 1_793_577_600_000_000
        >>> cells = pl.DataFrame({
        ...     "queue": "q", "interval_at_us": [monday, monday + 604_800_000_000],
        ...     "local_date": ["2026-11-02", "2026-11-09"], "local_weekday": 1, "local_minute": 0,
        ...     "open_us": 3_600_000_000, "n_offered": [8, 12],
        ... })
        >>> future = cells.head(1).drop("n_offered").with_columns(
        ...     interval_at_us=pl.lit(monday + 2 * 604_800_000_000), local_date=pl.lit("2026-11-16"))
        >>> SameSlotAverage().forecast(cells, future)["expected"].to_list()
        [10.0]
    """

    weeks: int = 8
    confidence: float = 0.8

    def __post_init__(self) -> None:
        if self.weeks < 1:
            raise ForecastError(f"weeks must be at least 1, not {self.weeks}")
        if not 0 < self.confidence < 1:
            raise ForecastError(f"confidence must be between 0 and 1, not {self.confidence}")

    def forecast(self, history: pl.DataFrame, future: pl.DataFrame) -> pl.DataFrame:
        """Forecast the open intervals of ``future``.

        Args:
            history: Columns ``queue, interval_at_us, local_date, local_weekday, local_minute, open_us,
                n_offered``, one row per past open interval, zeroes included.
            future: The same without ``n_offered``; the horizon must directly follow the history.

        Returns:
            A frame of ``FORECAST_SCHEMA``; intervals with ``open_us`` 0 are forecast as exactly 0.

        Raises:
            ForecastError: There is no open interval in the history.
        """
        recent = self._recent(history, future)
        if recent.is_empty() or recent["open_us"].sum() == 0:
            raise ForecastError("no open hours in the history", hint="load at least one day of conversations")
        cells = _rates(recent, _CELL).rename({"n_cells": "n_weeks"})
        pooled = _rates(recent, _HOUR).select(*_HOUR, pl.col("per_hour").alias("pooled_per_hour"))
        overall = _rates(recent, ("queue",)).select("queue", pl.col("per_hour").alias("overall_per_hour"))
        expected = (
            future.join(cells, on=_CELL, how="left")
            .join(pooled, on=_HOUR, how="left")
            .join(overall, on="queue", how="left")
            .join(_dispersion(recent, _CELL), on="queue", how="left")
            .join(
                _dispersion(recent, _HOUR).rename({"dispersion": "pooled_dispersion"}), on="queue", how="left"
            )
            .with_columns(
                (
                    pl.coalesce("per_hour", "pooled_per_hour", "overall_per_hour", pl.lit(0.0))
                    * pl.col("open_us")
                    / US_PER_HOUR
                ).alias("expected"),
                pl.col("n_weeks").fill_null(0),
                pl.coalesce("dispersion", "pooled_dispersion", pl.lit(1.0)).alias("dispersion"),
            )
            .sort("queue", "interval_at_us")
        )
        return self._with_interval(expected).select(FORECAST_SCHEMA.names()).cast(FORECAST_SCHEMA)

    def _recent(self, history: pl.DataFrame, future: pl.DataFrame) -> pl.DataFrame:
        if future.is_empty():
            return history
        reach_us = self.weeks * _DAYS_PER_WEEK * 24 * US_PER_HOUR
        first_us = future["interval_at_us"].min()
        return history.filter(pl.col("interval_at_us") >= first_us - reach_us)  # type: ignore[operator]

    def _with_interval(self, expected: pl.DataFrame) -> pl.DataFrame:
        mean = expected["expected"].to_numpy()
        weeks = np.maximum(expected["n_weeks"].to_numpy(), 1)
        variance = mean * expected["dispersion"].to_numpy() * (1 + 1 / weeks)
        tail = (1 - self.confidence) / 2
        lower, upper = (_count_quantile(mean, variance, share) for share in (tail, 1 - tail))
        return expected.with_columns(pl.Series("lower", lower), pl.Series("upper", upper))


def _rates(history: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    return (
        history.filter(pl.col("open_us") > 0)
        .group_by(by)
        .agg(
            (pl.col("n_offered").sum() * US_PER_HOUR / pl.col("open_us").sum()).alias("per_hour"),
            pl.len().cast(pl.Int64).alias("n_cells"),
        )
    )


def _dispersion(history: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Pearson's dispersion by queue: squared residuals over means, per degree of freedom, at least 1.

    Null where no cell has more than one interval: a single week says nothing about cells of a weekday.
    """
    fitted = pl.col("per_hour") * pl.col("open_us") / US_PER_HOUR
    return (
        history.join(_rates(history, by), on=by, how="inner")
        .with_columns(fitted.alias("fitted"))
        .filter(pl.col("fitted") > 0)
        .group_by("queue")
        .agg(
            ((pl.col("n_offered") - pl.col("fitted")) ** 2 / pl.col("fitted")).sum().alias("chi_square"),
            (1 - 1 / pl.col("n_cells")).sum().alias("freedom"),
        )
        .select(
            "queue",
            pl.when(pl.col("freedom") > 0)
            .then(pl.max_horizontal(pl.col("chi_square") / pl.col("freedom"), pl.lit(1.0)))
            .alias("dispersion"),
        )
    )


def _count_quantile(
    mean: np.ndarray[tuple[int], np.dtype[np.float64]],
    variance: np.ndarray[tuple[int], np.dtype[np.float64]],
    share: float,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Quantile of the negative binomial with this mean and variance; 0 where the mean is 0."""
    positive = mean > 0
    safe_mean = np.where(positive, mean, 1.0)
    safe_variance = np.where(positive, np.maximum(variance, mean * (1 + 1e-9)), 2.0)
    p = safe_mean / safe_variance
    size = safe_mean * p / (1 - p)
    above = np.ceil(nbdtrik(share, size, p))
    # The inverse is continuous: one count less may do. P(X <= k) = I_p(size, k + 1).
    quantile = np.where((above >= 1) & (betainc(size, above, p) >= share), above - 1, above)
    return np.asarray(np.where(positive, quantile, 0.0), dtype=np.float64)
