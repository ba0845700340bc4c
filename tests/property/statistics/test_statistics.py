from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from staffcast.statistics import (
    Estimate,
    clustered_wilson,
    difference_interval,
    kaplan_meier,
    mean_interval,
    quantile,
    quantile_interval,
    wilson,
)

if TYPE_CHECKING:
    from random import Random

NUMBERS = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60)


@given(st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_within_zero_and_one(case: tuple[int, int]) -> None:
    hits, n = case
    interval = wilson(hits, n)
    if n:
        assert interval is not None
        assert 0 <= interval[0] <= hits / n <= interval[1] <= 1


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_complement_has_the_mirrored_interval(hits: int, more: int) -> None:
    n = hits + more
    low, high = wilson(hits, n) or (0, 0)
    mirrored_low, mirrored_high = wilson(more, n) or (0, 0)
    assert np.allclose((low, high), (1 - mirrored_high, 1 - mirrored_low), atol=1e-12)


@given(NUMBERS, st.sampled_from([0.1, 0.5, 0.9]))
def test_bounds_of_a_quantile_are_values_around_it(values: list[float], p: float) -> None:
    low, high = quantile_interval(values, p)
    middle = quantile(values, p)
    assert middle is not None
    slack = 1e-9 * max(abs(value) for value in values)
    assert low is None or (low in values and low <= middle + slack)
    assert high is None or (high in values and high >= middle - slack)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_swapping_the_periods_turns_the_change_around(a: float, b: float, below: float, above: float) -> None:
    one, other = Estimate(a, a - below, a + above), Estimate(b, b - above, b + below)
    there, back = difference_interval(one, other), difference_interval(other, one)
    assert (there.change, there.low, there.high) == (-back.change, -back.high, -back.low)
    assert there.low <= there.change <= there.high


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=50))
def test_survival_falls_and_equals_the_plain_share_without_censoring(rows: list[tuple[int, bool]]) -> None:
    durations = [duration for duration, _ in rows]
    curve = kaplan_meier(durations, [seen for _, seen in rows]).survival
    assert np.all(np.diff(curve) <= 0)
    assert np.all((curve >= 0) & (curve <= 1))
    whole = kaplan_meier(durations, [True] * len(rows))
    assert np.allclose(whole.survival, [np.mean(np.array(durations) > t) for t in whole.times])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_leaves_no_trace(values: list[float], random: Random) -> None:
    shuffled = random.sample(values, len(values))
    assert mean_interval(shuffled) == mean_interval(values)
    sizes = [1 + number % 3 for number in range(len(values))]
    clusters = list(
        zip(
            [min(int(abs(value)), size) for value, size in zip(values, sizes, strict=True)],
            sizes,
            strict=True,
        )
    )
    mixed = random.sample(clusters, len(clusters))
    assert clustered_wilson(*zip(*mixed, strict=True)) == clustered_wilson(*zip(*clusters, strict=True))
