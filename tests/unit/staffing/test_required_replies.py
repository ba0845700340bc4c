"""Agents for a reply target, the best limit for one, and what the number hangs on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    ReplyModel,
    Target,
    best_concurrency,
    performance,
    required_agents,
    required_agents_fractional,
    sensitivity,
)

BASE = ReplyModel(work_s=40, think_s=60, turns=6)
ACCEPT = Target(service_level_share=0.8, threshold_s=30)
REPLY = Target(reply_share=0.8, reply_within_s=90)
BOTH = Target(service_level_share=0.8, threshold_s=30, reply_share=0.8, reply_within_s=90)


def desk(limit: int, arrivals: float = 120) -> ChatQueue:
    return ChatQueue.of_replies(arrivals, BASE, concurrency_limit=limit, patience_s=180)


@pytest.mark.parametrize(
    ("limit", "accept", "both"), [(2, 12, 12), (3, 9, 13), (4, 9, 13), (5, 8, 13), (6, 8, 13)]
)
def test_a_reply_target_takes_more_agents_than_quick_accepts(limit: int, accept: int, both: int) -> None:
    assert required_agents(desk(limit), ACCEPT) == accept
    assert required_agents(desk(limit), BOTH) == both


def test_quick_accepts_with_many_chats_mean_slow_replies() -> None:
    shares = [
        performance(desk(limit), agents, threshold_s=30, reply_within_s=90).replies_within_share
        for limit, agents in ((3, 9), (5, 8))
    ]
    assert shares == pytest.approx([0.69, 0.43], abs=0.006)


@pytest.mark.parametrize("target", [REPLY, BOTH, Target(max_work_occupancy_share=0.7)])
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_the_smallest_number_meets_the_target(limit: int, target: Target) -> None:
    rates = np.array([0, 3, 60, 400])
    found = np.asarray(required_agents(desk(limit, rates), target))
    fractional = np.asarray(required_agents_fractional(desk(limit, rates), target))
    assert np.all((fractional <= found) & (fractional > found - 1))
    for rate, agents in zip(rates, found, strict=True):
        for n in range(max(agents - 3, 0), agents + 2):
            one = performance(desk(limit, rate), n, threshold_s=30, reply_within_s=90)
            level = one.service_level(ServiceLevelConvention.SERVED_OF_ALL)
            met = (
                (target.service_level_share is None or level >= 0.8 - 1e-12)
                and (target.reply_share is None or one.replies_within_share >= 0.8 - 1e-12)
                and (target.max_work_occupancy_share is None or one.work_occupancy_share <= 0.7 + 1e-12)
            )
            assert met == (n >= agents)


@given(
    st.floats(5, 200),
    st.floats(0, 600),
    st.floats(1, 20),
    st.floats(0, 200),
    st.floats(1, 500),
    st.integers(1, 6),
    st.floats(1, 400),
    st.floats(1, 1000) | st.just(math.inf),
)
def test_every_agent_quickens_the_replies(
    work: float,
    think: float,
    turns: float,
    wrap_up: float,
    rate: float,
    limit: int,
    within: float,
    patience: float,
) -> None:
    """From as many agents as there is work: in a crowd that leaves at once, one alone idles more than two."""
    model = ReplyModel(work_s=work, think_s=think, turns=turns, wrap_up_s=wrap_up)
    queue = ChatQueue.of_replies(rate, model, concurrency_limit=limit, patience_s=patience)
    enough = math.ceil(rate / 3600 * model.effort_s)
    found = performance(queue, np.arange(enough, enough + 15), threshold_s=30, reply_within_s=within)
    shares, means = np.asarray(found.replies_within_share), np.asarray(found.mean_reply_s)
    busy = np.asarray(found.work_occupancy_share)
    assert np.all((shares >= 0) & (shares <= 1) & (busy >= 0) & (busy <= 1))
    assert np.all(np.diff(shares) >= -1e-10)
    assert np.all(np.diff(means) <= 1e-9 * means[1:])
    assert np.all(np.diff(busy) <= 1e-10)


@settings(max_examples=50)
@given(st.floats(5, 200), st.floats(0, 600), st.floats(1, 20), st.floats(0, 200), st.floats(0, 2000))
def test_every_chat_at_a_time_slows_the_replies(
    work: float, think: float, turns: float, wrap_up: float, within: float
) -> None:
    model = ReplyModel(work_s=work, think_s=think, turns=turns, wrap_up_s=wrap_up)
    levels = np.arange(1, 15)
    assert np.all(np.diff(model.reply_within_share(within, levels)) <= 1e-10)
    assert np.all(np.diff(model.reply_s(levels)) >= -1e-9)
    assert np.all(np.diff(model.handle_s_by_level(14)) >= -1e-7)
    assert np.all(np.diff(model.work_occupancy_share(levels)) >= -1e-12)


def test_replies_faster_than_the_work_are_infeasible_and_say_what_would_do() -> None:
    with pytest.raises(InfeasibleTargetError) as caught:
        required_agents(desk(3), Target(reply_share=0.9, reply_within_s=90))
    assert str(caught.value) == (
        "reply_share: 90% within 90 s cannot be met: 40 s of work let 89.5% be in time even one chat at a "
        "time (allow over 92 s, or bring the work below 39 s)"
    )
    just = float(BASE.reply_within_share(90, 1))
    assert required_agents(desk(1), Target(reply_share=just, reply_within_s=90)) == 1
    assert required_agents(desk(2), Target(reply_share=just, reply_within_s=90)) > 30
    with pytest.raises(InfeasibleTargetError):
        required_agents(desk(1), Target(reply_share=just + 1e-9, reply_within_s=90))


def test_a_target_on_replies_needs_a_model() -> None:
    for target in (REPLY, Target(max_work_occupancy_share=0.8)):
        with pytest.raises(ModelError, match="needs a reply model"):
            required_agents(ChatQueue(120, [480, 560], 180), target)
    with pytest.raises(ModelError, match="both reply_share and reply_within_s"):
        Target(reply_share=0.8)


def test_the_best_limit_takes_the_fewest_agents_and_then_the_fewest_chats() -> None:
    choice = best_concurrency(desk(3), BOTH, [6, 2, 3, 4, 5, 3])
    assert [option.concurrency_limit for option in choice.options] == [2, 3, 4, 5, 6]
    assert choice.best.concurrency_limit == 2
    assert [option.extrapolated for option in choice.options] == [False, False, True, True, True]
    assert choice.options[1].performance.replies_within_share >= 0.8
    assert best_concurrency(desk(3), ACCEPT, range(1, 6)).best.concurrency_limit == 5
    assert best_concurrency(ChatQueue(0, [480, 560]), ACCEPT, [1, 2]).best.concurrency_limit == 1


def test_levels_with_falling_throughput_are_not_chosen() -> None:
    choice = best_concurrency(ChatQueue(120, [480, 560, 1200], 120), ACCEPT, [1, 2, 3])
    assert choice.best.concurrency_limit == 2
    assert choice.options[2].agents > choice.best.agents


def test_a_day_has_one_best_limit() -> None:
    choice = best_concurrency(desk(2, np.array([20, 80, 200])), BOTH, [1, 2, 3])
    assert choice.best.agents.shape == (3,)
    assert choice.best.agents.sum() == min(option.agents.sum() for option in choice.options)


def test_limits_that_cannot_be_compared() -> None:
    with pytest.raises(ModelError, match="none given"):
        best_concurrency(desk(3), BOTH, [])
    with pytest.raises(ModelError, match="limit: 0"):
        best_concurrency(desk(3), BOTH, [0])
    with pytest.raises(ModelError, match="measured up to 2"):
        best_concurrency(ChatQueue(60, [480, 560]), ACCEPT, [2, 3])


def test_sensitivity_changes_one_input_at_a_time() -> None:
    rows = {row.name: row for row in sensitivity(desk(3), BOTH)}
    assert set(rows) == {
        "arrivals_per_hour", "handle_s_by_level", "patience_s", "work_s", "think_s", "turns",
        "missing_service_level_share", "threshold_s", "missing_reply_share", "reply_within_s",
    }  # fmt: skip
    assert {row.agents for row in rows.values()} == {13}
    assert rows["arrivals_per_hour"].agents_lower == required_agents(desk(3, 108), BOTH)
    assert rows["arrivals_per_hour"].agents_higher == required_agents(desk(3, 132), BOTH)
    slower = ReplyModel(work_s=44, think_s=60, turns=6)
    queue = ChatQueue.of_replies(120, slower, concurrency_limit=3, patience_s=180)
    with pytest.raises(InfeasibleTargetError):
        required_agents(queue, Target(reply_share=0.9, reply_within_s=99))
    assert rows["work_s"].agents_higher == required_agents(queue, BOTH)
    assert rows["work_s"].elasticity > 1
    assert rows["reply_within_s"].elasticity < 0
    assert 0 < rows["arrivals_per_hour"].elasticity < 1.05


def test_sensitivity_says_where_a_change_makes_the_target_impossible() -> None:
    rows = {row.name: row for row in sensitivity(desk(2), Target(reply_share=0.88, reply_within_s=90))}
    assert rows["work_s"].agents_higher is None
    assert rows["reply_within_s"].agents_lower is None
    assert rows["work_s"].agents_lower is not None


def test_sensitivity_of_an_empty_queue_is_nothing() -> None:
    rows = sensitivity(ChatQueue(0, [480, 560], 180), ACCEPT)
    assert {row.agents for row in rows} == {0}
    assert {row.elasticity for row in rows} == {None}


def test_sensitivity_refuses_rows() -> None:
    with pytest.raises(ModelError, match="has rows"):
        sensitivity(ChatQueue([1, 2], 300), ACCEPT)
    with pytest.raises(ModelError, match="change_share"):
        sensitivity(ChatQueue(1, 300), ACCEPT, change_share=1)
