"""How few agents could do for a day on average: a bound that no profile goes below."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaln

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.day import advanced, day_intervals, shares_of, start_of_day, thresholds_of
from staffcast.staffing.inputs import checked
from staffcast.staffing.transient import in_time_by_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.day import DayState
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.performance import Thresholds
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target
    from staffcast.staffing.transient import Interval

__all__ = ["fewest_agent_hours"]

_ALL = 1e-4
"""Short of everybody in time by so little, an option counts as all, and stands for any more agents."""
_TICKS_PER_S, _MOST_CELLS, _TIE = 10, 2_000_000_000, 1e-9
_LINEAR = (
    ServiceLevelConvention.SERVED_OF_ALL,
    ServiceLevelConvention.VIRTUAL,
    ServiceLevelConvention.WAIT_WITHIN,
)
_RAREST = 1e-14


def fewest_agent_hours(
    queue: ChatQueue, target: Target, *, interval_s: ArrayLike, min_agents: ArrayLike = 0
) -> float:
    """Agent-hours below which no profile meets a service level over all chats of the day.

    `day_plan` on average is a heuristic; this tells how far from the best it can be at most. Each interval
    knows how many agents it has and how many the interval before had; what came before that is taken as if
    every chat had left at the fastest rate that it ever could. No real day does better. Dynamic programming
    over the total of agents then tells the fewest. Exact as a bound where an agent with more chats closes no
    fewer an hour. An interval without arrivals gets its minimum alone: the bound leaves out the chats still
    in progress there, for which `day_plan` keeps agents. Two conventions, ``served_of_served`` and
    ``excluding_short_abandons``, and a patience curve have a looser bound: their intervals do not know the
    one before.

    Args:
        queue: one row for each interval.
        target: one service level for the whole day.
        interval_s: length of the intervals in seconds, one or all.
        min_agents: at work in each interval, one number or one for each.

    Raises:
        ModelError: the target is not one service level, the day is too large, or an argument is out of range
            or shape.

    Source:
        Relaxation of the carry-over; Bellman, "Dynamic programming", 1957.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target, day_plan
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> plan = day_plan(queue, target, interval_s=1800, on_average=True)
        >>> int(plan.agents.sum()) / 2, round(fewest_agent_hours(queue, target, interval_s=1800), 2)
        (10.0, 10.0)
    """
    if target.service_level_share is None or target.shape:
        raise ModelError("target: not one service level", hint="give service_level_share and threshold_s")
    intervals = day_intervals(queue, interval_s)
    least = np.broadcast_to(checked("min_agents", min_agents), (len(intervals),))
    within = (float(np.asarray(target.threshold_s)), float(np.asarray(target.short_s)))
    share = float(np.asarray(target.service_level_share))
    day = relaxed(stages_of(intervals, least, thresholds_of(*within, None), target.convention), share)
    return day.fewest(share) * day.unit_s / 3600


class Stage(NamedTuple):
    """One interval, its options are the agents that it may have."""

    agents: NDArray[np.int64]
    length_s: float
    in_time: Array
    """Chats in time at most: options of the interval before by options."""
    n_chats: float


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The relaxed day solved for every total of agents, by dynamic programming.

    Totals are in agent-units, a unit being the longest time that divides every interval.
    """

    unit_s: float
    most_in_time: Array
    """Chats in time at most with so many agent-units."""
    chosen: tuple[NDArray[np.int16], ...]
    """For each interval, by option and units up to its end: the option of the interval before."""
    last: NDArray[np.int64]
    """Option of the last interval by units."""
    stages: tuple[Stage, ...]

    def fewest(self, share: float) -> int:
        """Agent-units with which so large a share of the chats can be in time."""
        wanted = share * sum(stage.n_chats for stage in self.stages)
        return int(np.argmax(self.most_in_time >= wanted - _TIE))

    def agents(self, units: int) -> NDArray[np.int64]:
        """The profile that has most chats in time."""
        option, found = int(self.last[units]), []
        for stage, before in zip(reversed(self.stages), reversed(self.chosen), strict=True):
            n = int(stage.agents[option])
            found.append(n)
            option, units = int(before[option, units]), units - n * round(stage.length_s / self.unit_s)
        return np.array(found[::-1])


def relaxed(stages: Sequence[Stage], wanted_share: float) -> Relaxed:
    """Solve the relaxed day for every total up to one that is more than enough for a share in time.

    Raises:
        ModelError: the intervals have no common measure, or the day is too large.
    """
    unit_s = math.gcd(*(round(stage.length_s * _TICKS_PER_S) for stage in stages)) / _TICKS_PER_S
    units = [round(stage.length_s / unit_s) * stage.agents for stage in stages]
    enough = (1 + wanted_share) / 2
    most = sum(
        int(used[np.argmax(stage.in_time.min(axis=0) >= enough * stage.n_chats)])
        for stage, used in zip(stages, units, strict=True)
    )
    if most * sum(stage.in_time.size for stage in stages) > _MOST_CELLS:
        raise ModelError("the day is too large for a bound", hint="give longer intervals, or parts of it")
    value, chosen = np.zeros((1, most + 1)), []
    for stage, used in zip(stages, units, strict=True):
        after = np.full((used.size, most + 1), -np.inf)
        before = np.zeros((used.size, most + 1), dtype=np.int16)
        for option, spent in enumerate(used[used <= most]):
            left = value[:, : most + 1 - spent] + stage.in_time[:, option, None]
            before[option, spent:] = left.argmax(axis=0)
            after[option, spent:] = left.max(axis=0)
        value = after
        chosen.append(before)
    return Relaxed(unit_s, value.max(axis=0), tuple(chosen), value.argmax(axis=0), tuple(stages))


def stages_of(
    intervals: tuple[Interval, ...], least: Array, thresholds: Thresholds, convention: ServiceLevelConvention
) -> list[Stage]:
    """What each interval can do at most with some agents in it and some in the interval before."""
    stages, lightest = [], _lightest(intervals, thresholds)
    starts = lightest[:1]
    for i, interval in enumerate(intervals):
        first = int(max(least[i], interval.arrival_rate > 0))
        if interval.arrival_rate == 0:
            stages.append(Stage(np.array([first]), interval.length_s, np.zeros((len(starts), 1)), 0.0))
            starts = [lightest[i + 1]]
            continue
        levels: list[Array] = []
        ends: list[DayState] = []
        while not levels or min(levels[-1]) < 1 - _ALL:
            n = first + len(levels)
            levels.append(_levels(interval, n, starts, lightest[i], thresholds, convention))
            ends.append(advanced(interval, n, lightest[i], thresholds)[1])
        levels[-1], ends[-1] = np.ones(len(starts)), lightest[i + 1]
        n_chats = interval.arrival_rate * interval.length_s
        agents = first + np.arange(len(levels))
        stages.append(Stage(agents, interval.length_s, np.array(levels).T * n_chats, n_chats))
        starts = ends
    return stages


def _levels(
    interval: Interval,
    agents: int,
    starts: list[DayState],
    lightest: DayState,
    thresholds: Thresholds,
    convention: ServiceLevelConvention,
) -> Array:
    """Service level from each start; where it is not linear in the start, from the lightest one."""
    if convention in _LINEAR and interval.curve is None:
        shares = [shares_of(start) for start in starts]
        n_start, within_s = max(part.size for part in shares), float(thresholds.service_s[0])
        by_start = in_time_by_start(interval, agents, n_start, within_s, convention)
        return np.array([part @ by_start[: part.size] for part in shares])
    figures, _ = advanced(interval, agents, lightest, thresholds)
    return np.full(len(starts), figures[str(convention)][0])


def _lightest(intervals: tuple[Interval, ...], thresholds: Thresholds) -> list[DayState]:
    """A state for the start of each interval, and the end, that has no more chats than any real one."""
    if intervals[0].curve is not None:
        return [start_of_day(0, intervals, thresholds)] * (len(intervals) + 1)
    load, states = 0.0, []
    for interval in (*intervals, intervals[-1]):
        n = np.arange(int(load + 9 * np.sqrt(load) + 9))
        weight = np.exp(n * np.log(load) - load - gammaln(n + 1)) if load > _RAREST else np.ones(1)
        states.append(weight / weight.sum())
        rate = max(interval.leave_rate, 1 / float(interval.handle_s_by_level.min()))
        settled = interval.arrival_rate / rate
        load = settled + (load - settled) * float(np.exp(-rate * interval.length_s))
    return states
