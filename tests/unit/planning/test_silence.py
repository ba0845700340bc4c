"""Patience where customers leave without a sign."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from staffcast.planning import Silence, calibrate, mean_patience
from staffcast.reports.calibration import patience_table

if TYPE_CHECKING:
    from collections.abc import Callable

S = 1_000_000
WAITS = st.lists(st.floats(0.5, 2000), max_size=20)


def desk(silent_share: float, seed: int) -> tuple[float, int, np.ndarray, np.ndarray]:
    """All waits, those who left by a sign, the waits of those found gone, and of those answered there."""
    rng = np.random.default_rng(seed)
    patience_s, offered_s = rng.exponential(180, 40_000), rng.exponential(90, 40_000)
    silent = rng.random(40_000) < silent_share
    by_sign = (patience_s < offered_s) & ~silent
    gone = (patience_s < offered_s) & silent
    waits_s = np.where(by_sign, patience_s, offered_s)
    return float(waits_s.sum()), int(by_sign.sum()), offered_s[gone], offered_s[~by_sign & ~gone]


@pytest.mark.parametrize("silent_share", [0.0, 0.3, 0.5, 0.9])
def test_the_truth_is_found_with_any_share_of_silent(silent_share: float) -> None:
    total_s, n, gone_s, _ = desk(silent_share, seed=7)
    found = mean_patience(total_s, n, gone_s)
    assert found.mean_s == pytest.approx(180, rel=4 / math.sqrt(found.n_worth))
    naive = mean_patience(total_s, n)
    assert naive.mean_s > 180 * (1 + silent_share) or silent_share == 0
    assert naive.n_worth <= found.n_worth <= n + gone_s.size


def test_it_is_worth_what_its_spread_over_desks_says() -> None:
    found = [mean_patience(total_s, n, gone_s) for total_s, n, gone_s, _ in (desk(0.5, s) for s in range(40))]
    spread = np.std(np.log([one.mean_s for one in found]), ddof=1)
    assert spread == pytest.approx(1 / math.sqrt(found[0].n_worth), rel=0.35)


@given(WAITS, WAITS.filter(bool), WAITS)
def test_it_is_the_most_likely(left_s: list[float], gone_s: list[float], answered_s: list[float]) -> None:
    def unlikely(log_rate: float) -> float:
        rate = math.exp(log_rate)
        exact = len(left_s) * log_rate - rate * (sum(left_s) + sum(answered_s))
        return -exact - float(np.log(-np.expm1(-rate * np.array(gone_s))).sum())

    found = mean_patience(sum(left_s) + sum(gone_s) + sum(answered_s), len(left_s), gone_s)
    if not left_s and not answered_s:
        assert found.mean_s < min(gone_s)  # nothing speaks for any patience at all
        return
    best = minimize_scalar(unlikely, bracket=(-math.log(found.mean_s) - 1, -math.log(found.mean_s) + 1))
    assert unlikely(-math.log(found.mean_s)) <= best.fun + 1e-7 * max(1, abs(best.fun))


def test_nobody_who_left_is_endless_and_one_found_gone_is_not() -> None:
    assert mean_patience(500.0, 0) == mean_patience(500.0, 0, [])
    assert mean_patience(500.0, 0).mean_s == math.inf
    assert math.isfinite(mean_patience(500.0, 0, [50.0]).mean_s)


def test_a_calibration_tells_the_bounds(reader_of: Callable[..., Any]) -> None:
    load = [
        {"queue": "q", "k_active": 1, "k_open": 1, "chat_us": 300 * S, "is_active": True, "ends_chat": True}
        for _ in range(40)
    ]
    common = {"queue": "q", "is_offered": True, "mode": "live"}
    rows: list[dict[str, Any]] = [
        *({"abandon_wait_us": 60 * S, "is_abandoned": True, **common} for _ in range(20)),
        *({"queue_wait_us": 90 * S, **common} for _ in range(60)),
        *(
            {"queue_wait_us": 90 * S, "is_silent": True, "is_silent_noted": i < 8, **common}
            for i in range(15)
        ),
        {"queue_wait_us": 0, "is_silent": True, "is_silent_noted": True, **common},
        {"queue_wait_us": 5 * S, "is_silent": True, **common, "mode": "messaging"},
    ]
    found = calibrate(reader_of(fact_leg_load=load, fact_conversation=rows), limits={"q": 1})
    total_s = 20 * 60 + 75 * 90
    assert found.silence == {
        "q": Silence(8, 15, total_s / 20, mean_patience(total_s, 20, [90.0] * 15).mean_s)
    }
    assert found.patience_s("q") == pytest.approx(mean_patience(total_s, 20, [90.0] * 8).mean_s)
    assert found.silence["q"].if_all_s < found.patience_s("q") < found.silence["q"].if_none_s
    low, high = found.patience.select("lower_s", "upper_s").row(0)
    assert low < found.patience_s("q") < high
    shown = patience_table(found).row(0, named=True)
    assert shown["found gone"] == 8
    assert " to " in shown["by silence"]
