"""Counts around an uncertain rate: the negative binomial as a gamma mixture of Poisson counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, gammaincc, ndtri

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.forecasting.series import FloatArray

__all__ = ["count_cdf", "count_quantiles", "draw_counts", "draw_many_counts", "randomised_pit"]

_LEAST_VARIANCE = 1e-8
"""Relative variance of a rate below which counts are Poisson."""


def count_cdf(count: ArrayLike, mean: ArrayLike, rate_variance: ArrayLike) -> FloatArray:
    """Probability of at most ``count`` contacts.

    Args:
        count: whole numbers; below 0 the answer is 0.
        mean: expected contacts.
        rate_variance: variance of the rate relative to its squared mean; 0 is Poisson.

    Example:
        >>> float(count_cdf(0, 2.0, 0.0).round(6))  # exp(-2)
        0.135335
        >>> float(count_cdf(0, 2.0, 0.5).round(6))  # geometric-like: (1 + 2 * 0.5) ** -2
        0.25
    """
    k, m, c = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (count, mean, rate_variance)))
    whole = np.maximum(np.floor(k), 0.0)
    positive = np.maximum(m, 1e-12)
    size = 1 / np.maximum(c, _LEAST_VARIANCE)
    below = betainc(size, whole + 1, size / (size + positive))
    if np.any(c <= _LEAST_VARIANCE):
        below = np.where(c > _LEAST_VARIANCE, below, gammaincc(whole + 1, positive))
    return np.asarray(np.where(k < 0, 0.0, np.where(m > 0, below, 1.0)))


def count_quantiles(
    shares: ArrayLike, mean: FloatArray, rate_variance: ArrayLike, *, exact_below: float = 50.0
) -> FloatArray:
    """The least counts that are not exceeded with these probabilities.

    Starts from the normal quantile with its skewness corrected (Cornish and Fisher); walks to the exact one
    where the mean is small.

    Args:
        shares: probabilities, shape (q,).
        mean: expected contacts, any shape.
        rate_variance: as in `count_cdf`, broadcast against ``mean``.
        exact_below: the mean from which on the approximation will do.

    Returns:
        Shape (q, *mean.shape); 0 where the mean is 0.

    Example:
        >>> count_quantiles([0.1, 0.5, 0.9], np.array([3.0]), 0.0).ravel().tolist()
        [1.0, 3.0, 5.0]
    """
    p = np.asarray(shares, dtype=np.float64).reshape(-1, *[1] * mean.ndim)
    c = np.broadcast_to(np.asarray(rate_variance, dtype=np.float64), mean.shape)
    guess = np.maximum(np.floor(_normal_quantile(p, mean, c)), 0.0)
    found = np.where(mean > 0, guess, 0.0)
    wide_mean, wide_c = np.broadcast_to(mean, found.shape), np.broadcast_to(c, found.shape)
    wide_p = np.broadcast_to(p, found.shape)
    active = np.flatnonzero((wide_mean > 0).ravel() & (wide_mean.ravel() < exact_below))
    flat, m, v, q = found.ravel(), wide_mean.ravel(), wide_c.ravel(), wide_p.ravel()
    for step in (1.0, -1.0):
        moving = active
        while len(moving):
            at = flat[moving]
            if step > 0:
                go = count_cdf(at, m[moving], v[moving]) < q[moving]
            else:
                go = (at > 0) & (count_cdf(at - 1, m[moving], v[moving]) >= q[moving])
            moving = moving[go]
            flat[moving] += step
    return flat.reshape(found.shape)


def randomised_pit(
    counts: FloatArray, mean: FloatArray, rate_variance: ArrayLike, u: FloatArray
) -> FloatArray:
    """Where the counts fall in their distributions, spread evenly over the jump at each count.

    Uniform if the distributions are right, however small the counts (Czado, Gneiting and Held 2009).

    Args:
        counts: what came.
        mean: expected contacts.
        rate_variance: as in `count_cdf`.
        u: uniform numbers, of the shape of ``counts``.
    """
    below = count_cdf(counts - 1, mean, rate_variance)
    return np.asarray(below + u * (count_cdf(counts, mean, rate_variance) - below))


def draw_counts(rates: FloatArray, rate_variance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Poisson counts around gamma rates.

    Args:
        rates: mean rates, shape (paths, cells).
        rate_variance: relative, of each cell.
        rng: of the draws.

    Example:
        >>> draw_counts(np.zeros((2, 1)), np.zeros(1), np.random.default_rng(0)).tolist()
        [[0.0], [0.0]]
    """
    if np.any(rate_variance > _LEAST_VARIANCE):
        size = 1 / np.maximum(rate_variance, _LEAST_VARIANCE)
        rates = rates * rng.standard_gamma(np.broadcast_to(size, rates.shape)) / size
    return np.asarray(rng.poisson(rates), dtype=np.float64)


def draw_many_counts(rates: FloatArray, rate_variance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The same some times quicker, where rates are not small: normal quantiles, their skewness corrected.

    Mean and variance are those of the gamma mixture (a twelfth of the variance comes from rounding to whole
    counts, some from the correction). From a rate of 3 on less than 1 % of the draws would have to be others
    for the distribution to be exact.

    Args:
        rates: mean rates, shape (paths, cells).
        rate_variance: relative, of each cell.
        rng: of the draws.

    Example:
        >>> counts = draw_many_counts(np.full((20_000, 1), 20.0), np.array([0.05]), np.random.default_rng(0))
        >>> round(float(counts.mean())), round(float(counts.var()))
        (20, 40)
    """
    # Half the memory at single precision, and no copies: that is where the time goes.
    counts = rng.standard_normal(rates.shape, dtype=np.float32)
    mean = rates.astype(np.float32)
    excess = mean * rate_variance.astype(np.float32)
    skew = excess / 3
    skew += np.float32(1 / 6)
    spread = excess
    spread += 1
    spread *= mean
    spread -= 2 * skew * skew + np.float32(1 / 12)
    np.sqrt(np.maximum(spread, 0, out=spread), out=spread)
    spread *= counts
    counts *= counts
    counts -= 1
    counts *= skew
    counts += spread
    counts += mean
    return np.asarray(np.maximum(np.rint(counts, out=counts), 0, out=counts), dtype=np.float64)


def _normal_quantile(p: FloatArray, mean: FloatArray, c: FloatArray) -> FloatArray:
    z = ndtri(p)
    variance = mean + c * mean**2
    deviation = np.sqrt(np.maximum(variance, 1e-300))
    skewness = (1 + c * mean) * (1 + 2 * c * mean) * mean / np.maximum(deviation**3, 1e-300)
    return np.asarray(mean + deviation * (z + np.minimum(skewness, 1.0) * (z**2 - 1) / 6) + 0.5)
