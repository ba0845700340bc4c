"""What it is worth to let queues share their agents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.patience import PatienceCurve
from staffcast.staffing.queues import ChatQueue
from staffcast.staffing.required import required_agents, required_agents_fractional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast.staffing.targets import Target

__all__ = ["PoolingBounds", "pooled_queue", "pooling_bounds"]

_NO_PATIENCE_S = 1e-9


@dataclass(frozen=True)
class PoolingBounds:
    """Agents for some queues with one target: any sharing of skills lies between the two ends."""

    separate: tuple[int, ...]
    """For each queue alone."""
    separate_agents: int
    """Their sum: nobody can help in another queue."""
    separate_fractional: float
    """The sum of the fractional numbers: agents split their time between queues by schedule."""
    pooled_agents: int
    """Everybody serves every queue, first come first served."""
    pooled_fractional: float

    @property
    def agents_saved(self) -> int:
        """The most that skills can save. Two skills an agent, in a chain, give most of it."""
        return self.separate_agents - self.pooled_agents


def pooling_bounds(queues: Sequence[ChatQueue], target: Target) -> PoolingBounds:
    """Bounds between fully separate and fully pooled queues.

    Pooling presumes that an agent is as quick in every queue as the specialists are.

    Args:
        queues: single queues with one concurrency limit.
        target: what must hold, in every queue or in the pool.

    Raises:
        InfeasibleTargetError: a queue cannot meet the target.
        ModelError: there is no queue, one has rows, or they cannot be pooled, as `pooled_queue` tells.

    Source:
        Wallace, Whitt, "Resource pooling and staffing in call centers with skill-based routing", 2004.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> bounds = pooling_bounds([ChatQueue(20, [480, 560, 680], patience_s=180)] * 6, target)
        >>> bounds.separate_agents, bounds.pooled_agents
        (12, 8)
    """
    pool = pooled_queue(queues)
    separate = tuple(int(required_agents(queue, target)) for queue in queues)
    return PoolingBounds(
        separate=separate,
        separate_agents=sum(separate),
        separate_fractional=sum(float(required_agents_fractional(queue, target)) for queue in queues),
        pooled_agents=int(required_agents(pool, target)),
        pooled_fractional=float(required_agents_fractional(pool, target)),
    )


def pooled_queue(queues: Sequence[ChatQueue]) -> ChatQueue:
    """One queue of the chats of all: handle times and rates of leaving are means by arrivals.

    Args:
        queues: single queues with one concurrency limit and patience given as a mean.

    Raises:
        ModelError: there is no queue, one has rows, or the limits or patience curves differ.

    Source:
        AHT_k = sum(w_i AHT_k,i) and 1 / patience = sum(w_i / patience_i), w_i a queue's part of the arrivals:
        a mixture taken as exponential with its mean. Wallace, Whitt, "Resource pooling and staffing in call
        centers with skill-based routing", 2004, for the pool as a bound.

    Example:
        >>> pool = pooled_queue([ChatQueue(20, [400, 500], 60), ChatQueue(60, [800, 900], 60)])
        >>> pool.arrivals_per_hour, pool.handle_s_by_level.tolist(), round(pool.patience_s, 9)
        (80.0, [700.0, 800.0], 60.0)
    """
    if not queues or any(queue.shape for queue in queues):
        raise ModelError("queues: none, or one with rows", hint="give single queues")
    if len({queue.concurrency_limit for queue in queues}) > 1:
        raise ModelError("queues: their concurrency limits differ", hint="use ChatQueue.with_limit")
    if len({queue.replies for queue in queues}) > 1:
        raise ModelError(
            "queues: their reply models differ", hint="pool queues with one reply model, or none"
        )
    arrivals = np.array([float(np.asarray(queue.arrivals_per_hour)) for queue in queues])
    total = float(arrivals.sum())
    weight = arrivals / total if total else np.full(arrivals.size, 1 / arrivals.size)
    handle = weight @ np.stack([np.atleast_1d(np.asarray(queue.handle_s_by_level)) for queue in queues])
    return ChatQueue(total, handle, _pooled_patience(queues, weight), queues[0].replies)


def _pooled_patience(queues: Sequence[ChatQueue], weight: np.ndarray) -> float | PatienceCurve:
    given = [queue.patience_s for queue in queues]
    first = given[0]
    if isinstance(first, PatienceCurve) or any(isinstance(patience, PatienceCurve) for patience in given):
        if isinstance(first, PatienceCurve) and all(patience is first for patience in given):
            return first
        raise ModelError("queues: their patience curves differ", hint="give all of them the same curve")
    means = np.array([float(np.asarray(patience)) for patience in given])
    if np.any((means == 0) & (weight > 0)):
        return 0.0
    used = weight > 0
    leave_rate = float((weight[used] / np.maximum(means[used], _NO_PATIENCE_S)).sum())
    return 1 / leave_rate if leave_rate else float("inf")
