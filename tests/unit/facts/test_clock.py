"""The business clock and local days: overnight, half days, holidays, and days of 23 and 25 hours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.facts.desk import Facts

HOUR, DAY = 3_600, 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {
    "timezone": "Europe/Berlin",
    "weekly": {day: [["09:00", "17:00"]] for day in WEEKDAYS},
    "dates": {"2026-11-04": [], "2026-11-05": [["09:00", "12:00"]]},
}
ALWAYS = {
    "timezone": "Europe/Berlin",
    "weekly": {day: [["00:00", "24:00"]] for day in (*WEEKDAYS, "sat", "sun")},
}
NIGHT = {
    "timezone": "Europe/Berlin",
    "weekly": {day: [["22:00", "04:00"]] for day in (*WEEKDAYS, "sat", "sun")},
}


def queues(desk: Desk) -> Desk:
    for name, hours in (("office", OFFICE), ("always", ALWAYS), ("night", NIGHT), ("never", {"weekly": {}})):
        desk.row("queues", queue=name, timezone="Europe/Berlin", hours=json.dumps(hours))
    return desk


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Berlin is an hour ahead of UTC in November: 08:00 UTC is 09:00 there."""
    desk = queues(Desk(datetime(2026, 11, 2, 8, tzinfo=UTC)))
    waits = {  # seconds after Monday 09:00 in Berlin
        "overnight": (7 * HOUR + 3_000, DAY + 300),  # Mon 16:50 - Tue 09:05
        "holiday": (DAY + 7 * HOUR + 3_300, 3 * DAY + 300),  # Tue 16:55 - Thu 09:05, Wednesday closed
        "half day": (3 * DAY + 2 * HOUR + 3_000, 4 * DAY + 600),  # Thu 11:50, closed at 12:00, - Fri 09:10
        "weekend": (4 * DAY + 8 * HOUR - 60, 7 * DAY + 60),  # Fri 16:59 - Mon 09:01
        "inside": (600, 900),
        "closed all along": (5 * DAY, 5 * DAY + 500),  # Saturday
        "at opening": (-HOUR, 0),
        "at closing": (7 * HOUR, 8 * HOUR),
    }
    for name, (queued, accepted) in waits.items():
        desk.chat(name, queued).queued(queued, "office").accepted(accepted, "anna").agent(
            accepted + 30
        ).closed(8 * DAY)
    desk.chat("gone").queued(7 * HOUR, "office").abandoned(10 * HOUR)
    desk.chat("no calendar").queued(0, "elsewhere").accepted(60, "anna").closed(100)
    desk.chat("never open").queued(0, "never").accepted(60, "anna").closed(100)
    chat = desk.chat("turns").customer(7 * HOUR).queued(7 * HOUR, "office").accepted(7 * HOUR, "bea")
    chat.agent(7 * HOUR + 60).customer(7 * HOUR + 1_800).agent(DAY + 600).closed(2 * DAY)
    return desk.build(tmp_path_factory.mktemp("week"), timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "calendar", "business"),
    [
        ("overnight", 16 * HOUR + 900, 900),  # 10 min on Monday + 5 min on Tuesday
        ("holiday", 40 * HOUR + 600, 600),
        ("half day", 21 * HOUR + 1_200, 1_200),
        ("weekend", 64 * HOUR + 120, 120),
        ("inside", 300, 300),
        ("closed all along", 500, 0),
        ("at opening", HOUR, 0),
        ("at closing", HOUR, HOUR),
    ],
)
def test_waits_on_both_clocks(week: Facts, name: str, calendar: float, business: float) -> None:
    chat = week.conversation(name)
    assert (chat.s("queue_wait"), chat.s("queue_wait_business")) == (calendar, business)


def test_abandonment_and_replies_on_the_business_clock(week: Facts) -> None:
    gone = week.conversation("gone")
    assert (gone.s("abandon_wait"), gone.s("abandon_wait_business")) == (3 * HOUR, HOUR)
    first, second = week.of("fact_turn", "turns")
    assert (first.s("reply"), first.s("reply_business")) == (60, 60)
    assert second.s("reply_business") == 1_800 + 600  # 16:30 - 17:00 and 09:00 - 09:10
    assert week.conversation("turns").s("frt_human_business") == 60
    assert week.conversation("overnight").s("frt_human_business") == 930


def test_without_a_calendar_business_time_is_null_and_without_hours_it_is_zero(week: Facts) -> None:
    assert week.conversation("no calendar").s("queue_wait_business") is None
    assert week.conversation("never open").s("queue_wait_business") in (0, None)


def test_default_hours_serve_queues_without_their_own_and_chats_without_a_queue(tmp_path: Path) -> None:
    desk = Desk()  # 09:00 UTC
    desk.chat("named").queued(-HOUR, "support").accepted(60, "anna").closed(100)
    desk.chat("nameless", -HOUR).queued(-HOUR).accepted(60, "anna").closed(100)
    desk.chat("day off", DAY - HOUR).queued(DAY - HOUR, "support").accepted(DAY + 60, "anna").closed(
        DAY + 100
    )
    hours = json.dumps({"mon-fri": ["09:00", "17:00"]})
    facts = desk.build(tmp_path, business_hours=hours, holidays="2026-11-03")
    assert facts.conversation("named").s("queue_wait_business") == 60
    assert facts.conversation("nameless").s("queue_wait_business") == 60
    assert facts.conversation("day off").s("queue_wait_business") == 0
    assert {row["queue"] for row in facts.rows("fact_arrivals")} == {"", "support"}


def test_autumn_day_of_25_hours(tmp_path: Path) -> None:
    desk = queues(Desk(datetime(2026, 10, 24, 10, tzinfo=UTC)))  # Saturday noon in Berlin
    desk.chat("day").queued(0, "always").accepted(25 * HOUR, "anna").closed(25 * HOUR)  # Sunday noon
    desk.chat("night").queued(0, "night").accepted(25 * HOUR, "anna").closed(25 * HOUR)
    facts = desk.build(tmp_path, timezone="Europe/Berlin")
    assert facts.conversation("day").s("queue_wait_business") == 25 * HOUR
    assert (
        facts.conversation("night").s("queue_wait_business") == 7 * HOUR
    )  # 22:00 - 04:00 with an hour repeated
    slots = facts.rows("dim_slot", queue="", local_date="2026-10-25")
    assert len(slots) == 25 * 4
    assert sum(slot["local_hour"] == 2 for slot in slots) == 8
    open_h = (
        sum(slot["open_us"] for slot in facts.rows("dim_slot", queue="always", local_date="2026-10-25"))
        / 3.6e9
    )
    assert open_h == 25


def test_spring_day_of_23_hours(tmp_path: Path) -> None:
    desk = queues(Desk(datetime(2027, 3, 27, 11, tzinfo=UTC)))  # Saturday noon in Berlin
    desk.chat("day").queued(0, "always").accepted(23 * HOUR, "anna").closed(23 * HOUR)  # Sunday noon
    desk.chat("night").queued(0, "night").accepted(23 * HOUR, "anna").closed(23 * HOUR)
    facts = desk.build(tmp_path, timezone="Europe/Berlin")
    assert facts.conversation("day").s("queue_wait_business") == 23 * HOUR
    assert facts.conversation("night").s("queue_wait_business") == 5 * HOUR
    slots = facts.rows("dim_slot", queue="", local_date="2027-03-28")
    assert len(slots) == 23 * 4
    assert not any(slot["local_hour"] == 2 for slot in slots)


def test_labels_are_those_of_the_report_zone(tmp_path: Path) -> None:
    desk = Desk(datetime(2026, 11, 1, 23, 30, tzinfo=UTC))  # Monday 00:30 in Berlin, Sunday 18:30 in New York
    desk.chat("c").queued(0).accepted(1_800, "anna").closed(3_600)
    berlin = desk.build(tmp_path / "berlin", timezone="Europe/Berlin").conversation("c")
    assert [berlin[f"start_{label}"] for label in ("date", "hour", "weekday", "week", "month")] == [
        "2026-11-02", 0, 1, "2026-11-02", "2026-11",
    ]  # fmt: skip
    assert berlin["close_hour"] == 1
    york = desk.build(tmp_path / "york", timezone="America/New_York").conversation("c")
    assert [york[f"start_{label}"] for label in ("date", "hour", "weekday", "week", "month")] == [
        "2026-11-01", 18, 7, "2026-10-26", "2026-11",
    ]  # fmt: skip
