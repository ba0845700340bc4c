"""The short way to the required agents of Erlang C gives what the long way gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, Target, performance, required_agents
from staffcast.staffing.erlang_c import BY_HAND_TO, fewest_agents
from staffcast.staffing.required import _of_plain_numbers, _search

OF_ALL = ServiceLevelConvention.SERVED_OF_ALL
N_ROWS = 400


def long_way(queue: ChatQueue, target: Target) -> list[int]:
    return _search(queue, target)[1].searched().tolist()


def rows(seed: int) -> tuple[ChatQueue, np.ndarray, np.ndarray]:
    """Queues from nothing to 100,000 erlangs, some of a whole number, each with its handle time."""
    rng = np.random.default_rng(seed)
    load = 10 ** rng.uniform(-8, 5, N_ROWS)
    whole = rng.random(N_ROWS) < 0.3
    load[whole] = np.floor(load[whole])
    handle_s = rng.choice([1.0, 180.0, 240.0, 1e4], N_ROWS) * rng.choice([1.0, 1.37], N_ROWS)
    share = np.where(rng.random(N_ROWS) < 0.1, rng.choice([0, 1e-12, 1 - 1e-12]), rng.random(N_ROWS))
    within_s = np.where(rng.random(N_ROWS) < 0.2, rng.choice([0.0, 1e-9, 1e9]), rng.uniform(0, 90, N_ROWS))
    return ChatQueue(load / handle_s * 3600, handle_s[:, None]), share, within_s


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(list(ServiceLevelConvention)))
def test_service_levels(seed: int, convention: ServiceLevelConvention) -> None:
    queue, share, within_s = rows(seed)
    target = Target(service_level_share=share, threshold_s=within_s, convention=convention)
    assert required_agents(queue, target).tolist() == long_way(queue, target)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), occupancy=st.sampled_from([1e-3, 0.5, 0.8, 1.0]), alone=st.booleans())
def test_occupancy_and_abandonment(*, seed: int, occupancy: float, alone: bool) -> None:
    queue, share, within_s = rows(seed)
    parts = {} if alone else {"service_level_share": share, "threshold_s": within_s}
    target = Target(max_slot_occupancy_share=occupancy, max_abandon_share=0.0, **parts)
    assert required_agents(queue, target).tolist() == long_way(queue, target)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 5e-13, -5e-13, 2e-12, -2e-12, 1e-10, -1e-10]))
def test_ties(seed: int, slack: float) -> None:
    queue, _, within_s = rows(seed)
    load = np.asarray(queue.arrivals_per_hour) * np.ravel(queue.handle_s_by_level) / 3600
    agents = np.ceil(load + np.random.default_rng(seed).uniform(0, 3, N_ROWS) * np.sqrt(load))
    reached = np.asarray(performance(queue, agents, threshold_s=within_s).service_level(OF_ALL))
    target = Target(service_level_share=np.clip(reached + slack, 0, 1 - 1e-13), threshold_s=within_s)
    assert required_agents(queue, target).tolist() == long_way(queue, target)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_plain_numbers(seed: int) -> None:
    queue, share, within_s = rows(seed)
    together = required_agents(queue, Target(service_level_share=share, threshold_s=within_s)).tolist()
    given = zip(
        np.asarray(queue.arrivals_per_hour).tolist(),
        np.ravel(queue.handle_s_by_level).tolist(),
        share.tolist(),
        within_s.tolist(),
        together,
        strict=True,
    )
    n_by_hand = 0
    for per_hour, handle_s, level, time_s, expected in given:
        alone, target = ChatQueue(per_hour, handle_s), Target(service_level_share=level, threshold_s=time_s)
        n_by_hand += _of_plain_numbers(alone, target) is not None
        assert required_agents(alone, target) == expected
    assert n_by_hand > N_ROWS / 4


def test_hardly_a_row_takes_the_long_way() -> None:
    rng = np.random.default_rng(8)
    load = rng.uniform(0.1, 2 * BY_HAND_TO, 20_000)
    late, delay = rng.uniform(0.01, 0.6, load.size), rng.uniform(0, 0.5, load.size)
    _, close = fewest_agents(load, late, delay)
    assert close.mean() < 0.001


@pytest.mark.parametrize("plain", [True, False])
def test_nothing_to_do_and_a_lax_target(*, plain: bool) -> None:
    lax = Target(service_level_share=0.0, threshold_s=0.0)
    for per_hour, agents in ((0.0, 0), (1e-9, 1), (20.0, 2), (2000.0, 101)):
        queue = ChatQueue(per_hour if plain else [per_hour], 180.0)
        assert np.ravel(required_agents(queue, lax)).tolist() == [agents]
