"""Turns: what waits for a human from when, who answered, and which reply target holds."""

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
    desk.chat("bot first").customer(0).bot(5).customer(8).queued(20, "support").accepted(45, "anna").agent(
        60
    ).closed(90)
    desk.chat("late").queued(0).accepted(5, "anna").customer(10).agent(40).closed(90)
    desk.chat("burst").customer(0, 3, 9).queued(1).accepted(5, "anna").agent(30).agent(35).customer(50).agent(
        80
    ).closed(90)
    chat = desk.chat("not human").customer(0).queued(0).accepted(5, "bea")
    chat.agent(6, auto=True).agent(7, private=True).bot(8).agent(40, canned=True).closed(90)
    desk.chat("thanks").customer(0).queued(0).accepted(5, "anna").agent(30).customer(80).closed(90)
    desk.chat("after close").customer(0).queued(0).accepted(5, "anna").agent(30).closed(90).customer(95)
    chat = desk.chat("back").customer(0).queued(0).accepted(5, "anna").agent(30).customer(80).closed(90)
    chat.reopened(5 * DAY).customer(5 * DAY).accepted(5 * DAY + 20, "bea").agent(5 * DAY + 60).closed(
        5 * DAY + 90
    )
    chat = desk.chat("bot, then back").customer(0).bot(2).closed(90)
    chat.reopened(5 * DAY).customer(5 * DAY).queued(5 * DAY + 10).accepted(5 * DAY + 20, "bea")
    chat.agent(5 * DAY + 60).closed(5 * DAY + 90)
    desk.chat("bot only").customer(0).bot(2).customer(5).closed(90)
    desk.chat("bot only, back").customer(0).bot(2).closed(90).reopened(200).customer(200).bot(203).closed(300)
    desk.chat("outreach", initiated_by="agent").accepted(0, "anna").agent(0).customer(50).agent(70).closed(90)
    desk.chat("relay").customer(0).queued(0).accepted(5, "anna").agent(10).customer(20).transferred(
        30
    ).queued(30).accepted(40, "bea").agent(65).closed(90)
    desk.chat("straight", 0).accepted(2, "anna").customer(4).agent(9).transferred(15).queued(20).accepted(
        30, "bea"
    ).customer(35).agent(55).closed(90)
    desk.chat("same instant").queued(0).accepted(0, "anna").customer(10).agent(10).closed(10)
    desk.chat("test", is_test=True).customer(0).queued(0).accepted(5, "anna").agent(30).closed(90)
    desk.chat("gone").customer(0).queued(0, "support").abandoned(50)
    desk.chat("open").customer(0).queued(0).accepted(5, "anna").agent(30).customer(6 * DAY)
    desk.chat("waiting", 6 * DAY).customer(6 * DAY).queued(6 * DAY)
    return desk.build(tmp_path_factory.mktemp("turns"), as_of=6 * DAY + 100)


def turns(facts: Facts, name: str) -> list[tuple[float | None, float | None, str | None, bool]]:
    """Begin, wait, sender of the reply, and whether it is the first, of each turn."""
    return [
        (turn.at("turn"), turn.s("reply"), turn["agent_id"], turn["is_first"])
        for turn in facts.of("fact_turn", name)
    ]


def test_what_was_written_to_the_bot_waits_from_the_queue_on(facts: Facts) -> None:
    assert turns(facts, "bot first") == [(20, 40, "anna", True)]
    assert facts.conversation("bot first").s("frt_human") == 40


def test_a_message_after_queueing_waits_from_itself(facts: Facts) -> None:
    assert turns(facts, "late") == [(10, 30, "anna", True)]
    assert facts.conversation("late").s("frt_human") == 40  # first response runs from the queue


def test_a_run_of_messages_is_one_turn(facts: Facts) -> None:
    assert turns(facts, "burst") == [(1, 29, "anna", True), (50, 30, "anna", False)]


def test_only_a_public_message_of_a_human_is_a_reply(facts: Facts) -> None:
    assert turns(facts, "not human") == [(0, 40, "bea", True)]
    chat = facts.conversation("not human")
    assert (chat.s("frt_human"), chat.s("pickup_to_reply")) == (40, 35)
    assert (chat["n_human_messages"], chat["n_canned_messages"], chat["n_bot_messages"]) == (1, 1, 1)


def test_trailing_thanks_is_unanswered_and_not_censored(facts: Facts) -> None:
    assert turns(facts, "thanks") == [(0, 30, "anna", True), (80, None, None, False)]
    last = facts.of("fact_turn", "thanks")[-1]
    assert (last["is_answered"], last["is_censored"]) == (False, False)
    assert facts.conversation("thanks")["ended_unanswered"]
    assert not facts.conversation("late")["ended_unanswered"]


def test_a_message_after_the_close_is_unanswered(facts: Facts) -> None:
    assert turns(facts, "after close") == [(0, 30, "anna", True), (95, None, None, False)]
    assert not facts.of("fact_turn", "after close")[-1]["is_censored"]


def test_a_close_ends_a_turn_so_that_a_return_is_not_a_reply_of_five_days(facts: Facts) -> None:
    assert turns(facts, "back") == [
        (0, 30, "anna", True),
        (80, None, None, False),
        (5 * DAY, 60, "bea", False),
    ]
    assert not facts.conversation("back")["ended_unanswered"]


def test_what_the_bot_closed_is_no_turn_of_the_queue_five_days_later(facts: Facts) -> None:
    assert turns(facts, "bot, then back") == [(5 * DAY + 10, 50, "bea", True)]
    assert facts.conversation("bot, then back").s("frt_human") == 50


def test_the_bot_alone_has_no_turns(facts: Facts) -> None:
    assert turns(facts, "bot only") == []
    assert turns(facts, "bot only, back") == []


def test_outreach_has_no_first_turn(facts: Facts) -> None:
    assert turns(facts, "outreach") == [(50, 20, "anna", False)]
    assert facts.conversation("outreach").s("frt_human") is None


def test_the_sender_of_the_reply_gets_the_turn(facts: Facts) -> None:
    assert turns(facts, "relay") == [(0, 10, "anna", True), (20, 45, "bea", False)]


def test_a_turn_before_the_first_queue_entry_has_no_negative_wait(facts: Facts) -> None:
    assert turns(facts, "straight") == [(4, 5, "anna", False), (35, 20, "bea", True)]
    chat = facts.conversation("straight")
    assert (chat.s("queue_wait"), chat.s("frt_human")) == (10, 35)


def test_at_one_instant_the_order_of_ids_decides(facts: Facts) -> None:
    assert turns(facts, "same instant") == [(10, 0, "anna", True)]


def test_tests_have_no_turns_but_count_as_work(facts: Facts) -> None:
    assert turns(facts, "test") == []
    assert facts.conversation("test").s("handle") == 85


def test_who_gave_up_is_not_censored(facts: Facts) -> None:
    assert turns(facts, "gone") == [(0, None, None, True)]
    assert not facts.one("fact_turn", conversation_key="s/a/gone")["is_censored"]


def test_open_and_waiting_are_censored(facts: Facts) -> None:
    assert [turn["is_censored"] for turn in facts.of("fact_turn", "open")] == [False, True]
    assert [turn["is_censored"] for turn in facts.of("fact_turn", "waiting")] == [True]


def test_first_reply_is_first_response_when_the_turn_waits_from_the_queue_on(facts: Facts) -> None:
    checked = 0
    for turn in facts.rows("fact_turn", is_first=True, is_answered=True):
        chat = facts.one("fact_conversation", conversation_key=turn["conversation_key"])
        if turn["turn_at_us"] == chat["queued_at_us"]:
            assert turn["reply_us"] == chat["frt_human_us"]
            checked += 1
    assert checked > 5


def test_the_most_specific_target_that_holds_that_day(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()
    common = {"metric": "reply_within", "share": 0.9}
    desk.row("targets", within_s=100, **common)
    desk.row("targets", within_s=90, priority="urgent", **common)
    desk.row("targets", within_s=80, tier="gold", **common)
    desk.row("targets", within_s=70, channel="web", **common)
    desk.row("targets", within_s=60, queue="support", **common)
    desk.row("targets", within_s=50, queue="support", priority="urgent", **common)
    desk.row("targets", within_s=40, queue="sales", from_date="2026-11-03", **common)
    desk.row("targets", within_s=30, queue="sales", to_date="2026-11-03", **common)
    desk.row("targets", within_s=1, queue="support", metric="service_level", share=0.9)
    desk.row("customers", customer_key="gold", tier="gold")
    kinds = {
        "plain": {},
        "urgent": {"priority": "urgent"},
        "gold": {"customer": "gold"},
        "gold urgent": {"customer": "gold", "priority": "urgent"},
        "web": {"channel": "web", "priority": "urgent"},
        "support": {"queue": "support", "channel": "web"},
        "support urgent": {"queue": "support", "priority": "urgent"},
        "sales": {"queue": "sales"},
    }
    for name, columns in kinds.items():
        desk.chat(name, **columns).customer(0).queued(0).accepted(0, "anna").agent(10).closed(20)  # type: ignore[arg-type]
    chat = desk.chat("sales later", DAY, queue="sales")
    chat.customer(DAY).queued(DAY).accepted(DAY, "anna").agent(DAY + 10).closed(DAY + 20)
    facts = desk.build(tmp_path_factory.mktemp("targets"))
    got = {name: facts.of("fact_turn", name)[0].s("target") for name in [*kinds, "sales later"]}
    assert got == {
        "plain": 100, "urgent": 90, "gold": 80, "gold urgent": 90, "web": 70, "support": 60,
        "support urgent": 50, "sales": 30, "sales later": 40,
    }  # fmt: skip


def test_a_target_says_whose_clock_it_is_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()
    clocks = {"all day": "calendar", "open": "business", "unsaid": None}
    for queue, clock in clocks.items():
        for metric in ("reply_within", "service_level"):
            desk.row("targets", metric=metric, queue=queue, clock=clock, within_s=60, share=0.9)
    for queue in (*clocks, "untold"):
        desk.chat(queue).customer(0).queued(0, queue).accepted(10, "anna").agent(20).closed(30)
    facts = desk.build(tmp_path_factory.mktemp("clocks"))
    for queue in (*clocks, "untold"):
        expected = queue == "all day"
        assert facts.of("fact_turn", queue)[0]["is_target_on_calendar"] is expected, queue
        assert facts.conversation(queue)["is_service_target_on_calendar"] is expected, queue
