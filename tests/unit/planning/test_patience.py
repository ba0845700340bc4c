"""The patience curve: found where it is not exponential, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from staffcast.planning import calibrate, patience_curve
from staffcast.staffing import PatienceCurve

if TYPE_CHECKING:
    from collections.abc import Callable

S = 1_000_000


def waits(patience_s: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What a desk sees that answers after an exponential time."""
    answered_s = np.random.default_rng(seed).exponential(120, patience_s.size)
    return np.minimum(patience_s, answered_s), patience_s < answered_s


def test_exponential_patience_needs_no_curve() -> None:
    for seed in range(5):
        patience = np.random.default_rng(100 + seed).exponential(180, 4000)
        assert patience_curve(*waits(patience, seed)) is None


def test_few_who_gave_up_tell_no_curve() -> None:
    assert patience_curve([5.0] * 199, [True] * 199) is None
    assert patience_curve([], []) is None


def test_the_curve_is_that_of_the_customers() -> None:
    patience = 90 * np.random.default_rng(3).exponential(1, 40_000) ** 2
    curve = patience_curve(*waits(patience, 4))
    assert curve is not None
    times = np.array([1, 5, 20, 60, 150, 300])
    assert curve.staying(times) == pytest.approx(np.exp(-np.sqrt(times / 90)), abs=0.03)
    assert curve.final_share == 0
    assert np.isfinite(curve.mean_s)


def test_a_queue_with_another_shape_is_planned_with_its_curve(reader_of: Callable[..., Any]) -> None:
    load = [
        {"queue": name, "k_active": 1, "k_open": 1, "chat_us": 300 * S, "is_active": True, "ends_chat": True}
        for name in ("sudden", "few")
        for _ in range(40)
    ]
    rows = [
        {"queue": "sudden", "conversation_key": i, "is_offered": True, "mode": "live",
         "is_abandoned": i % 2 == 0, "queue_wait_us": (60 if i % 2 == 0 else 90) * S}
        for i in range(600)
    ]  # fmt: skip
    calibration = calibrate(
        reader_of(fact_leg_load=load, fact_conversation=rows), limits={"sudden": 1, "few": 1}
    )
    assert set(calibration.curves) == {"sudden"}
    curve = calibration.patience_of("sudden")
    assert isinstance(curve, PatienceCurve)
    assert curve.staying([59, 61]).tolist() == [1.0, 0.5]
    assert calibration.patience_of("few") == calibration.patience_s("few")
