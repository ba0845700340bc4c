from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError
from staffcast.store.generations import current_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.quality import CHECKS, check, thresholds

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
    "accepted_after_abandoned": (0, 2),
    "accepted_before_queue": (0, 0),
    "accepted_by_nobody": (0, 2),
    "agent_before_customer": (1, 1),
    "agent_status_end_before_start": (1, 1),
    "chats_without_messages": (1, 2),
    "closed_differs": (0, 0),
    "conversations_end_before_start": (1, 2),
    "costs_without_use": (0, 0),
    "created_differs": (0, 0),
    "csat_off_scale": (1, 2),
    "events_after_close": (0, 1),
    "future_rows": (0, 8),
    "gaps_in_targets": (0, 0),
    "late_conversations": (0, 2),
    "late_events": (0, 2),
    "late_messages": (0, 4),
    "long_identifiers": (0, 2),
    "many_messages": (0, 2),
    "messages_after_close": (0, 1),
    "messages_before_start": (1, 3),
    "one_second": (0, 0),
    "orphan_bot_sessions": (0, 0),
    "orphan_events": (1, 2),
    "orphan_messages": (1, 4),
    "orphan_surveys": (1, 2),
    "overlapping_schedules": (0, 1),
    "overlapping_statuses": (0, 0),
    "overlapping_targets": (0, 0),
    "quarantined_rows": (1, 14),
    "replaced_rows": (0, 13),
    "replies_before_question": (1, 2),
    "schedules_end_before_start": (0, 1),
    "surveys_answered_late": (0, 2),
    "surveys_before_chat": (0, 1),
    "surveys_end_before_start": (1, 2),
    "surveys_without_chat": (0, 2),
    "unknown_agents": (1, 2),
    "unknown_queues": (0, 0),
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


AGENTS_TIME = {
    "agent_status.csv": (
        "agent_id,status,started_at,ended_at\n"
        "a1,available,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z\n"
        "a1,break,2026-11-02T09:30:00Z,2026-11-02T09:40:00Z\n"
        "a1,available,2026-11-02T10:00:00Z,\n"
        "a1,offline,2026-11-02T12:00:00Z,\n"
        "a2,available,2026-11-02T09:30:00Z,2026-11-02T10:30:00Z\n"
    ),
    "schedules.csv": (
        "agent_id,activity,started_at,ended_at\n"
        "a1,shift,2026-11-02T09:00:00Z,2026-11-02T17:00:00Z\n"
        "a1,lunch,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z\n"
        "a1,break,2026-11-02T11:00:00Z,2026-11-02T11:15:00Z\n"
        "a1,training,2026-11-02T16:00:00Z,2026-11-02T18:00:00Z\n"
        "a2,shift,2026-11-02T16:00:00Z,2026-11-02T18:00:00Z\n"
    ),
    "costs.csv": (
        "channel,kind,amount,unit_price,period_start\n"
        "chat,licences,300,,2026-11-01\n"
        "chat,rent,,,2026-11-01\n"
        "chat,heating,10,,last month\n"
        "bot,per_resolution,,0.79,2026-11-01\n"
    ),
}


def test_faults_of_agents_time_and_costs_are_counted(desk: Any) -> None:
    for name, text in AGENTS_TIME.items():
        desk.write(f"export/{name}", text)
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        found = {row["check"]: (row["n"], row["n_total"]) for row in check(warehouse.con).to_dicts()}
    assert found["overlapping_statuses"] == (1, 5)
    assert found["overlapping_schedules"] == (1, 5)
    assert found["costs_without_use"] == (2, 4)


TARGETS = (
    "queue,metric,within_s,share,from_date,to_date\n"
    "sales,service_level,30,0.8,,2026-11-05\n"
    "sales,service_level,20,0.8,2026-11-05,2026-11-10\n"  # joins the first
    "sales,service_level,10,0.8,2026-11-08,2026-11-12\n"  # overlaps the second
    "sales,service_level,40,0.8,2026-11-20,\n"  # eight days without a target
    "sales,reply_within,90,0.8,2026-11-01,\n"
    ",service_level,45,0.8,,\n"
)


def test_overlaps_and_gaps_of_targets_are_counted(desk: Any) -> None:
    desk.write("export/targets.csv", TARGETS)
    desk.write("export/conversations.csv", csv_of([C1]))
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        found = {row["check"]: (row["n"], row["n_total"]) for row in check(warehouse.con).to_dicts()}
    assert found["overlapping_targets"] == (1, 6)
    assert found["gaps_in_targets"] == (1, 6)


def test_more_chats_than_the_limit_are_counted(desk: Any) -> None:
    events = "".join(
        f"c{number},{kind},2026-11-02T09:0{minute}:00Z,a1\n"
        for number in range(3)
        for kind, minute in (("accepted", number), ("closed", number + 4))
    )
    desk.write("export/events.csv", "conversation_id,event_type,timestamp,agent_id\n" + events)
    chats = "".join(f"c{number},2026-11-02T09:00:00Z\n" for number in range(3))
    desk.write("export/conversations.csv", "conversation_id,created_at\n" + chats)
    desk.write("export/agents.csv", "agent_id,max_concurrency\na1,2\n")
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        build(warehouse, Settings(), now=datetime(2026, 11, 16, tzinfo=UTC))
        both = check(warehouse.con, current_generation(desk.data_dir))
    # One chat from 9:00, two from 9:01, three from 9:02 to 9:04, two to 9:05, one to 9:06.
    assert both.filter(check="over_assigned").select("n", "n_total").row(0) == (1, 5)


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


def test_checks_of_facts_need_a_generation(desk: Any) -> None:
    desk.load(
        "messages.csv", "message_id,conversation_id,timestamp,sender_type\nm,c,2026-11-02T09:00:00Z,agent\n"
    )
    with Warehouse.open(desk.data_dir) as warehouse:
        build(warehouse, Settings(), now=datetime(2026, 11, 16, tzinfo=UTC))
        both = check(warehouse.con, current_generation(desk.data_dir))
        alone = check(warehouse.con)
        assert check(warehouse.con).equals(alone)  # nothing stays attached
    assert both.filter(check="inferred_conversations")["n"].item() == 1
    assert both.height == len(CHECKS)
    missing = set(both["check"]) - set(alone["check"])
    assert missing == {item.name for item in CHECKS if "fact_conversation" in item.tables}


def conversation(name: str, created: str, closed: str = "", **cells: str) -> dict[str, str]:
    return {"conversation_id": name, "created_at": created, "closed_at": closed, **cells}


def csv_of(rows: list[dict[str, str]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(row.get(name, "") for name in columns) for row in rows]
    return "\n".join([",".join(columns), *lines]) + "\n"


def said(at: str, sender: str = "customer", name: str = "c1") -> dict[str, str]:
    return {"conversation_id": name, "timestamp": at, "sender_type": sender}


def event(kind: str, at: str, name: str = "c1", **cells: str) -> dict[str, str]:
    return {"conversation_id": name, "event_type": kind, "timestamp": at, **cells}


DAY = "2026-11-02T"
C1 = conversation("c1", f"{DAY}09:00:00Z", f"{DAY}09:30:00Z")
FAULTS: dict[str, tuple[dict[str, list[dict[str, str]]], tuple[int, int]]] = {
    "messages_after_close": (
        {"conversations": [C1], "messages": [said(f"{DAY}09:01:00Z"), said(f"{DAY}09:31:00Z")]},
        (1, 2),
    ),
    "events_after_close": (
        {
            "conversations": [C1],
            "events": [
                event("accepted", f"{DAY}09:01:00Z", agent_id="a1"),
                event("parked", f"{DAY}09:31:00Z", agent_id="a1"),
                event("wrapup_ended", f"{DAY}09:31:00Z", agent_id="a1"),
            ],
        },
        (1, 2),
    ),
    "accepted_after_abandoned": (
        {
            "conversations": [C1],
            "events": [
                event("queued", f"{DAY}09:00:00Z"),
                event("abandoned", f"{DAY}09:01:00Z"),
                event("accepted", f"{DAY}09:02:00Z", agent_id="a1"),
                event("abandoned", f"{DAY}09:01:00Z", "c2"),
                event("queued", f"{DAY}09:02:00Z", "c2"),
                event("accepted", f"{DAY}09:03:00Z", "c2", agent_id="a1"),
            ],
        },
        (1, 2),
    ),
    "accepted_before_queue": (
        {
            "conversations": [C1],
            "events": [
                event("accepted", f"{DAY}09:00:00Z", agent_id="a1"),
                event("queued", f"{DAY}09:00:05Z"),
                event("accepted", f"{DAY}09:00:00Z", "c2", agent_id="a1"),
                event("queued", f"{DAY}09:00:06Z", "c2"),
                event("accepted", f"{DAY}09:00:00Z", "c3", agent_id="a1"),
                event("queued", f"{DAY}09:00:01Z", "c3"),
                event("accepted", f"{DAY}09:00:02Z", "c3", agent_id="a1"),
            ],
        },
        (1, 3),
    ),
    "surveys_without_chat": (
        {
            "conversations": [C1],
            "surveys": [
                {"survey_id": "s1", "conversation_id": "c1", "responded_at": f"{DAY}10:00:00Z"},
                {"survey_id": "s2", "customer_id": "u1", "responded_at": f"{DAY}10:00:00Z"},
            ],
        },
        (1, 2),
    ),
    "chats_without_messages": (
        {"conversations": [C1, conversation("c2", f"{DAY}09:00:00Z")], "messages": [said(f"{DAY}09:01:00Z")]},
        (1, 2),
    ),
    "surveys_answered_late": (
        {
            "conversations": [C1],
            "surveys": [
                {"survey_id": "s1", "conversation_id": "c1", "sent_at": f"{DAY}10:00:00Z",
                 "responded_at": "2026-12-03T10:00:00Z"},
                {"survey_id": "s2", "conversation_id": "c1", "sent_at": f"{DAY}10:00:00Z",
                 "responded_at": "2026-12-02T09:00:00Z"},
            ],
        },
        (1, 2),
    ),
    "future_rows": (
        {"conversations": [C1, conversation("c2", "2099-01-01T00:00:00Z")]},
        (1, 2),
    ),
    "agent_before_customer": (
        {
            "conversations": [C1],
            "messages": [said(f"{DAY}09:01:00Z", "agent"), said(f"{DAY}09:02:00Z")],
        },
        (1, 1),
    ),
    "one_second": (
        {"messages": [said(f"{DAY}09:01:00.{n}Z") for n in range(4)]},
        (1, 1),
    ),
    "closed_differs": (
        {"conversations": [C1], "events": [event("closed", f"{DAY}09:30:02Z")]},
        (1, 1),
    ),
    "created_differs": (
        {"conversations": [C1], "events": [event("created", f"{DAY}09:00:00.5Z")]},
        (0, 1),
    ),
    "accepted_by_nobody": (
        {
            "conversations": [C1],
            "events": [
                event("accepted", f"{DAY}09:01:00Z"),
                event("accepted", f"{DAY}09:02:00Z", agent_id="a1"),
            ],
        },
        (1, 2),
    ),
    "surveys_before_chat": (
        {
            "conversations": [C1],
            "surveys": [{"survey_id": "s1", "conversation_id": "c1", "sent_at": f"{DAY}08:00:00Z"}],
        },
        (1, 1),
    ),
    "orphan_bot_sessions": (
        {
            "conversations": [C1],
            "bot_sessions": [
                {"bot_session_id": "b1", "conversation_id": "c7", "started_at": f"{DAY}09:00:00Z"},
            ],
        },
        (1, 1),
    ),
    "unknown_queues": (
        {
            "conversations": [C1 | {"queue": "sales"}],
            "events": [event("queued", f"{DAY}09:00:00Z", queue="support")],
            "queues": [{"queue": "sales"}],
        },
        (1, 2),
    ),
    "many_messages": (
        {"messages": [said(f"{DAY}09:00:00.{n:03}Z") | {"message_id": str(n)} for n in range(1000)]},
        (1, 1),
    ),
    "long_identifiers": (
        {"conversations": [C1, conversation("x" * 129, f"{DAY}09:00:00Z")]},
        (1, 2),
    ),
    "long_conversations": (
        {"conversations": [C1, conversation("c2", "2026-09-02T09:00:00Z", f"{DAY}09:00:00Z")]},
        (1, 2),
    ),
    "long_waits": (
        {
            "conversations": [conversation("c1", f"{DAY}09:00:00Z")],
            "events": [
                event("queued", f"{DAY}09:00:00Z"),
                event("accepted", "2026-11-03T09:00:01Z", agent_id="a1"),
            ],
        },
        (1, 1),
    ),
    "long_handling": (
        {
            "conversations": [conversation("c1", f"{DAY}09:00:00Z")],
            "events": [
                event("accepted", f"{DAY}09:00:00Z", agent_id="a1"),
                event("closed", "2026-11-03T09:00:01Z", agent_id="a1"),
            ],
        },
        (1, 1),
    ),
    "inferred_closed": ({"conversations": [C1]}, (1, 1)),
    "inferred_accepted": (
        {"conversations": [C1], "messages": [said(f"{DAY}09:01:00Z", "agent") | {"sender_id": "a1"}]},
        (1, 1),
    ),
    "inferred_queued": (
        {"conversations": [C1], "events": [event("queued", f"{DAY}09:00:00Z")]},
        (0, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_check_finds_its_fault(name: str, desk: Any) -> None:
    tables, expected = FAULTS[name]
    for table, rows in tables.items():
        desk.write(f"export/{table}.csv", csv_of(rows))
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        if any(item.name == name and "fact_conversation" in item.tables for item in CHECKS):
            build(warehouse, Settings(), now=datetime(2026, 11, 16, tzinfo=UTC))
        row = check(warehouse.con, current_generation(desk.data_dir)).row(
            by_predicate=pl.col("check") == name, named=True
        )
    assert (row["n"], row["n_total"]) == expected
    assert bool(row["samples"]) == bool(row["n"])
    assert row["samples"].split(", ")[0][:1] in ("c", "x", "s", "")


def test_a_close_may_be_known_from_its_event_alone(desk: Any) -> None:
    tables = {
        "conversations": [conversation("c1", f"{DAY}09:00:00Z")],
        "events": [event("closed", f"{DAY}09:30:00Z"), event("parked", f"{DAY}09:40:00Z", agent_id="a1")],
        "messages": [said(f"{DAY}09:29:00Z"), said(f"{DAY}09:31:00Z")],
    }
    for table, rows in tables.items():
        desk.write(f"export/{table}.csv", csv_of(rows))
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        found = {row["check"]: (row["n"], row["n_total"]) for row in check(warehouse.con).to_dicts()}
    assert (found["messages_after_close"], found["events_after_close"]) == ((1, 2), (1, 2))


def test_what_comes_after_younger_rows_is_late(desk: Any) -> None:
    first = [conversation("c1", "2026-01-02T09:00:00Z"), conversation("c2", "2026-10-02T09:00:00Z")]
    later = [conversation("c3", "2026-09-30T09:00:00Z"), conversation("c4", "2026-08-02T09:00:00Z")]
    desk.load("conversations.csv", csv_of(first))
    desk.load("more/conversations.csv", csv_of(later))
    with Warehouse.open(desk.data_dir) as warehouse:
        [row] = check(warehouse.con).filter(check="late_conversations").to_dicts()
    assert (row["n"], row["n_total"], row["samples"]) == (1, 4, "c4")


def test_a_newer_version_is_counted(desk: Any) -> None:
    desk.load("conversations.csv", csv_of([conversation("c1", f"{DAY}09:00:00Z")]))
    desk.load("more/conversations.csv", csv_of([C1]))
    with Warehouse.open(desk.data_dir) as warehouse:
        [row] = check(warehouse.con).filter(check="replaced_rows").to_dicts()
    assert (row["n"], row["n_total"]) == (1, 2)


def test_samples_are_three_chats_at_most(desk: Any) -> None:
    rows = [said(f"{DAY}09:00:00Z", name=f"c{n % 5}") | {"message_id": str(n)} for n in range(20)]
    desk.write("export/messages.csv", csv_of(rows))
    desk.write("export/conversations.csv", csv_of([conversation("other", f"{DAY}09:00:00Z")]))
    desk.ingest(desk.folder / "export")
    with Warehouse.open(desk.data_dir) as warehouse:
        [row] = check(warehouse.con).filter(check="orphan_messages").to_dicts()
    assert (row["n"], row["samples"]) == (20, "c0, c1, c2")


def test_a_limit_of_ones_own_decides(desk: Any) -> None:
    desk.load("surveys.csv", FILES["surveys.csv"])
    with Warehouse.open(desk.data_dir) as warehouse:
        strict = check(warehouse.con, limits={"csat_off_scale": 0.5})
    assert strict.filter(check="csat_off_scale")["status"].item() == "warn"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"future_row": 0.1}, "did you mean 'future_rows'"),
        ({"future_rows": "5 %"}, "share from 0 to 1"),
        ({"future_rows": 5}, "share from 0 to 1"),
        ({"future_rows": True}, "share from 0 to 1"),
        ({"future_rows": float("nan")}, "share from 0 to 1"),
    ],
)
def test_a_wrong_limit_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        thresholds(given)


def test_names_are_unique() -> None:
    assert len({item.name for item in CHECKS}) == len(CHECKS)


def test_the_guide_lists_every_check() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "data-quality.md").read_text(encoding="utf-8")
    assert not [item.name for item in CHECKS if f"`{item.name}`" not in guide]
