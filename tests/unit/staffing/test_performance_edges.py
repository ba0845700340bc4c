"""Performance where formulas break: nothing to do, nobody there, too much to do, huge and tiny numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, QueuePerformance, Target, performance, required_agents

INF = math.inf
SHARES = ("wait_share", "abandon_share", "agent_occupancy_share", "slot_occupancy_share")
MILD = [480, 560, 680]


def assert_in_range(desk: QueuePerformance, handle: list[float]) -> None:
    shares = [getattr(desk, name) for name in SHARES]
    shares += [desk.service_level(convention) for convention in ServiceLevelConvention]
    for share in shares:
        assert np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1))
    for wait in (desk.asa_s, desk.mean_wait_s):
        assert not np.any(np.isnan(wait))
        assert np.all(np.asarray(wait) >= 0)
    concurrency = np.asarray(desk.open_concurrency)
    assert np.all((concurrency == 0) | ((concurrency > 1 - 1e-9) & (concurrency < len(handle) + 1e-9)))
    realised = np.asarray(desk.realised_handle_s)
    assert np.all((realised > min(handle) * (1 - 1e-9)) & (realised < max(handle) * (1 + 1e-9)))
    endless = np.isinf(np.asarray(desk.asa_s))
    assert np.all(endless | np.isfinite(np.asarray(desk.mean_wait_s)))


@pytest.mark.parametrize(
    "handle", [[300], [0.001], [0.001, 0.002], [1e6], MILD, [480, 560, 1200], [300, 300, 300], [900, 500]]
)
def test_every_figure_is_finite_and_in_range_on_a_grid_of_extremes(handle: list[float]) -> None:
    rates = [0, 5e-324, 1e-317, 1e-300, 1e-12, 1, 12, 120, 119.999999999, 1e4, 1e30]
    patience = [0, 1e-320, 1e-12, 1e-3, 1, 180, 1e7, 1e15, 1e100, INF]
    agents = [0, 1, 2, 10, 10.5, 300]
    times = [(0, 0), (20, 5), (1e9, 1e9)]
    grid = np.array([(*row, *pair) for *row, pair in itertools.product(rates, patience, agents, times)])
    queue = ChatQueue(grid[:, 0], handle, grid[:, 1])
    assert_in_range(performance(queue, grid[:, 2], threshold_s=grid[:, 3], short_s=grid[:, 4]), handle)


@pytest.mark.parametrize("patience", [180, INF])
@pytest.mark.parametrize("handle", [[300], MILD])
def test_a_hundred_thousand_erlangs(handle: list[float], patience: float) -> None:
    load = 100_000
    agents = math.ceil(1.003 * load / len(handle))
    desk = performance(ChatQueue(load / handle[-1] * 3600, handle, patience), agents, threshold_s=20)
    assert_in_range(desk, handle)
    assert desk.stable
    assert 0 < desk.wait_share < 1


def test_a_hundred_thousand_slots_keep_their_digits() -> None:
    """Against the two recursions that go up to the full desk and out along the queue, term by term."""
    agents, patience, arrival_rate = 33_354, 180.0, 100_000 / 680
    throughput = [0.0, 1 / 480, 2 / 560, 3 / 680]
    below = 1.0
    for n in range(1, 3 * agents):
        level, ahead = divmod(n, agents)
        close_rate = (agents - ahead) * throughput[level] + ahead * throughput[min(level + 1, 3)]
        below = 1 + below * close_rate / arrival_rate
    full_rate = agents * throughput[3]
    term = queue = arrival_rate / full_rate
    for waiting in range(1, 20_000):
        term *= arrival_rate / (full_rate + waiting / patience)
        queue += term
    desk = performance(ChatQueue(arrival_rate * 3600, MILD, patience), agents, threshold_s=20)
    assert desk.wait_share == pytest.approx(queue / (below + queue), rel=1e-9)


def test_no_arrivals_no_waits_no_work() -> None:
    desk = performance(ChatQueue(0, MILD, 180), [0, 5], threshold_s=30)
    assert np.array_equal(desk.wait_share, [0, 0])
    assert np.array_equal(desk.asa_s, [0, 0])
    assert np.array_equal(desk.slot_occupancy_share, [0, 0])
    assert np.array_equal(desk.open_concurrency, [0, 0])
    assert np.array_equal(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL), [1, 1])
    assert np.array_equal(desk.stable, [True, True])


def test_nobody_at_work_everyone_leaves_when_patience_ends() -> None:
    desk = performance(ChatQueue(60, MILD, 180), 0, threshold_s=180)
    assert (desk.wait_share, desk.abandon_share, desk.mean_wait_s, desk.asa_s) == (1, 1, 180, INF)
    assert (desk.open_concurrency, desk.realised_handle_s) == (0, 480)
    assert desk.service_level(ServiceLevelConvention.SERVED_OF_ALL) == 0
    assert desk.service_level(ServiceLevelConvention.WAIT_WITHIN) == pytest.approx(
        1 - math.exp(-1), rel=1e-14
    )
    assert desk.stable


@pytest.mark.parametrize(("load", "agents"), [(10, 10), (100, 50), (10, 0), (10, 9.5)])
def test_without_abandonment_an_overload_grows_for_ever(load: float, agents: float) -> None:
    desk = performance(ChatQueue(load * 12, 300), agents, threshold_s=20)
    assert (desk.stable, desk.wait_share, desk.asa_s, desk.mean_wait_s) == (False, 1, INF, INF)
    assert (desk.abandon_share, desk.agent_occupancy_share, desk.slot_occupancy_share) == (0, 1, 1)
    assert set(desk.service_levels.values()) == {0}


def test_a_full_unstable_chat_desk_works_at_its_limit() -> None:
    desk = performance(ChatQueue(1000, MILD), 3, threshold_s=30)
    assert (desk.stable, desk.open_concurrency, desk.realised_handle_s) == (False, 3, 680)


def test_without_any_patience_the_desk_is_a_loss_system() -> None:
    desk = performance(ChatQueue(120, 300, patience_s=0), 12, threshold_s=30, short_s=5)
    blocked = 1.0
    for n in range(1, 13):
        blocked = 10 * blocked / (n + 10 * blocked)
    assert desk.wait_share == pytest.approx(blocked, rel=1e-13)
    assert desk.abandon_share == pytest.approx(blocked, rel=1e-13)
    assert desk.mean_wait_s == 0
    assert desk.asa_s == pytest.approx(
        blocked * 300 / 12, rel=1e-13
    )  # the endlessly patient wait for one close
    assert desk.service_level(ServiceLevelConvention.SERVED_OF_ALL) == pytest.approx(1 - blocked, rel=1e-13)
    assert desk.service_level(ServiceLevelConvention.WAIT_WITHIN) == 1
    assert desk.service_level(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS) == 1
    all_counted = performance(ChatQueue(120, 300, patience_s=0), 12, threshold_s=30, short_s=0)
    assert all_counted.service_level(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS) == desk.service_level(
        ServiceLevelConvention.SERVED_OF_ALL
    )


@pytest.mark.parametrize(("patience", "limit"), [(1e-9, 0), (1e-10, 0), (1e9, INF)])
def test_extreme_patience_continues_into_its_limit(patience: float, limit: float) -> None:
    near = performance(ChatQueue(300, MILD, patience), 23, threshold_s=30)
    at = performance(ChatQueue(300, MILD, limit), 23, threshold_s=30)
    for convention in ServiceLevelConvention:
        assert near.service_level(convention) == pytest.approx(at.service_level(convention), rel=1e-6)
    assert near.asa_s == pytest.approx(at.asa_s, rel=1e-5)


def test_waits_stay_exact_as_patience_grows_without_bound() -> None:
    """E[W] = P(abandon) x patience loses its digits unless the abandonment is summed without cancellation."""
    endless = performance(ChatQueue(300, MILD), 23, threshold_s=30)
    patient = performance(ChatQueue(300, MILD, 1e14), 23, threshold_s=30)
    assert patient.mean_wait_s == pytest.approx(endless.mean_wait_s, rel=1e-9)


def test_a_fraction_of_an_agent_is_the_mean_of_two_schedules() -> None:
    queue = ChatQueue(300, MILD, 180)
    fewer, part, more = (performance(queue, n, threshold_s=30) for n in (19, 19.25, 20))
    for name in (*SHARES, "asa_s", "realised_handle_s"):
        mixed = 0.75 * getattr(fewer, name) + 0.25 * getattr(more, name)
        assert getattr(part, name) == pytest.approx(mixed, rel=1e-14)


def test_a_fraction_of_an_agent_in_erlang_c_follows_the_gamma_form() -> None:
    queue = ChatQueue(120, 300)
    n = np.array([10.001, 10.5, 11.0, 11.5, 12.0])
    waits = performance(queue, n, threshold_s=30).wait_share
    assert np.all(np.diff(waits) < 0)
    assert waits[3] < (waits[2] + waits[4]) / 2  # convex, so not a straight line
    assert waits[3] == pytest.approx(math.sqrt(waits[2] * waits[4]), rel=0.01)


def test_rows_take_the_shape_of_everything_broadcast_together() -> None:
    queue = ChatQueue([60, 300], np.array([[480, 560], [300, 400]]), patience_s=[[100], [200], [300]])
    desk = performance(queue, agents=[10, 20], threshold_s=30)
    assert np.shape(desk.wait_share) == (3, 2)
    assert np.shape(desk.throughput_peak_level) == (3, 2)
    one = performance(ChatQueue(300, [300, 400], 200), 20, threshold_s=30)
    assert desk.asa_s[1, 1] == one.asa_s
    assert isinstance(one.asa_s, float)
    assert isinstance(one.stable, bool)


def test_no_rows_give_no_rows() -> None:
    assert np.shape(performance(ChatQueue([], MILD, 180), 3, threshold_s=30).asa_s) == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"agents": -1}, "agents: -1.0 (give numbers of at least 0)"),
        ({"agents": [1, math.nan]}, "agents: nan at position 1 (give numbers of at least 0)"),
        ({"agents": "ten"}, "agents: 'ten' is not numeric (give numbers of at least 0)"),
        ({"threshold_s": INF}, "threshold_s: inf (give numbers of at least 0)"),
        (
            {"agents": [1, 2, 3]},
            "shapes do not fit together: queue (2,), agents (3,) (give one number, or one per row)",
        ),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        performance(ChatQueue([60, 70], MILD, 180), **({"agents": 5, "threshold_s": 30} | arguments))
    assert str(caught.value) == message


@pytest.mark.parametrize("handle_s", [180.0, 240.0, 300.0])
def test_as_much_load_as_agents_is_unstable_whatever_the_rounding(handle_s: float) -> None:
    agents = np.arange(1, 501)
    found = performance(ChatQueue(agents * 3600 / handle_s, handle_s), agents, threshold_s=20)
    assert not np.any(found.stable)
    lax = Target(max_slot_occupancy_share=1.0, max_abandon_share=1.0)
    assert np.array_equal(required_agents(ChatQueue(agents * 3600 / handle_s, handle_s), lax), agents + 1)
