from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from staffcast.charts import alt_text, metric_chart


def rows(*values: tuple[str, str | None, float | None, int]) -> pl.DataFrame:
    columns = ["period_start", "queue", "value", "n"]
    frame = pl.DataFrame(values, schema=columns, orient="row")
    return frame.with_columns(ci_low=pl.col("value") - 0.1, ci_high=pl.col("value") + 0.2)


def draw(frame: pl.DataFrame, part: str | None) -> Any:
    return metric_chart(frame, label="CSAT", unit="share", part=part)


def test_parts_are_dots_with_their_intervals() -> None:
    figure = draw(
        rows(("2026-11-02", "b", 0.5, 9), ("2026-11-02", None, 0.25, 4), ("2026-11-02", "a", None, 1)),
        "queue",
    )
    [dots] = figure.data
    assert (dots.x, dots.y) == ((0.25, 0.5), ("–", "b"))
    assert [round(reach, 6) for reach in dots.error_x.array] == [0.2, 0.2]
    assert [round(reach, 6) for reach in dots.error_x.arrayminus] == [0.1, 0.1]
    assert alt_text(figure) == "CSAT by queue: 2 values from 0.25 to 0.5."


def test_a_series_has_a_band_that_leaves_gaps() -> None:
    figure = draw(
        rows(("2026-11-02", None, 0.5, 9), ("2026-11-03", None, None, 0), ("2026-11-04", None, 0.7, 9)), None
    )
    band, line = figure.data
    assert line.y == (0.5, None, 0.7)
    assert band.x.count(None) == 2


def test_the_largest_parts_are_lines_of_their_own() -> None:
    days = ("2026-11-02", "2026-11-03")
    figure = draw(rows(*((day, f"q{number}", 0.5, number) for number in range(9) for day in days)), "queue")
    assert [line.name for line in figure.data] == [f"q{number}" for number in (8, 7, 6, 5, 4, 3)]


def test_without_any_value_the_reason() -> None:
    assert "withheld or missing" in alt_text(draw(rows(("2026-11-02", "a", None, 1)), "queue"))


@pytest.mark.parametrize(
    ("label", "unit", "title"),
    [
        ("CSAT", "share", "CSAT"),
        ("Conversations", "conversations", "Conversations"),
        ("Handle time", "s", "Handle time (s)"),
        ("Cost per contact", "EUR", "Cost per contact (EUR)"),
    ],
)
def test_the_axis_names_the_unit_once(label: str, unit: str, title: str) -> None:
    figure = metric_chart(rows(("2026-11-02", None, 0.5, 9)), label=label, unit=unit, part=None)
    assert figure.layout.xaxis.title.text == title
