"""A staffing plan in a few numbers, and all queues in one grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.reports.staffing import day_table, hour_grid
from staffcast.reports.wording import DASH

if TYPE_CHECKING:
    from staffcast.planning import Plan

__all__ = ["PlanTotals", "difference_words", "plan_totals", "target_words", "total_grid"]

_DAYS_PER_WEEK, _HOURS_PER_WEEK = 7, 40
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class PlanTotals:
    """What a plan amounts to.

    Attributes:
        contacts: Expected contacts.
        agent_hours: Hours of agents at work.
        scheduled_hours: The same with shrinkage.
        peak_agents: Most agents at work at once, over all queues.
    """

    contacts: float
    agent_hours: float
    scheduled_hours: float
    peak_agents: int


def plan_totals(plan: Plan) -> PlanTotals:
    """Add a plan up."""
    days = day_table(plan)
    at_once = plan.frame.group_by("interval_at_us").agg(pl.col("required_agents").sum())["required_agents"]
    return PlanTotals(
        contacts=float(days["contacts"].sum()),
        agent_hours=float(days["agent_hours"].sum()),
        scheduled_hours=float(days["scheduled_hours"].sum()),
        peak_agents=max(at_once, default=0),
    )


def difference_words(plan: Plan, base: Plan, n_days: int) -> str:
    """What a scenario changes: contacts, hours at work and scheduled, and people of 40 hours a week.

    Args:
        plan: Under the scenario.
        base: Without it.
        n_days: Length of both.
    """
    new, old = plan_totals(plan), plan_totals(base)
    scheduled_h = new.scheduled_hours - old.scheduled_hours
    people = scheduled_h * _DAYS_PER_WEEK / n_days / _HOURS_PER_WEEK
    return (
        f"{new.contacts - old.contacts:+,.0f} contacts, "
        f"{new.agent_hours - old.agent_hours:+,.0f} hours at work, "
        f"{scheduled_h:+,.0f} scheduled ({people:+.1f} FTE of {_HOURS_PER_WEEK} hours)"
    )


def total_grid(plan: Plan, queue: str | None = None) -> pl.DataFrame:
    """Required agents: a row per time of day, a column per date; a dash where nothing is open.

    Args:
        plan: A staffing plan.
        queue: One queue, or None for the sum over all of them, which has no range.
    """
    if queue is not None:
        return hour_grid(plan, queue)
    at_once = plan.frame.group_by("interval_at_us", "local_date", "local_weekday", "local_time").agg(
        pl.col("required_agents").sum()
    )
    # The hour that the clock repeats in autumn has one row: the larger of its two needs.
    sums = at_once.group_by("local_date", "local_weekday", "local_time").agg(
        pl.col("required_agents").max().cast(pl.String).alias("cell")
    )
    days = dict(sums.select("local_date", "local_weekday").unique().sort("local_date").iter_rows())
    grid = sums.pivot(on="local_date", index="local_time", values="cell").sort("local_time")
    shown = grid.select("local_time", *(pl.col(day).fill_null(DASH) for day in days))
    names = {day: f"{_DAYS[weekday - 1]} {day[5:]}" for day, weekday in days.items()}
    return shown.rename({"local_time": "time", **names})


def target_words(plan: Plan) -> dict[str, str]:
    """Values of the plan's targets in words: share, within, chats, shrinkage."""
    targets = plan.targets.values()
    return {
        "share": " or ".join(f"{share * 100:g} %" for share in sorted({target.share for target in targets})),
        "within": " or ".join(f"{limit:g} s" for limit in sorted({target.within_s for target in targets})),
        "chats": " or ".join(f"{most}" for most in sorted({target.concurrency_limit for target in targets})),
        "shrinkage": f"{plan.shrinkage_share * 100:g} %",
    }
