"""The backlog at any instant, the agents of a survey, and visits of the help pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts, Row

HOUR = 3_600


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk()
    desk.row("targets", metric="reply_within", share=0.9, within_s=40)
    chat = desk.chat("story").customer(0).bot(5).queued(20, "support").accepted(50, "anna").agent(60)
    chat.parked(100).customer(150).resumed(200, "anna").transferred(220).queued(220, "sales")
    chat.accepted(300, "bea").agent(310).closed(400).reopened(600).customer(600)
    desk.chat("left").customer(0).queued(0).abandoned(70).closed(75)
    desk.chat("came back").queued(0).abandoned(70).reopened(90).queued(90)
    desk.chat("outreach", initiated_by="agent").accepted(0, "anna").agent(5).closed(50)
    desk.chat("bot").customer(0).bot(2).closed(50)
    return desk.build(tmp_path_factory.mktemp("spans"), as_of=700)


def spans(facts: Facts, name: str) -> list[Row]:
    return sorted(facts.of("fact_open_span", name), key=lambda row: row["from_at_us"])


FLAGS = {"is_with_humans": "h", "is_assigned": "a", "is_parked": "p", "is_awaiting_agent": "w"}


def state(row: Row) -> str:
    return "".join(letter for flag, letter in FLAGS.items() if row[flag])


def test_a_conversation_is_cut_wherever_its_state_changes(facts: Facts) -> None:
    found = [(row.at("from"), row.at("until"), state(row), row["agent_id"]) for row in spans(facts, "story")]
    assert found == [
        (0, 20, "", None),  # with the bot
        (20, 50, "hw", None),  # queued: what was written to the bot waits for a human now
        (50, 60, "haw", "anna"),
        (60, 100, "ha", "anna"),
        (100, 150, "hap", "anna"),  # parked, still anna's
        (150, 200, "hapw", "anna"),
        (200, 220, "haw", "anna"),
        (220, 300, "hw", None),  # passed on
        (300, 310, "haw", "bea"),
        (310, 400, "ha", "bea"),
        (600, None, "hw", None),  # reopened, nobody holds it
    ]


def test_a_span_knows_since_when_a_reply_is_owed_and_the_target(facts: Facts) -> None:
    found = [
        (row.at("from"), row.at("awaiting_since"), row.s("reply_target"))
        for row in spans(facts, "story")
        if row["is_awaiting_agent"]
    ]
    assert found == [(20, 20, 40), (50, 20, 40), (150, 150, 40), (200, 150, 40), (220, 150, 40),
                     (300, 150, 40), (600, 600, 40)]  # fmt: skip
    assert {row.at("opened") for row in spans(facts, "story")} == {0}


def test_who_left_the_queue_is_not_open_though_closed_later(facts: Facts) -> None:
    assert [(row.at("from"), row.at("until")) for row in spans(facts, "left")] == [(0, 70)]
    assert [(row.at("from"), row.at("until")) for row in spans(facts, "came back")] == [(0, 70), (90, None)]


def test_outreach_is_no_backlog_and_the_bot_alone_never_reaches_the_desk(facts: Facts) -> None:
    assert not any(row["is_inbound"] for row in spans(facts, "outreach"))
    assert not any(row["is_with_humans"] for row in spans(facts, "bot"))


@pytest.mark.parametrize("as_of", [10, 55, 72, 120, 230, 450])
def test_the_backlog_of_the_past_is_what_a_build_of_that_instant_calls_open(
    facts: Facts, tmp_path_factory: pytest.TempPathFactory, as_of: int
) -> None:
    desk = Desk()
    desk.chat("story").customer(0).bot(5).queued(20, "support").accepted(50, "anna").agent(60).parked(
        100
    ).customer(150).resumed(200, "anna").transferred(220).queued(220, "sales").accepted(300, "bea").agent(
        310
    ).closed(400).reopened(600).customer(600)
    desk.chat("left").customer(0).queued(0).abandoned(70).closed(75)
    then = desk.build(tmp_path_factory.mktemp("then"), as_of=as_of)
    for name in ("story", "left"):
        covering = [
            row
            for row in spans(facts, name)
            if row.at("from") <= as_of and (row["until_at_us"] is None or row.at("until") > as_of)
        ]
        assert len(covering) == then.conversation(name)["is_open"]


def test_every_agent_who_held_a_surveyed_chat(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()
    chat = desk.chat("two").queued(0).accepted(1, "anna").transferred(10).queued(10).accepted(12, "bea")
    chat.transferred(20).accepted(22, "anna").closed(60).survey(70, 80, csat=5.0)
    desk.chat("none").queued(0).accepted(1, "anna").closed(60)
    facts = desk.build(tmp_path_factory.mktemp("surveyed"))
    found = sorted(
        (row["agent_id"], row["csat"], row["is_csat_positive"]) for row in facts.rows("fact_survey_leg")
    )
    assert found == [("anna", 5.0, True), ("bea", 5.0, True)]
    assert facts.one("fact_survey")["agent_id"] == "anna"


def test_visits_of_the_help_pages(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()

    def view(number: int, at: float, who: str | None, article: str | None = "reset", **more: object) -> None:
        desk.row("page_views", view_id=f"v{number}", customer_key=who, viewed_at_us=desk.us(at),
                 article=article, **more)  # fmt: skip

    view(1, 0, "carl", helpful=False)
    view(2, 1799, "carl", "pay", helpful=True)  # less than half an hour: the same visit
    view(3, 1799 + 1800, "carl")  # half an hour: another
    view(4, 0, "dora")
    view(5, 0, None)
    view(6, 1, None)
    view(7, 0, "carl", article=None)  # no article
    view(8, 100 * HOUR, "carl")  # after as_of
    desk.contact("call", 2 * HOUR)
    desk.chat("chat", 30, customer="dora").queued(30).accepted(40, "anna").closed(90)
    desk.chat("late", 40 * HOUR, customer="eve").queued(40 * HOUR).closed(40 * HOUR + 5)
    desk.contact("late call", 41 * HOUR, customer="eve")
    facts = desk.build(tmp_path_factory.mktemp("help"), as_of=50 * HOUR)
    found = {
        row["session_key"].removeprefix("s/a/"): (
            row["customer_key"], row["article"], row["n_views"], row["is_helpful"], row.s("next_contact_gap")
        )
        for row in facts.rows("fact_help_session")
    }  # fmt: skip
    assert found == {
        "v1": ("carl", "reset", 2, True, 2 * HOUR - 1799),
        "v3": ("carl", "reset", 1, False, 2 * HOUR - 3599),
        "v4": ("dora", "reset", 1, False, 30),
        "v5": (None, "reset", 1, False, None),
        "v6": (None, "reset", 1, False, None),
    }
    assert facts.one("fact_help_session", session_key="s/a/v1").s("maturity") == 50 * HOUR - 1799


def test_a_contact_during_the_visit_is_a_contact_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk()
    for number, at in enumerate((0, 600)):
        desk.row(
            "page_views", view_id=f"v{number}", customer_key="carl", viewed_at_us=desk.us(at), article="reset"
        )
    desk.chat("chat", 300).queued(300).accepted(310, "anna").closed(700)
    facts = desk.build(tmp_path_factory.mktemp("during"))
    assert facts.one("fact_help_session").s("next_contact_gap") == 0
