"""The line of `staffing.line` walked through an interval, step by step: the compiled part.

Imported where it runs: the compiler takes half a second to load. Plain loops throughout: an expression of
whole arrays reads shorter, but takes the compiler seconds for each.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

from staffcast.staffing.line import Walked

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.line import Events, Patience

__all__ = ["freed", "walk"]

_RAREST = 1e-11
_SETTLED = 1e-9
_MOST_STEPS_AFTER = 100_000
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}
_Function = TypeVar("_Function", bound="Callable[..., object]")


def _compiled(function: _Function) -> _Function:
    """Compile, and keep the result on disk where there is a place for it."""
    try:
        return cast("_Function", njit(cache=True, **_OPTIONS)(function))
    except RuntimeError:  # nowhere to write, as in a read-only container without a home: compiled each time
        return cast("_Function", njit(**_OPTIONS)(function))


def _inner(function: _Function) -> _Function:
    """Compile a function that only compiled code calls."""
    return cast(
        "_Function", njit(**_OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True})(function)
    )


@_compiled
def freed(front: Array, none: Array, older: Array, landed: Array) -> float:
    """A slot is freed, and nobody is there who lost an agent: write where the front is after it.

    Args:
        front: share of full desks by the age of the front.
        none: probability that nobody is left of those who came in each step, the newest first.
        older: as of `Patience`.
        landed: to write to, of the size of ``front``.

    Returns:
        Share on which nobody is there to take the slot.
    """
    landed[front.size - 1] = 0.0
    reach = 0.0  # how often the jump passes all who came before a step
    for age in range(front.size - 1, 0, -1):
        reach = front[age] + none[age] * reach
        stopped = (1 - none[age - 1]) * reach
        landed[age] += stopped * older[age - 1]
        landed[age - 1] = stopped * (1 - older[age - 1])
    nobody: float = front[0] + none[0] * reach
    return nobody


@_inner
def _changed(
    below: Array, full: Array, came: Array, patience: Patience, events: Events
) -> tuple[Array, Array]:
    """After a Poisson number of possible events."""
    n_slots, (n_rows, n_ages) = below.size, full.shape
    if n_slots == 0:
        return below, full
    none, older, last = np.zeros(n_ages), np.zeros(n_ages), patience.staying.size - 1
    for age in range(n_ages - 1):
        none[age] = math.exp(-came[age] * patience.staying[min(age, last)])
        older[age] = patience.older[min(age, last)]
    landed = np.empty(n_ages)
    now_below, now_full = np.empty(n_slots), np.empty((n_rows, n_ages))
    sum_below, sum_full = np.empty(n_slots), np.empty((n_rows, n_ages))
    for n in range(n_slots):
        now_below[n], sum_below[n] = below[n], events.weights[0] * below[n]
    for row in range(n_rows):
        for age in range(n_ages):
            now_full[row, age], sum_full[row, age] = full[row, age], events.weights[0] * full[row, age]
    fall_full = events.fall[n_slots]
    for weight in events.weights[1:]:
        free = freed(now_full[0], none, older, landed)
        joined = events.rise * now_below[n_slots - 1]
        before = 0.0
        for n in range(n_slots):
            here = now_below[n]
            closed = events.fall[n + 1] * (now_below[n + 1] if n + 1 < n_slots else free)
            now_below[n] = (1 - events.rise - events.fall[n]) * here + events.rise * before + closed
            before = here
            sum_below[n] += weight * now_below[n]
        for row in range(n_rows):
            now, total = now_full[row], sum_full[row]
            for age in range(n_ages):
                now[age] *= 1 - fall_full
            if row + 1 < n_rows:
                _add(now, now_full[row + 1], fall_full)
            if row == 0:
                _add(now, landed, fall_full)
            _add(total, now, weight)
        now_full[0, 0] += joined
        sum_full[0, 0] += weight * joined
    return sum_below, sum_full


@_inner
def _add(target: Array, values: Array, factor: float) -> None:
    for i in range(target.size):
        target[i] += factor * values[i]


@_inner
def _older(full: Array, came: Array, arrivals: float) -> tuple[Array, Array]:
    """Time passes by one step; chats and ages that are too rare to tell are left out."""
    n_rows, n_ages = full.shape
    while n_ages > 1 and _total(full, 0, n_rows, n_ages - 1, n_ages) < _RAREST:
        n_ages -= 1
    while n_rows > 1 and _total(full, n_rows - 1, n_rows, 0, n_ages) < _RAREST:
        n_rows -= 1
    moved, behind = np.zeros((n_rows, n_ages + 1)), np.empty(n_ages)
    behind[0] = arrivals
    for age in range(1, n_ages):
        behind[age] = came[age - 1]
    for row in range(n_rows):
        for age in range(n_ages):
            moved[row, age + 1] = full[row, age]
    return moved, behind


@_inner
def _total(full: Array, first_row: int, end_row: int, first_age: int, end_age: int) -> float:
    total = 0.0
    for row in range(first_row, end_row):
        for age in range(first_age, end_age):
            total += full[row, age]
    return total


@_inner
def _thinned(full: Array, stay: float) -> Array:
    """Each of the chats that lost their agent stays with a probability."""
    n_rows, n_ages = full.shape
    result = np.zeros((n_rows, n_ages))
    for had in range(n_rows):
        for kept in range(had + 1):
            ways = math.lgamma(had + 1) - math.lgamma(kept + 1) - math.lgamma(had - kept + 1)
            share = math.exp(ways) * stay**kept * (1 - stay) ** (had - kept)
            if share > _RAREST:
                _add(result[kept], full[had], share)
    return result


@_inner
def _n_waiting(full: Array, came: Array, staying: Array) -> float:
    behind, total = 0.0, 0.0
    for age in range(full.shape[1]):
        if age:
            behind += came[age - 1] * staying[min(age - 1, staying.size - 1)]
        for row in range(full.shape[0]):
            total += full[row, age] * (behind + row)
    return total


@_inner
def _seen(virtual: Array, full: Array, first: int, last: int, n_steps: int) -> tuple[Array, float]:
    """Count those who came in the middle of the steps before this one and are behind the front."""
    if full.shape[1] > virtual.size:
        longer = np.zeros(virtual.size + 2 * full.shape[1])
        for age in range(virtual.size):
            longer[age] = virtual[age]
        virtual = longer
    beyond = 0.0
    for age in range(full.shape[1] - 1, first - 1, -1):
        for row in range(full.shape[0]):
            beyond += full[row, age]
        if age <= last:
            virtual[age] += beyond / n_steps
    return virtual, beyond


@_compiled
def walk(
    below: Array,
    full: Array,
    came: Array,
    patience: Patience,
    displaced: Array,
    events: Events,
    events_after: Events,
    n_arrivals: float,
    n_steps: int,
) -> Walked:
    """Through an interval, then on without arrivals until all who came in it are picked up.

    Args:
        below: as of `Line`, of the beginning.
        full: as of `Line`.
        came: as of `Line`.
        patience: in steps.
        displaced: as of `line.displaced_of`.
        events: of the interval.
        events_after: with the same agents and no arrivals.
        n_arrivals: expected in a step.
        n_steps: of the interval.
    """
    virtual, open_shares, mean_waiting = np.zeros(n_steps + 64), np.zeros(below.size + 1), 0.0
    ended, last = (below, full, came), displaced.size - 1
    follow = n_arrivals > 0 and events.fall[below.size] > 0
    for step in range(n_steps + 1 + (_MOST_STEPS_AFTER if follow else 0)):
        inside = step <= n_steps
        now = events if inside else events_after
        for half in range(2 if step else 0):
            if half:
                full, came = _older(full, came, n_arrivals if inside else 0.0)
                if full.shape[0] > 1:
                    had, kept = displaced[min(step - 1, last)], displaced[min(step, last)]
                    full = _thinned(full, kept / had if had > 0 else 0.0)
            below, full = _changed(below, full, came, patience, now)
        if inside:
            share = (0.5 if step in (0, n_steps) else 1.0) / n_steps
            for n in range(below.size):
                open_shares[n] += share * below[n]
            open_shares[-1] += share * _total(full, 0, full.shape[0], 0, full.shape[1])
            mean_waiting += share * _n_waiting(full, came, patience.staying)
        if step == n_steps:
            ended = (below, full, came)
        virtual, unsettled = _seen(virtual, full, max(step - n_steps + 1, 1), step, n_steps)
        if step > n_steps and unsettled < _SETTLED:
            break
    return Walked(ended[0], ended[1], ended[2], open_shares, mean_waiting, virtual)
