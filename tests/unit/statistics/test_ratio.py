"""The interval of a ratio of sums: by hand, against its limits, and how often it covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.statistics import mean_interval, ratio_interval

DAYS = st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)), min_size=2, max_size=40)


def test_two_days_by_hand() -> None:
    # 2 in 1 h and 10 in 3 h: 12 / 4 = 3 an hour; the days are 2 - 3 = -1 and 10 - 9 = 1 off.
    # Spread: sqrt((1 + 1) * 2 / 1) / 4 = 0.5; Student's 97.5 % at one degree of freedom: 12.7062.
    low, high = ratio_interval([2, 10], [1, 3]) or (0, 0)
    assert (low, high) == (0.0, pytest.approx(3 + 0.5 * 12.7062, abs=1e-4))


def test_a_number_that_may_be_negative_is_not_cut_at_zero() -> None:
    low, _ = ratio_interval([-2, 6], [1, 1]) or (0, 0)
    assert low == pytest.approx(2 - 4 * 12.7062, abs=1e-3)


@pytest.mark.parametrize(("above", "below"), [([], []), ([3], [1]), ([3, 0], [1, 0]), ([1, 2], [0, 0])])
def test_one_day_tells_nothing_of_days(above: list[float], below: list[float]) -> None:
    assert ratio_interval(above, below) is None


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30).filter(any))
def test_over_equal_denominators_it_is_the_mean_of_the_days(values: list[int]) -> None:
    observed = [*values, 1]
    low, high = mean_interval(observed) or (0, 0)
    # A day with nothing above has its denominator still.
    assert ratio_interval(observed, [1] * len(observed)) == pytest.approx((max(low, 0), high), abs=1e-9)


@given(DAYS)
def test_the_order_of_days_changes_no_bit(days: list[tuple[int, int]]) -> None:
    above, below = zip(*days, strict=True)
    assert ratio_interval(above, below) == ratio_interval(above[::-1], below[::-1])


def test_it_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(20_261_122)
    hours = rng.gamma(20, 1, size=(2000, 28))
    level = rng.gamma(25, 1 / 25, size=hours.shape)  # days differ from each other
    counts = rng.poisson(6 * level * hours)
    bounds = [ratio_interval(*day) or (0, 0) for day in zip(counts, hours, strict=True)]
    covered = np.mean([low <= 6 <= high for low, high in bounds])
    assert 0.935 <= covered <= 0.965
