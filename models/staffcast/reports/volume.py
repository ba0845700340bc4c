"""The volume forecast as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ConfigError, did_you_mean
from staffcast.forecasting import FORECAST_SCHEMA, VolumeForecast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.forecasting.series import FloatArray

__all__ = ["forecast_days", "forecast_table", "one_queue", "read_forecast"]

_CONTACTS = ("expected", "lower", "upper")


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


def forecast_table(volume: pl.DataFrame, *, paths: Mapping[str, FloatArray] | None = None) -> pl.DataFrame:
    """A forecast interval by interval, for export: instants as ISO 8601 UTC.

    Args:
        volume: Of ``forecasting.FORECAST_SCHEMA``.
        paths: Possible counts by queue, written as one text for each interval.
    """
    table = volume.select(
        "queue",
        pl.from_epoch("interval_at_us", time_unit="us")
        .dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        .alias("interval_at"),
        pl.exclude("queue", "interval_at_us"),
    )
    if paths is None:
        return table
    texts = {
        queue: [" ".join(f"{n:g}" for n in column) for column in counts.T] for queue, counts in paths.items()
    }
    rows = {queue: iter(columns) for queue, columns in texts.items()}
    return table.with_columns(
        pl.Series(
            "paths", [next(rows[queue]) if queue in rows else None for queue in table["queue"]], pl.String
        )
    )


def read_forecast(table: pl.DataFrame) -> VolumeForecast:
    """A forecast from the table that ``staffcast forecast`` wrote, with paths where it has them.

    Raises:
        ConfigError: A column is missing, or a value is not of its kind.
    """
    needed = [name for name in FORECAST_SCHEMA.names() if name != "interval_at_us"]
    for name in ("interval_at", *needed):
        if name not in table.columns:
            raise ConfigError(
                f"forecast: no column '{name}'", hint="write it with `staffcast forecast -f csv`"
            )
    try:
        frame = table.with_columns(
            # CSV has no name for "no queue", and an apostrophe before what a spreadsheet would run.
            pl.col("queue").fill_null("").str.replace(r"^'([=+\-@])", "$1"),
            pl.col("interval_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us").cast(pl.Int64),
        ).rename({"interval_at": "interval_at_us"})
        paths = {}
        if "paths" in table.columns:
            for (queue,), rows in frame.drop_nulls("paths").group_by("queue", maintain_order=True):
                paths[str(queue)] = np.array([text.split(" ") for text in rows["paths"]], dtype=np.float64).T
        frame = frame.select(FORECAST_SCHEMA.names()).cast(FORECAST_SCHEMA)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ConfigError(
            "forecast: a value is not of its kind", hint="write it with `staffcast forecast`"
        ) from error
    if frame.is_empty() or sum(frame.null_count().row(0)):
        raise ConfigError(
            "forecast: empty, or with empty cells", hint="write it with `staffcast forecast -f csv`"
        )
    counts = np.concatenate(
        [frame.select(_CONTACTS).to_numpy().ravel(), *(p.ravel() for p in paths.values())]
    )
    if not np.all(np.isfinite(counts) & (counts >= 0)) or frame["open_us"].min() <= 0:  # type: ignore[operator]
        raise ConfigError(
            "forecast: contacts must be 0 or more and intervals open", hint="check the file, row by row"
        )
    return VolumeForecast(frame, paths, {}, {})


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
