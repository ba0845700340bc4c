"""A desk of which every disagreement with the vendor is known, and totals in all conventions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.unit.facts.desk import Desk

from staffcast.core.errors import ConfigError, MetricError
from staffcast.metrics import Kind, catalogue, metric, options_from_settings, query
from staffcast.reports.candidates import Subject, candidates
from staffcast.reports.disagreements import agreement_table, conversations_table, disagreements
from staffcast.reports.reconciliation import in_unit, reconcile_total, totals_table
from staffcast.reports.session import open_session
from staffcast.reports.vendor_file import VendorValue, vendor_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.reports.session import Session

WEEK = (date(2026, 11, 2), date(2026, 11, 9))
FORTNIGHT = (date(2026, 11, 2), date(2026, 11, 16))
NIGHT, MORNING = 11 * 3600, 24 * 3600
OFFICE = '{"mon-fri": ["09:00", "17:00"]}'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Queued at 60 s, accepted at 80 s, answered at 100 s, unless the name says otherwise."""
    made = Desk(settings={"business_hours": OFFICE})
    for name in ("plain", "with bot", "greeted", "odd", "quick"):
        chat = made.chat(name).customer(0)
        if name == "with bot":
            chat.bot(5)
        chat.queued(60, "support").accepted(80, "anna")
        if name == "greeted":
            chat.agent(82, auto=True)
        chat.agent(100).closed(700)
    made.chat("overnight", NIGHT).customer(NIGHT).queued(NIGHT, "support").accepted(
        MORNING + 30, "anna"
    ).agent(MORNING + 60).closed(MORNING + 700)
    made.chat("back").customer(0).queued(60, "support").accepted(80, "anna").agent(100).closed(700).reopened(
        1000
    ).accepted(1010, "anna").agent(1100).closed(1700)
    made.chat("left").customer(0).queued(60, "support").abandoned(200)
    made.chat("bot only").customer(0).bot(3).closed(60)
    made.chat("trial", is_test=True).customer(0).queued(60, "support").accepted(80, "anna").agent(100).closed(
        700
    )
    made.chat("later", 5 * MORNING * 3).queued(5 * MORNING * 3, "support")
    folder = tmp_path_factory.mktemp("reconcile")
    made.build(folder)
    session = open_session(flags={"data_dir": folder, "business_hours": OFFICE})
    yield session
    session.reader.close()


def reasons(session: Session, subject: Subject, **values: str) -> dict[str, str]:
    vendor = {name.replace("_", " "): vendor_value(text) for name, text in values.items()}
    found = disagreements(session.reader, session.settings, subject, vendor, period=WEEK)
    return dict(found.conversations.select("conversation_id", "reason").iter_rows())


def test_each_conversation_gets_its_reason(desk: Session) -> None:
    assert reasons(
        desk, Subject.FIRST_RESPONSE,
        plain="40", with_bot="98", greeted="22", odd="555", overnight=str(MORNING + 60 - NIGHT),
        back="1040", left="140", trial="40", bot_only="3", nobody="5",
    ) == {
        "with bot": "bot time",
        "greeted": "automatic message",
        "odd": "other",
        "overnight": "business hours",
        "back": "reopen",
        "left": "abandoned",
        "trial": "test",
        "bot only": "bot time",
        "nobody": "not in the data",
        "quick": "not at the vendor",
    }  # fmt: skip


def test_resolution_to_the_first_close_is_a_matter_of_reopening(desk: Session) -> None:
    vendor = {name: vendor_value("700") for name in ("plain", "with bot", "greeted", "odd", "quick", "back")}
    found = disagreements(desk.reader, desk.settings, Subject.RESOLUTION, vendor, period=WEEK)
    differing = {row["conversation_id"]: row for row in found.conversations.to_dicts()}
    assert differing["back"]["reason"] == "reopen"
    assert differing["back"]["counted"] == "resolution_time until first"
    assert differing["back"]["difference"] == 1000
    best = found.agreement.row(0, named=True)
    assert (best["counted"], best["n_same"], best["n_differ"]) == ("until first", 6, 0)


def test_a_rating_off_the_scale_is_said_to_be_so(tmp_path: Path) -> None:
    made = Desk()
    for name, rating in (("good", 5.0), ("odd here", 9.0), ("odd there", 2.0)):
        made.chat(name).customer(0).queued(60, "q").accepted(80, "anna").agent(100).closed(700).survey(
            710, 720, csat=rating
        )
    made.build(tmp_path)
    session = open_session(flags={"data_dir": tmp_path})
    vendor = {"good": vendor_value("5"), "odd here": vendor_value("5"), "odd there": vendor_value("7")}
    found = disagreements(session.reader, session.settings, Subject.CSAT, vendor, period=WEEK)
    session.reader.close()
    assert found.conversations.select(
        "conversation_id", "vendor", "difference", "reason", "counted"
    ).rows() == [
        ("odd here", 1.0, None, "off scale", ""),
        ("odd there", 7.0, None, "off scale", ""),
    ]
    assert conversations_table(found)["vendor"].to_list() == ["100.0 %", "7"]


def test_ids_alone_show_who_is_counted(desk: Session) -> None:
    offered = ("plain", "with bot", "greeted", "odd", "quick", "overnight", "back")
    vendor = dict.fromkeys((*offered, "trial", "bot only"))
    found = disagreements(desk.reader, desk.settings, Subject.VOLUME, vendor, period=WEEK)
    assert dict(found.conversations.select("conversation_id", "reason").iter_rows()) == {
        "trial": "test",
        "bot only": "bot alone",
        "left": "not at the vendor: abandoned",
    }
    own = found.agreement.filter(pl.col("is_own")).row(0, named=True)
    assert own["metric"] == "offered"
    assert [own[name] for name in ("n_same", "n_differ", "n_only_vendor", "n_only_ours")] == [7, 0, 2, 1]


def test_service_level_by_conversation(desk: Session) -> None:
    assert reasons(
        desk, Subject.SERVICE_LEVEL,
        plain="yes", with_bot="yes", greeted="yes", odd="no", quick="yes", back="yes", overnight="no",
        left="no",
    ) == {"odd": "other", "overnight": "business hours"}  # fmt: skip


def test_words_of_a_list(desk: Session) -> None:
    vendor = {"plain": vendor_value("40"), "odd": vendor_value("41.5")}
    found = disagreements(desk.reader, desk.settings, Subject.FIRST_RESPONSE, vendor, period=WEEK)
    table = conversations_table(found).filter(pl.col("conversation_id") == "odd")
    assert table.select("vendor", "value", "difference").row(0) == ("42 s", "40 s", "-1.5 s")
    assert "ours" in agreement_table(found)["note"].to_list()


def test_ids_of_two_sources_need_a_source(tmp_path: Path) -> None:
    made = Desk()
    made.chat("same").customer(0).queued(0, "q").accepted(20, "anna").agent(30).closed(90)
    for table in ("conversations", "messages", "events"):
        made.tables[table] += [row | {"source": "other"} for row in made.tables[table]]
    made.build(tmp_path)
    session = open_session(flags={"data_dir": tmp_path})
    vendor = {"same": vendor_value("30")}
    with pytest.raises(ConfigError, match="several sources"):
        disagreements(session.reader, session.settings, Subject.FIRST_RESPONSE, vendor, period=WEEK)
    found = disagreements(
        session.reader, session.settings, Subject.FIRST_RESPONSE, vendor, period=WEEK, where={"source": "s"}
    )
    assert found.conversations.is_empty()
    session.reader.close()


def test_a_list_of_another_desk_is_refused(desk: Session) -> None:
    with pytest.raises(ConfigError, match="no conversation of the file"):
        disagreements(desk.reader, desk.settings, Subject.VOLUME, {"x1": None}, period=WEEK)


def test_a_guarded_desk_lists_no_conversation(guarded: Session) -> None:
    with pytest.raises(MetricError, match="works-council"):
        disagreements(guarded.reader, guarded.settings, Subject.VOLUME, {"c1": None}, period=FORTNIGHT)


@pytest.mark.parametrize("subject", list(Subject))
def test_each_way_to_count_is_found_by_its_own_value(session: Session, subject: Subject) -> None:
    """A vendor that counts in one of our ways is recognised."""
    for way in candidates(subject, session.settings):
        value = query(session.reader, way.metric.id, period=FORTNIGHT, options=way.options, clock=way.clock)[
            "value"
        ].item()
        if value is None:
            continue
        vendor = VendorValue(value, 1e-12)
        totals = reconcile_total(
            session.reader, session.settings, subject, vendor, period=FORTNIGHT
        ) if way.metric.unit != "share" or value <= 1 else None  # fmt: skip
        assert totals is not None
        matching = totals.filter("matches")
        assert (way.metric.id, way.words) in set(matching.select("metric", "counted").iter_rows())
        break


def test_our_own_figure_is_the_reported_one(session: Session) -> None:
    options = options_from_settings(session.settings)
    for subject in Subject:
        totals = reconcile_total(
            session.reader, session.settings, subject, VendorValue(0.5, 0.1), period=FORTNIGHT
        )
        [own] = totals.filter("is_own").to_dicts()
        [reported] = query(session.reader, own["metric"], period=FORTNIGHT, options=options).to_dicts()
        assert (own["value"], own["n"]) == (reported["value"], reported["n"])
        assert own["definition_hash"] == reported["definition_hash"]
        assert own["counted"] == ""


def test_every_convention_of_the_service_level_is_tried(session: Session) -> None:
    ways = candidates(Subject.SERVICE_LEVEL, session.settings)
    [conventions] = [o.choices for o in metric("service_level").options if o.name == "convention"]
    for convention in conventions:
        assert any(way.options["convention"] == convention for way in ways)
    assert ways[0].changes == ()
    fixed = candidates(Subject.SERVICE_LEVEL, session.settings, {"convention": "served_of_all"})
    assert {way.options["convention"] for way in fixed} == {"served_of_all"}


def test_volume_tries_every_count_of_conversations(session: Session) -> None:
    counts = {
        m.id for m in catalogue() if m.kind is Kind.COUNT and m.unit == "conversations" and not m.is_snapshot
    }
    assert {way.metric.id for way in candidates(Subject.VOLUME, session.settings)} == counts


def test_the_table_keeps_ours_and_what_matches(session: Session) -> None:
    totals = reconcile_total(
        session.reader, session.settings, Subject.SERVICE_LEVEL, vendor_value("99.9"), period=FORTNIGHT
    )
    assert totals["vendor"].unique().to_list() == [pytest.approx(0.999)]
    shown = totals_table(totals, n_ways=1)
    assert "ours" in shown["verdict"].to_list()
    assert shown.height <= 2


def test_a_bare_percentage_of_a_share() -> None:
    assert in_unit(vendor_value("82.4"), "share").value == pytest.approx(0.824)
    assert in_unit(vendor_value("0.824"), "share").value == pytest.approx(0.824)
    assert in_unit(vendor_value("82.4"), "s").value == 82.4


def test_totals_are_withheld_where_reports_withhold_them(guarded: Session) -> None:
    guarded.reader.min_group += 50
    try:
        with pytest.raises(MetricError, match="works-council"):
            reconcile_total(
                guarded.reader, guarded.settings, Subject.SERVICE_LEVEL, VendorValue(60, 1), period=FORTNIGHT
            )
    finally:
        guarded.reader.min_group -= 50
