"""Required agents of Erlang C, a million rows in a fraction of a second.

The share that waits longer than a time T falls with every agent n above the load a,

    C(n) e^{-(n - a) T / AHT},    C = B n / (n - a + a B),

so the search starts at the square-root rule n = a + beta sqrt(a), which is hardly ever one too many, solves
Erlang B there, and goes up agent by agent with B(n + 1) = a B(n) / (n + 1 + a B(n)). Wherever rounding could
decide, the caller is told to take the long way.

Source: Halfin, Whitt, "Heavy-traffic limits for queues with many exponential servers", 1981, for the start;
Erlang's recursion for the steps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from staffcast.staffing.erlang_b import log_blocked_share
from staffcast.staffing.slots import AS_MUCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.staffing.inputs import Array

__all__ = ["BY_HAND_TO", "fewest_agents", "fewest_agents_alone"]

BY_HAND_TO = 200.0
"""Erlangs up to which plain arithmetic solves a single row sooner than arrays do."""
_MOST_LOAD, _LEAST_LOAD = 1e6, 1e-6
_CLOSE = 1e-9
_ROWS_AT_ONCE = 8192
_ROOT_HALF_PI, _LIKE_NORMAL = math.sqrt(math.pi / 2), -1.702


def fewest_agents(load_erlangs: Array, late_share: Array, delay: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Agents with which no more than a share waits longer than a time, and rows too close to tell.

    Args:
        load_erlangs: one a row.
        late_share: share that may wait longer, above 0.
        delay: the time over the handle time.
    """
    agents, close = np.zeros_like(load_erlangs), load_erlangs > 0
    usual = np.flatnonzero((load_erlangs >= _LEAST_LOAD) & (load_erlangs <= _MOST_LOAD))
    for start in range(0, usual.size, _ROWS_AT_ONCE):
        rows = usual[start : start + _ROWS_AT_ONCE]
        agents[rows], close[rows] = _fewest(load_erlangs[rows], late_share[rows], delay[rows])
    return agents, close


def fewest_agents_alone(load: float, late_share: float, delay: float) -> int | None:
    """`fewest_agents` of a single row, None where it is too close to tell."""
    if not _LEAST_LOAD <= load <= BY_HAND_TO:
        return None
    too_few = math.floor(load / AS_MUCH)
    seldom = 1.0  # 1 / B
    for n in range(1, too_few + 1):
        seldom = 1 + seldom * n / load
    late, n = math.inf, too_few
    while late > late_share:
        before, n = late, n + 1
        seldom = 1 + seldom * n / load
        late = n / ((n - load) * seldom + load) * math.exp((load - n) * delay)
    return None if min(before - late_share, late_share - late) < _CLOSE else n


def _fewest(load: Array, late_share: Array, delay: Array) -> tuple[Array, NDArray[np.bool_]]:
    too_few = np.floor(load / AS_MUCH)
    n = np.maximum(np.floor(load + _square_root_rule(np.sqrt(load), late_share, delay)), too_few)
    blocked = np.exp(log_blocked_share(load, n))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # with too few agents, not used
        late = _late(load, n, blocked, delay)
    agents, close = n, (n > too_few) & (late - late_share < _CLOSE)
    rows = np.arange(n.size)
    while rows.size:
        n = n + 1
        blocked = load * blocked / (n + load * blocked)
        spare = late_share - _late(load, n, blocked, delay)
        agents[rows] = n
        close[rows[np.abs(spare) < _CLOSE]] = True
        more = np.flatnonzero(spare < 0)
        rows, n, load, blocked = rows[more], n[more], load[more], blocked[more]
        late_share, delay = late_share[more], delay[more]
    return agents, close


def _late(load: Array, n: Array, blocked: Array, delay: Array) -> Array:
    """Share that waits longer than the time."""
    share: Array = blocked * n / (n - load + load * blocked) * np.exp((load - n) * delay)
    return share


def _square_root_rule(root: Array, late_share: Array, delay: Array) -> Array:
    """The agents above the load, beta sqrt(a): one Newton step from the tangent at 0.

    That of ln alpha(beta) - beta sqrt(a) T / AHT = ln(late_share).
    """
    wanted, pull = -np.log(late_share), root * delay
    beta = wanted / (_ROOT_HALF_PI + pull)
    # Phi(beta) / phi(beta), Phi as a logistic curve: near enough for a start.
    mills = 2 * _ROOT_HALF_PI * np.exp(beta * beta / 2) / (1 + np.exp(_LIKE_NORMAL * beta))
    odds = beta * mills
    slope = (beta * odds + mills + beta) / (1 + odds) + pull
    return np.asarray((beta + (wanted - np.log1p(odds) - pull * beta) / slope) * root)
