"""The update of the rest of a day."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.forecasting.desk import cells

from staffcast.core.errors import ForecastError
from staffcast.forecasting import Calendar, IntradayUpdate, learn_update, past_forecasts, series_of
from staffcast.forecasting.averages import WeekMean


def days(
    day_sd: float, *, n_days: int = 120, mean: float = 40.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    forecast = np.full((n_days, 20), mean)
    level = np.exp(day_sd * rng.standard_normal((n_days, 1)))
    return forecast, rng.poisson(forecast * level).astype(float)


def test_common_surprise_is_carried_into_the_rest() -> None:
    forecast, contacts = days(0.2)
    update = learn_update(forecast[:80], contacts[:80], 8)
    assert update.gain > 0.3
    new = np.array([update.updated(forecast[d], contacts[d])[8:] for d in range(80, 120)])
    plain_error = np.abs(contacts[80:, 8:] - forecast[80:, 8:]).sum()
    assert np.abs(contacts[80:, 8:] - new).sum() < 0.8 * plain_error


@pytest.mark.parametrize("seed", range(5))
def test_chance_alone_is_not_carried_on(seed: int) -> None:
    forecast, contacts = days(0.0, seed=seed)
    update = learn_update(forecast, contacts, 8)
    assert update.coefficients == (0.0, 0.0)
    assert np.array_equal(update.updated(forecast[0], contacts[0])[8:], forecast[0, 8:])


def test_what_two_days_say_is_believed_by_half() -> None:
    """Two odd days of 60 would have been forecast better; twenty such days are more than chance."""
    slopes = []
    for n_odd in (2, 20):
        forecast, contacts = days(0.0, n_days=60, seed=3)
        odd = np.arange(n_odd) * 60 // n_odd + np.arange(n_odd) % 3
        contacts[odd] *= 3
        update = learn_update(forecast, contacts, 8)
        assert update.gain > 0.02
        slopes.append(sum(update.coefficients))
    assert 0.1 < slopes[0] < 0.6
    assert slopes[1] > 0.8


def test_contacts_so_far_stand() -> None:
    update = IntradayUpdate(2, (1.0, 0.0), 0.1)
    found = update.updated(np.array([92.0, 100.0, 50.0]), np.array([192.0, 200.0, 7.0]))
    assert found[:2].tolist() == [192, 200]
    assert found[2] == pytest.approx(50 * (392 + 8) / (192 + 8))


@pytest.mark.parametrize("n_slots", [0, 20])
def test_before_and_after_the_day(n_slots: int) -> None:
    forecast, contacts = days(0.2)
    assert learn_update(forecast, contacts, n_slots).coefficients == (0.0, 0.0)


def test_few_days_change_nothing() -> None:
    forecast, contacts = days(0.2, n_days=9)
    assert learn_update(forecast, contacts, 8).gain == 0


def test_refusals() -> None:
    with pytest.raises(ForecastError, match="different days"):
        learn_update(np.ones((3, 4)), np.ones((3, 5)), 1)
    with pytest.raises(ForecastError, match="9 intervals have passed"):
        learn_update(np.ones((3, 4)), np.ones((3, 4)), 9)


def test_paths_lose_what_the_morning_has_told() -> None:
    """Days are good or bad as a whole: once the morning is known the rest scatters by chance alone."""
    rng = np.random.default_rng(4)
    level = np.exp(0.4 * rng.standard_normal(4000))[:, None]
    day = np.full(10, 400.0)
    contacts = rng.poisson(day * level).astype(float)
    update = learn_update(np.broadcast_to(day, contacts.shape), contacts, 5)
    paths = rng.poisson(day * np.exp(0.4 * rng.standard_normal((2000, 1)))).astype(float)
    today = day * 1.5
    rest = paths[:, 5:].sum(axis=1)
    told = rest * update.path_factors(day, today, paths)
    assert np.std(told) / np.mean(told) < 0.25 * np.std(rest) / np.mean(rest)
    assert np.mean(told) == pytest.approx(1.5 * day[5:].sum(), rel=0.06)


def test_past_forecasts_are_made_the_day_before() -> None:
    series = series_of(cells("a", 12.0, n_days=42))
    forecasts, contacts = past_forecasts(series, WeekMean(4), Calendar(), n_days=5)
    assert forecasts.shape == contacts.shape == (5, series.rates.shape[1])
    for row, day in enumerate(range(len(series) - 5, len(series))):
        fitted = WeekMean(4).fit(series.between(0, day)).mean(series.days_between(day, day + 1))
        assert forecasts[row] == pytest.approx(fitted[0])
        assert np.array_equal(contacts[row], series.counts[day])
    assert len(past_forecasts(series.between(0, 5), WeekMean(4), Calendar())[0]) == 0
