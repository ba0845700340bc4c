"""Raking: weights that make those who answered look like those who were asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Raked", "rake"]

_MOST_ROUNDS = 1000
_CLOSE = 1e-12


@dataclass(frozen=True)
class Raked:
    """Weights of the respondents.

    Attributes:
        weights: One for each, 1 on average.
        n_effective: Equally weighted answers that would be as precise (Kish).
        worst_gap: Largest distance of a weighted share from the share it should have, after the last round.
    """

    weights: NDArray[np.float64]
    n_effective: float
    worst_gap: float


def rake(codes: Sequence[ArrayLike], shares: Sequence[ArrayLike]) -> Raked:
    """Weigh respondents until each of several traits is as frequent as among all who were asked.

    Args:
        codes: For each trait, the category of every respondent, from 0.
        shares: For each trait, the share of each category among those asked; each sums to 1.

    Raises:
        ValueError: No respondents, or a category that was asked but did not answer.

    Source: iterative proportional fitting, W. E. Deming and F. F. Stephan, Ann. Math. Stat. 11 (1940) 427;
    effective number of answers, L. Kish, Survey Sampling (1965), section 11.7.

    Example:
        >>> found = rake([[0, 0, 0, 1]], [[0.5, 0.5]])
        >>> found.weights.round(4).tolist(), round(found.n_effective, 4)
        ([0.6667, 0.6667, 0.6667, 2.0], 3.0)
    """
    traits = [np.asarray(code, np.int64) for code in codes]
    wanted = [np.asarray(share, np.float64) for share in shares]
    n = traits[0].size if traits else 0
    if n == 0:
        raise ValueError("nobody answered, or no trait was given")
    for code, share in zip(traits, wanted, strict=True):
        if (np.bincount(code, minlength=share.size)[share > 0] == 0).any():
            raise ValueError("a category that was asked did not answer")
    weights = np.ones(n)
    gap = np.inf
    for _ in range(_MOST_ROUNDS):
        gap = 0.0
        for code, share in zip(traits, wanted, strict=True):
            now = np.bincount(code, weights, share.size) / n
            gap = max(gap, float(np.abs(now - share).max()))
            weights *= np.divide(share, now, out=np.zeros_like(share), where=now > 0)[code]
        if gap < _CLOSE:
            break
    return Raked(weights, float(weights.sum() ** 2 / (weights**2).sum()), gap)
