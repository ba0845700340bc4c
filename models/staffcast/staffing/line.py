"""A desk and its line in time where patience follows any curve: the state is the age of the line's front.

Below a full desk the state is the number of open chats. On a full one it is the age of the front: whoever
came before that has been picked up or has left; of those who came since, u ago, a Poisson number is still
there, with rate lambda(t - u) G(u), G the patience curve. So nobody in the line is counted. The front grows
older with time. When a slot is freed it jumps to the oldest customer who is still there, or, if there is
none, the slot stays free. Chats that lost their agent stand before the front and are counted.

Ages are counted in steps. Steps of time alternate with changes of state, half before and half after, so that
the error is of the second order in the step.

Source: Baccelli, Hebuterne, "On queues with impatient customers", 1981, for the age as a state; Strang, "On
the construction and comparison of difference schemes", 1968, for the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dtbtrs
from scipy.special import gammaln

if TYPE_CHECKING:
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.patience import PatienceCurve

__all__ = ["Line", "Stepper"]

_RAREST = 1e-14
_UNTOLD = 1e-9


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

    @property
    def by_age(self) -> Array:
        """Full desks by the age of the front."""
        return np.asarray(self.full.sum(axis=0))

    def in_line(self, staying: Array) -> Array:
        """Mean number behind the front by its age."""
        return np.concatenate([[0.0], np.cumsum(self.came * staying[: self.came.size])])

    def with_slots(self, n_slots: int, staying: Array) -> Line:
        """Agents come and take from the line, or go and their chats wait again, before all others."""
        fewer = self.below.size - n_slots
        if fewer > 0:
            full = np.zeros((self.full.shape[0] + fewer, self.full.shape[1]))
            full[fewer:] = self.full
            full[:fewer, 0] += self.below[n_slots:]
            return replace(self, below=self.below[:n_slots], full=full, since_s=0.0)
        line, taken = self, []
        for _ in range(-fewer):
            full, free = _PickUp(line.came * staying[: line.came.size])(line.full)
            taken.append(free)
            line = replace(line, full=full)
        return replace(line, below=np.concatenate([self.below, taken]))

    def older(self, n_arrivals: float, curve: PatienceCurve, step_s: float) -> Line:
        """Time passes by one step; some of the chats without an agent leave."""
        full = np.pad(_trimmed(self.full), ((0, 0), (1, 0)))
        if full.shape[0] > 1:
            before, after = curve.staying([self.since_s, self.since_s + step_s])
            full = _thinned(full.shape[0], after / before if before > 0 else 0.0) @ full
        came = np.concatenate([[n_arrivals], self.came])[: full.shape[1] - 1]
        return replace(self, full=full, came=came, since_s=self.since_s + step_s)


class Stepper:
    """Changes of state at a desk with constant rates, over half a step of time."""

    def __init__(self, arrival_rate: float, close_rates: Array, step_s: float) -> None:
        """Take the chats closed a second with 0 .. K chats, K a full desk."""
        rate = arrival_rate + float(close_rates.max())
        mean = rate * step_s / 2
        n_terms = 1
        while n_terms * np.log(max(mean, _UNTOLD)) - gammaln(n_terms + 1) > np.log(_UNTOLD):
            n_terms += 1
        term = np.arange(n_terms)
        weights = np.exp(term * np.log(max(mean, _UNTOLD)) - gammaln(term + 1))
        self._weights = weights / weights.sum()
        self._rise = arrival_rate / max(rate, _UNTOLD)
        fall = close_rates / max(rate, _UNTOLD)
        self._fall, self._fall_full = fall[:-1], fall[-1]
        self._keep, self._keep_full = 1 - self._rise - self._fall, 1 - self._fall_full

    def changed(self, line: Line, staying: Array) -> Line:
        """By uniformisation: a Poisson number of possible events."""
        if not line.below.size:
            return line
        pick_up = _PickUp(line.came * staying[: line.came.size])
        below, full = line.below, line.full
        mean_below, mean_full = self._weights[0] * below, self._weights[0] * full
        for weight in self._weights[1:]:
            below, full = self._event(below, full, pick_up)
            mean_below += weight * below
            mean_full += weight * full
        return Line(mean_below, mean_full, line.came, line.since_s)

    def _event(self, below: Array, full: Array, pick_up: _PickUp) -> tuple[Array, Array]:
        """One possible event: an arrival, a chat closed, or nothing."""
        moved, free = pick_up(full)
        moved *= self._fall_full
        moved += self._keep_full * full
        moved[0, 0] += self._rise * below[-1]
        after = self._keep * below
        after[1:] += self._rise * below[:-1]
        after[:-1] += self._fall[1:] * below[1:]
        after[-1] += self._fall_full * free
        return after, moved


class _PickUp:
    """A slot is freed: who gets it."""

    def __init__(self, behind: Array) -> None:
        """Take the mean number of customers who came in each step and are still there, the newest first."""
        self._none = np.exp(-behind)
        self._half = (1 - self._none) / 2
        self._band = np.ones((2, behind.size))
        self._band[0] = -self._none

    def __call__(self, full: Array) -> tuple[Array, float]:
        """Full desks after it, as of `Line`, and the share of desks on which nobody is there to take it."""
        moved = np.zeros_like(full)
        moved[:-1] = full[1:]
        if not self._none.size:
            return moved, float(full[0, 0])
        # How often the jump passes all who came before a step: triangular, with two diagonals.
        reach = dtbtrs(self._band, full[0, 1:, None], uplo="U")[0][:, 0]
        landed = self._half * reach
        moved[0, :-1] += landed
        moved[0, 1:] += landed
        return moved, float(full[0, 0] + self._none[0] * reach[0])


def _trimmed(full: Array) -> Array:
    """Without chats or ages that are too rare to tell."""
    while full.shape[0] > 1 and full[-1].sum() < _RAREST:
        full = full[:-1]
    last = full.shape[1]
    while last > 1 and full[:, last - 1].sum() < _RAREST:
        last -= 1
    return full[:, :last]


def _thinned(size: int, stay: float) -> Array:
    """Binomial shares: to how many (row) each number of chats (column) shrinks."""
    kept, had = np.arange(size)[:, None], np.arange(size)
    gone = np.maximum(had - kept, 0)
    ways = gammaln(had + 1) - gammaln(kept + 1) - gammaln(gone + 1)
    return np.where(kept <= had, np.exp(ways) * stay**kept * (1 - stay) ** gone, 0.0)
