from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson
from statsmodels.stats.weightstats import DescrStatsW

import staffcast.statistics as facade
from staffcast.statistics import (
    Difference,
    Estimate,
    difference_interval,
    kaplan_meier,
    mean_interval,
    poisson_interval,
    quantile,
    quantile_interval,
    wilson,
)
from staffcast.statistics.quantiles import quantile_ranks


@pytest.mark.parametrize(("hits", "n"), [(0, 7), (7, 7), (1, 3), (8, 10), (413, 1000), (1, 100_000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_agrees_with_statsmodels(hits: int, n: int, confidence: float) -> None:
    expected = proportion_confint(hits, n, alpha=1 - confidence, method="wilson")
    assert wilson(hits, n, confidence=confidence) == pytest.approx(expected, abs=1e-12)


def test_no_trials_have_no_interval() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("hits", "n"), [(-1, 3), (4, 3)])
def test_impossible_hits_are_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="hits must be between"):
        wilson(hits, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan")])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        wilson(1, 2, confidence=confidence)


@pytest.mark.parametrize("count", [1, 2, 10, 400])
def test_the_poisson_interval_agrees_with_statsmodels(count: int) -> None:
    assert poisson_interval(count) == pytest.approx(confint_poisson(count, 1, method="exact-c"), rel=1e-9)


def test_a_count_of_zero_is_bounded_by_three_point_seven() -> None:
    assert poisson_interval(0) == pytest.approx((0, 3.6889), abs=1e-4)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        poisson_interval(-1)


def test_the_mean_interval_agrees_with_statsmodels() -> None:
    values = [3.0, 5.5, 1.0, 8.25, 4.0]
    assert mean_interval(values) == pytest.approx(DescrStatsW(values).tconfint_mean(), rel=1e-12)


@pytest.mark.parametrize("values", [[], [3.0]])
def test_one_value_has_no_spread(values: list[float]) -> None:
    assert mean_interval(values) is None


@pytest.mark.parametrize(("p", "expected"), [(0, 10), (0.5, 25), (0.9, 79), (1, 100)])
def test_a_quantile_is_linear_between_neighbours(p: float, expected: float) -> None:
    assert quantile([100, 10, 30, 20], p) == pytest.approx(expected)


def test_no_values_have_no_quantile() -> None:
    assert quantile([], 0.5) is None
    assert quantile_interval([], 0.5) == (None, None)


def test_a_share_beyond_one_is_no_quantile() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile([1.0], 90)


@pytest.mark.parametrize("n", [1, 5, 6, 10, 37, 1000])
@pytest.mark.parametrize("p", [0.5, 0.9])
def test_ranks_are_the_tightest_that_keep_each_tail(n: int, p: float) -> None:
    low, high = quantile_ranks(n, p)
    binomial = stats.binom(n, p)
    if low is not None:
        assert binomial.cdf(low - 1) <= 0.025 < binomial.cdf(low)
    else:
        assert binomial.cdf(0) > 0.025
    if high is not None:
        assert binomial.cdf(high - 1) >= 0.975 > binomial.cdf(high - 2)
    else:
        assert binomial.cdf(n - 1) < 0.975


def test_the_interval_of_a_median_covers_it_as_often_as_said() -> None:
    rng = np.random.default_rng(20_261_102)
    true_median = np.log(2)
    bounds = [quantile_interval(rng.exponential(size=40), 0.5) for _ in range(1000)]
    covered = sum(low is not None and high is not None and low <= true_median <= high for low, high in bounds)
    assert covered >= 935


def test_the_difference_of_shares_is_newcombes() -> None:
    current = Estimate(0.8, *(wilson(56, 70) or ()))
    previous = Estimate(0.6, *(wilson(48, 80) or ()))
    difference = difference_interval(current, previous)
    expected = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    assert (difference.low, difference.high) == pytest.approx(expected, abs=1e-12)
    assert difference.is_detectable


def test_the_difference_of_means_has_separate_variances() -> None:
    difference = difference_interval(Estimate(10, 7, 13), Estimate(4, 0, 8))
    assert (difference.change, difference.low, difference.high) == (6, 1, 11)


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 0.3, True), (-0.3, -0.1, True), (-0.1, 0.3, False), (0.0, 0.3, False)]
)
def test_a_change_is_detectable_when_zero_is_out(low: float, high: float, *, verdict: bool) -> None:
    assert Difference(0.1, low, high).is_detectable is verdict


def test_kaplan_meier_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(7)
    ends, cuts = rng.exponential(60, 200).round(0), rng.exponential(90, 200).round(0)
    durations, observed = np.minimum(ends, cuts), ends <= cuts
    ours, oracle = kaplan_meier(durations, observed), SurvfuncRight(durations, observed)
    assert ours.times == pytest.approx(oracle.surv_times)
    assert ours.survival == pytest.approx(oracle.surv_prob)
    assert ours.n_at_risk == pytest.approx(oracle.n_risk)
    assert ours.median == oracle.quantile(0.5)


def test_a_median_that_nobody_reached_is_unknown() -> None:
    km = kaplan_meier([1, 2, 3, 4], [True, False, False, False])
    assert (km.at(0.5), km.at(1), km.at(99), km.median) == (1.0, 0.75, 0.75, None)


def test_without_an_end_everything_survives() -> None:
    assert kaplan_meier([5, 6], [False, False]).at(100) == 1.0


@pytest.mark.parametrize(
    ("durations", "observed", "message"),
    [
        ([1, 2], [True], "one length"),
        ([-1.0], [True], "not negative"),
        ([float("nan")], [True], "not negative"),
    ],
)
def test_impossible_durations_are_refused(durations: list[float], observed: list[bool], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kaplan_meier(durations, observed)


@pytest.mark.parametrize("p", [0, 1])
def test_the_quantile_of_survival_lies_inside(p: float) -> None:
    with pytest.raises(ValueError, match="strictly between"):
        kaplan_meier([1], [True]).quantile(p)


def test_the_facade_is_sorted() -> None:
    assert facade.__all__ == sorted(facade.__all__)
