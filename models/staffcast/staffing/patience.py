"""Patience as a curve: any law of how long customers are willing to wait.

A mean is enough only where patience is exponential. Measured patience seldom is: many leave in the first
seconds, or once an announcement has been heard. A `PatienceCurve` takes the Kaplan-Meier curve of the
team's own waits as it is, or any smooth function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import Array

__all__ = ["PatienceCurve"]

_NODES, _WEIGHTS = (0.5 * part for part in np.polynomial.legendre.leggauss(24))
_OCTAVES = 40
_LONGEST_S = 1e9


@dataclass(frozen=True, eq=False)
class PatienceCurve:
    """Share of customers who, not picked up, still wait after a time; make it by `steps` or `smooth`.

    Source:
        Kaplan, Meier, "Nonparametric estimation from incomplete observations", 1958, for the curve; the queue
        it makes, with density exp(lambda H(u) - s u) of the virtual wait, H the integral of the curve:
        Zeltyn, Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G
        queue", 2005.

    Example:
        >>> curve = PatienceCurve.steps(times_s=[10, 60, 300], staying_share=[0.9, 0.6, 0])
        >>> curve.staying([0, 10, 59, 1000]).tolist()
        [1.0, 0.9, 0.9, 0.0]
        >>> round(curve.mean_s, 9)
        199.0
    """

    breaks_s: Array
    """Times at which the curve is not smooth."""
    edges_s: Array
    """Times between which it was integrated, from 0."""
    present_at_edges_s: Array
    survival: Callable[[Array], Array]
    final_share: float
    """Share of customers who never leave."""

    @classmethod
    def steps(cls, times_s: ArrayLike, staying_share: ArrayLike) -> PatienceCurve:
        """The curve that falls to each share at its time and stays there: Kaplan and Meier's.

        Args:
            times_s: rising times in seconds, above 0.
            staying_share: share still waiting from each time on, falling, 0..1. Where the last one is
                above 0, so many customers never leave.

        Raises:
            ModelError: unequal lengths, or the times or shares are out of order or range.
        """
        times, shares = checked("times_s", times_s), checked("staying_share", staying_share)
        if times.ndim != 1 or times.shape != shares.shape or not times.size:
            raise ModelError("times_s and staying_share differ in length", hint="give a share for each time")
        if times[0] <= 0 or np.any(np.diff(times) <= 0):
            raise ModelError("times_s: not rising from above 0", hint="sort the curve, one row per time")
        levels = np.concatenate([[1.0], shares])
        if np.any(np.diff(levels) > 0):
            raise ModelError("staying_share: rises, or is above 1", hint="give survival, not its complement")
        edges = np.concatenate([[0.0], times])
        present = np.concatenate([[0.0], np.cumsum(levels[:-1] * np.diff(edges))])

        def survival(u: Array) -> Array:
            return levels[np.searchsorted(times, u, side="right")]

        return cls(times, edges, present, survival, float(levels[-1]))

    @classmethod
    def smooth(cls, survival: Callable[[Array], Array], *, breaks_s: ArrayLike = ()) -> PatienceCurve:
        """A curve given as a function of an array of seconds.

        Args:
            survival: share still waiting after each time: 1 at 0, never rising.
            breaks_s: times at which it jumps or bends; between them it must be smooth.

        Raises:
            ModelError: the function is not a survival curve.

        Example:
            >>> weibull = PatienceCurve.smooth(lambda u: np.exp(-np.sqrt(u / 90)))
            >>> round(weibull.mean_s, 6)
            180.0
        """
        breaks = np.unique(checked("breaks_s", breaks_s))
        scale = _half_time(survival)
        octaves = scale * 2.0 ** np.arange(-_OCTAVES, _OCTAVES + 1)
        edges = np.unique(np.concatenate([[0.0], octaves, breaks[breaks > 0]]))
        shares = survival(edges)
        if not np.all((shares >= 0) & (shares <= 1)) or np.any(np.diff(shares) > 1e-12):
            raise ModelError("survival: leaves 0..1 or rises", hint="give the share still waiting after u")
        width = np.diff(edges)
        parts = survival(edges[:-1, None] + width[:, None] * (0.5 + _NODES)) @ _WEIGHTS * width
        present = np.concatenate([[0.0], np.cumsum(parts)])
        return cls(breaks, edges, present, survival, float(shares[-1]))

    @property
    def mean_s(self) -> float:
        """Mean patience; inf where some never leave."""
        return float("inf") if self.final_share else float(self.present_at_edges_s[-1])

    @property
    def is_steps(self) -> bool:
        """Whether it is flat but for its breaks."""
        return self.breaks_s.size + 1 == self.edges_s.size

    def staying(self, time_s: ArrayLike) -> Array:
        """Share of customers still there after a time without an answer."""
        return np.asarray(self.survival(np.asarray(time_s, dtype=np.float64)), dtype=np.float64)

    def present_s(self, time_s: ArrayLike) -> Array:
        """Mean time for which a customer is there before a time: the integral of `staying`."""
        u = np.asarray(time_s, dtype=np.float64)
        before = np.searchsorted(self.edges_s, u, side="right") - 1
        start = self.edges_s[before]
        width = u - start
        if self.is_steps:
            return self.present_at_edges_s[before] + width * self.staying(start)
        inside = self.staying(start[..., None] + width[..., None] * (0.5 + _NODES)) @ _WEIGHTS
        return self.present_at_edges_s[before] + width * inside


def _half_time(survival: Callable[[Array], Array]) -> float:
    """Time by which half of those who ever leave have left, by halving on a logarithmic scale."""
    ends = np.asarray(survival(np.array([0.0, _LONGEST_S])), dtype=np.float64)
    if ends.shape != (2,) or not np.all(np.isfinite(ends)) or abs(ends[0] - 1) > 1e-12:
        raise ModelError("survival: not 1 at time 0", hint="give a function of an array of seconds")
    low, high, middle = np.log(1e-9), np.log(_LONGEST_S), (1 + ends[1]) / 2
    for _ in range(60):
        half = (low + high) / 2
        if float(survival(np.array([np.exp(half)]))[0]) > middle:
            low = half
        else:
            high = half
    return float(np.exp(high))
