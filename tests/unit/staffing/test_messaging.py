"""Parked threads, returning threads and work with deadlines."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.staffing import (
    LiveWork,
    ParkedThreads,
    ReplyModel,
    Target,
    blended_plan,
    deferrable_plan,
    required_agents,
    returning_load,
    spare_work_s,
    square_root_agents,
)

BASE = ReplyModel(work_s=40, think_s=60, turns=6, wrap_up_s=20)
PARKED = ParkedThreads(replies=BASE, park_after_s=300, long_share=0.08, long_think_s=3600)
EIGHTY_IN_30 = Target(service_level_share=0.8, threshold_s=30)


def test_a_silence_is_cut_at_the_time_of_parking() -> None:
    def silent(t: float) -> float:
        return 0.92 * math.exp(-t / 60) + 0.08 * math.exp(-t / 3600)

    assert PARKED.park_share == pytest.approx(silent(300), rel=1e-12)
    assert PARKED.held_think_s == pytest.approx(quad(silent, 0, 300)[0], rel=1e-10)
    parked = 5 * (quad(silent, 300, 5000)[0] + quad(silent, 5000, 200_000)[0])
    assert PARKED.parked_s == pytest.approx(parked, rel=1e-7)
    assert PARKED.mean_parked(120) == pytest.approx(parked / 30, rel=1e-7)
    assert PARKED.visits == pytest.approx(1 + 5 * silent(300), rel=1e-12)


def test_visits_add_up_to_the_thread() -> None:
    visit = PARKED.visit
    assert visit.effort_s * PARKED.visits == pytest.approx(BASE.effort_s)
    assert visit.turns * PARKED.visits == pytest.approx(BASE.turns)
    assert visit.customer_s * PARKED.visits == pytest.approx(5 * PARKED.held_think_s)


def test_who_is_never_parked_is_a_chat() -> None:
    threads = ParkedThreads(replies=BASE, park_after_s=math.inf)
    assert threads.visits == 1
    assert threads.visit == BASE
    queue = threads.queue([60, 120], concurrency_limit=3)
    assert np.asarray(queue.arrivals_per_hour).tolist() == [60, 120]


def test_parking_at_once_leaves_one_reply_a_visit() -> None:
    threads = ParkedThreads(replies=BASE, park_after_s=0)
    assert threads.visits == pytest.approx(6)
    assert threads.visit.turns == pytest.approx(1)
    assert threads.queue(60, concurrency_limit=2).handle_s_by_level == pytest.approx([260 / 6, 520 / 6])


def test_parking_saves_agents_where_customers_are_slow() -> None:
    open_all_day = ParkedThreads(replies=BASE, park_after_s=math.inf, long_share=0.08, long_think_s=3600)
    agents = [
        required_agents(threads.queue(120, concurrency_limit=3, patience_s=180), EIGHTY_IN_30)
        for threads in (PARKED, open_all_day)
    ]
    assert agents[0] < agents[1] / 1.3


def observed(silences_s: list[float], park_after_s: float) -> ParkedThreads:
    return ParkedThreads.of_silences(silences_s, park_after_s=park_after_s, work_s=40, turns=6)


@given(st.floats(0.3, 1.5), st.floats(0.05, 0.4), st.integers(0, 99))
def test_observed_silences_keep_their_parkings_and_the_time_held(
    sigma: float, long_share: float, seed: int
) -> None:
    """Lognormal silences, which no mixture of two exponentials is."""
    rng = np.random.default_rng(seed)
    quick, long = rng.lognormal(math.log(60), sigma, 900), rng.lognormal(math.log(6000), 1, 900)
    silences = np.where(rng.random(900) < long_share, long, quick)
    threads = observed(silences.tolist(), 600)
    assert threads.park_share == pytest.approx(np.mean(silences > 600), rel=1e-6)
    assert threads.held_think_s == pytest.approx(np.minimum(silences, 600).mean(), rel=1e-6)
    assert threads.parked_s == pytest.approx(5 * np.maximum(silences - 600, 0).mean(), rel=0.2)


def test_silences_that_were_all_parked_or_none() -> None:
    assert observed([10, 20, 30], 600).visits == 1
    assert observed([10, 20, 30], 600).held_think_s == pytest.approx(20)
    assert observed([5000, 9000], 600).held_think_s == pytest.approx(600, rel=1e-3)
    assert observed([5000, 9000], 600).visits == pytest.approx(6, rel=1e-3)
    assert observed([5, 9], 0).visits == 6
    with pytest.raises(ModelError, match="silences_s: none"):
        observed([], 600)


def test_the_slot_is_held_for_a_while_after_the_last_reply() -> None:
    threads = ParkedThreads(replies=BASE, park_after_s=300, long_share=0.08, long_think_s=3600, tail_s=200)
    assert threads.visits == PARKED.visits
    assert threads.visit.customer_s * threads.visits == pytest.approx(5 * PARKED.held_think_s + 200)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"tail_s": -1}, "tail_s"),
        ({"park_after_s": -1}, "park_after_s"),
        ({"long_share": 1.2}, "long_share"),
        ({"long_share": math.nan}, "long_share"),
        ({"long_think_s": math.inf}, "long_think_s"),
    ],
)
def test_parking_refuses_what_makes_no_sense(numbers: dict[str, float], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ParkedThreads(**({"replies": BASE, "park_after_s": 300} | numbers))


def test_returning_load_equals_its_differential_equation() -> None:
    rates = [60.0, 20.0, 0.0, 100.0]

    def flow(t: float, loads: np.ndarray) -> list[float]:
        rate = rates[min(int(t // 1800), 3)] / 3600
        desk, away = loads[:2]
        return [rate + away / 2400 - desk / 240, 0.6 * desk / 240 - away / 2400, desk, away]

    found = returning_load(
        rates, interval_s=1800, work_s=240, return_share=0.6, away_s=2400, start_erlangs=2, start_away=7
    )
    state = np.array([2.0, 7.0, 0.0, 0.0])
    for i in range(4):
        state[2:] = 0
        start = 1800 * i
        solved = solve_ivp(flow, (start, start + 1799.999999), state, rtol=1e-11, atol=1e-12)
        state = solved.y[:, -1]
        assert found.desk_erlangs[i] == pytest.approx(state[2] / 1800, rel=1e-7)
        assert found.away_threads[i] == pytest.approx(state[3] / 1800, rel=1e-7)


def test_a_steady_day_has_the_load_of_all_visits() -> None:
    load = returning_load([60] * 40, interval_s=3600, work_s=240, return_share=0.75, away_s=1800)
    assert load.desk_erlangs[-1] == pytest.approx(60 / 3600 * 240 / 0.25, rel=1e-6)
    assert load.away_threads[-1] == pytest.approx(60 / 3600 * 1800 * 3, rel=1e-6)
    assert load.agents(EIGHTY_IN_30)[-1] >= 17
    alone = returning_load([60] * 40, interval_s=3600, work_s=240, return_share=0, away_s=1800)
    assert alone.desk_erlangs[-1] == pytest.approx(4)
    assert alone.away_threads[-1] == 0


def test_the_square_root_rule_has_its_published_beta() -> None:
    """Half of all customers wait at beta = 0.50605."""
    load = 1e8
    assert square_root_agents(load, wait_share=0.5) == math.ceil(load + 0.50605 * 1e4)
    assert square_root_agents([0, 100], wait_share=0.2).tolist() == [0, 111]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"work_s": 0}, "work_s: 0"),
        ({"away_s": 0}, "away_s: 0"),
        ({"interval_s": 0}, "interval_s: 0"),
        ({"return_share": 1}, "return_share: 1"),
        ({"arrivals_per_hour": 60}, "shape"),
        ({"start_away": -1}, "start"),
    ],
)
def test_returning_load_refuses_what_makes_no_sense(numbers: dict[str, float], message: str) -> None:
    good = {
        "arrivals_per_hour": [60], "interval_s": 900, "work_s": 240, "return_share": 0.5, "away_s": 60,
    }  # fmt: skip
    with pytest.raises(ModelError, match=message):
        returning_load(**(good | numbers))
    with pytest.raises(ModelError, match="wait_share"):
        square_root_agents(10, wait_share=1)


def brute_force(come: list[int], due: list[int], spare: list[float], most: int) -> int | None:
    """Fewest agents when one agent does one item an interval."""
    best = None
    for agents in itertools.product(range(most + 1), repeat=len(come)):
        done = 0.0
        for i, people in enumerate(agents):
            done = min(done + people + spare[i], sum(come[: i + 1]))
            if done < sum(due[: i + 1]) - 1e-9:
                break
        else:
            best = sum(agents) if best is None else min(best, sum(agents))
    return best


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 5), min_size=5, max_size=5),
    st.integers(1, 4),
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=5, max_size=5),
)
def test_deadlines_cost_what_brute_force_says(come: list[int], within: int, spare: list[float]) -> None:
    due = [0] * 5
    for i, items in enumerate(come):
        if i + within - 1 < 5:
            due[i + within - 1] += items
    best = brute_force(come, due, spare, most=4)
    call = {
        "work_s": 3600, "within_s": within * 3600, "open_s": 3600, "max_agents": 4,
        "spare_s": np.array(spare) * 3600,
    }  # fmt: skip
    if best is None:
        with pytest.raises(InfeasibleTargetError, match="agent-hours lack"):
            deferrable_plan(come, **call)
        return
    plan = deferrable_plan(come, **call)
    assert plan.agents.sum() == best
    assert np.all(np.cumsum(plan.done_s) >= np.cumsum(due) * 3600 - 1e-3)
    assert np.all(np.cumsum(plan.done_s) <= np.cumsum(come) * 3600 + 1e-3)
    assert np.all(plan.done_s <= plan.agents * 3600 + np.array(spare) * 3600 + 1e-3)


def test_a_night_takes_nothing_from_a_deadline() -> None:
    """Items of the last open hour are due in the second hour of the next morning."""
    plan = deferrable_plan(
        [0, 0, 10, 0, 0, 0, 0], work_s=720, within_s=2 * 3600, open_s=[3600, 3600, 3600, 0, 0, 3600, 3600]
    )
    assert plan.agents[[3, 4]].tolist() == [0, 0]
    assert plan.agents.sum() == 2
    assert plan.backlog_s[5] == pytest.approx(0)


def test_spare_time_of_live_agents_comes_first() -> None:
    spare = spare_work_s([10, 10, 4], [0.6, 0.9, 0.5], 3600, max_occupancy_share=0.8)
    assert spare == pytest.approx([7200, 0, 4320])
    plan = deferrable_plan([20, 0, 0], work_s=360, within_s=3 * 3600, open_s=3600, spare_s=spare)
    assert plan.agents.tolist() == [0, 0, 0]
    assert plan.spare_used_s.sum() == pytest.approx(7200)
    more = deferrable_plan([60, 0, 0], work_s=360, within_s=3 * 3600, open_s=3600, spare_s=spare)
    assert more.agents.sum() == math.ceil((21_600 - 11_520) / 3600)


def test_to_be_sure_costs_more_than_the_mean() -> None:
    items = np.full(24, 20)
    plans = [
        deferrable_plan(
            items, work_s=300, within_s=4 * 3600, open_s=3600, sure_share=share, whole=False
        ).agents.sum()
        for share in (0.5, 0.9, 0.99)
    ]
    assert plans[0] == pytest.approx(20 * 300 * 21 / 3600)
    assert plans[0] < plans[1] < plans[2]


def test_deadlines_refuse_what_makes_no_sense() -> None:
    good = {"n_items": [5, 5], "work_s": 60, "within_s": 3600, "open_s": 3600}
    for numbers, message in (
        ({"n_items": 5}, "n_items: shape"),
        ({"n_items": []}, "n_items: shape"),
        ({"n_items": [-1, 2]}, "n_items"),
        ({"open_s": [1, 2, 3]}, "open_s: shape"),
        ({"sure_share": 0.2}, "sure_share"),
        ({"work_s": math.nan}, "work_s"),
    ):
        with pytest.raises(ModelError, match=message):
            deferrable_plan(**(good | numbers))
    with pytest.raises(ModelError, match="above 1"):
        spare_work_s(5, 1.1, 3600, max_occupancy_share=0.8)


def test_a_blend_fills_spare_time_before_it_adds_people() -> None:
    live = [LiveWork([4, 6, 4], [0.5, 0.6, 0.5]), LiveWork([2, 2, 2], [0.7, 0.85, 0.7])]
    spare_h = 4 * 0.35 + 6 * 0.25 + 4 * 0.35 + 2 * 0.15 * 2  # filled to 0.85
    call = {"work_s": 360, "within_s": 3 * 3600, "open_s": 3600}
    fits = blended_plan(live, [math.floor(spare_h * 10), 0, 0], **call)
    assert fits.extra_agents.tolist() == [0, 0, 0]
    assert fits.live_agents.tolist() == [6, 8, 6]
    assert fits.occupancy_share.max() <= 0.85 + 1e-9
    more = blended_plan(live, [math.floor(spare_h * 10) + 15, 0, 0], **call)
    assert more.extra_agents.sum() == 2
    assert more.agents.tolist() == (more.live_agents + more.extra_agents).tolist()
    busy_h = 4 * 0.5 + 6 * 0.6 + 4 * 0.5 + 2 * (0.7 + 0.85 + 0.7)
    filled_h = (more.occupancy_share * more.agents).sum()
    assert filled_h == pytest.approx(busy_h + more.deferrable.done_s.sum() / 3600)


def test_a_blend_while_closed_has_nobody() -> None:
    plan = blended_plan([LiveWork([0, 3], [0, 0.5])], [4, 0], work_s=60, within_s=900, open_s=[0, 900])
    assert plan.agents.tolist() == [0, 3]
    assert plan.occupancy_share[0] == 0
    with pytest.raises(ModelError, match="no queue"):
        blended_plan([], [1], work_s=60, within_s=900, open_s=900)
