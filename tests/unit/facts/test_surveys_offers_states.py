"""Surveys with several answers, offers with and without a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.facts.desk import Chat, Facts


def closed_chat(desk: Desk, name: str) -> Chat:
    return desk.chat(name).queued(0).accepted(5, "anna").transferred(20).accepted(30, "bea").closed(60)


def test_the_latest_answer_counts(tmp_path: Path) -> None:
    desk = Desk()
    closed_chat(desk, "twice").survey(70, 100, csat=1.0).survey(80, 90, csat=5.0)
    closed_chat(desk, "answered once").survey(70, 100, csat=4.0, resolved=False).survey(200)
    closed_chat(desk, "silent").survey(70)
    closed_chat(desk, "best").survey(70, 80, csat=5.0)
    closed_chat(desk, "worst").survey(70, 80, csat=1.0)
    closed_chat(desk, "off scale").survey(70, 80, csat=7.0)
    closed_chat(desk, "zero").survey(70, 80, csat=0.0)
    closed_chat(desk, "without rating").survey(70, 80, nps=9.0, resolved=True)
    closed_chat(desk, "answered later").survey(70, 80, csat=2.0).survey(90, 900, csat=5.0)
    closed_chat(desk, "neutral").survey(70, 80, csat=3.0)
    desk.chat("test", is_test=True).queued(0).accepted(5, "anna").closed(60).survey(70, 80, csat=5.0)
    desk.row("surveys", survey_id="nobody", customer_key="carl", sent_at_us=desk.us(70))
    facts = desk.build(tmp_path, as_of=500)

    def flags(name: str) -> tuple[bool, bool, bool]:
        row = facts.one("fact_survey", conversation_key=f"s/a/{name}")
        return row["is_responded"], row["is_csat_valid"], row["is_csat_positive"]

    assert flags("twice") == (True, True, False)
    assert flags("answered once") == (True, True, True)
    assert flags("silent") == (False, False, False)
    assert flags("off scale") == (True, False, False)
    assert flags("zero") == (True, False, False)
    assert flags("without rating") == (True, False, False)
    assert flags("answered later") == (True, True, False)  # as of 500 only the first answer is known
    assert flags("best") == (True, True, True)
    assert flags("worst") == (True, True, False)
    assert len(facts.rows("fact_survey")) == 10
    negative = {row["conversation_id"] for row in facts.rows("fact_conversation", has_negative_survey=True)}
    assert negative == {"twice", "worst", "answered once", "answered later", "neutral"}
    assert {row["agent_id"] for row in facts.rows("fact_survey")} == {"bea"}  # of the last leg
    assert facts.one("fact_survey", conversation_key="s/a/silent").at("sent") == 70


def test_another_scale(tmp_path: Path) -> None:
    desk = Desk()
    closed_chat(desk, "eight").survey(70, 80, csat=8.0)
    closed_chat(desk, "nine").survey(70, 80, csat=9.0)
    facts = desk.build(tmp_path, csat_scale=10, csat_positive_min=9.0)
    assert [
        row["is_csat_positive"] for row in facts.of("fact_survey", "eight") + facts.of("fact_survey", "nine")
    ] == [
        False,
        True,
    ]


def offers(facts: Facts, name: str) -> list[tuple[str, str, float | None, float | None]]:
    return [
        (row["agent_id"], row["result"], row.at("offered"), row.at("ended"))
        for row in facts.of("fact_offer", name)
    ]


def test_offers(tmp_path: Path) -> None:
    desk = Desk()
    desk.chat("missed").queued(0).offered(5, "anna").missed(20, "anna").offered(20, "bea").accepted(
        30, "bea"
    ).closed(60)
    desk.chat("again").queued(0).offered(5, "anna").missed(20, "anna").offered(20, "anna").accepted(
        25, "anna"
    ).closed(60)
    desk.chat("unrecorded").queued(0).accepted(30, "cleo").transferred(40).accepted(50, "dora").closed(60)
    desk.chat("only a miss").queued(0).missed(20, "emil").closed(60)
    desk.chat("ringing").queued(0).offered(90, "fay")
    desk.chat("at once").queued(0).offered(5, "gus").accepted(5, "gus").closed(60)
    facts = desk.build(tmp_path, as_of=100)
    assert offers(facts, "missed") == [("anna", "missed", 5, 20), ("bea", "accepted", 20, 30)]
    assert offers(facts, "again") == [("anna", "missed", 5, 20), ("anna", "accepted", 20, 25)]
    assert offers(facts, "unrecorded") == [("cleo", "accepted", 30, 30), ("dora", "accepted", 50, 50)]
    assert offers(facts, "only a miss") == [("emil", "missed", 20, 20)]
    assert offers(facts, "ringing") == [("fay", "open", 90, None)]
    assert offers(facts, "at once") == [("gus", "accepted", 5, 5)]


def test_dimensions_stand_on_every_fact_and_may_be_missing(tmp_path: Path) -> None:
    desk = Desk()
    desk.row("customers", customer_key="carl", tier="gold", segment="b2b", language="de", account_id="acme")
    columns = {"channel": "web", "department": "help", "priority": "high", "topic": "login", "country": "DE"}
    desk.chat("full", queue="column", tags=" vip ;late;; vip", **columns).customer(0).queued(
        0, "support"
    ).accepted(5, "anna").agent(9).closed(60).survey(70)
    desk.chat("bare", customer=None).customer(0).queued(0).accepted(5, "bea").agent(9).closed(60).survey(70)
    desk.chat("semicolons", tags="a;b").queued(0).closed(60)
    facts = desk.build(tmp_path)
    for table in ("fact_conversation", "fact_leg", "fact_leg_load", "fact_turn", "fact_survey", "fact_offer"):
        full, bare = facts.of(table, "full")[0], facts.of(table, "bare")[0]
        assert (full["tier"], full["queue"], full["topic"], full["mode"]) == (
            "gold",
            "support",
            "login",
            "live",
        ), table
        assert (full["language"], full["account_id"]) == ("de", "acme")
        assert (bare["tier"], bare["queue"], bare["topic"]) == (None, None, None), table
    tags = {(row["conversation_key"], row["tag"]) for row in facts.rows("bridge_tag")}
    assert tags == {
        ("s/a/full", "vip"),
        ("s/a/full", "late"),
        ("s/a/semicolons", "a"),
        ("s/a/semicolons", "b"),
    }
