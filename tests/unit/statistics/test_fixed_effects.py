"""Fixed effects against a regression with every dummy written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.statistics.fixed_effects import within_groups


def dummies(codes: np.ndarray) -> np.ndarray:
    return (codes[:, None] == np.unique(codes)[None, :]).astype(float)


@given(st.integers(0, 2**32 - 1), st.integers(5, 60), st.integers(1, 6), st.integers(1, 8))
def test_what_is_left_is_the_residual_on_all_dummies(seed: int, n: int, n_agents: int, n_hours: int) -> None:
    rng = np.random.default_rng(seed)
    agents, hours = rng.integers(0, n_agents, n), rng.integers(0, n_hours, n)
    columns = rng.normal(size=(n, 2)) * [1, 1000]
    design = np.hstack([dummies(agents), dummies(hours)])
    expected = columns - design @ np.linalg.lstsq(design, columns, rcond=None)[0]
    left = within_groups(columns, [agents, hours])
    assert np.allclose(left, expected, atol=1e-6 * np.abs(columns).max())


def test_one_grouping_subtracts_its_means() -> None:
    # Group 0 has mean 2, group 1 mean 10.
    left = within_groups([[1.0], [3.0], [9.0], [11.0]], [[0, 0, 1, 1]])
    assert left.ravel().tolist() == [-1, 1, -1, 1]


def test_what_the_groups_explain_wholly_is_nothing() -> None:
    assert not within_groups([[5.0], [5.0], [7.0]], [[0, 0, 1], [0, 1, 0]]).round(8).any()


def test_the_input_is_not_changed() -> None:
    columns = np.array([[1.0], [2.0]])
    within_groups(columns, [[0, 0]])
    assert columns.ravel().tolist() == [1, 2]


def test_lengths_must_fit() -> None:
    with pytest.raises(ValueError, match="a group for each row"):
        within_groups([[1.0], [2.0]], [[0]])
