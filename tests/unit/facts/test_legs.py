"""Who held what, for how long: legs, handle time, wrap-up, parking, transfers, reopening.

Every chat has agents of its own, so that one desk serves all cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()
    desk.chat("plain").queued(0, "support").accepted(10, "anna").closed(310).wrapup(310, 340)
    desk.chat("reopened").queued(0).accepted(10, "bea").closed(110).reopened(1000).accepted(
        1020, "bea"
    ).closed(1120)
    chat = (
        desk.chat("thrice")
        .queued(0)
        .accepted(0, "deb")
        .closed(10)
        .reopened(20)
        .accepted(20, "deb")
        .closed(30)
    )
    chat.reopened(40).accepted(40, "deb").closed(55)
    chat = desk.chat("wrapped later").queued(0).accepted(0, "eli").transferred(60).accepted(65, "eva")
    chat.wrapup(70, 90, "eli").closed(165)
    chat = desk.chat("wrapped twice").queued(0).accepted(0, "ben").closed(100).wrapup(100, 105).reopened(200)
    chat.accepted(210, "ben").closed(250).wrapup(250, 270)
    chat = desk.chat("transferred").queued(0, "sales").accepted(10, "cleo").transferred(60, "billing")
    chat.queued(60, "billing").wrapup(60, 90).accepted(80, "dora").closed(180)
    desk.chat("taken at once").queued(0).accepted(0, "lou").accepted(50, "max").closed(90)
    desk.chat("queued again").queued(0).accepted(0, "lia").queued(40, "billing").accepted(60, "mia").closed(
        90
    )
    desk.chat("passed on late").queued(0).accepted(0, "ned").closed(90).transferred(200)
    desk.chat("back in the queue").queued(0).accepted(0, "pam").closed(100).queued(900).accepted(
        910, "pam"
    ).closed(950)
    desk.chat("sticky").queued(0).accepted(0, "emil").parked(100).resumed(400, "emil").closed(500)
    desk.chat("unnamed").queued(0).accepted(0, "ella").parked(100).resumed(400).closed(500)
    desk.chat("other").queued(0).accepted(0, "fay").parked(100).resumed(400, "gus").closed(500)
    desk.chat("parked").queued(0).accepted(0, "hal").parked(100).closed(500)
    desk.chat("instant").queued(0).accepted(20, "ida").closed(20)
    desk.chat("at once").queued(0).accepted(0, "jo").closed(100).reopened(200).accepted(200, "jo").closed(260)
    desk.chat("flip").queued(0).accepted(0, "jim").closed(100).reopened(100).accepted(100, "jil").closed(130)
    desk.chat("twice").queued(0).accepted(0, "kim").accepted(40, "kim").closed(100)
    desk.chat("resumed after close").queued(0).accepted(0, "kay").closed(100).resumed(300, "kay").closed(350)
    chat = desk.chat("resumed after transfer").queued(0).accepted(0, "lea").parked(60).transferred(65)
    chat.resumed(65).queued(85).accepted(990, "lea").closed(1050)
    desk.chat("taken over").queued(0).accepted(0, "leo").accepted(70, "mia").closed(100)
    desk.chat("by bot").queued(0).accepted(0, "nat").closed(100, "closer")
    desk.chat("bot first").created(0).accepted(1, "closer").queued(5).accepted(9, "ole").closed(100)
    desk.chat("nameless").queued(0).accepted(0, "pam").transferred(50).accepted(60, None).closed(100)
    desk.chat("returned").queued(0).accepted(0, "pit").transferred(50).queued(50).accepted(70, "pit").closed(
        100
    )
    desk.chat("open").queued(0).accepted(100, "quin")
    desk.chat("passed on, open").queued(0).accepted(0, "rosa").transferred(40).queued(40)
    chat = (
        desk.chat("late wrapup").queued(0).accepted(0, "sam").closed(100).reopened(105).accepted(110, "tom")
    )
    chat.wrapup(102, 130, "sam").closed(150).wrapup(150, 151)
    desk.chat("unfinished wrapup").queued(0).accepted(0, "uma").closed(100)._event(
        100, "wrapup_started", agent_id="uma"
    )
    chat = desk.chat("lost end of a wrapup").queued(0).accepted(0, "una").closed(100)
    chat._event(100, "wrapup_started", agent_id="una")
    chat.reopened(900).accepted(900, "una").closed(950).wrapup(950, 980)
    desk.row("agents", agent_id="closer", type="bot")
    return desk.build(tmp_path_factory.mktemp("legs"), as_of=2000)


def legs(facts: Facts, name: str) -> list[tuple[str, float, float, float | None, str]]:
    """Agent, open, parked, handle and end of each leg."""
    return [
        (leg["agent_id"], leg.s("open"), leg.s("parked"), leg.s("handle"), leg["end_reason"])  # type: ignore[misc]
        for leg in facts.of("fact_leg", name)
    ]


def test_handle_is_hold_plus_wrapup(facts: Facts) -> None:
    assert legs(facts, "plain") == [("anna", 300, 0, 330, "closed")]  # 310 - 10, + 340 - 310
    chat = facts.conversation("plain")
    assert (chat.s("handle"), chat.s("wrapup"), chat.s("engaged")) == (330, 30, 300)


def test_the_gap_before_reopening_belongs_to_no_leg(facts: Facts) -> None:
    assert legs(facts, "reopened") == [("bea", 100, 0, 100, "closed"), ("bea", 100, 0, 100, "closed")]
    chat = facts.conversation("reopened")
    assert chat.s("handle") == 200  # not the 1110 s between first accept and last close
    assert (chat["n_reopens"], chat["n_legs"]) == (1, 2)
    assert (chat.at("first_closed"), chat.at("closed"), chat.s("resolution")) == (110, 1120, 1120)


def test_every_close_ends_a_leg(facts: Facts) -> None:
    assert [leg.s("open") for leg in facts.of("fact_leg", "thrice")] == [10, 10, 15]


def test_the_queue_between_two_agents_belongs_to_no_leg(facts: Facts) -> None:
    assert legs(facts, "transferred") == [
        ("cleo", 50, 0, 80, "transferred"),  # wrapped up for 30 s, while dora had already begun
        ("dora", 100, 0, 100, "closed"),
    ]
    chat = facts.conversation("transferred")
    assert (chat.s("handle"), chat["n_transfers"]) == (180, 1)
    assert (chat["queue"], chat["last_queue"], chat["last_agent_id"]) == ("sales", "billing", "dora")
    assert chat.s("queue_wait") == 10


def transfers(facts: Facts, name: str) -> tuple[int, int]:
    chat = facts.conversation(name)
    return chat["n_transfers"], chat["n_queue_transfers"]


def test_a_change_of_agents_is_a_transfer_though_no_event_says_so(facts: Facts) -> None:
    assert legs(facts, "taken at once")[0] == ("lou", 50, 0, 50, "transferred")
    assert transfers(facts, "taken at once") == (1, 0)
    assert transfers(facts, "queued again") == (1, 1)
    assert transfers(facts, "transferred") == (1, 1)


def test_what_is_closed_cannot_be_passed_on(facts: Facts) -> None:
    assert legs(facts, "passed on late") == [("ned", 90, 0, 90, "closed")]
    assert transfers(facts, "passed on late") == (0, 0)


def test_an_entry_into_the_queue_after_a_close_reopens(facts: Facts) -> None:
    chat = facts.conversation("back in the queue")
    assert (chat["n_reopens"], chat.s("reopen_gap"), chat.at("closed")) == (1, 800, 950)


def test_a_parked_chat_continues_its_leg_with_the_same_agent(facts: Facts) -> None:
    assert legs(facts, "sticky") == [("emil", 200, 300, 200, "closed")]
    assert legs(facts, "unnamed") == [("ella", 200, 300, 200, "closed")]


def test_a_parked_chat_begins_another_leg_with_another_agent(facts: Facts) -> None:
    assert legs(facts, "other") == [("fay", 100, 0, 100, "transferred"), ("gus", 100, 0, 100, "closed")]
    assert facts.conversation("other")["n_transfers"] == 1  # passed on, though no event says so


def test_closing_a_parked_chat_adds_no_time(facts: Facts) -> None:
    assert legs(facts, "parked") == [("hal", 100, 0, 100, "closed")]
    assert facts.of("fact_leg", "parked")[0].at("released") == 100


def test_accepted_and_closed_at_one_instant_is_not_open_for_ever(facts: Facts) -> None:
    assert legs(facts, "instant") == [("ida", 0, 0, 0, "closed")]
    assert facts.conversation("instant")["is_ended"]
    assert facts.rows("fact_agent_load", agent_id="ida") == []


def test_reopened_and_accepted_at_one_instant(facts: Facts) -> None:
    assert legs(facts, "at once") == [("jo", 100, 0, 100, "closed"), ("jo", 60, 0, 60, "closed")]


def test_closed_reopened_and_accepted_at_one_instant(facts: Facts) -> None:
    assert legs(facts, "flip") == [("jim", 100, 0, 100, "closed"), ("jil", 30, 0, 30, "closed")]
    chat = facts.conversation("flip")
    assert (chat["n_reopens"], chat.at("closed")) == (1, 130)


def test_an_accept_of_a_chat_already_held_changes_nothing(facts: Facts) -> None:
    assert legs(facts, "twice") == [("kim", 100, 0, 100, "closed")]


def test_resuming_a_closed_chat_begins_a_leg(facts: Facts) -> None:
    assert legs(facts, "resumed after close") == [
        ("kay", 100, 0, 100, "closed"),
        ("kay", 50, 0, 50, "closed"),
    ]


def test_the_leg_of_a_resume_without_a_name_continues_with_an_accept_by_its_agent(facts: Facts) -> None:
    assert legs(facts, "resumed after transfer") == [
        ("lea", 60, 0, 60, "transferred"),
        ("lea", 985, 0, 985, "closed"),  # 65 to 1050: nobody released it since
    ]


def test_taking_over_ends_the_other_leg(facts: Facts) -> None:
    assert legs(facts, "taken over") == [("leo", 70, 0, 70, "transferred"), ("mia", 30, 0, 30, "closed")]


def test_a_bot_may_close_but_never_holds(facts: Facts) -> None:
    assert legs(facts, "by bot") == [("nat", 100, 0, 100, "closed")]
    assert legs(facts, "bot first") == [("ole", 91, 0, 91, "closed")]
    assert facts.conversation("bot first").s("queue_wait") == 4


def test_an_unknown_agent_is_not_the_one_before(facts: Facts) -> None:
    assert legs(facts, "nameless") == [("pam", 50, 0, 50, "transferred")]


def test_a_chat_that_comes_back_after_a_transfer_is_a_leg_of_its_own(facts: Facts) -> None:
    assert legs(facts, "returned") == [("pit", 50, 0, 50, "transferred"), ("pit", 30, 0, 30, "closed")]


def test_an_open_leg_is_censored(facts: Facts) -> None:
    assert legs(facts, "open") == [("quin", 1900, 0, None, "open")]  # until as_of, 2000
    chat = facts.conversation("open")
    assert chat["is_open"]
    assert (chat.s("handle"), chat.s("engaged"), chat.s("effort"), chat.at("closed")) == (
        None,
        None,
        None,
        None,
    )


def test_a_chat_back_in_the_queue_is_open_though_its_leg_has_ended(facts: Facts) -> None:
    assert legs(facts, "passed on, open") == [("rosa", 40, 0, 40, "transferred")]
    chat = facts.conversation("passed on, open")
    assert chat["is_open"]
    assert (chat.s("handle"), chat["is_answered"], chat["is_waiting"]) == (None, True, False)


def test_wrapup_goes_to_the_leg_of_who_wraps_up(facts: Facts) -> None:
    assert [leg.s("wrapup") for leg in facts.of("fact_leg", "late wrapup")] == [28, 1]
    assert [leg.s("wrapup") for leg in facts.of("fact_leg", "wrapped twice")] == [5, 20]
    assert [leg.s("wrapup") for leg in facts.of("fact_leg", "wrapped later")] == [20, 0]


def test_a_wrapup_without_an_end_counts_nothing(facts: Facts) -> None:
    assert legs(facts, "unfinished wrapup") == [("uma", 100, 0, 100, "closed")]
    assert [leg.s("wrapup") for leg in facts.of("fact_leg", "lost end of a wrapup")] == [0, 30]
