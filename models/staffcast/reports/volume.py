"""The volume forecast as people read it."""

from __future__ import annotations

import polars as pl

from staffcast.core.errors import ConfigError, did_you_mean

__all__ = ["forecast_days", "forecast_table", "one_queue"]


def one_queue(frame: pl.DataFrame, queue: str | None) -> pl.DataFrame:
    """Keep the rows of a queue, or all.

    Raises:
        ConfigError: No row has this queue.

    Example:
        >>> one_queue(pl.DataFrame({"queue": ["a", "b"], "n": [1, 2]}), "b")["n"].to_list()
        [2]
    """
    if queue is None:
        return frame
    known = frame["queue"].unique().to_list()
    if queue not in known:
        raise ConfigError(f"unknown queue '{queue}'", hint=did_you_mean(queue, known))
    return frame.filter(pl.col("queue") == queue)


def forecast_table(volume: pl.DataFrame) -> pl.DataFrame:
    """A forecast interval by interval, for export: instants as ISO 8601 UTC."""
    return volume.select(
        "queue",
        pl.from_epoch("interval_at_us", time_unit="us")
        .dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        .alias("interval_at"),
        pl.exclude("queue", "interval_at_us"),
    )


def forecast_days(volume: pl.DataFrame) -> pl.DataFrame:
    """Expected contacts: a row per date, a column per queue and their total."""
    days = volume.group_by("local_date", "queue").agg(pl.col("expected").sum())
    wide = days.pivot(on="queue", index="local_date", values="expected", sort_columns=True).sort("local_date")
    queues = [name for name in wide.columns if name != "local_date"]
    totals = wide.with_columns(pl.sum_horizontal(queues).alias("all queues"))
    return totals.select(
        pl.col("local_date").alias("date"),
        *(
            pl.col(name).round(0).cast(pl.Int64).cast(pl.String).fill_null("–").alias(name)
            for name in (*queues, "all queues")
        ),
    )
