"""Intervals for a share, a count, a mean and a ratio of sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "check_confidence",
    "clustered_wilson",
    "mean_interval",
    "poisson_interval",
    "ratio_interval",
    "wilson",
]


def wilson(n_hits: float, n: float, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Wilson score interval of a share.

    Args:
        n_hits: Successes.
        n: Trials, also a fraction of them; 0 gives None.
        confidence: Coverage, strictly between 0 and 1.

    Returns:
        Lower and upper bound within [0, 1].

    Raises:
        ValueError: Not 0 <= n_hits <= n.

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209.

    Example:
        >>> low, high = wilson(8, 10)
        >>> round(low, 4), round(high, 4)
        (0.4902, 0.9433)
    """
    if not 0 <= n_hits <= n:
        raise ValueError(f"hits must be between 0 and n, not {n_hits} of {n}")
    if n == 0:
        return None
    z = _z(confidence)
    share = n_hits / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if n_hits == 0 else max(0.0, (centre - half) / scale)
    high = 1.0 if n_hits == n else min(1.0, (centre + half) / scale)
    return low, high


def clustered_wilson(
    hits: ArrayLike, sizes: ArrayLike, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Wilson interval of a share whose trials come in clusters that resemble one another.

    The trials are counted at their effective number: divided by the design effect, the variance of the
    share between clusters over that of independent trials, taken as 1 if it is smaller.

    Args:
        hits: Successes of each cluster.
        sizes: Trials of each cluster, at least 1.
        confidence: Coverage, strictly between 0 and 1.

    Source: L. Kish, Survey Sampling, 1965, section 5.4, for the effect; E. L. Korn, B. I. Graubard, Survey
    Methodology 24 (1998) 193, for its use in an interval.

    Example:
        >>> [round(bound, 4) for bound in clustered_wilson([1, 1, 0, 1], [1, 1, 1, 1])]
        [0.3006, 0.9544]
        >>> [round(bound, 4) for bound in wilson(3, 4)]
        [0.3006, 0.9544]
        >>> low, high = clustered_wilson([5, 5, 0, 5], [5, 5, 5, 5])
        >>> wide, narrow = high - low, wilson(15, 20)[1] - wilson(15, 20)[0]
        >>> wide > 1.5 * narrow
        True
    """
    own, size = np.asarray(hits, dtype=float), np.asarray(sizes, dtype=float)
    n_hits, n = float(own.sum()), float(size.sum())
    if n == 0:
        return None
    share = n_hits / n
    independent = share * (1 - share) / n
    between = float(np.sort((own - share * size) ** 2).sum()) / n**2
    effect = max(1.0, between / independent) if independent > 0 else 1.0
    return wilson(n_hits / effect, n / effect, confidence=confidence)


def poisson_interval(count: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of the expectation of a Poisson count.

    Source: F. Garwood, Biometrika 28 (1936) 437.

    Raises:
        ValueError: A negative count.

    Example:
        >>> low, high = poisson_interval(10)
        >>> round(low, 3), round(high, 3)
        (4.795, 18.39)
    """
    if count < 0:
        raise ValueError(f"a count cannot be negative: {count}")
    tail = (1 - check_confidence(confidence)) / 2
    low = float(special.gammaincinv(count, tail)) if count else 0.0
    return low, float(special.gammainccinv(count + 1, tail))


def mean_interval(values: ArrayLike, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Student interval of the mean of independent values.

    Args:
        values: Numbers; fewer than two give None.
        confidence: Coverage, strictly between 0 and 1.

    Source: Student, Biometrika 6 (1908) 1.

    Example:
        >>> low, high = mean_interval([1.0, 2.0, 3.0, 4.0])
        >>> round(low, 3), round(high, 3)
        (0.446, 4.554)
    """
    data = np.sort(np.asarray(values, dtype=float))  # sums must not depend on the order of rows
    if data.size < 2:
        return None
    level = (1 + check_confidence(confidence)) / 2
    mean = float(data.mean())
    half = float(special.stdtrit(data.size - 1, level) * data.std(ddof=1) / math.sqrt(data.size))
    return mean - half, mean + half


def ratio_interval(
    numerators: ArrayLike, denominators: ArrayLike, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Interval of a ratio of sums over clusters, such as days, that are independent of each other.

    The ratio is linearised: a cluster is as far off as its numerator is from the ratio times its denominator.

    Args:
        numerators: Sum of each cluster.
        denominators: Sum of each cluster, at least 0. Clusters with nothing above nor below say nothing.
        confidence: Coverage, strictly between 0 and 1.

    Returns:
        Bounds, not below 0 if no numerator is; None for fewer than two clusters or nothing to divide by.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 6.4, eq. 6.13, without the correction
    for a finite population.

    Example:
        >>> [round(bound, 4) for bound in ratio_interval([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0])]
        [0.4457, 4.5543]
        >>> ratio_interval([3.0, 6.0], [1.0, 2.0])
        (3.0, 3.0)
    """
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    is_observed = (above != 0) | (below != 0)
    above, below, n = above[is_observed], below[is_observed], int(is_observed.sum())
    whole = float(np.sort(below).sum())
    if n < 2 or whole <= 0:
        return None
    ratio = float(np.sort(above).sum()) / whole
    spread = math.sqrt(float(np.sort((above - ratio * below) ** 2).sum()) * n / (n - 1)) / whole
    half = float(special.stdtrit(n - 1, (1 + check_confidence(confidence)) / 2)) * spread
    return (max(ratio - half, 0.0) if (above >= 0).all() else ratio - half), ratio + half


def check_confidence(confidence: float) -> float:
    """Return the confidence if it is one.

    Raises:
        ValueError: Not strictly between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be strictly between 0 and 1, not {confidence}")
    return confidence


def _z(confidence: float) -> float:
    return float(special.ndtri((1 + check_confidence(confidence)) / 2))
