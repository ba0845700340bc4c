"""Asynchronous threads in one pool: customers who come back for more work, over a changing day.

A thread needs work of mean 1/mu, then with probability p it returns after a time of mean 1/delta. The
offered loads at the desk and away from it follow

    R1' = lambda + delta R2 - mu R1,   R2' = p mu R1 - delta R2,

so that returns press on the desk long after the arrivals that caused them.

Source: Yom-Tov, Mandelbaum, "Erlang-R: a time-varying queue with reentrant customers, in support of
healthcare staffing", 2014; Halfin, Whitt, "Heavy-traffic limits for queues with many exponential servers",
1981.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked, checked_seconds
from staffcast.staffing.queues import ChatQueue
from staffcast.staffing.required import required_agents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.targets import Target

__all__ = ["ReturningLoad", "returning_load", "square_root_agents"]

_LONGEST, _LARGEST = 1e6, 1e12


@dataclass(frozen=True, eq=False)
class ReturningLoad:
    """Offered load of threads that return, one number for each interval."""

    work_s: float
    desk_erlangs: Array
    """Agents that would be at work if none ever lacked: mean over the interval."""
    away_threads: Array
    """Threads that wait for their customer: mean over the interval."""

    def agents(self, target: Target) -> NDArray[np.int64]:
        """Agents of each interval by the stationary model at its load; customers do not leave."""
        rate = self.desk_erlangs * 3600 / self.work_s
        return np.asarray(required_agents(ChatQueue(rate, self.work_s), target))


def returning_load(
    arrivals_per_hour: ArrayLike,
    *,
    interval_s: float,
    work_s: float,
    return_share: float,
    away_s: float,
    start_erlangs: float = 0.0,
    start_away: float = 0.0,
) -> ReturningLoad:
    """Solve Erlang-R exactly for arrivals that are constant in each interval.

    Args:
        arrivals_per_hour: new threads, one number for each interval.
        interval_s: length of the intervals in seconds.
        work_s: mean work of an agent on one visit.
        return_share: share of visits after which the thread returns, below 1.
        away_s: mean time from the end of a visit to the return.
        start_erlangs: load at the desk when the day begins.
        start_away: threads away when the day begins.

    Raises:
        ModelError: a number is out of range.

    Source:
        R1' = lambda + delta R2 - mu R1 and R2' = p mu R1 - delta R2: Yom-Tov, Mandelbaum, "Erlang-R: a
        time-varying queue with reentrant customers, in support of healthcare staffing", 2014.

    Example:
        >>> load = returning_load(
        ...     [60, 60, 0], interval_s=3600, work_s=240, return_share=0.5, away_s=1800
        ... )
        >>> load.desk_erlangs.round(2).tolist()
        [4.84, 6.84, 2.7]
    """
    from scipy.linalg import expm

    arrivals = checked("arrivals_per_hour", arrivals_per_hour)
    for name, value in (("interval_s", interval_s), ("work_s", work_s), ("away_s", away_s)):
        checked_seconds(name, value)
    if interval_s > _LONGEST * min(work_s, away_s):
        raise ModelError(f"interval_s: over {_LONGEST:g} times work_s or away_s", hint="check the units")
    if not 0 <= return_share < 1 or arrivals.ndim != 1:
        message = f"return_share: {return_share:g}, arrivals_per_hour: shape {arrivals.shape}"
        raise ModelError(message, hint="give a share below 1 and one rate for each interval")
    mu, delta = 1 / work_s, 1 / away_s
    # Columns: load at the desk, away, their integrals, and the constant 1 that arrivals come from.
    flow = np.zeros((5, 5))
    flow[0, :2], flow[1, :2] = (-mu, delta), (return_share * mu, -delta)
    flow[2, 0] = flow[3, 1] = 1.0
    state = np.array([*(float(checked("start", start)) for start in (start_erlangs, start_away)), 0, 0, 1])
    means = np.empty((arrivals.size, 2))
    steps: dict[float, Array] = {}
    for i, rate in enumerate(arrivals):
        if rate not in steps:
            flow[0, 4] = rate / 3600
            steps[rate] = expm(flow * interval_s)
        state = steps[rate] @ (state * [1, 1, 0, 0, 1])
        means[i] = state[2:4] / interval_s
    return ReturningLoad(work_s, np.maximum(means[:, 0], 0), np.maximum(means[:, 1], 0))


def square_root_agents(load_erlangs: ArrayLike, *, wait_share: float) -> NDArray[np.int64]:
    """Agents by the square-root rule of Halfin and Whitt: load + beta sqrt(load), rounded up.

    Args:
        load_erlangs: offered load, any shape.
        wait_share: share of customers who may wait, above 0 and below 1; tells beta.

    Raises:
        ModelError: an argument is out of range.

    Source:
        alpha = 1 / (1 + beta Phi(beta) / phi(beta)) solved for beta: Halfin, Whitt, "Heavy-traffic limits for
        queues with many exponential servers", 1981.

    Example:
        >>> square_root_agents([10, 100, 1000], wait_share=0.5).tolist()
        [12, 106, 1017]
    """
    from scipy.optimize import brentq

    load = checked("load_erlangs", load_erlangs)
    if not 0 < wait_share < 1:
        raise ModelError(f"wait_share: {wait_share:g}", hint="give a share above 0 and below 1, as 0.2")

    def log_odds(beta: float) -> float:
        log_density = -0.5 * beta * beta - 0.5 * np.log(2 * np.pi)
        return float(np.log(beta) + log_ndtr(beta) - log_density - np.log1p(-wait_share) + np.log(wait_share))

    if load.max(initial=0) > _LARGEST:
        raise ModelError(f"load_erlangs: {load.max():g}", hint=f"give at most {_LARGEST:g}")
    lowest, highest = 1e-12, 40.0
    if log_odds(lowest) >= 0:
        beta = 0.0  # nearly everybody may wait
    else:
        beta = highest if log_odds(highest) <= 0 else brentq(log_odds, lowest, highest, xtol=1e-14)
    return np.asarray(np.ceil(load + beta * np.sqrt(load)), dtype=np.int64)
