"""Mean patience where some customers give up without a sign and are only found gone when an agent accepts.

Counted as answered they look patient: with 30 % silent the mean patience of 180 s reads 279 s. But the wait
of one who was found gone says that the patience was shorter. With waits t of those who gave up by a sign, w
of those who were answered or still wait, and v of those found gone, the likelihood of exponential patience
of rate theta is the product of theta e^{-theta t}, e^{-theta w} and 1 - e^{-theta v}, so that

    n / theta - sum t - sum w + sum v / (e^{theta v} - 1) = 0.

Whether who fell silent had left before the accept or after it, an export seldom tells. So the estimate counts
those whom the desk noted as gone, and the bounds count nobody and all who were silent.

Source: Castellanos, Yom-Tov, Goldberg, Park, "Silent abandonment in text-based contact centers", arXiv
2501.08869, 2025, for the phenomenon; the likelihood is that of interval-censored exponential times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["PatienceEstimate", "Silence", "mean_patience"]


@dataclass(frozen=True)
class PatienceEstimate:
    """Mean patience, and the number of events seen in full that it is worth."""

    mean_s: float
    n_worth: float


@dataclass(frozen=True)
class Silence:
    """What silence after the accept may say about a queue's patience."""

    n_noted: int
    """Found gone by the desk; the patience of the calibration counts them."""
    n_possible: int
    """Answered after a wait and silent from then on, noted or not."""
    if_none_s: float
    """Mean patience if nobody had left without a sign."""
    if_all_s: float
    """If all who were silent had left before the accept."""


def mean_patience(total_wait_s: float, n_abandoned: int, gone_waits_s: ArrayLike = ()) -> PatienceEstimate:
    """Maximum-likelihood mean of exponential patience.

    Args:
        total_wait_s: Waits of all customers together, however they ended.
        n_abandoned: Customers who gave up by a sign.
        gone_waits_s: Of the waits, those of customers found gone at the accept; above 0, shape (n,).

    Returns:
        The mean, infinite if nobody gave up, and what it is worth: ``n_abandoned`` if nobody was found gone,
        else the Fisher information of the logarithm of the mean.

    Example:
        >>> mean_patience(1800.0, 10)
        PatienceEstimate(mean_s=180.0, n_worth=10)
        >>> round(mean_patience(1800.0, 10, [60.0, 60.0, 60.0]).mean_s)
        131
    """
    gone = np.asarray(gone_waits_s, dtype=np.float64)
    if not gone.size:
        return PatienceEstimate(total_wait_s / n_abandoned if n_abandoned else float("inf"), n_abandoned)
    seen_s = max(total_wait_s - float(gone.sum()), float(gone.min()) * 1e-6)

    def slope(log_rate: float) -> float:
        rate = float(np.exp(log_rate))
        decay = gone * rate
        return n_abandoned - rate * seen_s - float((decay * np.exp(-decay) / np.expm1(-decay)).sum())

    most = np.log((n_abandoned + gone.size) / seen_s)
    rate = float(np.exp(brentq(slope, most - 60, most + 1e-9, xtol=1e-12)))
    decay = gone * rate
    worth = n_abandoned + float((decay**2 * np.exp(-decay) / np.expm1(-decay) ** 2).sum())
    return PatienceEstimate(1 / rate, worth)
