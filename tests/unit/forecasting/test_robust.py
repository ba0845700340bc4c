"""The robust regression against statsmodels, which computes the same in another way."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from staffcast.forecasting.robust import clipped, first_order, huber_ridge, robust_scale


@pytest.mark.parametrize("seed", range(4))
def test_coefficients_are_those_of_rlm(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import is not ours
        from statsmodels.robust.norms import HuberT
        from statsmodels.robust.robust_linear_model import RLM

    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(120), rng.normal(size=(120, 5))])
    y = x @ rng.normal(size=6) + rng.standard_t(3, 120)
    y[:3] += 40
    penalties = np.array([1e-6, 1, 1, 2, 2, 5.0])
    rows = np.vstack([x, np.diag(np.sqrt(penalties))])
    # RLM takes the scale from the median of absolute residuals about 0, as we do.
    oracle = RLM(np.append(y, np.zeros(6)), rows, M=HuberT()).fit(maxiter=200, tol=1e-10).params
    assert huber_ridge(y, x, penalties) == pytest.approx(oracle, abs=0.01)


def test_phi_is_that_of_autoreg() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.tsa.ar_model import AutoReg

    values = np.random.default_rng(1).normal(size=80).cumsum() * 0.3
    assert first_order(values) == pytest.approx(
        float(AutoReg(values, 1, trend="n").fit().params[0]), rel=1e-9
    )


def test_half_of_the_days_exact_gives_least_squares() -> None:
    y = np.array([2.0] * 9 + [11.0])
    assert huber_ridge(y, np.ones((10, 1)), np.array([1e-9]))[0] == pytest.approx(2.9)


def test_clipping_and_scale_of_nothing() -> None:
    assert clipped(np.array([0.0, 1.0, -1.0, 1.0, -1.0, 90.0])).max() < 10
    assert robust_scale(np.zeros(0)) == 0
    assert first_order(np.zeros(5)) == 0
