from __future__ import annotations

import math

import numpy as np
import pytest

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    QueuePerformance,
    Target,
    performance,
    required_agents,
    required_agents_fractional,
    scheduled_agents,
)

MILD = [480, 560, 680]
EIGHTY_IN_30 = Target(service_level_share=0.8, threshold_s=30)
TARGETS = [
    EIGHTY_IN_30,
    Target(service_level_share=0.95, threshold_s=0),
    Target(service_level_share=0.5, threshold_s=120, convention=ServiceLevelConvention.VIRTUAL),
    Target(service_level_share=0.9, threshold_s=20, convention=ServiceLevelConvention.SERVED_OF_SERVED),
    Target(service_level_share=0.9, threshold_s=20, convention=ServiceLevelConvention.WAIT_WITHIN),
    Target(
        service_level_share=0.85,
        threshold_s=20,
        convention=ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS,
        short_s=10,
    ),
    Target(max_asa_s=15),
    Target(max_slot_occupancy_share=0.7),
    Target(max_abandon_share=0.03),
    Target(service_level_share=0.8, threshold_s=30, max_slot_occupancy_share=0.75, max_asa_s=40),
]


def meets(desk: QueuePerformance, target: Target) -> bool:
    """Read the target off the public figures, plainly."""
    share, occupancy = target.service_level_share, target.max_slot_occupancy_share
    return (
        bool(desk.stable)
        and (share is None or desk.service_level(target.convention) >= share - 1e-12)
        and (occupancy is None or desk.slot_occupancy_share <= occupancy + 1e-12)
        and (target.max_asa_s is None or desk.asa_s <= target.max_asa_s + 1e-9)
        and (target.max_abandon_share is None or desk.abandon_share <= target.max_abandon_share + 1e-12)
    )


def upward_scan(queue: ChatQueue, target: Target) -> int:
    for agents in range(10_000):
        desk = performance(queue, agents, threshold_s=target.threshold_s or 0, short_s=target.short_s)
        if meets(desk, target):
            return agents
    raise AssertionError


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("handle", [[300], MILD, [480, 560, 1200], [900, 500, 480]])
@pytest.mark.parametrize("patience", [20, 180, math.inf])
def test_equals_an_upward_scan(target: Target, handle: list[float], patience: float) -> None:
    rates = np.array([0, 0.01, 7, 60, 155])
    found = required_agents(ChatQueue(rates, handle, patience), target)
    scanned = [upward_scan(ChatQueue(rate, handle, patience), target) for rate in rates]
    assert found.tolist() == scanned


@pytest.mark.parametrize(("arrivals", "agents"), [(60, 5), (120, 8), (300, 19), (600, 37), (1500, 89)])
def test_reference_desks_with_patience(arrivals: float, agents: int) -> None:
    assert required_agents(ChatQueue(arrivals, MILD, 180), EIGHTY_IN_30) == agents


@pytest.mark.parametrize(("arrivals", "agents"), [(600, 41), (1500, 98)])
def test_reference_desks_without_abandonment(arrivals: float, agents: int) -> None:
    assert required_agents(ChatQueue(arrivals, MILD), EIGHTY_IN_30) == agents


def test_a_large_call_centre_with_a_whole_number_of_erlangs() -> None:
    target = Target(service_level_share=0.8, threshold_s=20, convention=ServiceLevelConvention.VIRTUAL)
    assert required_agents(ChatQueue(120_000, 300), target) == 10_021


def test_the_convention_changes_the_answer() -> None:
    queue = ChatQueue(240, 300, 120)
    answers = {
        convention: required_agents(
            queue, Target(service_level_share=0.8, threshold_s=20, convention=convention, short_s=5)
        )
        for convention in ServiceLevelConvention
    }
    assert answers[ServiceLevelConvention.WAIT_WITHIN] == 21
    assert answers[ServiceLevelConvention.SERVED_OF_ALL] == 22


def test_a_tie_counts_as_met() -> None:
    """8 erlangs on 10 agents are an occupancy of 0.8, whatever the rounding."""
    assert required_agents(ChatQueue(96, 300), Target(max_slot_occupancy_share=0.8)) == 10
    desk = performance(ChatQueue(300, MILD, 180), 19, threshold_s=30)
    share = float(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL))
    for slack, agents in ((0, 19), (5e-13, 19), (1e-10, 20)):
        target = Target(service_level_share=share + slack, threshold_s=30)
        assert required_agents(ChatQueue(300, MILD, 180), target) == agents


def test_every_part_of_the_target_holds() -> None:
    queue = ChatQueue(300, MILD, 180)
    parts = [
        Target(service_level_share=0.8, threshold_s=30),
        Target(max_asa_s=5),
        Target(max_abandon_share=0.02),
        Target(max_slot_occupancy_share=0.6),
    ]
    together = Target(
        service_level_share=0.8,
        threshold_s=30,
        max_asa_s=5,
        max_abandon_share=0.02,
        max_slot_occupancy_share=0.6,
    )
    apart = [required_agents(queue, part) for part in parts]
    assert len(set(apart)) > 1
    assert required_agents(queue, together) == max(apart)
    assert required_agents_fractional(queue, together) == pytest.approx(
        max(required_agents_fractional(queue, part) for part in parts), rel=1e-12
    )


def test_targets_may_differ_by_row() -> None:
    target = Target(service_level_share=[[0.5], [0.8], [0.95]], threshold_s=[10, 30])
    found = required_agents(ChatQueue(300, MILD, 180), target)
    assert found.shape == (3, 2)
    assert found[1, 1] == 19
    assert np.all(np.diff(found, axis=0) > 0)
    assert np.all(np.diff(found, axis=1) <= 0)


def test_no_arrivals_need_nobody() -> None:
    target = Target(service_level_share=0.99, threshold_s=0, max_asa_s=0.1, max_abandon_share=0.0)
    assert required_agents(ChatQueue(0, MILD, 180), target) == 0
    assert required_agents_fractional(ChatQueue(0, MILD, 180), target) == 0


def test_rare_arrivals_need_somebody() -> None:
    assert required_agents(ChatQueue(1e-9, MILD, 180), EIGHTY_IN_30) == 1


def test_no_abandonment_at_all_is_infeasible_with_patience_and_free_without() -> None:
    with pytest.raises(InfeasibleTargetError, match="lose patience"):
        required_agents(ChatQueue([0, 60], MILD, 180), Target(max_abandon_share=0))
    target = Target(max_abandon_share=0, service_level_share=0.8, threshold_s=30)
    assert required_agents(ChatQueue(600, MILD), target) == 41


@pytest.mark.parametrize("handle", [[300], MILD])
@pytest.mark.parametrize(
    "target",
    [
        Target(max_slot_occupancy_share=1),
        Target(service_level_share=0, threshold_s=0),
        Target(max_asa_s=1e9),
        Target(service_level_share=0.1, threshold_s=1e7),
    ],
)
def test_a_queue_that_grows_for_ever_meets_no_target(handle: list[float], target: Target) -> None:
    queue = ChatQueue(125, handle)
    agents = required_agents(queue, target)
    desk = performance(queue, [agents - 1, agents, required_agents_fractional(queue, target)], threshold_s=0)
    assert desk.stable.tolist() == [False, True, True]


def test_an_extreme_target_ends() -> None:
    assert required_agents(ChatQueue(60, MILD), Target(max_slot_occupancy_share=1e-6)) == pytest.approx(
        8 / 3e-6, rel=1e-6
    )
    assert 10 < required_agents(ChatQueue(60, MILD), Target(max_asa_s=1e-300)) < 40
    assert (
        10 < required_agents(ChatQueue(60, MILD), Target(service_level_share=1 - 1e-15, threshold_s=0)) < 40
    )


@pytest.mark.parametrize(
    ("handle", "patience"), [(MILD, 180), ([300], 180), ([300], math.inf), (MILD, math.inf)]
)
@pytest.mark.parametrize("target", [EIGHTY_IN_30, Target(max_asa_s=20), Target(max_slot_occupancy_share=0.7)])
def test_the_fractional_answer_just_meets_the_target(
    handle: list[float], patience: float, target: Target
) -> None:
    queue = ChatQueue(155, handle, patience)
    agents = required_agents_fractional(queue, target)
    whole = required_agents(queue, target)
    assert whole - 1 < agents <= whole
    threshold = target.threshold_s or 0
    assert meets(performance(queue, agents + 1e-9, threshold_s=threshold), target)
    assert not meets(performance(queue, agents - 1e-6, threshold_s=threshold), target)


def test_part_of_the_time_alone_would_be_an_endless_virtual_wait() -> None:
    assert required_agents_fractional(ChatQueue(1, MILD, 180), Target(max_asa_s=60)) == 1


def test_fractions_save_people_when_queues_are_added_up() -> None:
    queues = ChatQueue([20, 25, 30, 35], MILD, 180)
    assert np.sum(required_agents_fractional(queues, EIGHTY_IN_30)) < np.sum(
        required_agents(queues, EIGHTY_IN_30)
    )


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ModelError, match=r"queue \(2,\), target \(3,\)"):
        required_agents(ChatQueue([1, 2], MILD), Target(max_asa_s=[1, 2, 3]))


def test_a_week_of_rows_answers_in_the_type_of_its_question() -> None:
    one = required_agents(ChatQueue(300, MILD, 180), EIGHTY_IN_30)
    many = required_agents(ChatQueue(np.full((168, 2), 300.0), MILD, 180), EIGHTY_IN_30)
    assert type(one) is int
    assert many.dtype == np.int64
    assert np.all(many == one)


def test_scheduled_agents() -> None:
    assert scheduled_agents(7, 0) == 7
    assert scheduled_agents([7, 0], [0.3, 0.5]) == pytest.approx([10, 0])


@pytest.mark.parametrize("shrinkage", [1, 30, -0.1, math.nan])
def test_shrinkage_is_a_share_below_one(shrinkage: float) -> None:
    with pytest.raises(ModelError, match="shrinkage_share"):
        scheduled_agents(7, shrinkage)


@pytest.mark.parametrize("target", [*TARGETS[:3], *TARGETS[6:], Target(max_asa_s=5, max_abandon_share=0.1)])
@pytest.mark.parametrize(("handle", "patience"), [([300], math.inf), (MILD, 180), (MILD, math.inf)])
def test_many_rows_are_answered_as_each_alone(target: Target, handle: list[float], patience: float) -> None:
    """Rows that differ in their arrivals alone go by a table of loads; two kinds of rows do not."""
    rates = np.random.default_rng(3).uniform(0, 400, 2500)
    # The edges themselves: loads at which one agent more is needed.
    rates[:40] = np.repeat([0.0, 12.0, 96.0, 120.0], 10)
    together = required_agents(ChatQueue(rates, handle, patience), target)
    mixed = np.tile(np.array(handle, dtype=float), (rates.size + 1, 1))
    mixed[-1] += 1
    apart = required_agents(ChatQueue(np.append(rates, 1.0), mixed, patience), target)
    assert np.array_equal(together, apart[:-1])


def test_rows_at_the_edge_of_an_agent_are_answered_exactly() -> None:
    target = Target(max_slot_occupancy_share=0.8)
    rates = np.concatenate([np.linspace(1, 300, 4000), 9.6 * np.arange(1, 31)])
    found = required_agents(ChatQueue(rates, 300), target)
    assert found[-30:].tolist() == list(range(1, 31))
    over = required_agents(ChatQueue(np.append(rates, 96 * (1 + 1e-9)), 300), target)
    assert over[-1] == 11


def test_many_equal_rows_have_one_answer() -> None:
    found = required_agents(ChatQueue(np.full(5000, 300.0), MILD, 180), EIGHTY_IN_30)
    assert np.all(found == 19)
    assert np.all(required_agents(ChatQueue(np.zeros(5000), MILD, 180), EIGHTY_IN_30) == 0)
