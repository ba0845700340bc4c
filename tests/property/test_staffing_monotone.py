"""More agents help, more work hurts: on every desk, for every figure that says so."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, Target, performance, required_agents, required_agents_fractional

untimed = settings(deadline=None)  # a busy machine is no failure
any_handles = st.lists(st.floats(20, 5000), min_size=1, max_size=5)
patiences = st.floats(0.5, 1e5) | st.sampled_from([0.0, math.inf])
rates = st.floats(0.01, 2000)
shares = st.floats(0.05, 0.99)
thresholds = st.floats(0, 600)
conventions = st.sampled_from(list(ServiceLevelConvention))
SLACK = 1e-11


def rising(values: object) -> bool:
    array = np.nan_to_num(np.asarray(values, dtype=np.float64), posinf=1e300)
    return bool(np.all(np.diff(array) >= -SLACK * (1 + np.abs(array[1:]))))


def falling(values: object) -> bool:
    return rising(np.asarray(values)[::-1])


@untimed
@given(rates, any_handles, patiences, thresholds)
def test_every_agent_improves_every_figure(
    rate: float, handle: list[float], patience: float, threshold: float
) -> None:
    """Also where handle times fall with concurrency or throughput turns down: the search relies on it."""
    queue = ChatQueue(rate, handle, patience)
    around = math.ceil(rate / 3600 * handle[-1] / len(handle))
    agents = np.arange(max(0, around - 15), around + 25)
    desk = performance(queue, agents, threshold_s=threshold, short_s=8)
    for convention in ServiceLevelConvention:
        assert rising(desk.service_level(convention)), convention
    for name in ("wait_share", "asa_s", "mean_wait_s", "abandon_share", "slot_occupancy_share"):
        assert falling(getattr(desk, name)), name


@untimed
@given(any_handles, patiences, st.integers(1, 30), thresholds)
def test_more_arrivals_worsen_the_waits(
    handle: list[float], patience: float, agents: int, threshold: float
) -> None:
    capacity = agents * len(handle) / handle[-1] * 3600
    desk = performance(
        ChatQueue(np.linspace(0, 1.5, 40) * capacity, handle, patience), agents, threshold_s=threshold
    )
    for name in ("wait_share", "asa_s", "abandon_share", "slot_occupancy_share", "agent_occupancy_share"):
        assert rising(getattr(desk, name)), name
    assert falling(desk.service_level(ServiceLevelConvention.VIRTUAL))
    assert falling(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL))


@untimed
@given(rates, any_handles, st.integers(1, 30), thresholds)
def test_more_patience_means_more_waiting_and_less_leaving(
    rate: float, handle: list[float], agents: int, threshold: float
) -> None:
    """Less leaving only where a full agent is the fastest: a patient crowd keeps agents at their limit."""
    patience = [0, *10 ** np.linspace(-1, 6, 40), math.inf]
    desk = performance(ChatQueue(rate, handle, patience), agents, threshold_s=threshold)
    assert rising(desk.wait_share)
    assert rising(desk.asa_s)
    if desk.throughput_peak_level[0] == len(handle):
        assert falling(desk.abandon_share)
    assert falling(desk.service_level(ServiceLevelConvention.VIRTUAL))


@untimed
@given(rates, any_handles, patiences, st.integers(0, 30))
def test_more_time_allowed_means_more_chats_in_time(
    rate: float, handle: list[float], patience: float, agents: int
) -> None:
    desk = performance(ChatQueue(rate, handle, patience), agents, threshold_s=np.linspace(0, 500, 30))
    for convention in ServiceLevelConvention:
        assert rising(desk.service_level(convention)), convention


@untimed
@given(rates, any_handles, patiences, st.integers(0, 30), thresholds)
def test_the_conventions_keep_their_order(
    rate: float, handle: list[float], patience: float, agents: int, threshold: float
) -> None:
    desk = performance(
        ChatQueue(rate, handle, patience), agents, threshold_s=threshold, short_s=threshold / 2
    )
    of_all = desk.service_level(ServiceLevelConvention.SERVED_OF_ALL)
    for higher in set(ServiceLevelConvention) - {ServiceLevelConvention.SERVED_OF_ALL}:
        if higher is not ServiceLevelConvention.VIRTUAL or agents:
            assert of_all <= desk.service_level(higher) + 1e-12, higher


@untimed
@given(any_handles, patiences, st.lists(shares, min_size=2, max_size=6), thresholds, conventions)
def test_required_agents_rise_with_the_target_and_the_load(
    handle: list[float],
    patience: float,
    share: list[float],
    threshold: float,
    convention: ServiceLevelConvention,
) -> None:
    rates = np.array([0, 0.5, 10, 60, 61, 300])
    target = Target(
        service_level_share=np.sort(share)[:, None], threshold_s=threshold, convention=convention, short_s=5
    )
    found = required_agents(ChatQueue(rates, handle, patience), target)
    assert np.all(np.diff(found, axis=0) >= 0)
    assert np.all(found[:, 0] == 0)
    if convention in (ServiceLevelConvention.VIRTUAL, ServiceLevelConvention.SERVED_OF_ALL):
        assert np.all(np.diff(found, axis=1) >= 0)


@untimed
@given(rates, any_handles, patiences, shares, thresholds, st.floats(0.2, 1))
def test_required_agents_meet_the_target_and_one_less_does_not(
    rate: float, handle: list[float], patience: float, share: float, threshold: float, occupancy: float
) -> None:
    queue = ChatQueue(rate, handle, patience)
    target = Target(service_level_share=share, threshold_s=threshold, max_slot_occupancy_share=occupancy)
    agents = required_agents(queue, target)
    desk = performance(queue, [agents, max(agents - 1, 0)], threshold_s=threshold)
    level = np.asarray(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL))
    met = (level >= share - 1e-12) & (np.asarray(desk.slot_occupancy_share) <= occupancy + 1e-12)
    assert met.tolist() == [True, agents == 0]
    assert agents - 1 <= required_agents_fractional(queue, target) <= agents
