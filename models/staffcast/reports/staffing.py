"""The staffing plan as people read it: hours by day, and what each day costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.reports.wording import DASH

if TYPE_CHECKING:
    from staffcast.planning import Plan

__all__ = ["day_table", "hour_grid", "plan_note", "plan_table", "queue_label"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def queue_label(queue: str) -> str:
    """Name of a queue on screen; conversations of sources without queues have none.

    Example:
        >>> queue_label(""), queue_label("support-en")
        ('no queue', 'support-en')
    """
    return queue or "no queue"


def plan_note(plan: Plan) -> str:
    """One line that says what the plan meets and how it counts."""
    goals = sorted({f"{target.share:.0%} in {target.within_s:g} s" for target in plan.targets.values()})
    limits = sorted({target.concurrency_limit for target in plan.targets.values()})
    chats = " or ".join(str(limit) for limit in limits)
    return (
        f"target {', '.join(goals)} ({plan.convention.value}); up to {chats} chats per agent; "
        f"scheduled agents include {plan.shrinkage_share:.0%} shrinkage; each queue is staffed on its own"
    )


def hour_grid(plan: Plan, queue: str) -> pl.DataFrame:
    """Required agents of a queue: a row per time of day, a column per date; a dash where it is closed.

    A range ``4 (3-6)`` gives the agents for the ends of the forecast interval.
    """
    rows = plan.frame.filter(pl.col("queue") == queue)
    cells = rows.with_columns(
        pl.when(pl.col("lower_agents") == pl.col("upper_agents"))
        .then(pl.col("required_agents").cast(pl.String))
        .otherwise(pl.format("{} ({}-{})", "required_agents", "lower_agents", "upper_agents"))
        .alias("cell")
    )
    columns = dict(rows.select("local_date", "local_weekday").unique().sort("local_date").iter_rows())
    grid = cells.pivot(on="local_date", index="local_time", values="cell").sort("local_time")
    shown = grid.select("local_time", *(pl.col(day).fill_null(DASH) for day in columns))
    names = {day: f"{_DAYS[weekday - 1]} {day[5:]}" for day, weekday in columns.items()}
    return shown.rename({"local_time": "time", **names})


def day_table(plan: Plan) -> pl.DataFrame:
    """Contacts, peak and agent-hours of each day and queue.

    Returns:
        Columns date, queue, contacts, lower_contacts, upper_contacts, peak_agents, agent_hours,
        scheduled_hours.
    """
    return (
        plan.frame.group_by("local_date", "queue")
        .agg(
            pl.col("expected_contacts").sum().alias("contacts"),
            pl.col("required_agents").max().alias("peak_agents"),
            (pl.col("required_agents") * pl.col("open_h")).sum().alias("agent_hours"),
            (pl.col("scheduled_agents") * pl.col("open_h")).sum().alias("scheduled_hours"),
        )
        .rename({"local_date": "date"})
        .sort("date", "queue")
    )


def plan_table(plan: Plan) -> pl.DataFrame:
    """The plan row by row, for export: instants as ISO 8601 UTC."""
    return plan.frame.select(
        "queue",
        pl.from_epoch("interval_at_us", time_unit="us")
        .dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        .alias("interval_at"),
        pl.exclude("queue", "interval_at_us", "local_weekday"),
    )
