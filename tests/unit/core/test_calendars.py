"""Opening hours across weekends, midnights, holidays and daylight-saving changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.core.calendars import BusinessClock, OpeningHours, to_us
from staffcast.core.errors import ConfigError
from staffcast.core.units import US_PER_HOUR

ALL_DAY = {"mon-sun": ["00:00", "24:00"]}


def hours_open(hours: OpeningHours, first: date, last: date) -> float:
    return sum(end - start for start, end in hours.intervals(first, last)) / US_PER_HOUR


def test_a_week_of_office_hours() -> None:
    hours = OpeningHours.from_rules({"mon-fri": ["09:00", "17:00"]}, timezone="Europe/Berlin")
    assert hours_open(hours, date(2026, 11, 2), date(2026, 11, 9)) == 5 * 8


def test_holidays_close_and_half_days_shorten() -> None:
    rules = (
        '{"timezone": "Europe/Berlin", "weekly": {"thu": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]},'
        ' "dates": {"2026-12-24": [["09:00", "13:00"]], "2026-12-25": []}}'
    )
    hours = OpeningHours.from_json(rules)
    assert hours_open(hours, date(2026, 12, 21), date(2026, 12, 28)) == 4


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_days_of_23_and_25_hours(day: date, length: int) -> None:
    hours = OpeningHours.from_rules(ALL_DAY, timezone="Europe/Berlin")
    assert hours_open(hours, day, day.replace(day=day.day + 1)) == length


def test_hours_past_midnight_belong_to_the_day_they_begin() -> None:
    hours = OpeningHours.from_rules({"fri": ["22:00", "02:00"]}, timezone="UTC")
    [(start, end)] = hours.intervals(date(2026, 11, 6), date(2026, 11, 7))
    assert start == to_us(datetime(2026, 11, 6, 22, tzinfo=UTC))
    assert end - start == 4 * US_PER_HOUR


def test_touching_and_overlapping_spans_are_merged() -> None:
    hours = OpeningHours.from_rules({"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}, timezone="UTC")
    assert len(hours.intervals(date(2026, 11, 2), date(2026, 11, 3))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "never",
        "[]",
        '{"weekly": {"monday": []}}',
        '{"weekly": {"mon": ["09:00"]}}',
        '{"weekly": {"mon": [["nine", "17:00"]]}}',
        '{"weekly": {"mon": [["09:00", "24:30"]]}}',
        '{"weekly": {"mon": 9}}',
        '{"weekly": []}',
        '{"date": {}}',
        '{"holidays": ["2026-12-25"]}',
        '{"dates": ["2026-12-25"]}',
        '{"dates": {"25.12.2026": []}}',
        '{"dates": {"20261225": []}}',
        '{"dates": {"2026-02-30": []}}',
        '{"changes": {"from": "2026-11-01"}}',
        '{"changes": [{"weekly": {}}]}',
        '{"changes": [{"from": "soon", "weekly": {}}]}',
        '{"changes": [{"from": "2026-11-01", "week": {}}]}',
        '{"changes": ["2026-11-01"]}',
    ],
)
def test_malformed_hours_are_refused(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        OpeningHours.from_json(text)
    assert "\n" not in str(raised.value)


def test_a_holiday_that_is_no_date_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'25\.12\.2026' in hours is no date"):
        OpeningHours.from_rules({"mon": ["09:00", "17:00"]}, timezone="UTC", holidays=("25.12.2026",))


def test_weekly_hours_change_with_a_date() -> None:
    rules = """{"weekly": {"mon": [["09:00", "17:00"]]}, "dates": {"2026-11-16": [["09:00", "10:00"]]},
        "changes": [{"from": "2026-12-01", "weekly": {"tue": [["09:00", "12:00"]]}},
                    {"from": "2026-11-03", "weekly": {"mon": [["09:00", "13:00"]]}}]}"""
    hours = OpeningHours.from_json(rules)
    mondays = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16), date(2026, 12, 7)]
    assert [hours_open(hours, day, day.replace(day=day.day + 1)) for day in mondays] == [8, 4, 1, 0]
    assert hours_open(hours, date(2026, 12, 1), date(2026, 12, 2)) == 3


@given(
    lengths=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), max_size=8),
    moments=st.lists(st.integers(-10, 900), min_size=3, max_size=3),
)
def test_the_business_clock_counts_each_open_microsecond_once(
    lengths: list[tuple[int, int]], moments: list[int]
) -> None:
    intervals, at = [], 0
    for gap, length in lengths:
        intervals.append((at + gap, at + gap + length))
        at += gap + length
    clock = BusinessClock.from_intervals(intervals)
    first, middle, last = sorted(moments)
    counted = sum(1 for t in range(first, last) if any(a <= t < b for a, b in intervals))
    assert clock.between(first, last) == counted
    assert clock.between(first, middle) + clock.between(middle, last) == counted
