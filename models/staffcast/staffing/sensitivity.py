"""Which input the number of agents hangs on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.staffing.patience import PatienceCurve
from staffcast.staffing.required import required_agents, required_agents_fractional

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target

__all__ = ["Sensitivity", "sensitivity"]

_STEP = 0.01
_MISSES = ("service_level_share", "reply_share")
_AT_MOST_1 = ("max_slot_occupancy_share", "max_work_occupancy_share", "max_abandon_share")


@dataclass(frozen=True)
class Sensitivity:
    """Required agents when one input changes and all others stay."""

    name: str
    """Of the input. A share that must be reached is changed by the share that may miss: ``missing_...``."""
    change_share: float
    """By how much the input was lowered and raised."""
    agents_lower: int | None
    """Required with the lower value; None if then no number of agents meets the target."""
    agents: int
    agents_higher: int | None
    elasticity: float | None
    """Percent of fractional agents for a percent of the input, at its present value."""


def sensitivity(queue: ChatQueue, target: Target, *, change_share: float = 0.1) -> tuple[Sensitivity, ...]:
    """Change the inputs of `required_agents` one at a time, the strongest first.

    Args:
        queue: one queue, without rows.
        target: what must hold.
        change_share: relative change, above 0 and below 1.

    Raises:
        InfeasibleTargetError: the present target cannot be met.
        ModelError: the queue or target has rows, or the change is out of range.

    Source:
        Elasticity (dN / N) / (dx / x) by central differences of the fractional number.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue(300, [480, 560, 680], patience_s=180)
        >>> for row in sensitivity(queue, Target(service_level_share=0.8, threshold_s=30)):
        ...     print(row.name, row.agents_lower, row.agents, row.agents_higher)
        arrivals_per_hour 17 19 21
        handle_s_by_level 17 19 21
        missing_service_level_share 19 19 19
        patience_s 19 19 19
        threshold_s 19 19 19
    """
    if queue.shape or target.shape:
        raise ModelError(
            "sensitivity: the queue or the target has rows", hint="give one queue and one target"
        )
    if not 0 < change_share < 1:
        raise ModelError(f"change_share: {change_share:g}", hint="give a share above 0 and below 1, as 0.1")
    agents = int(required_agents(queue, target))
    rows = [_sensitivity(name, queue, target, agents, change_share) for name in _inputs(queue, target)]
    return tuple(sorted(rows, key=lambda row: (-abs(row.elasticity or 0.0), row.name)))


def _sensitivity(
    name: str, queue: ChatQueue, target: Target, agents: int, change_share: float
) -> Sensitivity:
    def whole(factor: float) -> int | None:
        try:
            return int(required_agents(*_scaled(queue, target, name, factor)))
        except InfeasibleTargetError:
            return None

    def log_fraction(factor: float) -> float | None:
        try:
            found = float(required_agents_fractional(*_scaled(queue, target, name, factor)))
        except InfeasibleTargetError:
            return None
        return float(np.log(found)) if found > 0 else None

    low, high = log_fraction(1 - _STEP), log_fraction(1 + _STEP)
    elasticity = None
    if low is not None and high is not None:
        elasticity = (high - low) / float(np.log1p(_STEP) - np.log1p(-_STEP))
    return Sensitivity(
        name, change_share, whole(1 - change_share), agents, whole(1 + change_share), elasticity
    )


def _inputs(queue: ChatQueue, target: Target) -> Iterator[str]:
    """Names of the inputs that a factor changes."""
    yield "arrivals_per_hour"
    yield "handle_s_by_level"
    if not isinstance(queue.patience_s, PatienceCurve) and 0 < float(np.asarray(queue.patience_s)) < np.inf:
        yield "patience_s"
    if queue.replies is not None:
        yield from (part.name for part in fields(queue.replies) if getattr(queue.replies, part.name) > 0)
    for part in fields(target):
        value = getattr(target, part.name)
        if part.name in _MISSES and value is not None:
            yield f"missing_{part.name}"
        elif part.name not in ("convention", *_MISSES) and value is not None and float(value) > 0:
            yield part.name


def _scaled(queue: ChatQueue, target: Target, name: str, factor: float) -> tuple[ChatQueue, Target]:
    """The queue and the target with one input multiplied."""
    change: dict[str, Any]
    if name.startswith("missing_"):
        share = name.removeprefix("missing_")
        change = {share: max(0.0, 1 - factor * (1 - float(getattr(target, share))))}
        return queue, replace(target, **change)
    if name in {part.name for part in fields(target)}:
        value = factor * float(getattr(target, name))
        change = {name: min(value, 1.0) if name in _AT_MOST_1 else value}
        return queue, replace(target, **change)
    if queue.replies is not None and name in {part.name for part in fields(queue.replies)}:
        value = factor * float(getattr(queue.replies, name))
        changed = replace(queue.replies, **{name: max(value, 1.0) if name == "turns" else value})
        limit = queue.concurrency_limit
        ratio = changed.handle_s_by_level(limit) / queue.replies.handle_s_by_level(limit)
        handle = np.atleast_1d(np.asarray(queue.handle_s_by_level)) * ratio
        return replace(queue, replies=changed, handle_s_by_level=handle), target
    change = {name: factor * np.asarray(getattr(queue, name), dtype=float)}
    return replace(queue, **change), target
