"""Dated factors, retries and handle times."""

from __future__ import annotations

import numpy as np
import pytest

from staffcast.core.errors import ForecastError
from staffcast.forecasting import (
    Factor,
    deflection,
    first_contacts,
    fit_handle_time,
    retry_rate,
    with_factors,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_factors_hold_between_their_instants_and_multiply() -> None:
    base = np.full((4000, 3), 50.0)
    factors = [Factor("campaign", 0, 20, 1.5), Factor("bot", 10, 20, 0.5)]
    changed = with_factors(base, np.array([0, 10, 20]), factors, rng())
    assert changed.mean(axis=0) == pytest.approx([75, 37.5, 50], rel=0.02)
    assert np.array_equal(changed[:, 2], base[:, 2])
    assert np.array_equal(changed, np.rint(changed))


def test_thinned_poisson_counts_stay_poisson() -> None:
    base = rng().poisson(20, (40_000, 1)).astype(float)
    changed = with_factors(base, np.array([0]), [Factor("bot", 0, 1, 0.4)], rng())
    assert changed.var() == pytest.approx(changed.mean(), rel=0.03)


def test_an_uncertain_factor_widens_the_paths() -> None:
    base = np.full((4000, 2), 1000.0)
    sure = with_factors(base, np.array([0, 1]), [Factor("a", 0, 9, 1.2)], rng())
    unsure = with_factors(base, np.array([0, 1]), [Factor("a", 0, 9, 1.2, sd=0.2)], rng())
    assert unsure.mean() == pytest.approx(sure.mean(), rel=0.02)
    assert unsure.std() > 3 * sure.std()
    assert np.corrcoef(unsure.T)[0, 1] > 0.9


def test_a_bot_hands_over_what_it_cannot_answer() -> None:
    assert deflection("bot", 0, 1, share=0.4, effective_share=0.25).factor == pytest.approx(0.9)


def test_retries_are_taken_off() -> None:
    assert first_contacts([100, 50], [20, 0], 0.5).tolist() == [90, 50]
    rate = retry_rate(1000, 400)
    assert rate.share == pytest.approx(406 / 1020)
    assert rate.draws(5000, rng()).mean() == pytest.approx(rate.share, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Factor("a", 0, 1, -1.0),
        lambda: Factor("a", 1, 1, 1.0),
        lambda: deflection("a", 0, 1, share=2, effective_share=0.1),
        lambda: retry_rate(5, 6),
        lambda: first_contacts(10, 11, 0.5),
        lambda: fit_handle_time([1], [600], [300.0], [0]),
        lambda: fit_handle_time([1], [600], [0.0], [3]),
    ],
)
def test_refusals(wrong: object) -> None:
    with pytest.raises(ForecastError):
        wrong()  # type: ignore[operator] # a lambda from the list above


def handle_times(day_sd: float) -> tuple[np.ndarray, ...]:
    days = np.repeat(np.arange(20_000, 20_084), 8)
    minutes = np.tile(np.arange(540, 1020, 60), 84)
    level = np.repeat(np.exp(day_sd * rng().standard_normal(84)), 8)
    seconds = 300.0 * np.where((days + 3) % 7 == 0, 1.2, 1.0) * np.where(minutes >= 720, 1.1, 1.0) * level
    return days, minutes, seconds, np.full(len(days), 40)


def test_weekday_and_time_of_day_are_found() -> None:
    fitted = fit_handle_time(*handle_times(0.0))
    found = fitted.mean_s(np.array([0, 2, 2]), np.array([600, 600, 780]))
    assert found == pytest.approx([360, 300, 330], rel=0.03)


def test_paths_of_handle_time_scatter_as_days_do() -> None:
    fitted = fit_handle_time(*handle_times(0.1))
    days, minutes = np.repeat([20_087, 20_088], 3), np.tile([600, 720, 840], 2)
    paths = fitted.paths_s(days, minutes, 4000, rng())
    assert np.std(np.log(paths[:, 0])) == pytest.approx(0.1, rel=0.35)
    assert np.corrcoef(np.log(paths[:, :2]).T)[0, 1] > 0.8
    assert paths.mean(axis=0) == pytest.approx(fitted.mean_s((days + 3) % 7, minutes), rel=0.03)
