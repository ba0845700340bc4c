"""Gaps to the customer's contacts before and after: what first-contact resolution filters by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()

    def chat(
        name: str, start: float, end: float | None, topic: str | None, customer: str | None, **columns: object
    ) -> None:
        made = (
            desk.chat(name, start, customer=customer, topic=topic, **columns)
            .queued(start)
            .accepted(start, f"agent {name}")
        )
        if end is not None:
            made.closed(end)

    chat("first", 0, 100, "billing", "ann")
    chat("same", 500, 600, "billing", "ann")
    chat("different", 300, 400, "login", "ann")
    chat("unknown", 450, 460, None, "ann")
    chat("overlap a", 0, 1000, "x", "ben")
    chat("overlap b", 200, 300, "x", "ben")
    chat("overlap c", 1000, 1100, "x", "ben")  # at the very close of a: not after it
    chat("overlap d", 1001, 1200, "x", "ben")
    chat("before a call", 0, 100, "x", "cat")
    desk.contact("call", 700, topic="x", customer="cat").contact("other call", 150, topic="y", customer="cat")
    chat("before a vague call", 0, 100, "x", "dan")
    desk.contact("vague", 160, customer="dan")
    chat("nobody 1", 0, 100, "x", None)
    chat("nobody 2", 200, 300, "x", None)
    chat("then tests", 0, 100, "x", "eve")
    chat("test", 200, 300, "x", "eve", is_test=True)
    chat("outreach", 250, 300, "x", "eve", initiated_by="agent")
    chat("open", 0, None, "x", "fay")
    chat("after open", 50, 60, "x", "fay")
    chat("twin 1", 0, 100, "x", "gil")
    chat("twin 2", 0, 100, "x", "gil")
    made = (
        desk.chat("reopened", customer="hal", topic="x")
        .queued(0)
        .accepted(0, "zed")
        .closed(100)
        .reopened(400)
    )
    made.accepted(400, "zed").closed(500)
    desk.chat("bot repeat", 450, customer="hal", topic="x").bot(450).closed(480)
    return desk.build(tmp_path_factory.mktemp("repeats"), as_of=5000)


def gaps(facts: Facts, name: str) -> tuple[float | None, float | None, float | None]:
    """To the next contact about the issue, to the next at all, and since the last about the issue."""
    chat = facts.conversation(name)
    return chat.s("next_issue_gap"), chat.s("next_any_gap"), chat.s("prev_issue_gap")


def test_the_gap_runs_from_close_to_the_next_start_on_the_same_or_an_unknown_topic(facts: Facts) -> None:
    assert gaps(facts, "first") == (350, 200, None)  # unknown at 450, login at 300
    assert gaps(facts, "different") == (50, 50, None)
    assert gaps(facts, "unknown") == (40, 40, 150)  # any topic after and before: 500 and 300
    assert gaps(facts, "same") == (None, None, 50)


def test_overlapping_chats_are_no_repeats_of_one_another(facts: Facts) -> None:
    assert gaps(facts, "overlap a") == (1, 1, None)  # d; b began during a, c at its very close
    assert gaps(facts, "overlap b") == (700, 700, 200)
    assert gaps(facts, "overlap c") == (None, None, 800)


def test_other_channels_count(facts: Facts) -> None:
    assert gaps(facts, "before a call") == (600, 50, None)
    assert gaps(facts, "before a vague call") == (60, 60, None)


def test_anonymous_customers_have_no_gaps(facts: Facts) -> None:
    assert gaps(facts, "nobody 1") == (None, None, None)
    assert facts.conversation("nobody 1")["customer_key"] is None


def test_tests_and_outreach_are_no_contacts(facts: Facts) -> None:
    assert gaps(facts, "then tests") == (None, None, None)
    assert facts.rows("fact_contact", contact_key="s/a/test") == []


def test_an_open_chat_has_no_gap_after_it_but_counts_as_a_contact(facts: Facts) -> None:
    assert gaps(facts, "open") == (None, None, None)
    assert gaps(facts, "after open") == (None, None, 50)


def test_of_two_chats_at_one_instant_one_follows_the_other(facts: Facts) -> None:
    assert {gaps(facts, "twin 1")[2], gaps(facts, "twin 2")[2]} == {None, 0}


def test_the_first_close_counts_and_the_bot_is_a_contact(facts: Facts) -> None:
    assert gaps(facts, "reopened") == (350, 350, None)


def test_one_row_per_contact(facts: Facts) -> None:
    keys = [row["contact_key"] for row in facts.rows("fact_contact")]
    assert len(keys) == len(set(keys))
    assert {row["channel"] for row in facts.rows("fact_contact", is_chat=False)} == {"phone"}
    assert facts.one("fact_contact", contact_key="s/a/reopened").at("close") == 100
