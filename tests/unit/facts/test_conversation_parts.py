"""Parts of a conversation, by the second: first response, parking, silence, transfers, idle time, targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts

DAY = 86_400
HOUR = 3_600


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()
    desk.chat("four parts").customer(0).bot(5).handoff(15).queued(20, "support").accepted(45, "anna").agent(
        60
    ).closed(300)
    desk.chat("direct").queued(0).accepted(10, "anna").agent(12).closed(60)
    desk.chat("wrote before the accept").queued(0).agent(5, "anna").accepted(9, "anna").closed(60)
    desk.chat("bot closed, then back").customer(0).bot(2).closed(90).reopened(DAY).customer(DAY).queued(
        DAY
    ).accepted(DAY + 20, "bea").agent(DAY + 30).closed(DAY + 90)
    chat = desk.chat("back soon").queued(0).accepted(5, "anna").agent(9).customer(20).closed(60)
    chat.reopened(60 + HOUR).accepted(70 + HOUR, "anna").agent(80 + HOUR).closed(100 + HOUR)
    chat = desk.chat("parked").queued(0).accepted(10, "anna").customer(12).agent(20).parked(100)
    chat.customer(400).resumed(500, "anna").agent(520).parked(600).resumed(700, "anna").agent(720).closed(900)
    desk.chat("parked to the end").queued(0).accepted(10, "anna").agent(20).parked(100).closed(400)
    # Talk ends at 130; 30 s are held until the close, and 300 s before that are parked.
    desk.chat("tail").queued(0).accepted(0, "zoe").customer(10).agent(30).customer(100).agent(130).parked(
        200
    ).resumed(500, "zoe").closed(530)
    desk.chat("idle").queued(0).accepted(0, "yan").customer(10).agent(30).closed(1000)
    desk.chat("said on the close").queued(0).accepted(0, "xia").agent(50).closed(50)
    chat = desk.chat("ping-pong").queued(0).accepted(1, "anna").transferred(10).accepted(12, "bea")
    chat.transferred(20).accepted(22, "anna").transferred(30, "sales").accepted(32, "bea").closed(40)
    chat = desk.chat("to a queue").queued(0).accepted(1, "anna").transferred(10).queued(12, "sales")
    chat.accepted(20, "bea").closed(60)
    chat = desk.chat("returned after a close").queued(0).accepted(1, "anna").closed(5).reopened(10)
    chat.accepted(11, "bea").closed(15).reopened(20).accepted(21, "anna").closed(30)
    return desk.build(tmp_path_factory.mktemp("parts"), as_of=2 * DAY)


def test_the_four_parts_of_a_first_response_add_up(facts: Facts) -> None:
    chat = facts.conversation("four parts")
    assert chat.s("before_queue") == 20  # created 0, queued 20
    assert chat.s("queue_wait") == 25  # accepted 45
    assert chat.s("pickup_to_reply") == 15  # written 60
    assert chat.s("frt_start") == 60 == 20 + 25 + 15
    assert chat.s("frt_handoff") == 45  # handed over 15
    assert facts.conversation("direct").s("frt_handoff") is None


def test_a_reply_before_the_accept_is_no_negative_time(facts: Facts) -> None:
    chat = facts.conversation("wrote before the accept")
    assert (chat.s("pickup_to_reply"), chat.s("frt_human")) == (None, 5)


def test_a_reopening_is_measured_from_the_first_close(facts: Facts) -> None:
    assert facts.conversation("back soon").s("reopen_gap") == HOUR
    assert facts.conversation("bot closed, then back").s("reopen_gap") == DAY - 90
    assert facts.conversation("direct").s("reopen_gap") is None


def test_parked_time_lasts_until_somebody_takes_or_closes_it(facts: Facts) -> None:
    assert facts.conversation("parked").s("parked") == 500  # 100 to 500 and 600 to 700
    assert facts.conversation("parked to the end").s("parked") == 300
    assert facts.conversation("direct").s("parked") == 0


def test_a_turn_knows_that_the_conversation_was_parked(facts: Facts) -> None:
    found = [(t.at("turn"), t.s("reply"), t["is_after_parking"]) for t in facts.of("fact_turn", "parked")]
    assert found == [(12, 8, False), (400, 120, True)]


def test_the_idle_tail_is_held_silence_before_the_close(facts: Facts) -> None:
    chat = facts.conversation("tail")
    assert chat.s("handle") == 230  # 0 to 200 and 500 to 530
    assert chat.s("idle_tail") == 100  # 130 to 200 and 500 to 530
    assert facts.conversation("said on the close").s("idle_tail") == 0
    assert facts.conversation("idle").s("idle_tail") == 970


def test_idle_time_is_held_time_that_is_not_active(facts: Facts) -> None:
    # The last message, at 30 s, keeps the chat active for 300 s; so does the first one before it.
    assert facts.conversation("idle").s("idle") == 670 + 10  # 330 to 1000, and 0 to 10 before anybody wrote


def test_transfers_into_a_queue_and_straight_to_an_agent(facts: Facts) -> None:
    chat = facts.conversation("ping-pong")
    assert (chat["n_transfers"], chat["n_queue_transfers"], chat["n_returns"]) == (3, 1, 2)
    assert [leg["is_return"] for leg in facts.of("fact_leg", "ping-pong")] == [False, False, True, True]
    chat = facts.conversation("to a queue")
    assert (chat["n_transfers"], chat["n_queue_transfers"], chat["n_returns"]) == (1, 1, 0)


def test_an_agent_who_is_back_after_a_close_is_no_ping_pong(facts: Facts) -> None:
    chat = facts.conversation("returned after a close")
    assert (chat["n_transfers"], chat["n_returns"]) == (0, 0)


def test_each_entry_into_a_queue_is_a_row(facts: Facts) -> None:
    found = [
        (e["entered_queue"], e.at("entered"), e.s("entry_wait"), e["result"], e["is_first_entry"])
        for e in facts.of("fact_queue_entry", "to a queue")
    ]
    assert found == [("sales", 0, 1, "accepted", True), ("sales", 12, 8, "accepted", False)]


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()
    desk.chat("moved").queued(0, "a").queued(30, "b").accepted(50, "anna").closed(90)
    desk.chat("left").queued(0, "a").abandoned(40)
    desk.chat("closed").queued(0, "a").closed(70)
    desk.chat("resumed", 0).queued(0, "a").resumed(15, "anna").closed(70)
    desk.chat("waits", 80).queued(80, "a")
    return desk.build(tmp_path_factory.mktemp("entries"), as_of=100)


def test_how_an_entry_ends(entries: Facts) -> None:
    found = {
        (row["conversation_key"].removeprefix("s/a/"), row["entered_queue"]): (
            row["result"],
            row.s("entry_wait"),
        )
        for row in entries.rows("fact_queue_entry")
    }
    assert found == {
        ("moved", "a"): ("moved", 30),
        ("moved", "b"): ("accepted", 20),
        ("left", "a"): ("abandoned", 40),
        ("closed", "a"): ("closed", 70),
        ("resumed", "a"): ("accepted", 15),
        ("waits", "a"): ("waiting", 20),
    }
    assert entries.conversation("waits").s("waiting") == 20


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()

    def chat(name: str, *, detail: str | None = None, text: str | None = None, later: bool = False) -> None:
        begun = desk.chat(name).customer(0).queued(0).accepted(50, "anna").agent(60)
        desk.tables["messages"][-1]["text"] = text
        if later:
            begun.customer(70)
        begun._event(300, "closed", agent_id="anna", detail=detail)

    chat("one reply was enough")
    chat("timer", detail="Inactivity")
    chat("phrase", text="Hello? I have NOT HEARD FROM YOU, so I close this.")
    chat("wrote again", detail="inactivity", later=True)
    chat("other reason", detail="resolved", text="Glad to help.")
    chat("praised", detail="inactivity")
    desk.row("surveys", survey_id="1", conversation_id="praised", responded_at_us=desk.us(400), resolved=True)
    chat("scorned", detail="inactivity")
    desk.row(
        "surveys", survey_id="2", conversation_id="scorned", responded_at_us=desk.us(400), resolved=False
    )
    desk.chat("still open").customer(0).queued(0).accepted(50, "anna").agent(60)
    desk.chat("abandoned").customer(0).queued(0)._event(50, "closed", detail="inactivity")
    desk.chat("at the accept").customer(50).queued(0).accepted(50, "anna").agent(60).closed(90)
    return desk.build(tmp_path_factory.mktemp("silent"), as_of=1000)


def test_silence_after_the_accept_and_what_the_desk_says_of_it(silent: Facts) -> None:
    found = {
        name: (silent.conversation(name)["is_silent"], silent.conversation(name)["is_silent_noted"])
        for name in [row["conversation_id"] for row in silent.rows("fact_conversation")]
    }
    assert found == {
        "one reply was enough": (True, False),
        "timer": (True, True),
        "phrase": (True, True),
        "wrote again": (False, False),
        "other reason": (True, False),
        "praised": (False, False),
        "scorned": (True, True),
        "still open": (False, False),
        "abandoned": (False, False),
        "at the accept": (True, False),
    }
    assert silent.conversation("praised")["is_survey_resolved"] is True
    assert silent.conversation("scorned")["is_survey_resolved"] is False
    assert silent.conversation("timer")["is_survey_resolved"] is None


def test_the_service_target_is_that_of_the_day_of_the_entry(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()
    common = {"metric": "service_level", "share": 0.8}
    desk.row("targets", within_s=45, **common)
    desk.row("targets", within_s=20, priority="urgent", **common)
    desk.row("targets", within_s=60, queue="sales", from_date="2026-11-03", **common)
    desk.row("targets", within_s=1, metric="reply_within", share=0.9)
    desk.chat("plain").queued(0, "support").closed(5)
    desk.chat("urgent", priority="urgent").queued(0, "sales").closed(5)
    desk.chat("over midnight").queued(15 * HOUR, "sales").closed(15 * HOUR + 5)  # 09:00 + 15 h
    desk.chat("bot").customer(0).bot(1).closed(5)
    facts = desk.build(tmp_path_factory.mktemp("service_target"))
    targets = {row["conversation_id"]: row.s("service_target") for row in facts.rows("fact_conversation")}
    assert targets == {"plain": 45, "urgent": 20, "over midnight": 60, "bot": None}


def test_both_clocks_of_each_part(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Open from 9 to 17; the desk's clock starts at 09:00. Created 16:58, queued 16:59, accepted on the next
    # day at 09:02, written at 09:05: 60 s, 60 + 120 s and 180 s of open time.
    desk = Desk(settings={"business_hours": '{"mon-fri": ["09:00", "17:00"]}'})
    evening, morning = 8 * HOUR, DAY
    chat = desk.chat("night", evening - 120).customer(evening - 120).bot(evening - 110).handoff(evening - 90)
    chat.queued(evening - 60, "support").accepted(morning + 120, "anna").agent(morning + 300)
    chat.closed(morning + 400)
    desk.chat("waits", evening - 30).queued(evening - 30, "support")
    facts = desk.build(tmp_path_factory.mktemp("clocks"), as_of=morning + 600)
    night = facts.conversation("night")
    parts = ("before_queue", "queue_wait", "pickup_to_reply", "frt_start", "frt_handoff", "frt_human")
    assert {part: night.s(f"{part}_business") for part in parts} == {
        "before_queue": 60,
        "queue_wait": 180,
        "pickup_to_reply": 180,
        "frt_start": 420,
        "frt_handoff": 390,
        "frt_human": 360,
    }
    asleep = DAY - evening  # 17:00 to 09:00
    assert night.s("frt_start") == 420 + asleep
    waits = facts.conversation("waits")
    assert (waits.s("waiting"), waits.s("waiting_business")) == (630 + asleep, 630)
    [turn] = facts.of("fact_turn", "night")
    assert (turn.s("lasted"), turn.s("lasted_business"), turn.s("reply_business")) == (360 + asleep, 360, 360)
    [entry] = facts.of("fact_queue_entry", "waits")
    assert (entry.s("entry_wait"), entry.s("entry_wait_business")) == (630 + asleep, 630)


def test_how_long_a_turn_lasted_however_it_ended(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()
    desk.chat("answered").queued(0).accepted(0, "anna").customer(10).agent(40).closed(90)
    desk.chat("dropped").queued(0).accepted(0, "anna").agent(5).customer(10).closed(90)
    desk.chat("gone").customer(0).queued(0).abandoned(50)
    desk.chat("open").queued(0).accepted(0, "anna").customer(10)
    desk.chat("too late").customer(0).queued(0).accepted(5, "anna").agent(30).closed(90).customer(95)
    facts = desk.build(tmp_path_factory.mktemp("lasted"), as_of=200)
    found = {
        name: [(turn.s("lasted"), turn["is_answered"]) for turn in facts.of("fact_turn", name)]
        for name in ("answered", "dropped", "gone", "open", "too late")
    }
    assert found == {
        "answered": [(30, True)],
        "dropped": [(80, False)],
        "gone": [(50, False)],
        "open": [(190, False)],
        "too late": [(30, True), (None, False)],
    }
