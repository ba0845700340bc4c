"""Work that may wait for hours: email, parked threads, call-backs, done in time by a linear program.

Whatever is due by the end of an interval must have been done by then, and nothing is done before it has come:
two limits on the work done so far, both linear in the agents. The hours are those of the business clock, so
that a night takes nothing from a deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from staffcast.core.errors import InfeasibleTargetError, ModelError
from staffcast.staffing.inputs import checked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import Array

__all__ = ["DeferrablePlan", "deferrable_plan", "spare_work_s"]

_WHOLE = 1e-6
_SLACK = 1e-7
_GAP = 5e-4
_LONGEST_SEARCH_S = 30.0


@dataclass(frozen=True, eq=False)
class DeferrablePlan:
    """Agents for work with deadlines, one number for each interval."""

    agents: Array
    """Besides those whose spare time is used."""
    done_s: Array
    """Seconds of work done."""
    spare_used_s: Array
    """Of them, by agents who are there for other work."""
    backlog_s: Array
    """Seconds of work that has come and is not done when the interval ends."""


def deferrable_plan(
    n_items: ArrayLike,
    *,
    work_s: float,
    within_s: float,
    open_s: ArrayLike,
    spare_s: ArrayLike = 0.0,
    max_agents: ArrayLike | None = None,
    sure_share: float = 0.5,
    work_cv: float = 1.0,
    whole: bool = True,
) -> DeferrablePlan:
    """Fewest agent-hours that finish all work in time; work due after the last interval is left.

    Whole agents are within 0.05 % of the fewest; a search of over 30 s ends with the best plan found.

    Args:
        n_items: expected items that come in each interval, taken to come at its start.
        work_s: mean work on one item in seconds.
        within_s: time allowed for an item, in open seconds.
        open_s: open seconds of each interval, 0 where the desk is closed; one number for all or one each.
        spare_s: seconds of work that agents present for other work can do, one or each; `spare_work_s`.
        max_agents: most agents of an interval, one or each; None for any number.
        sure_share: probability with which the work due by any one moment is done; 0.5 plans the mean.
            Items are Poisson.
        work_cv: standard deviation of the work on an item over its mean.
        whole: agents are whole people.

    Raises:
        InfeasibleTargetError: some work cannot be done in time, with what would be needed.
        ModelError: an argument is out of range or shape.

    Source:
        Cumulative capacity against cumulative work due; solved by HiGHS through `scipy.optimize.milp`.

    Example:
        >>> plan = deferrable_plan(
        ...     [40, 0, 20, 0, 0], work_s=360, within_s=7200, open_s=3600, max_agents=3
        ... )
        >>> plan.agents.tolist(), (plan.backlog_s / 3600).round(1).tolist()
        ([1.0, 3.0, 0.0, 2.0, 0.0], [3.0, 0.0, 2.0, 0.0, 0.0])
    """
    items = checked("n_items", n_items)
    if items.ndim != 1 or not items.size:
        raise ModelError(f"n_items: shape {items.shape}", hint="give one number for each interval")
    opened, spare = (
        _each(name, value, items.size) for name, value in (("open_s", open_s), ("spare_s", spare_s))
    )
    most = _each(
        "max_agents", np.inf if max_agents is None else max_agents, items.size, infinite_allowed=True
    )
    for name, value in (("work_s", work_s), ("within_s", within_s), ("work_cv", work_cv)):
        checked(name, value)
    if not 0.5 <= sure_share < 1:
        raise ModelError(f"sure_share: {sure_share:g}", hint="give at least 0.5 and less than 1, as 0.9")
    come_s = _likely_work(np.cumsum(items), work_s, work_cv, sure_share)
    due_s = _likely_work(_due_items(items, opened, within_s), work_s, work_cv, sure_share)
    _refuse_the_impossible(come_s, due_s, opened, spare, most)
    agents = _solved(come_s, due_s, opened, spare, most, whole=whole)
    done = _done(agents * opened + spare, come_s)
    backlog = np.maximum(come_s - np.cumsum(done), 0)
    return DeferrablePlan(agents, done, np.minimum(done, spare), backlog)


def spare_work_s(
    agents: ArrayLike, work_occupancy_share: ArrayLike, open_s: ArrayLike, *, max_occupancy_share: float
) -> Array:
    """Seconds of other work that agents of live chats and calls can do between them.

    Args:
        agents: at work for live contacts, one number for each interval.
        work_occupancy_share: share of their time that live contacts take.
        open_s: open seconds of each interval.
        max_occupancy_share: share of their time that may be filled in all; the rest keeps live replies quick.

    Raises:
        ModelError: a share is above 1 or a number negative.

    Source:
        agents x max(0, cap - occupancy) x open time.

    Example:
        >>> spare_work_s([10, 4], [0.6, 0.9], 3600, max_occupancy_share=0.8).round().tolist()
        [7200.0, 0.0]
    """
    shares = {"work_occupancy_share": work_occupancy_share, "max_occupancy_share": max_occupancy_share}
    busy, most = (checked(name, value) for name, value in shares.items())
    if np.any(busy > 1) or np.any(most > 1):
        raise ModelError("an occupancy share is above 1", hint="give shares, as 0.85")
    free = np.maximum(most - busy, 0)
    return np.atleast_1d(checked("agents", agents) * free * checked("open_s", open_s))


def _each(name: str, value: ArrayLike, size: int, *, infinite_allowed: bool = False) -> Array:
    given = checked(name, value, infinite_allowed=infinite_allowed)
    if given.shape not in ((), (size,)):
        raise ModelError(f"{name}: shape {given.shape}", hint=f"give one number, or {size}")
    return np.broadcast_to(given, (size,)).astype(np.float64)


def _likely_work(n_items: Array, work_s: float, work_cv: float, sure_share: float) -> Array:
    """Quantile of the work in a Poisson number of items, by its normal approximation."""
    spread = work_s * np.sqrt(n_items * (1 + work_cv**2))
    return np.asarray(n_items * work_s + ndtri(sure_share) * spread)


def _due_items(items: Array, open_s: Array, within_s: float) -> Array:
    """Items due by the end of each interval; what is due after the last is not yet asked for."""
    clock = np.concatenate([[0.0], np.cumsum(open_s)])
    due = np.zeros(items.size)
    for i in range(items.size):
        last = int(np.searchsorted(clock[1:], clock[i] + within_s - _WHOLE, side="left"))
        if last < items.size:
            due[max(last, i)] += items[i]
    return np.cumsum(due)


def _refuse_the_impossible(come_s: Array, due_s: Array, open_s: Array, spare_s: Array, most: Array) -> None:
    """Follow the desk at full staff: the first deadline that it misses nobody can meet."""
    done = 0.0
    full = np.where(open_s > 0, most, 0.0) * np.where(open_s > 0, open_s, 1.0) + spare_s
    for i, capacity in enumerate(full):
        done = min(done + capacity, come_s[i])
        if done < due_s[i] - _WHOLE:
            missing_h = (due_s[i] - done) / 3600
            raise InfeasibleTargetError(
                f"work due by the end of interval {i} cannot be done: {missing_h:.1f} agent-hours lack",
                hint="allow more time, more agents or longer opening hours",
            )


def _solved(come_s: Array, due_s: Array, open_s: Array, spare_s: Array, most: Array, *, whole: bool) -> Array:
    """Fewest paid seconds; among such plans one without a needless peak."""
    program = _Program(come_s, due_s, open_s, spare_s)
    cheapest = program.best(most)
    if cheapest is None:
        raise InfeasibleTargetError("no plan does all work in time", hint="allow more time or more agents")
    even = program.best(most, paid_at_most=program.paid(cheapest))
    even = cheapest if even is None else even
    if not whole:
        return even
    least, found = program.paid(cheapest), None
    enough = max(np.ceil(least - _WHOLE), least * (1 + _GAP)) + _WHOLE
    for ceiling in (even.max() + 1, 2 * even.max() + 2, np.inf):
        rounded = program.best(np.minimum(most, np.ceil(ceiling - _WHOLE)), whole=True)
        found = found if rounded is None else rounded
        if rounded is not None and program.paid(rounded) <= enough:
            break
    if found is None:
        raise InfeasibleTargetError("no whole people do all work in time", hint="allow more agents")
    return np.round(found) + 0.0


@dataclass(frozen=True, eq=False)
class _Program:
    """The linear program: agents, work done in units of the longest interval, and the peak."""

    come_s: Array
    due_s: Array
    open_s: Array
    spare_s: Array

    def paid(self, agents: Array) -> float:
        """Paid time in units of the longest interval."""
        return float(self.open_s @ agents) / self._unit_s

    @property
    def _unit_s(self) -> float:
        return max(float(self.open_s.max()), 1.0)

    def best(self, most: Array, *, paid_at_most: float | None = None, whole: bool = False) -> Array | None:
        """Agents of least paid time; with a bound on it, of the lowest peak; None if there are none."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        n, unit_s = self.come_s.size, self._unit_s
        square, column = np.zeros((n, n)), np.zeros((n, 1))
        paid, peak = np.zeros((2, 2 * n + 1))
        paid[:n], peak[-1] = self.open_s / unit_s, 1.0
        capacity = np.hstack([-np.diag(self.open_s / unit_s), np.eye(n), column])
        so_far = np.hstack([square, np.tril(square + 1), column])
        limits = [
            LinearConstraint(capacity, -np.inf, self.spare_s / unit_s),
            LinearConstraint(so_far, self.due_s / unit_s, np.maximum(self.come_s, self.due_s) / unit_s),
            LinearConstraint(np.hstack([np.eye(n), square, column - 1]), -np.inf, 0),
        ]
        if paid_at_most is not None:
            limits.append(LinearConstraint(paid[None, :], -np.inf, paid_at_most * (1 + _SLACK) + _SLACK))
        upper = np.concatenate([np.where(self.open_s > 0, most, 0.0), np.full(n + 1, np.inf)])
        found = milp(
            paid if paid_at_most is None else peak,
            integrality=np.concatenate([np.full(n, int(whole)), np.zeros(n + 1)]),
            bounds=Bounds(0, upper),
            constraints=limits,
            options={"mip_rel_gap": _GAP, "time_limit": _LONGEST_SEARCH_S},
        )
        return None if found.x is None else np.maximum(found.x[:n], 0)


def _done(capacity_s: Array, come_s: Array) -> Array:
    """Work done in each interval by people who never idle while there is some."""
    done, so_far = np.zeros_like(capacity_s), 0.0
    for i, capacity in enumerate(capacity_s):
        done[i] = max(min(capacity, come_s[i] - so_far), 0.0)
        so_far += done[i]
    return done
