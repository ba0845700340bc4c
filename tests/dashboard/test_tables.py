"""The result tables behind the pages."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from staffcast.core.errors import ConfigError
from staffcast.planning import staff
from staffcast.reports import HEADLINES, kpi_report
from staffcast.reports.changes import CHANGE_SCHEMA, biggest_changes
from staffcast.reports.hours import arrivals_by_hour
from staffcast.reports.scenarios import plan_totals, target_words, total_grid
from staffcast.reports.session import Session, open_session
from staffcast.reports.tiles import Tile, Tone, tile_metrics, tiles
from staffcast.reports.wording import DASH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(ten_weeks: Path) -> Iterator[Session]:
    opened = open_session(flags={"data_dir": ten_weeks})
    with opened.reader:
        yield opened


def test_every_tile_metric_but_the_asides_is_a_headline_or_known() -> None:
    assert {"first_response_p90", "abandonment_rate"} == set(tile_metrics()) - set(HEADLINES)


def test_tones_follow_the_verdicts(session: Session) -> None:
    shown = tiles(session.reader, session.settings)
    report = kpi_report(session.reader, session.settings, metrics=tile_metrics(), comparison=True)
    verdicts = dict(report.rows.select("metric", "verdict").iter_rows())
    tones = {"better": Tone.GOOD, "worse": Tone.BAD}
    assert [tile.tone for tile in shown] == [tones.get(verdicts[t.metric], Tone.NEUTRAL) for t in shown]


def test_daily_values_of_a_tile_add_up(session: Session) -> None:
    offered = tiles(session.reader, session.settings)[0]
    assert sum(offered.by_day) == int(offered.value.replace(",", ""))


def test_a_day_without_answers_is_no_number(session: Session) -> None:
    csat = next(tile for tile in tiles(session.reader, session.settings) if tile.metric == "csat")
    assert any(math.isnan(value) for value in csat.by_day)


def test_containment_of_a_queue_is_unknown_not_zero(session: Session) -> None:
    def containment(where: dict[str, str | list[str]]) -> Tile:
        return tiles(session.reader, session.settings, where=where)[-1]

    assert containment({}).value != DASH
    assert containment({"language": "de"}).value != DASH
    in_queue = containment({"queue": "sales"})
    assert (in_queue.value, in_queue.verdict) == (DASH, "")


def test_changes_are_detectable_and_clearest_first(session: Session) -> None:
    found = biggest_changes(session.reader, session.settings, limit=50)
    assert found.schema == CHANGE_SCHEMA
    strength = found["change"].abs() / (found["change_high"] - found["change_low"])
    assert strength.to_list() == sorted(strength, reverse=True)
    assert ((found["change_low"] > 0) | (found["change_high"] < 0)).all()


def test_changes_without_an_earlier_period(no_surveys: Path) -> None:
    opened = open_session(flags={"data_dir": no_surveys})
    with opened.reader:
        assert biggest_changes(opened.reader, opened.settings).is_empty()


def test_hours_are_open_ones_only(session: Session) -> None:
    found = arrivals_by_hour(session.reader, session.settings)
    assert sorted(found.frame["weekday"].unique()) == [1, 2, 3, 4, 5]
    assert sorted(found.frame["hour"].unique()) == list(range(9, 17))
    assert found.unit == "contacts per open hour"


def test_counts_by_hour_sum_to_the_offered(session: Session) -> None:
    where = {"language": "de"}
    found = arrivals_by_hour(session.reader, session.settings, where=where)
    [offered] = kpi_report(session.reader, session.settings, metrics=("offered",), where=where).rows["value"]
    assert found.frame["value"].sum() == offered
    assert found.frame.height == 40


def test_a_value_that_nothing_has_is_refused(session: Session) -> None:
    with pytest.raises(ConfigError, match="nothing has language 'none such'"):
        arrivals_by_hour(session.reader, session.settings, where={"language": "none such"})


def test_totals_and_grids_agree(session: Session) -> None:
    plan = staff(session.reader, session.settings)
    totals = plan_totals(plan)
    assert totals.agent_hours == plan.frame["required_agents"].sum()
    grid = total_grid(plan)
    cells = grid.drop("time").unpivot()["value"]
    assert cells.filter(cells != DASH).cast(pl.Int64).sum() == totals.agent_hours
    assert cells.filter(cells != DASH).cast(pl.Int64).max() == totals.peak_agents
    assert totals.scheduled_hours == pytest.approx(totals.agent_hours / 0.7)


def test_the_repeated_hour_of_autumn_shows_its_larger_need(session: Session) -> None:
    plan = staff(session.reader, session.settings)
    first = plan.frame.filter(pl.col("queue") == "sales").head(1)
    again = first.with_columns(pl.col("interval_at_us") + 1, required_agents=pl.lit(99, pl.Int64))
    twice = replace(plan, frame=pl.concat([first, again]))
    assert total_grid(twice).row(0)[1] == "99"


def test_targets_in_words(session: Session) -> None:
    words = target_words(staff(session.reader, session.settings))
    assert words == {"share": "80 %", "within": "30 s", "chats": "3", "shrinkage": "30 %"}
