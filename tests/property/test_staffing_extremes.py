"""Whatever numbers come in, the engine answers soundly or refuses with a reason."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staffcast.core.errors import StaffcastError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import (
    ChatQueue,
    LiveWork,
    ParkedThreads,
    PatienceCurve,
    ReplyModel,
    Routing,
    Shrinkage,
    StaffingRules,
    Target,
    best_concurrency,
    blended_plan,
    blocked_share,
    check_routing,
    day_performance,
    day_plan,
    deferrable_plan,
    fewest_agent_hours,
    hour_by_hour,
    lagged_agents,
    offered_load_agents,
    performance,
    pooled_queue,
    pooling_bounds,
    redial_performance,
    required_agents,
    required_agents_fractional,
    required_agents_sticky,
    required_agents_uncertain,
    required_agents_with_redials,
    returning_load,
    scheduled_agents,
    sensitivity,
    square_root_agents,
    stationary_agents,
    sticky_performance,
    throughput_peak_level,
    uncertain_performance,
    wait_distribution,
    wait_quantile_s,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

CONVENTIONS = st.sampled_from(list(ServiceLevelConvention))
TINY = st.sampled_from([0.0, 5e-324, 1e-300, 1e-12, 1e-6, 1e-3])
HUGE = st.sampled_from([1e5, 1e6, 1e9, 1e300])
WRONG = st.sampled_from([-1.0, math.nan, math.inf])


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Mostly within the range, at times tiny, at times whole."""
    return st.floats(low, high) | st.floats(low, high) | st.integers(int(low), int(high)).map(float) | TINY


RATES = numbers(0, 600)
ANY_RATE = RATES | st.floats(0, 1e7) | HUGE | WRONG
HANDLES = st.lists(numbers(1, 3000), min_size=1, max_size=5)
HANDLES_OF_DAYS = st.lists(st.floats(1, 3000) | st.just(0.0), min_size=1, max_size=5)
"""Without the shortest: a day of a million events an interval takes minutes."""
ANY_HANDLES = HANDLES | st.lists(numbers(1, 3000) | HUGE | WRONG, min_size=0, max_size=7)
FALLING_SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=6).map(lambda s: sorted(s, reverse=True))
CURVES = FALLING_SHARES.map(
    lambda shares: PatienceCurve.steps(7.3 * np.arange(1, len(shares) + 1) ** 2, shares)
) | st.floats(0.3, 3).map(
    lambda shape: PatienceCurve.smooth(lambda u: np.exp(-((np.asarray(u) / 120) ** shape)))
)
PATIENCE = numbers(0, 2000) | st.just(math.inf)
ANY_PATIENCE = PATIENCE | HUGE | WRONG
TIMES = numbers(0, 900)
ANY_TIME = TIMES | HUGE | WRONG
SHARES = st.floats(0, 1) | st.sampled_from([0.0, 1e-12, 0.5, 0.8, 1 - 1e-12, 1.0])
AGENTS = st.integers(0, 40)
ANY_AGENTS = AGENTS.map(float) | st.floats(0, 60) | st.floats(0, 1e6) | WRONG
REPLIES = {
    "work_s": numbers(0.1, 600),
    "think_s": numbers(0, 2000),
    "turns": st.floats(1, 30),
    "wrap_up_s": numbers(0, 300),
}
MODELS = {name: values | WRONG for name, values in REPLIES.items()}


def sound(result: object, name: str = "") -> None:
    """No share outside 0..1, no negative time, nothing that is no number."""
    if dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            sound(getattr(result, field.name), field.name)
    elif isinstance(result, Mapping):
        for key, value in result.items():
            sound(value, str(key) if name != "service_levels" else "level_share")
    elif isinstance(result, (tuple, list)):
        for value in result:
            sound(value, name)
    elif isinstance(result, (float, int, np.ndarray, np.generic)):
        values = np.asarray(result)
        assert not np.isnan(values).any(), name
        if name not in ("elasticity", "service_level_gap", "change_share"):
            assert np.all(values >= 0), name
        if name.endswith("_share") and name != "change_share":
            assert np.all(values <= 1), name


def answers(ask: Callable[[], object]) -> None:
    """Ask, and take a refusal with a reason for an answer."""
    try:
        found, refusal = ask(), "none"
    except StaffcastError as error:
        found, refusal = None, str(error)
    assert refusal.strip()
    assert "\n" not in refusal
    sound(found)


@st.composite
def targets(draw: st.DrawFn, *, replies: bool = False) -> Target | None:
    """A target of some parts, or None where it is refused."""
    parts: dict[str, object] = {}
    if draw(st.integers(0, 3)):
        parts |= {"service_level_share": draw(SHARES), "threshold_s": draw(ANY_TIME)}
        parts |= {"convention": draw(CONVENTIONS), "short_s": draw(TIMES)}
    for name, values in (
        ("max_slot_occupancy_share", SHARES),
        ("max_asa_s", ANY_TIME),
        ("max_abandon_share", SHARES),
    ):
        if not draw(st.integers(0, 4)):
            parts[name] = draw(values)
    if replies and draw(st.booleans()):
        parts |= {"reply_share": draw(SHARES), "reply_within_s": draw(ANY_TIME)}
    try:
        return Target(**parts)  # type: ignore[arg-type]
    except StaffcastError:
        return None


@given(ANY_RATE, ANY_HANDLES, ANY_PATIENCE | CURVES, ANY_AGENTS, ANY_TIME, ANY_TIME, SHARES)
def test_waits_of_any_desk(
    rate: float,
    handle: list[float],
    patience: float | PatienceCurve,
    agents: float,
    within_s: float,
    short_s: float,
    share: float,
) -> None:
    answers(lambda: throughput_peak_level(handle))
    answers(lambda: blocked_share(rate, handle[:1], agents))
    answers(
        lambda: performance(ChatQueue(rate, handle, patience), agents, threshold_s=within_s, short_s=short_s)
    )
    answers(lambda: wait_distribution(ChatQueue(rate, handle, patience), agents, [0, within_s, 1e6]))
    answers(lambda: wait_quantile_s(ChatQueue(rate, handle, patience), agents, share))


@given(ANY_RATE, ANY_HANDLES, ANY_PATIENCE | CURVES, targets(), SHARES)
def test_required_agents_of_any_desk(
    rate: float,
    handle: list[float],
    patience: float | PatienceCurve,
    target: Target | None,
    share: float,
) -> None:
    if target is None:
        return
    answers(lambda: required_agents(ChatQueue(rate, handle, patience), target))
    answers(lambda: required_agents_fractional(ChatQueue(rate, handle, patience), target))
    answers(
        lambda: required_agents_with_redials(ChatQueue(rate, handle, patience), target, redial_share=share)
    )


@given(RATES, HANDLES, PATIENCE, targets(), st.floats(0, 2), AGENTS, TIMES, CONVENTIONS, SHARES)
@settings(max_examples=40)
def test_uncertain_and_redialled_desks(
    rate: float,
    handle: list[float],
    patience: float,
    target: Target | None,
    rate_cv: float,
    agents: int,
    within_s: float,
    convention: ServiceLevelConvention,
    share: float,
) -> None:
    def queue() -> ChatQueue:
        return ChatQueue(rate, handle, patience)

    answers(
        lambda: uncertain_performance(
            queue(), agents, rate_cv=rate_cv, threshold_s=within_s, convention=convention
        )
    )
    answers(lambda: redial_performance(queue(), agents, redial_share=share, threshold_s=within_s))
    if target is not None:
        answers(lambda: required_agents_uncertain(queue(), target, rate_cv=rate_cv))
        answers(lambda: sensitivity(queue(), target))
        answers(lambda: pooling_bounds([queue(), ChatQueue(60, handle, patience)], target))
        answers(lambda: pooled_queue([queue(), ChatQueue(rate / 2, handle, patience)]).arrivals_per_hour)


@given(ANY_RATE, st.fixed_dictionaries(MODELS), PATIENCE, targets(replies=True), st.integers(1, 6), ANY_TIME)
@settings(max_examples=12)
def test_replies_of_any_desk(
    rate: float,
    model: dict[str, float],
    patience: float,
    target: Target | None,
    limit: int,
    within_s: float,
) -> None:
    def queue() -> ChatQueue:
        return ChatQueue.of_replies(rate, ReplyModel(**model), concurrency_limit=limit, patience_s=patience)

    answers(lambda: ReplyModel(**model).reply_within_share(within_s, limit))
    answers(lambda: ReplyModel(**model).reply_s(limit))
    answers(lambda: performance(queue(), 4, threshold_s=30, reply_within_s=within_s))
    if target is not None:
        answers(lambda: best_concurrency(queue(), target, range(1, limit + 1)))


@given(
    RATES | WRONG,
    st.fixed_dictionaries(REPLIES),
    TIMES | st.just(math.inf) | WRONG,
    SHARES,
    numbers(0, 20_000) | WRONG,
    st.integers(0, 8),
    st.integers(1, 3),
    PATIENCE,
    targets(replies=True),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_parked_threads_of_any_kind(
    rate: float,
    model: dict[str, float],
    park_after_s: float,
    long_share: float,
    long_think_s: float,
    agents: int,
    limit: int,
    patience: float,
    target: Target | None,
) -> None:
    def threads() -> ParkedThreads:
        return ParkedThreads(
            replies=ReplyModel(**model),
            park_after_s=park_after_s,
            long_share=long_share,
            long_think_s=long_think_s,
        )

    rate /= 10  # some agents are enough
    answers(lambda: (threads().park_share, threads().visits, threads().parked_s, threads().visit))
    answers(lambda: required_agents(threads().queue(rate, concurrency_limit=limit), Target(max_asa_s=30)))
    answers(
        lambda: sticky_performance(
            threads(),
            rate,
            agents,
            concurrency_limit=limit,
            patience_s=patience,
            threshold_s=30,
            reply_within_s=90,
        )
    )
    if target is not None:
        answers(
            lambda: required_agents_sticky(
                threads(), rate, target, concurrency_limit=limit, patience_s=patience
            )
        )


@given(
    st.lists(RATES, min_size=1, max_size=4),
    HANDLES_OF_DAYS,
    PATIENCE,
    st.lists(AGENTS, min_size=4, max_size=4),
    st.sampled_from([60.0, 300.0, 900.0, 0.1, 0.0, math.nan]),
    TIMES,
    st.integers(-1, 50),
    targets(),
    st.sampled_from([{}, {"on_average": True}]),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_days_of_any_kind(
    rates: list[float],
    handle: list[float],
    patience: float,
    agents: list[int],
    interval_s: float,
    within_s: float,
    start: int,
    target: Target | None,
    more: dict[str, bool],
) -> None:
    people = agents[: len(rates)]

    def queue() -> ChatQueue:
        return ChatQueue(np.minimum(rates, 100), handle, patience)

    answers(
        lambda: day_performance(
            queue(), people, interval_s=interval_s, threshold_s=within_s, short_s=5, start_chats=start
        )
    )
    if target is None:
        return
    rules = StaffingRules(min_agents=people[0] // 8, max_rise=3, max_fall=3)
    answers(lambda: day_plan(queue(), target, interval_s=interval_s, rules=rules, **more).agents)
    answers(lambda: fewest_agent_hours(queue(), target, interval_s=interval_s))
    answers(lambda: hour_by_hour(queue(), target, interval_s=interval_s))
    answers(lambda: lagged_agents(queue(), target, interval_s=interval_s))
    answers(lambda: offered_load_agents(queue(), target, interval_s=interval_s))
    answers(lambda: stationary_agents(queue(), target))


@given(st.lists(RATES, min_size=1, max_size=3), HANDLES_OF_DAYS, CURVES, AGENTS, TIMES, st.integers(0, 30))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_days_with_any_patience_curve(
    rates: list[float], handle: list[float], curve: PatienceCurve, agents: int, within_s: float, start: int
) -> None:
    def queue() -> ChatQueue:
        return ChatQueue(np.minimum(rates, 200), handle, curve)

    answers(
        lambda: day_performance(
            queue(), agents, interval_s=300, threshold_s=within_s, short_s=5, start_chats=start
        )
    )


@given(RATES, HANDLES, PATIENCE | CURVES, st.integers(0, 8), TIMES, st.sampled_from(list(Routing)))
@settings(max_examples=40)
def test_routed_desks_of_any_kind(
    rate: float,
    handle: list[float],
    patience: float | PatienceCurve,
    agents: int,
    within_s: float,
    routing: Routing,
) -> None:
    answers(
        lambda: check_routing(
            ChatQueue(rate, handle[:3], patience), agents, threshold_s=within_s, short_s=5, routing=routing
        )
    )


@given(
    st.lists(RATES | WRONG, min_size=0, max_size=5),
    ANY_TIME,
    ANY_TIME,
    TIMES | WRONG,
    SHARES,
    SHARES,
    st.sampled_from([{}, {"whole": False}]),
)
@settings(max_examples=40)
def test_deferrable_work_of_any_kind(
    items: list[float],
    work_s: float,
    within_s: float,
    open_s: float,
    sure_share: float,
    busy_share: float,
    more: dict[str, bool],
) -> None:
    asked = {"work_s": work_s, "within_s": within_s, "open_s": open_s, "sure_share": sure_share}
    answers(lambda: deferrable_plan(items, **asked, max_agents=20, **more))  # type: ignore[arg-type]
    answers(lambda: blended_plan([LiveWork(5, busy_share)], items, **asked))
    answers(
        lambda: returning_load(
            items, interval_s=open_s, work_s=work_s, return_share=busy_share, away_s=within_s
        )
    )


@given(ANY_AGENTS, SHARES, st.lists(SHARES, max_size=3), ANY_RATE)
def test_shrinkage_and_square_roots_of_any_kind(
    agents: float, share: float, absent: list[float], load: float
) -> None:
    answers(lambda: scheduled_agents(agents, share))
    answers(lambda: Shrinkage(absent={f"kind {i}": part for i, part in enumerate(absent)}).scheduled(agents))
    answers(lambda: square_root_agents(load, wait_share=share))
