"""Agents' time: presence against the schedule and the chats held, cut by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.facts.desk import Facts, Row


def plan(
    desk: Desk,
    who: str,
    activity: str,
    start: float,
    end: float,
    *,
    paid: bool | None = True,
    planned: bool | None = True,
) -> None:
    desk.row(
        "schedules", agent_id=who, activity=activity, started_at_us=desk.us(start), ended_at_us=desk.us(end),
        paid=paid, planned=planned,
    )  # fmt: skip


def rows(facts: Facts, who: str) -> list[Row]:
    return sorted(facts.rows("fact_agent_state", agent_id=who), key=lambda row: int(row["segment_at_us"]))


def states(facts: Facts, who: str, *names: str) -> list[tuple[Any, ...]]:
    """Begin and end in seconds, then the named columns."""
    return [
        (row.at("segment"), row.at("segment_end"), *(row[name] for name in names)) for row in rows(facts, who)
    ]


def total_s(facts: Facts, who: str, name: str, **where: object) -> float:
    found = facts.rows("fact_agent_state", agent_id=who, **where)
    return sum(int(row[name]) for row in found) / 1e6


def test_presence_against_the_schedule(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").queued(0).accepted(5, "zoe").closed(60)
    desk.row("agents", agent_id="anna", team="blue", site="north")
    desk.status("anna", "available", 0, 600).status("anna", "break", 600)
    plan(desk, "anna", "chat", 300, 800)
    desk.status("bea", "Available", 0).status("bea", "offline", 500, 700).status("cleo", "available", 2000)
    plan(desk, "dora", "chat", 0, 5000)
    facts = desk.build(tmp_path, as_of=1000)
    assert states(facts, "anna", "status", "activity") == [
        (0, 300, "available", None),
        (300, 600, "available", "chat"),
        (600, 800, "break", "chat"),
        (800, 900, "break", None),
        (900, 1000, "break", None),  # cut at the quarter-hour; an unfinished status lasts until as_of
    ]
    assert states(facts, "bea", "status") == [(0, 500, "Available"), (500, 700, "offline")]
    assert states(facts, "cleo") == []
    assert states(facts, "dora", "activity") == [(0, 900, "chat"), (900, 1000, "chat")]  # not beyond as_of
    assert total_s(facts, "anna", "state_us", is_productive=True) == 600
    assert total_s(facts, "bea", "state_us", is_productive=True) == 500
    assert {row["team"] for row in rows(facts, "anna")} == {"blue"}


def test_a_status_that_ends_after_as_of_is_cut_there(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").queued(0).closed(60)
    desk.status("anna", "available", 0, 5000)
    assert states(desk.build(tmp_path, as_of=100), "anna", "status") == [(0, 100, "available")]


def test_chats_held_cut_the_time_too(tmp_path: Path) -> None:
    desk = Desk(settings={"active_recent_s": 30})
    desk.row("agents", agent_id="anna", max_concurrency=3)
    desk.status("anna", "available", 0, 200).status("anna", "away", 200, 300)
    desk.chat("a").queued(0).accepted(50, "anna").closed(250)
    desk.chat("b").queued(0).accepted(100, "anna").customer(110).agent(120).closed(150)
    facts = desk.build(tmp_path, as_of=400)
    assert states(facts, "anna", "status", "k_open", "k_active", "busy_us", "open_chat_us") == [
        (0, 50, "available", 0, 0, 0, 0),
        (50, 100, "available", 1, 0, 50_000_000, 50_000_000),
        (100, 110, "available", 2, 0, 10_000_000, 20_000_000),
        (110, 150, "available", 2, 1, 40_000_000, 80_000_000),
        (150, 200, "available", 1, 0, 50_000_000, 50_000_000),
        (200, 250, "away", 1, 0, 50_000_000, 50_000_000),
        (250, 300, "away", 0, 0, 0, 0),
    ]
    assert total_s(facts, "anna", "slot_us", is_productive=True) == 3 * 200
    assert total_s(facts, "anna", "active_busy_us") == 40


def test_time_with_chats_alone_is_there_and_its_presence_unknown(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("a").queued(0).accepted(50, "anna").closed(100)
    facts = desk.build(tmp_path)
    assert states(facts, "anna", "status", "is_presence_known", "is_plan_known", "busy_us") == [
        (50, 100, None, False, False, 50_000_000)
    ]


def test_a_row_without_length_begins_nothing(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("a").queued(0).accepted(0, "anna").closed(200)
    desk.status("anna", "available", 50, 50).status("anna", "away", 150, 120)
    plan(desk, "anna", "shift", 60, 60)
    facts = desk.build(tmp_path)
    assert states(facts, "anna", "status", "is_presence_known", "is_plan_known") == [
        (0, 200, None, False, False)
    ]


def test_a_gap_after_the_first_status_is_known_to_be_away(tmp_path: Path) -> None:
    desk = Desk()
    desk.status("anna", "available", 100, 200).status("anna", "available", 300, 400)
    desk.chat("a").queued(0).accepted(50, "anna").closed(350)
    facts = desk.build(tmp_path)
    assert states(facts, "anna", "status", "is_presence_known") == [
        (50, 100, None, False),
        (100, 200, "available", True),
        (200, 300, None, True),
        (300, 350, "available", True),
    ]


@pytest.mark.parametrize("shuffled", [None, 1, 2])
def test_of_overlapping_rows_the_one_that_began_last_holds(tmp_path: Path, shuffled: int | None) -> None:
    desk = Desk()
    desk.chat("c").queued(0).closed(800)
    plan(desk, "anna", "shift", 0, 600)
    plan(desk, "anna", "break", 200, 300)
    plan(desk, "anna", "training", 250, 400, planned=False)
    plan(desk, "bea", "shift", 0, 600)
    plan(desk, "bea", "lunch", 0, 100, paid=False)  # both begin together: the one that ends first
    desk.status("cleo", "available", 0, 500).status("cleo", "break", 100, 200)
    given = desk if shuffled is None else desk.shuffled(shuffled)
    facts = given.build(tmp_path)
    assert states(facts, "anna", "activity", "planned") == [
        (0, 200, "shift", "planned"),
        (200, 250, "break", "planned"),
        (250, 300, "training", "unplanned"),
        (300, 400, "training", "unplanned"),  # where the break behind it ends
        (400, 600, "shift", "planned"),
    ]
    assert states(facts, "bea", "activity", "paid") == [
        (0, 100, "lunch", "unpaid"),
        (100, 600, "shift", "paid"),
    ]
    assert states(facts, "cleo", "status") == [
        (0, 100, "available"),
        (100, 200, "break"),
        (200, 500, "available"),
    ]


def test_what_takes_scheduled_time_from_chats(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").queued(0).closed(800)
    plan(desk, "anna", "Shift", 0, 600)
    plan(desk, "anna", "Break", 200, 300)
    desk.status("anna", "available", 0, 150).status("anna", "away", 150, 250)
    desk.status("anna", "available", 250, 500)
    plan(desk, "bea", "shift", 0, 100, planned=None, paid=None)
    facts = desk.build(tmp_path)
    assert states(facts, "anna", "shrinkage_category", "planned", "is_adherent") == [
        (0, 150, None, "planned", True),
        (150, 200, "away", "unplanned", False),
        (200, 250, "break", "planned", True),  # away, as planned
        (250, 300, "break", "planned", False),  # back too early
        (300, 500, None, "planned", True),
        (500, 600, "away", "unplanned", False),  # no status at all: signed off
    ]
    assert states(facts, "bea", "shrinkage_category", "planned", "paid", "is_adherent") == [
        (0, 100, None, "planned", None, False)  # nothing is known of bea's presence
    ]


def test_slots_are_the_agents_else_the_queues_else_the_settings(tmp_path: Path) -> None:
    desk = Desk(settings={"concurrency_limit": 6})
    desk.row("agents", agent_id="anna", max_concurrency=2)
    desk.chat("c").queued(0).accepted(0, "zoe").closed(100)
    for who in ("anna", "bea"):
        desk.status(who, "available", 0, 100)

    def slots(folder: str) -> dict[str, int]:
        facts = desk.build(tmp_path / folder)
        return {row["agent_id"]: row["slots"] for row in facts.rows("fact_agent_state")}

    assert slots("settings") == {"anna": 2, "bea": 6, "zoe": 6}
    desk.row("queues", queue="easy", max_concurrency=5).row("queues", queue="hard", max_concurrency=4)
    assert slots("queues") == {"anna": 2, "bea": 4, "zoe": 4}  # a limit that every queue allows


def test_paid_time_costs(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    desk.row("agents", agent_id="anna", hourly_cost=18.35)
    desk.chat("c").queued(0).accepted(0, "zoe").closed(100)
    for who in ("anna", "bea"):
        plan(desk, who, "shift", 0, 600)
        plan(desk, who, "lunch", 200, 300, paid=False)
        desk.status(who, "available", 0, 700)
    plan(desk, "cleo", "shift", 0, 100, paid=None)
    facts = desk.build(tmp_path, as_of=800)
    # 500 paid seconds of 18.35 an hour: 1,019,444 + 1,529,166 millionths, each stretch rounded down.
    assert [row["cost_micros"] for row in rows(facts, "anna")] == [1_019_444, 0, 1_529_166, 0]
    assert [row["cost_micros"] for row in rows(facts, "bea")] == [2_000_000, 0, 3_000_000, 0]
    assert [row["cost_micros"] for row in rows(facts, "cleo")] == [None]  # paid or not: nobody says
    assert [row["cost_micros"] for row in rows(facts, "zoe")] == [None]  # no plan at all


def test_without_an_hourly_cost_there_is_no_cost(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").queued(0).closed(100)
    plan(desk, "anna", "shift", 0, 100)
    assert [row["cost_micros"] for row in rows(desk.build(tmp_path), "anna")] == [None]


def test_a_bot_has_no_working_time(tmp_path: Path) -> None:
    desk = Desk()
    desk.row("agents", agent_id="helper", type="bot")
    desk.chat("c").queued(0).closed(100)
    desk.status("helper", "available", 0, 100)
    assert rows(desk.build(tmp_path), "helper") == []


def test_presence_before_the_calendar_is_left_out(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").queued(0).closed(100)
    desk.status("anna", "available", -400_000, 100)
    found = rows(desk.build(tmp_path), "anna")
    assert found[0].at("segment") == -9 * 3600 - 2 * 86_400  # two days before the day of the first record
    assert {row["status"] for row in found} == {"available"}
    assert None not in {row["overlap_date"] for row in found}


def test_presence_over_midnight_counts_on_both_days(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").queued(0).closed(60_000)
    desk.status("anna", "available", 14 * 3600, 16 * 3600)  # 23:00 to 01:00
    facts = desk.build(tmp_path)
    by_date = {
        day: sum(row["state_us"] for row in facts.rows("fact_agent_state", overlap_date=day)) / 3.6e9
        for day in ("2026-11-02", "2026-11-03")
    }
    assert by_date == {"2026-11-02": 1, "2026-11-03": 1}


def test_the_day_of_25_hours_has_25_hours(tmp_path: Path) -> None:
    desk = Desk(start=datetime(2026, 10, 24, 22, tzinfo=UTC))  # midnight in Berlin
    desk.chat("c").queued(0).closed(30 * 3600)
    desk.status("anna", "available", 0, 25 * 3600)
    found = rows(desk.build(tmp_path, timezone="Europe/Berlin"), "anna")
    assert {row["overlap_date"] for row in found} == {"2026-10-25"}
    by_hour: Counter[int] = Counter()
    for row in found:
        by_hour[row["overlap_hour"]] += row["state_us"]
    assert {hour: us / 3.6e9 for hour, us in by_hour.items()} == {hour: 1 + (hour == 2) for hour in range(24)}
