"""Customers who give up and come again: the load that a desk makes for itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked, common_shape, flat, shaped
from staffcast.staffing.performance import performance
from staffcast.staffing.required import required_agents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.inputs import FloatOrArray
    from staffcast.staffing.performance import QueuePerformance
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target

__all__ = ["RedialPerformance", "redial_performance", "required_agents_with_redials"]

_HALVINGS = 48


@dataclass(frozen=True, eq=False)
class RedialPerformance:
    """A desk with redials."""

    offered_per_hour: FloatOrArray
    """Chats an hour with the repeated ones."""
    lost_share: FloatOrArray
    """First contacts that are never served, however often they came."""
    performance: QueuePerformance
    """Of all chats, the repeated ones among them."""


def redial_performance(
    queue: ChatQueue, agents: ArrayLike, *, redial_share: float, threshold_s: ArrayLike
) -> RedialPerformance:
    """Performance when a share of those who give up come again as if for the first time.

    The offered rate solves lambda' = lambda + r lambda' P_ab(lambda'). Where throughput does
    not fall with concurrency, abandoned chats never grow faster than arrivals, so that there is one solution;
    it lies between lambda and lambda / (1 - r).

    Args:
        queue: first contacts.
        agents: agents at work; the rows of the queue, agents and threshold broadcast together.
        redial_share: share of those who gave up that come again, at least 0 and below 1.
        threshold_s: threshold of the service level in seconds.

    Raises:
        ModelError: an argument is out of range, or the shapes do not fit together.

    Source:
        Koole, "Call Center Optimization", 2013: the Erlang X model.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> queue = ChatQueue(300, [480, 560, 680], patience_s=180)
        >>> round(redial_performance(queue, 17, redial_share=0.5, threshold_s=30).offered_per_hour, 1)
        333.1
    """
    _check(redial_share)
    given = {"agents": checked("agents", agents), "threshold_s": checked("threshold_s", threshold_s)}
    shape = common_shape(queue=queue.shape, **{name: values.shape for name, values in given.items()})
    n, threshold = (flat(values, shape).reshape(shape) for values in given.values())
    first = np.broadcast_to(np.asarray(queue.arrivals_per_hour, dtype=np.float64), shape)
    low, high = first.copy(), first / (1 - redial_share)
    for _ in range(_HALVINGS if redial_share else 0):
        middle = (low + high) / 2
        desk = performance(replace(queue, arrivals_per_hour=middle), n, threshold_s=threshold)
        more = first + redial_share * middle * np.asarray(desk.abandon_share) > middle
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    offered = high if redial_share else first
    desk = performance(replace(queue, arrivals_per_hour=offered), n, threshold_s=threshold)
    abandoned = np.asarray(desk.abandon_share)
    lost = (1 - redial_share) * abandoned / (1 - redial_share * abandoned)
    return RedialPerformance(shaped(offered.ravel(), shape), shaped(lost.ravel(), shape), desk)


def required_agents_with_redials(
    queue: ChatQueue, target: Target, *, redial_share: float
) -> int | NDArray[np.int64]:
    """Smallest number of agents that meets a target on a desk with redials.

    With N agents the offered rate follows, and N suffices if it is at least what that rate requires.

    Args:
        queue: first contacts.
        target: what must hold for all chats, the repeated ones among them.
        redial_share: share of those who gave up that come again, at least 0 and below 1.

    Raises:
        InfeasibleTargetError: no number of agents meets the target.
        ModelError: an argument is out of range, or the shapes do not fit together.

    Source:
        As of `redial_performance`.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue(300, [480, 560, 680], patience_s=180)
        >>> required_agents_with_redials(queue, Target(max_abandon_share=0.15), redial_share=0.8)
        19
    """
    _check(redial_share)
    shape = common_shape(queue=queue.shape, target=target.shape)
    fails = np.asarray(required_agents(queue, target)) - 1
    most = np.asarray(queue.arrivals_per_hour, dtype=np.float64) / (1 - redial_share)
    works = np.asarray(required_agents(replace(queue, arrivals_per_hour=most), target))
    while np.any(works - fails > 1):
        middle = np.maximum((fails + works) // 2, 0)
        offered = redial_performance(queue, middle, redial_share=redial_share, threshold_s=0.0)
        again = replace(queue, arrivals_per_hour=offered.offered_per_hour)
        enough = np.asarray(required_agents(again, target)) <= middle
        works = np.where(enough & (works - fails > 1), middle, works)
        fails = np.where(~enough & (works - fails > 1), middle, fails)
    return works.reshape(shape) if shape else int(works)


def _check(redial_share: float) -> None:
    if not 0 <= redial_share < 1:
        raise ModelError(f"redial_share: {redial_share:g}", hint="give at least 0 and less than 1, as 0.4")
