"""The change between two estimates, and whether it can be told from noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Difference", "Estimate", "difference_interval"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the bounds of its interval.

    Attributes:
        value: The estimate.
        low: Lower bound.
        high: Upper bound.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A change with its interval.

    Attributes:
        change: Later value minus earlier value.
        low: Lower bound of the change.
        high: Upper bound of the change.
    """

    change: float
    low: float
    high: float

    @property
    def is_detectable(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def difference_interval(current: Estimate, previous: Estimate) -> Difference:
    """Interval of the difference of two independent estimates, from their own intervals.

    For two shares with Wilson intervals this is Newcombe's method 10; for two means it is the
    normal interval with separate variances; it needs no symmetry, so it serves medians and counts too.

    Sources: R. G. Newcombe, Stat. Med. 17 (1998) 873; G. Y. Zou and A. Donner, Stat. Med. 27 (2008) 1693.

    Example:
        >>> d = difference_interval(Estimate(0.8, 0.75, 0.84), Estimate(0.7, 0.65, 0.75))
        >>> round(d.change, 3), round(d.low, 3), round(d.high, 3), d.is_detectable
        (0.1, 0.029, 0.164, True)
    """
    change = current.value - previous.value
    below = math.hypot(current.value - current.low, previous.high - previous.value)
    above = math.hypot(current.high - current.value, previous.value - previous.low)
    return Difference(change, change - below, change + above)
