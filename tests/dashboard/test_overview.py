from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.config import Settings
from staffcast.reports import kpi_report
from staffcast.reports.session import open_session
from staffcast.reports.tiles import TILES
from staffcast.reports.wording import DASH, format_value
from staffcast_dashboards import data as source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    Desk = Any

LABELS = [
    "Offered",
    "Service level",
    "First response, median",
    "Replies within target",
    "Abandonment rate",
    "CSAT",
    "First-contact resolution",
    "Containment",
]


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_a_first_run_shows_every_tile_and_chart(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks)
    assert not app.exception
    assert [tile.label for tile in app.metric] == LABELS
    assert charts(app) == 2
    assert any("data as of 2026-11-16" in caption.value.replace("\\", "") for caption in app.caption)


def test_a_rerun_shows_the_same(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks)
    first = [(tile.label, tile.value, tile.delta) for tile in app.metric]
    app.run()
    assert not app.exception
    assert [(tile.label, tile.value, tile.delta) for tile in app.metric] == first


def test_tiles_show_the_values_of_the_report(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks)
    with open_session(flags={"data_dir": ten_weeks}).reader as reader:
        rows = kpi_report(reader, Settings(), metrics=[main for main, _, _ in TILES]).rows
    expected = [format_value(row["value"], row["unit"]) for row in rows.iter_rows(named=True)]
    assert [tile.value for tile in app.metric] == expected


def test_a_filter_narrows_the_tiles(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks)
    everything = app.metric[0].value
    app.multiselect(key="queue").select("sales").run()
    assert not app.exception
    assert int(app.metric[0].value.replace(",", "")) < int(everything.replace(",", ""))


def test_an_address_re_creates_the_view(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, queue="sales", language=["de", "en"], period="Last 7 days")
    assert not app.exception
    assert app.multiselect(key="queue").value == ["sales"]
    assert app.multiselect(key="language").value == ["de", "en"]
    assert app.selectbox(key="period").value == "Last 7 days"


def test_own_dates_come_from_the_address(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, period="Own dates", dates=["2026-11-02", "2026-11-06"])
    assert not app.exception
    assert [day.isoformat() for day in app.date_input(key="dates").value] == ["2026-11-02", "2026-11-06"]
    assert any("2 Nov to 6 Nov 2026" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    "params",
    [
        {"queue": "no-such-queue"},
        {"period": "Last 99 years"},
        {"period": "Own dates", "dates": ["1999-01-01", "tomorrow"]},
        {"language": ["de", "klingon"]},
    ],
)
def test_an_unknown_value_in_the_address_is_dropped(
    open_app: Callable[..., AppTest], ten_weeks: Path, params: dict[str, str | list[str]]
) -> None:
    app = open_app(ten_weeks, **params)
    assert not app.exception
    assert len(app.metric) == len(LABELS)


def test_a_filter_across_queues_counts_conversations(
    open_app: Callable[..., AppTest], ten_weeks: Path
) -> None:
    app = open_app(ten_weeks, language="de")
    assert any("Conversations in the period" in caption.value for caption in app.caption)


def test_without_surveys_a_dash_and_the_reason(open_app: Callable[..., AppTest], no_surveys: Path) -> None:
    app = open_app(no_surveys)
    assert not app.exception
    assert next(tile for tile in app.metric if tile.label == "CSAT").value == DASH
    assert any("not\N{NO-BREAK SPACE}in" in c.value or "not in the data" in c.value for c in app.caption)


def test_without_an_earlier_period_no_change_is_shown(
    open_app: Callable[..., AppTest], no_surveys: Path
) -> None:
    app = open_app(no_surveys)
    assert {tile.delta for tile in app.metric} == {""}
    assert any("no earlier data" in caption.value for caption in app.caption)


def test_one_conversation_is_enough(open_app: Callable[..., AppTest], one_row: Path) -> None:
    app = open_app(one_row)
    assert not app.exception
    assert app.metric[0].value == "1"


def test_texts_of_the_data_cannot_write_markup(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks)
    assert not any("<img" in text.value.replace("\\<img", "") for text in app.markdown)


@pytest.mark.parametrize("page", ["", "staffing"])
def test_an_empty_folder_says_what_to_run(
    open_app: Callable[..., AppTest], tmp_path: Path, page: str
) -> None:
    app = open_app(tmp_path / "nothing here", page)
    assert not app.exception
    assert "No data in" in app.info[0].value
    assert app.code[0].value == "staffcast ingest FOLDER"
    app.run()
    assert not app.exception


@pytest.mark.parametrize("page", ["", "staffing"])
@pytest.mark.parametrize("damage", ["pointer", "file missing", "file corrupt"])
def test_a_damaged_generation_is_explained(
    open_app: Callable[..., AppTest], tmp_path: Path, page: str, damage: str
) -> None:
    folder = tmp_path / "damaged" / "generations"
    folder.mkdir(parents=True)
    pointer = '{"number": 1, "file": "gen-000001.duckdb", "published_at": "x", "as_of_us": 1, "meta": {}}'
    (folder / "current.json").write_text("{" if damage == "pointer" else pointer, encoding="utf-8")
    if damage == "file corrupt":
        (folder / "gen-000001.duckdb").write_bytes(b"not a database" * 999)
    app = open_app(folder.parent, page)
    assert not app.exception
    assert app.info
    assert not app.metric


def test_a_wrong_setting_is_explained(
    open_app: Callable[..., AppTest], ten_weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFCAST_TIMEZONE", "Mars/Olympus")
    app = open_app(ten_weeks)
    assert not app.exception
    assert "Mars/Olympus" in app.info[0].value


def test_a_new_generation_is_shown_without_a_restart(
    open_app: Callable[..., AppTest], new_desk: Callable[[int], Desk], tmp_path: Path
) -> None:
    data_dir, desk = tmp_path / "growing", new_desk(4)
    desk.publish(data_dir)
    app = open_app(data_dir)
    before, number = app.metric[0].value, source.published_number()
    for extra in range(20):
        desk.conversation(9000 + extra, datetime(2026, 11, 13, 10, tzinfo=UTC), "sales", has_survey=False)
    desk.publish(data_dir)
    app.run()
    assert source.published_number() == number + 1
    assert app.metric[0].value != before
