"""What a day looks like with given agents, interval by interval, nothing forgotten in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from staffcast.core.errors import ModelError, UnstableQueueError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.inputs import checked
from staffcast.staffing.performance import Thresholds
from staffcast.staffing.transient import Interval, interval_figures, passage
from staffcast.staffing.transient_curve import Lines, age_steps_s, extrapolated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.performance import Figures
    from staffcast.staffing.queues import ChatQueue

__all__ = [
    "MOST_PASSES",
    "SETTLED",
    "DayPerformance",
    "DayState",
    "advanced",
    "are_near",
    "day_intervals",
    "day_performance",
    "shares_of",
    "start_of_day",
    "summarised",
    "thresholds_of",
    "through",
]

MOST_PASSES, SETTLED = 40, 1e-9
"""Of a day that repeats: passes, and how much of the shares may still change."""
_MOST_SLOTS = 200_000
DayState: TypeAlias = "Array | Lines"
"""Shares of the number of chats, or the lines of a queue with a patience curve."""


@dataclass(frozen=True, eq=False)
class DayPerformance:
    """A day, one number for each interval; the totals count every chat once.

    Shares are those of the customers who arrive in the interval. Without arrivals the service level is the
    probability that every chat at the desk has a slot.
    """

    agents: NDArray[np.int64]
    service_levels: Mapping[ServiceLevelConvention, Array]
    wait_share: Array
    asa_s: Array
    """Mean virtual wait."""
    abandon_share: Array
    agent_occupancy_share: Array
    slot_occupancy_share: Array
    mean_open: Array
    """Chats with an agent, mean over the interval."""
    mean_waiting: Array
    n_arrivals: Array
    n_closed: Array
    n_abandoned: Array
    """Customers who leave during the interval, whenever they came."""
    n_left_at_end: Array
    """Chats open or waiting when the interval ends."""
    replies_within_share: Array | None
    mean_reply_s: Array | None
    work_occupancy_share: Array | None

    def service_level(self, convention: ServiceLevelConvention) -> Array:
        """Share within the threshold by interval."""
        return self.service_levels[convention]

    def day_service_level(self, convention: ServiceLevelConvention) -> float:
        """Share of all chats of the day; 1 if there are none."""
        total = float(self.n_arrivals.sum())
        return float(self.n_arrivals @ self.service_levels[convention]) / total if total else 1.0


def day_performance(
    queue: ChatQueue,
    agents: ArrayLike,
    *,
    interval_s: ArrayLike,
    threshold_s: float,
    short_s: float = 0.0,
    reply_within_s: float | None = None,
    start_chats: int = 0,
    cyclic: bool = False,
) -> DayPerformance:
    """Exact performance through a day of changing rates and agents; `staffing.transient` has the method.

    With a patience curve `staffing.transient_curve` solves the day, with errors of 1e-6 to 5e-6 in a share,
    up to 1e-5 where the curve falls like a root at the start and 4e-5 where a large jump is within seconds
    of a threshold.

    Args:
        queue: one row for each interval.
        agents: whole numbers at work, one for each interval or one for all.
        interval_s: length of the intervals in seconds, one or all.
        threshold_s: threshold of the service level in seconds.
        short_s: limit of a short abandon in seconds.
        reply_within_s: threshold of a reply in seconds, for a queue with a reply model.
        start_chats: chats at the desk when the day begins, open or waiting.
        cyclic: the desk never closes and the day repeats: it begins with what it leaves. Then ``start_chats``
            does not count.

    Raises:
        UnstableQueueError: the day repeats, and from each to the next more chats are left.
        ModelError: the queue has no rows, a number is out of range, or there is a patience curve and an
            interval is not in tenths of a second.

    Source:
        p(t) = sum over n of Poisson(n; q t) p(0) P^n, q above every rate of the chain and P its steps:
        Jensen, "Markoff chains as an aid in the study of Markoff processes", 1953; for staffing Ingolfsson
        and others, "A survey and experimental comparison of service-level-approximation methods for
        nonstationary M(t)/M/s(t) queueing systems with exhaustive discipline", 2007.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> queue = ChatQueue([60, 240, 60], [480, 560, 680], patience_s=180)
        >>> day = day_performance(queue, [5, 11, 5], interval_s=1800, threshold_s=30)
        >>> day.service_level(ServiceLevelConvention.SERVED_OF_ALL).round(3).tolist()
        [0.987, 0.641, 0.63]
    """
    intervals = day_intervals(queue, interval_s)
    n_agents = _whole_agents(agents, len(intervals))
    if reply_within_s is not None and queue.replies is None:
        raise ModelError("reply_within_s needs a reply model", hint="give the queue replies=ReplyModel(...)")
    thresholds = thresholds_of(threshold_s, short_s, reply_within_s)
    state = start_of_day(start_chats, intervals, thresholds)
    for _ in range(MOST_PASSES):
        rows, states = through(intervals, n_agents, state, thresholds)
        if not cyclic or are_near(states[-1], state, SETTLED):
            return summarised(n_agents, rows, replies_asked=reply_within_s is not None)
        state = states[-1]
    raise UnstableQueueError("chats pile up from one day to the next", hint="add agents")


def through(
    intervals: Sequence[Interval], agents: NDArray[np.int64], start: DayState, thresholds: Thresholds
) -> tuple[list[Figures], list[DayState]]:
    """Figures of all intervals, and the states at their starts and at the end of the day."""
    rows: list[Figures] = []
    states = [start]
    for interval, people in zip(intervals, agents, strict=True):
        row, state = advanced(interval, int(people), states[-1], thresholds)
        rows.append(row)
        states.append(state)
    return rows, states


def are_near(state: DayState, other: DayState, within: float) -> bool:
    """Whether two desks have the same shares but for so much in all."""
    parts = shares_of(state), shares_of(other)
    size = max(part.size for part in parts)
    padded = [np.pad(part, (0, size - part.size)) for part in parts]
    return bool(np.abs(padded[0] - padded[1]).sum() < within)


def advanced(
    interval: Interval, agents: int, state: DayState, thresholds: Thresholds
) -> tuple[Figures, DayState]:
    """Figures of one interval, and the desk at its end."""
    if interval.n_slots(agents) > _MOST_SLOTS:
        raise ModelError(
            f"a desk of {interval.n_slots(agents):,} slots is too large for a day", hint="check the target"
        )
    if isinstance(state, Lines):
        return extrapolated(interval, agents, state, thresholds)
    went = passage(interval, agents, state)
    figures = interval_figures(interval, agents, state, went.mean, thresholds)
    n_start, n_end = _mean(state), _mean(went.end)
    n_arrivals = interval.arrival_rate * interval.length_s
    closing = interval.close_rates(agents, np.arange(went.mean.size, dtype=np.float64)) @ went.mean
    n_closed = float(closing) * interval.length_s
    if interval.patience_s > 0:
        n_abandoned = float(figures["mean_waiting"][0]) * interval.leave_rate * interval.length_s
    else:
        n_abandoned = max(n_start + n_arrivals - n_closed - n_end, 0.0)
    flows = {
        "n_arrivals": n_arrivals,
        "n_closed": n_closed,
        "n_abandoned": n_abandoned,
        "n_left_at_end": n_end,
    }
    return figures | {name: np.array([value]) for name, value in flows.items()}, went.end


def summarised(agents: NDArray[np.int64], rows: Sequence[Figures], *, replies_asked: bool) -> DayPerformance:
    """Line the figures of the intervals up."""
    columns = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    return DayPerformance(
        agents=agents,
        service_levels={name: columns[name] for name in ServiceLevelConvention},
        replies_within_share=columns.get("replies_within_share") if replies_asked else None,
        mean_reply_s=columns.get("mean_reply_s"),
        work_occupancy_share=columns.get("work_occupancy_share"),
        **{name: columns[name] for name in _COLUMNS},
    )


_COLUMNS = (
    "wait_share",
    "asa_s",
    "abandon_share",
    "agent_occupancy_share",
    "slot_occupancy_share",
    "mean_open",
    "mean_waiting",
    "n_arrivals",
    "n_closed",
    "n_abandoned",
    "n_left_at_end",
)


def day_intervals(queue: ChatQueue, interval_s: ArrayLike) -> tuple[Interval, ...]:
    """The rows of a queue as intervals of a day."""
    if len(queue.shape) != 1 or not queue.shape[0]:
        raise ModelError(f"queue: shape {queue.shape} is no day", hint="give one row for each interval")
    rows = queue.rows(queue.shape)
    length = checked("interval_s", interval_s)
    if np.any(length == 0) or length.shape not in ((), queue.shape):
        raise ModelError(
            f"interval_s: shape {length.shape} or 0",
            hint="give seconds above 0, for each interval or for all",
        )
    lengths = np.broadcast_to(length, queue.shape)
    return tuple(
        Interval(float(rate), handle, float(patience), float(seconds), queue.replies, rows.curve)
        for rate, handle, patience, seconds in zip(
            rows.arrival_rate, rows.handle_s_by_level, rows.patience_s, lengths, strict=True
        )
    )


def thresholds_of(threshold_s: float, short_s: float, reply_within_s: float | None) -> Thresholds:
    """Check the times and put them into one row."""
    given = {"threshold_s": threshold_s, "short_s": short_s, "reply_within_s": reply_within_s or 0.0}
    return Thresholds(*(checked(name, value).reshape(1) for name, value in given.items())).capped


def start_of_day(start_chats: int, intervals: Sequence[Interval], thresholds: Thresholds) -> DayState:
    """A desk that holds a number of chats."""
    chats = float(checked("start_chats", start_chats).reshape(-1)[0])
    if chats != int(chats):
        raise ModelError(f"start_chats: {chats:g} is not whole", hint="give the chats at the desk")
    if intervals[0].curve is not None:
        return Lines.of_chats(int(chats), age_steps_s(intervals, float(thresholds.service_s[0])))
    state = np.zeros(int(chats) + 1)
    state[-1] = 1.0
    return state


def shares_of(state: DayState) -> Array:
    """Shares of the states, in one line."""
    if isinstance(state, Lines):
        return np.concatenate([state.grids[-1].below, state.grids[-1].full.sum(axis=0)])
    return state


def _whole_agents(agents: ArrayLike, n_intervals: int) -> NDArray[np.int64]:
    given = checked("agents", agents)
    if np.any(given != np.floor(given)):
        raise ModelError("agents: not whole", hint="a day is made of whole people; round up")
    if given.shape not in ((), (n_intervals,)):
        raise ModelError(f"agents: shape {given.shape}", hint=f"give one number, or {n_intervals}")
    return np.broadcast_to(given, (n_intervals,)).astype(np.int64)


def _mean(shares: Array) -> float:
    return float(shares @ np.arange(shares.size))
