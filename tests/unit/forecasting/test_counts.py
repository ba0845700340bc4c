"""Distributions of counts against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from staffcast.forecasting.counts import (
    count_cdf,
    count_quantiles,
    draw_counts,
    draw_many_counts,
    randomised_pit,
)

MEANS = np.array([0.05, 0.3, 1.5, 10.0, 45.0, 400.0, 1200.0])
SHARES = np.array([0.025, 0.1, 0.5, 0.9, 0.975])


def oracle(variance: float, mean: float) -> object:
    if variance == 0:
        return stats.poisson(mean)
    return stats.nbinom(1 / variance, 1 / (1 + variance * mean))


@pytest.mark.parametrize("variance", [0.0, 0.01, 0.2, 1.0])
def test_cdf_is_that_of_scipy(variance: float) -> None:
    for mean in MEANS:
        k = np.arange(0, 3 * mean + 5, max(1, mean // 7))
        assert count_cdf(k, mean, variance) == pytest.approx(oracle(variance, mean).cdf(k), abs=1e-9)  # type: ignore[attr-defined]


@pytest.mark.parametrize("variance", [0.0, 0.01, 0.1])
def test_quantiles_are_those_of_scipy(variance: float) -> None:
    found = count_quantiles(SHARES, MEANS, variance)
    exact = np.column_stack([oracle(variance, mean).ppf(SHARES) for mean in MEANS])  # type: ignore[attr-defined]
    assert np.array_equal(found[:, :5], exact[:, :5])
    assert found[:, 5:] == pytest.approx(exact[:, 5:], rel=0.015)


def test_nothing_comes_where_nothing_is_expected() -> None:
    assert count_quantiles(SHARES, np.zeros(2), 0.1).max() == 0
    assert count_cdf(0, 0.0, 0.1) == 1
    assert count_cdf(-1, 3.0, 0.1) == 0


def test_randomised_pit_of_thin_counts_is_uniform() -> None:
    rng = np.random.default_rng(3)
    mean = np.full(20_000, 0.3)
    counts = rng.poisson(mean * rng.gamma(5, 1 / 5, len(mean))).astype(float)
    pit = randomised_pit(counts, mean, 0.2, rng.random(len(mean)))
    assert stats.kstest(pit, "uniform").pvalue > 0.001
    wrong = randomised_pit(counts, mean * 1.3, 0.2, rng.random(len(mean)))
    assert stats.kstest(wrong, "uniform").pvalue < 1e-6


@pytest.mark.parametrize("rate", [3.0, 8.0, 30.0, 400.0])
@pytest.mark.parametrize("variance", [0.0, 0.005, 0.05])
def test_quick_draws_are_those_of_the_gamma_mixture(rate: float, variance: float) -> None:
    """Total variation, mean, variance and tails beside scipy's negative binomial."""
    n = 400_000
    rates = np.full((n, 1), rate)
    drawn = draw_many_counts(rates, np.array([variance]), np.random.default_rng(1)).ravel()
    exact = stats.nbinom(1 / variance, 1 / (1 + variance * rate)) if variance else stats.poisson(rate)
    counts = np.arange(int(exact.ppf(1 - 1e-9)) + 2)
    found = np.bincount(drawn.astype(int), minlength=len(counts))[: len(counts)] / n
    noise = np.sqrt(len(counts) / n)
    assert np.abs(found - exact.pmf(counts)).sum() / 2 < 0.01 + noise / 2
    assert drawn.mean() == pytest.approx(exact.mean(), rel=0.003)
    assert drawn.var() == pytest.approx(exact.var(), rel=0.02)
    for share in (0.025, 0.1, 0.9, 0.975):
        assert np.mean(drawn <= exact.ppf(share)) == pytest.approx(exact.cdf(exact.ppf(share)), abs=0.006)


def test_both_draws_agree_on_mean_and_spread() -> None:
    rates, variance = np.full((100_000, 2), 12.0), np.array([0.02, 0.2])
    both = [draw(rates, variance, np.random.default_rng(2)) for draw in (draw_counts, draw_many_counts)]
    assert both[0].mean(axis=0) == pytest.approx(both[1].mean(axis=0), rel=0.01)
    assert both[0].var(axis=0) == pytest.approx(both[1].var(axis=0), rel=0.03)
    assert np.array_equal(both[1], np.rint(both[1]))
