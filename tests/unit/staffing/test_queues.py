from __future__ import annotations

import math

import numpy as np
import pytest

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, Target, throughput_peak_level

NO_FIT = "shapes do not fit together:"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"arrivals_per_hour": -3}, "arrivals_per_hour: -3.0 (give numbers of at least 0)"),
        ({"arrivals_per_hour": math.inf}, "arrivals_per_hour: inf (give numbers of at least 0)"),
        (
            {"handle_s_by_level": [300, 0]},
            "handle_s_by_level: 0 s (give at least 1e-06 s, at most 1e+09)",
        ),
        (
            {"handle_s_by_level": []},
            "handle_s_by_level: empty (give seconds at 1, 2, .. chats)",
        ),
        ({"patience_s": math.nan}, "patience_s: nan (give numbers of at least 0, or inf)"),
        (
            {"arrivals_per_hour": [1, 2], "patience_s": [1, 2, 3]},
            f"{NO_FIT} arrivals_per_hour (2,), patience_s (3,) (give one number, or one per row)",
        ),
    ],
)
def test_a_queue_refuses_what_makes_no_sense(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        ChatQueue(**({"arrivals_per_hour": 60, "handle_s_by_level": [300, 400]} | arguments))
    assert str(caught.value) == message


def test_one_handle_time_is_one_chat_at_a_time() -> None:
    assert ChatQueue(60, 300).concurrency_limit == 1
    assert ChatQueue(60, [300, 400, 600]).concurrency_limit == 3


def test_a_queue_knows_the_shape_of_its_rows() -> None:
    assert ChatQueue(60, [300, 400]).shape == ()
    assert ChatQueue([60, 70, 80], np.full((3, 2), 300.0)).shape == (3,)
    assert ChatQueue([60, 70, 80], [300, 400], [[100], [200]]).shape == (2, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ModelError, "the target is empty (give service_level_share and threshold_s, or a cap)"),
        (
            {"service_level_share": 0.8},
            ModelError,
            "a service level needs both service_level_share and threshold_s",
        ),
        (
            {"service_level_share": 1.2, "threshold_s": 30},
            InfeasibleTargetError,
            "service_level_share: 1.2 cannot be met (give less, as 0.8)",
        ),
        (
            {"service_level_share": [0.8, 1], "threshold_s": 30},
            InfeasibleTargetError,
            "service_level_share: 1 cannot be met (give less, as 0.8)",
        ),
        ({"max_asa_s": 0}, InfeasibleTargetError, "max_asa_s: 0 needs endless staff (give a cap above 0)"),
        (
            {"max_slot_occupancy_share": 85},
            ModelError,
            "max_slot_occupancy_share: 85 is above 1 (give a share, as 0.85)",
        ),
        ({"max_abandon_share": -0.1}, ModelError, "max_abandon_share: -0.1 (give numbers of at least 0)"),
        (
            {"service_level_share": 0.8, "threshold_s": 30, "convention": "served_of_al"},
            ModelError,
            "convention: unknown 'served_of_al' (did you mean 'served_of_all'?)",
        ),
        (
            {"service_level_share": [0.8, 0.9], "threshold_s": [20, 30, 40]},
            ModelError,
            f"{NO_FIT} service_level_share (2,), threshold_s (3,) (give one number, or one per row)",
        ),
    ],
)
def test_a_target_refuses_what_cannot_be(
    arguments: dict[str, object], error: type[ModelError], message: str
) -> None:
    with pytest.raises(error) as caught:
        Target(**arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("handle", "level"),
    [
        ([480], 1),
        ([480, 560, 680], 3),
        ([480, 560, 1200], 2),
        ([300, 600, 900], 1),  # processor sharing: a second chat adds nothing
        ([0.7, 0.7 * 2, 0.7 * 3], 1),  # and the rounding of 2.0999999999999996 does not change that
        ([300, 300], 2),
    ],
)
def test_throughput_peak_level(handle: list[float], level: int) -> None:
    assert throughput_peak_level(handle) == level


def test_throughput_peak_level_of_rows() -> None:
    assert np.array_equal(throughput_peak_level([[480, 560, 680], [480, 560, 1200]]), [3, 2])


def test_every_convention_has_one_line_of_definition() -> None:
    definitions = [convention.definition for convention in ServiceLevelConvention]
    assert len(set(definitions)) == 5
    assert all(text and "\n" not in text for text in definitions)
    assert [str(convention) for convention in ServiceLevelConvention] == [
        "virtual",
        "served_of_all",
        "served_of_served",
        "wait_within",
        "excluding_short_abandons",
    ]
