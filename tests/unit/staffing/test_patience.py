"""Patience by any curve, against quadrature of the M/M/n+G formulas and against the models it contains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma, gammainc

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, PatienceCurve, Target, performance, required_agents

if TYPE_CHECKING:
    from collections.abc import Callable

MILD = [480, 560, 680]
STEPS = PatienceCurve.steps([5, 20, 60, 180, 600], [0.95, 0.8, 0.6, 0.3, 0])
SOME_STAY = PatienceCurve.steps([30, 90], [0.7, 0.4])
WEIBULL = PatienceCurve.smooth(lambda u: np.exp(-np.sqrt(u / 90)))
HUMP = PatienceCurve.smooth(lambda u: np.exp(-((u / 150) ** 3)))
WAIT_FIGURES = ("wait_share", "asa_s", "mean_wait_s", "abandon_share", "slot_occupancy_share")


ROOT_S, CUBE_S = 90.0, 150.0
LAWS = {
    # survival and its integral from 0, in closed form
    "steps": (
        STEPS,
        lambda u: np.array([1, 0.95, 0.8, 0.6, 0.3, 0])[np.searchsorted([5, 20, 60, 180, 600], u, "right")],
        lambda u: np.interp(u, [0, 5, 20, 60, 180, 600], [0, 5, 19.25, 51.25, 123.25, 249.25]),
    ),
    "root": (
        WEIBULL,
        lambda u: np.exp(-np.sqrt(u / ROOT_S)),
        lambda u: 2 * ROOT_S * (1 - (1 + np.sqrt(u / ROOT_S)) * np.exp(-np.sqrt(u / ROOT_S))),
    ),
    "cube": (
        HUMP,
        lambda u: np.exp(-((u / CUBE_S) ** 3)),
        lambda u: CUBE_S * gamma(4 / 3) * gammainc(1 / 3, (u / CUBE_S) ** 3),
    ),
}


def waits_by_quadrature(
    rate: float, handle: list[float], agents: int, law: str, time: float
) -> dict[str, float]:
    """Zeltyn and Mandelbaum's integrals on a fine grid, joined to the desk below capacity."""
    _, survival, present = LAWS[law]
    close = [0.0]
    for n in range(1, agents * len(handle) + 1):
        level, ahead = divmod(n, agents)
        now = level / handle[level - 1] if level else 0.0
        after = (level + 1) / handle[level] if ahead else 0.0
        close.append((agents - ahead) * now + ahead * after)
    arrival, full = rate / 3600, close[-1]
    epsilon, weight = 0.0, 1.0
    for n in range(agents * len(handle) - 1, -1, -1):
        epsilon += weight
        weight *= close[n] / arrival
    fine = np.geomspace(1e-9, 1, 200)
    grid = np.unique(np.concatenate([[0.0], fine, np.arange(1, 12_000, 1.0), [time]]))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    width = np.diff(grid)[:, None] / 2
    u = grid[:-1, None] + width * (nodes + 1)
    density = np.exp(arrival * present(u) - full * u) * width * weights
    stay = survival(u)
    scale = arrival / (epsilon + arrival * density.sum())
    wait = scale * density.sum()
    served = 1 - wait + scale * (density * stay).sum()
    late = u > time
    in_time = served - scale * (density * stay)[late].sum()
    return {
        "wait_share": wait,
        "asa_s": scale * (density * u).sum(),
        "mean_wait_s": scale * (density * present(u)).sum(),
        "abandon_share": scale * (density * (1 - stay)).sum(),
        "virtual": 1 - scale * density[late].sum(),
        "served_of_all": in_time,
        "served_of_served": in_time / served,
        "wait_within": 1 - scale * density[late].sum() * float(survival(time)),
    }


@pytest.mark.parametrize("law", list(LAWS))
@pytest.mark.parametrize(
    ("rate", "handle", "agents"), [(60, [300], 5), (60, [300], 4), (60, MILD, 4), (90, MILD, 5), (9, MILD, 1)]
)
def test_a_curve_equals_quadrature(law: str, rate: float, handle: list[float], agents: int) -> None:
    exact = waits_by_quadrature(rate, handle, agents, law, 30)
    desk = performance(ChatQueue(rate, handle, LAWS[law][0]), agents, threshold_s=30)
    mine = {name: getattr(desk, name) for name in WAIT_FIGURES[:4]}
    mine |= {str(name): desk.service_level(name) for name in ServiceLevelConvention}
    assert {name: mine[name] for name in exact} == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("patience", [0.05, 8, 120, 3000])
@pytest.mark.parametrize(("rate", "agents"), [(300, 12), (300, 19), (300, 30), (30_000, 1700), (1, 1)])
def test_an_exponential_curve_is_erlang_chat(patience: float, rate: float, agents: int) -> None:
    curve = PatienceCurve.smooth(lambda u: np.exp(-u / patience))
    named = performance(ChatQueue(rate, MILD, patience), agents, threshold_s=20, short_s=4)
    drawn = performance(ChatQueue(rate, MILD, curve), agents, threshold_s=20, short_s=4)
    for name in WAIT_FIGURES:
        assert getattr(drawn, name) == pytest.approx(getattr(named, name), rel=1e-9, abs=1e-15)
    for convention in ServiceLevelConvention:
        level = named.service_level(convention)
        assert drawn.service_level(convention) == pytest.approx(level, rel=1e-9, abs=1e-12)


def test_rows_of_a_curve_are_those_of_single_queues() -> None:
    rates = np.array([0, 1e-9, 20, 60, 300, 1500])
    desk = performance(ChatQueue(rates, MILD, STEPS), 5, threshold_s=30, short_s=6)
    for row, rate in enumerate(rates):
        alone = performance(ChatQueue(rate, MILD, STEPS), 5, threshold_s=30, short_s=6)
        assert np.asarray(desk.mean_wait_s)[row] == pytest.approx(alone.mean_wait_s, rel=1e-12)
        levels = np.asarray(desk.service_level(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS))
        assert levels[row] == pytest.approx(
            alone.service_level(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS), rel=1e-12
        )


def test_those_who_never_leave_can_fill_the_desk() -> None:
    """A share of 0.4 stays for ever: the queue is stable as long as these alone are fewer than closures."""
    capacity = 4 * 3 / 680 * 3600
    desk = performance(ChatQueue([2.4 * capacity, 2.6 * capacity], MILD, SOME_STAY), 4, threshold_s=30)
    assert np.array_equal(desk.stable, [True, False])
    assert np.array_equal(np.isinf(desk.mean_wait_s), [False, True])
    assert np.asarray(desk.abandon_share)[1] == pytest.approx(0.6)
    assert "unstable in 1 of 2 rows" in desk.notes[0]


def test_nobody_at_work_leaves_the_waiting_to_their_patience() -> None:
    desk = performance(ChatQueue(60, MILD, STEPS), 0, threshold_s=60)
    assert desk.mean_wait_s == pytest.approx(STEPS.mean_s)
    assert desk.service_level(ServiceLevelConvention.WAIT_WITHIN) == pytest.approx(0.4)
    desk = performance(ChatQueue(60, MILD, SOME_STAY), 0, threshold_s=60)
    assert desk.abandon_share == pytest.approx(0.6)
    assert not desk.stable


@pytest.mark.parametrize("curve", [STEPS, SOME_STAY, WEIBULL, HUMP])
def test_required_agents_meet_the_target_and_one_less_does_not(curve: PatienceCurve) -> None:
    queue = ChatQueue([0, 60, 300, 1500], MILD, curve)
    agents = np.asarray(required_agents(queue, Target(service_level_share=0.8, threshold_s=30)))
    level = performance(queue, agents, threshold_s=30).service_level(ServiceLevelConvention.SERVED_OF_ALL)
    assert np.all(np.asarray(level) >= 0.8)
    fewer = performance(queue, np.maximum(agents - 1, 0), threshold_s=30)
    level = np.asarray(fewer.service_level(ServiceLevelConvention.SERVED_OF_ALL))
    assert np.all((level < 0.8) | (agents == 0))
    with pytest.raises(InfeasibleTargetError):
        required_agents(queue, Target(max_abandon_share=0))


def test_a_curve_integrates_itself() -> None:
    assert STEPS.present_s([0, 5, 10, 1e6]).tolist() == pytest.approx([0, 5, 9.75, STEPS.mean_s])
    for time in (1e-6, 3.0, 77.7, 5000.0):
        exact = quad(lambda u: math.exp(-math.sqrt(u / 90)), 0, time, epsrel=1e-12)[0]
        assert float(WEIBULL.present_s(time)) == pytest.approx(exact, rel=1e-11)
    assert SOME_STAY.mean_s == math.inf
    kinked = PatienceCurve.smooth(lambda u: np.clip(1 - u / 100, 0, 1), breaks_s=[100])
    assert kinked.mean_s == pytest.approx(50, rel=1e-13)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PatienceCurve.steps([1, 2], [0.5]), "differ in length"),
        (lambda: PatienceCurve.steps([], []), "differ in length"),
        (lambda: PatienceCurve.steps([2, 1], [0.5, 0.4]), "not rising"),
        (lambda: PatienceCurve.steps([0, 1], [0.5, 0.4]), "not rising"),
        (lambda: PatienceCurve.steps([1, 2], [0.4, 0.5]), "rises"),
        (lambda: PatienceCurve.steps([1], [1.5]), "above 1"),
        (lambda: PatienceCurve.steps([1], [math.nan]), "staying_share"),
        (lambda: PatienceCurve.smooth(lambda u: 0.5 * np.exp(-u)), "not 1 at time 0"),
        (lambda: PatienceCurve.smooth(lambda u: 1 - np.exp(-u)), "not 1 at time 0"),
        (lambda: PatienceCurve.smooth(lambda u: np.cos(u / 1e9)), "leaves 0..1 or rises"),
    ],
)
def test_what_is_no_survival_curve_is_refused(make: Callable[[], PatienceCurve], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        make()
