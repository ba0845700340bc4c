"""Raking by hand, by its optimality, and by its invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from staffcast.statistics import rake


def test_one_trait_is_post_stratification() -> None:
    # Asked half and half; three of four answers are from the first half: 2/3 and 2.
    found = rake([[0, 0, 0, 1]], [[0.5, 0.5]])
    assert found.weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    assert found.n_effective == pytest.approx(16 / (3 * 4 / 9 + 4))


def test_two_traits_by_hand() -> None:
    """Answers 3, 1 / 1, 1 in a two-by-two table; wanted half and half on both sides.

    By symmetry the weighted table is x, 3 - x / 3 - x, x (of 6), and raking keeps the cross ratio, which is
    3 x 1 / (1 x 1): x^2 / (3 - x)^2 = 3, so x = 3 sqrt 3 / (1 + sqrt 3).
    """
    found = rake([[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 1]], [[0.5, 0.5], [0.5, 0.5]])
    x = 3 * 3**0.5 / (1 + 3**0.5)
    assert found.weights.tolist() == pytest.approx([x / 3] * 3 + [3 - x, 3 - x, x], rel=1e-9)


ANSWERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=12, max_size=60)


@given(ANSWERS, st.lists(st.integers(1, 9), min_size=5, max_size=5))
def test_the_margins_are_met_or_the_gap_is_told(answers: list[tuple[int, int]], sizes: list[int]) -> None:
    answers = answers + [(a, b) for a in range(3) for b in range(2)]
    codes = [list(code) for code in zip(*answers, strict=True)]
    shares = [np.array(part) / sum(part) for part in (sizes[:3], sizes[3:])]
    found = rake(codes, shares)
    assert found.weights.mean() == pytest.approx(1)
    assert (found.weights > 0).all()
    for code, share in zip(codes, shares, strict=True):
        got = np.bincount(code, found.weights, share.size) / len(answers)
        assert np.abs(got - share).max() <= found.worst_gap + 1e-9
        assert found.worst_gap < 1e-9
    assert 1 <= found.n_effective <= len(answers) + 1e-9
    # The weights depend on the cell alone.
    cells: dict[tuple[int, int], float] = {}
    for cell, weight in zip(answers, found.weights, strict=True):
        assert cells.setdefault(cell, weight) == pytest.approx(weight)


def test_no_other_weights_that_meet_the_margins_are_closer_to_equal_ones() -> None:
    """Raking has the least discrimination information of all weights that meet the margins."""
    answers = [(0, 0)] * 5 + [(0, 1)] * 2 + [(1, 0)] * 3 + [(1, 1)] * 4
    codes = [list(code) for code in zip(*answers, strict=True)]
    shares = [[0.3, 0.7], [0.6, 0.4]]
    found = rake(codes, shares).weights

    def distance(weights: np.ndarray) -> float:
        return float((weights * np.log(weights)).sum())

    firsts = [np.array(code) == 0 for code in codes]
    wanted = [
        {"type": "eq", "fun": lambda w: w[firsts[0]].sum() / len(answers) - shares[0][0]},
        {"type": "eq", "fun": lambda w: w[firsts[1]].sum() / len(answers) - shares[1][0]},
        {"type": "eq", "fun": lambda w: w.sum() / len(answers) - 1},
    ]
    best = minimize(distance, np.ones(len(answers)), constraints=wanted, bounds=[(1e-6, 9)] * len(answers))
    assert best.success
    assert found.tolist() == pytest.approx(best.x.tolist(), abs=1e-3)
    assert distance(found) <= best.fun + 1e-6


def test_who_was_asked_but_never_answers_cannot_be_weighted() -> None:
    with pytest.raises(ValueError, match="did not answer"):
        rake([[0, 0]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="nobody answered"):
        rake([], [])
