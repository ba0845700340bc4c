"""Two sources with the same identifiers never mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.facts.desk import Facts

ACROSS_SOURCES = {"next_issue_gap_us", "next_any_gap_us", "next_chat_gap_us", "prev_issue_gap_us"}
"""A customer is one and the same in all sources."""


def add_copy(desk: Desk, source: str, later: float) -> None:
    """The desk's rows once more, under another source, with all times later."""
    for name, rows in desk.shifted(later).tables.items():
        desk.tables[name] += [row | {"source": source} for row in rows]


def of_source(facts: Facts, table: str, source: str) -> list[str]:
    rows = [row for row in facts.rows(table) if row["conversation_key"].startswith(f"{source}/")]
    return sorted(str({k: v for k, v in row.items() if k not in ACROSS_SOURCES}) for row in rows)


def test_same_ids_in_two_sources(tmp_path: Path) -> None:
    desk = Desk()
    chat = desk.chat("c").customer(0).bot(5).queued(10, "support").accepted(30, "anna").agent(60).closed(100)
    chat.wrapup(100, 110).survey(120, 130, csat=5.0)
    desk.loose("loose").customer(0).agent(40, "bea")
    desk.row("bot_sessions", bot_session_id="1", conversation_id="c", outcome="handed_over")
    desk.row("customers", customer_key="carl", tier="gold")
    alone = desk.build(tmp_path / "alone", as_of=2_000_000)

    add_copy(desk, "x", later=100_000)
    desk.tables["customers"].pop()  # the other source knows no tier of carl, and bea as a bot
    desk.row("agents", source="x", agent_id="bea", type="bot")
    both = desk.build(tmp_path / "both", as_of=2_000_000)

    for table in ("fact_conversation", "fact_leg", "fact_turn", "fact_survey", "fact_leg_load", "fact_offer"):
        assert of_source(both, table, "s") == of_source(alone, table, "s"), table
    there = both.one("fact_conversation", conversation_key="x/a/c")
    assert (there.s("queue_wait"), there.s("handle"), there["tier"]) == (20, 80, None)
    assert there["n_customer_messages"] == 1
    loose = both.one("fact_conversation", conversation_key="x/a/loose")
    assert (loose["is_answered"], loose["n_bot_messages"]) == (False, 1)
    assert both.one("fact_conversation", conversation_key="s/a/loose")["is_answered"]
