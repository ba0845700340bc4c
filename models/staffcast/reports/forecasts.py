"""Published forecasts and the running day as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.planning import Schedules
from staffcast.reports.wording import DASH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.planning import Today

__all__ = ["judged_table", "today_table", "today_words", "value_added"]


def judged_table(scores: pl.DataFrame) -> pl.DataFrame:
    """Scores of ``planning.judged`` in words: shares as percentages."""

    def percent(name: str) -> pl.Expr:
        return (100 * pl.col(name)).map_elements("{:.1f} %".format, pl.String).fill_null(DASH)

    return scores.select(
        "period",
        "version",
        pl.col("queue").fill_null("all queues"),
        pl.col("contacts").round(0).cast(pl.Int64),
        pl.col("expected").round(0).cast(pl.Int64),
        percent("wape").alias("WAPE"),
        percent("plain_wape").alias("without overrides"),
        percent("average_wape").alias("8-week mean"),
        percent("bias").alias("bias"),
        percent("pinball").alias("pinball"),
        percent("coverage_80").alias("coverage 80"),
    )


def value_added(scores: pl.DataFrame) -> Iterator[str]:
    """Whether overrides helped (forecast value added): the error with them and without, over all periods.

    Args:
        scores: of ``planning.judged``: each interval by the latest version published before it began.
    """
    parts = scores.filter(pl.col("queue").is_not_null() & (pl.col("n_overridden") > 0))
    parts = parts.drop_nulls(["overridden_wape", "overridden_plain_wape"])
    if parts.is_empty():
        return
    n_intervals, of = parts["n_overridden"].sum(), parts["overridden_contacts"].to_numpy()
    errors = [
        float(parts[name].to_numpy() @ of / of.sum()) for name in ("overridden_wape", "overridden_plain_wape")
    ]
    verdict = "they helped" if errors[0] < errors[1] else "they did not help"
    yield (
        f"overrides changed {n_intervals} published intervals: WAPE {errors[0]:.1%} with them, "
        f"{errors[1]:.1%} without: {verdict}"
    )


def today_table(rows: pl.DataFrame) -> pl.DataFrame:
    """One queue, or all together, of ``planning.TODAY_SCHEMA`` through the day, in words."""
    hour, minute = (
        part.cast(pl.String).str.zfill(2)
        for part in (pl.col("local_minute") // 60, pl.col("local_minute") % 60)
    )

    def whole(name: str) -> pl.Expr:
        return pl.col(name).round(0).cast(pl.Int64).cast(pl.String).fill_null(DASH)

    is_over = pl.col("contacts").is_not_null()
    return rows.select(
        pl.format("{}:{}", hour, minute).alias("time"),
        whole("forecast"),
        whole("contacts").alias("came"),
        pl.when(is_over)
        .then(pl.lit(DASH))
        .otherwise(pl.format("{} ({}-{})", whole("updated"), whole("lower"), whole("upper")))
        .alias("new forecast"),
        pl.col("required_agents").alias("agents needed"),
        pl.col("scheduled_agents").round(1).cast(pl.String).fill_null(DASH).alias("scheduled"),
        pl.col("net_agents").round(1).cast(pl.String).fill_null(DASH).alias("net"),
    )


def today_words(found: Today, queue: str | None) -> Iterator[str]:
    """The day in some lines: how it compares so far, what it may come to, whether updating helps.

    Args:
        found: of ``planning.today``.
        queue: one queue; all of them if None.
    """
    rows = found.frame.filter(pl.col("queue").eq_missing(pl.lit(queue)))
    over = rows.drop_nulls("contacts")
    came, expected = float(over["contacts"].sum()), float(over["forecast"].sum())
    if over.is_empty():
        yield "no interval of the day is over yet"
    elif expected > 0:
        yield f"so far {came:.0f} contacts where {expected:.0f} were expected ({came / expected - 1:+.0%})"
    total, first = float(rows["updated"].sum()), float(rows["forecast"].sum())
    if over.height < rows.height:
        yield f"the day is expected to end at {total:.0f} contacts; the forecast was {first:.0f}"
        own = [update for name, update in found.updates.items() if queue in (None, name)]
        n_helped = sum(update.gain > 0 for update in own)
        best = max((update.gain for update in own), default=0.0)
        yield (
            f"{n_helped} of {len(own)} queues updated: on past days that took up to {best:.0%} off the error"
            if n_helped
            else "no update: at this time of past days none would have helped"
        )
        if rows.filter(pl.col("contacts").is_null())["scheduled_agents"].null_count():
            yield _why_no_net(found, queue)


def _why_no_net(found: Today, queue: str | None) -> str:
    """Why there is no net staffing in some of the rest of the day."""
    if found.schedules is Schedules.GIVEN:
        return "the file of --scheduled has no agents for some of the rest of the day"
    if found.schedules is Schedules.NONE:
        return (
            "no schedules of the rest of the day are loaded: load them, or give --scheduled FILE, "
            "for net staffing"
        )
    if queue is not None:
        return "schedules name no queue: net staffing is that of all queues together"
    return "scheduled agents are withheld where they are fewer than the profile's smallest group"
