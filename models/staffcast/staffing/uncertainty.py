"""Busy days and quiet days: performance when the arrival rate itself is uncertain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammainccinv, gammaincinv, gammaln

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.inputs import checked
from staffcast.staffing.performance import performance
from staffcast.staffing.required import TIE, required_agents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.queues import ChatQueue
    from staffcast.staffing.targets import Target

__all__ = ["UncertainPerformance", "arrival_weighted", "required_agents_uncertain", "uncertain_performance"]

_PANELS = np.linspace(0, 1, 19) ** 2.5
"""Parts of the way from capacity, around which the service level falls, to either end."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_NODES, _WEIGHTS = (1 + _NODES) / 2, _WEIGHTS / 2
_CERTAIN, _WILDEST, _RAREST = 1e-6, 2.0, 1e-16
_PROPER = ("service_level_share", "threshold_s", "convention", "short_s")


@dataclass(frozen=True)
class UncertainPerformance:
    """Expectations over a gamma distributed arrival rate."""

    service_level_share: float
    """Of all chats: busy days count for more, E[L SL(L)] / E[L]."""
    daily_service_level_share: float
    """Mean of the days, each counted once."""
    abandon_share: float
    """Of all chats."""
    mean_wait_s: float
    """Of all chats."""
    overloaded_share: float
    """Probability of a rate that grows the queue for ever; 0 where customers leave."""


def uncertain_performance(
    queue: ChatQueue,
    agents: float,
    *,
    rate_cv: float,
    threshold_s: float,
    convention: ServiceLevelConvention = ServiceLevelConvention.SERVED_OF_ALL,
    short_s: float = 0.0,
) -> UncertainPerformance:
    """Performance over the possible rates: gamma with the queue's rate as mean.

    Args:
        queue: one queue, without rows.
        agents: agents at work.
        rate_cv: standard deviation of the rate over its mean, 0 .. 2, beyond Poisson noise.
        threshold_s: threshold of the service level in seconds.
        convention: how the service level is counted.
        short_s: limit of a short abandon in seconds.

    Raises:
        ModelError: the queue has rows, or an argument is out of range.

    Source:
        Jongbloed, Koole, "Managing uncertainty in call centres using Poisson mixtures", 2001.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> queue = ChatQueue(300, [480, 560, 680], patience_s=180)
        >>> [
        ...     round(uncertain_performance(queue, 19, rate_cv=cv, threshold_s=30).service_level_share, 3)
        ...     for cv in (0, 0.1, 0.2)
        ... ]
        [0.833, 0.797, 0.725]
    """
    rates, weights = _rates(queue, agents, rate_cv)
    desk = performance(
        replace(queue, arrivals_per_hour=rates), agents, threshold_s=threshold_s, short_s=short_s
    )
    by_chat = weights * rates / (weights @ rates) if weights @ rates > 0 else weights
    levels = np.asarray(desk.service_level(convention))
    return UncertainPerformance(
        service_level_share=_share(by_chat @ levels),
        daily_service_level_share=_share(weights @ levels),
        abandon_share=_share(by_chat @ np.asarray(desk.abandon_share)),
        mean_wait_s=float(by_chat @ np.asarray(desk.mean_wait_s)),
        overloaded_share=_share(weights @ ~np.asarray(desk.stable)),
    )


def required_agents_uncertain(queue: ChatQueue, target: Target, *, rate_cv: float) -> int:
    """Smallest number of agents whose service level over all chats meets the target.

    Args:
        queue: one queue, without rows; its rate is the mean.
        target: a service level, and nothing else.
        rate_cv: standard deviation of the rate over its mean, 0 .. 2.

    Raises:
        ModelError: the queue or target has rows, or the target is more than a service level.

    Source:
        As of `uncertain_performance`.

    Example:
        >>> from staffcast.staffing import ChatQueue, Target
        >>> queue = ChatQueue(300, [480, 560, 680], patience_s=180)
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> [required_agents_uncertain(queue, target, rate_cv=cv) for cv in (0, 0.1, 0.2)]
        [19, 20, 21]
    """
    share, threshold = target.service_level_share, target.threshold_s
    extra = [name for name in vars(target) if name not in _PROPER and getattr(target, name) is not None]
    if extra or share is None or threshold is None or target.shape:
        raise ModelError(
            "target: not one service level", hint="give service_level_share and threshold_s alone"
        )
    wanted, within = float(np.asarray(share)), float(np.asarray(threshold))
    rates, _ = _rates(queue, 0, rate_cv)

    def enough(agents: int) -> bool:
        met = uncertain_performance(
            queue,
            agents,
            rate_cv=rate_cv,
            threshold_s=within,
            convention=target.convention,
            short_s=float(np.asarray(target.short_s)),
        )
        return met.service_level_share >= wanted - TIE

    # What the busiest of the rates requires is enough for all of them.
    works = int(np.max(required_agents(replace(queue, arrivals_per_hour=rates), target)))
    fails = -1
    while works - fails > 1:
        middle = (works + fails) // 2
        fails, works = (fails, middle) if enough(middle) else (middle, works)
    return works


def arrival_weighted(shares: ArrayLike, arrivals: ArrayLike) -> float:
    """Share of all chats, from the shares of intervals: each counts by its arrivals.

    Args:
        shares: one share an interval.
        arrivals: chats of the interval, or its rate if all are equally long.

    Returns:
        The share; 1 if nothing arrives.

    Raises:
        ModelError: the arguments differ in length or are negative.

    Source:
        sum(n_i s_i) / sum(n_i). Jongbloed, Koole, "Managing uncertainty in call centres using Poisson
        mixtures", 2001, for chats and not days as what is counted.

    Example:
        >>> round(arrival_weighted([1.0, 0.5], [30, 90]), 3)
        0.625
    """
    level, weight = checked("shares", shares), checked("arrivals", arrivals)
    if level.shape != weight.shape:
        raise ModelError(f"shares {level.shape} and arrivals {weight.shape} differ in length")
    total = float(weight.sum())
    return float((level * weight).sum() / total) if total else 1.0


def _rates(queue: ChatQueue, agents: float, rate_cv: float) -> tuple[Array, Array]:
    """Nodes and weights of the gamma distribution, split where a queue starts to grow for ever."""
    if queue.shape:
        raise ModelError(f"queue: has rows of shape {queue.shape}", hint="give one queue at a time")
    mean = float(np.asarray(queue.arrivals_per_hour))
    cv = float(checked("rate_cv", rate_cv).reshape(-1)[0])
    if cv > _WILDEST:
        raise ModelError(f"rate_cv: {cv:g}", hint=f"give a coefficient of variation up to {_WILDEST:g}")
    if cv < _CERTAIN or mean == 0:
        return np.array([mean]), np.ones(1)
    shape = cv**-2
    ends = np.log([gammaincinv(shape, _RAREST), gammainccinv(shape, _RAREST)])
    rows = queue.rows((1,))
    capacity = float(checked("agents", agents).reshape(-1)[0]) * float(rows.full_throughput[0]) * 3600
    split = np.clip(np.log(max(capacity / mean * shape, _RAREST)), *ends)
    edges = np.unique(np.concatenate([split + (end - split) * _PANELS for end in ends]))
    width = np.diff(edges)[:, None]
    log_rate = (edges[:-1, None] + width * _NODES).ravel()
    log_weight = shape * log_rate - np.exp(log_rate) - gammaln(shape)
    weight = np.exp(log_weight) * (width * _WEIGHTS).ravel()
    return np.exp(log_rate) * mean / shape, weight / weight.sum()


def _share(value: float) -> float:
    return float(np.clip(value, 0, 1))
