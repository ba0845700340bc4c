"""How many chats an agent should hold: the required agents and the replies at each limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.performance import performance
from staffcast.staffing.required import required_agents, required_agents_fractional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from staffcast.staffing.inputs import FloatOrArray
    from staffcast.staffing.performance import QueuePerformance
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target

__all__ = ["ConcurrencyChoice", "LimitOption", "best_concurrency"]

_FRACTION_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class LimitOption:
    """What one concurrency limit would take and give."""

    concurrency_limit: int
    agents: int | NDArray[np.int64]
    """Smallest number that meets the target."""
    agents_fractional: FloatOrArray
    performance: QueuePerformance
    """With ``agents``."""
    extrapolated: bool
    """The handle times of some levels were not measured but follow from the reply model."""


@dataclass(frozen=True, eq=False)
class ConcurrencyChoice:
    """The limits that were compared, and the best of them."""

    options: tuple[LimitOption, ...]
    best: LimitOption


def best_concurrency(
    queue: ChatQueue, target: Target, limits: Iterable[int], *, measured_levels: int | None = None
) -> ConcurrencyChoice:
    """Compare concurrency limits by the agents that meet one target.

    The best limit takes the fewest agents, summed over the rows; among equals the fewest fractional agents,
    then the fewest chats at a time, which customers notice.

    Args:
        queue: the demand; `ChatQueue.with_limit` tells its handle times at each limit.
        target: what must hold at every limit.
        limits: the limits to compare, each at least 1.
        measured_levels: levels whose handle times were measured; default all that the queue has.

    Raises:
        InfeasibleTargetError: no number of agents meets the target.
        ModelError: no limit is given, or one is beyond the handle times of a queue without a reply model.

    Source:
        Luo, Zhang, "Staffing and control of instant messaging contact centers", 2013, for the limit as a
        decision; replies as of `ReplyModel`.

    Example:
        >>> from staffcast.staffing import ChatQueue, ReplyModel, Target
        >>> desk = ReplyModel(work_s=40, think_s=60, turns=6)
        >>> queue = ChatQueue.of_replies(120, desk, concurrency_limit=3, patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30, reply_share=0.8, reply_within_s=90)
        >>> choice = best_concurrency(queue, target, range(2, 7))
        >>> [(option.concurrency_limit, option.agents) for option in choice.options]
        [(2, 12), (3, 13), (4, 13), (5, 13), (6, 13)]
        >>> choice.best.concurrency_limit
        2
    """
    measured = queue.concurrency_limit if measured_levels is None else measured_levels
    options = tuple(_option(queue.with_limit(limit), target, measured) for limit in sorted(set(limits)))
    if not options:
        raise ModelError("limits: none given", hint="give the limits to compare, as range(2, 7)")
    fewest = min(np.sum(option.agents) for option in options)
    equal = [option for option in options if np.sum(option.agents) == fewest]
    least = min(np.sum(option.agents_fractional) for option in equal)
    best = next(option for option in equal if np.sum(option.agents_fractional) <= least + _FRACTION_TIE)
    return ConcurrencyChoice(options, best)


def _option(queue: ChatQueue, target: Target, measured: int) -> LimitOption:
    agents = required_agents(queue, target)
    return LimitOption(
        concurrency_limit=queue.concurrency_limit,
        agents=agents,
        agents_fractional=required_agents_fractional(queue, target, whole=agents),
        performance=performance(
            queue,
            agents,
            threshold_s=0.0 if target.threshold_s is None else target.threshold_s,
            short_s=target.short_s,
            reply_within_s=target.reply_within_s,
        ),
        extrapolated=queue.concurrency_limit > measured,
    )
