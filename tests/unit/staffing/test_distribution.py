"""The law of the wait and its quantiles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, PatienceCurve, performance, wait_distribution, wait_quantile_s

MILD = [480, 560, 680]


def test_the_wait_of_m_m_1_is_exponential() -> None:
    law = wait_distribution(ChatQueue(6, 300), 1, [0, 100, 900])
    exact = 0.5 * np.exp(-0.5 / 300 * np.array([0, 100, 900]))
    assert law.virtual_beyond_share == pytest.approx(exact, rel=1e-12)
    assert law.waiting_beyond_share == pytest.approx(exact, rel=1e-12)
    assert wait_quantile_s(ChatQueue(6, 300), 1, 0.9) == pytest.approx(600 * math.log(5), rel=1e-12)


def test_rows_come_first_and_times_last() -> None:
    queue = ChatQueue([60, 120, 180], MILD, 180)
    law = wait_distribution(queue, 6, [10, 20])
    assert law.served_within_share.shape == (3, 2)
    for column, time in enumerate(law.times_s):
        desk = performance(queue, 6, threshold_s=time)
        levels = desk.service_level(ServiceLevelConvention.SERVED_OF_ALL)
        assert law.served_within_share[:, column] == pytest.approx(levels, rel=1e-14)


def test_the_mean_is_the_integral_of_the_tail() -> None:
    queue = ChatQueue(300, MILD, PatienceCurve.steps([20, 60, 400], [0.8, 0.5, 0]))
    times = np.arange(0, 2000, 0.25)
    law = wait_distribution(queue, 15, times)
    desk = performance(queue, 15, threshold_s=0)
    assert np.trapezoid(law.virtual_beyond_share, times) == pytest.approx(desk.asa_s, rel=1e-4)
    assert np.trapezoid(law.waiting_beyond_share, times) == pytest.approx(desk.mean_wait_s, rel=1e-3)


def test_quantiles_invert_the_distribution() -> None:
    queue = ChatQueue([0, 100, 300], MILD, 180)
    quantile = np.asarray(wait_quantile_s(queue, 12, 0.7))
    assert quantile[:2].tolist() == [0, 0]
    law = wait_distribution(ChatQueue(300, MILD, 180), 12, quantile[2])
    assert law.virtual_beyond_share[0] == pytest.approx(0.3, rel=1e-12)


def test_a_queue_that_never_answers_has_no_quantile() -> None:
    assert wait_quantile_s(ChatQueue(60, 300), 5, 0.5) == math.inf
    assert wait_quantile_s(ChatQueue(60, 300, 60), 0, 0.5) == math.inf


def test_shares_and_times_out_of_range_are_refused() -> None:
    with pytest.raises(ModelError, match="share: 1"):
        wait_quantile_s(ChatQueue(60, 300), 9, 1)
    with pytest.raises(ModelError, match="in one line"):
        wait_distribution(ChatQueue(60, 300), 9, [[1, 2]])
    with pytest.raises(ModelError, match="times_s"):
        wait_distribution(ChatQueue(60, 300), 9, -1)
