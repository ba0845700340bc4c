"""What is inferred where a source records little, and what stays unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


def test_messages_alone(tmp_path: Path) -> None:
    desk = Desk()
    desk.loose("asked").customer(0, 10).agent(100, "anna").customer(150).agent(200, "anna").agent(260, "bea")
    desk.loose("never answered").customer(0)
    desk.loose("outreach").agent(0, "anna").customer(30).agent(50, "anna")
    desk.loose("with a bot").customer(0).bot(2)
    desk.loose("fresh").customer(2 * DAY - 60).agent(2 * DAY, "anna")
    facts = desk.build(tmp_path)

    asked = facts.conversation("asked")
    assert asked["is_inferred"]
    assert (asked.s("queue_wait"), asked.s("frt_human"), asked.at("closed")) == (100, 100, 260)
    assert [(leg["agent_id"], leg.s("handle")) for leg in facts.of("fact_leg", "asked")] == [
        ("anna", 160),
        ("bea", 0),
    ]
    assert [turn.s("reply") for turn in facts.of("fact_turn", "asked")] == [100, 50]
    assert asked["customer_key"] == "customer"

    silent = facts.conversation("never answered")
    assert (silent["is_offered"], silent["is_answered"], silent["is_abandoned"], silent["is_ended"]) == (
        True,
        False,
        False,
        True,
    )
    assert facts.conversation("outreach")["initiated_by"] == "agent"
    assert not facts.conversation("outreach")["is_offered"]
    assert facts.conversation("with a bot")["is_contained"]

    fresh = facts.conversation("fresh")  # less than a day of silence: still open
    assert (fresh["is_open"], fresh.s("queue_wait"), fresh.s("handle")) == (True, 60, None)


def test_a_reply_stamped_after_the_close_does_not_reopen(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("column", closed=100).customer(0).agent(101, "anna")
    desk.chat("event").customer(0).agent(101, "bea").closed(100, "bea")
    facts = desk.build(tmp_path, as_of=DAY)
    for name in ("column", "event"):
        chat = facts.conversation(name)
        assert chat["is_ended"], name
        assert (chat.s("handle"), chat.s("queue_wait"), chat.s("frt_human")) == (0, 100, 101)
    assert facts.rows("fact_agent_load") == []


def test_a_reply_without_a_sender_is_still_an_answer(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c", closed=100).customer(0)._message(40, "agent", None)
    facts = desk.build(tmp_path)
    assert facts.conversation("c")["is_answered"]
    assert facts.conversation("c").s("queue_wait") == 40
    assert facts.rows("fact_leg") == []


def test_events_alone(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c").created(0).queued(5, "support").accepted(25, "anna").closed(125)
    facts = desk.build(tmp_path)
    chat = facts.conversation("c")
    assert (chat.s("queue_wait"), chat.s("handle"), chat.s("frt_human"), chat["n_turns"]) == (
        20,
        100,
        None,
        0,
    )
    assert not chat["is_contained"]
    assert facts.rows("fact_turn") == []
    assert [row.s("chat") for row in facts.rows("fact_leg_load") if row["is_active"]] == []


def test_a_bot_closes_chats_of_which_nobody_recorded_queueing(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("bot", closed=60).customer(0).bot(1)
    desk.chat("plain", closed=60).customer(0)
    desk.chat("bare", closed=60)
    facts = desk.build(tmp_path)
    assert facts.conversation("bare")["is_offered"]
    assert facts.conversation("bot")["is_contained"]
    assert facts.conversation("plain")["is_offered"]
    assert not facts.conversation("plain")["is_abandoned"]


def test_a_source_that_records_queueing_is_taken_at_its_word(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("queued").queued(0).accepted(10, "anna").closed(60)
    desk.chat("never queued", closed=60).customer(0)
    facts = desk.build(tmp_path)
    assert not facts.conversation("never queued")["is_offered"]


def test_recorded_events_win_over_columns(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c", closed=900, queue="column").queued(0, "event").accepted(10, "anna").closed(100)
    desk.chat("reopened", closed=900).queued(0).accepted(10, "bea").closed(100).reopened(500).accepted(
        510, "bea"
    )
    chat = desk.chat("closed twice", closed=900).queued(0).accepted(10, "cleo").closed(100)
    chat.reopened(500).accepted(510, "cleo").closed(600)
    facts = desk.build(tmp_path, as_of=1000)
    assert facts.conversation("closed twice").at("closed") == 600
    assert facts.conversation("c").at("closed") == 100
    assert facts.conversation("c")["queue"] == "event"
    assert facts.conversation("reopened").at("closed") == 900  # the column says what no event did
    assert facts.conversation("reopened").s("handle") == 90 + 390


def test_a_close_before_the_start_is_one_after_all_that_is_known(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c", closed=-60).customer(5).queued(5).accepted(10, "anna").agent(20, "anna").customer(90)
    desk.chat("nothing else", closed=-60)
    facts = desk.build(tmp_path, as_of=1000)
    chat = facts.conversation("c")
    assert (chat["is_open"], chat.at("closed"), chat.s("handle")) == (False, 90, 80)
    assert facts.conversation("nothing else").at("closed") == 0


def test_what_a_source_never_records_is_known_to_be_unknown(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c", closed=60).customer(0)
    assert not desk.build(tmp_path / "silent").conversation("c")["is_course_recorded"]
    desk.chat("d").queued(0).accepted(10, "anna").closed(60)
    chat = desk.build(tmp_path / "telling").conversation("c")
    assert (chat["is_course_recorded"], chat["is_template_recorded"]) == (True, False)
    desk.chat("e").customer(0).agent(10, "anna", canned=False)
    assert desk.build(tmp_path / "marking").conversation("c")["is_template_recorded"]


def test_the_queue_is_entered_no_later_than_a_human_answers(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("c", 10).customer(0).handoff(60).agent(40, "anna").closed(100)
    desk.chat("early", 50).agent(40, "bea").closed(100)
    facts = desk.build(tmp_path)
    assert facts.conversation("c").s("queue_wait") == 30  # since the start: a human came before the hand-over
    assert facts.conversation("early").s("queue_wait") == 0


def test_a_bot_that_writes_as_an_agent_is_a_bot(tmp_path: Path) -> None:
    desk = Desk()
    desk.row("agents", agent_id="robo", type="bot")
    desk.chat("c", closed=100).customer(0).agent(2, "robo")
    chat = desk.build(tmp_path).conversation("c")
    assert (chat["is_contained"], chat["n_human_messages"], chat["n_bot_messages"]) == (True, 0, 1)


def test_who_comes_back_and_is_taken_directly_has_waited_since_coming_back(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("queued").queued(0).accepted(1, "bea").closed(2)
    desk.chat("c").customer(0).bot(1).closed(60).reopened(DAY).accepted(DAY + 20, "anna").agent(
        DAY + 30
    ).closed(DAY + 60)
    desk.chat("handed over").customer(0).bot(1).handoff(40).accepted(55, "anna").closed(60)
    desk.chat("handed over, waiting").customer(0).bot(1).handoff(40)
    facts = desk.build(tmp_path)
    assert facts.conversation("c").s("queue_wait") == 20
    assert facts.conversation("handed over").s("queue_wait") == 15
    assert facts.conversation("handed over, waiting").at("queued") == 40
