"""A desk through the day: the chain of open and waiting chats in continuous time, with agents that change.

Within an interval the chain has constant rates and is solved by uniformisation: with a rate L at least that
of every state, the state after a time h is the initial one after a Poisson(L h) number of steps of a discrete
chain. The same terms give the exact mean over the interval, which is what customers who arrive in it find.

Chats in progress and waiting are carried over. When agents leave, the others take their chats; those that
find no free slot wait again. A customer's wait after the end of the interval is told by the agents of the
interval in which the customer came.

Source: Jensen, "Markoff chains as an aid in the study of Markoff processes", 1953; Ingolfsson, Akhmetshina,
Budge, Li, Wu, "A survey and experimental comparison of service-level-approximation methods for nonstationary
M(t)/M/s(t) queueing systems", 2007.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betainc, gammainc, gammaincc, gammaln

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.replies import reply_figures
from staffcast.staffing.slots import throughputs

if TYPE_CHECKING:
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.patience import PatienceCurve
    from staffcast.staffing.performance import Figures, Thresholds
    from staffcast.staffing.replies import ReplyModel

__all__ = ["Interval", "Passage", "desk_figures", "in_time_by_start", "interval_figures", "passage"]

_RAREST = 1e-14
_RAREST_EVENT = 1e-290
_MOST_STEPS = 2_000_000
_STEPS_AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class Interval:
    """Constant rates for a while; one row of a queue."""

    arrival_rate: float
    handle_s_by_level: Array
    patience_s: float
    length_s: float
    replies: ReplyModel | None = None
    curve: PatienceCurve | None = None
    """Where patience is not exponential; then the mean does not count."""

    @property
    def leave_rate(self) -> float:
        """Of a waiting customer; 0 for endless patience."""
        return 1 / self.patience_s if self.patience_s > 0 else 0.0

    def n_slots(self, agents: int) -> int:
        """Chats that the agents may hold."""
        return agents * self.handle_s_by_level.size

    def close_rates(self, agents: int, n: Array) -> Array:
        """Chats closed a second with n chats at the desk, spread evenly over the agents."""
        gains = np.diff(throughputs(self.handle_s_by_level), prepend=0.0)
        return np.asarray(gains @ self.holding(agents, n))

    def holding(self, agents: int, n: Array) -> Array:
        """Agents who hold at least 1, 2, .. chats: levels by states."""
        levels = np.arange(self.handle_s_by_level.size)
        return np.clip(n - levels[:, None] * agents, 0, agents)


class Passage(NamedTuple):
    """The chain over one interval: shares of the number of chats, open and waiting."""

    mean: Array
    """Over the interval."""
    end: Array


def passage(interval: Interval, agents: int, start: Array) -> Passage:
    """Carry a distribution of the number of chats through an interval.

    Args:
        interval: the rates.
        agents: whole number at work.
        start: shares of 0, 1, .. chats at the beginning.

    Raises:
        ModelError: the rates are too fast for the length of the interval.
    """
    rise, fall = _rates(interval, agents, _n_states(interval, agents, start.size))
    state = np.zeros_like(rise)
    state[: start.size] = start
    if interval.patience_s == 0:
        state = _turned_away(state, interval.n_slots(agents))
    rate = float((rise + fall).max())
    if rate * interval.length_s < _RAREST_EVENT:
        return Passage(state, state)
    return _uniformised(state, rise / rate, fall / rate, rate * interval.length_s)


def _rates(interval: Interval, agents: int, n_states: int) -> tuple[Array, Array]:
    """Up and down from each number of chats."""
    n = np.arange(n_states, dtype=np.float64)
    waiting = np.maximum(n - interval.n_slots(agents), 0)
    rise = np.full_like(n, interval.arrival_rate)
    if interval.patience_s == 0:
        rise[n >= interval.n_slots(agents)] = 0.0
    rise[-1] = 0.0
    return rise, interval.close_rates(agents, n) + waiting * interval.leave_rate


def in_time_by_start(
    interval: Interval, agents: int, n_start: int, threshold_s: float, convention: ServiceLevelConvention
) -> Array:
    """Service level of an interval by the number of chats at its beginning: the same chain, backwards.

    Args:
        interval: the rates, with arrivals and a mean patience.
        agents: whole number at work, at least 1.
        n_start: starts with 0 .. ``n_start`` - 1 chats.
        threshold_s: of the service level.
        convention: one that does not divide by what became of the chats.
    """
    n_slots, n_states = interval.n_slots(agents), _n_states(interval, agents, n_start)
    full_rate = float(interval.close_rates(agents, np.array([float(n_slots)]))[0])
    law = _Ahead(interval, full_rate, np.arange(max(n_states - n_slots, 0), dtype=np.float64))
    if convention == ServiceLevelConvention.SERVED_OF_ALL:
        late = 1 - law.served_after(0.0) + law.served_after(threshold_s)
    else:
        present = 1.0 if convention == ServiceLevelConvention.VIRTUAL else law.present(threshold_s)
        late = law.beyond(threshold_s) * present
    value = np.concatenate([np.ones(n_states - late.size), 1 - late])
    rise, fall = _rates(interval, agents, n_states)
    rate = float((rise + fall).max())
    n_steps = _n_steps(rate * interval.length_s)
    weights = gammainc(np.arange(n_steps + 1) + 1, rate * interval.length_s) / (rate * interval.length_s)
    rise, fall, stay, mean = rise / rate, fall / rate, 1 - (rise + fall) / rate, np.zeros_like(value)
    for weight in weights:
        mean += weight * value
        after = stay * value
        after[:-1] += rise[:-1] * value[1:]
        after[1:] += fall[1:] * value[:-1]
        value = after
    if interval.patience_s == 0:
        mean[n_slots + 1 :] = mean[min(n_slots, n_states - 1)]
    return np.asarray(mean / weights.sum())[:n_start]


def _turned_away(state: Array, n_slots: int) -> Array:
    """Without patience, those who find no slot are gone."""
    kept = state.copy()
    if n_slots + 1 < kept.size:
        kept[n_slots] += kept[n_slots + 1 :].sum()
        kept[n_slots + 1 :] = 0.0
    return kept


def _n_states(interval: Interval, agents: int, n_start: int) -> int:
    """One more than the most chats worth counting: more arrivals than that are rarer than 1e-14."""
    load = interval.arrival_rate * interval.length_s
    most = n_start + _rare_count(load)
    if interval.patience_s == 0:
        return max(n_start, interval.n_slots(agents) + 1)
    if np.isfinite(interval.patience_s):  # those waiting are at most the first ones and a Poisson number
        waiting = _rare_count(min(interval.arrival_rate * interval.patience_s, load))
        most = min(most, max(n_start, interval.n_slots(agents) + 1) + waiting)
    return most


def _rare_count(mean: float) -> int:
    return int(np.ceil(mean + 8 * np.sqrt(mean) + 12)) if mean > 0 else 0


def _n_steps(mean_steps: float) -> int:
    if mean_steps > _MOST_STEPS:
        raise ModelError(
            f"an interval of {mean_steps:.3g} events is too long for its rates",
            hint="give shorter intervals, or a patience of 0 instead of nearly 0",
        )
    return _rare_count(mean_steps)


def _uniformised(state: Array, rise: Array, fall: Array, mean_steps: float) -> Passage:
    n_steps = _n_steps(mean_steps)
    step = np.arange(n_steps + 1)
    now = np.exp(step * np.log(mean_steps) - mean_steps - gammaln(step + 1))
    later = gammainc(step + 1, mean_steps) / mean_steps
    stay, moved = 1 - rise - fall, np.empty_like(state)
    end, mean = np.zeros_like(state), np.zeros_like(state)
    block = np.empty((_STEPS_AT_ONCE + 1, state.size))
    block[0] = state
    for start in range(0, n_steps + 1, _STEPS_AT_ONCE):
        n_here = min(_STEPS_AT_ONCE, n_steps + 1 - start)
        for before, after in itertools.pairwise(block[: n_here + 1]):
            np.multiply(stay, before, out=after)
            after[1:] += np.multiply(rise, before, out=moved)[:-1]
            after[:-1] += np.multiply(fall, before, out=moved)[1:]
        part = slice(start, start + n_here)
        end += now[part] @ block[:n_here]
        mean += later[part] @ block[:n_here]
        block[0] = block[n_here]
    return Passage(mean / mean.sum(), _trimmed(end / end.sum()))


def _trimmed(shares: Array) -> Array:
    """Without the upper tail that nobody will miss."""
    tail = np.cumsum(shares[::-1])[::-1]
    kept = shares[: max(1, int(np.count_nonzero(tail > _RAREST)))]
    return np.asarray(kept / kept.sum())


def interval_figures(
    interval: Interval, agents: int, start: Array, shares: Array, thresholds: Thresholds
) -> Figures:
    """What customers meet who find the desk with these shares of 0, 1, .. chats.

    Without arrivals the service level is the probability that every chat at the desk has a slot.

    Args:
        interval: the rates.
        agents: whole number at work.
        start: shares of 0, 1, .. chats at the beginning.
        shares: of the number of chats, mean of the interval.
        thresholds: the times asked about, of one row.
    """
    n_slots = interval.n_slots(agents)
    full = shares[n_slots:]
    ahead = np.arange(full.size, dtype=np.float64)
    full_rate = float(interval.close_rates(agents, np.array([float(n_slots)]))[0])
    figures = desk_figures(interval, agents, shares, thresholds) | {"mean_waiting": ahead @ full}
    if interval.arrival_rate > 0:
        figures |= _waits(interval, full_rate, full, ahead, thresholds)
    else:
        settled = min(float(start[: n_slots + 1].sum()), 1.0)
        figures |= dict.fromkeys(map(str, ServiceLevelConvention), settled)
        figures |= {"abandon_share": 0.0, "asa_s": 0.0}
    return {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in figures.items()}


def desk_figures(interval: Interval, agents: int, shares: Array, thresholds: Thresholds) -> dict[str, float]:
    """What agents do, and the replies, with these shares of 0, 1, .. chats."""
    n_slots, n = interval.n_slots(agents), np.arange(shares.size, dtype=np.float64)
    holding = interval.holding(agents, n) @ shares / max(agents, 1)
    figures = {
        "wait_share": min(float(shares[n_slots:].sum()), 1.0),
        "mean_open": float(np.minimum(n, n_slots) @ shares),
        "agent_occupancy_share": min(float(holding[0]), 1.0) if agents else 1.0,
        "slot_occupancy_share": min(float(holding.mean()), 1.0) if agents else 1.0,
    }
    if interval.replies is None:
        return figures
    level_shares = -np.diff(np.minimum(holding, 1), prepend=1, append=0)[None, :]
    replies = reply_figures(
        interval.replies, level_shares, interval.handle_s_by_level[None, :], thresholds.reply_s
    )
    return figures | {
        "replies_within_share": float(replies.within_share[0]) if agents else 0.0,
        "mean_reply_s": float(replies.mean_s[0]) if agents else np.inf,
        "work_occupancy_share": float(replies.work_occupancy_share[0]) if agents else 1.0,
    }


def _waits(
    interval: Interval, full_rate: float, full: Array, ahead: Array, thresholds: Thresholds
) -> dict[str, float]:
    """Waits of those who find every slot taken and some number ahead of them."""
    service, short = float(thresholds.service_s[0]), float(thresholds.short_s[0])
    law = _Ahead(interval, full_rate, ahead)
    wait = float(full.sum())
    served = 1 - wait + float(full @ law.served_after(0.0))
    in_time = served - float(full @ law.served_after(service))
    virtual = float(full @ law.beyond(service))
    counted = 1 - float(full @ law.gone_by(short)) if short > 0 else 1.0
    levels = {
        ServiceLevelConvention.VIRTUAL: 1 - virtual,
        ServiceLevelConvention.SERVED_OF_ALL: in_time,
        ServiceLevelConvention.SERVED_OF_SERVED: in_time / served if served > _RAREST else 0.0,
        ServiceLevelConvention.WAIT_WITHIN: 1 - virtual * law.present(service),
        ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS: in_time / counted if counted > 0 else 0.0,
    }
    shares = {str(name): float(np.clip(level, 0, 1)) for name, level in levels.items()}
    found_full = full > 0
    asa_s = float(full[found_full] @ law.virtual_s()[found_full])
    return shares | {"abandon_share": float(np.clip(1 - served, 0, 1)), "asa_s": asa_s}


class _Ahead(NamedTuple):
    """Waits by the number of customers ahead."""

    interval: Interval
    full_rate: float
    ahead: Array

    def present(self, time_s: float) -> float:
        """Share of customers whose patience lasts so long."""
        if self.interval.patience_s == 0:
            return 0.0
        return float(np.exp(-time_s * self.interval.leave_rate))

    def beyond(self, time_s: float) -> Array:
        """Virtual wait longer than a time."""
        if self.full_rate == 0:
            return np.ones_like(self.ahead)
        if self.interval.leave_rate == 0:
            return np.asarray(gammaincc(self.ahead + 1, self.full_rate * time_s))
        x = self.full_rate / self.interval.leave_rate
        return np.asarray(betainc(x, self.ahead + 1, self.present(time_s)))

    def served_after(self, time_s: float) -> Array:
        """Picked up later than a time."""
        if self.full_rate == 0 or self.interval.patience_s == 0:
            return np.zeros_like(self.ahead)
        if self.interval.leave_rate == 0:
            return self.beyond(time_s)
        x = self.full_rate / self.interval.leave_rate
        return np.asarray(x / (x + self.ahead + 1) * betainc(x + 1, self.ahead + 1, self.present(time_s)))

    def gone_by(self, time_s: float) -> Array:
        """Given up by a time."""
        if self.interval.patience_s == 0:
            return np.ones_like(self.ahead)
        left_then = 1 - self.served_after(0.0) - self.present(time_s) * self.beyond(time_s)
        return np.asarray(np.maximum(left_then + self.served_after(time_s), 0))

    def virtual_s(self) -> Array:
        """Mean virtual wait."""
        if self.full_rate == 0:
            return np.full_like(self.ahead, np.inf)
        return np.cumsum(1 / (self.full_rate + self.ahead * self.interval.leave_rate))
