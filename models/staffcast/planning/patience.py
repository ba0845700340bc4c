"""Patience as a curve, where a mean would mislead: the censored survival of waits.

A customer who was answered had more patience than the wait, by how much nobody knows: censored. One who gave
up shows it. Customers who leave without a sign look answered and make the curve too patient: where the desk
found many of them gone, `calibrate` fits no curve but the mean of `silence`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from staffcast.staffing import PatienceCurve
from staffcast.statistics.survival import kaplan_meier

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["patience_curve"]

MIN_ABANDONED = 200
_N_LOOKS, _AT_RISK, _CONFIDENCE, _GAP = 10, 100, 0.999, 0.03
_N_STEPS, _N_TAIL = 60, 30
_SHORTEST_S = 1e-3


def patience_curve(waits_s: ArrayLike, is_abandoned: ArrayLike) -> PatienceCurve | None:
    """Curve of patience, if it is told apart from an exponential one and differs enough to matter.

    Args:
        waits_s: Wait of each customer until picked up or given up; shape (n,).
        is_abandoned: Whether it ended by giving up; shape (n,).

    Returns:
        Steps at 60 of the observed times, beyond the last of them falling at the mean rate; None for fewer
        than 200 customers who gave up, or where the exponential curve of the same waits lies inside the
        99.9 % band or within 3 points, at ten times that 100 or more customers waited for.

    Source:
        Kaplan, Meier, "Nonparametric estimation from incomplete observations", 1958.

    Example:
        >>> waits = np.tile([5.0, 90.0, 200.0], 300)
        >>> curve = patience_curve(waits, np.tile([True, True, False], 300))
        >>> curve.staying([4, 6, 100]).round(2).tolist()
        [1.0, 0.67, 0.33]
    """
    waits, left = np.asarray(waits_s, dtype=np.float64), np.asarray(is_abandoned, dtype=bool)
    if left.sum() < MIN_ABANDONED:
        return None
    law = kaplan_meier(np.maximum(waits, _SHORTEST_S), left)
    mean_s = float(waits.sum()) / float(left.sum())
    exponential = np.exp(-law.times / mean_s)
    low, high = law.band(confidence=_CONFIDENCE)
    looked_at = np.flatnonzero(law.n_at_risk >= _AT_RISK)
    looked_at = looked_at[np.linspace(0, looked_at.size - 1, _N_LOOKS).astype(np.intp)]
    outside = (exponential < low) | (exponential > high)
    if not np.any((outside & (np.abs(exponential - law.survival) > _GAP))[looked_at]):
        return None
    levels = np.linspace(law.survival[0], law.survival[-1], _N_STEPS)
    chosen = np.unique(np.searchsorted(-law.survival, -levels, side="left").clip(0, law.times.size - 1))
    times, shares = law.times[chosen], law.survival[chosen]
    ages = mean_s * np.linspace(0.2, 8, _N_TAIL)
    tail = shares[-1] * np.exp(-ages / mean_s)
    tail[-1] = 0.0
    if shares[-1] > 0:
        times, shares = np.concatenate([times, times[-1] + ages]), np.concatenate([shares, tail])
    return PatienceCurve.steps(times, shares)
