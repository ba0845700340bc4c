"""Plans of small days against every profile that there is."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    StaffingRules,
    Target,
    day_performance,
    day_plan,
    fewest_agent_hours,
)
from staffcast.staffing.day import advanced, day_intervals, start_of_day, thresholds_of
from staffcast.staffing.day_bound import Stage, relaxed
from staffcast.staffing.transient import Interval, in_time_by_start

if TYPE_CHECKING:
    from collections.abc import Sequence

MILD = [480, 560, 680]
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL
TARGET = Target(service_level_share=0.8, threshold_s=30)
FREE = StaffingRules()
RULES = [
    FREE,
    StaffingRules(min_agents=3, max_rise=2),
    StaffingRules(max_rise=1, max_fall=1),
    StaffingRules(min_agents=[2, 1, 4], max_fall=2),
]
DAYS = [
    ([40, 20, 40], 3600),
    pytest.param([20, 90, 20], 1800, marks=pytest.mark.slow),
    pytest.param([120, 40, 40], 900, marks=pytest.mark.slow),
    pytest.param([60, 90, 120], 900, marks=pytest.mark.slow),
]


def all_days(arrivals: Sequence[float], interval_s: float) -> dict[tuple[int, ...], np.ndarray]:
    """Service level of each interval by profile, up to more agents than any plan needs.

    Profiles with the same beginning share it, so that each step is carried out once.
    """
    most = [math.ceil(rate / 3600 * 680 / 3 + 2.5) + 1 for rate in arrivals]
    intervals = day_intervals(ChatQueue(arrivals, MILD, 180), interval_s)
    thresholds = thresholds_of(30.0, 0.0, None)
    found = {(): (np.empty(0), start_of_day(0, intervals, thresholds))}
    for interval, top in zip(intervals, (max(top, max(most) - 2) for top in most), strict=True):
        longer = {}
        for (profile, (levels, state)), agents in itertools.product(found.items(), range(1, top + 1)):
            figures, end = advanced(interval, agents, state, thresholds)
            longer[*profile, agents] = np.append(levels, figures[str(OF_ALL)]), end
        found = longer
    return {profile: levels for profile, (levels, _) in found.items()}


def test_profiles_with_one_beginning_are_days_of_their_own() -> None:
    levels = all_days([20, 60], 900)[2, 3]
    day = day_performance(ChatQueue([20, 60], MILD, 180), [2, 3], interval_s=900, threshold_s=30)
    assert levels.tolist() == day.service_level(OF_ALL).tolist()


def allowed(profile: tuple[int, ...], rules: StaffingRules) -> bool:
    change = np.diff(profile)
    return bool(
        np.all(np.array(profile) >= rules.min_agents)
        and (rules.max_rise is None or change.max() <= rules.max_rise)
        and (rules.max_fall is None or change.min() >= -rules.max_fall)
    )


@pytest.mark.parametrize(("arrivals", "interval_s"), DAYS)
def test_no_profile_of_a_small_day_is_smaller(arrivals: list[float], interval_s: float) -> None:
    queue, every = ChatQueue(arrivals, MILD, patience_s=180), all_days(arrivals, interval_s)
    chats = np.array(arrivals) / sum(arrivals)
    for rules in RULES:
        kept = {profile: level for profile, level in every.items() if allowed(profile, rules)}
        always = min(sum(profile) for profile, level in kept.items() if level.min() >= 0.8)
        on_average = min(sum(profile) for profile, level in kept.items() if chats @ level >= 0.8)
        plan = day_plan(queue, TARGET, interval_s=interval_s, rules=rules)
        mean_plan = day_plan(queue, TARGET, interval_s=interval_s, rules=rules, on_average=True)
        assert plan.agents.sum() == always
        assert mean_plan.agents.sum() == on_average
        assert allowed(tuple(plan.agents), rules)
        assert allowed(tuple(mean_plan.agents), rules)
        assert mean_plan.day_service_level(OF_ALL) >= 0.8 - 1e-12
        bound = fewest_agent_hours(queue, TARGET, interval_s=interval_s, min_agents=rules.min_agents)
        assert bound * 3600 / interval_s <= on_average + 1e-9
        assert bound * 3600 / interval_s >= (0.8 if rules is FREE else 0.5) * on_average


def test_the_bound_is_the_steady_state_on_a_long_quiet_day() -> None:
    queue = ChatQueue([100] * 3, MILD, patience_s=180)
    plan = day_plan(queue, TARGET, interval_s=12_000, on_average=True)
    bound = fewest_agent_hours(queue, TARGET, interval_s=12_000)
    assert 0 <= plan.agents.sum() * 12_000 / 3600 - bound < 12_000 / 3600


def test_the_bound_refuses_what_is_no_service_level() -> None:
    with pytest.raises(ModelError, match="not one service level"):
        fewest_agent_hours(ChatQueue([60, 60], MILD), Target(max_asa_s=9), interval_s=900)


def test_nobody_is_needed_on_a_day_without_chats() -> None:
    assert fewest_agent_hours(ChatQueue([0, 0], MILD), TARGET, interval_s=900) == 0
    assert fewest_agent_hours(ChatQueue([0, 0], MILD), TARGET, interval_s=900, min_agents=2) == 1


@pytest.mark.parametrize("patience_s", [60.0, 180.0, 3000.0, 0.0])
@pytest.mark.parametrize(
    "convention",
    [
        ServiceLevelConvention.SERVED_OF_ALL,
        ServiceLevelConvention.VIRTUAL,
        ServiceLevelConvention.WAIT_WITHIN,
    ],
)
def test_the_chain_backwards_tells_what_it_tells_forwards(
    patience_s: float, convention: ServiceLevelConvention
) -> None:
    interval = Interval(0.05, np.array([480.0, 560.0, 680.0]), patience_s, 900.0)
    thresholds = thresholds_of(30.0, 0.0, None)
    by_start = in_time_by_start(interval, 4, 30, 30.0, convention)
    for n_start in (0, 5, 12, 14, 29):
        start = np.eye(n_start + 1)[n_start]
        figures, _ = advanced(interval, 4, start, thresholds)
        assert by_start[n_start] == pytest.approx(float(figures[str(convention)][0]), abs=1e-11)


def test_plans_on_average_of_half_a_day_are_near_the_bound() -> None:
    hours = np.arange(16) / 2
    queue = ChatQueue(20 + 60 * np.exp(-((hours - 3) ** 2) / 2), MILD, patience_s=180)
    plan = day_plan(queue, TARGET, interval_s=1800, on_average=True)
    bound = fewest_agent_hours(queue, TARGET, interval_s=1800) * 2
    every = day_plan(queue, TARGET, interval_s=1800)
    assert plan.day_service_level(OF_ALL) >= 0.8
    assert bound <= plan.agents.sum() <= bound + 2
    assert plan.agents.sum() <= every.agents.sum()


def test_the_relaxed_day_is_the_best_of_all_profiles_at_every_total() -> None:
    """Three intervals, the second twice as long, whose chats in time depend on two numbers each."""
    rng = np.random.default_rng(4)
    agents = np.arange(1, 5)
    stages = [
        Stage(agents, length_s, np.sort(rng.uniform(0, 1, (before, 4)), axis=1) * n_chats, n_chats)
        for length_s, before, n_chats in ((900.0, 1, 50.0), (1800.0, 4, 30.0), (900.0, 4, 20.0))
    ]
    for stage in stages:
        stage.in_time[:, -1] = stage.n_chats
    day = relaxed(stages, 0.6)
    assert day.unit_s == 900
    for share in (0.3, 0.6, 0.7):
        enough = [
            int(agents[i] + 2 * agents[j] + agents[k])
            for i, j, k in itertools.product(range(4), repeat=3)
            if stages[0].in_time[0, i] + stages[1].in_time[i, j] + stages[2].in_time[j, k] >= share * 100
        ]
        units = day.fewest(share)
        assert units == min(enough)
        assert int(day.agents(units) @ [1, 2, 1]) == units


def test_a_day_without_a_common_measure_of_moderate_size_is_refused() -> None:
    stages = [Stage(np.arange(1, 200), 0.1 * (10_000 + i), np.ones((199, 199)), 1.0) for i in range(30)]
    stages[0] = Stage(np.arange(1, 200), 1000.0, np.ones((1, 199)), 1.0)
    with pytest.raises(ModelError, match="too large"):
        relaxed(stages, 0.8)
