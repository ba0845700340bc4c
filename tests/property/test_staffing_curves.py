"""What holds on every desk: chats that come are closed or leave, whatever the patience and the routing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    PatienceCurve,
    QueuePerformance,
    Routing,
    Target,
    exact_performance,
    performance,
    required_agents,
    wait_distribution,
)

handles = st.lists(st.floats(50, 3000), min_size=1, max_size=4)
rates = st.floats(0.1, 800)


@st.composite
def curves(draw: st.DrawFn) -> PatienceCurve:
    gaps = draw(st.lists(st.floats(0.5, 300), min_size=1, max_size=6))
    falls = draw(st.lists(st.floats(0.05, 1), min_size=len(gaps), max_size=len(gaps)))
    left = np.cumprod(1 - np.array(falls))
    if draw(st.booleans()):
        left[-1] = 0.0
    return PatienceCurve.steps(np.cumsum(gaps), left)


def assert_flows_balance(desk: QueuePerformance, rate: float, handle: list[float], agents: int) -> None:
    """What agents close at the levels they hold is what came and did not leave."""
    levels = np.arange(1, len(handle) + 1)
    closed = agents * float(desk.level_shares[1:] @ (levels / np.array(handle))) * 3600
    assert closed == pytest.approx(rate * (1 - float(desk.abandon_share)), rel=1e-8, abs=1e-12)


@given(rates, handles, curves(), st.integers(1, 12))
def test_chats_are_closed_or_leave(
    rate: float, handle: list[float], curve: PatienceCurve, agents: int
) -> None:
    desk = performance(ChatQueue(rate, handle, curve), agents, threshold_s=30)
    if desk.stable:
        assert_flows_balance(desk, rate, handle, agents)


@settings(max_examples=40)
@given(rates, handles, st.floats(1, 1e4) | st.just(math.inf), st.integers(1, 5), st.sampled_from(Routing))
def test_chats_are_closed_or_leave_under_every_routing(
    rate: float, handle: list[float], patience: float, agents: int, rule: Routing
) -> None:
    """Without abandonment this ties the closures below capacity to those above."""
    desk = exact_performance(ChatQueue(rate, handle, patience), agents, threshold_s=30, routing=rule)
    if desk.stable:
        assert_flows_balance(desk, rate, handle, agents)


@given(rates, handles, curves(), st.integers(0, 12))
def test_every_agent_helps_whatever_the_patience(
    rate: float, handle: list[float], curve: PatienceCurve, agents: int
) -> None:
    desk = performance(ChatQueue(rate, handle, curve), [agents, agents + 1], threshold_s=30, short_s=5)
    for convention in ServiceLevelConvention:
        low, high = np.asarray(desk.service_level(convention))
        assert 0 <= low <= high + 1e-11 <= 1 + 1e-10, convention
    for name in ("wait_share", "abandon_share", "asa_s"):
        before, after = np.asarray(getattr(desk, name))
        assert after <= before * (1 + 1e-9) + 1e-12, name


@given(rates, handles, curves(), st.floats(1, 20))
def test_longer_patience_means_longer_waits(
    rate: float, handle: list[float], curve: PatienceCurve, factor: float
) -> None:
    longer = PatienceCurve.steps(curve.breaks_s * factor, curve.staying(curve.breaks_s))
    short, long = (performance(ChatQueue(rate, handle, law), 4, threshold_s=30) for law in (curve, longer))
    if short.stable and long.stable:
        assert long.wait_share >= short.wait_share - 1e-10
        assert long.asa_s >= short.asa_s * (1 - 1e-9)


@given(rates, handles, curves(), st.integers(1, 8))
def test_distributions_fall_and_agree(
    rate: float, handle: list[float], curve: PatienceCurve, agents: int
) -> None:
    law = wait_distribution(ChatQueue(rate, handle, curve), agents, [0, 1, 5, 30, 120, 900])
    assert np.all(np.diff(law.virtual_beyond_share) <= 1e-12)
    assert np.all(np.diff(law.waiting_beyond_share) <= 1e-12)
    assert np.all(np.diff(law.served_within_share) >= -1e-12)
    assert np.all(law.waiting_beyond_share <= law.virtual_beyond_share + 1e-12)


@given(rates, handles, curves(), st.floats(0.1, 0.95))
def test_the_required_number_is_the_smallest(
    rate: float, handle: list[float], curve: PatienceCurve, share: float
) -> None:
    queue = ChatQueue(rate, handle, curve)
    agents = required_agents(queue, Target(service_level_share=share, threshold_s=20))
    desk = performance(queue, [agents, max(agents - 1, 0)], threshold_s=20)
    levels = np.asarray(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL))
    assert levels[0] >= share - 1e-12
    assert agents == 0 or levels[1] < share
