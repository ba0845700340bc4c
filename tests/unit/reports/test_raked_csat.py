"""Weighted CSAT by hand: two queues that answer differently often."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

from staffcast.core.errors import MetricError
from staffcast.metrics import query
from staffcast.reports.raked_csat import raked_csat, raked_note, raked_table
from staffcast.reports.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.reports.session import Session

PERIOD = {"from_date": "2026-11-02", "to_date": "2026-11-02"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Asked 40 in each of two queues: 30 answer in one, all happy; 10 in the other, none happy."""
    made = Desk(datetime(2026, 11, 2, 9, tzinfo=UTC))
    for queue, n_answers, csat in (("glad", 30, 5), ("sad", 10, 1)):
        for number in range(40):
            at = 60 * number
            wait = 5 if number % 2 else 45
            chat = made.chat(f"{queue}{number}", at).customer(at).queued(at, queue)
            chat.accepted(at + wait, "anna").agent(at + wait + 1).closed(at + 300)
            if number < n_answers:
                chat.survey(at + 310, at + 400, csat=csat)
            else:
                chat.survey(at + 310)
    folder = tmp_path_factory.mktemp("raked")
    made.build(folder)
    session = open_session(flags={"data_dir": folder, "min_n": 0})
    yield session
    session.reader.close()


def test_silent_queues_count_as_much_as_they_were_asked(desk: Session) -> None:
    rows = raked_csat(desk.reader, desk.settings, by=("queue",), **PERIOD).rows.to_dicts()
    plain, weighted, glad, sad = rows
    asked = query(desk.reader, "csat")["value"].item()
    assert (plain["csat"], plain["n_asked"], plain["n_answered"]) == (asked, 80, 40)
    assert asked == 30 / 40
    assert weighted["csat"] == pytest.approx(0.5)  # half were asked in each queue
    assert (glad["weight"], sad["weight"]) == (pytest.approx(2 / 3), pytest.approx(2))
    assert weighted["n_effective"] == pytest.approx(40**2 / (30 * 4 / 9 + 10 * 4))
    assert weighted["ci_high"] - weighted["ci_low"] > plain["ci_high"] - plain["ci_low"]


def test_waits_are_parts_in_their_order(desk: Session) -> None:
    found = raked_csat(desk.reader, desk.settings, by=("wait", "queue"), **PERIOD)
    parts = found.rows.filter(trait="wait")["part"].to_list()
    assert parts == ["up to 10 s", "up to 60 s"]
    assert found.rows.filter(trait="wait")["n_asked"].to_list() == [40, 40]


def test_parts_with_few_answers_are_taken_together(desk: Session) -> None:
    found = raked_csat(desk.reader, desk.settings, by=("topic",), where={"queue": "sad"}, **PERIOD)
    assert found.rows["part"].to_list() == ["as answered", "weighted", "(none)"]
    assert found.rows["csat"].to_list()[:2] == [0.0, 0.0]


def test_in_words(desk: Session) -> None:
    found = raked_csat(desk.reader, desk.settings, by=("queue",), **PERIOD)
    assert raked_table(found)["CSAT"].to_list() == ["75.0 %", "50.0 %", "", ""]
    assert "40 ratings are worth 30" in raked_note(found)


@pytest.mark.parametrize(
    ("by", "where", "says"),
    [
        (("agent_id",), {}, "cannot be weighted by 'agent_id'"),
        (("queue",), {"queue": "unknown"}, "0 ratings are too few"),
        ((), {}, "nothing to weigh"),
    ],
)
def test_what_cannot_be_weighted_is_refused(
    desk: Session, by: tuple[str, ...], where: dict[str, str], says: str
) -> None:
    with pytest.raises(MetricError, match=says):
        raked_csat(desk.reader, desk.settings, by=by, where=where, **PERIOD)
