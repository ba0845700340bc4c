"""Parked threads that go back to their own agents: one agent exactly, no returns, and the edges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from staffcast.core.errors import InfeasibleTargetError, ModelError, UnstableQueueError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ParkedThreads,
    ReplyModel,
    Target,
    performance,
    required_agents_sticky,
    sticky_performance,
)
from staffcast.staffing.sticky import _balanced, sticky_desk

REPLIES = ReplyModel(work_s=40, think_s=60, turns=6)
THREADS = ParkedThreads(replies=REPLIES, park_after_s=300, long_share=0.2, long_think_s=3600)
KEPT = ParkedThreads(replies=REPLIES, park_after_s=math.inf)
TARGET = Target(service_level_share=0.8, threshold_s=30)
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL


def one_agent(
    limit: int, new: float, back: float, leave: float, most: int = 22, line: int = 14
) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray]:
    """Stationary shares of one agent's chats and line, from the balance of every state."""
    handle_s = THREADS.visit.handle_s_by_level(most)
    states = [(chats, 0) for chats in range(most + 1)]
    states += [(chats, waiting) for chats in range(limit, most + 1) for waiting in range(1, line + 1)]
    index = {state: i for i, state in enumerate(states)}
    flow = np.zeros((len(states), len(states)))
    for (chats, waiting), i in index.items():
        closed = chats / handle_s[chats - 1] if chats else 0.0
        moves = [
            ((chats + 1, waiting), back),
            ((chats, waiting + 1) if chats >= limit else (chats + 1, 0), new),
            ((chats, waiting - 1), waiting * leave),
            ((chats, waiting - 1) if chats <= limit and waiting else (chats - 1, waiting), closed),
        ]
        for state, rate in moves:
            if state in index and rate:
                flow[i, index[state]] += rate
                flow[i, i] -= rate
    balance = flow.T.copy()
    balance[0] = 1.0
    return np.linalg.solve(balance, np.eye(len(states))[0]), states, handle_s


@pytest.mark.parametrize(("limit", "per_hour", "patience_s"), [(1, 8, 180), (3, 12, 90), (2, 5, 600)])
def test_one_agent_is_exact(limit: int, per_hour: float, patience_s: float) -> None:
    new, leave = per_hour / 3600, 1 / patience_s
    desk = sticky_desk(THREADS, new, 1, limit=limit, patience_s=patience_s)
    back = desk.rates.return_rate
    assert back == pytest.approx(new * (1 - desk.abandon_share) * (THREADS.visits - 1), rel=1e-9)
    shares, states, handle_s = one_agent(limit, new, back, leave)
    chats, waiting = np.array(states).T
    assert desk.wait_share == pytest.approx(shares[chats >= limit].sum(), rel=1e-8)
    assert desk.mean_waiting == pytest.approx(shares @ waiting, rel=1e-7)
    for level in range(6):
        assert desk.level_shares[level] == pytest.approx(shares[chats == level].sum(), rel=1e-7)

    found = sticky_performance(
        THREADS, per_hour, 1, concurrency_limit=limit, patience_s=patience_s, threshold_s=45, short_s=10
    )
    late, served = tagged(shares, states, handle_s, limit, back, leave, 45.0)
    assert found.service_level(ServiceLevelConvention.VIRTUAL) == pytest.approx(1 - late, rel=1e-8)
    in_time = 1 - found.wait_share + served
    assert found.service_level(OF_ALL) == pytest.approx(in_time, rel=1e-8)
    still = late * math.exp(-45 * leave)
    assert found.service_level(ServiceLevelConvention.WAIT_WITHIN) == pytest.approx(1 - still, rel=1e-8)
    late_10, served_10 = tagged(shares, states, handle_s, limit, back, leave, 10.0)
    left_10 = found.wait_share - served_10 - late_10 * math.exp(-10 * leave)
    without_short = found.service_level(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS)
    assert without_short == pytest.approx(in_time / (1 - left_10), rel=1e-8)


def tagged(
    shares: np.ndarray,
    states: list[tuple[int, int]],
    handle_s: np.ndarray,
    limit: int,
    back: float,
    leave: float,
    within_s: float,
) -> tuple[float, float]:
    """Of all who come: still waiting if endlessly patient, and picked up though free to leave."""
    waits = [(state, share) for state, share in zip(states, shares, strict=True) if state[0] >= limit]
    index = {state: i for i, (state, _) in enumerate(waits)}
    flow, done = np.zeros((len(waits) + 1, len(waits) + 1)), len(waits)
    for (chats, ahead), i in index.items():
        closed = chats / handle_s[chats - 1]
        next_one = (chats, ahead - 1) if ahead else None
        down = (chats - 1, ahead) if chats > limit else next_one
        moves = [(down, closed), ((chats + 1, ahead), back), ((chats, ahead - 1), ahead * leave)]
        for state, rate in moves:
            if rate and (state is None or state in index):
                flow[i, done if state is None else index[state]] += rate
                flow[i, i] -= rate
    start = np.array([share for _, share in waits] + [0.0])
    late = float((start @ expm(flow * within_s))[:-1].sum())
    flow[:done, :done] -= leave * np.eye(done)
    return late, float((start @ expm(flow * within_s))[-1])


@pytest.mark.parametrize(("agents", "limit", "patience_s"), [(8, 3, 180), (9, 2, math.inf), (12, 1, 60)])
def test_without_parking_it_is_the_pooled_queue(agents: int, limit: int, patience_s: float) -> None:
    per_hour = 90.0 if limit == 3 else 60.0
    found = sticky_performance(
        KEPT,
        per_hour,
        agents,
        concurrency_limit=limit,
        patience_s=patience_s,
        threshold_s=30,
        reply_within_s=90,
    )
    pooled = performance(
        KEPT.queue(per_hour, concurrency_limit=limit, patience_s=patience_s),
        agents,
        threshold_s=30,
        reply_within_s=90,
    )
    for name in ServiceLevelConvention:
        assert found.service_level(name) == pytest.approx(float(pooled.service_level(name)), rel=1e-7)
    for name in ("wait_share", "mean_wait_s", "replies_within_share", "mean_reply_s", "work_occupancy_share"):
        assert getattr(found, name) == pytest.approx(float(getattr(pooled, name)), rel=1e-7), name
    assert found.abandon_share == pytest.approx(float(pooled.abandon_share), rel=1e-7, abs=1e-12)
    assert found.over_limit_share == 0


def test_agents_above_the_limit_are_independent_on_a_full_desk() -> None:
    """Three agents: their shares given the sum are those of three queues multiplied out."""
    desk = sticky_desk(THREADS, 30 / 3600, 3, limit=2, patience_s=180)
    rates = desk.rates
    one = np.cumprod(np.append(1.0, rates.return_rate / 3 / rates.throughput[2:]))
    for above in (1, 4):
        weight = {
            held: np.prod(one[list(held)])
            for held in itertools.product(range(above + 1), repeat=3)
            if sum(held) == above
        }
        none = sum(w for held, w in weight.items() if held[0] == 0) / sum(weight.values())
        assert rates.above[above, 0] == pytest.approx(none, rel=1e-12)
        closed = sum(w * sum(rates.throughput[1 + j] for j in held if j) for held, w in weight.items()) / sum(
            weight.values()
        )
        assert rates.close_above[above] == pytest.approx(closed, rel=1e-12)


@settings(max_examples=25)
@given(
    st.floats(1, 60),
    st.integers(1, 8),
    st.integers(1, 4),
    st.sampled_from([0.0, 5.0, 180.0, 3600.0]),
    st.floats(0, 0.6),
)
def test_shares_are_shares_and_agents_help(
    per_hour: float, agents: int, limit: int, patience_s: float, long_share: float
) -> None:
    threads = ParkedThreads(replies=REPLIES, park_after_s=300, long_share=long_share, long_think_s=3600)
    ask = {
        "concurrency_limit": limit, "patience_s": patience_s, "threshold_s": 30, "short_s": 5,
        "reply_within_s": 90,
    }  # fmt: skip
    try:
        fewer, more = (sticky_performance(threads, per_hour, n, **ask) for n in (agents, agents + 1))
    except UnstableQueueError:
        return
    for found in (fewer, more):
        shares = [
            *found.service_levels.values(),
            found.wait_share,
            found.abandon_share,
            found.over_limit_share,
        ]
        shares += [found.replies_within_share, found.work_occupancy_share]
        assert all(0 <= share <= 1 + 1e-12 for share in shares)
        assert 0 <= found.mean_wait_s <= patience_s
        assert found.level_shares.sum() == pytest.approx(1)
    assert more.service_level(OF_ALL) >= fewer.service_level(OF_ALL) - 1e-9
    assert more.wait_share <= fewer.wait_share + 1e-9


def test_the_smallest_number_meets_the_target_and_one_less_does_not() -> None:
    both = Target(service_level_share=0.8, threshold_s=30, reply_share=0.6, reply_within_s=60)
    ask = {"concurrency_limit": 3, "patience_s": 180.0}
    agents = required_agents_sticky(THREADS, 60, both, **ask)
    met, missed = (
        sticky_performance(THREADS, 60, n, threshold_s=30, reply_within_s=60, **ask)
        for n in (agents, agents - 1)
    )
    assert met.service_level(OF_ALL) >= 0.8
    assert met.replies_within_share >= 0.6
    assert missed.service_level(OF_ALL) < 0.8 or missed.replies_within_share < 0.6
    assert required_agents_sticky(THREADS, 60, TARGET, **ask) <= agents
    assert required_agents_sticky(THREADS, 0, TARGET, **ask) == 0
    patient = required_agents_sticky(THREADS, 60, TARGET, concurrency_limit=3)
    assert patient >= required_agents_sticky(THREADS, 60, TARGET, **ask)


def test_nobody_at_work_and_nothing_to_do() -> None:
    ask = {"concurrency_limit": 3, "threshold_s": 30, "reply_within_s": 90}
    nobody = sticky_performance(THREADS, 60, 0, patience_s=180, **ask)
    assert (nobody.service_level(OF_ALL), nobody.abandon_share, nobody.mean_wait_s) == (0, 1, 180)
    quiet = sticky_performance(THREADS, 0, 4, **ask)
    assert (quiet.service_level(OF_ALL), quiet.abandon_share, quiet.mean_wait_s) == (1, 0, 0)
    assert quiet.replies_within_share == pytest.approx(1 - math.exp(-90 / 40))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UnstableQueueError, match="come"):
        sticky_performance(THREADS, 200, 5, concurrency_limit=3, threshold_s=30)
    with pytest.raises(ModelError, match="desk as large as this"):
        sticky_performance(THREADS, 6_000, 500, concurrency_limit=3, threshold_s=30)
    with pytest.raises(ModelError, match="has rows"):
        sticky_performance(THREADS, [60, 70], 5, concurrency_limit=3, threshold_s=30)
    with pytest.raises(ModelError, match="of one row"):
        required_agents_sticky(THREADS, 60, Target(max_asa_s=20), concurrency_limit=3)
    impossible = Target(reply_share=0.95, reply_within_s=5)
    with pytest.raises(InfeasibleTargetError):
        required_agents_sticky(THREADS, 60, impossible, concurrency_limit=3)


@pytest.mark.parametrize("agents", [1, 3])
def test_as_many_threads_as_agents_can_close_are_too_many_whatever_the_rounding(agents: int) -> None:
    always_parked = ParkedThreads(replies=REPLIES, park_after_s=0)
    per_hour = agents * 3600 / REPLIES.effort_s
    with pytest.raises(UnstableQueueError):
        sticky_performance(always_parked, per_hour, agents, concurrency_limit=2, threshold_s=30)
    more = required_agents_sticky(always_parked, per_hour, Target(max_abandon_share=1), concurrency_limit=2)
    assert more == agents + 1


@pytest.mark.parametrize(("agents", "limit", "per_hour"), [(1, 1, 5), (3, 2, 20), (6, 3, 60)])
def test_an_endless_line_is_what_ever_longer_ones_tend_to(agents: int, limit: int, per_hour: float) -> None:
    found = sticky_desk(THREADS, per_hour / 3600, agents, limit=limit, patience_s=math.inf)
    ending = _balanced(found.rates, 400)
    n_rows = min(400, len(found.waiting))
    assert found.within == pytest.approx(ending[: found.rates.n_slots], abs=1e-10)
    assert found.waiting[:n_rows] == pytest.approx(ending[found.rates.n_slots :][:n_rows], abs=1e-10)
    assert found.waiting[-1].sum() < 1e-11


def test_a_desk_near_its_capacity_is_solved_or_said_to_be_too_near() -> None:
    waits, said = [], ""
    for per_hour in np.arange(24.0, 40.0, 0.25):
        try:
            found = sticky_performance(THREADS, per_hour, 3, concurrency_limit=2, threshold_s=30)
        except UnstableQueueError as error:
            said = str(error)
            break
        waits.append(found.mean_wait_s)
    assert "add agents" in said
    assert np.all(np.diff(waits) > 0)
    assert waits[-1] > 20 * waits[0]


@settings(max_examples=20, deadline=None)
@given(st.floats(1, 40), st.sampled_from([0.3, 0.5, 0.8]), st.sampled_from([20.0, 600.0]), st.integers(1, 4))
def test_some_number_of_agents_is_found_however_lax_the_target(
    per_hour: float, share: float, within_s: float, limit: int
) -> None:
    lax = Target(service_level_share=share, threshold_s=within_s)
    agents = required_agents_sticky(THREADS, per_hour, lax, concurrency_limit=limit)
    found = sticky_performance(THREADS, per_hour, agents, concurrency_limit=limit, threshold_s=within_s)
    assert found.service_level(OF_ALL) >= share - 1e-12
