"""The plan of messaging threads as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.reports.staffing import queue_label
from staffcast.reports.wording import DASH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.planning import Returns, Threads

__all__ = ["messaging_export", "messaging_note", "messaging_view", "threads_note"]


def messaging_view(plan: pl.DataFrame, queue: str) -> pl.DataFrame:
    """Threads, returns and agents of a queue, interval by interval.

    Args:
        plan: Of ``planning.MESSAGING_SCHEMA``.
        queue: One of its queues.
    """
    return plan.filter(pl.col("queue") == queue).select(
        pl.col("local_date").alias("date"),
        pl.col("local_time").alias("time"),
        pl.col("expected_threads").round(1).alias("new threads"),
        pl.col("expected_returns").round(1).alias("returns"),
        pl.col("required_agents").alias("agents"),
        _percent("service_level_share").alias("accepted in time"),
        _percent("replies_within_share").alias("replies in time"),
        pl.col("mean_reply_s").round(0).cast(pl.Int64).alias("mean reply s"),
        _percent("work_occupancy_share").alias("at work"),
        _percent("over_limit_share").alias("over limit"),
    )


def messaging_export(plan: pl.DataFrame) -> pl.DataFrame:
    """Row by row: instants as ISO 8601 UTC."""
    instant = pl.from_epoch("interval_at_us", time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return plan.select("queue", instant.alias("interval_at"), pl.exclude("queue", "interval_at_us"))


def threads_note(queue: str, threads: Threads) -> str:
    """One line: what the threads of a queue are like."""
    model = threads.model
    return (
        f"{queue_label(queue)}: {threads.contacts_share:.0%} of its contacts are threads; {model.visits:.2f} "
        f"visits of {model.visit.turns:.1f} replies, parked after {model.park_after_s:.0f} s of silence "
        f"({model.park_share:.0%} of {threads.n_silences} silences; {threads.n_threads} threads)"
    )


def messaging_note(plan: pl.DataFrame, returns: Returns, other: Mapping[Returns, pl.DataFrame]) -> str:
    """One line: what the plan takes, beside the other way of taking threads back."""
    hours = f"{_hours(plan):.0f} agent-hours with {returns.value} returns"
    beside = "".join(f"; {_hours(frame):.0f} if {way.value}" for way, frame in other.items())
    return (
        f"{hours}{beside}; threads are staffed by themselves, live chats of the queue need their own agents"
    )


def _hours(plan: pl.DataFrame) -> float:
    return float((plan["required_agents"] * plan["open_h"]).sum())


def _percent(name: str) -> pl.Expr:
    rounded = (pl.col(name) * 100).round(0).cast(pl.Int64)
    return pl.format("{} %", rounded).fill_null(DASH)
