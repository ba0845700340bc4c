"""Views of a back-test, by hand: two origins of two days with two intervals each."""

from __future__ import annotations

import numpy as np
import pytest

from staffcast.forecasting import (
    CALIBRATION_SCHEMA,
    ERRORS_SCHEMA,
    ORIGINS_SCHEMA,
    Days,
    Evaluation,
    Series,
    calibration_frame,
    errors_frame,
    evaluate_series,
    origins_frame,
)
from staffcast.forecasting.scores import Outcome
from staffcast.forecasting.spread import Prediction, Spread

SPREAD = Spread(np.full(4, 0.01), 0.0)


def outcome(mean: list[list[float]], counts: list[list[float]]) -> Outcome:
    seen = np.array([[True, True], [True, False]])
    return Outcome(Prediction(np.array(mean), SPREAD), np.array(counts) * seen, seen, 1.0)


def example() -> tuple[Series, Evaluation]:
    """Four Mondays to Thursdays from 2026-11-02; the last interval of each second day was not seen."""
    dates = np.datetime64("2026-11-02") + np.arange(4)
    series = Series(Days(dates, np.ones((4, 2))), np.full((4, 2), 10.0), 720)
    own = (outcome([[12, 8], [10, 10]], [[10, 10], [5, 99]]), outcome([[9, 9], [6, 9]], [[10, 10], [5, 99]]))
    flat = outcome([[10, 10], [10, 10]], [[10, 10], [5, 99]])
    return series, Evaluation({}, own, (flat, flat), (0, 2), {}, {"1 day": 1, "2 weeks": 2})


def test_errors_by_weekday_and_time() -> None:
    found = errors_frame(*example())
    assert found.schema == ERRORS_SCHEMA
    rows = {(row["weekday"], row["local_minute"]): row for row in found.iter_rows(named=True)}
    assert sorted(rows) == [(1, 0), (1, 720), (2, 0), (3, 0), (3, 720), (4, 0)]
    assert rows[1, 0]["bias"] == pytest.approx(0.2)
    assert rows[1, 720]["bias"] == pytest.approx(-0.2)
    assert rows[1, 720]["wape"] == pytest.approx(0.2)
    assert rows[2, 0]["bias"] == pytest.approx(1.0)
    assert (rows[2, 0]["contacts"], rows[2, 0]["n_intervals"]) == (5.0, 1)


def test_errors_by_origin() -> None:
    found = origins_frame(*example())
    assert found.schema == ORIGINS_SCHEMA
    assert [str(day) for day in found["first_day"].unique().sort()] == ["2026-11-02", "2026-11-04"]
    day, weeks = found.filter(first_day=np.datetime64("2026-11-02").astype(object)).to_dicts()
    assert (day["wape"], day["bias"], day["average_wape"]) == pytest.approx((0.2, 0.0, 0.0))
    assert (weeks["wape"], weeks["bias"], weeks["average_wape"]) == pytest.approx((9 / 25, 5 / 25, 5 / 25))


def test_calibration_counts_the_same_intervals_as_the_scores() -> None:
    rng = np.random.default_rng(1)
    dates = np.datetime64("2026-01-05") + np.arange(112)
    series = Series(Days(dates, np.ones((112, 4))), rng.poisson(30.0, (112, 4)).astype(float), 360)
    evaluation = evaluate_series(series)
    found = calibration_frame(evaluation)
    assert found.schema == CALIBRATION_SCHEMA
    for horizon, scores in evaluation.table["staffcast"].items():
        rows = {row["promised"]: row for row in found.filter(horizon=horizon).iter_rows(named=True)}
        assert rows[0.8]["covered"] == pytest.approx(scores.coverage_80)
        assert rows[0.95]["covered"] == pytest.approx(scores.coverage_95)
        assert rows[0.8]["n_intervals"] == scores.n_intervals
        assert np.all(np.diff([rows[share]["covered"] for share in sorted(rows)]) >= 0)
    assert len(evaluation.averages) == len(evaluation.outcomes)


def test_nothing_is_divided_by_nothing() -> None:
    series, evaluation = example()
    none = Outcome(evaluation.outcomes[0].prediction, np.zeros((2, 2)), np.ones((2, 2), dtype=bool), 1.0)
    silent = Evaluation({}, (none,), (none,), (0,), {}, {"1 day": 1})
    assert errors_frame(series, silent).is_empty()
    assert origins_frame(series, silent)["wape"].to_list() == [None]
