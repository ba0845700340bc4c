"""Agents' time by hand: what was available, busy, scheduled, kept and lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.units import US_PER_HOUR, US_PER_MINUTE, US_PER_S
from staffcast.metrics import query

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
LABELS = {"date": "2026-11-02", "hour": 9, "weekday": 1, "week": "2026-11-02", "month": "2026-11"}
PRODUCTIVE = ("available", "busy")
CHAT_WORK = ("shift",)


def stretch(
    minutes: float, status: str | None = "available", activity: str | None = None, **more: Any
) -> Row:
    """A stretch of one agent's time; chats by ``k_open`` and ``k_active``, three slots."""
    length = round(minutes * US_PER_MINUTE)
    k_open, k_active = more.get("k_open", 0), more.get("k_active", 0)
    productive, chat_work = status in PRODUCTIVE, activity in CHAT_WORK
    away = chat_work and not productive
    own = {
        "agent_id": "a1",
        "segment_at_us": 0,
        "status": status,
        "activity": activity,
        "state_us": length,
        "is_productive": productive,
        "is_presence_known": True,
        "is_plan_known": True,
        "is_chat_work": chat_work,
        "is_adherent": activity is not None and chat_work == productive,
        "shrinkage_category": "away" if away else None if chat_work else activity,
        "planned": "unplanned" if away else "planned" if activity else None,
        "paid": "paid" if activity else None,
        "k_open": k_open,
        "k_active": k_active,
        "busy_us": length if k_open else 0,
        "active_busy_us": length if k_active else 0,
        "open_chat_us": k_open * length,
        "slot_us": 3 * length,
    }
    return own | {f"overlap_{name}": value for name, value in LABELS.items()} | more


@pytest.fixture
def ask(reader_of: Any) -> Callable[..., Row]:
    def answer(rows: list[Row], name: str, **options: object) -> Row:
        return query(reader_of(fact_agent_state=rows), name, options=options).row(0, named=True)

    return answer


WORK = [
    stretch(30),
    stretch(30, k_open=1),
    stretch(60, "busy", k_open=2, k_active=1),
    stretch(10, "break", k_open=1, k_active=1),
    stretch(20, None, k_open=1),  # signed off
    stretch(99, None, k_open=4, k_active=4, is_presence_known=False),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("available_time", (30 + 30 + 60) * 60.0),
        ("busy_time", (30 + 60 + 10 + 20 + 99) * 60.0),
        ("off_status_work", (10 + 20) * 60.0),
        ("occupancy", (30 + 60) / 120),
        ("work_occupancy", 60 / 120),
        ("capacity_utilisation", (30 + 2 * 60) / (3 * 120)),
    ],
)
def test_work_in_available_time(ask: Any, name: str, value: float) -> None:
    row = ask(WORK, name)
    assert row["value"] == pytest.approx(value, rel=1e-14)
    if name != "busy_time":
        assert json.loads(row["n_excluded"])["not_recorded"] == 1


def test_more_chats_than_slots_are_shown_as_they_are(ask: Any) -> None:
    assert ask([stretch(10, k_open=6)], "capacity_utilisation")["value"] == 2.0
    assert ask([stretch(10, k_open=6)], "occupancy")["value"] == 1.0


@pytest.mark.parametrize(
    "name", ["available_time", "off_status_work", "occupancy", "work_occupancy", "capacity_utilisation"]
)
def test_without_presence_there_is_no_number(ask: Any, name: str) -> None:
    rows = [stretch(10, None, k_open=1, is_presence_known=False, is_plan_known=False)]
    row = ask(rows, name)
    assert (row["value"], row["null_reason"]) == (None, "no_column")


def test_no_work_while_away_is_a_zero_and_not_a_gap(ask: Any) -> None:
    rows = [stretch(10, k_open=1), stretch(10, None, k_open=1, is_presence_known=False)]
    row = ask(rows, "off_status_work")
    assert (row["value"], row["null_reason"]) == (0.0, None)


PLAN = [
    stretch(30, None, "shift"),  # late: 9:00-9:30
    stretch(150, "available", "shift"),  # 9:30-12:00
    stretch(15, "available", "break"),  # 12:00-12:15
    stretch(45, "break", "break"),
]


def test_adherence_and_conformance(ask: Any) -> None:
    # As scheduled: 150 min of chat work and 45 of the break, of 240 scheduled.
    assert ask(PLAN, "adherence")["value"] == (150 + 45) / 240
    # Available 165 min, chat work scheduled 180.
    assert ask(PLAN, "conformance")["value"] == 165 / 180


def test_an_hour_late_and_an_hour_longer_conforms_and_does_not_adhere(ask: Any) -> None:
    rows = [stretch(60, "offline", "shift"), stretch(60, "available", "shift"), stretch(60, "available")]
    assert ask(rows, "conformance")["value"] == 1.0
    assert ask(rows, "adherence")["value"] == 0.5


@pytest.mark.parametrize(
    "name", ["adherence", "conformance", "shrinkage", "shrinkage_time", "scheduled_time"]
)
def test_without_a_plan_there_is_no_number(ask: Any, name: str) -> None:
    row = ask([stretch(10, is_plan_known=False)], name)
    assert (row["value"], row["null_reason"]) == (None, "no_column")


def test_a_day_without_a_schedule_is_no_missing_source(ask: Any) -> None:
    row = ask([stretch(10)], "adherence")
    assert (row["value"], row["null_reason"]) == (None, "denominator_zero")
    assert json.loads(row["n_excluded"]) == {"not_scheduled": 1}


SHIFT = [
    stretch(360, "available", "shift"),
    stretch(30, "break", "break"),
    stretch(60, "training", "training"),
    stretch(30, "offline", "shift"),
    stretch(45, "lunch", "lunch", paid="unpaid"),
    stretch(60, "available"),
]


@pytest.mark.parametrize(
    ("options", "lost", "of"),
    [
        ({}, 30 + 60 + 30, 480),
        ({"part": "planned"}, 30 + 60, 480),
        ({"part": "unplanned"}, 30, 480),
        ({"time": "scheduled"}, 30 + 60 + 30 + 45, 525),
        ({"time": "unpaid"}, 45, 45),
        ({"time": "scheduled", "part": "planned"}, 30 + 60 + 45, 525),
    ],
)
def test_shrinkage_by_part_and_time(ask: Any, options: dict[str, str], lost: int, of: int) -> None:
    row = ask(SHIFT, "shrinkage", **options)
    assert (row["numerator"], row["denominator"]) == (lost * US_PER_MINUTE, of * US_PER_MINUTE)
    assert (
        row["convention"] == f"{options.get('part', 'all')} shrinkage of {options.get('time', 'paid')} time"
    )


def test_time_lost_by_category_adds_up(reader_of: Any) -> None:
    reader = reader_of(fact_agent_state=SHIFT)
    parts = query(reader, "shrinkage_time", by="shrinkage_category")
    found = dict(parts.select("shrinkage_category", "value").iter_rows())
    assert found == {None: 0.0, "away": 1800.0, "break": 1800.0, "lunch": 2700.0, "training": 3600.0}
    assert query(reader, "shrinkage_time")["value"].item() == sum(found.values())
    planned = query(reader, "shrinkage_time", by=["planned", "paid"])
    assert {(row["planned"], row["paid"]): row["value"] for row in planned.iter_rows(named=True)} == {
        ("planned", "paid"): 5400.0,
        ("planned", "unpaid"): 2700.0,
        ("unplanned", "paid"): 1800.0,
        (None, None): 0.0,
    }


def test_pay_that_is_not_said_is_no_pay_and_no_zero(ask: Any) -> None:
    rows = [stretch(60, "available", "shift", paid=None)]
    for name in ("paid_time", "shrinkage"):
        row = ask(rows, name)
        assert (row["value"], row["null_reason"]) == (None, "no_column")
    assert ask(rows, "shrinkage", time="scheduled")["value"] == 0.0
    assert ask([*rows, *SHIFT], "paid_time")["value"] == 480 * 60
    assert ask([*rows, *SHIFT], "scheduled_time")["value"] == (60 + 525) * 60


def closed(number: int) -> Row:
    labels = {f"close_{name}": value for name, value in LABELS.items()}
    return {"conversation_key": f"s/a/{number}", "is_human_handled": True} | labels


def test_productivity_is_conversations_per_available_hour(reader_of: Any) -> None:
    reader = reader_of(
        fact_conversation=[closed(1), closed(2), closed(3), closed(4) | {"is_human_handled": False}],
        fact_agent_state=[stretch(90), stretch(30, "busy"), stretch(60, "break")],
    )
    row = query(reader, "productivity").row(0, named=True)
    assert (row["value"], row["numerator"], row["denominator"]) == (1.5, 3, 2 * US_PER_HOUR)


def test_productivity_per_chat_does_not_rise_with_concurrency(reader_of: Any) -> None:
    labels = {f"overlap_{name}": value for name, value in LABELS.items()}
    held = [
        {"agent_id": "a", "k_open": k, "busy_us": minutes * US_PER_HOUR // 60,
         "open_chat_us": k * minutes * US_PER_HOUR // 60} | labels
        for k, minutes in ((3, 30), (1, 30))
    ]  # fmt: skip
    reader = reader_of(fact_conversation=[closed(1), closed(2), closed(3)], fact_agent_load=held)
    assert query(reader, "chat_time")["value"].item() == 2 * 3600  # 3 x 30 min and 30 min
    row = query(reader, "productivity_per_chat").row(0, named=True)
    assert (row["value"], row["numerator"], row["denominator"]) == (1.5, 3, 2 * US_PER_HOUR)


def test_productivity_without_presence_is_no_number(reader_of: Any) -> None:
    reader = reader_of(
        fact_conversation=[closed(1)],
        fact_agent_state=[stretch(10, None, k_open=1, is_presence_known=False)],
    )
    row = query(reader, "productivity").row(0, named=True)
    assert (row["value"], row["null_reason"]) == (None, "no_column")


def test_legs_are_counted_by_agent(reader_of: Any) -> None:
    labels = {f"close_{name}": value for name, value in LABELS.items()}
    legs = [
        {"leg_key": f"s/a/1#{n}", "agent_id": who, "end_reason": end} | labels
        for n, (who, end) in enumerate(
            (("a1", "closed"), ("a1", "transferred"), ("a2", "closed"), ("a1", "open"))
        )
    ]
    reader = reader_of(fact_leg=legs, fact_agent_state=[stretch(60), stretch(30, agent_id="a2")])
    found = query(reader, "legs_per_hour", by="agent_id")
    assert dict(found.select("agent_id", "value").iter_rows()) == {"a1": 2.0, "a2": 2.0}


def test_seconds_are_whole_microseconds(ask: Any) -> None:
    assert ask([stretch(1 / 60)], "available_time")["numerator"] == US_PER_S


def leg(load_s: float, open_s: float, end: str = "closed") -> Row:
    labels = {f"close_{name}": value for name, value in LABELS.items()}
    us = {"load_us": round(load_s * US_PER_S), "open_us": round(open_s * US_PER_S)}
    return {"leg_key": f"s/a/{load_s}", "end_reason": end} | us | labels


def test_what_chats_experienced(reader_of: Any) -> None:
    # 2 h alone for one of them: 3 chat-hours over 2; its neighbour 2 over 1; an open one is not known yet.
    reader = reader_of(fact_leg=[leg(3 * 3600, 2 * 3600), leg(2 * 3600, 3600), leg(9, 1, "open"), leg(0, 0)])
    row = query(reader, "experienced_concurrency").row(0, named=True)
    assert row["value"] == pytest.approx(5 / 3, rel=1e-14)
    median = query(reader, "experienced_by_chat").row(0, named=True)
    assert (median["value"], median["n"], median["n_excluded"]) == (1.75, 2, '{"no_value": 1}')


@pytest.mark.parametrize(
    ("minutes", "p95"),
    [
        ({1: 60, 2: 35, 4: 5}, 2),  # two or fewer for exactly 95 of 100 min
        ({1: 60, 2: 34, 4: 6}, 4),
        ({1: 1, 7: 99}, 7),
        ({3: 10}, 3),
    ],
)
def test_concurrency_that_is_not_exceeded_for_95_percent_of_the_time(
    reader_of: Any, minutes: dict[int, int], p95: int
) -> None:
    labels = {f"overlap_{name}": value for name, value in LABELS.items()}
    loads = [
        {"agent_id": "a1", "segment_at_us": n, "k_open": k, "busy_us": US_PER_MINUTE} | labels
        for k, length in minutes.items()
        for n in range(length)  # many short rows of one level weigh as one long one
    ]
    row = query(reader_of(fact_agent_load=loads), "concurrency_p95").row(0, named=True)
    assert (row["value"], row["n"]) == (p95, sum(minutes.values()))
