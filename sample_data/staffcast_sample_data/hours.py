"""Opening hours in local time, and what they are in UTC slots."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from staffcast_sample_data.layout import SLOT_MS, Ints

if TYPE_CHECKING:
    from staffcast_sample_data.parameters import Department, DeskParameters

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spans_on(department: Department, day: date) -> tuple[tuple[str, str], ...]:
    """Local opening spans of a department on a date."""
    return dict(department.dates).get(day.isoformat(), department.hours[day.weekday()])


def hours_json(department: Department, timezone: str) -> str:
    """The `hours` cell of a queue: weekly spans, and dates that replace them."""
    weekly = dict(zip(WEEKDAYS, department.hours, strict=True))
    return json.dumps({"timezone": timezone, "weekly": weekly, "dates": dict(department.dates)})


@dataclass(frozen=True)
class Period:
    """The local days of a desk, and their 15-minute slots in UTC."""

    first_day: date
    n_days: int
    timezone: str

    @cached_property
    def zone(self) -> ZoneInfo:
        """The desk's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The local dates in order."""
        return tuple(self.first_day + timedelta(days=i) for i in range(self.n_days))

    def at_ms(self, day: date, hour: float) -> int:
        """UTC milliseconds of a local clock time, given in hours after midnight (24 = the next midnight)."""
        minutes = round(hour * 60)
        day += timedelta(days=minutes // 1440)
        minutes %= 1440
        local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=self.zone)
        return round(local.timestamp() * 1000)

    @cached_property
    def start_ms(self) -> int:
        """Local midnight of the first day."""
        return self.at_ms(self.first_day, 0)

    @cached_property
    def end_ms(self) -> int:
        """Local midnight after the last day."""
        return self.at_ms(self.first_day + timedelta(days=self.n_days), 0)

    @cached_property
    def slots(self) -> SlotCalendar:
        """Local date, weekday and hour of each slot."""
        starts = np.arange(self.start_ms, self.end_ms, SLOT_MS, dtype=np.int64)
        local = [datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone) for at in starts.tolist()]
        return SlotCalendar(
            start_ms=starts,
            day=np.array([(at.date() - self.first_day).days for at in local], dtype=np.int64),
            weekday=np.array([at.weekday() for at in local], dtype=np.int64),
            hour=np.array([at.hour for at in local], dtype=np.int64),
        )

    def open_ms(self, department: Department, day: date) -> list[tuple[int, int]]:
        """Opening spans of one date in UTC milliseconds."""
        return [
            (self.at_ms(day, clock_hours(opens)), self.at_ms(day, clock_hours(closes)))
            for opens, closes in spans_on(department, day)
        ]


@dataclass(frozen=True)
class SlotCalendar:
    """Arrays over the 15-minute slots of a period; `day` counts from its first date."""

    start_ms: Ints
    day: Ints
    weekday: Ints
    hour: Ints


def clock_hours(clock: str) -> float:
    """Hours after midnight of "HH:MM"."""
    hours, minutes = clock.split(":")
    return int(hours) + int(minutes) / 60


def open_slots(parameters: DeskParameters, period: Period) -> tuple[Ints, Ints]:
    """Per queue and slot: 1 if open, and the start (ms) of the next open slot (itself included)."""
    starts = period.slots.start_ms
    n_languages = len(parameters.queues) // len(parameters.departments)
    is_open = np.zeros((len(parameters.queues), len(starts)), dtype=np.int64)
    for d, department in enumerate(parameters.departments):
        for day in period.days:
            for opens, closes in period.open_ms(department, day):
                is_open[d * n_languages : (d + 1) * n_languages, (starts >= opens) & (starts < closes)] = 1
    next_open = np.full(is_open.shape, period.end_ms, dtype=np.int64)
    for queue in range(len(is_open)):
        following = np.int64(period.end_ms)
        for slot in range(len(starts) - 1, -1, -1):
            if is_open[queue, slot]:
                following = starts[slot]
            next_open[queue, slot] = following
    return is_open, next_open
