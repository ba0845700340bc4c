"""The usual ways to staff a day without solving it, and what they miss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.day import day_intervals, day_performance
from staffcast.staffing.performance import performance
from staffcast.staffing.required import required_agents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.day import DayPerformance
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.performance import QueuePerformance
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target

__all__ = ["HourByHour", "hour_by_hour", "lagged_agents", "offered_load_agents", "stationary_agents"]


def stationary_agents(queue: ChatQueue, target: Target) -> NDArray[np.int64]:
    """Each interval by itself, as if it had always been so: the hour-by-hour plan.

    Args:
        queue: one row for each interval.
        target: what must hold.

    Source:
        Green, Kolesar, Soares, "Improving the SIPP approach for staffing service systems that have cyclic
        demands", 2001.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> stationary_agents(queue, Target(service_level_share=0.8, threshold_s=30)).tolist()
        [5, 16, 5]
    """
    return np.asarray(required_agents(queue, target))


def lagged_agents(queue: ChatQueue, target: Target, *, interval_s: ArrayLike) -> NDArray[np.int64]:
    """Each interval by itself, with the arrivals of one handle time before: a peak is felt later.

    Args:
        queue: one row for each interval; before the first, the desk is empty.
        target: what must hold.
        interval_s: length of the intervals in seconds, one or all.

    Source:
        As of `stationary_agents`.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> lagged_agents(queue, target, interval_s=1800).tolist()
        [3, 12, 8]
    """
    lengths, arrivals = _lengths_and_arrivals(queue, interval_s)
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    arrived = np.concatenate([[0.0], np.cumsum(arrivals * lengths)])
    lag = _handle_s(queue, target)
    rate = (np.interp(ends[1:] - lag, ends, arrived) - np.interp(ends[:-1] - lag, ends, arrived)) / lengths
    return np.asarray(required_agents(replace(queue, arrivals_per_hour=rate * 3600), target))


def offered_load_agents(queue: ChatQueue, target: Target, *, interval_s: ArrayLike) -> NDArray[np.int64]:
    """The stationary model at the chats that would be open if nobody ever waited: modified offered load.

    With exponential handle times of mean S, m' = lambda - m / S; an interval gets the agents of rate m / S.

    Args:
        queue: one row for each interval; before the first, the desk is empty.
        target: what must hold.
        interval_s: length of the intervals in seconds, one or all.

    Source:
        Jennings, Mandelbaum, Massey, Whitt, "Server staffing to meet time-varying demand", 1996.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> offered_load_agents(queue, target, interval_s=1800).tolist()
        [3, 12, 8]
    """
    lengths, arrivals = _lengths_and_arrivals(queue, interval_s)
    handle_s = _handle_s(queue, target)
    load, mean_load = 0.0, np.empty_like(arrivals)
    for i, (rate, handle, length) in enumerate(zip(arrivals, handle_s, lengths, strict=True)):
        settled, decay = rate * handle, -np.expm1(-length / handle)
        mean_load[i] = settled + (load - settled) * decay * handle / length
        load = settled + (load - settled) * (1 - decay)
    return np.asarray(required_agents(replace(queue, arrivals_per_hour=mean_load / handle_s * 3600), target))


@dataclass(frozen=True, eq=False)
class HourByHour:
    """What the hour-by-hour plan promises and what becomes of it."""

    agents: NDArray[np.int64]
    promised: QueuePerformance
    """By the stationary model, each interval alone."""
    actual: DayPerformance
    """With everything carried over."""
    service_level_gap: Array
    """Promised less actual service level, in the target's convention; positive where the day is worse."""
    missed: NDArray[np.bool_]
    """Intervals with arrivals that fall short of the target though the plan promised it."""


def hour_by_hour(
    queue: ChatQueue,
    target: Target,
    *,
    interval_s: ArrayLike,
    start_chats: int = 0,
    cyclic: bool = False,
) -> HourByHour:
    """Staff each interval by itself and see what the day makes of it.

    Args:
        queue: one row for each interval.
        target: with a service level.
        interval_s: length of the intervals in seconds, one or all.
        start_chats: chats at the desk when the day begins.
        cyclic: the desk never closes and the day repeats, as of `day_performance`.

    Raises:
        ModelError: the target has no service level, or an argument is out of range.

    Source:
        As of `stationary_agents` for what is promised, of `day_performance` for what becomes of it.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> found = hour_by_hour(queue, Target(service_level_share=0.8, threshold_s=30), interval_s=1800)
        >>> found.agents.tolist(), found.missed.tolist()
        ([5, 16, 5], [False, False, True])
    """
    if target.service_level_share is None or target.shape:
        raise ModelError("target: not one service level", hint="give service_level_share and threshold_s")
    agents = stationary_agents(queue, target)
    within_s = float(np.asarray(target.threshold_s, dtype=np.float64))
    short_s = float(np.asarray(target.short_s))
    promised = performance(queue, agents, threshold_s=within_s, short_s=short_s)
    actual = day_performance(
        queue,
        agents,
        interval_s=interval_s,
        threshold_s=within_s,
        short_s=short_s,
        start_chats=start_chats,
        cyclic=cyclic,
    )
    level = actual.service_level(target.convention)
    gap = np.asarray(promised.service_level(target.convention)) - level
    missed = (level < np.asarray(target.service_level_share)) & (actual.n_arrivals > 0)
    return HourByHour(agents, promised, actual, np.where(actual.n_arrivals > 0, gap, 0.0), missed)


def _lengths_and_arrivals(queue: ChatQueue, interval_s: ArrayLike) -> tuple[Array, Array]:
    intervals = day_intervals(queue, interval_s)
    return (
        np.array([interval.length_s for interval in intervals]),
        np.array([interval.arrival_rate for interval in intervals]),
    )


def _handle_s(queue: ChatQueue, target: Target) -> Array:
    """Handle times that the hour-by-hour plan leads to."""
    agents = np.maximum(stationary_agents(queue, target), 1)
    return np.asarray(performance(queue, agents, threshold_s=0.0).realised_handle_s)
