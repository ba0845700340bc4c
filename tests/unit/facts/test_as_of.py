"""Facts as they were known at an earlier instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError, DataQualityError
from staffcast.store.facts import FACT_TABLES
from staffcast.store.generations import open_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build

if TYPE_CHECKING:
    from pathlib import Path


def a_desk() -> Desk:
    desk = Desk()
    chat = (
        desk.chat("c", closed=300)
        .customer(0)
        .queued(20, "support")
        .accepted(45, "anna")
        .agent(60)
        .customer(90)
    )
    chat.agent(130).closed(300).wrapup(300, 330).survey(310, 400, csat=2.0)
    desk.chat("later", 500).customer(500).queued(500).abandoned(520).closed(520)
    desk.contact("call", 450)
    return desk


def test_before_the_first_reply(tmp_path: Path) -> None:
    facts = a_desk().build(tmp_path, as_of=50)
    chat = facts.conversation("c")
    assert (chat["is_open"], chat["is_answered"], chat.s("frt_human"), chat.s("handle")) == (
        True,
        True,
        None,
        None,
    )
    assert [leg.s("open") for leg in facts.of("fact_leg", "c")] == [5]
    assert [turn["is_censored"] for turn in facts.of("fact_turn", "c")] == [True]
    assert len(facts.rows("fact_conversation")) == 1
    assert facts.rows("fact_contact", is_chat=False) == []
    assert facts.rows("fact_survey") == []


def test_at_the_very_instant_of_the_close(tmp_path: Path) -> None:
    chat = a_desk().build(tmp_path, as_of=300).conversation("c")
    assert (chat["is_ended"], chat.s("handle"), chat.s("maturity")) == (True, 255, 0)


def test_a_survey_that_was_sent_but_not_yet_answered(tmp_path: Path) -> None:
    facts = a_desk().build(tmp_path, as_of=350)
    survey = facts.one("fact_survey")
    assert (survey["is_responded"], survey["csat"]) == (False, None)
    assert not facts.conversation("c")["has_negative_survey"]
    assert facts.conversation("c").s("handle") == 285


def test_the_repeat_call_and_the_answer_come_later(tmp_path: Path) -> None:
    facts = a_desk().build(tmp_path, as_of=460)
    chat = facts.conversation("c")
    assert chat["has_negative_survey"]
    assert chat.s("next_any_gap") == 150  # 450 - 300
    assert chat.s("maturity") == 160


def test_without_as_of_the_last_record_decides_and_maturity_ends_with_the_first_silent_source(
    tmp_path: Path,
) -> None:
    facts = a_desk().build(tmp_path)
    info = {row["key"]: row["value"] for row in facts.rows("build_info")}
    desk = a_desk()
    assert int(info["as_of_us"]) == desk.us(520)
    assert int(info["coverage_end_us"]) == desk.us(450)  # no call is known after the first
    assert facts.conversation("c").s("maturity") == 150
    assert facts.conversation("later").s("maturity") is None


def test_as_of_before_the_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="before the first record"):
        a_desk().build(tmp_path, as_of=-1)


def test_an_empty_warehouse_is_refused(tmp_path: Path) -> None:
    with (
        Warehouse.open(tmp_path, create=True) as warehouse,
        pytest.raises(DataQualityError, match="no conversations"),
    ):
        build(warehouse, Settings(), now=datetime(2026, 11, 2, tzinfo=UTC))


def test_a_failed_build_leaves_the_generation_as_it_was(tmp_path: Path) -> None:
    desk = a_desk()
    before = desk.build(tmp_path).rows("fact_conversation")
    desk.row("queues", queue="support", hours='{"weekly": {"mun": [["09:00", "17:00"]]}}')
    with pytest.raises(ConfigError, match="queue 'support'"):
        desk.build(tmp_path)
    with open_generation(tmp_path) as reader:
        assert reader.query("from fact_conversation").height == len(before)
    names = sorted(path.name for path in (tmp_path / "generations").iterdir())
    assert names == ["current.json", "gen-000001.duckdb"]


def test_the_warehouse_holds_no_facts(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse:
        warehouse.con.execute("create table fact_leg as select 'of an old version' as leg_key")
    a_desk().build(tmp_path)
    with Warehouse.open(tmp_path) as warehouse:
        names = {name for (name,) in warehouse.con.sql("select table_name from duckdb_tables()").fetchall()}
    assert not names & {table.name for table in FACT_TABLES}
