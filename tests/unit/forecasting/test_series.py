"""The day matrix: open shares, repeated and missing local times, refusals."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from staffcast.core.errors import ForecastError
from staffcast.forecasting.series import Days, Series, series_of

HALF_HOUR_US = 1_800_000_000


def cells(rows: list[tuple[str, int, int, float | None]]) -> pl.DataFrame:
    schema = {"local_date": pl.String, "local_minute": pl.Int64, "open_us": pl.Int64, "n_offered": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_matrix_of_two_days() -> None:
    series = series_of(
        cells(
            [
                ("2026-11-03", 570, HALF_HOUR_US, 4),
                ("2026-11-02", 540, HALF_HOUR_US, 3),
                ("2026-11-02", 570, HALF_HOUR_US, 5),
            ]
        )
    )
    assert series.slot_min == 30
    assert series.rates.shape == (2, 48)
    assert series.totals.tolist() == [8, 4]
    assert series.days.weekdays.tolist() == [0, 1]
    assert series.seen.sum() == 3


def test_half_open_interval_is_scaled_to_a_full_one() -> None:
    series = series_of(
        cells([("2026-11-02", 540, HALF_HOUR_US // 2, 3), ("2026-11-02", 570, HALF_HOUR_US, 5)])
    )
    assert series.rates[0, 18] == 6
    assert series.counts[0, 18] == 3
    assert series.days.open_share[0, 18] == 0.5


def test_repeated_local_time_is_averaged_and_missing_one_is_unseen() -> None:
    autumn = [("2026-10-25", 120, HALF_HOUR_US, 4), ("2026-10-25", 120, HALF_HOUR_US, 8)]
    spring = [("2026-03-29", 60, HALF_HOUR_US, 5), ("2026-03-29", 180, HALF_HOUR_US, 7)]
    series = series_of(cells(autumn + spring), slot_min=30)
    assert series.rates[1, 4] == 6
    assert np.isnan(series.rates[0, 4])
    assert series.totals.tolist() == [12, 6]


def test_unknown_counts_stay_unseen() -> None:
    series = series_of(cells([("2026-11-02", 540, HALF_HOUR_US, None), ("2026-11-02", 570, HALF_HOUR_US, 5)]))
    assert not series.seen[0, 18]
    assert series.days.open_share[0, 18] == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "no open hours"),
        ([("2026-11-02", 540, 0, 3.0)], "no open hours"),
        ([("2026-11-02", 540, HALF_HOUR_US, 0.0)], "no contact in 1 open days"),
        ([("2026-11-02", 540, HALF_HOUR_US, -1.0)], "2026-11-02: -1.0 contacts"),
        ([("2026-11-02", 540, HALF_HOUR_US, float("inf"))], "inf contacts"),
    ],
)
def test_refusals(rows: list[tuple[str, int, int, float | None]], words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        series_of(cells(rows))


def test_times_off_the_grid_are_refused() -> None:
    with pytest.raises(ForecastError, match="09:10 is no multiple of 30 minutes"):
        series_of(cells([("2026-11-02", 550, HALF_HOUR_US, 1.0)]), slot_min=30)


def test_part_of_a_series() -> None:
    days = Days(
        np.arange("2026-11-02", "2026-11-05", dtype="datetime64[D]"), np.ones((3, 1)), np.arange(3.0)[:, None]
    )
    part = Series(days, np.array([[1.0], [2.0], [3.0]]), 1440).between(1, 3)
    assert part.totals.tolist() == [2, 3]
    assert part.days.driver_rows.ravel().tolist() == [1, 2]
    assert part.n_weeks == pytest.approx(2 / 7)
