"""A desk and its line in time where patience follows any curve: the state is the age of the line's front.

Below a full desk the state is the number of open chats. On a full one it is the age of the front: whoever
came before that has been picked up or has left; of those who came since, u ago, a Poisson number is still
there, with rate lambda(t - u) G(u), G the patience curve. So nobody in the line is counted. The front grows
older with time. When a slot is freed it jumps to the oldest customer who is still there, or, if there is
none, the slot stays free. Chats that lost their agent stand before the front and are counted.

Ages are counted in steps. Steps of time alternate with changes of state, half before and half after, so that
the error is of the second order in the step. `line_walk` has the compiled loops.

Source: Baccelli, Hebuterne, "On queues with impatient customers", 1981, for the age as a state; Strang, "On
the construction and comparison of difference schemes", 1968, for the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.patience import PatienceCurve

__all__ = [
    "Events",
    "Line",
    "Patience",
    "Walked",
    "displaced_of",
    "events_of",
    "jumps_on_grid",
    "patience_of",
]

_RAREST = 1e-14
_UNTOLD = 1e-9
_PARTS = 16
_REMEMBERED = 16


class Events(NamedTuple):
    """Changes of state at a desk with constant rates, over half a step of time, by uniformisation."""

    weights: Array
    """Poisson shares of 0, 1, .. possible events."""
    rise: float
    """Share of possible events that are arrivals."""
    fall: Array
    """That are chats closed, with 0 .. K chats, K a full desk."""


class Patience(NamedTuple):
    """A patience curve in steps of age; beyond the last one it stays as it is there."""

    staying: Array
    """Share still there, mean over each step."""
    older: Array
    """Mean place within the step of those, from 0, its start, to 1."""


class Walked(NamedTuple):
    """A desk at the end of an interval, and what was seen."""

    below: Array
    full: Array
    came: Array
    open_shares: Array
    """Of 0 .. K open chats, mean of the interval."""
    mean_waiting: float
    virtual: Array
    """Share of arrivals that would still wait after 1/2, 3/2, .. steps; the first is not used."""


@dataclass(frozen=True, eq=False)
class Line:
    """Shares of the states of a desk with its line."""

    below: Array
    """0 .. K - 1 open chats, a slot free."""
    full: Array
    """Rows by 0, 1, .. chats that lost their agent, columns by the age of the front in steps."""
    came: Array
    """Expected arrivals of the last steps, the newest first: one fewer than ages."""
    since_s: float = 0.0
    """Time since chats last lost their agents."""

    @classmethod
    def of_chats(cls, n_chats: int) -> Line:
        """So many chats, each with an agent."""
        return cls(np.eye(n_chats + 1)[n_chats], np.zeros((1, 1)), np.empty(0))

    def in_line(self, staying: Array) -> Array:
        """Mean number behind the front by its age."""
        return np.concatenate([[0.0], np.cumsum(self.came * staying[: self.came.size])])

    def n_chats(self, staying: Array) -> float:
        """Mean number at the desk, open or waiting."""
        n_slots, displaced = self.below.size, np.arange(self.full.shape[0])
        full = n_slots * self.full.sum() + self.full.sum(axis=1) @ displaced
        return float(self.below @ np.arange(n_slots) + full + self.full.sum(axis=0) @ self.in_line(staying))

    def with_slots(self, n_slots: int, patience: Patience) -> Line:
        """Agents come and take from the line, or go and their chats wait again, before all others."""
        fewer = self.below.size - n_slots
        if fewer > 0:
            full = np.zeros((self.full.shape[0] + fewer, self.full.shape[1]))
            full[fewer:] = self.full
            full[:fewer, 0] += self.below[n_slots:]
            return replace(self, below=self.below[:n_slots].copy(), full=full, since_s=0.0)
        from staffcast.staffing.line_walk import freed

        none, full, taken = np.append(np.exp(-np.diff(self.in_line(patience.staying))), 0.0), self.full, []
        for _ in range(-fewer):
            landed = np.empty(full.shape[1])
            taken.append(freed(full[0], none, patience.older, landed))
            full = np.concatenate([full[1:], np.zeros((1, landed.size))])
            full[0] += landed
        while full.shape[0] > 1 and full[-1].sum() < _RAREST:
            full = full[:-1].copy()
        return replace(self, below=np.concatenate([self.below, taken]), full=full)


def patience_of(curve: PatienceCurve, step_s: float, n_ages: int) -> Patience:
    """A curve in at least so many steps of age."""
    return _by_age(curve, step_s, 1 << int(n_ages).bit_length())


@lru_cache(maxsize=_REMEMBERED)
def _by_age(curve: PatienceCurve, step_s: float, n_ages: int) -> Patience:
    if curve.is_steps:
        ages, falls = jumps_on_grid(curve, step_s)
        told = ages < n_ages
        gone: Array = np.bincount(ages[told], falls[told], minlength=n_ages).astype(np.float64)
        return Patience(1 - np.cumsum(gone), np.full(n_ages, 0.5))
    edges = np.arange(n_ages + 1) * step_s
    present_s = curve.present_s(edges)
    total_s = np.diff(present_s)
    parts = (edges[:-1, None] + (np.arange(_PARTS) + 0.5) / _PARTS * step_s).ravel()
    held_s = curve.present_s(parts).reshape(n_ages, _PARTS).mean(axis=1) - present_s[:-1]
    older = np.where(total_s > 0, 1 - held_s / np.where(total_s > 0, total_s, 1.0), 0.5)
    return Patience(total_s / step_s, np.clip(older, 0.0, 1.0))


def jumps_on_grid(curve: PatienceCurve, step_s: float) -> tuple[NDArray[np.int64], Array]:
    """Each jump of a curve of steps as four on the grid, rows by four: ages in steps, and how far it falls.

    Lagrange's weights: the four have the mean time and the second and third moment of the one, so that the
    desk hardly notices, and no jump lies between two points of the grid.
    """
    place = curve.breaks_s / step_s
    first = np.maximum(np.floor(place + _UNTOLD) - 1, 0)
    x = place - first
    weights = (
        -(x - 1) * (x - 2) * (x - 3) / 6,
        x * (x - 2) * (x - 3) / 2,
        -x * (x - 1) * (x - 3) / 2,
        x * (x - 1) * (x - 2) / 6,
    )
    falls = -np.diff(curve.staying(curve.breaks_s), prepend=1.0)
    return first.astype(np.int64)[:, None] + np.arange(4), falls[:, None] * np.stack(weights, axis=1)


def displaced_of(line: Line, curve: PatienceCurve, step_s: float, n_times: int) -> Array:
    """Share still there of chats that lost their agent: mean around the beginning of each step of time."""
    if line.full.shape[0] == 1:
        return np.ones(1)
    middle_s = line.since_s + np.arange(n_times + 1) * step_s
    ends_s = np.maximum(middle_s + np.array([[-0.5], [0.5]]) * step_s, 0)
    stay = np.diff(curve.present_s(ends_s), axis=0)[0] / np.diff(ends_s, axis=0)[0]
    return np.where(middle_s == 0, 1.0, stay)


def events_of(arrival_rate: float, close_rates: Array, step_s: float) -> Events:
    """Possible events of half a step, from the chats closed a second with 0 .. K chats."""
    rate = max(arrival_rate + float(close_rates.max()), _UNTOLD)
    mean = max(rate * step_s / 2, _UNTOLD)
    n_terms = 1
    while n_terms * np.log(mean) - gammaln(n_terms + 1) > np.log(_UNTOLD):
        n_terms += 1
    term = np.arange(n_terms + 1)
    weights = np.exp(term * np.log(mean) - gammaln(term + 1))
    return Events(weights / weights.sum(), arrival_rate / rate, close_rates / rate)
