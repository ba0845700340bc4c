"""What the number of chats at once does to a chat: a regression with agents and hours of the week held fixed.

Observational: nobody assigned chats at random. Comparing chats of one agent in one hour of the week removes
what agents and hours bring with them, not what else comes with a busy moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from staffcast.statistics.fixed_effects import within_groups

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["LevelEffect", "level_effects"]

_CONFIDENCE = 0.95
_NOT_IDENTIFIED = 1e-8


@dataclass(frozen=True, slots=True)
class LevelEffect:
    """An outcome at one level, agents and hours held fixed.

    Attributes:
        level: Chats at once.
        adjusted: Mean outcome if all chats had been taken at this level.
        effect: Against the lowest level; 0 for that one.
        low: Lower bound of the effect.
        high: Upper bound of the effect.
    """

    level: int
    adjusted: float
    effect: float
    low: float
    high: float


def level_effects(
    outcome: ArrayLike, level: ArrayLike, agent: ArrayLike, hour: ArrayLike
) -> list[LevelEffect]:
    """Regress an outcome on the level, with fixed effects of agent and hour, clustered by agent.

    Args:
        outcome: One value a chat; shape (n,).
        level: Chats at once; shape (n,).
        agent: Number of the agent, from 0; shape (n,).
        hour: Number of the hour of the week, from 0; shape (n,).

    Returns:
        An effect for each level, lowest first; none if there are fewer than two levels or agents, or if the
        agents and hours explain the levels entirely.

    Source: A. C. Cameron and D. L. Miller, J. Human Resources 50 (2015) 317, for the clustered errors with
    Student's distribution on the number of clusters less one.
    """
    values, levels = np.asarray(outcome, dtype=float), np.asarray(level)
    known = np.unique(levels)
    clusters, hours = (_codes(labels) for labels in (agent, hour))
    n_clusters = int(clusters.max(initial=-1)) + 1
    if known.size < 2 or n_clusters < 2:
        return []
    dummies = np.stack([levels == other for other in known[1:]], axis=1).astype(float)
    inner = within_groups(np.column_stack([values, dummies]), [clusters, hours])
    if np.any((inner[:, 1:] ** 2).sum(axis=0) < _NOT_IDENTIFIED * dummies.sum(axis=0)):
        return []
    n_absorbed = int(hours.max()) + 1 - 1
    effects, half = _fit(inner[:, 0], inner[:, 1:], clusters, n_absorbed)
    shares = dummies.mean(axis=0)
    base = float(values.mean() - effects @ shares)
    lowest = LevelEffect(int(known[0]), base, 0.0, 0.0, 0.0)
    others = (
        LevelEffect(int(k), base + float(e), float(e), float(e - h), float(e + h))
        for k, e, h in zip(known[1:], effects, half, strict=True)
    )
    return [lowest, *others]


def _fit(
    outcome: NDArray[np.float64], dummies: NDArray[np.float64], clusters: NDArray[np.intp], n_absorbed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients and half widths of their intervals."""
    import statsmodels.api as sm

    fitted = sm.OLS(outcome, dummies).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    n, m = dummies.shape
    # The hours were estimated too; the agents nest within the clusters and are not counted.
    widening = math.sqrt((n - m) / max(n - m - n_absorbed, 1))
    n_clusters = int(clusters.max()) + 1
    quantile = float(special.stdtrit(n_clusters - 1, (1 + _CONFIDENCE) / 2))
    return np.asarray(fitted.params), np.asarray(fitted.bse) * widening * quantile


def _codes(labels: ArrayLike) -> NDArray[np.intp]:
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.intp)
