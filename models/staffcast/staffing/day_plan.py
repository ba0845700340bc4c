"""The smallest profile of agents that meets a target through a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from staffcast.core.errors import InfeasibleTargetError, ModelError, UnstableQueueError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.day import (
    MOST_PASSES,
    SETTLED,
    advanced,
    are_near,
    day_intervals,
    shares_of,
    start_of_day,
    summarised,
    thresholds_of,
    through,
)
from staffcast.staffing.day_bound import relaxed, stages_of
from staffcast.staffing.inputs import checked
from staffcast.staffing.required import TIE, limits_of, refuse_the_impossible, required_agents
from staffcast.staffing.transient_curve import Lines

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.day import DayPerformance, DayState
    from staffcast.staffing.performance import Figures, Thresholds
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.required import Limit
    from staffcast.staffing.targets import Target
    from staffcast.staffing.transient import Interval

__all__ = ["StaffingRules", "day_plan"]

_SAME_STATE, _SWINGS = 1e-6, 6
_RELAXED_KEPT, _RELAXED_UP_TO = 2, 40
"""Profiles, and agents: on larger desks one agent matters less than the time that it takes."""
_ROUGHLY = 0.01
"""Above the error of the coarsest grid of a patience curve."""
_EXCHANGED_UP_TO = 12
"""Intervals of a day short enough to try exchanges."""


@dataclass(frozen=True)
class StaffingRules:
    """What a profile must respect besides its target.

    Args:
        min_agents: at work in each interval, one number or one for each.
        max_rise: most agents who come from one interval to the next; None for any number.
        max_fall: most agents who go.

    Raises:
        ModelError: a number is negative or not whole, or nobody may ever come or go.
    """

    min_agents: ArrayLike = 0
    max_rise: int | None = None
    max_fall: int | None = None

    def __post_init__(self) -> None:
        least = checked("min_agents", self.min_agents)
        if np.any(least != np.floor(least)):
            raise ModelError("min_agents: not whole", hint="give whole people")
        for name in ("max_rise", "max_fall"):
            limit = getattr(self, name)
            if limit is not None and (limit < 1 or limit != int(limit)):
                raise ModelError(f"{name}: {limit}", hint="give a whole number of at least 1, or None")

    def lifted(self, agents: NDArray[np.int64]) -> NDArray[np.int64]:
        """The smallest profile at or above one that rises and falls slowly enough."""
        found = agents.copy()
        if self.max_fall is not None:
            for i in range(1, found.size):
                found[i] = max(found[i], found[i - 1] - self.max_fall)
        if self.max_rise is not None:
            for i in range(found.size - 2, -1, -1):
                found[i] = max(found[i], found[i + 1] - self.max_rise)
        return found

    def allow(self, agents: NDArray[np.int64], least: NDArray[np.int64]) -> bool:
        """Whether a profile keeps the rules."""
        return bool(np.all(agents >= least) and np.array_equal(self.lifted(agents), agents))


def day_plan(
    queue: ChatQueue,
    target: Target,
    *,
    interval_s: ArrayLike,
    rules: StaffingRules = StaffingRules(),
    on_average: bool = False,
    start_chats: int = 0,
    cyclic: bool = False,
) -> DayPerformance:
    """Fewest agents in each interval, in the order of the day, with everything carried over.

    Each interval gets the smallest number that meets the target given how the day went before it, and more
    where the rules ask for more. On average, agents are then taken away one by one where it costs the day
    least, as long as the service level of all its chats meets the target and somebody is there when chats
    arrive: from this profile and from some of the relaxed day of `fewest_agent_hours`; on days of up to 12
    intervals also two for one added elsewhere. A heuristic: `fewest_agent_hours` tells how far it may be from
    the best. Intervals without arrivals keep their agents, who finish the chats in progress.

    Args:
        queue: one row for each interval.
        target: what must hold, one for the whole day.
        interval_s: length of the intervals in seconds, one or all.
        rules: minimum staffing and how fast agents come and go.
        on_average: the service level need only hold over all chats of the day; the target is that alone.
        start_chats: chats at the desk when the day begins.
        cyclic: the desk never closes and the day repeats, as of `day_performance`.

    Raises:
        InfeasibleTargetError: no number of agents meets the target.
        UnstableQueueError: the day repeats and does not settle.
        ModelError: an argument is out of range or shape.

    Source:
        The chain of `day_performance`, interval by interval, with the smallest number that meets the target.
        Ingolfsson, Campello, Wu, Cabral, "Combining integer programming and the randomization method to
        schedule employees", 2010, for exact transient service levels as a plan's constraint.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> day_plan(queue, target, interval_s=1800).agents.tolist()
        [4, 13, 8]
    """
    if target.shape:
        raise ModelError("target: has rows", hint="give one target for the day")
    planner = _planner(queue, target, interval_s, rules, start_chats)
    if on_average:
        extra = [part.figure for part in planner.limits if part.figure != str(target.convention)]
        if extra or len(planner.limits) != 1:
            hint = "give service_level_share and threshold_s alone"
            raise ModelError("on_average: the target is not one service level", hint=hint)
    for attempt in range(MOST_PASSES):
        agents, rows, end = planner.planned(on_average=on_average)
        if not cyclic or are_near(end, planner.start, SETTLED):
            return summarised(agents, rows, replies_asked=target.reply_within_s is not None)
        # A plan that swings with its beginning would never settle: from some day on it only grows.
        least = np.maximum(planner.least, agents) if attempt >= _SWINGS else planner.least
        planner = replace(planner, start=end, least=least)
    raise UnstableQueueError("the plan does not settle from one day to the next", hint="give a longer day")


@dataclass(frozen=True, eq=False)
class _Planner:
    intervals: tuple[Interval, ...]
    limits: tuple[Limit, ...]
    thresholds: Thresholds
    guess: NDArray[np.int64]
    least: NDArray[np.int64]
    rules: StaffingRules
    start: DayState

    def planned(self, *, on_average: bool) -> tuple[NDArray[np.int64], list[Figures], DayState]:
        """The plan from this beginning, its figures, and the desk at the end of the day."""
        floor = self.least
        while True:
            agents, rows, end = self.forward(floor)
            lifted = self.rules.lifted(agents)
            if np.array_equal(lifted, agents):
                break
            floor = lifted
        if not on_average:
            return agents, rows, end
        agents = self.fewest_on_average(agents)
        rows, states = self.rows(agents)
        return agents, rows, states[-1]

    def forward(self, floor: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[Figures], DayState]:
        """The smallest number of each interval in turn, at least the floor, its figures, and the end."""
        state, agents, rows = self.start, np.zeros_like(floor), []
        for i, interval in enumerate(self.intervals):
            agents[i], (row, state) = self._smallest(interval, state, int(floor[i]), int(self.guess[i]))
            rows.append(row)
        return agents, rows, state

    def _smallest(
        self, interval: Interval, state: DayState, floor: int, guess: int
    ) -> tuple[int, tuple[Figures, DayState]]:
        """Gallop from the guess, then halve."""
        seen: dict[int, tuple[Figures, DayState]] = {}
        rough = state.coarsest if isinstance(state, Lines) and len(state.grids) > 1 else None
        if rough is not None:
            guess, _ = self._smallest(interval, rough, floor, guess)

        def met(agents: int) -> bool:
            if rough is not None and self._far_off(interval, agents, rough):
                return False
            seen[agents] = advanced(interval, agents, state, self.thresholds)
            return not any(limit.missing(seen[agents][0], _ROW)[0] for limit in self.limits)

        low, high, probe, step = floor - 1, -1, max(floor, guess), 1
        most = floor + guess + shares_of(state).size + 8 * interval.handle_s_by_level.size + 1_000
        while high < 0 or high - low > 1:
            if met(probe):
                high = probe
                probe = max(high - step, low + 1) if low < floor else (low + high) // 2
            else:
                low = probe
                probe = low + step if high < 0 else (low + high) // 2
            step *= 2
            if low > most:
                raise InfeasibleTargetError("no number of agents meets the target", hint="ask for less")
        return high, seen[high]

    def _far_off(self, interval: Interval, agents: int, state: Lines) -> bool:
        """Whether even a rough solution tells that a service level is missed."""
        figures, _ = advanced(interval, agents, state, self.thresholds)
        return any(
            part.at_least and part.values[0] - figures[part.figure][0] > _ROUGHLY for part in self.limits
        )

    def rows(self, agents: NDArray[np.int64]) -> tuple[list[Figures], list[DayState]]:
        """Figures of all intervals, and the states at their starts and at the end of the day."""
        return through(self.intervals, agents, self.start, self.thresholds)

    def fewest_on_average(self, agents: NDArray[np.int64]) -> NDArray[np.int64]:
        """Thin profiles out; on a short day see whether an agent more somewhere saves two elsewhere."""
        short, from_relaxed = agents.size <= _EXCHANGED_UP_TO, self._relaxed_profiles(agents)
        starts = [agents, *from_relaxed] if short or not from_relaxed else from_relaxed
        best = min(map(self.thinned, starts), key=self._paid_s)
        kept = 0 if short else best.size
        while kept < best.size:
            more = best.copy()
            more[kept] += 1
            other = self.thinned(self.rules.lifted(more), keep=kept)
            better = self._paid_s(other) < self._paid_s(best)
            best, kept = (other, 0) if better else (best, kept + 1)
        return best

    def _relaxed_profiles(self, agents: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The smallest profiles of the relaxed day that do on the real one."""
        if self.intervals[0].curve is not None or self.guess.max() > _RELAXED_UP_TO:
            return []
        convention, least = ServiceLevelConvention(self._figure), self.least.astype(np.float64)
        day = relaxed(stages_of(self.intervals, least, self.thresholds, convention), self._wanted)
        busy = np.array([part.arrival_rate > 0 for part in self.intervals])
        first = low = day.fewest(self._wanted) - 1
        high, found = day.most_in_time.size - 1, dict[bytes, "NDArray[np.int64]"]()
        while high - low > 1:
            halfway = (low + high) // 2
            units = halfway if found else min(3 * low - 2 * first + 1, halfway)
            profile = self.rules.lifted(np.where(busy, day.agents(units), agents))
            if self._day(self.rows(profile)[0]) >= self._wanted - TIE:
                found[profile.tobytes()], high = profile, units
            else:
                low = units
        return sorted(found.values(), key=self._paid_s)[:_RELAXED_KEPT]

    def _paid_s(self, agents: NDArray[np.int64]) -> float:
        return float(sum(n * part.length_s for n, part in zip(agents, self.intervals, strict=True)))

    def thinned(self, agents: NDArray[np.int64], *, keep: int | None = None) -> NDArray[np.int64]:
        """Take agents away, the cheapest first, while the day's service level holds."""
        agents, (rows, states) = agents.copy(), self.rows(agents)
        level = self._day(rows)
        busy = {i for i, part in enumerate(self.intervals) if part.arrival_rate > 0} - {keep}
        costs = dict.fromkeys(sorted(busy), 0.0)
        while costs:
            i = min(costs, key=lambda key: (costs[key], key))
            without = self._without(i, agents, rows, states)
            cost = np.inf if without is None else level - without.level
            if without is None or without.level < self._wanted - TIE:
                del costs[i]
            elif cost > min((value for key, value in costs.items() if key != i), default=np.inf):
                costs[i] = cost
            else:
                agents[i] -= 1
                level, stop = without.level, i + len(without.rows)
                rows[i:stop], states[i + 1 : stop + 1] = without.rows, without.states[: len(states) - i - 1]
                # With fewer here, the rules may now let a neighbour go, and the cost of another one changed.
                costs |= dict.fromkeys({i - 1, i, i + 1} & busy, 0.0)
        return agents

    def _without(
        self, i: int, agents: NDArray[np.int64], rows: list[Figures], states: list[DayState]
    ) -> _Change | None:
        """One agent less in an interval, up to where the day is as it was; None if the rules forbid it."""
        fewer = agents.copy()
        fewer[i] -= 1
        if fewer[i] < 1 or not self.rules.allow(fewer, self.least):
            return None
        state, new_rows, new_states = states[i], [], []
        for j in range(i, len(rows)):
            row, state = advanced(self.intervals[j], int(fewer[j]), state, self.thresholds)
            new_rows.append(row)
            new_states.append(state)
            if j + 1 < len(rows) and are_near(state, states[j + 1], _SAME_STATE):
                break
        changed = [*rows[:i], *new_rows, *rows[i + len(new_rows) :]]
        return _Change(self._day(changed), new_rows, new_states)

    @property
    def _figure(self) -> str:
        return self.limits[0].figure

    @property
    def _wanted(self) -> float:
        return float(self.limits[0].values[0])

    def _day(self, rows: list[Figures]) -> float:
        total = sum(float(row["n_arrivals"][0]) for row in rows)
        in_time = sum(float(row["n_arrivals"][0]) * float(row[self._figure][0]) for row in rows)
        return in_time / total if total else 1.0


class _Change(NamedTuple):
    level: float
    """Service level of the day."""
    rows: list[Figures]
    states: list[DayState]
    """At the ends of these rows."""


_ROW = np.zeros(1, dtype=np.intp)


def _planner(
    queue: ChatQueue, target: Target, interval_s: ArrayLike, rules: StaffingRules, start_chats: int
) -> _Planner:
    intervals = day_intervals(queue, interval_s)
    refuse_the_impossible(queue.rows(queue.shape), target, queue.shape)
    least = checked("min_agents", rules.min_agents)
    if least.shape not in ((), queue.shape):
        raise ModelError(f"min_agents: shape {least.shape}", hint=f"give one number, or {len(intervals)}")
    floor = np.broadcast_to(least, queue.shape).astype(np.int64)
    within = {
        name: float(np.asarray(0.0 if value is None else value))
        for name, value in (("threshold_s", target.threshold_s), ("short_s", target.short_s))
    }
    reply = None if target.reply_within_s is None else float(np.asarray(target.reply_within_s))
    thresholds = thresholds_of(within["threshold_s"], within["short_s"], reply)
    return _Planner(
        intervals=intervals,
        limits=limits_of(target, (1,)),
        thresholds=thresholds,
        guess=np.asarray(required_agents(queue, target)),
        least=floor,
        rules=rules,
        start=start_of_day(start_chats, intervals, thresholds),
    )
