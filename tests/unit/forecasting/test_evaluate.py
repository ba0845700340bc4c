"""Scores by hand, and the table of a back-test."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.forecasting.desk import cells

from staffcast.core.errors import ForecastError
from staffcast.forecasting import SCORES_SCHEMA, Calendar, Days, Series, evaluate, scores_frame, series_of
from staffcast.forecasting.averages import FittedAverage, WeekMean
from staffcast.forecasting.backtest import backtest_origins, choose
from staffcast.forecasting.evaluate import evaluate_series
from staffcast.forecasting.scores import Outcome, pinball, scores, seasonal_error
from staffcast.forecasting.spread import Fold, Prediction, Spread


def test_scores_by_hand() -> None:
    prediction = Prediction(np.array([[10.0, 20.0], [10.0, 20.0]]), Spread(np.zeros(4), 0.0))
    counts = np.array([[12.0, 20.0], [10.0, 99.0]])
    seen = np.array([[True, True], [True, False]])
    found = scores([Outcome(prediction, counts, seen, seasonal=4.0)], 2)
    assert found.wape == pytest.approx(2 / 42)
    assert found.bias == pytest.approx(-2 / 42)
    assert found.mase == pytest.approx(2 / 3 / 4)
    assert found.n_intervals == 3
    assert scores([Outcome(prediction, counts, seen, 4.0)], 1).n_intervals == 2


def test_pinball_by_hand() -> None:
    quantiles = np.array([2.0, 4.0, 6.0, 8.0, 10.0])[:, None]
    # .025 * 5 + .1 * 3 + .5 * 1 + .1 * 1 + .025 * 3, doubled and over five
    assert pinball(np.array([7.0]), quantiles)[0] == pytest.approx(2 * 1.1 / 5)


def test_seasonal_error_compares_weekdays() -> None:
    series = series_of(
        cells("a", 5.0, n_days=14).with_columns(n_offered=pl.col("interval_at_us").rank("dense"))
    )
    assert seasonal_error(series) == 40  # five days of eight intervals later


def fold(origin: int, mean: float, counts: float) -> Fold:
    shape = (5, 4)
    return Fold(origin, np.full(shape, mean), np.full(shape, counts), np.ones(shape, dtype=bool))


def test_the_simplest_within_a_tie_wins() -> None:
    folds = {
        "8-week mean": [fold(k, 100.2, 100) for k in (10, 15, 20)],
        "svd-3": [fold(k, 100, 100) for k in (10, 15, 20)],
    }
    choice = choose(folds, 30, 5, 20.0)
    assert choice.name == "8-week mean"
    assert choice.reason.startswith("the simple average won")
    worse = folds | {"8-week mean": [fold(k, 150, 100) for k in (10, 15, 20)]}
    assert choose(worse, 30, 5, 20.0).name == "svd-3"


def test_a_median_of_0_does_not_forecast_what_comes() -> None:
    """One contact in ten intervals: pinball alone would have it."""
    rng = np.random.default_rng(2)
    dates = np.datetime64("2026-01-05") + np.arange(140)
    counts = (rng.random((140, 24)) < 0.02).astype(float)
    found = evaluate_series(Series(Days(dates, np.ones((140, 24))), counts, 60))
    assert not {name for name in found.chosen if "median" in name}
    assert abs(found.table["staffcast"]["2 weeks"].bias) < 0.3
    zeros = {"8-week median": [fold(k, 0, 1) for k in (10, 15)], "svd-3": [fold(k, 1.4, 1) for k in (10, 15)]}
    assert choose(zeros, 30, 5, 20.0).name == "svd-3"
    assert choose({"8-week median": zeros["8-week median"]}, 30, 5, 20.0).name == "8-week median"


def test_origins_before_the_first_contact_are_no_trouble() -> None:
    dates = np.datetime64("2026-01-05") + np.arange(60)
    counts = np.zeros((60, 24))
    counts[[36, 50]] = 1
    series = Series(Days(dates, np.ones((60, 24))), counts, 60)
    assert evaluate_series(series).table["staffcast"]["4 weeks"].n_intervals > 0


def test_only_days_that_have_passed_count() -> None:
    folds = {
        "8-week mean": [fold(k, 100, 100) for k in (10, 15, 20)],
        "svd-3": [fold(k, 150, 100) for k in (10, 15, 20)],
    }
    late = {name: [*own, fold(30, 999, 1)] for name, own in folds.items()}
    assert choose(late, 30, 5, 20.0).pinball == choose(folds, 30, 5, 20.0).pinball


def test_short_histories_do_not_choose() -> None:
    choice = choose({}, 10, 5, 3.0)
    assert choice.name == "two-level and 4-week mean"
    assert "3 weeks of history are too few" in choice.reason


def test_origins_leave_two_weeks_to_learn_from() -> None:
    assert backtest_origins(8, 5, 10) == []
    assert min(backtest_origins(60, 5, 10)) >= 10
    assert len(backtest_origins(160, 5, 20)) == 6


@pytest.fixture(scope="module")
def evaluated() -> pl.DataFrame:
    return scores_frame(evaluate_series(series_of(cells("a", 10.0, n_days=100))))


def test_table_of_a_desk(evaluated: pl.DataFrame) -> None:
    assert evaluated.schema == SCORES_SCHEMA
    assert evaluated["model"].n_unique() == 11
    own = evaluated.filter(pl.col("model") == "staffcast", pl.col("horizon") == "2 weeks").row(0, named=True)
    average = evaluated.filter(pl.col("model") == "8-week mean", pl.col("horizon") == "2 weeks").row(
        0, named=True
    )
    assert own["wape"] <= average["wape"] * 1.02
    assert 0.72 < own["coverage_80"] < 0.9
    assert 0.9 < own["coverage_95"] < 0.99


def test_audits_are_judged_and_never_chosen() -> None:
    @dataclass(frozen=True)
    class Perfect:
        name: str = "perfect"

        def fit(self, series: Series) -> FittedAverage:
            return WeekMean(8).fit(series)

    series = series_of(cells("a", 10.0, n_days=100).with_columns(n_offered=pl.lit(7)))
    found = evaluate_series(series, audit=[Perfect()])
    assert found.table["perfect"]["2 weeks"].wape == pytest.approx(0)
    assert "perfect" not in found.chosen


def test_a_day_that_is_kept_counts_in_the_back_test() -> None:
    spoilt = pl.when(pl.col("local_date") == "2026-07-06").then(100).otherwise(1) * pl.col("n_offered")
    series = series_of(cells("a", 10.0, n_days=100).with_columns(n_offered=spoilt))
    without, counted = (evaluate_series(series, keep=keep) for keep in ((), [date(2026, 7, 6)]))
    name = "8-week mean"
    assert counted.table[name]["2 weeks"].bias > without.table[name]["2 weeks"].bias + 0.5


def test_too_short_for_a_back_test() -> None:
    with pytest.raises(ForecastError, match="too few for a back-test"):
        evaluate_series(series_of(cells("a", 10.0, n_days=20)))


def test_goals_on_the_bank() -> None:
    path = Path(os.environ.get("STAFFCAST_SHARED_DATA", "absent")) / "bank_calls_30min.csv"
    if not path.exists():
        pytest.skip("STAFFCAST_SHARED_DATA names no folder with bank_calls_30min.csv")
    found = evaluate(pl.read_csv(path), calendar=Calendar("US"))
    assert len(found.origins) == 22
    own, average = found.table["staffcast"], found.table["4-week mean"]
    assert own["1 day"].wape <= 0.048
    assert own["2 weeks"].wape <= 0.055
    assert own["4 weeks"].wape <= 0.056
    assert own["2 weeks"].pinball <= 0.026
    assert own["2 weeks"].wape <= 0.85 * average["2 weeks"].wape
    assert 0.77 <= own["2 weeks"].coverage_80 <= 0.86
    assert 0.92 <= own["2 weeks"].coverage_95 <= 0.97
    assert abs(own["2 weeks"].bias) <= 0.015
    assert average["2 weeks"].wape == pytest.approx(0.068, abs=0.0005)  # as in the published benchmark
