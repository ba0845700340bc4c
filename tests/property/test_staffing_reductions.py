"""Erlang Chat contains the classical queues; each must come out of it exactly."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    QueuePerformance,
    Target,
    blocked_share,
    performance,
    required_agents,
)

untimed = settings(deadline=None)  # a busy machine is no failure
loads = st.floats(0.05, 60)
handles = st.floats(30, 2000)
patiences = st.floats(1, 1e5)
agent_numbers = st.integers(1, 40)
limits = st.integers(2, 5)


def same_waits(first: QueuePerformance, second: QueuePerformance) -> None:
    for name in ("wait_share", "asa_s", "mean_wait_s", "abandon_share", "slot_occupancy_share"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), rel=1e-9, abs=1e-13)
    for convention in ServiceLevelConvention:
        assert first.service_level(convention) == pytest.approx(
            second.service_level(convention), rel=1e-9, abs=1e-13
        )


@untimed
@given(loads, handles, patiences, agent_numbers, limits)
def test_flat_handle_times_are_erlang_a_with_a_server_per_slot(
    load: float, handle: float, patience: float, agents: int, limit: int
) -> None:
    arrivals = load * 3600 / handle
    chat = performance(ChatQueue(arrivals, [handle] * limit, patience), agents, threshold_s=30, short_s=5)
    single = performance(ChatQueue(arrivals, handle, patience), agents * limit, threshold_s=30, short_s=5)
    same_waits(chat, single)


@untimed
@given(loads, handles, agent_numbers, limits)
def test_flat_handle_times_without_abandonment_are_erlang_c(
    load: float, handle: float, agents: int, limit: int
) -> None:
    arrivals = load * 3600 / handle
    chat = performance(ChatQueue(arrivals, [handle] * limit), agents, threshold_s=30)
    single = performance(ChatQueue(arrivals, handle), agents * limit, threshold_s=30)
    assert chat.stable == single.stable
    same_waits(chat, single)


@untimed
@given(loads, handles, patiences, agent_numbers, limits)
def test_a_slot_that_only_shares_the_agent_is_a_place_in_the_queue_where_nobody_leaves(
    load: float, handle: float, patience: float, agents: int, limit: int
) -> None:
    arrivals = load * 3600 / handle
    shared = [handle * level for level in range(1, limit + 1)]
    chat = performance(ChatQueue(arrivals, shared, patience), agents, threshold_s=0)
    single = performance(ChatQueue(arrivals, handle, patience), agents, threshold_s=0)
    assert chat.abandon_share <= single.abandon_share + 1e-12
    assert chat.agent_occupancy_share >= single.agent_occupancy_share - 1e-12


@untimed
@given(st.floats(0.05, 0.97), handles, agent_numbers, limits)
def test_processor_sharing_keeps_the_number_in_system_of_erlang_c(
    occupancy: float, handle: float, agents: int, limit: int
) -> None:
    """With AHT_k = k AHT_1 and nobody leaving, chats in the desk and in the queue follow M/M/N."""
    arrivals = occupancy * agents * 3600 / handle
    shared = [handle * level for level in range(1, limit + 1)]
    chat = performance(ChatQueue(arrivals, shared), agents, threshold_s=30)
    single = performance(ChatQueue(arrivals, handle), agents, threshold_s=30)
    assert chat.agent_occupancy_share == pytest.approx(single.agent_occupancy_share, rel=1e-9)
    in_desk = chat.realised_handle_s + chat.mean_wait_s
    assert in_desk == pytest.approx(handle + single.mean_wait_s, rel=1e-9)
    assert chat.wait_share == pytest.approx(single.wait_share * occupancy ** (agents * (limit - 1)), rel=1e-9)


@untimed
@given(loads, handles, agent_numbers)
def test_no_patience_is_erlang_b(load: float, handle: float, agents: int) -> None:
    arrivals = load * 3600 / handle
    desk = performance(ChatQueue(arrivals, handle, patience_s=0), agents, threshold_s=30)
    assert desk.abandon_share == pytest.approx(blocked_share(arrivals, handle, agents), rel=1e-11)


@untimed
@given(loads, handles, st.integers(1, 40), limits)
def test_long_patience_tends_to_no_abandonment(load: float, handle: float, agents: int, limit: int) -> None:
    shared = [handle * (1 + 0.2 * level) for level in range(limit)]
    arrivals = min(load, 0.9 * agents * limit * handle / shared[-1]) * 3600 / handle
    endless = performance(ChatQueue(arrivals, shared), agents, threshold_s=30)
    patient = performance(ChatQueue(arrivals, shared, 1e13), agents, threshold_s=30)
    assert patient.asa_s == pytest.approx(endless.asa_s, rel=1e-6, abs=1e-12)
    assert patient.wait_share == pytest.approx(endless.wait_share, rel=1e-6, abs=1e-12)


@untimed
@given(loads, handles, patiences | st.just(math.inf), agent_numbers)
def test_conservation_of_chats(load: float, handle: float, patience: float, agents: int) -> None:
    """Little's law over the agents: open chats = rate of handled chats x realised handle time."""
    shared = [handle, 1.1 * handle, 1.4 * handle]
    arrivals = load * 3600 / handle
    desk = performance(ChatQueue(arrivals, shared, patience), agents, threshold_s=30)
    if desk.stable:
        n_open = desk.slot_occupancy_share * 3 * agents
        assert n_open == pytest.approx(
            arrivals / 3600 * (1 - desk.abandon_share) * desk.realised_handle_s, rel=1e-9, abs=1e-12
        )
        assert n_open == pytest.approx(desk.agent_occupancy_share * agents * desk.open_concurrency, rel=1e-9)


@untimed
@given(loads, handles, patiences | st.just(math.inf), st.floats(0.3, 0.98), limits)
def test_required_slots_of_a_flat_chat_desk_are_required_erlang_a_agents(
    load: float, handle: float, patience: float, share: float, limit: int
) -> None:
    arrivals = load * 3600 / handle
    target = Target(service_level_share=share, threshold_s=20)
    slots = required_agents(ChatQueue(arrivals, handle, patience), target)
    assert required_agents(ChatQueue(arrivals, [handle] * limit, patience), target) == math.ceil(
        slots / limit
    )
