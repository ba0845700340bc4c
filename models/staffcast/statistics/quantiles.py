"""Quantiles of raw values, in one definition, and their distribution-free interval."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from staffcast.statistics.intervals import check_confidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["quantile", "quantile_interval", "quantile_ranks"]


def quantile(values: ArrayLike, p: float) -> float | None:
    """Quantile by linear interpolation between order statistics (type 7).

    Args:
        values: Numbers; none give None.
        p: Between 0 and 1.

    Source: R. J. Hyndman and Y. Fan, Am. Stat. 50 (1996) 361.

    Example:
        >>> quantile([10, 20, 30, 100], 0.5)
        25.0
    """
    data = np.asarray(values, dtype=float)
    _check_p(p)
    return float(np.quantile(data, p, method="linear")) if data.size else None


def quantile_interval(
    values: ArrayLike, p: float, *, confidence: float = 0.95
) -> tuple[float | None, float | None]:
    """Interval of a quantile between two order statistics, whatever the distribution.

    A bound is None where too few values lie on that side to give one.

    Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., section 7.1.

    Example:
        >>> quantile_interval(range(1, 11), 0.5)
        (2.0, 9.0)
        >>> quantile_interval([1, 2, 3], 0.5)
        (None, None)
    """
    data = np.asarray(values, dtype=float)
    low, high = quantile_ranks(data.size, p, confidence=confidence)
    kept = [rank - 1 for rank in (low, high) if rank is not None]
    if kept:
        data = np.partition(data, kept)
    return tuple(None if rank is None else float(data[rank - 1]) for rank in (low, high))  # type: ignore[return-value]


def quantile_ranks(n: int, p: float, *, confidence: float = 0.95) -> tuple[int | None, int | None]:
    """Ranks (from 1) of the order statistics that bound a quantile, each missed with half the risk.

    The number of values at or below the quantile is binomial, so the value of rank ``r`` lies above it
    with the probability of fewer than ``r`` successes.

    Example:
        >>> quantile_ranks(10, 0.5)
        (2, 9)
    """
    _check_p(p)
    tail = (1 - check_confidence(confidence)) / 2
    at_most = range(n)
    low = bisect_left(at_most, tail, key=lambda k: float(special.bdtr(k, n, p)))
    high = bisect_left(at_most, 1 - tail, key=lambda k: float(special.bdtr(k, n, p))) + 1
    return (low or None), (high if high <= n else None)


def _check_p(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"p must be between 0 and 1, not {p}")
