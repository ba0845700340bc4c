"""Arrivals by quarter-hour: zeroes where a queue was open, exposure in open time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts

HOUR, DAY = 3_600, 86_400
OFFICE = {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:10", "17:00"]], "tue": [["09:00", "17:00"]]}}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk(datetime(2026, 11, 2, 8, tzinfo=UTC))  # Monday 09:00 in Berlin
    desk.row("queues", queue="office", hours=json.dumps(OFFICE), timezone="Europe/Berlin")
    desk.row("queues", queue="quiet", hours=json.dumps(OFFICE), timezone="Europe/Berlin")
    desk.chat("first", 610).queued(610, "office").accepted(620, "anna").closed(700)
    desk.chat("second", 899.999).queued(899.999, "office").abandoned(950)
    desk.chat("at the edge", 900).queued(900, "office").accepted(910, "anna").transferred(950).queued(
        950, "other"
    ).closed(960)
    desk.chat("at night", 12 * HOUR).queued(12 * HOUR, "office").accepted(DAY, "anna").closed(DAY + 60)
    desk.chat("test", 2000, is_test=True).queued(2000, "office").closed(2100)
    desk.chat("outreach", 2000, initiated_by="agent").queued(2000, "office").accepted(2010, "anna").closed(
        2100
    )
    desk.chat("other", HOUR).queued(HOUR, "other").closed(2 * HOUR)
    return desk.build(tmp_path_factory.mktemp("arrivals"), timezone="Europe/Berlin", as_of=DAY + 8 * HOUR)


def test_each_conversation_counts_once_in_its_first_queue_and_slot(facts: Facts) -> None:
    counted = [
        (row.at("slot"), row["n_offered"], row["n_answered"], row["n_abandoned"])
        for row in facts.rows("fact_arrivals", queue="office")
        if row["n_offered"]
    ]
    assert sorted(counted) == [(0, 2, 1, 1), (900, 1, 1, 0), (12 * HOUR, 1, 1, 0)]  # type: ignore[type-var]


def test_open_slots_without_arrivals_are_zeroes(facts: Facts) -> None:
    rows = facts.rows("fact_arrivals", queue="office")
    open_slots = [row for row in rows if row["open_us"] > 0]
    assert len(open_slots) == 2 * 32  # Monday 09:10 - 17:00 and Tuesday 09:00 - 17:00
    assert sum(row["open_us"] for row in rows) / 3.6e9 == pytest.approx(8 - 1 / 6 + 8)
    assert len([row for row in open_slots if row["n_offered"] == 0]) == 62


def test_the_half_open_slot_counts_its_open_part(facts: Facts) -> None:
    first = facts.one(
        "fact_arrivals", queue="office", slot_at_us=facts.conversation("first")["start_at_us"] - 610_000_000
    )
    assert (first.s("open"), first["queue_slot"]) == (300, 36)  # 09:10 - 09:15


def test_an_arrival_while_closed_has_no_exposure(facts: Facts) -> None:
    night = [row for row in facts.rows("fact_arrivals", queue="office") if row["open_us"] == 0]
    assert [(row.at("slot"), row["n_offered"]) for row in night] == [(12 * HOUR, 1)]


def test_a_queue_to_which_nobody_came_is_all_zeroes(facts: Facts) -> None:
    rows = facts.rows("fact_arrivals", queue="quiet")
    assert len(rows) == 64
    assert sum(row["n_offered"] for row in rows) == 0


def test_a_queue_without_hours_is_open_always(facts: Facts) -> None:
    rows = facts.rows("fact_arrivals", queue="other")
    assert len(rows) == 32 * 4 + 1  # from the first arrival at 09:00 until as_of, 32 hours later
    assert {row["open_us"] for row in rows} == {900_000_000}
    assert sum(row["n_offered"] for row in rows) == 1


def test_labels_of_the_cohort(facts: Facts) -> None:
    row = facts.one("fact_arrivals", queue="office", slot_at_us=facts.conversation("at night")["start_at_us"])
    assert (row["queue_date"], row["queue_hour"], row["queue_slot"]) == ("2026-11-02", 21, 84)
