"""Waiting for a human: waits, abandonment, who is still waiting, the bot in front, and what ended how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts

DAY = 86_400


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()
    desk.chat("answered").customer(0).bot(5).handoff(20).queued(20, "support").accepted(45, "anna").agent(
        60
    ).closed(300)
    desk.chat("short").queued(0, "support").abandoned(4).closed(5)
    desk.chat("long").queued(0, "support").abandoned(70)
    desk.chat("closed in the queue").queued(0, "support").closed(600)
    desk.chat("still waiting").queued(900, "support")
    desk.chat("served on return").queued(0).closed(100).reopened(DAY).queued(DAY).accepted(
        DAY + 30, "anna"
    ).agent(DAY + 40).closed(DAY + 100)
    desk.chat("back in the queue").queued(0).abandoned(100).reopened(DAY).queued(DAY)
    desk.chat("bot closed before").bot(1).closed(50).reopened(100).queued(110).accepted(130, "bea").closed(
        200
    )
    desk.chat("requeued").queued(0, "a").accepted(10, "anna").transferred(50).queued(50, "b").abandoned(
        90
    ).closed(90)
    chat = (
        desk.chat("queues")
        .queued(0, "a")
        .accepted(1, "anna")
        .transferred(5)
        .queued(5, "b")
        .accepted(6, "bea")
    )
    chat.transferred(8).queued(8).accepted(9, "anna")._event(10, "escalated", queue="c")
    chat.closed(20)
    desk.chat("wrote, not accepted").queued(0).agent(30, "anna").closed(60)
    desk.chat("outreach", initiated_by="agent").accepted(0, "anna").agent(5).closed(50)
    desk.chat("proactive", initiated_by="proactive").queued(0).accepted(10, "anna").closed(50)
    desk.chat("test", is_test=True).queued(0).accepted(10, "anna").closed(50)
    desk.chat("contained", bot_outcome="confirmed").customer(0).bot(2).closed(60)
    desk.chat("fallback only", bot_outcome="none").customer(0).bot(2).closed(60)
    desk.chat("assumed", bot_outcome="assumed", bot_billed=True).customer(0).bot(2).closed(60)
    desk.chat("session").customer(0).closed(60)
    desk.row("bot_sessions", bot_session_id="1", conversation_id="session", outcome="answered")
    desk.chat("handed over", bot_outcome="none").customer(0).bot(2).handoff(9).queued(10).accepted(
        20, "bea"
    ).closed(60)
    desk.chat("left the queue", bot_outcome="none").customer(0).bot(2).queued(10).abandoned(60).closed(60)
    desk.chat("bot running").customer(DAY).bot(DAY)
    desk.chat("two clocks").accepted(-5, "bea").queued(0).agent(30).closed(60)
    desk.chat("taken long before").accepted(-6, "bea").queued(0).closed(60)
    desk.chat("taken, then passed on").accepted(-2, "bea").transferred(-1).queued(0).closed(60)
    desk.chat("no bot").customer(0).queued(0).accepted(10, "bea").agent(30).closed(60)
    desk.chat("greeted", 0).bot(0).customer(4).bot(7).closed(60)
    desk.chat("greeted automatically", 0).bot(0, auto=True).customer(4).bot(7).closed(60)
    desk.chat("escalated").queued(0).accepted(5, "bea").escalated(30).closed(40)
    desk.chat("pended").queued(0).accepted(5, "bea").parked(20).reopened(30).resumed(30, "bea").closed(40)
    desk.chat("no events", closed=60).customer(0).agent(30, "anna")
    return desk.build(tmp_path_factory.mktemp("waits"), as_of=DAY + 1000)


FLAGS = ("is_offered", "is_answered", "is_abandoned", "is_waiting", "is_ended")


def flags(facts: Facts, name: str) -> set[str]:
    chat = facts.conversation(name)
    return {flag.removeprefix("is_") for flag in FLAGS if chat[flag]}


def test_the_wait_runs_from_queue_to_accept(facts: Facts) -> None:
    chat = facts.conversation("answered")
    assert flags(facts, "answered") == {"offered", "answered", "ended"}
    assert chat.s("queue_wait") == 25  # 45 - 20
    assert chat.s("pickup_to_reply") == 15  # 60 - 45
    assert chat.s("frt_human") == 40  # their sum
    assert (chat.s("frt_bot"), chat.s("frt_any")) == (5, 5)
    assert (chat.s("abandon_wait"), chat.s("waiting"), chat.s("queue_wait_business")) == (None, None, None)


def test_abandoned_short_and_long(facts: Facts) -> None:
    for name, wait in (("short", 4), ("long", 70)):
        assert flags(facts, name) == {"offered", "abandoned", "ended"}
        assert facts.conversation(name).s("abandon_wait") == wait
        assert facts.conversation(name).s("queue_wait") is None
        assert facts.conversation(name).s("handle") is None


def test_closed_without_an_accept_is_abandoned(facts: Facts) -> None:
    assert flags(facts, "closed in the queue") == {"offered", "abandoned", "ended"}
    assert facts.conversation("closed in the queue").s("abandon_wait") == 600


def test_still_waiting_at_as_of(facts: Facts) -> None:
    chat = facts.conversation("still waiting")
    assert flags(facts, "still waiting") == {"offered", "waiting"}
    assert chat.s("waiting") == DAY + 100  # DAY + 1000 - 900
    assert chat["is_open"]


def test_served_only_after_coming_back_is_abandoned_first(facts: Facts) -> None:
    chat = facts.conversation("served on return")
    assert flags(facts, "served on return") == {"offered", "abandoned", "ended"}
    assert (chat.s("abandon_wait"), chat.s("queue_wait"), chat.s("frt_human")) == (100, None, None)
    assert chat["is_human_handled"]
    assert chat.s("handle") == 70  # the work is not lost


def test_back_in_the_queue_is_neither_ended_nor_waiting_for_the_first_time(facts: Facts) -> None:
    assert flags(facts, "back in the queue") == {"offered", "abandoned"}
    assert facts.conversation("back in the queue").s("waiting") is None


def test_a_close_before_the_queue_is_no_abandonment(facts: Facts) -> None:
    chat = facts.conversation("bot closed before")
    assert flags(facts, "bot closed before") == {"offered", "answered", "ended"}
    assert (chat.s("queue_wait"), chat["n_reopens"]) == (20, 1)
    assert not chat["is_contained"]


def test_leaving_a_later_queue_is_not_abandonment(facts: Facts) -> None:
    assert flags(facts, "requeued") == {"offered", "answered", "ended"}
    assert facts.conversation("requeued")["queue"] == "a"


def test_first_and_last_queue_by_name(facts: Facts) -> None:
    assert (facts.conversation("queues")["queue"], facts.conversation("queues")["last_queue"]) == ("a", "b")


def test_a_human_message_without_an_accept_is_an_inferred_accept(facts: Facts) -> None:
    chat = facts.conversation("wrote, not accepted")
    assert flags(facts, "wrote, not accepted") == {"offered", "answered", "ended"}
    assert (chat.s("queue_wait"), chat.s("handle")) == (30, 30)


def test_outreach_and_tests_are_work_but_no_demand(facts: Facts) -> None:
    for name in ("outreach", "test"):
        chat = facts.conversation(name)
        assert (chat["is_inbound"], chat["is_offered"], chat["is_answered"]) == (False, False, False)
        assert chat.s("handle") in (40, 50)
    assert facts.conversation("proactive")["is_offered"]


def test_contained_answered_and_confirmed_are_three_things(facts: Facts) -> None:
    flags = ("is_contained", "is_bot_answered", "is_bot_confirmed", "is_bot_billed")
    got = {
        name: tuple(facts.conversation(name)[flag] for flag in flags)
        for name in (
            "contained",
            "fallback only",
            "assumed",
            "session",
            "handed over",
            "left the queue",
            "bot running",
        )
    }
    assert got == {
        "contained": (True, True, True, False),
        "fallback only": (True, False, False, False),
        "assumed": (True, True, False, True),
        "session": (True, True, None, False),
        "handed over": (False, False, False, False),
        "left the queue": (False, False, False, False),
        "bot running": (False, None, None, False),
    }
    assert all(facts.conversation(name)["is_bot_involved"] for name in got)
    assert flags_of_bot_running(facts) == set()


def flags_of_bot_running(facts: Facts) -> set[str]:
    return flags(facts, "bot running")


def test_an_accept_just_before_the_queue_is_one_whose_wait_is_unknown(facts: Facts) -> None:
    chat = facts.conversation("two clocks")
    assert (chat["is_answered"], chat["is_abandoned"], chat.s("queue_wait")) == (True, False, None)
    assert (chat.s("frt_human"), chat.s("pickup_to_reply")) == (30, 35)
    [entry] = facts.of("fact_queue_entry", "two clocks")
    assert (entry["result"], entry.s("entry_wait")) == ("accepted", 0)
    for name in ("taken long before", "taken, then passed on"):
        assert not facts.conversation(name)["is_answered"]


def test_anybody_may_respond_first(facts: Facts) -> None:
    chat = facts.conversation("no bot")
    assert (chat.s("frt_any"), chat.s("frt_bot")) == (30, None)
    assert facts.conversation("short").s("frt_any") is None


def test_a_bot_that_greets_first_has_no_response_time(facts: Facts) -> None:
    assert facts.conversation("greeted").s("frt_bot") is None
    assert facts.conversation("greeted").s("frt_any") is None
    assert facts.conversation("greeted automatically").s("frt_bot") == 3


def test_escalation_and_reopening(facts: Facts) -> None:
    assert facts.conversation("escalated")["is_escalated"]
    assert facts.conversation("pended")["n_reopens"] == 0  # it had not been closed


def test_without_events_the_conversation_columns_and_messages_say_it(facts: Facts) -> None:
    chat = facts.conversation("no events")
    assert flags(facts, "no events") == {"offered", "answered", "ended"}
    assert (chat.s("queue_wait"), chat.s("handle"), chat.at("closed")) == (30, 30, 60)
