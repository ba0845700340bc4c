from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from staffcast.planning import Assumptions, Override, add_override, staff
from staffcast.reports.scenarios import plan_totals
from staffcast.reports.session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

CONTROLS = ("target", "within", "chats", "shrinkage", "volume")
TOTALS = ["Contacts expected", "Agent-hours at work", "Scheduled hours", "Agents at the peak"]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_a_first_run_shows_totals_charts_tables_and_assumptions(
    open_app: Callable[..., AppTest], ten_weeks: Path
) -> None:
    app = open_app(ten_weeks, "staffing")
    assert not app.exception
    assert [tile.label for tile in app.metric] == TOTALS
    assert len(app.get("plotly_chart")) == 3
    assert len(app.dataframe) == 4
    assert any("Assumed: target 80%" in caption.value.replace("\\", "") for caption in app.caption)


def test_a_rerun_shows_the_same(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "staffing")
    first = [tile.value for tile in app.metric]
    app.run()
    assert not app.exception
    assert [tile.value for tile in app.metric] == first


def test_the_totals_are_those_of_the_plan(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "staffing")
    session = open_session(flags={"data_dir": ten_weeks})
    with session.reader as reader:
        totals = plan_totals(staff(reader, session.settings))
    assert number(app.metric[1].value) == round(totals.agent_hours)
    assert number(app.metric[3].value) == totals.peak_agents


@pytest.mark.parametrize(
    ("control", "value", "assumed"),
    [
        ("target", 98, Assumptions(service_level_share=0.98)),
        ("within", 10, Assumptions(within_s=10)),
        ("chats", 1, Assumptions(concurrency_limit=1)),
        ("shrinkage", 50, Assumptions(shrinkage_share=0.5)),
        ("volume", 100, Assumptions(volume_factor=2)),
    ],
)
def test_a_what_if_shows_its_plan_and_the_difference(
    open_app: Callable[..., AppTest], ten_weeks: Path, control: str, value: int, assumed: Assumptions
) -> None:
    app = open_app(ten_weeks, "staffing")
    app.selectbox(key=control).set_value(value).run()
    assert not app.exception
    session = open_session(flags={"data_dir": ten_weeks})
    with session.reader as reader:
        before = plan_totals(staff(reader, session.settings))
        after = plan_totals(staff(reader, session.settings, assumptions=assumed))
    assert number(app.metric[2].value) == round(after.scheduled_hours)
    change = round(after.scheduled_hours - before.scheduled_hours)
    assert app.metric[2].delta == (f"{change:+,d} against the plan" if change else "")


def test_every_queue_can_be_chosen(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "staffing")
    for queue in app.selectbox(key="plan_queue").options:
        app.selectbox(key="plan_queue").set_value(queue).run()
        assert not app.exception


def test_an_address_re_creates_the_scenario(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "staffing", plan_queue="sales", volume="+30 %", chats="2")
    assert not app.exception
    assert app.selectbox(key="plan_queue").value == "sales"
    assert app.selectbox(key="volume").value == 30
    assert app.selectbox(key="chats").value == 2
    assert all(tile.delta for tile in app.metric[:1])


@pytest.mark.parametrize("control", [*CONTROLS, "plan_queue"])
def test_an_unknown_value_in_the_address_is_dropped(
    open_app: Callable[..., AppTest], ten_weeks: Path, control: str
) -> None:
    app = open_app(ten_weeks, "staffing", **{control: "minus infinity"})
    assert not app.exception
    assert [tile.delta for tile in app.metric] == [""] * len(TOTALS)


def test_little_history_still_gives_a_plan(open_app: Callable[..., AppTest], no_surveys: Path) -> None:
    app = open_app(no_surveys, "staffing")
    assert not app.exception
    assert [tile.label for tile in app.metric] == TOTALS


def test_one_conversation_gives_a_plan_or_the_reason(open_app: Callable[..., AppTest], one_row: Path) -> None:
    app = open_app(one_row, "staffing")
    assert not app.exception
    assert app.metric or app.info


def test_how_honest_intervals_were_is_shown_on_request(
    open_app: Callable[..., AppTest], ten_weeks: Path
) -> None:
    app = open_app(ten_weeks, "staffing")
    [toggle] = app.toggle
    toggle.set_value(True).run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 4
    app.selectbox(key="plan_queue").select_index(1).run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 4


def test_an_override_is_seen_without_a_new_generation(
    open_app: Callable[..., AppTest], ten_weeks: Path, tmp_path: Path
) -> None:
    shutil.copytree(ten_weeks, tmp_path / "data")
    app = open_app(tmp_path / "data", "staffing")
    before = number(app.metric[0].value)
    double = Override(None, "2026-11-16T00:00", "2026-11-30T00:00", "sale", 2.0)
    add_override(tmp_path / "data", double, now=datetime(2026, 11, 16, tzinfo=UTC))
    app.run()
    assert not app.exception
    assert number(app.metric[0].value) == pytest.approx(2 * before, abs=1)


def test_short_histories_say_so(open_app: Callable[..., AppTest], no_surveys: Path) -> None:
    app = open_app(no_surveys, "staffing")
    app.toggle[0].set_value(True).run()
    assert not app.exception
