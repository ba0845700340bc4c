"""Performance against an independent chain, published figures and closed forms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import gammainc

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, performance

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.staffing import QueuePerformance

INF = math.inf
FIGURES = (
    "wait_share",
    "asa_s",
    "mean_wait_s",
    "abandon_share",
    "agent_occupancy_share",
    "slot_occupancy_share",
    "open_concurrency",
    "realised_handle_s",
)
MILD = [480, 560, 680]
STRONG = [600, 900, 1300, 1800]
TURNING = [480, 560, 1200]
CASES = [
    # arrivals an hour, handle times, patience, agents, threshold, short
    (120, [300], 120, 10, 20, 5),
    (120, [300], 120, 11, 0, 5),
    (240, [300], 120, 20, 20, 5),
    (240, [300], 120, 5, 20, 5),
    (240, [300], 5, 18, 10, 2),
    (240, [300], 0.01, 18, 0, 0.01),
    (240, [300], 30_000, 19, 60, 5),
    (240, [300], 30_000, 22, 60, 5),
    (240, [300], 120, 20, 20, 0),
    (6, [300], 60, 1, 20, 5),
    (1e-6, [300], 60, 1, 20, 5),
    (200, [180], INF, 14, 20, 5),
    (720, [240], INF, 55, 15, 0),
    (1, [3600], INF, 2, 600, 0),
    (60, MILD, 180, 5, 30, 5),
    (300, MILD, 180, 19, 30, 5),
    (300, MILD, 180, 12, 30, 5),
    (300, MILD, 180, 40, 30, 5),
    (1500, MILD, 180, 89, 30, 5),
    (300, MILD, 3, 19, 2, 1),
    (300, MILD, 1e6, 25, 30, 5),
    (300, MILD, INF, 22, 30, 5),
    (70, STRONG, 120, 10, 30, 10),
    (70, STRONG, INF, 10, 30, 10),
    (120, TURNING, 120, 9, 30, 5),
    (120, TURNING, 120, 30, 30, 5),
    (40, [900, 500, 450], 240, 3, 45, 5),
    (200, [500, 500, 500], 120, 10, 30, 5),
    (200, [200, 400, 600], 120, 12, 30, 5),
    (0.01, MILD, 180, 1, 30, 5),
    (5000, MILD, 45, 2, 30, 5),
]


def figures(desk: QueuePerformance) -> dict[str, float]:
    named = {name: getattr(desk, name) for name in FIGURES}
    return named | {convention: desk.service_level(convention) for convention in ServiceLevelConvention}


@pytest.mark.parametrize(("arrivals", "handle", "patience", "agents", "threshold", "short"), CASES)
def test_every_figure_equals_the_chain(
    solve_chain: Callable[..., dict[str, float]],
    arrivals: float,
    handle: list[float],
    patience: float,
    agents: int,
    threshold: float,
    short: float,
) -> None:
    exact = solve_chain(arrivals, handle, patience, agents, threshold_s=threshold, short_s=short)
    desk = performance(ChatQueue(arrivals, handle, patience), agents, threshold_s=threshold, short_s=short)
    assert figures(desk) == pytest.approx(exact, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("agents", [20, 30, 60, 120])
def test_the_smallest_probabilities_keep_their_digits(
    solve_chain: Callable[..., dict[str, float]], agents: int
) -> None:
    exact = solve_chain(30, MILD, 180, agents, threshold_s=30)
    desk = performance(ChatQueue(30, MILD, 180), agents, threshold_s=30)
    assert exact["wait_share"] < 1e-25
    for name in ("wait_share", "abandon_share", "asa_s"):
        assert getattr(desk, name) == pytest.approx(exact[name], rel=1e-9, abs=0)


def test_random_desks_equal_the_chain_row_by_row(solve_chain: Callable[..., dict[str, float]]) -> None:
    rng = np.random.default_rng(20260801)
    n = 60
    handle = 300 * 10 ** rng.uniform(-0.5, 0.5, (n, 3))
    agents = rng.integers(1, 30, n)
    arrivals = rng.uniform(0.05, 1.4, n) * agents * 3 / handle[:, -1] * 3600
    patience = 10 ** rng.uniform(0, 4, n)
    desk = performance(ChatQueue(arrivals, handle, patience), agents, threshold_s=25, short_s=4)
    for row in range(n):
        exact = solve_chain(
            arrivals[row], list(handle[row]), patience[row], int(agents[row]), threshold_s=25, short_s=4
        )
        mine = {name: float(np.asarray(values)[row]) for name, values in figures(desk).items()}
        assert mine == pytest.approx(exact, rel=1e-9, abs=1e-13), f"row {row}"


def test_the_oracles_waits_are_those_of_a_pure_death_process(desk_type: type) -> None:
    desk = desk_type(arrivals_per_hour=300, handle_s_by_level=MILD, patience_s=180, agents=4)
    ahead = 12
    rates = desk.full_rate + desk.leave_rate * np.arange(ahead + 1)
    generator = -np.diag(rates) + np.diag(rates[1:], k=-1)
    for time_s in (1.0, 30.0, 400.0):
        by_matrix = expm(generator * time_s)[ahead].sum()
        assert desk.still_waiting(ahead, time_s) == pytest.approx(by_matrix, rel=1e-11)
    assert desk.virtual_wait(ahead) == pytest.approx(-np.linalg.solve(generator, np.ones(ahead + 1))[ahead])


def test_published_erlang_c() -> None:
    desk = performance(ChatQueue(200, 180), 14, threshold_s=20)
    assert desk.wait_share == pytest.approx(0.1741319, abs=5e-8)
    assert desk.asa_s == pytest.approx(7.835937, abs=5e-7)
    assert desk.service_level(ServiceLevelConvention.VIRTUAL) == pytest.approx(0.88835, abs=5e-6)
    desk = performance(ChatQueue(720, 240), 55, threshold_s=15)
    assert desk.wait_share == pytest.approx(0.2387, abs=5e-5)
    assert desk.asa_s == pytest.approx(8.184, abs=5e-4)
    assert desk.service_level(ServiceLevelConvention.SERVED_OF_ALL) == pytest.approx(0.8459, abs=5e-5)


def test_published_erlang_a_of_garnett_mandelbaum_reiman() -> None:
    patient = performance(ChatQueue(48 * 60, 60), 50, threshold_s=20)
    assert patient.asa_s == pytest.approx(20.83, abs=5e-3)


def test_garnett_mandelbaum_reiman_limit() -> None:
    """As many agents as erlangs, patience 2/5 of a chat: 1 / (1 + sqrt(2.5)) = 0.387 wait, reached slowly."""
    load = np.array([1e2, 1e3, 1e4, 1e5])
    desk = performance(ChatQueue(load * 12, 300, 120), load, threshold_s=20)
    limit = 1 / (1 + math.sqrt(2.5))
    assert limit == pytest.approx(0.387, abs=5e-4)
    assert desk.wait_share[2] == pytest.approx(0.3891, abs=5e-5)
    assert np.all(np.diff(np.abs(desk.wait_share - limit)) < 0)
    assert desk.wait_share[-1] == pytest.approx(limit, abs=1e-3)
    leaving = performance(ChatQueue(48 * 60, 60, patience_s=120), 50, threshold_s=20)
    assert leaving.abandon_share == pytest.approx(0.0309, abs=5e-5)
    assert leaving.mean_wait_s == pytest.approx(3.71, abs=5e-3)
    assert leaving.agent_occupancy_share == pytest.approx(0.930, abs=5e-4)


def test_the_conventions_differ_by_eight_points_on_one_desk() -> None:
    desk = performance(ChatQueue(240, 300, patience_s=120), 20, threshold_s=20)
    levels = [desk.service_level(convention) for convention in ServiceLevelConvention]
    assert min(levels) == pytest.approx(0.704, abs=5e-4)
    assert max(levels) == pytest.approx(0.789, abs=5e-4)


@pytest.mark.parametrize(
    ("arrivals", "agents", "service_level"),
    [(60, 5, 0.940), (120, 8, 0.832), (300, 19, 0.833), (600, 37, 0.832)],
)
def test_erlang_chat_reference_desks(arrivals: float, agents: int, service_level: float) -> None:
    desk = performance(ChatQueue(arrivals, MILD, 180), agents, threshold_s=30)
    assert desk.service_level(ServiceLevelConvention.SERVED_OF_ALL) == pytest.approx(service_level, abs=5e-4)


def test_a_third_slot_that_slows_the_agent_down_costs_half_the_service_level() -> None:
    desk = performance(ChatQueue(120, TURNING, 120), 9, threshold_s=30)
    assert desk.service_level(ServiceLevelConvention.SERVED_OF_ALL) == pytest.approx(0.514, abs=5e-4)
    assert desk.throughput_peak_level == 2


def test_one_agent_without_abandonment_is_m_m_1() -> None:
    desk = performance(ChatQueue(6, 300), 1, threshold_s=100)
    load = 0.5
    assert desk.wait_share == pytest.approx(load, rel=1e-13)
    assert desk.asa_s == pytest.approx(300 * load / (1 - load), rel=1e-13)
    late = load * math.exp(-(1 - load) * 100 / 300)
    assert desk.service_level(ServiceLevelConvention.VIRTUAL) == pytest.approx(1 - late, rel=1e-13)


def test_patience_equal_to_the_handle_time_is_a_poisson_number_of_customers() -> None:
    load, agents = 8.0, 9
    desk = performance(ChatQueue(load * 12, 300, patience_s=300), agents, threshold_s=30)
    assert desk.wait_share == pytest.approx(gammainc(agents, load), rel=1e-12)
    n_busy = load * (1 - gammainc(agents - 1, load)) + agents * gammainc(agents, load)
    assert desk.agent_occupancy_share == pytest.approx(n_busy / agents, rel=1e-12)


@pytest.mark.parametrize(
    ("load", "agents", "patience"), [(20, 20, 120), (20, 25, 120), (80, 60, 300), (3, 9, 40)]
)
def test_palms_form_of_erlang_a(load: float, agents: int, patience: float) -> None:
    handle = 300.0
    x, y = agents * patience / handle, load * patience / handle
    series, term, j = 1.0, 1.0, 0
    while term > 1e-18 * series:
        j += 1
        term *= y / (x + j)
        series += term
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    wait = series * blocked / (1 + (series - 1) * blocked)
    abandoned = wait * (1 / (load / agents * series) + 1 - agents / load)
    desk = performance(ChatQueue(load / handle * 3600, handle, patience), agents, threshold_s=20)
    assert desk.wait_share == pytest.approx(wait, rel=1e-12)
    assert desk.abandon_share == pytest.approx(abandoned, rel=1e-10)
    assert desk.mean_wait_s == pytest.approx(abandoned * patience, rel=1e-10)


def test_square_root_staffing_at_ten_thousand_erlangs() -> None:
    """At N = load and patience 0.4 handle times the waiting share tends to 1 / (1 + sqrt(2.5))."""
    desk = performance(ChatQueue(10_000 / 300 * 3600, 300, patience_s=120), 10_000, threshold_s=20)
    assert desk.wait_share == pytest.approx(0.3891, abs=5e-5)


@pytest.mark.parametrize("agents", [0, 4, 12.25, 19])
@pytest.mark.parametrize("handle", [[300], MILD])
def test_level_shares_account_for_all_time(handle: list[float], agents: float) -> None:
    desk = performance(ChatQueue([0, 3, 80, 300], handle, 180), agents, threshold_s=30)
    shares = desk.level_shares
    assert shares.shape == (4, len(handle) + 1)
    assert np.all(shares >= 0)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert 1 - shares[:, 0] == pytest.approx(desk.agent_occupancy_share)
    held = shares @ np.arange(len(handle) + 1) / len(handle)
    assert held == pytest.approx(desk.slot_occupancy_share)


def test_notes_name_what_spoils_a_plan() -> None:
    assert performance(ChatQueue(300, MILD), 30, threshold_s=30).notes == ()
    (unstable,) = performance(ChatQueue([1, 300], MILD), 5, threshold_s=30).notes
    assert unstable.startswith("unstable in 1 of 2 rows")
    (falling,) = performance(ChatQueue(20, TURNING), 9, threshold_s=30).notes
    assert "a limit of 2 serves customers better" in falling
