"""Charts of forecasts: what is drawn, what stands for it in words, and what happens without data."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from staffcast.charts import alt_text, calibration_chart, errors_chart, fan_chart, origins_chart
from staffcast.forecasting import CALIBRATION_SCHEMA, ERRORS_SCHEMA, ORIGINS_SCHEMA
from staffcast.planning import FAN_SCHEMA

FAN = pl.DataFrame(
    [
        ("2026-11-14", 90.0, None, None, None, None, None),
        ("2026-11-15", 110.0, None, None, None, None, None),
        ("2026-11-16", None, 100.0, 70.0, 80.0, 120.0, 130.0),
        ("2026-11-17", None, 140.0, 100.0, 115.0, 160.0, 180.0),
    ],
    schema=FAN_SCHEMA,
    orient="row",
)
CALIBRATION = pl.DataFrame(
    [(horizon, share, share + 0.02, 50) for horizon in ("1 day", "4 weeks") for share in (0.5, 0.8)],
    schema=CALIBRATION_SCHEMA,
    orient="row",
)
ERRORS = pl.DataFrame(
    [(1, 540, 0.1, 0.2, 30.0, 8), (1, 600, -0.3, 0.4, 50.0, 8), (3, 540, 0.4, 0.4, 1.0, 8)],
    schema=ERRORS_SCHEMA,
    orient="row",
)
ORIGINS = pl.DataFrame(
    [(date(2026, 10, 5), "2 weeks", 0.1, 0.2, 0.0), (date(2026, 10, 12), "2 weeks", 0.3, 0.2, 0.1),
     (date(2026, 10, 12), "1 day", 0.9, 0.9, 0.1)],
    schema=ORIGINS_SCHEMA, orient="row",
)  # fmt: skip


def test_the_fan_has_two_bands_and_two_lines() -> None:
    figure = fan_chart(FAN)
    assert [trace.name for trace in figure.data] == ["95 % interval", "80 % interval", "came", "expected"]
    wide, narrow, came, expected = figure.data
    assert list(wide.y) == [130, 180, 100, 70, None]
    assert list(narrow.y) == [120, 160, 115, 80, None]
    assert list(came.x) == ["2026-11-14", "2026-11-15"]
    assert list(expected.y) == [100, 140]
    assert "2026-11-17 with 140, four times in five between 115 and 160" in alt_text(figure)


def test_a_fan_without_paths_is_a_line() -> None:
    bare = FAN.with_columns(pl.lit(None, pl.Float64).alias(name) for name in FAN.columns[3:])
    assert [trace.name for trace in fan_chart(bare).data] == ["came", "expected"]


def test_calibration_has_a_line_for_each_horizon_beside_the_diagonal() -> None:
    figure = calibration_chart(CALIBRATION)
    assert [trace.name for trace in figure.data] == ["honest", "1 day ahead", "4 weeks ahead"]
    assert list(figure.data[2].y) == pytest.approx([0.52, 0.82])
    assert alt_text(figure) == "Of contacts 4 weeks ahead 82% lay within the 80 % interval."


def test_errors_are_a_map_with_holes() -> None:
    figure = errors_chart(ERRORS)
    [heat] = figure.data
    assert list(heat.y) == ["Mon", "Wed"]
    assert list(heat.x) == ["09:00", "10:00"]
    assert [list(row) for row in heat.z] == [[0.1, -0.3], [0.4, None]]
    assert heat.zmin == -heat.zmax
    assert "Mon 10:00, 30% below" in alt_text(figure)  # most contacts missed, not the largest share


def test_origins_are_drawn_beside_the_average() -> None:
    figure = origins_chart(ORIGINS)
    assert [(trace.name, list(trace.y)) for trace in figure.data] == [
        ("4-week mean", [0.2, 0.2]),
        ("staffcast", [0.1, 0.3]),
    ]
    assert alt_text(figure) == "Of 2 past forecasts 1 had a smaller error than the 4-week mean."


def test_without_data_the_reason_stands_there() -> None:
    for figure in (
        fan_chart(FAN.clear()), calibration_chart(CALIBRATION.clear()), errors_chart(ERRORS.clear()),
        origins_chart(ORIGINS.clear()),
    ):  # fmt: skip
        assert not figure.data
        assert alt_text(figure)
