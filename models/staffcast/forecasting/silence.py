"""Days in a row without a contact where some were sure to come: not yet open, cut off, or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from staffcast.forecasting.series import FloatArray

__all__ = ["silent_runs"]

_LEAST_DAYS = 4
_LEAST_EXPECTED = 20.0
"""Contacts that are usual in so much time; none of them coming by chance is out of the question."""
_NEAR_DAYS = 20


def silent_runs(counts: FloatArray, open_share: FloatArray) -> list[slice]:
    """Rows of days on which nothing came, although the days around them had contacts.

    A run has four days or more, and 20 contacts at the rate of the 20 days before and the 20 after it.
    Longer runs are looked at first and lend no days to shorter ones.

    Args:
        counts: contacts, 0 where nothing was observed, shape (days, slots).
        open_share: share of each interval that was open and observed, of the same shape.

    Example:
        >>> counts = np.array([9.0, 8, 0, 0, 0, 0, 0, 7, 9, 0, 8])[:, None]
        >>> silent_runs(counts, np.ones_like(counts))
        [slice(2, 7, None)]
    """
    observed = open_share.sum(axis=1) > 0
    is_empty = counts.sum(axis=1) == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_empty, [False]]).astype(int)))
    runs = [slice(start, stop) for start, stop in edges.reshape(-1, 2).tolist()]
    runs = [run for run in runs if observed[run].sum() >= _LEAST_DAYS]
    usable, found = observed.copy(), []
    for run in sorted(runs, key=lambda run: run.start - run.stop):
        others = np.flatnonzero(usable)
        before, after = others[others < run.start], others[others >= run.stop]
        near = np.concatenate([before[-_NEAR_DAYS:], after[:_NEAR_DAYS]])
        opened = open_share[near].sum(axis=0)
        rate = np.divide(counts[near].sum(axis=0), opened, out=np.zeros_like(opened), where=opened > 0)
        if float((open_share[run] @ rate).sum()) >= _LEAST_EXPECTED:
            found.append(run)
            usable[run] = False
    return sorted(found, key=lambda run: run.start)
