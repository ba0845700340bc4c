"""The exact chain against a chain written state by state, published cases and the models it contains."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    PatienceCurve,
    Routing,
    check_routing,
    exact_performance,
    performance,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MILD = [480, 560, 680]
STRONG = [600, 900, 1300, 1800]
TURNING = [480, 560, 1200]
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL
State = tuple[tuple[int, ...], int]


def moves(
    state: State, rate: float, handle: Sequence[float], leave: float, rule: str
) -> Iterator[tuple[State, float]]:
    """Events of a desk whose agents are told apart by nothing but their number of chats."""
    chats, waiting = state
    limit = len(handle)
    free = [held for held in chats if held < limit]

    def with_one(held: int, change: int, queue: int) -> State:
        rest = list(chats)
        rest.remove(held)
        return tuple(sorted([*rest, held + change])), queue

    if not free:
        yield (chats, waiting + 1), rate
    elif rule == "random_free":
        for held, number in Counter(free).items():
            yield with_one(held, 1, waiting), rate * number / len(free)
    else:
        yield with_one(min(free) if rule == "least_loaded" else max(free), 1, waiting), rate
    for held, number in Counter(chats).items():
        if held:
            out = number * held / handle[held - 1]
            yield ((chats, waiting - 1) if waiting else with_one(held, -1, 0)), out
    if waiting:
        yield (chats, waiting - 1), waiting * leave


def stationary(
    rate: float, handle: Sequence[float], patience: float, agents: int, rule: str, longest: int
) -> dict[State, float]:
    """Solve the chain with its queue cut at ``longest``, found by walking from the empty desk."""
    empty: State = ((0,) * agents, 0)
    number, todo, flows = {empty: 0}, [empty], []
    while todo:
        state = todo.pop()
        for after, flow in moves(state, rate, handle, 1 / patience, rule):
            if after[1] <= longest:
                if after not in number:
                    number[after] = len(number)
                    todo.append(after)
                flows.append((number[state], number[after], flow))
    balance = np.zeros((len(number), len(number)))
    for source, target, flow in flows:
        balance[target, source] += flow
        balance[source, source] -= flow
    balance[-1] = 1
    shares = np.linalg.solve(balance, np.eye(len(number))[-1])
    return {state: shares[index] for state, index in number.items()}


@pytest.mark.parametrize("rule", list(Routing))
@pytest.mark.parametrize(
    ("rate", "handle", "patience", "agents"),
    [
        (0.02, MILD, 120, 5),
        (0.03, MILD, 120, 4),
        (0.001, MILD, 60, 3),
        (0.006, STRONG, 300, 3),
        (0.02, TURNING, 120, 5),
        (0.02, [480, 700], 90, 6),
        (0.01, [900, 500, 450], 240, 3),
        (0.01, MILD, 240, 1),
    ],
)
def test_every_figure_equals_the_chain_state_by_state(
    desk_type: type, rule: Routing, rate: float, handle: list[float], patience: float, agents: int
) -> None:
    shares = stationary(rate, handle, patience, agents, rule, longest=60)
    slots = agents * len(handle)
    desk = desk_type(rate * 3600, handle, patience, agents)
    full = {state: share for state, share in shares.items() if sum(state[0]) == slots}
    exact = {
        "wait_share": math.fsum(full.values()),
        "mean_wait_s": math.fsum(share * state[1] for state, share in shares.items()) / rate,
        "abandon_share": math.fsum(s * (1 - desk.served_after(q, 0)) for (_, q), s in full.items()),
        "agent_occupancy_share": math.fsum(
            share * sum(held > 0 for held in state[0]) for state, share in shares.items()
        )
        / agents,
        "slot_occupancy_share": math.fsum(share * sum(state[0]) for state, share in shares.items()) / slots,
        "virtual": 1 - math.fsum(s * desk.still_waiting(q, 30) for (_, q), s in full.items()),
        "served_of_all": 1
        - math.fsum(
            s * (1 - desk.served_after(q, 0) + desk.served_after(q, 30)) for (_, q), s in full.items()
        ),
    }
    mine = exact_performance(ChatQueue(rate * 3600, handle, patience), agents, threshold_s=30, routing=rule)
    named = {name: getattr(mine, name) for name in exact if hasattr(mine, name)}
    named |= {name: mine.service_level(ServiceLevelConvention(name)) for name in ("virtual", "served_of_all")}
    assert named == pytest.approx(exact, rel=1e-9, abs=1e-12)
    levels = [
        math.fsum(share * state[0].count(k) for state, share in shares.items()) / agents
        for k in range(len(handle) + 1)
    ]
    assert mine.level_shares == pytest.approx(levels, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("agents", "load", "handle", "balanced", "least", "at_random", "fullest"),
    [
        (5, 0.6, MILD, 0.9907, 0.9900, 0.9874, 0.9839),
        (5, 0.9, MILD, 0.8558, 0.8515, 0.8436, 0.8353),
        (10, 0.9, MILD, 0.9137, 0.9105, 0.9021, 0.8926),
        (20, 1.0, MILD, 0.8633, 0.8613, 0.8551, 0.8470),
        (10, 1.0, STRONG, 0.9502, 0.9437, 0.9058, 0.8686),
        (9, 1.0, TURNING, 0.9899, 0.9828, 0.9213, 0.8646),
    ],
)
def test_who_gets_the_next_chat_matters_more_than_balance(
    agents: int,
    load: float,
    handle: list[float],
    balanced: float,
    least: float,
    at_random: float,
    fullest: float,
) -> None:
    queue = ChatQueue(load * agents * len(handle) / handle[-1] * 3600, handle, 120)
    checks = [check_routing(queue, agents, threshold_s=30, routing=rule) for rule in Routing]
    assert [check.exact.service_level(OF_ALL) for check in checks] == pytest.approx(
        [least, at_random, fullest], abs=6e-5
    )
    assert checks[0].service_level_error(OF_ALL) == pytest.approx(balanced - least, abs=1.1e-4)
    assert checks[0].asa_error_s < 0
    assert checks[0].n_states == math.comb(agents + len(handle), len(handle))


def test_without_abandonment_it_is_off_by_most() -> None:
    queue = ChatQueue(0.9 * 15 / 680 * 3600, MILD)
    levels = [
        exact_performance(queue, 5, threshold_s=30, routing=rule).service_level(OF_ALL) for rule in Routing
    ]
    assert levels == pytest.approx([0.5044, 0.4892, 0.4740], abs=6e-5)


@pytest.mark.parametrize("rule", list(Routing))
def test_flat_handle_times_make_every_rule_equal(rule: Routing) -> None:
    check = check_routing(ChatQueue(97.2, [500] * 3, 120), 5, threshold_s=30, short_s=5, routing=rule)
    for convention in ServiceLevelConvention:
        assert check.service_level_error(convention) == pytest.approx(0, abs=1e-11)
    assert check.asa_error_s == pytest.approx(0, abs=1e-9)


def test_a_curve_of_patience_works_with_every_rule() -> None:
    curve = PatienceCurve.smooth(lambda u: np.exp(-u / 120))
    for rule in Routing:
        drawn = exact_performance(ChatQueue(71, MILD, curve), 5, threshold_s=30, routing=rule)
        named = exact_performance(ChatQueue(71, MILD, 120), 5, threshold_s=30, routing=rule)
        assert drawn.asa_s == pytest.approx(named.asa_s, rel=1e-10)


@pytest.mark.parametrize(
    ("queue", "agents"),
    [
        (ChatQueue(60, 300, 60), 5),
        (ChatQueue(0, MILD), 5),
        (ChatQueue(60, MILD, 60), 0),
        (ChatQueue(600, MILD), 5),
    ],
)
def test_where_nothing_can_be_unbalanced_it_is_the_balanced_model(queue: ChatQueue, agents: int) -> None:
    check = check_routing(queue, agents, threshold_s=30)
    assert check.exact.service_levels == check.balanced.service_levels
    assert check.asa_error_s == 0


def test_tiny_and_huge_loads_stay_in_range() -> None:
    for rate in (1e-200, 1e-9, 1e9):
        desk = exact_performance(ChatQueue(rate, STRONG, 60), 4, threshold_s=30)
        levels = [desk.service_level(convention) for convention in ServiceLevelConvention]
        assert all(0 <= float(level) <= 1 for level in levels)
        assert 0 <= float(desk.abandon_share) <= 1


@pytest.mark.parametrize(
    ("queue", "agents", "rule", "message"),
    [
        (ChatQueue([60, 70], MILD, 60), 5, "least_loaded", "one queue at a time"),
        (ChatQueue(60, MILD, 60), 5.5, "least_loaded", "not whole"),
        (ChatQueue(60, MILD, 60), 200, "least_loaded", "1,373,701 states are too many"),
        (ChatQueue(60, MILD, 60), 5, "fullest", "did you mean 'fullest_first'"),
        (ChatQueue(60, MILD, 60), -1, "least_loaded", "agents"),
    ],
)
def test_what_the_chain_cannot_do_is_refused(
    queue: ChatQueue, agents: float, rule: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        exact_performance(queue, agents, threshold_s=30, routing=rule)


@pytest.mark.slow
def test_a_hundred_thousand_states() -> None:
    queue = ChatQueue(0.95 * 240 / 680 * 3600, MILD, 120)
    check = check_routing(queue, 80, threshold_s=30)
    assert check.n_states == 91_881
    assert 0 < check.service_level_error(OF_ALL) < 5e-4


def test_performance_is_between_no_desk_and_all_desks() -> None:
    """The least loaded rule is the closest to balance."""
    queue = ChatQueue(71, MILD, 120)
    levels = [
        exact_performance(queue, 5, threshold_s=30, routing=rule).service_level(OF_ALL) for rule in Routing
    ]
    balanced = performance(queue, 5, threshold_s=30).service_level(OF_ALL)
    assert [balanced, *levels] == sorted([balanced, *levels], reverse=True)
