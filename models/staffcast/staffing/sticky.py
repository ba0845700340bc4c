"""Parked threads that go back to their own agent at once, over the limit if need be.

New threads queue for a free slot, returning ones do not. So an agent may hold more chats than the limit, and
then has no slot to give until they are closed or parked. The state is the number of chats within the limits
(or of threads waiting, on a full desk) and the number e above them. Returns come to every agent alike, R/N a
second; an agent above the limit is a queue of its own, so with f(j) = prod_{i<=j} 1/X_{c+i}, X_k the chats
that an agent with k closes a second, and g the N-fold convolution of f, an agent holds j of the e above its
limit with probability

    p(j | e) = f(j) g_{N-1}(e - j) / g_N(e),    closing all together N g_N(e - 1) / g_N(e) a second.

That is exact while the desk is full (Gordon, Newell). The chats within the limits are spread evenly over the
other agents, as in `performance`. The waits follow from the two-dimensional chain by uniformisation.

Source: Gordon, Newell, "Closed queuing systems with exponential servers", 1967, for the queues above the
limits; Latouche, Ramaswami, "A logarithmic reduction algorithm for quasi-birth-death processes", 1993, for a
line that nobody leaves; the joint chain is ours, its error is measured against a desk simulated turn by turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import solve_banded
from scipy.optimize import brentq
from scipy.special import gammaln, xlogy

from staffcast.core.errors import ModelError, UnstableQueueError
from staffcast.staffing.slots import throughputs

if TYPE_CHECKING:
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.parking import ParkedThreads

__all__ = ["StickyDesk", "StickyRates", "Waits", "sticky_desk"]

_RAREST = 1e-12
_AS_MUCH = 1 - 1e-9
"""As of `staffing.slots`, and states rarer than 1e-12 are left out."""
_NO_PATIENCE_S = 0.1
_MOST_ABOVE = 1024
_MOST_CELLS = 30_000_000
_MOST_IN_LINE = 2_000_000
_NEGLIGIBLE = 1e-14
_FIRST_IN_LINE = 32
_TOO_LARGE = "add agents, or plan a desk as large as this with ParkedThreads.queue"


@dataclass(frozen=True, eq=False)
class StickyRates:
    """A desk with sticky returns, in rates a second."""

    agents: int
    limit: int
    new_rate: float
    return_rate: float
    leave_rate: float
    throughput: Array
    """Chats closed a second by an agent with 1, 2, .. chats, also above the limit."""
    above: Array
    """p(j | e): rows e, columns j."""

    @property
    def n_slots(self) -> int:
        """Chats within the limits of all agents."""
        return self.agents * self.limit

    def leaving(self, n_line: int) -> Array:
        """Threads that give up a second with 0, 1, .. in line; one a row."""
        with_somebody = np.arange(1.0, n_line) * self.leave_rate
        return np.append(0.0, with_somebody)[:, None]

    @property
    def close_above(self) -> Array:
        """Chats closed a second by the agents above the limit, by e."""
        return np.asarray(self.agents * self.above[:, 1:] @ self.throughput[self.limit :])

    @property
    def n_above(self) -> Array:
        """Mean number of agents above the limit, by e."""
        return np.asarray(self.agents * (1 - self.above[:, 0]))

    def evenly(self, within: Array) -> tuple[Array, Array]:
        """Agents who are not above the limit, by chats held, and what they close a second.

        Args:
            within: chats within the limits of all agents; broadcast against e along the last axis.

        Returns:
            Levels 0 .. c by states, and states.
        """
        others = self.agents - self.n_above
        chats = np.maximum(within - self.limit * self.n_above, 0.0)
        levels = [np.clip(chats - held * others, 0, others) for held in range(self.limit)]
        at_least = np.stack([np.broadcast_to(others, chats.shape), *levels, np.zeros_like(chats)])
        holding = -np.diff(at_least, axis=0)
        return holding, np.asarray(np.tensordot(self.throughput[: self.limit], holding[1:], axes=1))


class Waits(NamedTuple):
    """New threads some time after they came, as shares of all new threads."""

    still_share: float
    """Wait."""
    served_share: float
    """Waited and have been picked up."""
    left_share: float
    """Waited and have given up."""


class StickyDesk(NamedTuple):
    """The solved chain."""

    rates: StickyRates
    within: Array
    """Shares of the states with a free slot: chats within the limits by e."""
    waiting: Array
    """Of those of a full desk: threads waiting by e."""

    @property
    def wait_share(self) -> float:
        """New threads that find no free slot."""
        return float(self.waiting.sum())

    @property
    def mean_waiting(self) -> float:
        """New threads in line."""
        return float(np.arange(len(self.waiting)) @ self.waiting.sum(axis=1))

    @property
    def abandon_share(self) -> float:
        """Of new threads."""
        if np.isinf(self.rates.leave_rate):
            return self.wait_share
        return self.mean_waiting * self.rates.leave_rate / self.rates.new_rate

    @property
    def level_shares(self) -> Array:
        """Agents holding 0, 1, .. chats, above the limit too, by their time."""
        rates = self.rates
        some, _ = rates.evenly(np.arange(float(rates.n_slots))[:, None])
        full, _ = rates.evenly(np.array([[float(rates.n_slots)]]))
        by_above = self.waiting.sum(axis=0)
        up_to_limit = (some * self.within).sum(axis=(1, 2)) + full[:, 0] @ by_above
        beyond = rates.agents * ((by_above + self.within.sum(axis=0)) @ rates.above[:, 1:])
        return np.concatenate([up_to_limit, beyond]) / rates.agents

    def waits(self, time_s: float, *, leaving: bool) -> Waits:
        """Follow those who wait, each behind the threads that waited when it came, by uniformisation.

        Args:
            time_s: seconds after they came.
            leaving: whether they may give up themselves.
        """
        rates = self.rates
        if leaving and np.isinf(rates.leave_rate):
            return Waits(0.0, 0.0, self.wait_share)
        _, closing = rates.evenly(np.array([float(rates.n_slots)]))
        forward = rates.leaving(len(self.waiting)) + closing
        up = np.append(np.full(closing.size - 1, rates.return_rate), 0.0)
        own = rates.leave_rate if leaving else 0.0
        total = forward + up + rates.close_above + own
        rate = float(total.max())
        state, moves = self.waiting, np.zeros(3)
        sums = np.zeros(3)
        for weight in _poisson_weights(rate * time_s):
            moves[0] = state.sum()
            sums += weight * moves
            moves[1:] += float(state[0] @ closing) / rate, float(moves[0]) * own / rate
            moved = state * (1 - total / rate)
            moved[:-1] += (forward * state / rate)[1:]
            moved[:, 1:] += (up * state / rate)[:, :-1]
            moved[:, :-1] += (rates.close_above * state / rate)[:, 1:]
            state = moved
        return Waits(*(float(part) for part in sums))


def sticky_desk(
    threads: ParkedThreads, new_rate: float, agents: int, *, limit: int, patience_s: float
) -> StickyDesk:
    """Solve a desk to which those threads come back that it picked up.

    Args:
        threads: what a thread asks.
        new_rate: new threads a second, above 0.
        agents: whole number of at least 1.
        limit: chats that an agent may hold before it gets no new one.
        patience_s: mean patience of a new thread; inf never leaves.

    Raises:
        UnstableQueueError: threads come faster than they are closed.
        ModelError: the chain has too many states.
    """
    leave_rate = 1 / patience_s if patience_s > _NO_PATIENCE_S else np.inf

    def desk(served: float) -> StickyDesk:
        returns = new_rate * served * (threads.visits - 1)
        throughput, above = _above(threads, returns / agents, agents, limit)
        return _solved(StickyRates(agents, limit, new_rate, returns, leave_rate, throughput, above))

    if leave_rate == 0:
        return desk(1.0)
    most = min(1.0, agents / (new_rate * threads.replies.effort_s))
    return desk(brentq(lambda served: 1 - desk(served).abandon_share - served, 0.0, most, xtol=_RAREST))


def _above(threads: ParkedThreads, returns: float, agents: int, limit: int) -> tuple[Array, Array]:
    """Throughput by level and p(j | e), up to an e too rare to matter on a full desk."""
    if returns * threads.visit.effort_s >= _AS_MUCH:
        raise UnstableQueueError("threads come back faster than agents close them", hint="add agents")
    most = 8
    while (most := 2 * most) <= _MOST_ABOVE:
        throughput = throughputs(threads.visit.handle_s_by_level(limit + most))
        one = np.concatenate([[1.0], np.cumprod(returns / throughput[limit:])])
        others = np.eye(1, most + 1)[0]
        for _ in range(agents - 1):
            others = np.convolve(others, one)[: most + 1]
            others /= others.max()
        together = np.convolve(others, one)[: most + 1]
        rarer = np.cumsum(together[::-1])[::-1] / together.sum()
        if rarer[-1] <= _RAREST:
            size = int(np.count_nonzero(rarer > _RAREST))
            behind = np.arange(size)[:, None] - np.arange(size)
            above = np.where(behind >= 0, one[:size] * others[np.maximum(behind, 0)], 0.0)
            return throughput[: limit + size - 1], above / above.sum(axis=1, keepdims=True)
    raise ModelError(f"over {_MOST_ABOVE} chats above the limits", hint=_TOO_LARGE)


def _solved(rates: StickyRates) -> StickyDesk:
    """Balance of flows, with a line long enough that its end is too rare to matter."""
    full = np.array([float(rates.n_slots)])
    if rates.leave_rate == 0:
        _, closing = rates.evenly(full)
        above = np.cumprod(np.append(1.0, rates.return_rate / rates.close_above[1:]))
        if rates.new_rate >= above @ closing / above.sum() * _AS_MUCH:
            raise UnstableQueueError("threads come faster than agents close them", hint="add agents")
        return _endless(rates)
    n_line = 1 if np.isinf(rates.leave_rate) else _FIRST_IN_LINE
    while True:
        shares = _balanced(rates, n_line)
        desk = StickyDesk(rates, shares[: rates.n_slots], shares[rates.n_slots :])
        if np.isinf(rates.leave_rate) or desk.waiting[-1].sum() <= _RAREST:
            return desk
        n_line *= 2


def _endless(rates: StickyRates) -> StickyDesk:
    """Where nobody leaves, each longer line has the shares of the one before times a matrix."""
    _refuse_too_many(rates.n_slots + 1, rates.n_above.size)
    longer = _longer(rates)
    shares = _balanced(rates, 1, longer)
    waiting = [shares[-1]]
    while waiting[-1].sum() > _RAREST:
        if len(waiting) * shares.shape[1] > _MOST_IN_LINE:
            message = f"threads come almost as fast as agents close them: a line of over {len(waiting):,}"
            raise UnstableQueueError(message, hint="add agents")
        waiting.append(waiting[-1] @ longer)
    told = shares[:-1].sum() + sum(row.sum() for row in waiting)
    return StickyDesk(rates, shares[:-1] / told, np.array(waiting) / told)


def _longer(rates: StickyRates) -> Array:
    """The matrix R of a line longer by one, by logarithmic reduction."""
    _, closing = rates.evenly(np.array([float(rates.n_slots)]))
    size, closed = rates.n_above.size, np.diag(closing.ravel())
    local = np.diag(np.full(size - 1, rates.return_rate), 1) + np.diag(rates.close_above[1:], -1)
    out = np.diag(rates.new_rate + closing.ravel() + local.sum(axis=1)) - local
    up, down = np.linalg.solve(out, rates.new_rate * np.eye(size)), np.linalg.solve(out, closed)
    first_passage, rest = down.copy(), up.copy()
    while rest.max() > _NEGLIGIBLE:
        both = np.eye(size) - up @ down - down @ up
        up, down = np.linalg.solve(both, up @ up), np.linalg.solve(both, down @ down)
        first_passage += rest @ down
        rest = rest @ up
    return np.asarray(rates.new_rate * np.linalg.inv(out - rates.new_rate * first_passage))


def _refuse_too_many(n_rows: int, size: int) -> None:
    if n_rows * size * (3 * size) > _MOST_CELLS:
        raise ModelError(f"{n_rows * size:,} states are too many", hint=_TOO_LARGE)


def _balanced(rates: StickyRates, n_line: int, longer: Array | None = None) -> Array:
    """Shares of the states, by chats within the limits and then by threads waiting: a banded system.

    The line ends there, or goes on in multiples of the matrix ``longer``.
    """
    n_rows, size = rates.n_slots + n_line, rates.n_above.size
    _refuse_too_many(n_rows, size)
    within = np.minimum(np.arange(float(n_rows)), rates.n_slots)[:, None]
    levels, down = rates.evenly(within)
    down[rates.n_slots :] += rates.leaving(n_line)
    back_above = np.minimum((levels[-1] + rates.n_above) / rates.agents, 1) * rates.return_rate
    up = rates.new_rate + np.where(within < rates.n_slots, rates.return_rate - back_above, 0.0)
    down[0] = 0.0
    if longer is None:
        up[-1] = 0.0
    less = np.broadcast_to(rates.close_above, up.shape).copy()
    back_above[:, -1], less[:, 0] = 0.0, 0.0
    bands = np.zeros((2 * size + 1, up.size))
    bands[size] = (up + down + back_above + less).ravel()
    for offset, flow in ((size, up), (-size, down), (1, back_above), (-1, less)):
        bands[size + offset] -= flow.ravel()
    if longer is not None:  # who comes back from a longer line
        source, target = np.indices((size, size))
        bands[size + target - source, up.size - size + source] -= longer * down[-1]
    sure = size * min(n_rows - 1, rates.n_slots // 2)  # an equation is redundant: this share is set to 1
    gone = sure + np.arange(-size, size + 1)
    inside = (gone >= 0) & (gone < up.size)
    bands[(size - np.arange(-size, size + 1))[inside], gone[inside]] = 0.0
    bands[size, sure] = 1.0
    shares = solve_banded((size, size), bands, np.eye(1, up.size, sure)[0])
    shares = np.maximum(shares.reshape(up.shape), 0.0)
    return np.asarray(shares / shares.sum())


def _poisson_weights(mean: float) -> Array:
    n = np.arange(int(mean + 8 * np.sqrt(mean) + 20))
    return np.asarray(np.exp(xlogy(n, mean) - mean - gammaln(n + 1)))
