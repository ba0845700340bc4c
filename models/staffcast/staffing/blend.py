"""Live chats, calls and work with deadlines on the same agents.

Live contacts cannot wait, so each live queue keeps the agents that its own target requires; an agent on a
call holds no chats. What is gained from blending is their spare time: work with deadlines fills it up to an
occupancy that keeps live replies quick, and agents are added only where that is not enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.deferrable import deferrable_plan, spare_work_s
from staffcast.staffing.inputs import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from staffcast.staffing.deferrable import DeferrablePlan
    from staffcast.staffing.inputs import Array

__all__ = ["BlendedPlan", "LiveWork", "blended_plan"]


@dataclass(frozen=True, eq=False)
class LiveWork:
    """Agents of one live queue, one number for each interval.

    Args:
        agents: required for its target.
        work_occupancy_share: share of their time that it takes: `QueuePerformance.work_occupancy_share` of
            chats, the agent occupancy of calls.
    """

    agents: ArrayLike
    work_occupancy_share: ArrayLike


@dataclass(frozen=True, eq=False)
class BlendedPlan:
    """One number for each interval."""

    agents: Array
    """In all."""
    live_agents: Array
    extra_agents: Array
    """For the work with deadlines that the spare time of the others does not hold."""
    occupancy_share: Array
    """Share of the time of all agents that is filled; 0 without agents or while closed."""
    deferrable: DeferrablePlan


def blended_plan(
    live: Sequence[LiveWork],
    n_items: ArrayLike,
    *,
    work_s: float,
    within_s: float,
    open_s: ArrayLike,
    max_occupancy_share: float = 0.85,
    sure_share: float = 0.5,
) -> BlendedPlan:
    """Agents for live queues and deferrable work together.

    Args:
        live: the live queues.
        n_items: items with a deadline that come in each interval.
        work_s: mean work on one item in seconds.
        within_s: time allowed for an item, in open seconds.
        open_s: open seconds of each interval, one number for all or one each.
        max_occupancy_share: to which the time of live agents is filled.
        sure_share: as of `deferrable_plan`.

    Raises:
        InfeasibleTargetError: some item cannot be done in time.
        ModelError: there is no live queue, or an argument is out of range or shape.

    Source:
        Each live queue by its own model, as of `performance`; the rest as of `deferrable_plan`, with
        sum(agents x (cap - occupancy) x open time) as its spare work.

    Example:
        >>> chats = LiveWork([6, 10, 6], [0.55, 0.7, 0.5])
        >>> calls = LiveWork([4, 5, 4], [0.75, 0.8, 0.7])
        >>> plan = blended_plan([chats, calls], [40, 0, 0], work_s=360, within_s=10_800, open_s=3600)
        >>> plan.live_agents.tolist(), plan.extra_agents.tolist(), plan.occupancy_share.round(2).tolist()
        ([10.0, 15.0, 10.0], [0.0, 0.0, 0.0], [0.85, 0.85, 0.58])
    """
    if not live:
        raise ModelError("live: no queue", hint="give the live queues, or use deferrable_plan")
    size = checked("n_items", n_items).size
    opened = np.broadcast_to(checked("open_s", open_s), (size,))
    spare, agents, busy_s = np.zeros(size), np.zeros(size), np.zeros(size)
    for queue in live:
        spare += spare_work_s(
            queue.agents, queue.work_occupancy_share, opened, max_occupancy_share=max_occupancy_share
        )
        people = checked("agents", queue.agents)
        agents = agents + people
        busy_s += people * checked("work_occupancy_share", queue.work_occupancy_share) * opened
    plan = deferrable_plan(
        n_items, work_s=work_s, within_s=within_s, open_s=open_s, spare_s=spare, sure_share=sure_share
    )
    total = agents + plan.agents
    paid_s = total * opened
    filled = np.divide(busy_s + plan.done_s, paid_s, out=np.zeros(size), where=paid_s > 0)
    return BlendedPlan(total, agents, plan.agents, np.minimum(filled, 1), plan)
