from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.config import Settings
from staffcast.store.generations import open_generation, publish
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.quality import CHECKS, check

if TYPE_CHECKING:
    import polars as pl

FILES = {
    "conversations.csv": (
        "conversation_id,created_at,closed_at\n"
        "c1,2026-11-02T09:00:00Z,2026-11-02T09:30:00Z\n"
        "c2,2026-11-02T09:00:00Z,2026-11-02T08:00:00Z\n"
    ),
    "messages.csv": (
        "message_id,conversation_id,timestamp,sender_type,sender_id,reply_to\n"
        "m1,c1,2026-11-02T09:00:00Z,customer,u1,\n"
        "m2,c1,2026-11-02T08:59:00Z,agent,a1,m1\n"
        "m3,c1,2026-11-02T09:02:00Z,agent,ghost,m1\n"
        "m4,c9,2026-11-02T09:02:00Z,agent,a1,\n"
        "m5,c9,soon,agent,a1,\n"
    ),
    "events.csv": (
        "conversation_id,event_type,timestamp,agent_id\n"
        "c1,accepted,2026-11-02T09:00:00Z,a1\n"
        "c8,accepted,2026-11-02T09:00:00Z,a1\n"
    ),
    "surveys.csv": (
        "survey_id,conversation_id,sent_at,responded_at,csat\n"
        "s1,c1,2026-11-02T10:00:00Z,2026-11-02T09:00:00Z,9\n"
        "s2,c7,2026-11-02T10:00:00Z,2026-11-02T11:00:00Z,5\n"
    ),
    "agents.csv": "agent_id\na1\n",
    "agent_status.csv": (
        "agent_id,status,started_at,ended_at\na1,online,2026-11-02T10:00:00Z,2026-11-02T09:00:00Z\n"
    ),
    "schedules.csv": (
        "agent_id,activity,started_at,ended_at\na1,chat,2026-11-02T08:00:00Z,2026-11-02T09:00:00Z\n"
    ),
}
EXPECTED = {
    "orphan_messages": (1, 4),
    "orphan_events": (1, 2),
    "orphan_surveys": (1, 2),
    "conversations_end_before_start": (1, 2),
    "surveys_end_before_start": (1, 2),
    "agent_status_end_before_start": (1, 1),
    "schedules_end_before_start": (0, 1),
    "messages_before_start": (1, 3),
    "replies_before_question": (1, 2),
    "csat_off_scale": (1, 2),
    "unknown_agents": (1, 2),
    "quarantined_rows": (1, 14),
}


@pytest.fixture
def checked(desk: Any) -> pl.DataFrame:
    for name, text in FILES.items():
        desk.write(f"export/{name}", text)
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        return check(warehouse.con)


def test_each_fault_is_counted(checked: pl.DataFrame) -> None:
    found = {row["check"]: (row["n"], row["n_total"]) for row in checked.to_dicts()}
    assert found == EXPECTED


def test_verdicts_follow_the_threshold(checked: pl.DataFrame) -> None:
    for row in checked.to_dicts():
        expected = "ok" if row["n"] == 0 else "fail" if row["share"] > row["threshold"] else "warn"
        assert row["status"] == expected


def test_a_little_is_a_warning(desk: Any) -> None:
    rows = "".join(f"a{number}\n" for number in range(500))
    desk.load("agents.csv", "agent_id\n" + rows + "a,b\n")
    with Warehouse.open(desk.data_dir) as warehouse:
        verdict = check(warehouse.con).filter(check="quarantined_rows").to_dicts()[0]
    assert (verdict["n"], verdict["n_total"], verdict["status"]) == (1, 501, "warn")


def test_no_data_is_no_fault_and_no_share(desk: Any) -> None:
    with Warehouse.open(desk.data_dir, create=True) as warehouse:
        result = check(warehouse.con)
    assert set(result["status"]) == {"ok"}
    assert result["share"].null_count() == result.height


def test_the_scale_of_the_data_counts(desk: Any) -> None:
    config = desk.write("config.json", '{"csat_scale": [1, 10]}')
    desk.ingest(config, desk.write("surveys.csv", FILES["surveys.csv"]))
    with Warehouse.open(desk.data_dir) as warehouse:
        assert check(warehouse.con).filter(check="csat_off_scale")["n"].item() == 0


def test_a_generation_is_checked_for_what_it_holds(desk: Any) -> None:
    desk.load("surveys.csv", FILES["surveys.csv"])
    with Warehouse.open(desk.data_dir) as warehouse:
        publish(warehouse, ["surveys"], now=datetime(2026, 11, 16, tzinfo=UTC))
    with open_generation(desk.data_dir) as reader:
        assert set(check(reader)["check"]) == {"surveys_end_before_start", "csat_off_scale"}


def test_each_check_reads_the_source_that_has_its_tables(desk: Any) -> None:
    desk.load(
        "messages.csv", "message_id,conversation_id,timestamp,sender_type\nm,c,2026-11-02T09:00:00Z,agent\n"
    )
    with Warehouse.open(desk.data_dir) as warehouse:
        build(warehouse, Settings(), now=datetime(2026, 11, 16, tzinfo=UTC))
        with open_generation(desk.data_dir) as reader:
            both = check(warehouse.con, reader)
        alone = check(warehouse.con)
    assert both.filter(check="inferred_conversations")["n"].item() == 1
    assert both.height == alone.height + 1 == len(CHECKS)


def test_names_are_unique() -> None:
    assert len({item.name for item in CHECKS}) == len(CHECKS)
