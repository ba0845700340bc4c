from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import Settings
from staffcast.metrics import catalogue, metric
from staffcast.reports import kpi_report
from staffcast.reports.session import open_session
from staffcast.reports.wording import format_value
from staffcast_dashboards.launch import command

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

FIRST, LAST = "2026-10-19", "2026-11-15"


@pytest.mark.parametrize("name", ["offered", "csat", "queue_wait"])
def test_the_page_shows_the_values_of_the_report(
    open_app: Callable[..., AppTest], ten_weeks: Path, name: str
) -> None:
    app = open_app(ten_weeks, "metrics", metric=metric(name).label, by="Queue")
    assert not app.exception
    with open_session(flags={"data_dir": ten_weeks}).reader as reader:
        rows = kpi_report(
            reader, Settings(), metrics=[name], by=["queue"], from_date=FIRST, to_date=LAST
        ).rows
    expected = [format_value(row["value"], row["unit"]) for row in rows.iter_rows(named=True)]
    assert app.dataframe[0].value["value"].to_list() == expected


def test_every_metric_can_be_shown_over_time(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "metrics", grain="Week")
    for record in catalogue():
        app.selectbox(key="metric").select(record.label).run()
        assert not app.exception, record.id
        assert not app.error, record.id


def test_the_sql_and_the_rows_stand_below(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "metrics", metric="CSAT", by="Queue", queue="sales")
    assert "from fact_survey as f" in app.code[0].value
    assert "'sales'" in app.code[0].value
    app.toggle(key="rows").set_value(True).run()
    assert not app.exception
    assert set(app.dataframe[1].value["row_status"]) <= {"used", "no_rating", "off_scale"}


def test_labels_tell_metrics_apart() -> None:
    assert len({record.label for record in catalogue()}) == len(catalogue())


def test_a_filter_that_does_not_fit_is_told(open_app: Callable[..., AppTest], ten_weeks: Path) -> None:
    app = open_app(ten_weeks, "metrics", metric="Open concurrency", queue="sales")
    assert not app.exception
    assert any("Not filtered by queue" in caption.value for caption in app.caption)


def test_no_folder_of_pages_lies_beside_the_script_that_is_served() -> None:
    served = Path(next(part for part in command() if part.endswith("app.py")))
    assert served.is_file()
    assert not (
        served.parent / "pages"
    ).exists()  # else Streamlit shows them blank until the first page was seen
