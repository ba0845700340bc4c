"""The day against matrix exponentials, the steady state and brute force over profiles."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.special import gammaincc

from staffcast.core.errors import InfeasibleTargetError, ModelError, UnstableQueueError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    PatienceCurve,
    ReplyModel,
    StaffingRules,
    Target,
    day_performance,
    day_plan,
    hour_by_hour,
    lagged_agents,
    offered_load_agents,
    performance,
    required_agents,
    stationary_agents,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MILD = [480, 560, 680]
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL
EIGHTY_IN_30 = Target(service_level_share=0.8, threshold_s=30)
PEAK = ChatQueue([60, 240, 60], MILD, patience_s=180)


def by_matrix(
    desk_type: type,
    arrivals: Sequence[float],
    agents: Sequence[int],
    patience: float,
    length: float,
    top: int,
) -> list[dict[str, float]]:
    """Mean figures by Van Loan's block exponential of a chain cut at ``top``, written state by state."""
    state, found = np.eye(top + 1)[0], []
    for rate, people in zip(arrivals, agents, strict=True):
        desk = desk_type(rate, MILD, patience, people)
        slots = people * len(MILD)
        flow = np.zeros((top + 1, top + 1))
        for n in range(top + 1):
            if n < top:
                flow[n, n + 1] = rate / 3600
            if n:
                flow[n, n - 1] = (desk.close_rate(n) if people else 0.0) + max(n - slots, 0) * desk.leave_rate
        generator = flow - np.diag(flow.sum(axis=1))
        block = np.zeros((2 * top + 2, 2 * top + 2))
        block[: top + 1, : top + 1] = generator
        block[: top + 1, top + 1 :] = np.eye(top + 1)
        whole = expm(block * length)
        mean = state @ whole[: top + 1, top + 1 :] / length
        state = state @ whole[: top + 1, : top + 1]
        queue = [(n - slots, share) for n, share in enumerate(mean) if n >= slots]
        in_time = 1 - math.fsum(
            s * (1 - desk.served_after(q, 0) + desk.served_after(q, 30) if people else 1) for q, s in queue
        )
        found.append(
            {
                "wait_share": math.fsum(share for _, share in queue),
                "served_of_all": in_time,
                "virtual": 1 - math.fsum(s * (desk.still_waiting(q, 30) if people else 1) for q, s in queue),
                "asa_s": math.fsum(s * desk.virtual_wait(q) for q, s in queue) if people else math.inf,
                "mean_waiting": math.fsum(q * s for q, s in queue),
                "mean_open": math.fsum(min(n, slots) * share for n, share in enumerate(mean)),
                "n_left_at_end": float(state @ np.arange(top + 1)),
            }
        )
    return found


BUSY, GAP, NOBODY = ([60, 200, 30], [4, 6, 3]), ([80, 0, 80], [4, 1, 4]), ([100, 100, 20, 0], [5, 0, 5, 2])
USUAL = [(*BUSY, 45), (*BUSY, math.inf), (*GAP, 4000), (*NOBODY, 180)]
REST = [(*day, patience) for day in (BUSY, GAP, NOBODY) for patience in (45, 180, 4000, math.inf)]


@pytest.mark.parametrize(
    ("arrivals", "agents", "patience"),
    [*USUAL, *(pytest.param(*case, marks=pytest.mark.slow) for case in REST if case not in USUAL)],
)
def test_a_day_equals_matrix_exponentials(
    desk_type: type, arrivals: list[float], agents: list[int], patience: float
) -> None:
    exact = by_matrix(desk_type, arrivals, agents, patience, 900, top=90)
    day = day_performance(ChatQueue(arrivals, MILD, patience), agents, interval_s=900, threshold_s=30)
    for i, rate in enumerate(arrivals):
        mine = {name: getattr(day, name)[i] for name in exact[i] if hasattr(day, name)}
        mine |= {
            name: day.service_levels[ServiceLevelConvention(name)][i] for name in ("served_of_all", "virtual")
        }
        expected = exact[i]
        if rate == 0:  # nobody arrives to be served in time
            for name in ("served_of_all", "virtual", "asa_s"):
                del mine[name], expected[name]
        assert mine == pytest.approx(expected, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("patience", [0, 5, 180, math.inf])
def test_a_long_interval_reaches_the_steady_state(patience: float) -> None:
    queue = ChatQueue(60, MILD, patience)
    steady = performance(queue, 6, threshold_s=30, short_s=5)
    day = day_performance(
        ChatQueue([60] * 2, MILD, patience), 6, interval_s=[20_000, 2_000], threshold_s=30, short_s=5
    )
    for convention in ServiceLevelConvention:
        assert day.service_level(convention)[1] == pytest.approx(steady.service_level(convention), rel=1e-7)
    for name in ("wait_share", "asa_s", "abandon_share", "agent_occupancy_share", "slot_occupancy_share"):
        assert getattr(day, name)[1] == pytest.approx(getattr(steady, name), rel=1e-6)


def test_replies_of_the_day_are_those_of_its_levels() -> None:
    model = ReplyModel(work_s=40, think_s=60, turns=6)
    queue = ChatQueue.of_replies(120, model, concurrency_limit=3, patience_s=180)
    steady = performance(queue, 9, threshold_s=30, reply_within_s=90)
    rows = ChatQueue.of_replies([120, 120], model, concurrency_limit=3, patience_s=180)
    day = day_performance(rows, 9, interval_s=12_000, threshold_s=30, reply_within_s=90)
    assert day.replies_within_share[1] == pytest.approx(steady.replies_within_share, rel=1e-7)
    assert day.mean_reply_s[1] == pytest.approx(steady.mean_reply_s, rel=1e-7)
    assert day.work_occupancy_share[1] == pytest.approx(steady.work_occupancy_share, rel=1e-7)


rates = st.lists(st.floats(0, 400), min_size=1, max_size=5)


@settings(max_examples=40)
@given(
    rates,
    st.lists(st.integers(0, 15), min_size=5, max_size=5),
    st.sampled_from([0.0, 5.0, 120.0, math.inf]),
    st.integers(0, 30),
)
def test_no_chat_is_lost_and_every_share_is_one(
    arrivals: list[float], agents: list[int], patience: float, start: int
) -> None:
    day = day_performance(
        ChatQueue(arrivals, MILD, patience),
        agents[: len(arrivals)],
        interval_s=600,
        threshold_s=30,
        short_s=5,
        start_chats=start,
    )
    before = np.concatenate([[start], day.n_left_at_end[:-1]])
    lost = before + day.n_arrivals - day.n_closed - day.n_abandoned - day.n_left_at_end
    assert lost == pytest.approx(np.zeros(len(arrivals)), abs=1e-8)
    for convention in ServiceLevelConvention:
        assert np.all((day.service_level(convention) >= 0) & (day.service_level(convention) <= 1))
    for name in ("wait_share", "abandon_share", "agent_occupancy_share", "slot_occupancy_share"):
        values = getattr(day, name)
        assert np.all((values >= -1e-12) & (values <= 1 + 1e-12)), name
    assert np.all(day.asa_s >= 0)


@settings(max_examples=25)
@given(rates, st.integers(1, 14), st.integers(0, 4))
def test_an_agent_more_serves_the_interval_better(arrivals: list[float], agents: int, which: int) -> None:
    queue = ChatQueue(arrivals, MILD, 180)
    few = np.full(len(arrivals), agents)
    more = few.copy()
    more[which % few.size] += 1
    levels = [
        day_performance(queue, n, interval_s=900, threshold_s=30).service_level(OF_ALL) for n in (few, more)
    ]
    here = which % few.size  # later ones may be worse off: fewer customers have given up
    assert levels[1][here] >= levels[0][here] - 1e-9


def test_a_plan_has_the_smallest_number_in_every_interval() -> None:
    plan = day_plan(PEAK, EIGHTY_IN_30, interval_s=900)
    assert np.all(plan.service_level(OF_ALL) >= 0.8)
    for i in range(3):
        fewer = plan.agents.copy()
        fewer[i] -= 1
        day = day_performance(PEAK, fewer, interval_s=900, threshold_s=30)
        assert day.service_level(OF_ALL)[i] < 0.8


def test_a_plan_works_off_what_it_finds_and_what_is_left() -> None:
    queue = ChatQueue([0, 120, 0, 0], MILD, 180)
    plan = day_plan(queue, EIGHTY_IN_30, interval_s=1800, start_chats=9)
    assert plan.agents[0] == 3  # a slot for each of the nine
    left = plan.n_left_at_end[1]
    assert plan.agents[2] * 3 >= left
    assert plan.service_level(OF_ALL)[2] >= 0.8
    empty = day_plan(ChatQueue([0, 0], MILD, 180), EIGHTY_IN_30, interval_s=900)
    assert empty.agents.tolist() == [0, 0]
    assert empty.day_service_level(OF_ALL) == 1


def test_all_parts_of_a_target_hold_all_day() -> None:
    model = ReplyModel(work_s=40, think_s=60, turns=6)
    queue = ChatQueue.of_replies([40, 160, 80], model, concurrency_limit=3, patience_s=180)
    target = Target(
        service_level_share=0.8, threshold_s=30, reply_share=0.75, reply_within_s=90, max_abandon_share=0.05
    )
    plan = day_plan(queue, target, interval_s=1800)
    assert np.all(plan.service_level(OF_ALL) >= 0.8)
    assert np.all(plan.replies_within_share >= 0.75)
    assert np.all(plan.abandon_share <= 0.05)
    assert np.all(plan.agents >= day_plan(queue, EIGHTY_IN_30, interval_s=1800).agents)
    with pytest.raises(InfeasibleTargetError, match="cannot be met"):
        day_plan(queue, Target(reply_share=0.95, reply_within_s=90), interval_s=1800)


@pytest.mark.parametrize(
    "rules",
    [
        StaffingRules(min_agents=5),
        StaffingRules(min_agents=[0, 14, 9]),
        StaffingRules(max_rise=3),
        StaffingRules(max_fall=2),
        StaffingRules(min_agents=2, max_rise=4, max_fall=1),
    ],
)
def test_a_plan_keeps_its_rules_and_the_target(rules: StaffingRules) -> None:
    plan = day_plan(PEAK, EIGHTY_IN_30, interval_s=1800, rules=rules)
    assert np.all(plan.agents >= rules.min_agents)
    change = np.diff(plan.agents)
    assert rules.max_rise is None or change.max() <= rules.max_rise
    assert rules.max_fall is None or change.min() >= -rules.max_fall
    assert np.all(plan.service_level(OF_ALL) >= 0.8 - 1e-12)


def test_on_average_costs_no_more_than_the_best_of_all_profiles() -> None:
    queue = ChatQueue([30, 120, 40], MILD, 180)
    plan = day_plan(queue, EIGHTY_IN_30, interval_s=1800, on_average=True)
    assert plan.day_service_level(OF_ALL) >= 0.8 - 1e-12
    best = min(
        sum(profile)
        for profile in itertools.product(range(1, 5), range(4, 9), range(1, 7))
        if day_performance(queue, profile, interval_s=1800, threshold_s=30).day_service_level(OF_ALL) >= 0.8
    )
    assert plan.agents.sum() <= best + 1
    every = day_plan(queue, EIGHTY_IN_30, interval_s=1800)
    assert plan.agents.sum() <= every.agents.sum()
    strict = StaffingRules(min_agents=3)
    kept = day_plan(queue, EIGHTY_IN_30, interval_s=1800, on_average=True, rules=strict)
    assert kept.agents.min() >= 3


def test_hour_by_hour_misses_what_comes_after_a_peak() -> None:
    found = hour_by_hour(PEAK, EIGHTY_IN_30, interval_s=1800)
    assert found.agents.tolist() == stationary_agents(PEAK, EIGHTY_IN_30).tolist()
    promised = found.promised.service_level(OF_ALL)
    assert np.all(np.asarray(promised) >= 0.8)
    assert found.missed.tolist() == [False, False, True]
    assert found.service_level_gap[2] > 0.2
    waits = found.actual.wait_share[2] / np.asarray(found.promised.wait_share)[2]
    assert waits > 2


def test_offered_load_equals_its_integral() -> None:
    """With one chat at a time the handle time is one number, so the load can be integrated apart."""
    rates = np.array([10, 80, 40, 0, 60])
    queue = ChatQueue(rates, 600, 180)
    found = offered_load_agents(queue, EIGHTY_IN_30, interval_s=900)
    fine = np.repeat(rates / 3600, 9000)
    load = np.zeros(fine.size + 1)
    for i, rate in enumerate(fine):
        load[i + 1] = load[i] + 0.1 * (rate - load[i] / 600)
    means = load[:-1].reshape(5, 9000).mean(axis=1)
    assert (
        found.tolist()
        == np.asarray(required_agents(ChatQueue(means / 600 * 3600, 600, 180), EIGHTY_IN_30)).tolist()
    )


def test_lag_moves_the_arrivals_by_a_handle_time() -> None:
    queue = ChatQueue([12, 120, 12, 12], 900, 180)
    lagged = lagged_agents(queue, EIGHTY_IN_30, interval_s=900)
    shifted = required_agents(ChatQueue([0, 12, 120, 12], 900, 180), EIGHTY_IN_30)
    assert lagged.tolist() == np.asarray(shifted).tolist()


def test_approximations_agree_with_the_exact_plan_on_a_quiet_day() -> None:
    queue = ChatQueue([100] * 30, MILD, 180)
    exact = day_plan(queue, EIGHTY_IN_30, interval_s=1800).agents
    for agents in (
        stationary_agents(queue, EIGHTY_IN_30),
        lagged_agents(queue, EIGHTY_IN_30, interval_s=1800),
        offered_load_agents(queue, EIGHTY_IN_30, interval_s=1800),
    ):
        assert agents[-5:].tolist() == exact[-5:].tolist()


def test_nobody_without_patience_ever_waits() -> None:
    day = day_performance(ChatQueue([600], [300], 0), 20, interval_s=1800, threshold_s=10, start_chats=40)
    assert day.mean_waiting[0] == pytest.approx(0, abs=1e-12)
    assert day.n_abandoned[0] >= 20


def test_a_pure_birth_day_counts_poisson_arrivals() -> None:
    day = day_performance(ChatQueue([40], MILD), 0, interval_s=3600, threshold_s=30)
    assert day.n_left_at_end[0] == pytest.approx(40, rel=1e-12)
    assert day.wait_share[0] == 1
    assert day.asa_s[0] == math.inf
    assert float(gammaincc(1, 40)) < 1e-17


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: day_performance(ChatQueue(60, MILD), 5, interval_s=900, threshold_s=30), "is no day"),
        (lambda: day_performance(PEAK, [5, 6], interval_s=900, threshold_s=30), "agents: shape"),
        (lambda: day_performance(PEAK, 5.5, interval_s=900, threshold_s=30), "not whole"),
        (lambda: day_performance(PEAK, 5, interval_s=0, threshold_s=30), "interval_s"),
        (lambda: day_performance(PEAK, 5, interval_s=[900, 900], threshold_s=30), "interval_s"),
        (lambda: day_performance(PEAK, 5, interval_s=900, threshold_s=-1), "threshold_s"),
        (
            lambda: day_performance(PEAK, 5, interval_s=900, threshold_s=30, reply_within_s=60),
            "needs a reply model",
        ),
        (
            lambda: day_performance(PEAK, 5, interval_s=900, threshold_s=30, start_chats=1.5),
            "start_chats",
        ),
        (
            lambda: day_performance(ChatQueue([60], MILD, 1e-6), 5, interval_s=900, threshold_s=30),
            "too long for its rates",
        ),
        (lambda: StaffingRules(min_agents=1.5), "min_agents: not whole"),
        (lambda: StaffingRules(max_rise=0), "max_rise: 0"),
        (
            lambda: day_plan(PEAK, EIGHTY_IN_30, interval_s=900, rules=StaffingRules(min_agents=[1, 2])),
            "min_agents: shape",
        ),
        (lambda: day_plan(PEAK, Target(max_asa_s=[1, 2]), interval_s=900), "target: has rows"),
        (lambda: day_plan(PEAK, Target(max_asa_s=9), interval_s=900, on_average=True), "on_average"),
        (lambda: hour_by_hour(PEAK, Target(max_asa_s=9), interval_s=900), "not one service level"),
    ],
)
def test_what_is_no_day_is_refused(call: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        call()


def test_rates_near_the_smallest_float_are_none() -> None:
    day = day_performance(ChatQueue([2.3e-313, 1e-290], MILD), [0, 1], interval_s=900, threshold_s=30)
    assert np.all(np.isfinite(day.service_level(ServiceLevelConvention.SERVED_OF_ALL)))
    assert day.n_left_at_end.sum() < 1e-280


PEAK_AT_MIDNIGHT = [240, 120, 60, 60, 120, 240, 300, 300]


@pytest.mark.parametrize(
    "patience",
    [180.0, math.inf, PatienceCurve.steps([5, 60, 300], [0.9, 0.5, 0.0])],
    ids=["mean", "endless", "steps"],
)
def test_a_day_that_repeats_is_the_last_of_several_in_one_piece(patience: float | PatienceCurve) -> None:
    agents = [14, 10, 6, 5, 9, 15, 18, 20]
    one = day_performance(
        ChatQueue(PEAK_AT_MIDNIGHT, MILD, patience), agents, interval_s=1800, threshold_s=30, cyclic=True
    )
    n = 3 if isinstance(patience, PatienceCurve) else 24
    many = day_performance(
        ChatQueue(PEAK_AT_MIDNIGHT * n, MILD, patience), agents * n, interval_s=1800, threshold_s=30
    )
    for convention in ServiceLevelConvention:
        assert one.service_level(convention) == pytest.approx(many.service_level(convention)[-8:], abs=1e-8)
    assert one.n_left_at_end == pytest.approx(many.n_left_at_end[-8:], abs=1e-6)
    empty = day_performance(
        ChatQueue(PEAK_AT_MIDNIGHT, MILD, patience), agents, interval_s=1800, threshold_s=30
    )
    assert one.service_level(OF_ALL)[0] < empty.service_level(OF_ALL)[0] - 0.05


@pytest.mark.parametrize("on_average", [False, True])
def test_the_plan_of_a_day_that_repeats_holds_in_three_in_one_piece(on_average: bool) -> None:  # noqa: FBT001 - a parameter of the test
    rates = [100, 30, 30, 120]
    target = Target(service_level_share=0.8, threshold_s=30)
    plan = day_plan(ChatQueue(rates, MILD, 180), target, interval_s=1800, cyclic=True, on_average=on_average)
    three = day_performance(
        ChatQueue(rates * 3, MILD, 180), np.tile(plan.agents, 3), interval_s=1800, threshold_s=30
    )
    last = three.service_level(OF_ALL)[-4:]
    assert plan.service_level(OF_ALL) == pytest.approx(last, abs=1e-8)
    assert last @ rates / sum(rates) >= 0.8 - 1e-9
    if not on_average:
        assert last.min() >= 0.8 - 1e-9
        apart = day_plan(ChatQueue(rates, MILD, 180), target, interval_s=1800)
        assert plan.agents[0] > apart.agents[0]


def test_chats_that_pile_up_from_day_to_day_are_said() -> None:
    with pytest.raises(UnstableQueueError, match="pile up"):
        day_performance(ChatQueue([60, 60], 600), 1, interval_s=1800, threshold_s=30, cyclic=True)
