"""``dim_slot`` and ``calendar_span``: local labels and open time, built where time zones are known.

All later steps look these tables up, so no SQL ever handles a zone, a daylight-saving change or a holiday.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from staffcast.core.calendars import BusinessClock, OpeningHours, to_us
from staffcast.core.units import SLOT_US, US_PER_DAY, US_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["REPORT_CALENDAR", "calendar_from_us", "calendar_spans", "first_local_day", "instant", "slot_rows"]

REPORT_CALENDAR = ""
"""Name under which ``dim_slot`` carries the report time zone."""

_MARGIN_DAYS = 2
"""Slots before the first and after the last day, so that overnight chats and zone offsets stay inside."""


def calendar_spans(
    hours: Mapping[str, OpeningHours], *, first: datetime, last: datetime
) -> tuple[pl.DataFrame, dict[str, BusinessClock]]:
    """Open intervals of every queue with the open time before each.

    Args:
        hours: Opening hours by queue.
        first: Earliest instant that will be looked up.
        last: Latest instant.

    Returns:
        Rows of ``calendar_span``, and the same as clocks by queue.

    Example:
        >>> rules = {"mon-fri": ["09:00", "17:00"]}
        >>> hours = OpeningHours.from_rules(rules, timezone="UTC")
        >>> monday = datetime(2026, 11, 2, tzinfo=UTC)
        >>> spans, _ = calendar_spans({"support": hours}, first=monday, last=monday)
        >>> spans["closes_at_us"][0] - spans["opens_at_us"][0]
        28800000000
    """
    clocks = {
        queue: BusinessClock.from_intervals(rules.intervals(*_days(rules.timezone, first, last)))
        for queue, rules in sorted(hours.items())
    }
    rows = [
        (queue, *span)
        for queue, clock in clocks.items()
        for span in zip(clock.starts, clock.ends, clock.before, strict=True)
    ]
    schema = {
        "queue": pl.String,
        "opens_at_us": pl.Int64,
        "closes_at_us": pl.Int64,
        "before_us": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row"), clocks


def slot_rows(
    zones: Mapping[str, str], clocks: Mapping[str, BusinessClock], *, first: datetime, last: datetime
) -> pl.DataFrame:
    """Rows of ``dim_slot`` for the report zone and every queue.

    Args:
        zones: Time zone by queue; the report zone under ``REPORT_CALENDAR``.
        clocks: Business clocks by queue; a queue without one is open always.
        first: Earliest instant.
        last: Latest instant.

    Example:
        >>> day = datetime(2026, 10, 25, tzinfo=UTC)
        >>> slots = slot_rows({"": "Europe/Berlin"}, {}, first=day, last=day)
        >>> slots.filter(pl.col("local_date") == "2026-10-25").height / 4  # autumn change: 25 hours
        25.0
    """
    starts = pl.datetime_range(
        instant(calendar_from_us(first)),
        last.astimezone(UTC) + timedelta(days=_MARGIN_DAYS),
        "15m",
        time_zone="UTC",
        time_unit="us",
        eager=True,
    )
    return pl.concat(
        [_local_slots(starts, queue, name, clocks.get(queue)) for queue, name in sorted(zones.items())]
    )


def calendar_from_us(first: datetime) -> int:
    """The first slot of the calendar, a UTC midnight, when ``first`` is the earliest instant.

    Example:
        >>> instant(calendar_from_us(datetime(2026, 11, 5, 14, tzinfo=UTC))).isoformat()
        '2026-11-03T00:00:00+00:00'
    """
    at_us = to_us(first)
    return at_us - at_us % US_PER_DAY - _MARGIN_DAYS * US_PER_DAY


def _local_slots(starts: pl.Series, queue: str, zone: str, clock: BusinessClock | None) -> pl.DataFrame:
    at_us = starts.dt.epoch("us").to_numpy()
    local = pl.col("local")
    return pl.DataFrame({"at": starts}).select(
        pl.lit(queue).alias("queue"),
        pl.Series("slot_at_us", at_us, dtype=pl.Int64),
        pl.col("at").dt.convert_time_zone(zone).alias("local"),
        pl.Series("open_us", _open_time(at_us, clock), dtype=pl.Int64),
    ).select(
        "queue",
        "slot_at_us",
        local.dt.strftime("%Y-%m-%d").alias("local_date"),
        (local.dt.date() - pl.duration(days=local.dt.weekday().cast(pl.Int64) - 1))
        .dt.strftime("%Y-%m-%d")
        .alias("local_week"),
        local.dt.strftime("%Y-%m").alias("local_month"),
        local.dt.hour().cast(pl.Int64).alias("local_hour"),
        local.dt.weekday().cast(pl.Int64).alias("local_weekday"),
        (local.dt.hour().cast(pl.Int64) * 4 + local.dt.minute().cast(pl.Int64) // 15).alias("local_slot"),
        "open_us",
    )  # fmt: skip


def _open_time(at_us: npt.NDArray[np.int64], clock: BusinessClock | None) -> npt.NDArray[np.int64]:
    if clock is None:
        return np.full(at_us.shape, SLOT_US, dtype=np.int64)
    return _elapsed(at_us + SLOT_US, clock) - _elapsed(at_us, clock)


def _elapsed(at_us: npt.NDArray[np.int64], clock: BusinessClock) -> npt.NDArray[np.int64]:
    if not clock.starts:
        return np.zeros_like(at_us)
    starts, ends = np.array(clock.starts, dtype=np.int64), np.array(clock.ends, dtype=np.int64)
    index = np.searchsorted(starts, at_us, side="right") - 1
    held = np.maximum(index, 0)
    elapsed = np.array(clock.before, dtype=np.int64)[held] + np.minimum(at_us, ends[held]) - starts[held]
    return np.where(index < 0, 0, elapsed)


def _days(zone: str, first: datetime, last: datetime) -> tuple[date, date]:
    after = last.astimezone(ZoneInfo(zone)) + timedelta(days=_MARGIN_DAYS + 1)
    return first_local_day(zone, first), after.date()


def first_local_day(zone: str, first: datetime) -> date:
    """The local day with which a queue's opening intervals begin."""
    return (first.astimezone(ZoneInfo(zone)) - timedelta(days=_MARGIN_DAYS)).date()


def instant(at_us: int) -> datetime:
    """An aware UTC datetime of epoch microseconds.

    Example:
        >>> instant(0).isoformat()
        '1970-01-01T00:00:00+00:00'
    """
    return datetime.fromtimestamp(at_us // US_PER_S, UTC) + timedelta(microseconds=at_us % US_PER_S)
