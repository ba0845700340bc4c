"""Taking the means of groups out of a sample: what remains is compared within each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["within_groups"]

_TOLERANCE = 1e-10
_MOST_ROUNDS = 10_000


def within_groups(columns: ArrayLike, groups: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Subtract from each column what the groups explain of it, for several groupings at once.

    Least squares on what is left gives the coefficients of a regression with a dummy for every group. One
    grouping needs one round, several are taken in turn until nothing moves.

    Args:
        columns: Shape (n, m), without missing values.
        groups: For each grouping the group of every row, as whole numbers from 0; shape (n,) each.

    Returns:
        The residuals, shape (n, m).

    Raises:
        ValueError: The lengths differ, or no end was reached.

    Source: R. Frisch and F. V. Waugh, Econometrica 1 (1933) 387; I. Halperin, Acta Sci. Math. 23 (1962) 96.

    Example:
        >>> within_groups([[1.0], [3.0], [10.0], [12.0]], [[0, 0, 1, 1]]).ravel().tolist()
        [-1.0, 1.0, -1.0, 1.0]
    """
    left = np.array(columns, dtype=float)
    codes = [np.asarray(group, dtype=np.intp) for group in groups]
    if left.ndim != 2 or any(code.shape != left.shape[:1] for code in codes):
        raise ValueError("columns must be a table with a group for each row")
    sizes = [np.maximum(np.bincount(code), 1) for code in codes]
    limit = _TOLERANCE * np.maximum(np.abs(left).max(axis=0, initial=0.0), 1e-300)
    for _ in range(_MOST_ROUNDS):
        moved = np.zeros(left.shape[1])
        for code, size in zip(codes, sizes, strict=True):
            means = np.stack([np.bincount(code, weights=column) for column in left.T], axis=1) / size[:, None]
            left -= means[code]
            moved = np.maximum(moved, np.abs(means).max(axis=0, initial=0.0))
        if len(codes) < 2 or np.all(moved <= limit):
            return left
    raise ValueError("the groupings do not come apart")
