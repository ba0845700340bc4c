"""A desk whose agents keep the chats they have: the exact chain behind the balanced model.

`performance` spreads the open chats evenly at every moment. Real desks do not move chats, so one agent may
hold three while another holds none, and it matters who gets the next one. Here the state is the number of
agents with 0, 1, .., c chats: exact for exponential handle times, C(N + c, c) states. Every event changes
the number of open chats by one, so the chain is solved by aggregation and disaggregation: the open chats
form a birth-death chain in closed form, the states with equally many are improved level by level.

Source: Koury, McAllister, Stewart, "Iterative methods for computing stationary distributions of nearly
completely decomposable Markov chains", 1984.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import comb
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from staffcast.core.errors import ModelError, did_you_mean
from staffcast.staffing.inputs import checked
from staffcast.staffing.performance import Thresholds, joined, performance, queue_performance, with_replies
from staffcast.staffing.slots import BelowCapacity, throughputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.core.service_level import ServiceLevelConvention
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.performance import QueuePerformance
    from staffcast.staffing.queues import ChatQueue

    Indices: TypeAlias = NDArray[np.int64]

__all__ = ["Routing", "RoutingCheck", "check_routing", "exact_performance"]

MAX_STATES = 200_000
_SETTLED = 1e-13
_MAX_SWEEPS = 20_000


class Routing(StrEnum):
    """Who gets the next chat, among the agents with a free slot."""

    LEAST_LOADED = "least_loaded"
    RANDOM_FREE = "random_free"
    FULLEST_FIRST = "fullest_first"


@dataclass(frozen=True, eq=False)
class RoutingCheck:
    """The balanced model beside the exact chain of a routing rule."""

    routing: Routing
    n_states: int
    exact: QueuePerformance
    balanced: QueuePerformance

    def service_level_error(self, convention: ServiceLevelConvention) -> float:
        """By how much the balanced model is too optimistic, as a share."""
        return float(self.balanced.service_level(convention)) - float(self.exact.service_level(convention))

    @property
    def asa_error_s(self) -> float:
        """Mean virtual wait of the balanced model less the exact one; 0 where both are endless."""
        endless = np.isinf(self.exact.asa_s)
        return 0.0 if endless else float(self.balanced.asa_s) - float(self.exact.asa_s)


def check_routing(
    queue: ChatQueue,
    agents: int,
    *,
    threshold_s: float,
    short_s: float = 0.0,
    reply_within_s: float | None = None,
    routing: Routing = Routing.LEAST_LOADED,
) -> RoutingCheck:
    """Solve a desk with chats kept and with chats balanced; arguments as of `exact_performance`.

    Source:
        The service level of the balanced model less that of the chain; both as of `performance` and
        `exact_performance`.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> from staffcast.core.service_level import ServiceLevelConvention
        >>> queue = ChatQueue(71.47, [480, 560, 680], patience_s=120)
        >>> check = check_routing(queue, 5, threshold_s=30, routing=Routing.FULLEST_FIRST)
        >>> round(check.service_level_error(ServiceLevelConvention.SERVED_OF_ALL), 3)
        0.021
    """
    return RoutingCheck(
        routing=Routing(routing),
        n_states=_n_states(int(agents), queue.concurrency_limit),
        exact=exact_performance(
            queue,
            agents,
            threshold_s=threshold_s,
            short_s=short_s,
            reply_within_s=reply_within_s,
            routing=routing,
        ),
        balanced=performance(
            queue, agents, threshold_s=threshold_s, short_s=short_s, reply_within_s=reply_within_s
        ),
    )


def exact_performance(
    queue: ChatQueue,
    agents: int,
    *,
    threshold_s: float,
    short_s: float = 0.0,
    reply_within_s: float | None = None,
    routing: Routing = Routing.LEAST_LOADED,
) -> QueuePerformance:
    """Exact performance of a desk on which a chat stays with the agent who took it.

    Args:
        queue: one queue, without rows.
        agents: whole number of agents; with a limit of 3 chats up to 104, of 2 up to 630.
        threshold_s: threshold of the service level in seconds.
        short_s: limit of a short abandon in seconds.
        reply_within_s: threshold of a reply in seconds, for a queue with a reply model.
        routing: who gets the next chat.

    Raises:
        ModelError: the queue has rows, the agents are not whole, or the chain has over 200,000 states.

    Source:
        pi Q = 0 over the numbers of agents with 0, 1, .., c chats, C(N + c, c) states, joined to the line of
        a full desk as of `performance`. Solved by aggregation and disaggregation: Koury, McAllister, Stewart,
        "Iterative methods for computing stationary distributions of nearly completely decomposable Markov
        chains", 1984.

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> from staffcast.core.service_level import ServiceLevelConvention
        >>> queue = ChatQueue(71.47, [480, 560, 680], patience_s=120)
        >>> desk = exact_performance(queue, 5, threshold_s=30, routing=Routing.RANDOM_FREE)
        >>> round(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL), 3)
        0.844
    """
    if queue.shape:
        raise ModelError(f"queue: has rows of shape {queue.shape}", hint="give one queue at a time")
    if routing not in list(Routing):
        raise ModelError(f"routing: unknown '{routing}'", hint=did_you_mean(routing, Routing))
    asked = {
        "agents": agents,
        "threshold_s": threshold_s,
        "short_s": short_s,
        "reply_within_s": reply_within_s,
    }
    n, threshold, short, *reply = (
        checked(name, value).reshape(1) for name, value in asked.items() if value is not None
    )
    if n[0] != np.floor(n[0]):
        raise ModelError(f"agents: {n[0]:g} is not whole", hint="the chain moves whole agents")
    rows = queue.rows((1,))
    thresholds = Thresholds(threshold, short, reply[0] if reply else np.zeros(1)).capped
    balanced = performance(
        queue, agents, threshold_s=threshold_s, short_s=short_s, reply_within_s=reply_within_s
    )
    if rows.one_at_a_time or n[0] == 0 or rows.arrival_rate[0] == 0 or not balanced.stable:
        return balanced
    n_states = _n_states(int(agents), rows.n_levels)
    if n_states > MAX_STATES:
        raise ModelError(
            f"{n_states:,} states are too many", hint="use performance(); on large desks its error is small"
        )
    below = _solved(int(agents), rows.handle_s_by_level[0], float(rows.arrival_rate[0]), Routing(routing))
    figures = joined(rows, n, below, thresholds) | {"stable": np.ones(1)}
    figures |= with_replies(rows, figures["level_shares"], thresholds, nobody=n == 0)
    return queue_performance(rows, figures, thresholds, (), replies_asked=bool(reply))


def _n_states(agents: int, n_levels: int) -> int:
    return comb(agents + n_levels, n_levels)


class _Step(NamedTuple):
    """Transitions between the states with n - 1 and n open chats, as positions within each."""

    lower: Indices
    upper: Indices
    arrival_share: Array
    """Of arrivals in the lower state, those that lead to the upper; the rest of ``rates`` is 0."""
    close_rate: Array
    """From the upper to the lower state."""


class _Chain(NamedTuple):
    holding: tuple[Array, ...]
    """For each number of open chats: states by levels, agents holding at least 1, 2, .. chats."""
    throughput: tuple[Array, ...]
    steps: tuple[_Step, ...]


def _solved(agents: int, handle_s: Array, arrival_rate: float, routing: Routing) -> BelowCapacity:
    """Sweep up and down until the close rate of every number of open chats has settled."""
    chain = _chain(agents, throughputs(handle_s), routing)
    shares = [np.full(part.size, 1 / part.size) for part in chain.throughput]
    close_rate = np.array([share @ part for share, part in zip(shares, chain.throughput, strict=True)])
    full = len(shares) - 1
    order = [*range(1, full), *range(full - 1, 0, -1)]
    for _ in range(_MAX_SWEEPS):
        before = close_rate.copy()
        for n in order:
            new = _improved(chain, shares, close_rate, arrival_rate, n)
            shares[n] = new / new.sum()
            close_rate[n] = shares[n] @ chain.throughput[n]
        if np.all(np.abs(close_rate - before) <= _SETTLED * close_rate):
            return _below(chain, shares, close_rate, arrival_rate)
    raise ModelError("the exact chain did not settle", hint="use performance()")


def _improved(chain: _Chain, shares: list[Array], close_rate: Array, arrival_rate: float, n: int) -> Array:
    """Balance of flows for the states with n open chats, given those with one less and one more."""
    below, above = chain.steps[n - 1], chain.steps[n]
    size = shares[n].size
    inflow = np.bincount(
        below.upper, close_rate[n] * below.arrival_share * shares[n - 1][below.lower], minlength=size
    )
    inflow += np.bincount(
        above.lower,
        arrival_rate / close_rate[n + 1] * above.close_rate * shares[n + 1][above.upper],
        minlength=size,
    )
    return inflow / (arrival_rate + chain.throughput[n])


def _below(chain: _Chain, shares: list[Array], close_rate: Array, arrival_rate: float) -> BelowCapacity:
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(arrival_rate / close_rate[1:]))])
    top = log_weight[:-1].max()
    weight = np.exp(log_weight[:-1] - top)
    total = weight.sum()
    means = np.array([share @ part for share, part in zip(shares[:-1], chain.holding[:-1], strict=True)])
    log_full_odds = log_weight[-1] - top - np.log(total)
    return BelowCapacity(np.array([log_full_odds]), (weight @ means / total)[None, :])


def _chain(agents: int, throughput: Array, routing: Routing) -> _Chain:
    n_levels = throughput.size
    states = _states(agents, n_levels)
    n_open = states @ np.arange(n_levels + 1)
    states = states[np.argsort(n_open, kind="stable")]
    starts = np.searchsorted(np.sort(n_open), np.arange(agents * n_levels + 2))
    keys = _keys(states, agents)
    by_key = np.argsort(keys)
    shares = _arrival_shares(states[:, :-1], routing)
    steps = []
    for n in range(agents * n_levels):
        block = slice(starts[n], starts[n + 1])
        lower, level = np.nonzero(states[block, :-1])
        base = np.int64(agents + 1)
        moved = keys[block][lower] + base**level - np.where(level > 0, base ** np.maximum(level - 1, 0), 0)
        upper = by_key[np.searchsorted(keys[by_key], moved)]
        close_rate = states[upper, level + 1] * throughput[level]
        steps.append(_Step(lower, upper - starts[n + 1], shares[block][lower, level], close_rate))
    holding = np.cumsum(states[:, :0:-1], axis=1)[:, ::-1].astype(np.float64)
    total = states[:, 1:] @ throughput
    edges = starts[1:-1]
    return _Chain(tuple(np.split(holding, edges)), tuple(np.split(total, edges)), tuple(steps))


def _states(agents: int, n_levels: int) -> Indices:
    """Every way to place the agents on levels 0 .. c, one row each."""
    placed, left = np.zeros((1, 0), dtype=np.int64), np.array([agents])
    for _ in range(n_levels):
        ways = left + 1
        parent = np.repeat(np.arange(left.size), ways)
        number = np.arange(parent.size) - np.repeat(np.cumsum(ways) - ways, ways)
        placed, left = np.column_stack([placed[parent], number]), left[parent] - number
    return np.column_stack([left, placed])


def _keys(states: Indices, agents: int) -> Indices:
    """One number for each state: its levels from 1 on as digits."""
    return np.asarray(states[:, 1:] @ (agents + 1) ** np.arange(states.shape[1] - 1), dtype=np.int64)


def _arrival_shares(free: Indices, routing: Routing) -> Array:
    """Share of arrivals that agents on each level below the limit get."""
    if routing == Routing.RANDOM_FREE:
        return np.asarray(free / np.maximum(free.sum(axis=1, keepdims=True), 1))
    some = free > 0
    if routing == Routing.FULLEST_FIRST:
        some = some[:, ::-1]
    chosen = some & (np.cumsum(some, axis=1) == 1)
    shares = chosen[:, ::-1] if routing == Routing.FULLEST_FIRST else chosen
    return np.asarray(shares, dtype=np.float64)
