"""Agents for messaging threads: a slot is freed when the customer has been silent for long."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.core.units import US_PER_HOUR, US_PER_S
from staffcast.planning.plan import Assumptions, assumed, local_time
from staffcast.staffing import (
    ParkedThreads,
    Target,
    performance,
    required_agents,
    required_agents_sticky,
    sticky_performance,
)
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from staffcast.planning.plan import Inputs, QueueTarget
    from staffcast.store.generations import Reader

__all__ = ["MESSAGING_SCHEMA", "Returns", "Threads", "observed_threads", "plan_messaging"]

MESSAGING_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "interval_at_us": pl.Int64,
        "local_date": pl.String,
        "local_time": pl.String,
        "open_h": pl.Float64,
        "expected_threads": pl.Float64,
        "expected_returns": pl.Float64,
        "required_agents": pl.Int64,
        "service_level_share": pl.Float64,
        "replies_within_share": pl.Float64,
        "mean_reply_s": pl.Float64,
        "work_occupancy_share": pl.Float64,
        "over_limit_share": pl.Float64,
    }
)
"""Columns of a messaging plan: one row per queue and open interval.

``expected_threads`` are new, ``expected_returns`` are parked ones that come back. With sticky returns the
service level is that of new threads and ``over_limit_share`` the share of the agents' time above the limit;
with pooled returns both wait alike, and nobody is above the limit.
"""
_FEWEST_SILENCES = 30
_CLOSED_MEANWHILE = 1.5
"""Over the usual time until a thread is parked, a silence without parking was that of a closed one."""
_AS_THEY_ARE = Assumptions()


class Returns(StrEnum):
    """Who takes a parked thread whose customer writes again."""

    STICKY = "sticky"
    """Its own agent, at once, over the limit if need be."""
    POOLED = "pooled"
    """Any agent with a free slot, in line with the new ones."""


@dataclass(frozen=True, eq=False)
class Threads:
    """The messaging threads of a queue, as observed.

    Attributes:
        model: What a thread asks of the desk.
        contacts_share: Share of the queue's contacts that are threads.
        n_threads: Ended threads that the model rests on.
        n_silences: Silences of their customers.
    """

    model: ParkedThreads
    contacts_share: float
    n_threads: int
    n_silences: int


def observed_threads(
    reader: Reader, queues: Iterable[str], *, park_after_s: float | None = None
) -> dict[str, Threads]:
    """Fit the threads of each queue to its transcripts.

    Args:
        reader: A published generation.
        queues: Queues to look at.
        park_after_s: Silence after which a slot is freed; None takes the median of the data's parkings.

    Returns:
        Threads by queue; a queue with fewer than 30 silences of its customers has none.

    Raises:
        ModelError: No queue has threads, or nothing tells when they are parked.
    """
    work = reader.run(sql_text(__package__, "thread_work")).filter(pl.col("n_replies") > 0)
    silences = reader.run(sql_text(__package__, "thread_silences"))
    usual_us = silences["held_us"].median()
    if park_after_s is None and usual_us is None and len(silences):
        raise ModelError(
            "no thread was ever parked in these data",
            hint="say after how many seconds of silence a slot is free: --park-after 600",
        )
    if usual_us is not None:
        open_all_along = pl.col("silence_us") <= _CLOSED_MEANWHILE * pl.lit(usual_us)
        silences = silences.filter(pl.col("held_us").is_not_null() | open_all_along)
    found = {}
    for row in work.filter(pl.col("queue").is_in(list(queues))).iter_rows(named=True):
        own = silences.filter(pl.col("queue") == row["queue"])
        if len(own) < _FEWEST_SILENCES:
            continue
        held_us = own["held_us"].median()
        after_us = usual_us if held_us is None else held_us
        model = ParkedThreads.of_silences(
            own["silence_us"].to_numpy() / US_PER_S,
            park_after_s=float(str(after_us)) / US_PER_S if park_after_s is None else park_after_s,
            work_s=row["effort_us"] / US_PER_S / row["n_replies"],
            turns=max(1.0, row["n_replies"] / row["n_ended"]),
            wrap_up_s=row["wrapup_us"] / US_PER_S / row["n_ended"],
            tail_s=row["tail_us"] / US_PER_S / row["n_ended"],
        )
        found[row["queue"]] = Threads(
            model, row["n_threads"] / row["n_contacts"], int(row["n_ended"]), len(own)
        )
    if not found:
        raise ModelError(
            f"no queue has {_FEWEST_SILENCES} answers of customers in messaging threads",
            hint="load conversations of mode messaging, or use staffcast staff for live chats",
        )
    return found


def plan_messaging(
    inputs: Inputs,
    threads: Mapping[str, Threads],
    assumptions: Assumptions = _AS_THEY_ARE,
    *,
    returns: Returns,
    reply_share: float | None = None,
    reply_within_s: float | None = None,
) -> pl.DataFrame:
    """Agents that the threads of each queue take, by themselves, in each open interval.

    Args:
        inputs: From `plan_inputs`.
        threads: From `observed_threads`.
        assumptions: What differs from the data and the settings.
        returns: Who takes a returning thread.
        reply_share: Share of replies wanted within ``reply_within_s``, if any.
        reply_within_s: Seconds.

    Returns:
        Frame of ``MESSAGING_SCHEMA``.

    Raises:
        InfeasibleTargetError: No number of agents meets a target.
    """
    targets, volume = assumed(inputs, assumptions)
    parts = []
    for (group,), rows in volume.sort("queue", "interval_at_us").group_by("queue", maintain_order=True):
        queue = str(group)
        if queue not in threads:
            continue
        own, limits = threads[queue], targets[queue]
        target = Target(
            service_level_share=limits.share,
            threshold_s=limits.within_s,
            convention=ServiceLevelConvention(inputs.settings.service_level_convention),
            short_s=inputs.settings.short_abandon_s,
            reply_share=reply_share,
            reply_within_s=reply_within_s,
        )
        per_hour = (
            rows["expected"].to_numpy() * own.contacts_share / (rows["open_us"].to_numpy() / US_PER_HOUR)
        )
        solve = _sticky if returns is Returns.STICKY else _pooled
        try:
            figures = solve(own.model, per_hour, target, limits)
        except InfeasibleTargetError as error:
            raise InfeasibleTargetError(f"{queue}: {error.message}", hint=error.hint) from None
        expected = pl.col("expected") * own.contacts_share
        parts.append(
            rows.with_columns(
                local_time(),
                (pl.col("open_us") / US_PER_HOUR).alias("open_h"),
                expected.alias("expected_threads"),
                (expected * (own.model.visits - 1)).alias("expected_returns"),
                *(
                    pl.lit(None).alias(name) if values is None else pl.Series(name, values)
                    for name, values in figures.items()
                ),
            )
        )
    return pl.concat([part.select(MESSAGING_SCHEMA.names()).cast(MESSAGING_SCHEMA) for part in parts])


def _pooled(
    model: ParkedThreads, per_hour: NDArray[np.float64], target: Target, limits: QueueTarget
) -> dict[str, NDArray[np.float64] | None]:
    queue = model.queue(per_hour, concurrency_limit=limits.concurrency_limit)
    agents = np.maximum(np.asarray(required_agents(queue, target)), 1)
    desk = performance(
        queue,
        agents,
        threshold_s=limits.within_s,
        short_s=target.short_s,
        reply_within_s=target.reply_within_s,
    )
    return {
        "required_agents": agents.astype(np.float64),
        "service_level_share": np.asarray(desk.service_level(target.convention)),
        "replies_within_share": None
        if target.reply_within_s is None
        else np.asarray(desk.replies_within_share),
        "mean_reply_s": np.asarray(desk.mean_reply_s),
        "work_occupancy_share": np.asarray(desk.work_occupancy_share),
        "over_limit_share": np.zeros(agents.size),
    }


def _sticky(
    model: ParkedThreads, per_hour: NDArray[np.float64], target: Target, limits: QueueTarget
) -> dict[str, NDArray[np.float64] | None]:
    limit = limits.concurrency_limit
    agents = _by_rate(
        per_hour, lambda rate: max(1, required_agents_sticky(model, rate, target, concurrency_limit=limit))
    )
    reply_s = None if target.reply_within_s is None else float(np.asarray(target.reply_within_s))
    desks = [
        sticky_performance(
            model,
            float(rate),
            int(people),
            concurrency_limit=limit,
            threshold_s=limits.within_s,
            short_s=float(np.asarray(target.short_s)),
            reply_within_s=reply_s,
        )
        for rate, people in zip(per_hour, agents, strict=True)
    ]
    within = None if reply_s is None else np.array([desk.replies_within_share for desk in desks])
    return {
        "required_agents": agents.astype(np.float64),
        "service_level_share": np.array([desk.service_level(target.convention) for desk in desks]),
        "replies_within_share": within,
        "mean_reply_s": np.array([desk.mean_reply_s for desk in desks]),
        "work_occupancy_share": np.array([desk.work_occupancy_share for desk in desks]),
        "over_limit_share": np.array([desk.over_limit_share for desk in desks]),
    }


def _by_rate(rates: NDArray[np.float64], agents_of: Callable[[float], int]) -> NDArray[np.int64]:
    """Solve no more rates than tell the others: where more come, no fewer agents are needed."""
    known, place = np.unique(rates, return_inverse=True)
    found = np.zeros(known.size, dtype=np.int64)
    found[0], found[-1] = agents_of(float(known[0])), agents_of(float(known[-1]))
    spans = [(0, known.size - 1)]
    while spans:
        low, high = spans.pop()
        if found[low] == found[high]:
            found[low:high] = found[low]
        elif high - low > 1:
            middle = (low + high) // 2
            found[middle] = agents_of(float(known[middle]))
            spans += [(low, middle), (middle, high)]
    return found[place]
