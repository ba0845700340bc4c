"""How few agents could do for a day on average: a bound that no profile goes below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from staffcast.core.errors import ModelError
from staffcast.staffing.day import advanced, day_intervals, start_of_day, thresholds_of
from staffcast.staffing.inputs import checked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.day import DayState
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.performance import Thresholds
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target
    from staffcast.staffing.transient import Interval

__all__ = ["fewest_agent_hours"]

_ALL = 1e-7
_RAREST = 1e-14


def fewest_agent_hours(
    queue: ChatQueue, target: Target, *, interval_s: ArrayLike, min_agents: ArrayLike = 0
) -> float:
    """Agent-hours below which no profile meets a service level over all chats of the day.

    `day_plan` on average is a heuristic; this tells how far from the best it can be at most. Each interval
    starts with no more chats than would be there if every chat left at the fastest rate that it ever could,
    and then serves as many in time as its agents can: better than any real day. The cheapest agents are then
    chosen, parts of them allowed. Exact as a bound where an agent with more chats closes no fewer an hour.

    Args:
        queue: one row for each interval.
        target: one service level for the whole day.
        interval_s: length of the intervals in seconds, one or all.
        min_agents: at work in each interval, one number or one for each.

    Raises:
        ModelError: the target is not one service level, or an argument is out of range or shape.

    Source:
        Relaxation of the carry-over; the choice by marginal gains is Fox, "Discrete optimization via marginal
        analysis", 1966.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target, day_plan
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> plan = day_plan(queue, target, interval_s=1800, on_average=True)
        >>> int(plan.agents.sum()) / 2, round(fewest_agent_hours(queue, target, interval_s=1800), 2)
        (10.0, 9.62)
    """
    if target.service_level_share is None or target.shape:
        raise ModelError("target: not one service level", hint="give service_level_share and threshold_s")
    intervals = day_intervals(queue, interval_s)
    least = np.broadcast_to(checked("min_agents", min_agents), (len(intervals),))
    within = (float(np.asarray(target.threshold_s)), float(np.asarray(target.short_s)))
    thresholds = thresholds_of(*within, None)
    hours = np.array([interval.length_s for interval in intervals]) / 3600
    chats = hours * 3600 * [interval.arrival_rate for interval in intervals]
    wanted = float(np.asarray(target.service_level_share)) * float(chats.sum())
    bases, gains, costs = [0.0], [np.empty(0)], [np.empty(0)]
    paid = float(hours @ np.maximum(least, chats > 0))
    states = _lightest(intervals, thresholds)
    for i, interval in enumerate(intervals):
        if chats[i] == 0:
            continue
        first = int(max(least[i], 1))
        level = _levels(interval, states[i], thresholds, str(target.convention), first)
        bases.append(level[0] * chats[i])
        slopes = _concave_gains(level) * chats[i]
        gains.append(slopes)
        costs.append(np.full(slopes.size, hours[i]))
    gain, cost = np.concatenate(gains), np.concatenate(costs)
    order = np.argsort(-gain / cost, kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(gain[order])])
    spent = np.concatenate([[0.0], np.cumsum(cost[order])])
    return paid + float(np.interp(wanted - sum(bases), reached, spent))


def _levels(
    interval: Interval, start: DayState, thresholds: Thresholds, convention: str, first: int
) -> Array:
    """Service level with the first number of agents, one more, .., until it no longer rises."""
    found: list[float] = []
    agents = first
    while not found or found[-1] < 1 - _ALL:
        figures, _ = advanced(interval, agents, start, thresholds)
        found.append(float(figures[convention][0]))
        agents += 1
        if len(found) > 1 and 0 <= found[-1] - found[-2] < _ALL and found[-1] > 0.5:
            break
    return np.array([*found, 1.0])


def _concave_gains(level: Array) -> Array:
    """Steps of the least concave function above a row of levels: convex parts are made straight."""
    parts: list[tuple[float, int]] = []
    for gain in np.diff(level):
        total, width = float(gain), 1
        while parts and parts[-1][0] * width < total * parts[-1][1]:
            more, steps = parts.pop()
            total, width = total + more, width + steps
        parts.append((total, width))
    return np.concatenate([np.full(width, total / width) for total, width in parts])


def _lightest(intervals: tuple[Interval, ...], thresholds: Thresholds) -> list[DayState]:
    """A state for the start of each interval that has no more chats than any real one."""
    if intervals[0].curve is not None:
        return [start_of_day(0, intervals, thresholds)] * len(intervals)
    load, states = 0.0, []
    for interval in intervals:
        n = np.arange(int(load + 9 * np.sqrt(load) + 9))
        weight = np.exp(n * np.log(load) - load - gammaln(n + 1)) if load > _RAREST else np.ones(1)
        states.append(weight / weight.sum())
        rate = max(interval.leave_rate, 1 / float(interval.handle_s_by_level.min()))
        settled = interval.arrival_rate / rate
        load = settled + (load - settled) * float(np.exp(-rate * interval.length_s))
    return states
