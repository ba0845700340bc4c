"""The cells of queues, as a forecast takes them: complete, of the right kinds, and each only once."""

from __future__ import annotations

import polars as pl

from staffcast.core.errors import ForecastError, did_you_mean

__all__ = ["FUTURE_CELLS", "PAST_CELLS", "checked_cells"]

FUTURE_CELLS = pl.Schema(
    {
        "queue": pl.String,
        "interval_at_us": pl.Int64,
        "local_date": pl.String,
        "local_weekday": pl.Int64,
        "local_minute": pl.Int64,
        "open_us": pl.Int64,
    }
)
"""Columns of intervals to forecast; more are allowed."""
PAST_CELLS = pl.Schema([*FUTURE_CELLS.items(), ("n_offered", pl.Float64)])
"""The same of past intervals, with their contacts."""


def checked_cells(frame: pl.DataFrame, what: str, schema: pl.Schema) -> pl.DataFrame:
    """A frame with the columns of a schema.

    Args:
        frame: one row per queue and interval.
        what: the name of the frame in messages.
        schema: the columns that it must have.

    Raises:
        ForecastError: a column is missing or of another kind, or an interval is there twice.

    Example:
        >>> checked_cells(pl.DataFrame(schema=dict.fromkeys(PAST_CELLS)), "history", PAST_CELLS).height
        0
    """
    for name, kind in schema.items():
        if name not in frame.columns:
            raise ForecastError(f"{what}: no column '{name}'", hint=did_you_mean(name, frame.columns))
        try:
            frame = frame.with_columns(pl.col(name).cast(kind))
            if name == "local_date":
                frame.select(pl.col(name).str.to_date())
        except pl.exceptions.PolarsError as error:
            raise ForecastError(f"{what}: '{name}' is no {kind}", hint="dates are 2026-11-20") from error
    twice = frame.filter(pl.struct("queue", "interval_at_us").is_duplicated())
    if not twice.is_empty():
        first = twice.row(0, named=True)
        at = f"{first['local_date']} {first['local_minute'] // 60:02}:{first['local_minute'] % 60:02}"
        raise ForecastError(
            f"{what}: {at} of queue '{first['queue']}' is there more than once ({len(twice)} such rows)",
            hint="give one row per queue and interval",
        )
    return frame
