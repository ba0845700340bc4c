"""The plan with carry-over as people read it."""

from __future__ import annotations

import polars as pl

__all__ = ["day_export", "day_note", "day_view"]


def day_view(days: pl.DataFrame, queue: str) -> pl.DataFrame:
    """Agents of a queue with everything carried over, beside those of an hour-by-hour calculation.

    Args:
        days: Of ``planning.DAY_SCHEMA``.
        queue: One of its queues.
    """
    promised, real = _percent("hour_by_hour_promised_share"), _percent("hour_by_hour_share")
    mark = pl.when("is_missed").then(pl.lit(" !")).otherwise(pl.lit(""))
    return days.filter(pl.col("queue") == queue).select(
        pl.col("local_date").alias("date"),
        pl.col("local_time").alias("time"),
        pl.col("expected_contacts").round(1).alias("contacts"),
        pl.col("required_agents").alias("agents"),
        _percent("service_level_share").alias("in time"),
        pl.col("chats_left").round(1).alias("chats left"),
        pl.col("hour_by_hour_agents").alias("hour by hour"),
        promised.alias("promised"),
        pl.format("{}{}", real, mark).alias("really"),
    )


def day_export(days: pl.DataFrame) -> pl.DataFrame:
    """Row by row: instants as ISO 8601 UTC."""
    instant = pl.from_epoch("interval_at_us", time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return days.select("queue", instant.alias("interval_at"), pl.exclude("queue", "interval_at_us"))


def day_note(days: pl.DataFrame) -> str:
    """One line: what the plan takes, and what taking each interval by itself misses."""
    hours, apart = (
        float((days[name] * days["open_h"]).sum()) for name in ("required_agents", "hour_by_hour_agents")
    )
    missed, n_rows = int(days["is_missed"].sum()), len(days)
    return (
        f"{hours:.0f} agent-hours; hour by hour {apart:.0f}, of whose {n_rows} intervals {missed} miss the "
        f"target (!) once chats in progress and in line are carried over; {_beginnings(days)}"
    )


def _beginnings(days: pl.DataFrame) -> str:
    carried = days["is_carried_in"]
    around = "open around midnight, the first day begins with what the last one leaves"
    if carried.all():
        return around
    return f"openings begin empty; where {around}" if carried.any() else "each opening begins empty"


def _percent(name: str) -> pl.Expr:
    return pl.format("{} %", (pl.col(name) * 100).round(0).cast(pl.Int64))
