"""Arrivals by hour of the week, by hand: three Mondays with 1, 2 and 6 contacts between nine and ten."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

from staffcast.reports.hours import arrivals_by_hour
from staffcast.reports.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.reports.session import Session

WEEK = 7 * 86_400


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    made = Desk(datetime(2026, 11, 2, 9, tzinfo=UTC))
    made.row("queues", queue="q", timezone="UTC", hours=json.dumps({"weekly": {"mon": [["09:00", "11:00"]]}}))
    for week, n in enumerate((1, 2, 6)):
        for number in range(n):
            at = week * WEEK + 60 * number
            chat = made.chat(f"{week}-{number}", at).customer(at).queued(at, "q")
            chat.accepted(at + 10, "anna").agent(at + 20).closed(at + 30)
    made.chat("last", 2 * WEEK + 3 * 3_600).customer(2 * WEEK + 3 * 3_600)
    folder = tmp_path_factory.mktemp("hours")
    made.build(folder)
    session = open_session(flags={"data_dir": folder})
    yield session
    session.reader.close()


def test_an_hour_has_its_mean_and_its_quantiles_over_the_weeks(desk: Session) -> None:
    period = {"from_date": "2026-11-02", "to_date": "2026-11-16"}
    found = arrivals_by_hour(desk.reader, desk.settings, where={"queue": "q"}, **period).frame
    assert found.select("weekday", "hour", "value").rows() == [(1, 9, 3.0), (1, 10, 0.0)]
    assert found["p50"].to_list() == [2.0, 0.0]
    assert found["p90"].to_list() == pytest.approx([2 + 0.8 * 4, 0.0])
