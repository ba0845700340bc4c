"""Sharing agents, coming again and uncertain rates."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    PatienceCurve,
    ReplyModel,
    Target,
    arrival_weighted,
    performance,
    pooled_queue,
    pooling_bounds,
    redial_performance,
    required_agents,
    required_agents_uncertain,
    required_agents_with_redials,
    uncertain_performance,
)

MILD = [480, 560, 680]
EIGHTY_IN_30 = Target(service_level_share=0.8, threshold_s=30)
DESK = ChatQueue(300, MILD, patience_s=180)
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL


def test_six_small_queues_need_twelve_apart_and_eight_pooled() -> None:
    bounds = pooling_bounds([ChatQueue(20, MILD, 180)] * 6, EIGHTY_IN_30)
    assert bounds.separate == (2,) * 6
    assert (bounds.separate_agents, bounds.pooled_agents, bounds.agents_saved) == (12, 8, 4)
    assert bounds.pooled_fractional <= bounds.separate_fractional <= 12


def test_a_pool_weighs_by_arrivals() -> None:
    pool = pooled_queue([ChatQueue(30, [400], 60), ChatQueue(90, [800], math.inf), ChatQueue(0, [9], 0)])
    assert pool.arrivals_per_hour == 120
    assert np.asarray(pool.handle_s_by_level) == pytest.approx([700])
    assert pool.patience_s == pytest.approx(240)  # a quarter leaves at 1/60 a second
    assert pooled_queue([ChatQueue(0, 300), ChatQueue(0, 500)]).arrivals_per_hour == 0
    assert pooled_queue([ChatQueue(1, 300, 0), ChatQueue(1, 300, 60)]).patience_s == 0
    curve = PatienceCurve.steps([60], [0])
    assert pooled_queue([ChatQueue(1, 300, curve)] * 2).patience_s is curve


@pytest.mark.parametrize(
    ("queues", "message"),
    [
        ([], "none, or one with rows"),
        ([ChatQueue([1, 2], 300)], "none, or one with rows"),
        ([ChatQueue(1, 300), ChatQueue(1, MILD)], "concurrency limits differ"),
        ([ChatQueue(1, 300, PatienceCurve.steps([60], [0])), ChatQueue(1, 300)], "patience curves differ"),
        (
            [ChatQueue(1, 300), ChatQueue(1, 300, replies=ReplyModel(work_s=9, think_s=9, turns=2))],
            "reply models differ",
        ),
    ],
)
def test_what_cannot_be_pooled(queues: list[ChatQueue], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        pooled_queue(queues)


@settings(max_examples=40)
@given(st.lists(st.floats(1, 200), min_size=1, max_size=5), st.floats(10, 1000) | st.just(math.inf))
def test_pooling_never_costs_agents(rates: list[float], patience: float) -> None:
    bounds = pooling_bounds([ChatQueue(rate, MILD, patience) for rate in rates], EIGHTY_IN_30)
    assert bounds.pooled_agents <= bounds.separate_agents


@pytest.mark.parametrize("agents", [10, 17, 19, 30])
def test_redials_solve_their_equation(agents: int) -> None:
    found = redial_performance(DESK, agents, redial_share=0.5, threshold_s=30)
    offered = float(found.offered_per_hour)
    desk = performance(replace(DESK, arrivals_per_hour=offered), agents, threshold_s=30)
    assert offered == pytest.approx(300 + 0.5 * offered * float(desk.abandon_share), rel=1e-12)
    assert found.performance.asa_s == pytest.approx(desk.asa_s)
    # Chats in are served once or lost for good.
    assert 300 * (1 - float(found.lost_share)) == pytest.approx(offered * (1 - float(desk.abandon_share)))


def test_redials_take_rows_and_may_be_none() -> None:
    found = redial_performance(DESK, [15, 17, 19], redial_share=0.3, threshold_s=[[10], [30]])
    assert np.shape(found.offered_per_hour) == (2, 3)
    none = redial_performance(DESK, 17, redial_share=0, threshold_s=30)
    assert none.offered_per_hour == 300
    assert none.performance.asa_s == performance(DESK, 17, threshold_s=30).asa_s


@pytest.mark.parametrize("target", [EIGHTY_IN_30, Target(max_abandon_share=0.2)])
@pytest.mark.parametrize("redial", [0, 0.8])
def test_required_with_redials_is_the_first_that_meets(target: Target, redial: float) -> None:
    found = required_agents_with_redials(DESK, target, redial_share=redial)
    for agents in (found - 1, found):
        desk = redial_performance(DESK, agents, redial_share=redial, threshold_s=30).performance
        met = (target.service_level_share is None or desk.service_level(OF_ALL) >= 0.8 - 1e-9) and (
            target.max_abandon_share is None or desk.abandon_share <= 0.2 + 1e-9
        )
        assert met == (agents == found)
    many = required_agents_with_redials(
        replace(DESK, arrivals_per_hour=[0, 300]), target, redial_share=redial
    )
    assert many.tolist() == [0, found]


@pytest.mark.parametrize("share", [-0.1, 1, math.nan])
def test_not_everybody_comes_again(share: float) -> None:
    with pytest.raises(ModelError, match="redial_share"):
        redial_performance(DESK, 17, redial_share=share, threshold_s=30)
    with pytest.raises(ModelError, match="redial_share"):
        required_agents_with_redials(DESK, EIGHTY_IN_30, redial_share=share)


@pytest.mark.parametrize("patience", [180, math.inf])
@pytest.mark.parametrize("cv", [0.05, 0.3, 1.0, 1.7])
def test_uncertain_rates_equal_a_fine_quadrature(patience: float, cv: float) -> None:
    law = gamma(cv**-2, scale=300 * cv**2)
    edge = 22 * 3 / 680 * 3600
    cuts = np.unique(
        np.concatenate(
            [
                [0.0],
                np.geomspace(1e-30, 1, 120),
                np.arange(2, 700, 2.0),
                np.geomspace(700, 30_000, 60),
                [edge],
            ]
        )
    )
    nodes, weights = np.polynomial.legendre.leggauss(10)
    width = np.diff(cuts)[:, None] / 2
    rates = (cuts[:-1, None] + width * (1 + nodes)).ravel()
    chance = law.pdf(rates) * (width * weights).ravel()
    desk = performance(ChatQueue(rates, MILD, patience), 22, threshold_s=30)
    levels = np.asarray(desk.service_level(OF_ALL))
    found = uncertain_performance(ChatQueue(300, MILD, patience), 22, rate_cv=cv, threshold_s=30)
    assert found.service_level_share == pytest.approx(levels @ (chance * rates) / 300, rel=1e-8)
    assert found.daily_service_level_share == pytest.approx(levels @ chance, rel=1e-8)
    overload = float(law.sf(edge)) if math.isinf(patience) else 0.0
    assert found.overloaded_share == pytest.approx(overload, abs=1e-9)


def test_a_certain_rate_is_the_plain_desk() -> None:
    plain = performance(DESK, 19, threshold_s=30)
    for cv in (0, 1e-9):
        found = uncertain_performance(DESK, 19, rate_cv=cv, threshold_s=30)
        assert found.service_level_share == plain.service_level(OF_ALL)
        assert found.abandon_share == plain.abandon_share
    near = uncertain_performance(DESK, 19, rate_cv=1e-4, threshold_s=30)
    assert near.service_level_share == pytest.approx(plain.service_level(OF_ALL), abs=1e-5)
    empty = uncertain_performance(ChatQueue(0, MILD), 3, rate_cv=0.5, threshold_s=30)
    assert empty.service_level_share == 1


@pytest.mark.parametrize("cv", [0, 0.1, 0.3])
def test_required_with_uncertainty_is_the_first_that_meets(cv: float) -> None:
    found = required_agents_uncertain(DESK, EIGHTY_IN_30, rate_cv=cv)
    levels = [
        uncertain_performance(DESK, n, rate_cv=cv, threshold_s=30).service_level_share
        for n in (found - 1, found)
    ]
    assert levels[0] < 0.8 <= levels[1]


def test_staff_for_uncertainty_grows_faster_than_the_square_root() -> None:
    sizes = np.array([100, 400, 1600])
    extra = np.array(
        [
            required_agents_uncertain(ChatQueue(size, MILD, 180), EIGHTY_IN_30, rate_cv=0.15)
            - required_agents(ChatQueue(size, MILD, 180), EIGHTY_IN_30)
            for size in sizes
        ]
    )
    assert np.all(np.diff(extra) > 0)
    assert extra[2] > 2 * extra[1]


def test_uncertainty_needs_one_queue_and_one_service_level() -> None:
    with pytest.raises(ModelError, match="one queue at a time"):
        uncertain_performance(ChatQueue([1, 2], 300), 3, rate_cv=0.1, threshold_s=30)
    for target in (Target(max_asa_s=5), Target(service_level_share=0.8, threshold_s=30, max_asa_s=5)):
        with pytest.raises(ModelError, match="not one service level"):
            required_agents_uncertain(DESK, target, rate_cv=0.1)
    for cv in (-0.1, math.nan, 3):
        with pytest.raises(ModelError, match="rate_cv"):
            uncertain_performance(DESK, 19, rate_cv=cv, threshold_s=30)


def test_an_average_over_the_day_counts_chats() -> None:
    assert arrival_weighted([0.9, 0.5], [100, 300]) == pytest.approx(0.6)
    assert arrival_weighted([0.2, 0.4], [0, 0]) == 1
    with pytest.raises(ModelError, match="differ in length"):
        arrival_weighted([0.2], [0, 0])
