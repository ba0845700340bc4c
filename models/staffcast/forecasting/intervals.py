"""A table of counts per interval, as spreadsheets and exports have it, as cells of a local calendar.

Whatever cannot be right is refused with the place; whatever had to be assumed is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.calendars import zone
from staffcast.core.errors import ForecastError
from staffcast.forecasting.series import MINUTES_PER_DAY, series_of

if TYPE_CHECKING:
    from staffcast.core.calendars import OpeningHours
    from staffcast.forecasting.series import Series

__all__ = ["CountTable", "cells_of_counts", "series_of_counts"]

_LEAST_DAYS = 7
_GAP_DAYS = 10
_US_PER_MINUTE = 60_000_000
_REGULAR_ROWS = 6


@dataclass(frozen=True)
class CountTable:
    """Counts as cells.

    Attributes:
        cells: ``interval_at_us, local_date, local_weekday, local_minute, open_us, n_offered``, by time.
        slot_min: minutes of an interval.
        notes: what was assumed.
    """

    cells: pl.DataFrame
    slot_min: int
    notes: tuple[str, ...]


def series_of_counts(
    frame: pl.DataFrame, *, timezone: str | None = None, hours: OpeningHours | None = None
) -> Series:
    """Read a table of counts into a day matrix.

    Args:
        frame: ``ds`` (local times, or instants with a zone) and ``y`` (contacts), one row per interval.
        timezone: zone of the desk, for instants.
        hours: opening hours; counts outside are refused, missing intervals inside on a day with any are zero.

    Raises:
        ForecastError: the table cannot be used; the message says where.

    Example:
        >>> from datetime import datetime, timedelta
        >>> times = [datetime(2026, 11, 2, 9) + timedelta(hours=h % 8, days=h // 8) for h in range(80)]
        >>> series_of_counts(pl.DataFrame({"ds": times, "y": [h % 8 for h in range(80)]})).totals[:2]
        array([28., 28.])
    """
    table = cells_of_counts(frame, timezone=timezone, hours=hours)
    series = series_of(table.cells, slot_min=table.slot_min)
    notes = [*table.notes, *_gaps(series)]
    if (series.dates[-1] - series.dates[0]).astype(int) + 1 < _LEAST_DAYS:
        raise ForecastError(
            f"{len(series)} days of history are too few to know the days of a week",
            hint="give at least two weeks; four and more are better",
        )
    if series.n_weeks < 2:
        notes.append(f"{series.n_weeks:.1f} weeks of history: the intervals are wide")
    return replace(series, notes=tuple(notes))


def cells_of_counts(
    frame: pl.DataFrame, *, timezone: str | None = None, hours: OpeningHours | None = None
) -> CountTable:
    """Read a table of counts into cells; arguments and errors as of `series_of_counts`."""
    notes: list[str] = []
    times, instants = _times(frame, timezone)
    counts = _counts(frame, times)
    order = np.argsort(instants, kind="stable")
    if np.any(np.diff(instants) < 0):
        notes.append("the intervals were not in order of time: sorted")
    _refuse_duplicates(instants[order], times.gather(order))
    local = times.gather(order)
    minute = local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute().cast(pl.Int64)
    slot_min = _length_min(local, minute)
    cells = pl.DataFrame(
        {
            "interval_at_us": instants[order],
            "local_date": local.dt.date().cast(pl.String),
            "local_weekday": local.dt.weekday().cast(pl.Int64),
            "local_minute": minute,
            "open_us": pl.Series([slot_min * _US_PER_MINUTE]).new_from_index(0, len(local)).cast(pl.Int64),
            "n_offered": counts.gather(order),
        }
    )
    if hours is not None:
        cells, said = _within(cells, hours, slot_min)
        notes += said
    elif (said_zero := _without_zeros(cells, slot_min)) is not None:
        cells, words = said_zero
        notes.append(words)
    return CountTable(cells, slot_min, tuple(notes))


def _times(frame: pl.DataFrame, timezone: str | None) -> tuple[pl.Series, np.ndarray]:
    """Local wall-clock times and instants in microseconds."""
    for name in ("ds", "y"):
        if name not in frame.columns:
            raise ForecastError(
                f"no column '{name}' among {', '.join(frame.columns) or 'none'}",
                hint="name the time ds and the contacts y",
            )
    if frame.is_empty():
        raise ForecastError("the table has no rows", hint="give at least two weeks of intervals")
    times = frame["ds"]
    if times.dtype == pl.String:
        times = _parsed(times)
    elif times.dtype == pl.Date:
        times = times.cast(pl.Datetime("us"))
    if not isinstance(times.dtype, pl.Datetime):
        raise ForecastError(f"ds is {times.dtype}, not a time", hint="write times like 2026-11-02 09:30")
    if times.null_count():
        row = int(times.is_null().arg_max() or 0)
        raise ForecastError(f"row {row + 1}: '{frame['ds'][row]}' is no time", hint="write 2026-11-02 09:30")
    has_zone = times.dtype.time_zone is not None
    times = times.cast(pl.Datetime("us", times.dtype.time_zone))
    if has_zone and timezone is not None:
        times = times.dt.convert_time_zone(zone(timezone).key)
    instants = times.to_physical().to_numpy()
    return times.dt.replace_time_zone(None) if has_zone else times, instants


def _parsed(texts: pl.Series) -> pl.Series:
    """Times from text; what is none becomes null."""
    try:
        return texts.str.to_datetime(strict=False, time_unit="us")
    except pl.exceptions.ComputeError:  # not even a format could be guessed
        return pl.Series("ds", [None] * len(texts), dtype=pl.Datetime("us"))


def _counts(frame: pl.DataFrame, times: pl.Series) -> pl.Series:
    counts = frame["y"]
    if not counts.dtype.is_numeric():
        counts = counts.cast(pl.Float64, strict=False)
        bad = counts.is_null() & frame["y"].is_not_null()
        if bad.any():
            row = int(bad.arg_max() or 0)
            raise ForecastError(f"{times[row]}: '{frame['y'][row]}' is no count", hint="write whole numbers")
    counts = counts.cast(pl.Float64)
    wrong = (
        (counts < 0).fill_null(value=False)
        | counts.is_nan().fill_null(value=False)
        | counts.is_infinite().fill_null(value=False)
    )
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise ForecastError(
            f"{times[row]}: {counts[row]:g} contacts are no count",
            hint="counts are 0 or more; leave unknown intervals empty",
        )
    if counts.null_count() == len(counts):
        raise ForecastError("no count in column y", hint="give the contacts of each interval")
    return counts


def _refuse_duplicates(instants: np.ndarray, local: pl.Series) -> None:
    twice = np.flatnonzero(np.diff(instants) == 0)
    if len(twice):
        raise ForecastError(
            f"{local[int(twice[0])]} is there more than once ({len(twice)} such rows)",
            hint="give one row per interval; instants with a zone keep the repeated hour of autumn apart",
        )


def _length_min(local: pl.Series, minute: pl.Series) -> int:
    """Minutes of an interval: the least step within a day, of which every time is a multiple."""
    steps = (
        pl.DataFrame({"day": local.dt.date(), "minute": minute})
        .with_columns(step=pl.col("minute").diff().over("day"))
        .filter(pl.col("step") > 0)
    )
    if steps.is_empty():
        return MINUTES_PER_DAY
    if (local.dt.second() != 0).any() or (local.dt.microsecond() != 0).any():
        raise ForecastError(
            "times with seconds are no starts of intervals", hint="count contacts per interval"
        )
    least = int(steps["step"].to_numpy().min())
    off = np.flatnonzero(minute.to_numpy() % least) if MINUTES_PER_DAY % least == 0 else np.array([0])
    if len(off):
        raise ForecastError(
            f"{local[int(off[0])]}: intervals of different lengths ({least} minutes elsewhere)",
            hint="give all intervals the same length",
        )
    regular = (
        steps.group_by("day")
        .agg(
            pl.col("step").n_unique().alias("kinds"),
            pl.col("step").first().alias("step"),
            pl.len().alias("n"),
        )
        .filter((pl.col("kinds") == 1) & (pl.col("n") >= _REGULAR_ROWS) & (pl.col("step") > least))
        .sort("day")
    )
    if len(regular) >= 3:
        raise ForecastError(
            f"{regular['day'][0]}: intervals of {regular['step'][0]} minutes, but of {least} elsewhere",
            hint="give all intervals the same length",
        )
    return least


def _within(cells: pl.DataFrame, hours: OpeningHours, slot_min: int) -> tuple[pl.DataFrame, list[str]]:
    """Set the open time of every interval; what is missing on a day with counts came to nothing."""
    grid = open_cells(cells["local_date"].unique().sort().to_list(), hours, slot_min)
    joined = grid.join(
        cells.select("local_date", "local_minute", "interval_at_us", "n_offered"),
        on=["local_date", "local_minute"], how="left",
    )  # fmt: skip
    outside = cells.join(grid, on=["local_date", "local_minute"], how="anti")
    n_outside = float(outside["n_offered"].fill_null(0).sum())
    notes = []
    if n_outside > 0:
        notes.append(f"{n_outside:.0f} contacts outside the opening hours are left out")
    missing = joined["interval_at_us"].is_null().sum()
    if missing:
        notes.append(f"{missing} open intervals without a row are taken as 0")
    filled = joined.with_columns(
        pl.when(pl.col("interval_at_us").is_null()).then(0.0).otherwise("n_offered").alias("n_offered")
    )
    return filled.sort("local_date", "local_minute"), notes


def open_cells(dates: list[str], hours: OpeningHours, slot_min: int) -> pl.DataFrame:
    """Open intervals of local dates: ``local_date, local_minute, local_weekday, open_us``."""
    rows = []
    plain = replace(hours, timezone="UTC")
    for text in dates:
        day = date.fromisoformat(text)
        midnight = (day - date(1970, 1, 1)).days * MINUTES_PER_DAY * _US_PER_MINUTE
        spans = plain.intervals(day - timedelta(days=1), day + timedelta(days=1))
        for start in range(0, MINUTES_PER_DAY, slot_min):
            first = midnight + start * _US_PER_MINUTE
            last = first + slot_min * _US_PER_MINUTE
            open_us = sum(max(0, min(last, end) - max(first, begin)) for begin, end in spans)
            if open_us:
                rows.append((text, start, day.isoweekday(), open_us))
    schema = {
        "local_date": pl.String,
        "local_minute": pl.Int64,
        "local_weekday": pl.Int64,
        "open_us": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _without_zeros(cells: pl.DataFrame, slot_min: int) -> tuple[pl.DataFrame, str] | None:
    """A table without a single 0 whose days have holes leaves empty intervals out: put them back."""
    if (cells["n_offered"] == 0).any() or cells["n_offered"].null_count():
        return None
    spans = cells.group_by("local_weekday").agg(
        pl.col("local_minute").quantile(0.02, "nearest").alias("from"),
        pl.col("local_minute").quantile(0.98, "nearest").alias("to"),
    )
    days = cells.select("local_date", "local_weekday").unique().join(spans, on="local_weekday")
    grid = (
        days.with_columns(pl.int_ranges("from", pl.col("to") + 1, slot_min).alias("local_minute"))
        .explode("local_minute")
        .select("local_date", "local_weekday", pl.col("local_minute").cast(pl.Int64))
    )
    holes = grid.join(cells, on=["local_date", "local_minute"], how="anti")
    if len(holes) < 0.05 * len(grid):
        return None
    filled = pl.concat(
        [
            cells,
            holes.with_columns(
                pl.lit(None, pl.Int64).alias("interval_at_us"),
                pl.lit(slot_min * _US_PER_MINUTE, pl.Int64).alias("open_us"),
                pl.lit(0.0).alias("n_offered"),
            ).select(cells.columns),
        ]
    )
    words = f"no interval has 0 contacts: {len(holes)} missing ones within the usual hours are taken as 0"
    return filled.sort("local_date", "local_minute"), words


def _gaps(series: Series) -> list[str]:
    """Say where history is missing."""
    missing = np.diff(series.dates).astype(int) - 1
    return [
        f"{missing[row]} days without data after {series.dates[row]}"
        for row in np.flatnonzero(missing >= _GAP_DAYS)
    ]
