"""How far contacts fall from a forecast: a factor for the day, one for the interval, and chance.

The day factor's variance comes from the errors of past forecasts by how far ahead they looked, the interval
factor's by moments from what the day factor leaves. Both are stretched until past intervals covered what they
promised (split conformal), and drawn as paths that carry a day's luck into the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.counts import count_quantiles, draw_counts, draw_many_counts, randomised_pit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from staffcast.forecasting.series import FloatArray

__all__ = ["BUCKET_ENDS", "Fold", "Prediction", "Spread", "correlated_day_factors", "fit_spread"]

BUCKET_ENDS = (1, 5, 10, 10_000)
"""Open days ahead up to which errors are judged together."""
_PRIOR_DAYS = 10.0
_LIMIT = 4.0
_CORRECTION_SHARE = 0.25
"""How much of a recent bias is taken out: most of it does not last."""
_DEFAULT_DAY_VARIANCE = 0.015
_DEFAULT_SLOT_VARIANCE = 0.005
_STRETCHES = np.array([0.4, 0.55, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5])
_STRETCH_CELLS = 3000
_T_FREEDOM = 6
_PATHS_AT_ONCE = 25
"""So many paths of some weeks fit into the memory of the processor itself, which doubles the speed."""
_QUICK_FROM = 3.0
"""Mean of an interval from which on counts are drawn from their corrected normal quantiles."""


@dataclass(frozen=True)
class Fold:
    """A past forecast beside what came.

    Attributes:
        origin: row of the first day that was forecast.
        mean: expected contacts, shape (days, slots).
        counts: what came, 0 where unseen.
        seen: intervals that were open and observed.
    """

    origin: int
    mean: FloatArray
    counts: FloatArray
    seen: NDArray[np.bool_]

    def until(self, row: int) -> Fold:
        """Only the days before a row of the history."""
        kept = max(0, min(row - self.origin, len(self.mean)))
        return Fold(self.origin, self.mean[:kept], self.counts[:kept], self.seen[:kept])


@dataclass(frozen=True)
class Spread:
    """Variances of the factors around a forecast.

    Attributes:
        day_variances: relative variance of the day factor in each bucket of `BUCKET_ENDS`.
        slot_variance: relative variance of the interval factor.
        memory: correlation of the day factors of neighbouring days.
        correction: factor on the mean that takes out the bias of recent folds.
        stretches: factor on the standard deviations in each bucket.
    """

    day_variances: FloatArray
    slot_variance: float
    memory: float = 0.3
    correction: float = 1.0
    stretches: FloatArray | None = None

    def of_days(self, n_days: int) -> tuple[FloatArray, FloatArray]:
        """Variances of the day factor and of the interval factor of each day ahead."""
        bucket = np.searchsorted(BUCKET_ENDS, np.arange(1, n_days + 1))
        stretch = np.ones(len(BUCKET_ENDS)) if self.stretches is None else self.stretches
        return self.day_variances[bucket] * stretch[bucket] ** 2, self.slot_variance * stretch[bucket] ** 2


@dataclass(frozen=True)
class Prediction:
    """Contacts that are expected, and how they scatter.

    Attributes:
        mean: expected contacts, shape (days, slots).
        spread: around it.
        known_variance: relative, of each day, that past errors cannot tell of: of planned events and drivers.
    """

    mean: FloatArray
    spread: Spread
    known_variance: FloatArray | None = None

    @classmethod
    def corrected(cls, mean: FloatArray, spread: Spread) -> Prediction:
        """A forecast without its recent bias."""
        return cls(mean * spread.correction, spread)

    @property
    def rate_variance(self) -> FloatArray:
        """Relative variance of each day's rates, shape (days, 1)."""
        _, slot = self.spread.of_days(len(self.mean))
        day = self.day_variances
        return np.asarray(((1 + day) * (1 + slot) - 1)[:, None])

    @property
    def day_variances(self) -> FloatArray:
        """Relative variance of each day's factor, shape (days,)."""
        day, _ = self.spread.of_days(len(self.mean))
        return day if self.known_variance is None else (1 + day) * (1 + self.known_variance) - 1

    def quantiles(self, shares: ArrayLike, *, exact_below: float = 50.0) -> FloatArray:
        """Quantiles of the counts, shape (shares, days, slots), as of `count_quantiles`."""
        return count_quantiles(shares, self.mean, self.rate_variance, exact_below=exact_below)

    def paths(self, n_paths: int, rng: np.random.Generator) -> FloatArray:
        """Counts as they may come, shape (paths, days, slots)."""
        return self.counts(self.day_factors(n_paths, rng), rng)

    def day_factors(self, n_paths: int, rng: np.random.Generator) -> FloatArray:
        """Factors of whole days, heavy-tailed (t6) and kept in memory; mean 1, shape (paths, days)."""
        return day_factors(self.day_variances, self.spread.memory, n_paths, rng)

    def counts(self, factors: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Counts for given day factors, shape (paths, days, slots)."""
        n_paths, n_days = factors.shape
        _, slot = self.spread.of_days(n_days)
        mean, day = self.mean.ravel(), np.repeat(np.arange(n_days), self.mean.shape[1])
        out = np.zeros((n_paths, mean.size))
        for is_own, draw, at_once in (
            ((mean > 0) & (mean < _QUICK_FROM), draw_counts, n_paths),
            (mean >= _QUICK_FROM, draw_many_counts, _PATHS_AT_ONCE),
        ):
            cells = np.flatnonzero(is_own)
            for start in range(0, n_paths, at_once):
                rows = slice(start, start + at_once)
                out[rows, cells] = draw(mean[cells] * factors[rows][:, day[cells]], slot[day[cells]], rng)
        return out.reshape(n_paths, *self.mean.shape)


def day_factors(variances: FloatArray, memory: float, n_paths: int, rng: np.random.Generator) -> FloatArray:
    """Log-t factors of mean 1 with these relative variances, autocorrelated from day to day."""
    nothing = np.zeros((n_paths, len(variances)))
    return correlated_day_factors(variances, memory, nothing, 0.0, rng)


def correlated_day_factors(
    variances: FloatArray, memory: float, common: FloatArray, common_share: float, rng: np.random.Generator
) -> FloatArray:
    """The same, with a part that queues have in common.

    Args:
        variances: relative, of each day.
        memory: correlation of neighbouring days.
        common: standard normal numbers that all queues share, shape (paths, days).
        common_share: share of the variance that they make up.
        rng: of the rest.
    """
    n_paths, n_days = common.shape
    normal = np.sqrt(common_share) * common + np.sqrt(1 - common_share) * rng.standard_normal(common.shape)
    for day in range(1, n_days):
        normal[:, day] = memory * normal[:, day - 1] + np.sqrt(1 - memory**2) * normal[:, day]
    scale = np.sqrt((_T_FREEDOM - 2) / rng.chisquare(_T_FREEDOM, (n_paths, n_days)))
    factor = np.exp(np.sqrt(np.log1p(variances)) * np.clip(normal * scale, -5, 5))
    return np.asarray(factor / factor.mean(axis=0))


def fit_spread(
    folds: Sequence[Fold], *, corrected: bool = True, stretched: bool = True, seed: int = 0
) -> Spread:
    """Learn the spread from past forecasts.

    Args:
        folds: forecasts whose days have passed, at least in part.
        corrected: whether their bias is taken out of the mean.
        stretched: whether the variances are stretched to the coverage that was found.
        seed: of the numbers that spread counts over their jumps in the coverage.

    Returns:
        Shrunk to cautious defaults while the folds are few.
    """
    pairs = [_Errors.of(fold) for fold in folds if len(fold.mean)]
    if not pairs:
        return Spread(np.full(len(BUCKET_ENDS), _DEFAULT_DAY_VARIANCE), _DEFAULT_SLOT_VARIANCE)
    errors = _Errors.joined(pairs)
    correction = errors.correction() if corrected else 1.0
    slot = errors.slot_variance()
    overall = errors.day_variance(np.ones(len(errors.ahead), dtype=bool), correction, slot, None)
    buckets = errors.buckets
    day = np.array(
        [errors.day_variance(buckets == k, correction, slot, overall) for k in range(len(BUCKET_ENDS))]
    )
    spread = Spread(np.maximum.accumulate(day), slot, errors.memory(correction), correction)
    if not stretched:
        return spread
    return replace(spread, stretches=_stretches(errors, spread, np.random.default_rng(seed)))


@dataclass(frozen=True)
class _Errors:
    """Days of all folds, one below the other."""

    ahead: NDArray[np.int64]
    fold: NDArray[np.int64]
    mean: FloatArray
    counts: FloatArray
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, fold: Fold) -> _Errors:
        n_days = len(fold.mean)
        mean = np.where(fold.seen, fold.mean, 0.0)
        zeros = np.zeros(n_days, dtype=np.int64)
        return cls(np.arange(1, n_days + 1), zeros, mean, fold.counts, fold.seen & (fold.mean > 0))

    @classmethod
    def joined(cls, parts: Sequence[_Errors]) -> _Errors:
        number = np.repeat(np.arange(len(parts)), [len(part.ahead) for part in parts])
        columns = [
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("ahead", "mean", "counts", "seen")
        ]
        return cls(columns[0], number, columns[1], columns[2], columns[3])

    @property
    def buckets(self) -> NDArray[np.int64]:
        return np.searchsorted(BUCKET_ENDS, self.ahead)

    @property
    def day_means(self) -> FloatArray:
        return np.asarray(self.mean.sum(axis=1))

    @property
    def day_counts(self) -> FloatArray:
        return np.asarray(np.where(self.seen, self.counts, 0.0).sum(axis=1))

    def relative(self, correction: float) -> FloatArray:
        """Error of each day relative to its forecast, far ones pulled in."""
        mean = self.day_means
        error = np.divide(self.day_counts, mean * correction, out=np.ones(len(mean)), where=mean > 0) - 1
        robust = max(float(np.median(np.abs(error))) / 0.6745, 1e-6)
        return np.asarray(np.clip(error, -_LIMIT * robust, _LIMIT * robust))

    def sampled(self, n_cells: int, rng: np.random.Generator) -> _Errors:
        """Some of the intervals, which are enough to see what share was covered."""
        keep = n_cells / max(float(self.seen.sum()), 1.0)
        n_columns = max(1, min(self.seen.shape[1], round(self.seen.shape[1] * keep)))
        usual = np.flatnonzero(self.seen.any(axis=0))
        chosen = np.sort(rng.choice(usual, min(n_columns, len(usual)), replace=False))
        return replace(
            self, mean=self.mean[:, chosen], counts=self.counts[:, chosen], seen=self.seen[:, chosen]
        )

    def correction(self) -> float:
        """Contacts over forecasts of the folds, shrunk to 1, outages and peaks pulled in."""
        mean = self.day_means
        bias = float(np.average(self.relative(1.0), weights=np.maximum(mean, 1e-9)))
        n_days = len(np.unique(self.ahead + 1000 * self.fold)) / 3
        return 1 + _CORRECTION_SHARE * bias * n_days / (n_days + 2 * _PRIOR_DAYS)

    def slot_variance(self) -> float:
        """What the interval factor adds, given the day's contacts."""
        mean, counts = self.day_means, self.day_counts
        factor = np.divide(counts, mean, out=np.zeros_like(mean), where=mean > 0)[:, None]
        fitted = self.mean * factor
        chance = fitted * (
            1 - np.divide(self.mean, mean[:, None], out=np.zeros_like(self.mean), where=mean[:, None] > 0)
        )
        squares = np.where(self.seen, (self.counts - fitted) ** 2, 0.0)
        usual = 9 * (chance + 0.05 * fitted**2)
        excess = np.where(self.seen, np.minimum(squares, usual) - chance, 0.0).sum()
        size = np.where(self.seen, fitted**2, 0.0).sum()
        return float(np.clip(excess / size, 0.0, 1.0)) if size > 0 else _DEFAULT_SLOT_VARIANCE

    def day_variance(
        self, rows: NDArray[np.bool_], correction: float, slot: float, prior: float | None
    ) -> float:
        """Squared errors of days less what chance and intervals explain, shrunk to a prior."""
        mean = self.day_means * correction
        rows = rows & (mean > 0)
        excess = self.relative(correction) ** 2 - 1 / np.maximum(mean, 1e-9)
        parts = np.divide(
            self.mean,
            self.day_means[:, None],
            out=np.zeros_like(self.mean),
            where=self.day_means[:, None] > 0,
        )
        excess -= slot * (parts**2).sum(axis=1)
        weights = mean / (1 + mean * 0.02)
        found = float(np.average(excess[rows], weights=weights[rows])) if rows.any() else 0.0
        n_days = rows.sum() / 2
        start = _DEFAULT_DAY_VARIANCE if prior is None else prior
        return float(max((found * n_days + start * _PRIOR_DAYS) / (n_days + _PRIOR_DAYS), 0.0))

    def memory(self, correction: float) -> float:
        """Correlation of the errors of neighbouring days of a fold."""
        error = self.relative(correction)
        together = self.fold[1:] == self.fold[:-1]
        if not together.any() or not np.any(error):
            return 0.3
        n_pairs = int(together.sum())
        found = float((error[1:] * error[:-1])[together].sum() / (error**2).sum())
        return float(np.clip((found * n_pairs + 0.3 * _PRIOR_DAYS) / (n_pairs + _PRIOR_DAYS), 0.0, 0.9))


def _stretches(errors: _Errors, spread: Spread, rng: np.random.Generator) -> FloatArray:
    """Factors by which past 80 and 95 % intervals would have covered what they promised."""
    errors = errors.sampled(_STRETCH_CELLS, rng)
    u = rng.random(errors.counts.shape)
    mean = errors.mean * spread.correction
    misses = np.zeros((len(BUCKET_ENDS), len(_STRETCHES)))
    n_days = np.zeros(len(BUCKET_ENDS))
    day = spread.day_variances[errors.buckets]
    for column, stretch in enumerate(_STRETCHES):
        variance = (1 + day * stretch**2) * (1 + spread.slot_variance * stretch**2) - 1
        pit = randomised_pit(errors.counts, mean, variance[:, None], u)
        for k in range(len(BUCKET_ENDS)):
            inside = np.abs(pit - 0.5)[errors.seen & (errors.buckets == k)[:, None]]
            if len(inside):
                covered = np.array([np.mean(inside <= 0.4), np.mean(inside <= 0.475)])
                misses[k, column] = float(np.abs(covered - [0.8, 0.95]) @ [1.0, 2.0])
            n_days[k] = (errors.buckets == k).sum() / 2
    overall = np.log(_STRETCHES[np.argmin((misses * n_days[:, None]).sum(axis=0))])
    own = np.log(_STRETCHES[np.argmin(misses, axis=1)])
    total = n_days.sum()
    overall *= total / (total + _PRIOR_DAYS)
    return np.asarray(np.exp((own * n_days + overall * 2 * _PRIOR_DAYS) / (n_days + 2 * _PRIOR_DAYS)))
