"""One case for each reason why a conversation that nothing was loaded for must be built again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.property.facts.portions import feed
from tests.property.facts.test_incremental import differences, tables
from tests.unit.facts.desk import NOW, Desk

from staffcast.core.config import Settings
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.delta import changes

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


def customer_record() -> list[Desk]:
    return [usual(), Desk().row("customers", customer_key="k3", tier="paid")]


def a_source_that_begins_to_record_outcomes() -> list[Desk]:
    outcome = {"conversation_id": "c0", "bot_session_id": "b", "outcome": "answered"}
    return [usual(), Desk().row("bot_sessions", **outcome)]


def a_contact_that_turns_out_to_be_of_another_customer() -> list[Desk]:
    first, second = usual(), Desk()
    first.chat("one", 100, customer="same").queued(110).closed(200)
    first.chat("two", 9000, customer="same").queued(9010).closed(9100)
    second.chat("two", 9000, customer="other")
    return [first, second]


def silence_after_an_abandoned_loose_chat() -> list[Desk]:
    first = usual()
    first.loose("loose").customer(6 * DAY).queued(6 * DAY).abandoned(6 * DAY + 50)
    return [first, later()]


def a_leg_that_nobody_ended() -> list[Desk]:
    first = usual()
    first.chat("odd", 6 * DAY).accepted(6 * DAY, "zoe").queued(6 * DAY + 100).abandoned(6 * DAY + 200)
    return [first, later()]


def an_answer_about_a_chat_over_midnight() -> list[Desk]:
    first, second = usual(), Desk()
    long = first.chat("long", DAY - 50_000).accepted(DAY - 50_000, "mia")
    long.customer(DAY - 49_000).agent(DAY - 48_000).customer(DAY + 1).agent(DAY + 900).closed(DAY + 1000)
    short = first.chat("short", DAY - 49_500).accepted(DAY - 49_500, "mia")
    short.customer(DAY - 49_200).agent(DAY - 48_100).closed(DAY - 48_050)
    second.row("surveys", survey_id="s", conversation_id="long", sent_at_us=second.us(DAY + 1100), csat=3.0)
    return [first, second]


def a_reply_that_came_sooner() -> list[Desk]:
    first, second = usual(), Desk()
    for name in ("left", "right"):
        chat = first.chat(name, 30_000).accepted(30_000, "mia").customer(30_010)
        chat.agent(30_260).agent(30_300).agent(30_500).closed(31_000)  # active all the while
    reply = next(row for row in first.tables["messages"] if row["timestamp_us"] == first.us(30_260))
    second.row("messages", **reply | {"timestamp_us": second.us(30_060)})
    return [first, second]


CASES = (
    customer_record,
    a_source_that_begins_to_record_outcomes,
    a_contact_that_turns_out_to_be_of_another_customer,
    silence_after_an_abandoned_loose_chat,
    a_leg_that_nobody_ended,
    an_answer_about_a_chat_over_midnight,
    a_reply_that_came_sooner,
)


def usual() -> Desk:
    desk = Desk()
    for number in range(6):
        at = number * 70_000
        chat = desk.chat(f"c{number}", at, customer=f"k{number}").customer(at).queued(at + 5, "support")
        chat.accepted(at + 20, "anna").agent(at + 60).closed(at + 300)
    return desk


def later() -> Desk:
    desk = Desk()
    desk.chat("later", 9 * DAY, customer=None).queued(9 * DAY).closed(9 * DAY + 60)
    return desk


@pytest.fixture(autouse=True)
def _never_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LARGEST_SHARE", 1000)


def is_the_same_as_a_full_build(warehouse: Warehouse, **settings: Any) -> bool:
    before = tables(warehouse.data_dir)
    assert build(warehouse, Settings(**settings), now=NOW).full_because == ""
    found = tables(warehouse.data_dir)
    build(warehouse, Settings(**settings), now=NOW, full=True)
    assert differences(before, found)  # the case does change something
    return not differences(found, tables(warehouse.data_dir))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_it_is_built_again(tmp_path: Path, case: Any) -> None:
    first, second = case()
    with Warehouse.open(tmp_path, create=True) as warehouse:
        feed(warehouse, [(table, row) for table, rows in first.tables.items() for row in rows], 1)
        build(warehouse, Settings(), now=NOW)
        feed(warehouse, [(table, row) for table, rows in second.tables.items() for row in rows], 2)
        assert is_the_same_as_a_full_build(warehouse)


@pytest.mark.parametrize("at_s", [2_000, 5_050, 7_000])
def test_what_as_of_reaches_is_built(tmp_path: Path, at_s: int) -> None:
    desk = usual()
    desk.chat("back", 0, customer=None).queued(0).closed(100).reopened(5_000).closed(5_100)
    desk.chat("bare", 6_500, customer=None)
    desk.contact("call", 6_600, customer="k0")
    desk.row("surveys", survey_id="s", conversation_id="c0", sent_at_us=desk.us(310),
             responded_at_us=desk.us(6_700), csat=2.0)  # fmt: skip
    with Warehouse.open(tmp_path, create=True) as warehouse:
        feed(warehouse, [(table, row) for table, rows in desk.tables.items() for row in rows], 1)
        build(warehouse, Settings(as_of=(desk.start + timedelta(seconds=at_s - 1_500)).isoformat()), now=NOW)
        as_of = (desk.start + timedelta(seconds=at_s)).isoformat()
        assert is_the_same_as_a_full_build(warehouse, as_of=as_of)
