"""The band around a survival curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.statistics import kaplan_meier

ROWS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=50)


def test_the_bounds_by_hand() -> None:
    """Ten, ends at 1 and 2: S = 0.8, Greenwood's sum 1/90 + 1/72 = 0.025.

    log(-log 0.8) = -1.49994, its error sqrt(0.025) / 0.223144 = 0.708576; 1.959964 x that = 1.388783;
    0.8 ** exp(1.388783) = 0.8 ** 4.009965 = 0.4086899, 0.8 ** exp(-1.388783) = 0.8 ** 0.249379 = 0.9458749.
    """
    km = kaplan_meier(range(1, 11), [True, True] + [False] * 8)
    assert km.interval(2.5) == pytest.approx((0.4086899, 0.9458749), abs=1e-4)


def test_before_the_first_end_there_is_no_bound() -> None:
    assert kaplan_meier([3, 4], [True, True]).interval(2) == (None, None)


def test_nobody_left_is_certain() -> None:
    assert kaplan_meier([3, 4], [True, True]).interval(4) == (0.0, 0.0)


@given(ROWS)
def test_the_curve_lies_in_its_band_within_zero_and_one(rows: list[tuple[int, bool]]) -> None:
    km = kaplan_meier([time for time, _ in rows], [seen for _, seen in rows])
    low, high = km.band()
    assert np.all((low >= 0) & (low <= km.survival + 1e-12))
    assert np.all((high <= 1) & (high >= km.survival - 1e-12))


@given(ROWS)
def test_more_confidence_is_wider(rows: list[tuple[int, bool]]) -> None:
    km = kaplan_meier([time for time, _ in rows], [seen for _, seen in rows])
    narrow, wide = km.band(confidence=0.8), km.band(confidence=0.99)
    assert np.all(wide[0] <= narrow[0] + 1e-12)
    assert np.all(wide[1] >= narrow[1] - 1e-12)
