"""How a desk performs whose parked threads go back to their own agents, and the agents that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import InfeasibleTargetError, ModelError, UnstableQueueError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.inputs import checked
from staffcast.staffing.replies import reply_figures
from staffcast.staffing.required import TIE, required_agents
from staffcast.staffing.sticky import sticky_desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.parking import ParkedThreads
    from staffcast.staffing.sticky import StickyDesk
    from staffcast.staffing.targets import Target

__all__ = ["StickyPerformance", "required_agents_sticky", "sticky_performance"]

_OTHER_PARTS = ("max_slot_occupancy_share", "max_asa_s")


@dataclass(frozen=True, eq=False)
class StickyPerformance:
    """What new threads and agents experience; returning threads never wait for a slot."""

    agents: int
    service_levels: Mapping[ServiceLevelConvention, float]
    """Of new threads, one share for each convention."""
    wait_share: float
    """New threads that find no free slot."""
    mean_wait_s: float
    """Of all new threads, until picked up or given up."""
    abandon_share: float
    """New threads given up."""
    level_shares: Array
    """Share of the agents' time with 0, 1, .. chats, also above the limit."""
    over_limit_share: float
    """Share of the agents' time above the limit."""
    replies_within_share: float | None
    mean_reply_s: float
    work_occupancy_share: float

    def service_level(self, convention: ServiceLevelConvention) -> float:
        """Share of new threads within the threshold, counted by this convention."""
        return self.service_levels[convention]


def sticky_performance(
    threads: ParkedThreads,
    arrivals_per_hour: float,
    agents: int,
    *,
    concurrency_limit: int,
    patience_s: float = float("inf"),
    threshold_s: float,
    short_s: float = 0.0,
    reply_within_s: float | None = None,
) -> StickyPerformance:
    """Performance with returns that go to their own agent at once, over the limit if need be.

    The chain of `staffing.sticky`. Against a desk simulated turn by turn its accepted-in-time share is up to
    2 points too high and its share of replies in time up to 2.5 points.

    Args:
        threads: what a thread asks.
        arrivals_per_hour: new threads an hour.
        agents: whole number at work.
        concurrency_limit: chats that an agent may hold before it gets no new thread.
        patience_s: mean patience of a new thread, exponential; inf never leaves. Below 0.1 s it counts as 0.
        threshold_s: threshold of the service level in seconds.
        short_s: limit of a short abandon in seconds.
        reply_within_s: threshold of a reply in seconds.

    Raises:
        UnstableQueueError: threads come, or come back, faster than the agents close them.
        ModelError: a number is out of range, or the desk too large for the chain.

    Source:
        With X_k the chats that an agent with k closes a second and f(j) = product of 1 / X_{c+i} up to j, an
        agent holds j of e chats above the limits with probability f(j) g_{N-1}(e - j) / g_N(e), g_n the
        n-fold convolution of f: Gordon, Newell, "Closed queuing systems with exponential servers", 1967. The
        joint chain of chats within and above the limits is ours.

    Example:
        >>> from staffcast.staffing import ParkedThreads, ReplyModel, ServiceLevelConvention
        >>> desk = ReplyModel(work_s=40, think_s=60, turns=6)
        >>> threads = ParkedThreads(replies=desk, park_after_s=300, long_share=0.08, long_think_s=3600)
        >>> found = sticky_performance(
        ...     threads, 120, 10, concurrency_limit=3, patience_s=180, threshold_s=30, reply_within_s=60
        ... )
        >>> level = found.service_level(ServiceLevelConvention.SERVED_OF_ALL)
        >>> round(level, 2), round(found.replies_within_share, 2), round(found.over_limit_share, 2)
        (0.87, 0.53, 0.12)
    """
    rate, patience = _one("arrivals_per_hour", arrivals_per_hour) / 3600, _patience(patience_s)
    times = {"threshold_s": threshold_s, "short_s": short_s, "reply_within_s": reply_within_s or 0.0}
    service_s, short, reply_s = (_one(name, value) for name, value in times.items())
    if not agents or not rate:
        return _nothing_to_solve(threads, agents, rate, patience, reply_s if reply_within_s else None)
    desk = sticky_desk(threads, rate, agents, limit=concurrency_limit, patience_s=patience)
    levels = desk.level_shares / desk.level_shares.sum()
    handle_s = threads.visit.handle_s_by_level(levels.size - 1)
    replies = reply_figures(threads.visit, levels[None], handle_s[None], np.array([reply_s]))
    return StickyPerformance(
        agents=agents,
        service_levels=_service_levels(desk, service_s, short),
        wait_share=desk.wait_share,
        mean_wait_s=desk.mean_waiting / rate,
        abandon_share=desk.abandon_share,
        level_shares=levels,
        over_limit_share=float(levels[concurrency_limit + 1 :].sum()),
        replies_within_share=None if reply_within_s is None else float(replies.within_share[0]),
        mean_reply_s=float(replies.mean_s[0]),
        work_occupancy_share=float(replies.work_occupancy_share[0]),
    )


def required_agents_sticky(
    threads: ParkedThreads,
    arrivals_per_hour: float,
    target: Target,
    *,
    concurrency_limit: int,
    patience_s: float = float("inf"),
) -> int:
    """Smallest number of agents that meets a target where parked threads go back to their own agent.

    Args:
        threads: what a thread asks.
        arrivals_per_hour: new threads an hour.
        target: service level, replies, abandonment or work occupancy.
        concurrency_limit: chats that an agent may hold before it gets no new thread.
        patience_s: mean patience of a new thread.

    Raises:
        InfeasibleTargetError: no number of agents meets the target.
        ModelError: the target has rows, or a part that this model does not tell.

    Source:
        As of `sticky_performance`, from the pooled number upwards or downwards.

    Example:
        >>> from staffcast.staffing import ParkedThreads, ReplyModel, Target
        >>> desk = ReplyModel(work_s=40, think_s=60, turns=6)
        >>> threads = ParkedThreads(replies=desk, park_after_s=300, long_share=0.2, long_think_s=3600)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> required_agents_sticky(threads, 120, target, concurrency_limit=3, patience_s=180)
        10
        >>> required_agents(threads.queue(120, concurrency_limit=3, patience_s=180), target)
        11
    """
    if target.shape or any(getattr(target, name) is not None for name in _OTHER_PARTS):
        raise ModelError(
            "target: of one row, on service level, replies, abandonment or work occupancy only",
            hint="use ParkedThreads.queue for pooled returns",
        )
    pooled = threads.queue(arrivals_per_hour, concurrency_limit=concurrency_limit, patience_s=patience_s)

    def met(agents: int) -> bool:
        try:
            found = sticky_performance(
                threads,
                arrivals_per_hour,
                agents,
                concurrency_limit=concurrency_limit,
                patience_s=patience_s,
                threshold_s=float(np.asarray(target.threshold_s or 0.0)),
                short_s=float(np.asarray(target.short_s)),
                reply_within_s=float(np.asarray(target.reply_within_s or 0.0)),
            )
        except UnstableQueueError:
            return False
        return _meets(found, target)

    agents = int(required_agents(pooled, target))
    while agents and met(agents - 1):
        agents -= 1
    most = 2 * agents + 100
    while not met(agents):
        agents += 1
        if agents > most:
            raise InfeasibleTargetError("no number of agents meets the target", hint="ask for less")
    return agents


def _meets(found: StickyPerformance, target: Target) -> bool:
    at_least = (
        (target.service_level_share, found.service_level(target.convention)),
        (target.reply_share, found.replies_within_share),
    )
    at_most = (
        (target.max_abandon_share, found.abandon_share),
        (target.max_work_occupancy_share, found.work_occupancy_share),
    )
    return all(
        wanted is None or value is None or value >= float(np.asarray(wanted)) - TIE
        for wanted, value in at_least
    ) and all(cap is None or value <= float(np.asarray(cap)) + TIE for cap, value in at_most)


def _service_levels(
    desk: StickyDesk, service_s: float, short_s: float
) -> dict[ServiceLevelConvention, float]:
    beyond = desk.waits(service_s, leaving=False).still_share
    own = desk.waits(service_s, leaving=True)
    in_time = 1 - desk.wait_share + own.served_share
    soon = desk.waits(short_s, leaving=True).left_share if short_s else 0.0
    served = 1 - desk.abandon_share
    levels = {
        ServiceLevelConvention.VIRTUAL: 1 - beyond,
        ServiceLevelConvention.SERVED_OF_ALL: in_time,
        ServiceLevelConvention.SERVED_OF_SERVED: in_time / served if served > TIE else 0.0,
        ServiceLevelConvention.WAIT_WITHIN: 1 - own.still_share,
        ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS: in_time / (1 - soon) if soon < 1 else 0.0,
    }
    return {name: float(np.clip(level, 0, 1)) for name, level in levels.items()}


def _nothing_to_solve(
    threads: ParkedThreads, agents: int, rate: float, patience_s: float, reply_within_s: float | None
) -> StickyPerformance:
    """No threads, or nobody to take them."""
    stuck, visit = rate > 0, threads.visit
    level = 0.0 if stuck else 1.0
    within = None if reply_within_s is None else float(visit.reply_within_share(reply_within_s, 1)) * level
    return StickyPerformance(
        agents=agents,
        service_levels=dict.fromkeys(ServiceLevelConvention, level),
        wait_share=1 - level,
        mean_wait_s=patience_s if stuck else 0.0,
        abandon_share=float(stuck and np.isfinite(patience_s)),
        level_shares=np.ones(1),
        over_limit_share=0.0,
        replies_within_share=within,
        mean_reply_s=np.inf if stuck else float(visit.reply_s(1)),
        work_occupancy_share=1 - level,
    )


def _one(name: str, value: float) -> float:
    given = checked(name, value)
    if given.ndim:
        raise ModelError(f"{name}: has rows", hint="give one number")
    return float(given)


def _patience(value: float) -> float:
    return float(checked("patience_s", value, infinite_allowed=True))
