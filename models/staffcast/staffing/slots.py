"""A desk below capacity: how its agents fill up when each may hold several chats.

Chats are spread evenly: with N agents and n = j N + m chats, m agents hold j + 1 chats and the others j.
An agent with k chats closes k / AHT_k of them a second, so the desk as a whole closes

    d(n) = (N - m) j / AHT_j + m (j + 1) / AHT_{j+1}

and the number of open chats is a birth-death chain with weights w_n = prod lambda / d(i).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from staffcast.core.errors import ModelError

if TYPE_CHECKING:
    from staffcast.staffing.inputs import Array

__all__ = ["AS_MUCH", "BelowCapacity", "below_capacity", "throughputs"]

AS_MUCH = 1 - 1e-12
"""Rounding may leave a load of exactly all that can be served a little below it."""
_CELLS_AT_ONCE, _MOST_STATES = 1 << 17, 1 << 21


class BelowCapacity(NamedTuple):
    """The desk while a slot is free."""

    log_full_odds: Array
    """Weight of the just-full state against all states with a free slot, as a logarithm."""
    holding: Array
    """Mean agents who hold at least 1, 2, .. chats: rows by levels."""


def throughputs(handle_s_by_level: Array) -> Array:
    """Chats closed a second by an agent who holds 1, 2, .. chats; levels along the last axis."""
    return np.arange(1, handle_s_by_level.shape[-1] + 1) / handle_s_by_level


def below_capacity(arrival_rate: Array, handle_s_by_level: Array, agents: Array) -> BelowCapacity:
    """Sum the chain of open chats up to the last free slot.

    Args:
        arrival_rate: chats a second, above 0, one a row.
        handle_s_by_level: rows by levels.
        agents: whole numbers of at least 1.
    """
    result = BelowCapacity(np.empty_like(arrival_rate), np.empty_like(handle_s_by_level))
    n_states = _n_states(arrival_rate, handle_s_by_level, agents)
    if n_states.max(initial=0) > _MOST_STATES:
        raise ModelError(
            f"a desk of {n_states.max():.3g} chats is too large to solve", hint="check rates and handle times"
        )
    order = np.argsort(n_states)
    end = order.size
    while end > 0:  # the widest rows first, as many at a time as stay in the cache
        start = max(0, end - max(1, _CELLS_AT_ONCE // int(n_states[order[end - 1]])))
        rows = order[start:end]
        part = _summed(arrival_rate[rows], handle_s_by_level[rows], agents[rows], n_states[rows])
        for whole, piece in zip(result, part, strict=True):
            whole[rows] = piece
        end = start
    return result


def _n_states(arrival_rate: Array, handle_s_by_level: Array, agents: Array) -> Array:
    """Number of states to sum: 0 .. K-1, or up to where a state is rarer than the smallest float.

    Every chat ends at a rate of at least 1 / max AHT, so n has a lighter tail than a Poisson number. Where
    the sum stops early, its last state stands for the just-full one: both have a share of 0.
    """
    load = arrival_rate * handle_s_by_level.max(axis=1)
    n_states: Array = np.minimum(
        agents * handle_s_by_level.shape[1], np.ceil(load + 40 * np.sqrt(load) + 540)
    )
    return n_states


def _summed(arrival_rate: Array, handle_s_by_level: Array, agents: Array, n_states: Array) -> BelowCapacity:
    n_levels = handle_s_by_level.shape[1]
    n = np.arange(int(n_states.max()), dtype=np.float64)
    gains = np.diff(throughputs(handle_s_by_level), axis=1, prepend=0.0)
    holding = [np.clip(n - level * agents[:, None], 0, agents[:, None]) for level in range(n_levels)]
    close_rate = sum(
        (gains[:, level, None] * holding[level][:, 1:] for level in range(1, n_levels)),
        start=gains[:, 0, None] * holding[0][:, 1:],
    )
    log_weight = np.zeros((agents.size, n.size))
    np.cumsum(np.log(arrival_rate[:, None] / close_rate), axis=1, out=log_weight[:, 1:])
    inside = n < n_states[:, None]
    log_weight[~inside] = -np.inf
    top = log_weight.max(axis=1)
    last = (n_states - 1).astype(np.int64)
    log_last = log_weight[np.arange(agents.size), last]
    weight = np.exp(log_weight - top[:, None])
    total = weight.sum(axis=1)
    full_step = np.log(arrival_rate * handle_s_by_level[:, -1] / (n_levels * agents))
    log_full_odds = log_last - top - np.log(total) + full_step
    means = [np.einsum("rn,rn->r", weight, part) / total for part in holding]
    return BelowCapacity(log_full_odds, np.stack(means, axis=1))
