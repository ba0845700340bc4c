"""The curve by hand, and against fcr where everybody was followed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.unit.facts.desk import Desk

from staffcast.charts.repeats import repeat_chart
from staffcast.charts.theme import alt_text
from staffcast.core.errors import MetricError
from staffcast.metrics import query
from staffcast.reports.repeat_curve import repeat_curve, repeat_note, repeat_table
from staffcast.reports.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.reports.session import Session

DAY = 86_400
NOVEMBER = {"from_date": "2026-11-02", "to_date": "2026-11-30"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Eight first contacts closed on 2 November, two on 25 November; the data end 28 days in.

    Of the eight: one passed on, one reopened after 2 days, one back after 3.5 and one after 10.
    """
    made = Desk(datetime(2026, 11, 2, 9, tzinfo=UTC))

    def contact(name: str, at: float = 0, *, topic: str = "t", queue: str = "q") -> None:
        chat = made.chat(name, at, customer=name, topic=topic).customer(at).queued(at, queue)
        chat.accepted(at + 10, "anna").agent(at + 20)
        if name == "passed on":
            chat.escalated(at + 100)
        chat.closed(at + 300)
        if name == "reopened":
            chat.reopened(300 + 2 * DAY).accepted(310 + 2 * DAY, "anna").closed(400 + 2 * DAY)

    for name in ("a", "b", "c", "d", "passed on", "reopened", "back", "back late"):
        contact(name)
    contact("recent", 23 * DAY, queue="other")
    contact("recent too", 23 * DAY)
    made.contact("call", 300 + 3.5 * DAY, topic="t", customer="back")
    made.contact("late call", 300 + 10 * DAY, topic="t", customer="back late")
    made.contact("on something else", 300 + 5 * DAY, topic="u", customer="a")
    made.contact("the last call", 28 * DAY, customer="nobody")
    made.chat("the last chat", 28 * DAY, customer="nobody", topic="u").customer(28 * DAY)
    folder = tmp_path_factory.mktemp("repeats")
    made.build(folder)
    session = open_session(flags={"data_dir": folder, "min_n": 0})
    yield session
    session.reader.close()


def shares(session: Session, **asked: object) -> dict[float, float]:
    rows = repeat_curve(session.reader, session.settings, **NOVEMBER | asked).rows  # type: ignore[arg-type]
    return dict(rows.select("days", "resolved").iter_rows())


def test_the_curve_by_hand(desk: Session) -> None:
    """Ten followed. At once 1 fails; 9 / 10. Day 2: 8 / 10. Day 3.5: 7 / 10.

    The two recent ones are seen for 28 - 23 days less 300 s; at day 10 there are 7 - 2 = 5 left: 0.7 x 4 / 5.
    """
    found = shares(desk)
    expected = {0: 0.9, 1: 0.9, 2: 0.8, 3: 0.8, 5: 0.7, 7: 0.7, 10: 0.56, 14: 0.56, 21: 0.56}
    assert found == pytest.approx(expected)


def test_who_is_followed_and_who_came_back(desk: Session) -> None:
    rows = {row["days"]: row for row in repeat_curve(desk.reader, desk.settings, **NOVEMBER).rows.to_dicts()}  # type: ignore[arg-type]
    assert [rows[day]["n_at_risk"] for day in (0, 1, 3, 7, 21)] == [10, 9, 8, 5, 4]
    assert [rows[day]["n_repeats"] for day in (0, 2, 5, 10)] == [1, 2, 3, 4]
    assert {row["n"] for row in rows.values()} == {10}
    assert rows[7]["ci_low"] < 0.7 < rows[7]["ci_high"]


def test_another_meaning_of_a_repeat(desk: Session) -> None:
    """Any topic: a is back after 5 days. Chat only: calls do not count."""
    assert shares(desk, options={"repeat": "any_topic"})[7] < 0.7
    assert shares(desk, options={"repeat": "chat_only"})[21] == pytest.approx(0.8)


@pytest.mark.parametrize("window_days", [1, 3, 7, 14])
def test_where_all_were_followed_it_is_fcr(desk: Session, window_days: int) -> None:
    asked = {"from_date": "2026-11-02", "to_date": "2026-11-08", "options": {"window_days": window_days}}
    fcr = query(
        desk.reader, "fcr", period=("2026-11-02", "2026-11-09"), options={"window_days": window_days}
    )["value"].item()
    assert shares(desk, **asked)[window_days] == pytest.approx(fcr)


def test_recent_contacts_say_as_much_as_they_can(session: Session) -> None:
    """On a desk the curve and fcr differ little: it uses contacts that fcr has to leave out."""
    curve = repeat_curve(session.reader, session.settings)
    [fcr] = query(session.reader, "fcr", period=curve.period).to_dicts()
    at_7 = curve.rows.filter(pl.col("days") == 7).row(0, named=True)
    assert at_7["n"] == fcr["n"] + fcr["n_censored"]
    assert at_7["ci_low"] <= fcr["value"] <= at_7["ci_high"]
    resolved = curve.steps["resolved"].to_list()
    assert resolved == sorted(resolved, reverse=True)


def test_a_curve_for_each_group(desk: Session) -> None:
    curve = repeat_curve(desk.reader, desk.settings, by=["queue"], **NOVEMBER)  # type: ignore[arg-type]
    sizes = dict(curve.rows.select("queue", "n").unique().iter_rows())
    assert sizes == {"other": 1, "q": 9}
    only = shares(desk, where={"queue": "other"})
    assert set(only.values()) == {1.0}
    assert max(only) == 3


def test_nothing_to_follow_is_said_to_be(desk: Session) -> None:
    with pytest.raises(MetricError, match="can be followed"):
        shares(desk, from_date="2026-11-20", to_date="2026-11-21")
    with pytest.raises(MetricError, match="cannot be grouped"):
        shares(desk, by=["status"])
    with pytest.raises(MetricError, match="unknown option"):
        shares(desk, options={"window": 3})


def test_words_and_chart(session: Session) -> None:
    curve = repeat_curve(session.reader, session.settings, by=["language"])
    assert repeat_table(curve).columns[0] == "language"
    assert "Kaplan-Meier" in repeat_note(curve)
    figure = repeat_chart(curve.steps, by=curve.by, window_days=7)
    assert [trace.name for trace in figure.data if trace.name] == ["de", "en"]
    assert "falling" in alt_text(figure)
    assert "Too few" in alt_text(repeat_chart(curve.steps.clear()))


def test_small_groups_of_agents_are_withheld(guarded: Session) -> None:
    curve = repeat_curve(guarded.reader, guarded.settings, by=["queue"])
    reported = query(guarded.reader, "fcr", by="queue", period=curve.period)
    withheld = set(reported.filter(pl.col("null_reason") == "suppressed")["queue"])
    assert withheld
    for row in curve.rows.to_dicts():
        assert (row["null_reason"] == "suppressed") == (row["queue"] in withheld)
        assert (row["resolved"] is None) == (row["queue"] in withheld)
    assert not set(curve.steps["queue"]) & withheld
    assert "withheld" in " ".join(repeat_table(curve)["resolved"])
    with pytest.raises(MetricError, match="works-council"):
        repeat_curve(guarded.reader, guarded.settings, by=["last_agent_id"])
