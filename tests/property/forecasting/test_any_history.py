"""Whatever the history: forecasts are finite, never negative, and exactly 0 where the desk is closed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from staffcast.forecasting import Calendar, Days, Series, clean, learn_update, model_pool
from staffcast.forecasting.counts import count_cdf, count_quantiles
from staffcast.forecasting.spread import Fold, Prediction, Spread, fit_spread

N_SLOTS = 6


@st.composite
def histories(draw: st.DrawFn) -> Series:
    n_days = draw(st.integers(1, 60))
    counts = draw(
        hnp.arrays(np.float64, (n_days, N_SLOTS), elements=st.sampled_from([0.0, 0, 1, 2, 3, 9, 50, 9000]))
    )
    gaps = draw(hnp.arrays(np.int64, n_days, elements=st.sampled_from([1, 1, 1, 3, 40])))
    share = np.tile(
        draw(hnp.arrays(np.float64, N_SLOTS, elements=st.sampled_from([0.0, 0.5, 1.0]))), (n_days, 1)
    )
    share[:, 2] = 1.0
    hidden = draw(
        hnp.arrays(np.bool_, (n_days, N_SLOTS), elements=st.sampled_from([False, False, False, True]))
    )
    rates = np.where((share > 0) & ~hidden, counts, np.nan)
    rates[0, 2] = 4.0
    return Series(Days(np.datetime64("2026-01-05") + np.cumsum(gaps), share), rates, 240)


@settings(max_examples=25)
@given(histories())
def test_every_model_answers(series: Series) -> None:
    cleaned, _ = clean(series, Calendar("DE"))
    days = Days(series.dates[-1] + 1 + np.arange(14), np.tile(series.days.open_share[0], (14, 1)))
    for model in model_pool(Calendar("DE")):
        mean = model.fit(cleaned).mean(days)
        assert np.all(np.isfinite(mean)), model.name
        assert np.all(mean >= 0), model.name
        assert np.all(mean[:, days.open_share[0] == 0] == 0), model.name


@settings(max_examples=25)
@given(
    hnp.arrays(np.float64, (4, 5), elements=st.sampled_from([0.0, 0.01, 0.7, 3.0, 80.0, 5000.0])),
    hnp.arrays(np.float64, (4, 5), elements=st.sampled_from([0.0, 1.0, 4.0, 70.0, 20_000.0])),
)
def test_any_past_gives_a_spread(mean: np.ndarray, counts: np.ndarray) -> None:
    spread = fit_spread([Fold(3, mean, counts, np.ones_like(mean, dtype=bool))])
    assert 0 <= spread.slot_variance <= 1
    assert np.all(np.isfinite(spread.day_variances) & (spread.day_variances >= 0))
    assert np.all(np.diff(spread.day_variances) >= 0)
    paths = Prediction.corrected(mean, spread).paths(5, np.random.default_rng(0))
    assert np.all(np.isfinite(paths) & (paths >= 0))
    assert np.all(paths[:, mean == 0] == 0)


@given(st.floats(0.001, 3000), st.floats(0, 3), st.floats(0.01, 0.99))
def test_a_quantile_is_the_least_count_that_reaches_its_share(
    mean: float, variance: float, share: float
) -> None:
    found = count_quantiles([share], np.array([mean]), variance, exact_below=1e9)[0, 0]
    assert count_cdf(found, mean, variance) >= share
    assert found == 0 or count_cdf(found - 1, mean, variance) < share


@given(
    hnp.arrays(np.float64, (14, 6), elements=st.floats(0, 500)),
    hnp.arrays(np.float64, (14, 6), elements=st.integers(0, 500).map(float)),
    st.integers(0, 6),
)
def test_an_update_is_finite_and_never_worse_where_it_was_tried(
    forecasts: np.ndarray, contacts: np.ndarray, n_slots: int
) -> None:
    update = learn_update(forecasts, contacts, n_slots)
    assert update.gain >= 0
    found = update.updated(forecasts[0], contacts[0])
    assert np.all(np.isfinite(found) & (found >= 0))
    assert np.array_equal(found[:n_slots], contacts[0, :n_slots])


def test_wider_further_ahead() -> None:
    prediction = Prediction(np.full((20, 1), 100.0), Spread(np.array([0.01, 0.02, 0.03, 0.04]), 0.0))
    lower, upper = prediction.quantiles([0.1, 0.9])[:, :, 0]
    assert np.all(np.diff(upper - lower) >= 0)
