"""The day with a patience curve: against the chain of exponential patience and the steady state of any."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    PatienceCurve,
    ReplyModel,
    Target,
    day_performance,
    day_plan,
    hour_by_hour,
    performance,
)
from staffcast.staffing.line import Line, Patience, jumps_on_grid

MILD = [480, 560, 680]
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL
EXPONENTIAL = PatienceCurve.smooth(lambda u: np.exp(-np.asarray(u) / 180))
SUDDEN = PatienceCurve.steps([5, 20, 60, 61, 300], [0.93, 0.9, 0.85, 0.5, 0.0])
LASTING = PatienceCurve.steps([30, 120], [0.8, 0.4])
SHARES = ("wait_share", "abandon_share", "agent_occupancy_share", "slot_occupancy_share")
COUNTS = ("mean_open", "mean_waiting", "n_closed", "n_abandoned", "n_left_at_end")


@pytest.mark.parametrize(
    ("arrivals", "agents", "start"),
    [
        ([60, 240, 60], [5, 11, 4], 0),
        ([100, 0, 80], [4, 1, 6], 25),
        ([60, 60, 60], [3, 0, 3], 0),
        ([0, 0], [2, 0], 7),
    ],
)
def test_an_exponential_curve_is_the_chain(arrivals: list[float], agents: list[int], start: int) -> None:
    asked = {"interval_s": 600, "threshold_s": 30, "short_s": 5, "start_chats": start}
    chain = day_performance(ChatQueue(arrivals, MILD, 180), agents, **asked)
    curve = day_performance(ChatQueue(arrivals, MILD, EXPONENTIAL), agents, **asked)
    for convention in ServiceLevelConvention:
        assert curve.service_level(convention) == pytest.approx(chain.service_level(convention), abs=1e-6)
    for name in SHARES:
        assert getattr(curve, name) == pytest.approx(getattr(chain, name), abs=1e-6), name
    for name in (*COUNTS, "asa_s"):
        assert getattr(curve, name) == pytest.approx(getattr(chain, name), rel=2e-5, abs=1e-5), name


@pytest.mark.parametrize(("curve", "agents"), [(SUDDEN, 5), (LASTING, 6), (SUDDEN, 8)])
def test_a_long_interval_reaches_the_steady_state_of_any_curve(curve: PatienceCurve, agents: int) -> None:
    steady = performance(ChatQueue(80, MILD, curve), agents, threshold_s=30, short_s=10)
    day = day_performance(
        ChatQueue([80, 80], MILD, curve), agents, interval_s=[12_000, 900], threshold_s=30, short_s=10
    )
    for convention in ServiceLevelConvention:
        assert day.service_level(convention)[1] == pytest.approx(steady.service_level(convention), abs=2e-5)
    for name in SHARES:
        assert getattr(day, name)[1] == pytest.approx(getattr(steady, name), abs=1e-5), name
    assert day.asa_s[1] == pytest.approx(steady.asa_s, rel=2e-4)


OBSERVED = np.sort(np.random.default_rng(5).exponential(180, 90))
OFF_GRID = [
    PatienceCurve.steps(OBSERVED, np.linspace(1, 0, 91)[1:]),
    PatienceCurve.steps([13.37, 41.9, 77.77, 203.1], [0.8, 0.5, 0.3, 0.0]),
]


@pytest.mark.parametrize("curve", OFF_GRID)
def test_jumps_between_the_points_of_the_grid_cost_no_digits(curve: PatienceCurve) -> None:
    steady = performance(ChatQueue(80, MILD, curve), 5, threshold_s=30, short_s=10)
    day = day_performance(
        ChatQueue([80, 80], MILD, curve), 5, interval_s=[12_000, 900], threshold_s=30, short_s=10
    )
    for convention in ServiceLevelConvention:
        assert day.service_level(convention)[1] == pytest.approx(steady.service_level(convention), abs=1e-6)
    for name in SHARES:
        assert getattr(day, name)[1] == pytest.approx(getattr(steady, name), abs=1e-6), name


@pytest.mark.parametrize("curve", OFF_GRID)
@pytest.mark.parametrize("step_s", [1.0, 2.4, 7.2])
def test_four_jumps_on_the_grid_have_the_moments_of_the_one_they_stand_for(
    curve: PatienceCurve, step_s: float
) -> None:
    ages, falls = jumps_on_grid(curve, step_s)
    fall = -np.diff(curve.staying(curve.breaks_s), prepend=1.0)
    away = ages * step_s - curve.breaks_s[:, None]
    assert falls.sum(axis=1) == pytest.approx(fall)
    for power in (1, 2, 3):
        assert (falls * away**power).sum(axis=1) == pytest.approx(0, abs=1e-9 * step_s**power)
    assert ages.min() >= 0
    assert np.abs(away).max() <= 3 * step_s


def test_chats_are_neither_lost_nor_made() -> None:
    day = day_performance(
        ChatQueue([90, 200, 0, 40], MILD, SUDDEN), [5, 4, 2, 0], interval_s=600, threshold_s=20, start_chats=4
    )
    before = np.concatenate([[4], day.n_left_at_end[:-1]])
    gone = day.n_closed + day.n_abandoned
    assert before + day.n_arrivals == pytest.approx(gone + day.n_left_at_end, abs=1e-5)
    assert np.all(day.n_abandoned >= 0)
    for convention in ServiceLevelConvention:
        level = day.service_level(convention)
        assert np.all((level >= 0) & (level <= 1))


def test_every_agent_serves_more_and_nobody_serves_none() -> None:
    levels = [
        day_performance(
            ChatQueue([90, 200], MILD, SUDDEN), agents, interval_s=600, threshold_s=20
        ).service_level(OF_ALL)
        for agents in (0, 1, 3, 6)
    ]
    assert np.all(np.diff(levels, axis=0) >= -1e-6)
    assert levels[0].max() < 1e-9


def test_replies_of_a_day_with_a_curve() -> None:
    model = ReplyModel(work_s=40, think_s=60, turns=6)
    day = day_performance(
        ChatQueue.of_replies([100, 100], model, concurrency_limit=3, patience_s=EXPONENTIAL),
        8,
        interval_s=1800,
        threshold_s=30,
        reply_within_s=90,
    )
    chain = day_performance(
        ChatQueue.of_replies([100, 100], model, concurrency_limit=3, patience_s=180),
        8,
        interval_s=1800,
        threshold_s=30,
        reply_within_s=90,
    )
    assert day.replies_within_share == pytest.approx(chain.replies_within_share, abs=1e-6)
    assert day.mean_reply_s == pytest.approx(chain.mean_reply_s, rel=1e-6)


def test_a_plan_with_a_curve_meets_its_target_with_no_agent_to_spare() -> None:
    queue, target = ChatQueue([60, 150, 60], MILD, SUDDEN), Target(service_level_share=0.8, threshold_s=20)
    plan = day_plan(queue, target, interval_s=300)
    assert np.all(plan.service_level(OF_ALL) >= 0.8)
    for i in range(3):
        fewer = plan.agents.copy()
        fewer[i] -= 1
        worse = day_performance(queue, fewer, interval_s=300, threshold_s=20)
        assert worse.service_level(OF_ALL)[i] < 0.8
    apart = hour_by_hour(queue, target, interval_s=900)
    assert apart.missed[2]


def test_intervals_fit_the_grid_or_are_refused() -> None:
    queue = ChatQueue([60, 60], MILD, SUDDEN)
    with pytest.raises(ModelError, match="not in tenths of a second"):
        day_performance(queue, 5, interval_s=100 * math.pi, threshold_s=30)
    some = [
        day_performance(queue, 4, interval_s=300, threshold_s=within).service_level(OF_ALL)[1]
        for within in (0, 9.87, 10.13, 5000)
    ]
    assert some == sorted(some)
    assert some[2] - some[1] < 0.02


def test_freed_slots_go_to_the_oldest_still_there() -> None:
    """Two steps of age, a mean of 1 still there from each: the front moves to the older step, or on."""
    line = Line(np.zeros(3), np.array([[0.0, 0.0, 1.0]]), np.ones(2))
    moved = line.with_slots(4, Patience(np.ones(2), np.full(2, 0.5)))
    none = math.exp(-1)
    assert moved.below[3] == pytest.approx(none * none)
    assert moved.full[0] == pytest.approx(
        [(1 - none) * none / 2, (1 - none) * (1 + none) / 2, (1 - none) / 2]
    )


def test_without_a_place_for_compiled_code_it_is_compiled_each_time() -> None:
    """A read-only installation without a home: the compiler finds nowhere to keep its results."""
    code = "from staffcast.staffing.line_walk import walk; print(type(walk._cache).__name__)"
    environment = os.environ | {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout.strip()) == (0, "NullCache"), done.stderr


def test_everybody_gone_within_the_short_time_leaves_nobody_to_count() -> None:
    impatient = PatienceCurve.steps([3.3], [0.0])
    day = day_performance(ChatQueue([60, 60], MILD, impatient), 0, interval_s=600, threshold_s=30, short_s=10)
    assert day.service_level(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS).tolist() == [0, 0]
    assert day.abandon_share == pytest.approx(1, abs=1e-9)
