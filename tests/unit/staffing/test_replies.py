"""The reply model against mean-value analysis, its chain flow by flow and convolution by quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaincc

from staffcast.core.errors import ModelError
from staffcast.staffing import ChatQueue, ReplyModel, Routing, exact_performance, performance

BASE = ReplyModel(work_s=40, think_s=60, turns=6)
WITH_WRAP_UP = ReplyModel(work_s=30, think_s=90, turns=4, wrap_up_s=60)
MODELS = [
    BASE,
    WITH_WRAP_UP,
    ReplyModel(work_s=90, think_s=5, turns=2.5),
    ReplyModel(work_s=1, think_s=3000, turns=40),
    ReplyModel(work_s=40, think_s=60, turns=6, wrap_up_s=1e-6),
]


def by_mean_values(model: ReplyModel, limit: int) -> list[float]:
    """Handle times by Reiser and Lavenberg's recursion over the number of chats, without wrap-up."""
    queue, found = 0.0, []
    for chats in range(1, limit + 1):
        at_agent = model.effort_s * (1 + queue)
        cycle = at_agent + model.customer_s
        queue = chats * at_agent / cycle
        found.append(cycle)
    return found


State = tuple[str, int]


def agent_chain(model: ReplyModel, chats: int) -> tuple[dict[State, float], dict[State, float]]:
    """One agent flow by flow: the share of time in each state, and the state that new messages find."""
    owed = range(1, chats + 1)
    states = [("idle", 0), *(("reply", j) for j in owed), *(("wrap", j) for j in owed)]
    flow = np.zeros((len(states), len(states)))
    found_rate: list[tuple[State, State, float]] = []
    wrap_rate, last = 1 / max(model.wrap_up_s, 1e-12), 1 / model.turns
    think_s = model.customer_s / (model.turns - 1)
    for i, (phase, j) in enumerate(states):
        if j < chats:
            arrive = (chats - j) / think_s
            flow[i, states.index(("reply" if phase == "idle" else phase, j + 1))] += arrive
            found_rate.append(((phase, j), (phase, j), arrive))
        behind = ("reply", j - 1) if j > 1 else ("idle", 0)
        if phase == "reply":
            flow[i, states.index(behind)] += (1 - last) / model.work_s
            flow[i, states.index(("wrap", j))] += last / model.work_s
        if phase == "wrap":
            flow[i, states.index(("reply", j))] += wrap_rate
            found_rate.append(((phase, j), behind, wrap_rate))
    balance = (flow - np.diag(flow.sum(axis=1))).T
    balance[-1] = 1
    time = dict(zip(states, np.linalg.solve(balance, np.eye(len(states))[-1]), strict=True))
    found: dict[State, float] = {}
    for state, seen, rate in found_rate:
        found[seen] = found.get(seen, 0.0) + time[state] * rate
    total = sum(found.values())
    return time, {state: share / total for state, share in found.items()}


def late_behind(model: ReplyModel, state: State, within: float) -> float:
    """Number of wrap-ups ahead by the binomial law, then the sum of two gamma times by quadrature."""
    phase, ahead = state
    wrapped = int(phase == "wrap")
    n_replies, open_ends = ahead - wrapped + 1, ahead - wrapped
    late = 0.0
    for more in range(open_ends + 1):
        n_wraps = wrapped + more
        share = (
            math.comb(open_ends, more)
            * (1 / model.turns) ** more
            * (1 - 1 / model.turns) ** (open_ends - more)
        )
        if n_wraps == 0 or model.wrap_up_s == 0:
            late += share * float(gammaincc(n_replies, within / model.work_s))
            continue

        def still(wrap_s: float, n_replies: int = n_replies, n_wraps: int = n_wraps) -> float:
            x = wrap_s / model.wrap_up_s
            density = math.exp((n_wraps - 1) * math.log(x) - x - math.lgamma(n_wraps)) if x else n_wraps == 1
            return float(gammaincc(n_replies, (within - wrap_s) / model.work_s)) * density / model.wrap_up_s

        end = min(within, (60 + 8 * n_wraps) * model.wrap_up_s)
        inside = quad(still, 0, end, epsabs=1e-13, epsrel=1e-11, limit=400)[0] if end else 0.0
        late += share * (inside + float(gammaincc(n_wraps, within / model.wrap_up_s)))
    return late


@pytest.mark.parametrize("model", [model for model in MODELS if model.wrap_up_s == 0])
def test_handle_times_without_wrap_up_are_those_of_mean_value_analysis(model: ReplyModel) -> None:
    assert model.handle_s_by_level(12) == pytest.approx(by_mean_values(model, 12), rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("chats", [1, 2, 5, 9])
def test_handle_times_and_work_are_those_of_the_chain(model: ReplyModel, chats: int) -> None:
    busy = 1 - agent_chain(model, chats)[0]["idle", 0]
    assert float(model.work_occupancy_share(chats)) == pytest.approx(busy, rel=1e-9)
    assert model.handle_s_by_level(chats)[-1] == pytest.approx(chats * model.effort_s / busy, rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("chats", [1, 2, 4, 7])
@pytest.mark.parametrize("within", [0.0, 1.0, 45.0, 90.0, 700.0, 50_000.0])
def test_late_replies_are_the_work_and_wrap_up_of_those_ahead_and_ones_own(
    model: ReplyModel, chats: int, within: float
) -> None:
    _, found = agent_chain(model, chats)
    late = sum(share * late_behind(model, state, within) for state, share in found.items())
    assert float(model.reply_within_share(within, chats)) == pytest.approx(1 - late, abs=2e-9)


@pytest.mark.parametrize("model", MODELS)
def test_a_chat_is_its_replies_silences_and_wrap_up(model: ReplyModel) -> None:
    levels = np.arange(1, 41)
    handle_s = model.turns * model.reply_s(levels) + model.customer_s + model.wrap_up_s
    assert model.handle_s_by_level(40) == pytest.approx(handle_s, rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("chats", [1, 3, 6])
def test_the_mean_reply_is_the_integral_of_late_replies(model: ReplyModel, chats: int) -> None:
    edges = np.concatenate([[0.0], np.geomspace(model.work_s / 50, model.effort_s * 60, 30)])
    nodes, weights = np.polynomial.legendre.leggauss(12)
    width = np.diff(edges)[:, None] / 2
    late = 1 - model.reply_within_share(edges[:-1, None] + width * (1 + nodes), chats)
    assert float(model.reply_s(chats)) == pytest.approx(float((late * width * weights).sum()), rel=1e-8)


def test_one_chat_at_a_time_is_answered_at_once() -> None:
    assert BASE.handle_s_by_level(1).tolist() == [540]
    assert float(BASE.reply_s(1)) == 40
    assert float(BASE.reply_within_share(60, 1)) == pytest.approx(1 - math.exp(-1.5), rel=1e-14)
    assert BASE.effort_s == 240
    assert BASE.saturation_level == pytest.approx(1 + 300 / 240)


def test_a_customer_who_never_pauses_makes_a_line() -> None:
    model = ReplyModel(work_s=40, think_s=0, turns=6)
    assert model.handle_s_by_level(4) == pytest.approx([240, 480, 720, 960])
    assert model.work_occupancy_share([0, 1, 4]).tolist() == [0, 1, 1]
    assert model.reply_s([1, 3]).tolist() == pytest.approx([40, 120])
    single = ReplyModel(work_s=40, think_s=60, turns=1, wrap_up_s=10)
    assert single.handle_s_by_level(2) == pytest.approx([50, 100])
    assert single.reply_s([1, 2]).tolist() == pytest.approx([40, 90])
    wrapped = ReplyModel(work_s=10, think_s=0, turns=1, wrap_up_s=40)
    assert float(wrapped.reply_within_share(0, 2)) == 0
    assert float(wrapped.reply_within_share(1e9, 2)) == pytest.approx(1)


def test_many_chats_keep_the_agent_at_work() -> None:
    assert float(BASE.work_occupancy_share(200)) == pytest.approx(1, abs=1e-12)
    assert BASE.handle_s_by_level(200)[-1] == pytest.approx(200 * 240, rel=1e-12)


def test_the_throughput_of_thinking_customers_never_turns_down() -> None:
    levels = np.arange(1, 31)
    closed = levels / BASE.handle_s_by_level(30)
    assert np.all(np.diff(closed) > -1e-15)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"work_s": 0}, "work_s: 0"),
        ({"work_s": -1}, "work_s: -1"),
        ({"think_s": math.inf}, "think_s: inf"),
        ({"turns": 0.5}, "turns: 0.5"),
        ({"wrap_up_s": math.nan}, "wrap_up_s: nan"),
        ({"work_s": [1, 2]}, "work_s: has rows"),
    ],
)
def test_a_reply_model_refuses_what_makes_no_sense(numbers: dict[str, float], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ReplyModel(**({"work_s": 40, "think_s": 60, "turns": 6} | numbers))


def test_levels_are_whole_chats() -> None:
    for levels in (0, 1.5):
        with pytest.raises(ModelError, match="levels"):
            BASE.reply_within_share(60, levels)
    with pytest.raises(ModelError, match="limit"):
        BASE.handle_s_by_level(0)


def test_a_desk_weights_its_levels_by_replies_written() -> None:
    queue = ChatQueue.of_replies([0, 60, 120], BASE, concurrency_limit=3, patience_s=180)
    desk = performance(queue, 9, threshold_s=30, reply_within_s=60)
    rate = desk.level_shares[:, 1:] * np.arange(1, 4) / BASE.handle_s_by_level(3)
    for row in (1, 2):
        weights = rate[row] / rate[row].sum()
        within = weights @ BASE.reply_within_share(60, [1, 2, 3])
        assert np.asarray(desk.replies_within_share)[row] == pytest.approx(within, rel=1e-13)
        assert np.asarray(desk.mean_reply_s)[row] == pytest.approx(
            weights @ BASE.reply_s([1, 2, 3]), rel=1e-13
        )
    handled = np.array([0, 60, 120]) / 3600 * (1 - np.asarray(desk.abandon_share))
    assert desk.work_occupancy_share == pytest.approx(handled * 240 / 9, rel=1e-10)
    assert np.asarray(desk.replies_within_share)[0] == pytest.approx(float(BASE.reply_within_share(60, 1)))


def test_nobody_at_work_never_replies() -> None:
    queue = ChatQueue.of_replies(60, BASE, concurrency_limit=3, patience_s=180)
    desk = performance(queue, 0, threshold_s=30, reply_within_s=60)
    assert (desk.replies_within_share, desk.mean_reply_s, desk.work_occupancy_share) == (0, math.inf, 1)


def test_without_a_model_or_a_time_there_are_no_reply_figures() -> None:
    desk = performance(ChatQueue(60, [480, 560]), 9, threshold_s=30)
    assert desk.replies_within_share is desk.mean_reply_s is desk.work_occupancy_share is None
    queue = ChatQueue.of_replies(60, BASE, concurrency_limit=2)
    assert performance(queue, 9, threshold_s=30).replies_within_share is None
    with pytest.raises(ModelError, match="reply_within_s needs a reply model"):
        performance(ChatQueue(60, [480, 560]), 9, threshold_s=30, reply_within_s=60)


def test_the_exact_chain_has_reply_figures_too() -> None:
    queue = ChatQueue.of_replies(120, BASE, concurrency_limit=3, patience_s=180)
    balanced = performance(queue, 9, threshold_s=30, reply_within_s=60)
    kept = exact_performance(queue, 9, threshold_s=30, reply_within_s=60)
    crowded = exact_performance(queue, 9, threshold_s=30, reply_within_s=60, routing=Routing.FULLEST_FIRST)
    levels = [crowded.replies_within_share, kept.replies_within_share, balanced.replies_within_share]
    assert levels == sorted(levels)
    assert levels[2] - levels[1] < 0.01


def test_measured_levels_stay_and_the_model_continues_them() -> None:
    queue = ChatQueue([60, 70], [500, 580], replies=BASE)
    assert queue.with_limit(1).concurrency_limit == 1
    longer = np.asarray(queue.with_limit(4).handle_s_by_level)
    modelled = BASE.handle_s_by_level(4)
    assert longer[:2].tolist() == [500, 580]
    assert longer[2:] == pytest.approx(580 * modelled[2:] / modelled[1])
    with pytest.raises(ModelError, match="measured up to 2 chats only"):
        ChatQueue(60, [500, 580]).with_limit(3)
    with pytest.raises(ModelError, match="limit: 0"):
        queue.with_limit(0)
