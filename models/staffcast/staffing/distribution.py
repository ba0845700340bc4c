"""The whole law of the wait: how many wait longer than any time, and the wait that a share stays within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.inputs import Array, FloatOrArray, checked, common_shape, flat, shaped
from staffcast.staffing.performance import Thresholds, performance_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.queues import ChatQueue, QueueRows

__all__ = ["WaitDistribution", "wait_distribution", "wait_quantile_s"]

_HALVINGS = 100


@dataclass(frozen=True, eq=False)
class WaitDistribution:
    """Shares of all chats by time; the last axis runs over ``times_s``."""

    times_s: Array
    virtual_beyond_share: Array
    """Would wait longer than the time if their customers never left."""
    waiting_beyond_share: Array
    """Still wait at the time."""
    served_within_share: Array
    """Picked up within the time."""


def wait_distribution(queue: ChatQueue, agents: ArrayLike, times_s: ArrayLike) -> WaitDistribution:
    """Exact distribution of the wait at each of some times.

    Args:
        queue: the demand; its rows and ``agents`` broadcast together.
        agents: agents at work, at least 0.
        times_s: times in seconds, in one line.

    Raises:
        ModelError: an argument is negative or not a number, or the shapes do not fit together.

    Source:
        As of `performance`.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> law = wait_distribution(ChatQueue(200, 180), agents=14, times_s=[0, 20, 60])
        >>> law.virtual_beyond_share.round(4).tolist()
        [0.1741, 0.1116, 0.0459]
    """
    times = np.atleast_1d(checked("times_s", times_s))
    if times.ndim > 1:
        raise ModelError(f"times_s: shape {times.shape}", hint="give the times in one line")
    shape, rows, n = _laid_out(queue, agents)
    row = np.repeat(np.arange(n.size), times.size)
    threshold = np.tile(times, n.size)
    figures = performance_rows(rows.take(row), n[row], Thresholds.of(threshold))
    virtual, present, served = (
        figures[name].reshape(*shape, times.size)
        for name in (
            ServiceLevelConvention.VIRTUAL,
            ServiceLevelConvention.WAIT_WITHIN,
            ServiceLevelConvention.SERVED_OF_ALL,
        )
    )
    return WaitDistribution(times, 1 - virtual, 1 - present, served)


def wait_quantile_s(queue: ChatQueue, agents: ArrayLike, share: float) -> FloatOrArray:
    """Time within which a share of customers would be picked up if nobody left.

    Args:
        queue: the demand; its rows and ``agents`` broadcast together.
        agents: agents at work, at least 0.
        share: at least 0 and below 1.

    Returns:
        Seconds: 0 where so many find a free slot, inf where the queue grows for ever or nobody works.

    Raises:
        ModelError: an argument is out of range, or the shapes do not fit together.

    Source:
        P(V > t) = share solved for t; the law of V as of `performance`.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> round(wait_quantile_s(ChatQueue(200, 180), agents=14, share=0.95), 2)
        56.15
    """
    if not 0 <= share < 1:
        raise ModelError(f"share: {share:g}", hint="give at least 0 and less than 1, as 0.9")
    shape, rows, n = _laid_out(queue, agents)

    def within(time: Array, which: NDArray[np.intp]) -> NDArray[np.bool_]:
        level = performance_rows(rows.take(which), n[which], Thresholds.of(time))
        return np.greater_equal(level[ServiceLevelConvention.VIRTUAL], share)

    every = np.arange(n.size)
    asa_s = performance_rows(rows, n, Thresholds.of(np.zeros_like(n)))["asa_s"]
    quantile = np.where(np.isinf(asa_s), np.inf, 0.0)
    open_rows = every[np.isfinite(asa_s) & ~within(np.zeros_like(n), every)]
    low = np.zeros(open_rows.size)
    high = asa_s[open_rows] / (1 - share)  # Markov's inequality
    for _ in range(_HALVINGS if open_rows.size else 0):
        middle = (low + high) / 2
        inside = within(middle, open_rows)
        low, high = np.where(inside, low, middle), np.where(inside, middle, high)
    quantile[open_rows] = high
    return shaped(quantile, shape)


def _laid_out(queue: ChatQueue, agents: ArrayLike) -> tuple[tuple[int, ...], QueueRows, Array]:
    given = checked("agents", agents)
    shape = common_shape(queue=queue.shape, agents=given.shape)
    return shape, queue.rows(shape), flat(given, shape)
