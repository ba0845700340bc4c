"""A bill of which every line is known, and one of a desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.unit.facts.desk import Desk

from staffcast.core.errors import MetricError
from staffcast.metrics import options_from_settings, query
from staffcast.reports.bot_audit import COUNTS, audit_note, audit_table, billed_table, bot_audit
from staffcast.reports.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.reports.bot_audit import BotAudit
    from staffcast.reports.session import Session

DAY = 86_400
FIRST = {"from_date": "2026-11-02", "to_date": "2026-11-30"}


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Ten lines of 2 November and one of the 28th, two days before the end of the data."""
    desk = Desk(datetime(2026, 11, 2, 9, tzinfo=UTC), settings={"currency": "EUR"})

    def billed(
        name: str, at: float = 0, *, outcome: str = "assumed", customer: str | None = "", topic: str = "t"
    ) -> None:
        who = name if customer == "" else customer
        chat = desk.chat(name, at, customer=who, topic=topic, bot_outcome=outcome, bot_billed=True)
        chat.customer(at).bot(at + 5)
        if name == "to the team":
            chat.handoff(at + 20).queued(at + 20, "q").accepted(at + 30, "anna").agent(at + 60)
        chat.closed(at + 300)
        if name == "complained":
            chat.survey(at + 310, at + 400, csat=1.0)

    for name in ("held", "also held", "to the team", "complained", "came back", "back later"):
        billed(name)
    billed("confirmed", outcome="confirmed")
    billed("fallbacks", outcome="none")
    billed("anonymous", customer=None)
    billed("anonymous fallbacks", outcome="none", customer=None)
    billed("recent", 26 * DAY)
    desk.chat("free", customer="free", bot_outcome="assumed", bot_billed=False).customer(0).bot(5).closed(300)
    desk.contact("call", 3 * DAY, topic="t", customer="came back")
    desk.contact("call later", 9 * DAY, topic="t", customer="back later")
    desk.contact("the last", 28.5 * DAY, customer="nobody")
    folder = tmp_path_factory.mktemp("bill")
    desk.build(folder)
    session = open_session(flags={"data_dir": folder, "currency": "EUR"})
    yield session
    session.reader.close()


def audit_of(session: Session, **asked: object) -> BotAudit:
    return bot_audit(session.reader, session.settings, **FIRST | asked)  # type: ignore[arg-type]


def test_each_line_gets_its_verdict(bill: Session) -> None:
    lines = {row["conversation_id"]: row for row in audit_of(bill).billed.to_dicts()}
    verdicts = {name: (row["verdict"], row["reasons"]) for name, row in lines.items()}
    assert verdicts == {
        "held": ("verified", ""),
        "also held": ("verified", ""),
        "confirmed": ("verified", ""),
        "back later": ("verified", ""),
        "to the team": ("disputed", "went to the team"),
        "complained": ("disputed", "complaint in the survey"),
        "came back": ("disputed", "came back"),
        "fallbacks": ("disputed", "no answer but fallbacks"),
        "anonymous fallbacks": ("disputed", "no answer but fallbacks"),
        "anonymous": ("unverifiable", ""),
        "recent": ("too recent", ""),
    }
    # The call came 3 days after the start; the first close was 300 s after it.
    assert lines["came back"]["came_back_days"] == pytest.approx(3 - 300 / DAY)


def test_a_longer_window_sees_more_come_back(bill: Session) -> None:
    audit = audit_of(bill, options={"window_days": 14})
    verdicts = dict(audit.billed.select("conversation_id", "verdict").iter_rows())
    assert audit.window_days == 14
    assert verdicts["back later"] == "disputed"
    values = dict(audit.rows.select("metric", "value").iter_rows())
    assert values["bot_billed_came_back"] == 2


def test_the_steps_are_counted_by_hand(bill: Session) -> None:
    audit = audit_of(bill)
    assert dict(audit.rows.filter(pl.col("metric").is_in(COUNTS)).select("metric", "value").iter_rows()) == {
        "bot_billed": 11,
        "bot_billed_contained": 10,
        "bot_billed_answered": 8,
        "bot_billed_confirmed": 1,
        "bot_billed_verified": 4,
        "bot_billed_came_back": 1,
        "bot_billed_unverifiable": 2,
    }
    shares = dict(audit.rows.select("metric", "of_billed").iter_rows())
    assert shares["bot_billed_verified"] == pytest.approx(4 / 10)  # one is too recent
    assert shares["bot_billed_confirmed"] == pytest.approx(1 / 11)
    assert audit.n_disputed == 5


def test_what_is_too_recent_is_no_zero(bill: Session) -> None:
    audit = audit_of(bill, from_date="2026-11-28")
    rows = {row["metric"]: row for row in audit.rows.to_dicts()}
    assert (rows["bot_billed"]["value"], rows["bot_billed_contained"]["of_billed"]) == (1, 1)
    for name in ("bot_billed_verified", "bot_billed_came_back"):
        assert (rows[name]["value"], rows[name]["null_reason"]) == (None, "window_censored")
    assert "too recent to tell" in audit_table(audit)["value"][4]


def test_lines_and_counts_agree_on_a_desk(session: Session) -> None:
    audit = bot_audit(session.reader, session.settings)
    values = dict(audit.rows.select("metric", "value").iter_rows())
    billed = audit.billed
    assert billed.height == values["bot_billed"]
    assert billed.filter(pl.col("verdict") == "verified").height == values["bot_billed_verified"]
    assert billed.height == sum(billed["verdict"].value_counts()["count"])
    for name in ("bot_cost", "cost_per_verified_resolution"):
        [row] = query(
            session.reader, name, period=audit.period, options=options_from_settings(session.settings)
        ).to_dicts()
        assert values[name] == row["value"]


def test_words(session: Session) -> None:
    audit = bot_audit(session.reader, session.settings)
    table = audit_table(audit)
    assert table["step"][0] == "Billed as resolved"
    assert table["of billed"][0] == "100.0 %"
    assert "are disputed" in audit_note(audit)
    assert billed_table(audit.billed).height == audit.billed.height


def test_the_interval_of_a_cost_is_money(bill: Session) -> None:
    audit = audit_of(bill)
    is_cost = pl.col("metric") == "cost_per_verified_resolution"
    priced = audit.rows.with_columns(
        pl.when(is_cost).then(0.97).otherwise("ci_low").alias("ci_low"),
        pl.when(is_cost).then(1.003).otherwise("ci_high").alias("ci_high"),
    )
    table = audit_table(replace(audit, rows=priced))
    assert table["interval (95 %)"].to_list()[-1] == "0.97 EUR to 1.00 EUR"
    assert table["interval (95 %)"][4].endswith(" %")


def test_the_disputed_part_of_the_bill(session: Session) -> None:
    audit = bot_audit(session.reader, session.settings)
    if audit.price is not None:
        values = dict(audit.rows.select("metric", "value").iter_rows())
        assert audit.price == pytest.approx(values["bot_cost"] / values["bot_billed"])


def test_nothing_billed_is_said_to_be(bill: Session) -> None:
    with pytest.raises(MetricError, match="was billed"):
        audit_of(bill, from_date="2026-11-03", to_date="2026-11-04")


def test_an_unknown_option_is_refused(bill: Session) -> None:
    with pytest.raises(MetricError, match="unknown option 'windows'"):
        audit_of(bill, options={"windows": 3})


def test_the_bot_has_no_agents_to_hide(guarded: Session, session: Session) -> None:
    guarded_rows = bot_audit(guarded.reader, guarded.settings).rows
    assert (
        guarded_rows["value"].to_list() == bot_audit(session.reader, session.settings).rows["value"].to_list()
    )
