"""The models of the pool on desks whose truth is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from staffcast.forecasting import Calendar, Days, Event, Model, Series, clean, model_pool, past_folds
from staffcast.forecasting.audit import Sarimax
from staffcast.forecasting.averages import SeasonalNaive, WeekMean, WeekMedian
from staffcast.forecasting.day_level import Scale
from staffcast.forecasting.profile import day_shape
from staffcast.forecasting.spread import Fold, Prediction, Spread, fit_spread
from staffcast.forecasting.two_level import TwoLevel

START = np.datetime64("2026-01-05")  # a Monday


def desk(
    n_days: int, level: np.ndarray | float = 1.0, *, mean: float = 50.0, seed: int | None = None
) -> Series:
    dates = START + np.arange(n_days)
    weekday = np.arange(n_days) % 7
    shape = np.array([0.0, 1.0, 2.0, 1.0])
    rates = mean * shape * np.where(weekday == 0, 1.5, 1.0)[:, None] * np.reshape(level, (-1, 1))
    counts = rates if seed is None else np.random.default_rng(seed).poisson(rates).astype(float)
    share = np.tile((shape > 0).astype(float), (n_days, 1))
    return Series(Days(dates, share), np.where(share > 0, counts, np.nan), 360)


def after(series: Series, n_days: int) -> Days:
    return Days(series.dates[-1] + 1 + np.arange(n_days), np.tile(series.days.open_share[0], (n_days, 1)))


@pytest.mark.parametrize("model", model_pool(), ids=lambda model: model.name)
def test_a_steady_desk_is_forecast_exactly(model: object) -> None:
    series = desk(70)
    found = model.fit(series).mean(after(series, 7))  # type: ignore[attr-defined] # a model of the pool
    assert found == pytest.approx(np.nan_to_num(series.rates[:7]), rel=0.02, abs=1e-9)
    assert np.all(found[:, 0] == 0)


def test_averages_by_hand() -> None:
    series = desk(28, np.repeat([1.0, 2.0, 3.0, 10.0], 7))
    tuesday = after(series, 2)
    assert SeasonalNaive().fit(series).mean(tuesday)[1].tolist() == [0, 500, 1000, 500]
    assert WeekMean(4).fit(series).mean(tuesday)[1].tolist() == [0, 200, 400, 200]
    assert WeekMedian(4).fit(series).mean(tuesday)[1].tolist() == [0, 125, 250, 125]
    assert WeekMean(2).fit(series).mean(tuesday)[1, 1] == 325


def test_an_unseen_weekday_takes_the_others() -> None:
    series = desk(70)
    working = series.days.weekdays < 5
    part = Series(Days(series.dates[working], series.days.open_share[working]), series.rates[working], 360)
    sunday = Days(np.array(["2026-03-22"], "datetime64[D]"), np.array([[0.0, 1.0, 1.0, 1.0]]))
    for model in (WeekMean(4), TwoLevel()):
        assert 50 < model.fit(part).mean(sunday)[0, 1] < 75


def test_shape_and_half_open_days() -> None:
    series = desk(70)
    shape = day_shape(series)
    shares = shape.shares[1] / shape.shares[1].sum()
    assert shares[1:] == pytest.approx([0.25, 0.5, 0.25], rel=0.02)
    half = Days(series.dates[:1] + 70, np.array([[0.0, 1.0, 0.5, 0.0]]))
    assert TwoLevel().fit(series).mean(half)[0] == pytest.approx([0, 75, 75, 0], rel=0.02)


@pytest.mark.parametrize("scale", [Scale.SQRT, Scale.LOG])
def test_a_deviation_fades_away(scale: Scale) -> None:
    rng = np.random.default_rng(0)
    error = np.zeros(140)
    for day in range(1, 140):
        error[day] = 0.8 * error[day - 1] + 0.05 * rng.standard_normal()
    error[-1] = 0.25
    series = desk(140, np.exp(error), mean=500.0)
    found = TwoLevel(scale).fit(series).mean(after(series, 28)).sum(axis=1)
    usual = np.array([desk(35, mean=500.0).totals[k % 7] for k in range(28)])
    ratio = found / usual
    assert ratio[0] > ratio[3] > ratio[14]
    assert abs(ratio[-1] - 1) < 0.1


def test_expected_uplift_is_applied_and_history_corrects_it() -> None:
    sale = Event("sale", date(2026, 3, 17), uplift=1.4)
    series = desk(70)
    found = TwoLevel(calendar=Calendar(events=(sale,))).fit(series).mean(after(series, 7))
    assert found[1].sum() == pytest.approx(1.4 * 200, rel=0.02)


def test_flags_are_for_odd_days_not_for_a_new_level() -> None:
    level = np.ones(70)
    level[30] = 0.1
    level[60:] = 1.8
    cleaned, flags = clean(desk(70, level, seed=2), Calendar())
    assert [flag.day for flag in flags] == [date(2026, 2, 4)]
    assert not cleaned.seen[30].any()
    assert cleaned.seen[60:].sum() == 30


def test_a_single_peak_and_a_dead_interval_are_flagged() -> None:
    dates = START + np.arange(70)
    counts = np.random.default_rng(3).poisson(30.0, (70, 24)).astype(float)
    counts[20, 9] *= 30
    counts[40, 5] = 0
    _, flags = clean(Series(Days(dates, np.ones((70, 24))), counts, 60), Calendar())
    assert [(flag.day, flag.minute) for flag in flags] == [
        (date(2026, 1, 25), None),
        (date(2026, 2, 14), 300),
    ]
    counts[20, 9] = 330
    _, flags = clean(Series(Days(dates, np.ones((70, 24))), counts, 60), Calendar())
    assert (flags[0].day, flags[0].minute, flags[0].contacts) == (date(2026, 1, 25), 540, 330)


def test_spread_finds_the_variance_of_days() -> None:
    rng = np.random.default_rng(5)
    folds = []
    for origin in range(40):
        mean = np.full((10, 20), 100.0)
        counts = rng.poisson(mean * np.exp(0.1 * rng.standard_normal((10, 1)))).astype(float)
        folds.append(Fold(origin, mean, counts, np.ones_like(mean, dtype=bool)))
    spread = fit_spread(folds)
    assert np.sqrt(spread.day_variances[2]) == pytest.approx(0.1, rel=0.2)
    assert spread.slot_variance < 0.002
    assert spread.correction == pytest.approx(1.0, abs=0.01)


def test_many_paths_are_drawn_in_turn_and_none_twice() -> None:
    """Blocks of paths: as many as asked for, all different, thin, closed and busy intervals side by side."""
    mean = np.array([[0.0, 0.5, 2.0, 40.0, 90.0]] * 6)
    found = Prediction(mean, Spread(np.full(4, 0.02), 0.01)).paths(507, np.random.default_rng(4))
    assert found.shape == (507, 6, 5)
    assert not found[:, :, 0].any()
    assert len(np.unique(found.reshape(507, -1), axis=0)) == 507
    for block in (found[:25], found[250:275], found[-7:]):
        assert block.mean(axis=(0, 1))[3:] == pytest.approx([40, 90], rel=0.15)
    assert found.mean(axis=(0, 1)) == pytest.approx(mean[0], rel=0.05)


def test_paths_have_the_moments_that_were_asked_for() -> None:
    prediction = Prediction(np.full((5, 3), 200.0), Spread(np.full(4, 0.04), 0.01, memory=0.6))
    paths = prediction.paths(20_000, np.random.default_rng(6))
    assert paths.mean() == pytest.approx(200, rel=0.01)
    assert paths[:, 0, 0].var() == pytest.approx(200 + 200**2 * (1.04 * 1.01 - 1), rel=0.1)
    totals = paths.sum(axis=2)
    assert np.corrcoef(totals[:, 0], totals[:, 1])[0, 1] > 0.3
    quantiles = prediction.quantiles([0.1, 0.9])[:, 0, 0]
    assert np.quantile(paths[:, 0, 0], [0.1, 0.9]) == pytest.approx(quantiles, rel=0.05)


@pytest.mark.parametrize("model", [*model_pool(), Sarimax()], ids=lambda model: model.name)
def test_every_model_predicts_paths_and_quantiles(model: Model) -> None:
    series = desk(70, seed=3)
    past = past_folds(series, [model], range(35, 70, 5), 7, Calendar())[model.name]
    guessed, learned = (model.fit(series).predict(after(series, 7), folds) for folds in ((), past))
    for forecast in (guessed, learned):
        lower, upper = forecast.quantiles([0.1, 0.9])
        paths = forecast.paths(400, np.random.default_rng(1))
        inside = ((paths >= lower) & (paths <= upper))[:, :, 1:]
        assert 0.75 < inside.mean() < 0.92
    assert np.sum(learned.quantiles([0.9]) - learned.quantiles([0.1])) < np.sum(
        guessed.quantiles([0.9]) - guessed.quantiles([0.1])
    )
