"""What is scheduled after as_of: cut by hand, continued like a full build, and no person in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.property.facts.portions import feed
from tests.unit.facts.desk import NOW, Desk

from staffcast.core.config import Settings
from staffcast.core.errors import WarehouseError
from staffcast.store.generations import open_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.delta import changes
from staffcast_pipelines.loading.keys import Keyring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.facts.desk import Facts

DAY = 86_400


def plan(desk: Desk, who: str, activity: str, start: float, end: float) -> None:
    desk.row(
        "schedules", agent_id=who, activity=activity, started_at_us=desk.us(start), ended_at_us=desk.us(end)
    )


def a_desk() -> Desk:
    desk = Desk()
    desk.chat("c").queued(0).accepted(5, "anna").closed(60)
    desk.row("agents", agent_id="robo", type="bot")
    return desk


def ahead(facts: Facts, who: str) -> list[tuple[Any, ...]]:
    rows = sorted(facts.rows("fact_schedule_ahead", agent_id=who), key=lambda row: int(row["segment_at_us"]))
    assert all(row["scheduled_us"] == row["segment_end_at_us"] - row["segment_at_us"] for row in rows)
    return [(row.at("segment"), row.at("segment_end"), row["activity"], row["is_chat_work"]) for row in rows]


def test_it_begins_at_as_of_and_is_cut_at_quarter_hours(tmp_path: Path) -> None:
    desk = a_desk()
    plan(desk, "anna", "Chat", 0, 2000)
    plan(desk, "anna", "break", 1500, 1700)
    plan(desk, "bea", "training", 1000, 1200)
    plan(desk, "cleo", "chat", 0, 1000)
    plan(desk, "robo", "chat", 0, 5000)
    facts = desk.build(tmp_path, as_of=1000)
    assert ahead(facts, "anna") == [
        (1000, 1500, "Chat", True),
        (1500, 1700, "break", False),
        (1700, 1800, "Chat", True),
        (1800, 2000, "Chat", True),
    ]
    assert ahead(facts, "bea") == [(1000, 1200, "training", False)]
    assert ahead(facts, "cleo") == ahead(facts, "robo") == []
    plans = facts.rows("fact_agent_state", agent_id="anna", activity="Chat")
    assert sum(row["state_us"] for row in plans) == 1_000_000_000  # what was before as_of stays there


def test_a_shift_over_midnight_and_the_end_of_the_calendar(tmp_path: Path) -> None:
    desk = a_desk()
    plan(desk, "anna", "shift", 14 * 3600, 16 * 3600)  # 23:00 to 01:00
    plan(desk, "bea", "shift", 100 * DAY, 100 * DAY + 900)
    facts = desk.build(tmp_path, as_of=60)
    days = [row["overlap_date"] for row in facts.rows("fact_schedule_ahead")]
    assert days.count("2026-11-02") == days.count("2026-11-03") == 4
    assert len(days) == 8


def portions() -> Iterator[tuple[list[tuple[str, Any]], int]]:
    """Loads one after the other, with the instant up to which the data reach."""
    desk = a_desk()
    plan(desk, "anna", "chat", 0, 3000)
    plan(desk, "bea", "chat", DAY, DAY + 3000)
    yield [(table, row) for table, rows in desk.tables.items() for row in rows], 100
    yield [], 1000
    more = Desk()
    plan(more, "anna", "break", 2000, 2500)
    plan(more, "bea", "training", 5 * DAY, 5 * DAY + 900)
    yield [("schedules", row) for row in more.tables["schedules"]], 1000
    yield [], DAY + 1500


def as_of(seconds: float) -> str:
    return datetime.fromtimestamp(Desk().us(seconds) / 1e6, UTC).isoformat()


def test_a_continued_build_knows_what_a_full_one_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LARGEST_SHARE", 1000)
    scheduled_s = []
    with Warehouse.open(tmp_path, create=True) as warehouse:
        for load_id, (rows, as_of_s) in enumerate(portions(), start=1):
            feed(warehouse, rows, load_id)
            found = []
            for full in (False, True):
                report = build(warehouse, Settings(as_of=as_of(as_of_s)), now=NOW, full=full)
                assert full or load_id == 1 or not report.full_because
                with open_generation(tmp_path) as reader:
                    found.append(reader.query("from fact_schedule_ahead order by all").to_dicts())
            assert found[0] == found[1]
            scheduled_s.append(sum(row["scheduled_us"] for row in found[0]) / 1e6)
    assert scheduled_s == [2900 + 3000, 2000 + 3000, 2000 + 3000 + 900, 1500 + 900]


def test_under_the_works_council_profile_nobody_is_named(tmp_path: Path) -> None:
    desk = a_desk()
    for day in range(2):
        plan(desk, "anna", "chat", day * DAY + 100, day * DAY + 800)
    Keyring.open(tmp_path, create=True)
    with Warehouse.open(tmp_path, create=True) as warehouse:
        feed(warehouse, [(table, row) for table, rows in desk.tables.items() for row in rows], 1)
        build(warehouse, Settings(as_of=as_of(60), works_council="on"), now=NOW)
    with open_generation(tmp_path) as reader:
        text = reader.run("select * from fact_schedule_ahead").write_csv()
        names = reader.run("select agent_id from fact_schedule_ahead")["agent_id"].unique().sort().to_list()
        with pytest.raises(WarehouseError, match="withheld"):
            reader.query("from fact_schedule_ahead")
    assert [name[:11] for name in names] == ["2026-11-02/", "2026-11-03/"]
    assert names[0][11:] != names[1][11:]
    assert "anna" not in text
    assert "agent~" not in text
