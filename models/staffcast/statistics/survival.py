"""Survival with right-censoring: waits whose end has not been seen are used as far as they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from staffcast.statistics.intervals import check_confidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["KaplanMeier", "kaplan_meier", "kaplan_meier_of_counts"]


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """The product-limit estimate, a step function.

    Attributes:
        times: Distinct times at which an end was seen, ascending; shape (m,).
        survival: Share that outlasts each of them; shape (m,).
        n_at_risk: Number still under observation just before each; shape (m,).
        n_events: Ends seen at each; shape (m,).
    """

    times: NDArray[np.float64]
    survival: NDArray[np.float64]
    n_at_risk: NDArray[np.int64]
    n_events: NDArray[np.int64]

    def at(self, time: float) -> float:
        """Share that outlasts ``time``."""
        position = int(np.searchsorted(self.times, time, side="right"))
        return float(self.survival[position - 1]) if position else 1.0

    def quantile(self, p: float) -> float | None:
        """First time by which a share ``p`` has ended, or None if that was never seen.

        Raises:
            ValueError: p is not strictly between 0 and 1.
        """
        if not 0 < p < 1:
            raise ValueError(f"p must be strictly between 0 and 1, not {p}")
        return self._first(self.survival, p)

    def quantile_interval(self, p: float, *, confidence: float = 0.95) -> tuple[float | None, float | None]:
        """Interval of the time by which a share ``p`` has ended; a bound is None where it was never seen.

        Source: R. Brookmeyer and J. Crowley, Biometrics 38 (1982) 29, with the log-log band of J. D.
        Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data, 1980, section 1.3.

        Raises:
            ValueError: p or the confidence is not strictly between 0 and 1.

        Example:
            >>> kaplan_meier(range(1, 21), [True] * 20).quantile_interval(0.5)
            (5.0, 15.0)
        """
        self.quantile(p)
        low, high = self.band(confidence=confidence)
        return self._first(low, p), self._first(high, p)

    def band(self, *, confidence: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bound of the share that outlasts each of ``times``; shape (m,) each.

        Log-log bounds, which stay within 0 and 1. Where nobody or everybody is left they are that share.

        Source: J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data, 1980,
        section 1.3, with M. Greenwood's variance.

        Raises:
            ValueError: The confidence is not strictly between 0 and 1.
        """
        z = float(special.ndtri((1 + check_confidence(confidence)) / 2))
        steps = self.n_events / np.maximum(self.n_at_risk * (self.n_at_risk - self.n_events), 1)
        inner = self.survival < 1 - 1e-12
        inner &= self.survival > 0
        share = np.where(inner, self.survival, 0.5)
        width = z * np.sqrt(np.cumsum(steps)) / np.abs(np.log(share))
        low = np.where(inner, share ** np.exp(width), self.survival)
        high = np.where(inner, share ** np.exp(-width), self.survival)
        return low, high

    def interval(self, time: float, *, confidence: float = 0.95) -> tuple[float | None, float | None]:
        """Bounds of the share that outlasts ``time``; None before the first end was seen.

        Example:
            >>> low, high = kaplan_meier(range(1, 21), [True] * 20).interval(10)
            >>> round(low, 3), round(high, 3)
            (0.271, 0.692)
        """
        position = int(np.searchsorted(self.times, time, side="right"))
        if not position:
            return None, None
        low, high = self.band(confidence=confidence)
        return float(low[position - 1]), float(high[position - 1])

    def _first(self, band: NDArray[np.float64], p: float) -> float | None:
        reached = np.flatnonzero(band <= 1 - p + 1e-12)
        return float(self.times[reached[0]]) if reached.size else None

    @property
    def median(self) -> float | None:
        """First time by which half has ended."""
        return self.quantile(0.5)


def kaplan_meier(durations: ArrayLike, is_observed: ArrayLike) -> KaplanMeier:
    """Estimate survival from durations of which some are cut off.

    Args:
        durations: How long each was observed, not negative; shape (n,).
        is_observed: Whether the end was seen, or the duration was cut off there; shape (n,).

    Raises:
        ValueError: The shapes differ, or a duration is negative or not a number.

    Source: E. L. Kaplan and P. Meier, J. Am. Stat. Assoc. 53 (1958) 457.

    Example:
        >>> km = kaplan_meier([1, 2, 3, 4], [True, True, False, True])
        >>> km.survival.tolist(), km.median
        ([0.75, 0.5, 0.0], 2.0)
    """
    time = np.asarray(durations, dtype=float)
    seen = np.asarray(is_observed, dtype=bool)
    if time.shape != seen.shape or time.ndim != 1:
        raise ValueError(
            f"durations and is_observed must be of one length, not {time.shape} and {seen.shape}"
        )
    if not np.all(time >= 0):
        raise ValueError("durations must be numbers that are not negative")
    times, place = np.unique(time, return_inverse=True)
    n_events = np.bincount(place[seen], minlength=times.size)
    return kaplan_meier_of_counts(times, n_events, np.bincount(place, minlength=times.size) - n_events)


def kaplan_meier_of_counts(times: ArrayLike, n_events: ArrayLike, n_cut: ArrayLike) -> KaplanMeier:
    """Estimate survival from how often each duration ended and was cut off.

    Args:
        times: Distinct durations, ascending; shape (m,).
        n_events: How many ended at each; shape (m,).
        n_cut: How many were cut off at each, and are taken to have lasted beyond; shape (m,).

    Source: E. L. Kaplan and P. Meier, J. Am. Stat. Assoc. 53 (1958) 457.

    Example:
        >>> kaplan_meier_of_counts([60, 90], n_events=[3, 1], n_cut=[4, 2]).survival.round(3).tolist()
        [0.7, 0.467]
    """
    time, ended = np.asarray(times, dtype=float), np.asarray(n_events).astype(np.int64)
    n_at_risk = np.cumsum((ended + np.asarray(n_cut).astype(np.int64))[::-1])[::-1]
    seen = ended > 0
    survival = np.cumprod(1 - ended[seen] / n_at_risk[seen], dtype=np.float64)
    return KaplanMeier(time[seen], survival, n_at_risk[seen], ended[seen])
