"""The tables that a build writes are exactly those that metrics and dashboard were promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

from staffcast.store.facts import FACT_TABLES, FactTable
from staffcast.store.generations import Reader, open_generation

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAIN = {
    "fact_conversation": ("conversation_key",),
    "fact_leg": ("leg_key",),
    "fact_offer": ("offer_key",),
    "fact_turn": ("turn_key",),
    "fact_leg_load": ("leg_key", "segment_at_us"),
    "fact_agent_load": ("agent_id", "segment_at_us"),
    "fact_agent_state": ("agent_id", "segment_at_us"),
    "fact_schedule_ahead": ("agent_id", "segment_at_us"),
    "fact_cost": ("cost_key",),
    "fact_survey": ("conversation_key",),
    "fact_survey_leg": ("conversation_key", "agent_id"),
    "fact_queue_entry": ("entry_key",),
    "fact_open_span": ("span_key",),
    "fact_help_session": ("session_key",),
    "fact_contact": ("contact_key",),
    "fact_arrivals": ("queue", "slot_at_us"),
    "dim_slot": ("queue", "slot_at_us"),
    "calendar_span": ("queue", "opens_at_us"),
    "bridge_tag": ("conversation_key", "tag"),
    "build_info": ("key",),
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    desk = Desk(settings={"business_hours": '{"mon-fri": ["09:00", "17:00"]}'})
    chat = (
        desk.chat("c1", tags="vip").customer(0).bot(5).handoff(20).queued(20, "support").accepted(45, "anna")
    )
    chat.agent(60).customer(90).agent(130).closed(1300).wrapup(1300, 1330).survey(1400, 1500, csat=4.0)
    desk.chat("c2", customer=None).customer(10).queued(10).accepted(50, "anna").agent(70).transferred(
        90
    ).queued(90)
    desk.chat("c3").queued(10).closed(50)
    desk.row("page_views", view_id="v1", customer_key="carl", viewed_at_us=desk.us(5), article="reset")
    desk.contact("p1", 2000).status("anna", "available", 0, 3000)
    desk.row(
        "schedules", agent_id="anna", activity="chat", started_at_us=desk.us(0), ended_at_us=desk.us(9000)
    )
    folder = tmp_path_factory.mktemp("schema")
    desk.build(folder)
    with open_generation(folder) as opened:
        yield opened


@pytest.mark.parametrize("table", FACT_TABLES, ids=lambda table: table.name)
def test_columns_and_types_in_order(reader: Reader, table: FactTable) -> None:
    built = reader.query(f"describe {table.name}").select("column_name", "column_type").rows()
    assert built == list(table.all_columns)


@pytest.mark.parametrize("table", FACT_TABLES, ids=lambda table: table.name)
def test_one_row_per_grain(reader: Reader, table: FactTable) -> None:
    keys = ", ".join(GRAIN[table.name])
    rows = f"select count(*), count(distinct ({keys})), bool_and(({keys}) is not null) from {table.name}"
    n, distinct, _ = reader.query(rows).row(0)
    assert n == distinct > 0


@pytest.mark.parametrize("table", FACT_TABLES, ids=lambda table: table.name)
def test_every_column_says_what_it_is(table: FactTable) -> None:
    assert table.grain
    for column in table.columns:
        assert column.meaning, column.name
        if column.name.endswith("_us") or column.name.startswith("n_"):
            assert column.type == "BIGINT"
        if column.name.startswith(("is_", "has_")):
            assert column.type == "BOOLEAN"


@pytest.mark.parametrize("table", FACT_TABLES, ids=lambda table: table.name)
def test_flags_and_counts_are_never_null(reader: Reader, table: FactTable) -> None:
    names = [c.name for c in table.columns if c.type == "BOOLEAN" or c.name.startswith("n_")]
    unknown_is_an_answer = {"is_resolved", "is_survey_resolved", "is_bot_answered", "is_bot_confirmed"}
    flags = [name for name in names if name not in unknown_is_an_answer]
    nulls = ", ".join(["0", *(f"count(*) filter (where {name} is null)" for name in flags)])
    assert set(reader.query(f"select {nulls} from {table.name}").row(0)) == {0}


@pytest.mark.parametrize("table", [t for t in FACT_TABLES if t.cohorts], ids=lambda table: table.name)
def test_labels_belong_to_a_row_exactly_when_its_moment_is_known(reader: Reader, table: FactTable) -> None:
    known = {"fact_conversation": {"start": "start_at_us", "queue": "queued_at_us", "close": "closed_at_us"}}
    for cohort, column in known.get(table.name, {}).items():
        odd = f"select count(*) from {table.name} where ({cohort}_date is null) <> ({column} is null)"
        assert reader.query(odd).rows() == [(0,)]
    for cohort in table.cohorts:
        partial = (
            f"select count(*) from {table.name} where ({cohort}_date is null) <> ({cohort}_week is null)"
        )
        assert reader.query(partial).rows() == [(0,)]
