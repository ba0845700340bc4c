"""Old text goes and does not come back; numbers stay."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError
from staffcast_pipelines.lifecycle import backup, retain

from .conftest import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast_pipelines.lifecycle import Retention

    from .conftest import Place

NOON = datetime(2026, 11, 14, tzinfo=UTC)
"""Between the two conversations of the planted person: six days before now."""


def retained(place: Place, days: int, *, apply: bool = True) -> Retention:
    with place.open() as warehouse:
        return retain(warehouse, Settings(), days=days, now=NOW, apply=apply)


def test_a_rehearsal_counts_and_changes_nothing(place: Place) -> None:
    tables = place.tables()
    rehearsal = retained(place, 6, apply=False)
    assert not rehearsal.is_applied
    assert rehearsal.before == NOON
    assert rehearsal.n_rows == {
        "conversations": 1, "messages": 4, "events": 1, "surveys": 1, "page_views": 1,
    }  # fmt: skip
    assert place.tables() == tables
    assert retained(place, 6).n_rows == rehearsal.n_rows


def test_text_older_than_the_limit_is_in_no_byte_and_younger_text_stays(place: Place, tmp_path: Path) -> None:
    saved = tmp_path / "backup.tar"
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
    assert place.contents(saved).count(b"canarytext one") == 2
    done = retained(place, 6)
    assert done.backups == (saved,)
    after = place.contents(saved)
    for gone in (b"canarytext one", b"canarycomment", b"canarydetail", b"canarypage", b"canaryextra"):
        assert gone not in after
    assert after.count(b"canarytext among friends") == 2  # of the 14th
    noon_us = int(NOON.timestamp()) * 1_000_000
    old = "select count(*) from messages where text is not null and timestamp_us < ?"
    assert place.rows(old, noon_us) == [(0,)]
    assert place.rows("select conversation_id from messages where message_id = 'canarymsg1'") == [
        ("canaryconv1",)
    ]


@pytest.mark.usefixtures("real_build")
def test_every_fact_is_as_before(place: Place) -> None:
    before = place.facts()
    retained(place, 0)
    assert place.facts() == before
    assert place.rows("select distinct text from messages where text is not null") == [("[inactivity]",)]


def test_what_says_that_nobody_answered_leaves_a_mark_once(place: Place) -> None:
    with place.open() as warehouse:
        warehouse.con.execute(
            "update messages set text = 'Are you STILL there?' where message_id = 'canarymsg1'"
        )
        warehouse.con.execute("update events set detail = 'timeout' where event_id = 'canaryevent'")
    retained(place, 0)
    assert place.rows("select text from messages where message_id = 'canarymsg1'") == [("[inactivity]",)]
    assert place.rows("select detail from events where event_id = 'canaryevent'") == [("[inactivity]",)]
    before = place.tables()
    retained(place, 0)
    assert place.tables() == before


def test_a_later_load_brings_no_old_text_back(place: Place, tmp_path: Path) -> None:
    retained(place, 6)
    tables = place.tables()
    report = place.load_again(tmp_path / "again")
    assert report.total("n_new") == report.total("n_updated") == 0
    assert place.tables() == tables
    with place.open() as warehouse:
        warehouse.con.execute("delete from messages where message_id = 'canarymsg1'")
    place.load_again(tmp_path / "once-more")
    assert place.rows("select text from messages where message_id = 'canarymsg1'") == [(None,)]


def test_the_limit_never_moves_back(place: Place) -> None:
    retained(place, 6)
    retained(place, 900)
    limit = int(NOON.timestamp()) * 1_000_000
    assert place.rows("select value from policies where key = 'text_from_us'") == [(str(limit),)]


def test_a_row_without_a_time_is_as_old_as_its_load(place: Place) -> None:
    with place.open() as warehouse:
        warehouse.con.execute(
            "update surveys set sent_at = null, sent_at_us = null, responded_at = null,"
            " responded_at_us = null where survey_id = 'canarysurvey'"
        )
    survey = "select comment from surveys where survey_id = 'canarysurvey'"
    retained(place, 1)
    assert place.rows(survey) == [("canarycomment",)]  # loaded just now
    retained(place, -0)
    with place.open() as warehouse:
        warehouse.con.execute("update loads set loaded_at = timestamp '2026-01-01'")
    retained(place, 6)
    assert place.rows(survey) == [(None,)]


@pytest.mark.parametrize("days", [-1, 10**9])
def test_impossible_ages_are_refused(place: Place, days: int) -> None:
    with pytest.raises(ConfigError, match="--days"):
        retained(place, days)


def test_the_age_may_be_counted_from_an_earlier_day_but_not_from_a_later_one(place: Place) -> None:
    with place.open() as warehouse:
        later = retain(warehouse, Settings(), days=0, now=NOW, as_of=NOON)
        assert later.before == NOON
        with pytest.raises(ConfigError, match="to come"):
            retain(warehouse, Settings(), days=0, now=NOON, as_of=NOW)
