"""The fewest agents that meet a target, whole or fractional."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.erlang_c import fewest_agents, fewest_agents_alone
from staffcast.staffing.inputs import Array, FloatOrArray, checked, common_shape, flat, is_plain, shaped
from staffcast.staffing.performance import Thresholds, performance_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.performance import Figures
    from staffcast.staffing.queues import ChatQueue, QueueRows
    from staffcast.staffing.targets import Target

__all__ = [
    "TIE",
    "Limit",
    "limits_of",
    "refuse_the_impossible",
    "required_agents",
    "required_agents_fractional",
]

TIE = 1e-12
"""A figure so near to its limit meets it."""
_CLOSE = 1e-9
"""Where rounding could decide between two numbers of agents."""
_HALVINGS = 50
_TABLE_FROM, _ROWS_PER_STEP, _TABLE_HALVINGS = 2000, 20, 40
_OF_ERLANG_C = {*map(str, ServiceLevelConvention), "slot_occupancy_share", "abandon_share"}
_WORSE_WITH_LOAD = {
    str(ServiceLevelConvention.VIRTUAL),
    str(ServiceLevelConvention.SERVED_OF_ALL),
    "slot_occupancy_share",
    "asa_s",
    "abandon_share",
}


def required_agents(queue: ChatQueue, target: Target) -> int | NDArray[np.int64]:
    """Smallest whole number of agents with which every part of the target holds.

    A figure within 1e-12 of its limit meets it, and with one agent less some part is missed. (Replies and
    work occupancy may get worse by a trifle with an agent more where customers leave almost at once; all else
    only improves.) A row without arrivals needs nobody; a queue that grows for ever meets no target, however
    lax.

    Args:
        queue: the demand; its rows and the target's broadcast together.
        target: what must hold.

    Returns:
        Agents at work, before shrinkage; an int for a single queue.

    Raises:
        InfeasibleTargetError: no abandonment at all is asked for where customers have a finite patience, or
            faster replies than agents with a single chat can write.
        ModelError: the target is on replies and the queue has no reply model, or the shapes do not fit.

    Source:
        Figures as of `performance`. Erlang C starts from N = a + beta sqrt(a): Halfin, Whitt, "Heavy-traffic
        limits for queues with many exponential servers", 1981.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> required_agents(ChatQueue(300, [480, 560, 680], patience_s=180), target)
        19
        >>> required_agents(ChatQueue([0, 60, 1500], [480, 560, 680], patience_s=180), target)
        array([ 0,  5, 89])
    """
    alone = _of_plain_numbers(queue, target)
    if alone is not None:
        return alone
    shape, search = _search(queue, target)
    found = search.smallest()
    return found.reshape(shape) if shape else int(found[0])


def required_agents_fractional(
    queue: ChatQueue, target: Target, *, whole: ArrayLike | None = None
) -> FloatOrArray:
    """Smallest real number of agents that meets the target; to add up queues that share people.

    `performance` tells what a fraction means. Arguments, errors and ties are those of `required_agents`; if
    its result is at hand, ``whole`` spares the search.

    Source:
        Erlang C: Jagerman, "Some properties of the Erlang loss function", 1974, for real N. Else linear
        between floor(N) and ceil(N), as a schedule with one agent more part of the time.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> round(required_agents_fractional(ChatQueue(300, [480, 560, 680], patience_s=180), target), 2)
        18.65
    """
    shape, search = _search(queue, target)
    found = search.smallest() if whole is None else flat(checked("whole", whole), shape)
    return shaped(search.smallest_real(found.astype(np.float64)), shape)


def _of_plain_numbers(queue: ChatQueue, target: Target) -> int | None:
    """One queue of Erlang C with one service level, without arrays; None for all else."""
    asked = target.service_level_share, target.threshold_s
    given = queue.patience_s, queue.arrivals_per_hour, queue.handle_s_by_level, *asked
    plain = [float(number) for number in given if is_plain(number)]
    if len(plain) < len(given) or plain[0] < math.inf or not target.is_service_level_alone:
        return None
    _, per_hour, handle_s, share, threshold_s = plain
    return fewest_agents_alone(per_hour / 3600 * handle_s, 1 - share + TIE, threshold_s / handle_s)


@dataclass(frozen=True, eq=False)
class Limit:
    """One part of a target: a figure and, row by row, what it must reach or must not pass."""

    figure: str
    values: Array
    at_least: bool

    def missing(self, figures: Figures, which: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Rows whose figure misses the limit."""
        figure, limit = figures[self.figure], self.values[which]
        if self.at_least:
            return np.less(figure, limit - TIE)
        return np.greater(figure, limit + TIE * np.maximum(limit, 1))

    def crossing(self, low: Figures, high: Figures, which: NDArray[np.intp]) -> Array:
        """Part of the way from low to high at which the limit is reached, 0 if low is good enough."""
        missing = self.missing(low, which)
        linear = missing & np.isfinite(low[self.figure])
        start, end = low[self.figure][linear], high[self.figure][linear]
        part = missing.astype(np.float64)
        part[linear] = np.clip((self.values[which][linear] - start) / (end - start), 0, 1)
        return part


@dataclass(frozen=True, eq=False)
class _Search:
    """Rows of a queue with the limits of their target."""

    rows: QueueRows
    limits: tuple[Limit, ...]
    thresholds: Thresholds

    def figures(self, agents: Array, which: NDArray[np.intp]) -> Figures:
        return performance_rows(self.rows.take(which), agents, self.thresholds.take(which))

    def met(self, agents: Array, which: NDArray[np.intp]) -> NDArray[np.bool_]:
        figures = self.figures(agents, which)
        missing = np.equal(figures["stable"], 0)
        for limit in self.limits:
            missing |= limit.missing(figures, which)
        return ~missing

    def take(self, which: NDArray[np.intp]) -> _Search:
        """Pick some of the rows."""
        limits = tuple(replace(limit, values=limit.values[which]) for limit in self.limits)
        return _Search(self.rows.take(which), limits, self.thresholds.take(which))

    def smallest(self) -> NDArray[np.int64]:
        """By a table of loads where many rows differ in nothing else, one by one otherwise."""
        rate = self.rows.arrival_rate
        if rate.size < _TABLE_FROM or not self._worse_with_load or not self._alike:
            return self.by_erlang_c() if self._is_erlang_c else self.searched()
        ends = np.array([rate.argmin(), rate.argmax()])
        fewest, most = (int(agents) for agents in self.take(ends).searched())
        if (most - fewest) * _ROWS_PER_STEP > rate.size:
            return self.searched()
        # For each number of agents the load up to which it is enough, between two that differ by a trifle.
        agents = np.arange(fewest, most)
        table = self.take(np.repeat(ends[:1], agents.size))
        works, fails = table.capacities(agents.astype(np.float64), rate[ends])
        step = np.searchsorted(works, rate, side="left")
        found = fewest + step
        close = (
            np.flatnonzero((step > 0) & (rate < fails[np.maximum(step, 1) - 1])) if agents.size else step[:0]
        )
        found[close] = self.take(close).searched()
        return np.asarray(found, dtype=np.int64)

    @property
    def _is_erlang_c(self) -> bool:
        """Whether nobody leaves, holds two chats or asks for more than service levels and occupancy."""
        known = all(limit.figure in _OF_ERLANG_C for limit in self.limits)
        return known and self.rows.one_at_a_time and bool(self.rows.endless.all())

    def by_erlang_c(self) -> NDArray[np.int64]:
        """Without patience all conventions agree, and nobody abandons."""
        handle_s = self.rows.handle_s_by_level[:, 0]
        load = self.rows.arrival_rate * handle_s
        levels = [limit.values for limit in self.limits if limit.at_least]
        late_share = 1 - np.max(levels, axis=0) + TIE if levels else np.ones_like(load)
        agents, close = fewest_agents(load, late_share, self.thresholds.capped.service_s / handle_s)
        for limit in self.limits:
            if limit.figure == "slot_occupancy_share":
                needed = load / (limit.values + TIE)
                agents = np.maximum(agents, np.ceil(needed))
                close |= np.abs(needed - np.round(needed)) < _CLOSE * needed
        found = agents.astype(np.int64)
        again = np.flatnonzero(close)
        found[again] = self.take(again).searched()
        return found

    def capacities(self, agents: Array, ends: Array) -> tuple[Array, Array]:
        """Arrival rates that the agents of each row can just and just not take, halved between two ends."""
        works, fails = np.full_like(agents, ends[0]), np.full_like(agents, ends[1])
        for _ in range(_TABLE_HALVINGS if agents.size else 0):
            middle = (works + fails) / 2
            met = replace(self, rows=replace(self.rows, arrival_rate=middle)).met(
                agents, np.arange(agents.size)
            )
            works, fails = np.where(met, middle, works), np.where(met, fails, middle)
        return np.maximum.accumulate(works), np.maximum.accumulate(fails)

    @property
    def _worse_with_load(self) -> bool:
        """Whether every figure that is limited gets worse with each chat that arrives."""
        return all(limit.figure in _WORSE_WITH_LOAD for limit in self.limits)

    @property
    def _alike(self) -> bool:
        """Whether the rows differ in nothing but their arrivals."""
        columns = [*self.rows.handle_s_by_level.T, self.rows.patience_s, *self.thresholds]
        columns += [limit.values for limit in self.limits]
        return all(bool(np.all(column == column[0])) for column in columns)

    def searched(self) -> NDArray[np.int64]:
        """Gallop from a guess until a row is bracketed, then halve: the figures improve with every agent."""
        probe = np.round(self.rows.arrival_rate / self.rows.full_throughput)
        step = np.maximum(np.round(np.sqrt(probe) / 4), 1)
        fails, works = np.full_like(probe, -1), np.full_like(probe, np.inf)
        while (which := np.flatnonzero(works - fails > 1)).size:
            met = self.met(probe[which], which)
            works[which[met]] = probe[which[met]]
            fails[which[~met]] = probe[which[~met]]
            up, down = np.isinf(works), fails < 0
            half = np.floor((fails + works) / 2)
            probe = np.select([up, down], [fails + step, np.maximum(works - step, 0)], half)
            step = np.where(up | down, 2 * step, step)
        return works.astype(np.int64)

    def smallest_real(self, found: Array) -> Array:
        """Linear between the smallest whole number and one less; halved where the figures are not linear."""
        some = np.flatnonzero(found > 0)
        low, high = self.figures(found[some] - 1, some), self.figures(found[some], some)
        parts = [limit.crossing(low, high, some) for limit in self.limits]
        part = np.max([1 - low["stable"], *parts], axis=0)
        curved = some[self.rows.endless[some]] if self.rows.one_at_a_time else some[:0]
        halved = self._halved(found[curved] - 1, found[curved], curved)
        found[some] += part - 1
        found[curved] = halved
        return found

    def _halved(self, fails: Array, works: Array, which: NDArray[np.intp]) -> Array:
        for _ in range(_HALVINGS if which.size else 0):
            middle = (fails + works) / 2
            met = self.met(middle, which)
            fails, works = np.where(met, fails, middle), np.where(met, middle, works)
        return works


def limits_of(target: Target, shape: tuple[int, ...]) -> tuple[Limit, ...]:
    """The parts of a target in flat rows of a shape that includes its own."""
    parts = (
        (str(target.convention), target.service_level_share, True),
        ("replies_within_share", target.reply_share, True),
        ("slot_occupancy_share", target.max_slot_occupancy_share, False),
        ("work_occupancy_share", target.max_work_occupancy_share, False),
        ("asa_s", target.max_asa_s, False),
        ("abandon_share", target.max_abandon_share, False),
    )
    return tuple(
        Limit(name, _rows_of(values, shape), at_least)
        for name, values, at_least in parts
        if values is not None
    )


def _rows_of(values: ArrayLike | None, shape: tuple[int, ...]) -> Array:
    return flat(np.asarray(0.0 if values is None else values, dtype=np.float64), shape)


def _search(queue: ChatQueue, target: Target) -> tuple[tuple[int, ...], _Search]:
    """Lay the queue and the target out in common rows, and refuse a target that nobody can meet."""
    shape = common_shape(queue=queue.shape, target=target.shape)
    rows = queue.rows(shape)
    refuse_the_impossible(rows, target, shape)
    excluding = target.convention == ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS
    thresholds = Thresholds(
        _rows_of(target.threshold_s, shape),
        _rows_of(target.short_s if excluding else 0.0, shape),
        _rows_of(target.reply_within_s, shape),
    )
    return shape, _Search(rows, limits_of(target, shape), thresholds)


def refuse_the_impossible(rows: QueueRows, target: Target, shape: tuple[int, ...]) -> None:
    """Refuse what no number of agents can meet, and say what would have to change."""
    if target.on_replies and rows.replies is None:
        raise ModelError(
            "a target on replies needs a reply model", hint="give the queue replies=ReplyModel(...)"
        )
    leaving = ~rows.endless & (rows.arrival_rate > 0)
    if target.max_abandon_share is not None and np.any(
        leaving & (_rows_of(target.max_abandon_share, shape) == 0)
    ):
        message = "max_abandon_share: 0 needs endless staff where customers lose patience"
        raise InfeasibleTargetError(message, hint="give a share above 0, as 0.02")
    if target.reply_share is None or rows.replies is None:
        return
    wanted, within = _rows_of(target.reply_share, shape), _rows_of(target.reply_within_s, shape)
    best = rows.replies.reply_within_share(within, 1)
    if np.any(wanted > best + TIE):
        worst = int(np.argmax(wanted - best))
        work_s = rows.replies.work_s
        needed_s = -work_s * np.log1p(-wanted[worst])
        message = (
            f"reply_share: {wanted[worst]:.0%} within {within[worst]:g} s cannot be met: {_seconds(work_s)} "
            f"of work let {best[worst]:.1%} be in time even one chat at a time"
        )
        quicker_s = work_s * within[worst] / needed_s
        hint = f"allow over {_seconds(needed_s)}, or bring the work below {_seconds(quicker_s)}"
        raise InfeasibleTargetError(message, hint=hint)


def _seconds(time_s: float) -> str:
    return f"{time_s:.0f} s" if time_s >= 10 else f"{time_s:.2g} s"
