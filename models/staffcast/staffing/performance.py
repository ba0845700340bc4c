"""How a queue performs with a given number of agents: Erlang C, Erlang A and Erlang Chat.

One chat at a time and endless patience is Erlang C, one chat at a time with patience Erlang A, several chats
an agent Erlang Chat with the chats spread evenly. All three are a desk below capacity (`slots`) joined to
the waiting customers of a full desk (`waiting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from scipy.special import expit

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.erlang_b import log_full_odds
from staffcast.staffing.inputs import Array, FloatOrArray, checked, common_shape, flat, shaped
from staffcast.staffing.queues import throughput_peak_level
from staffcast.staffing.replies import reply_figures
from staffcast.staffing.slots import AS_MUCH, BelowCapacity, below_capacity
from staffcast.staffing.waiting import Waiting, waiting
from staffcast.staffing.waiting_curve import waiting_with_curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.queues import ChatQueue, QueueRows

__all__ = ["Figures", "QueuePerformance", "joined", "performance", "performance_rows", "queue_performance"]


@dataclass(frozen=True, eq=False)
class QueuePerformance:
    """What customers and agents of a queue experience; numbers for one queue, arrays for rows.

    No figure is ever NaN, no share outside 0 .. 1. Where nobody leaves and chats arrive faster than full
    agents close them, ``stable`` is False: everyone waits, the service level is 0, the waits are infinite.
    """

    wait_share: FloatOrArray
    """Chats that find no free slot."""
    asa_s: FloatOrArray
    """Mean virtual wait: that of a customer with endless patience, 0 for those served at once."""
    mean_wait_s: FloatOrArray
    """Mean wait of all, until picked up or abandoned."""
    abandon_share: FloatOrArray
    service_levels: Mapping[ServiceLevelConvention, FloatOrArray]
    """One share for each convention."""
    agent_occupancy_share: FloatOrArray
    """Agents with at least one chat."""
    slot_occupancy_share: FloatOrArray
    """Chat slots in use."""
    open_concurrency: FloatOrArray
    """Open chats per agent with a chat; 0 if there never is one."""
    realised_handle_s: FloatOrArray
    """Mean handle time over the levels that occur; that of one chat at a time if no chat is ever handled."""
    level_shares: Array
    """Share of the agents' time with 0, 1, .., c chats, along the last axis."""
    stable: bool | NDArray[np.bool_]
    threshold_s: FloatOrArray
    reply_within_s: FloatOrArray | None
    replies_within_share: FloatOrArray | None
    """Replies within ``reply_within_s`` of the message; None without a reply model or without the time."""
    mean_reply_s: FloatOrArray | None
    """Mean time from a message to its reply."""
    work_occupancy_share: FloatOrArray | None
    """Agents' time at work on replies and wrap-up."""
    throughput_peak_level: int | NDArray[np.int64]
    """Chats an agent at which most are closed; below the concurrency limit, the last slots hurt."""

    def service_level(self, convention: ServiceLevelConvention) -> FloatOrArray:
        """Share within the threshold, counted by this convention."""
        return self.service_levels[convention]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a planner must know before using the figures; empty on a sound desk."""
        limit = self.level_shares.shape[-1] - 1
        falling, growing = np.less(self.throughput_peak_level, limit), ~np.asarray(self.stable)
        n_rows = growing.size
        notes = []
        if growing.any():
            notes.append(
                f"unstable in {growing.sum()} of {n_rows} rows: chats arrive faster than full agents close "
                "them and too few customers leave, so the queue grows for ever"
            )
        if falling.any():
            peak = int(np.min(self.throughput_peak_level))
            notes.append(
                f"throughput falls in {falling.sum()} of {n_rows} rows: an agent closes more chats an hour "
                f"holding {peak} than holding {limit}; a limit of {peak} serves customers better"
            )
        return tuple(notes)


_LONGEST_S = 1e9


class Thresholds(NamedTuple):
    """The times that are asked about, one for each row."""

    service_s: Array
    short_s: Array
    reply_s: Array

    @classmethod
    def of(cls, service_s: Array) -> Thresholds:
        """Only a service level is asked for."""
        return cls(service_s, np.zeros_like(service_s), np.zeros_like(service_s))

    @property
    def capped(self) -> Thresholds:
        """No time longer than 30 years, so that a rate times one is a number."""
        return Thresholds(*(np.minimum(times, _LONGEST_S) for times in self))

    def take(self, rows: NDArray[np.intp]) -> Thresholds:
        """Pick some of the rows."""
        return Thresholds(*(times[rows] for times in self))


def performance(
    queue: ChatQueue,
    agents: ArrayLike,
    *,
    threshold_s: ArrayLike,
    short_s: ArrayLike = 0.0,
    reply_within_s: ArrayLike | None = None,
) -> QueuePerformance:
    """Exact steady-state performance of a queue.

    A fraction of an agent is exact for Erlang C (by the Gamma form). Otherwise it stands for a schedule with
    one agent more during that fraction of the time, and every figure is the weighted mean of the two.

    Args:
        queue: the demand; its rows, ``agents`` and the times broadcast together.
        agents: agents at work, at least 0.
        threshold_s: threshold of the service level in seconds.
        short_s: limit of a short abandon in seconds; matters for ``excluding_short_abandons`` alone.
        reply_within_s: threshold of a reply in seconds, for a queue with a reply model.

    Raises:
        ModelError: an argument is negative or not a number, or the shapes do not fit together.

    Source:
        With n = j N + m chats the desk closes d(n) = (N - m) j / AHT_j + m (j + 1) / AHT_{j+1} a second, so
        that p(n) is proportional to the product of lambda / d(i) up to n, K = N c; above it, with s = d(K),
        the virtual wait has a density proportional to exp(lambda H(u) - s u), H(u) the mean time within u for
        which a customer is there. Garnett, Mandelbaum, Reiman, "Designing a call center with impatient
        customers", 2002 (one chat at a time); Luo, Zhang, "Staffing and control of instant messaging contact
        centers", 2013 (several); Zeltyn, Mandelbaum, 2005 (any patience).

    Example:
        >>> from staffcast.staffing import ChatQueue
        >>> queue = ChatQueue(arrivals_per_hour=300, handle_s_by_level=[480, 560, 680], patience_s=180)
        >>> desk = performance(queue, agents=19, threshold_s=30)
        >>> round(desk.service_level(ServiceLevelConvention.SERVED_OF_ALL), 3)
        0.833
    """
    asked = {
        "agents": agents,
        "threshold_s": threshold_s,
        "short_s": short_s,
        "reply_within_s": reply_within_s,
    }
    given = {name: checked(name, values) for name, values in asked.items() if values is not None}
    shape = common_shape(queue=queue.shape, **{name: values.shape for name, values in given.items()})
    n, service, short, *reply = (flat(values, shape) for values in given.values())
    if reply and queue.replies is None:
        raise ModelError("reply_within_s needs a reply model", hint="give the queue replies=ReplyModel(...)")
    rows = queue.rows(shape)
    thresholds = Thresholds(service, short, reply[0] if reply else np.zeros_like(n))
    figures = performance_rows(rows, n, thresholds)
    return queue_performance(rows, figures, thresholds, shape, replies_asked=bool(reply))


def queue_performance(
    rows: QueueRows,
    figures: Figures,
    thresholds: Thresholds,
    shape: tuple[int, ...],
    *,
    replies_asked: bool = False,
) -> QueuePerformance:
    """Give the figures of flat rows their shape and names."""
    peak = throughput_peak_level(rows.handle_s_by_level)

    def named(name: str) -> FloatOrArray | None:
        return shaped(figures[name], shape) if name in figures else None

    return QueuePerformance(
        **{name: shaped(figures[name], shape) for name in _FIGURES},
        service_levels={name: shaped(figures[name], shape) for name in ServiceLevelConvention},
        level_shares=figures["level_shares"].reshape(*shape, rows.n_levels + 1),
        stable=(figures["stable"] > 0).reshape(shape) if shape else bool(figures["stable"][0]),
        threshold_s=shaped(thresholds.service_s, shape),
        reply_within_s=shaped(thresholds.reply_s, shape) if replies_asked else None,
        replies_within_share=named("replies_within_share") if replies_asked else None,
        mean_reply_s=named("mean_reply_s"),
        work_occupancy_share=named("work_occupancy_share"),
        throughput_peak_level=np.reshape(peak, shape) if shape else int(np.ravel(peak)[0]),
    )


_FIGURES = (
    "wait_share",
    "asa_s",
    "mean_wait_s",
    "abandon_share",
    "agent_occupancy_share",
    "slot_occupancy_share",
    "open_concurrency",
    "realised_handle_s",
)
_RAREST_LOAD = 1e-300
Figures: TypeAlias = dict[str, Array]


def performance_rows(rows: QueueRows, agents: Array, thresholds: Thresholds) -> Figures:
    """All figures of flat rows by name, the conventions and ``stable`` (1 or 0) among them."""
    exact = (agents == np.floor(agents)) | (rows.one_at_a_time & rows.endless)
    thresholds = thresholds.capped
    figures = _performance_at(rows, np.where(exact, agents, np.floor(agents)), thresholds)
    mixed = np.flatnonzero(~exact)
    if mixed.size:
        n = agents[mixed]
        more = _performance_at(rows.take(mixed), np.ceil(n), thresholds.take(mixed))
        part = n - np.floor(n)
        for name in figures.keys() - {"stable"}:
            low, high = figures[name][mixed], more[name]
            figures[name][mixed] = ((1 - part) * low.T + part * high.T).T
    return figures


def _performance_at(rows: QueueRows, agents: Array, thresholds: Thresholds) -> Figures:
    """Figures at agents with an exact solution: first the rows without a proper queue, then the others."""
    handle, full_rate = rows.handle_s_by_level, agents * rows.full_throughput
    idle = rows.arrival_rate * handle.max(axis=1) < _RAREST_LOAD
    load_for_ever = rows.arrival_rate * rows.staying_for_ever
    unstable = ~idle & (rows.staying_for_ever > 0) & (load_for_ever >= full_rate * AS_MUCH)
    stuck = ~idle & ((agents == 0) | unstable)
    served_at_once = idle.astype(np.float64)
    figures = dict.fromkeys(ServiceLevelConvention, served_at_once)
    figures |= {
        "wait_share": np.where(stuck, 1.0, 0.0),
        "asa_s": np.where(stuck, np.inf, 0.0),
        "mean_wait_s": np.where(stuck, rows.patience_s, 0.0),
        "abandon_share": np.where(stuck, 1 - rows.staying_for_ever, 0.0),
        "agent_occupancy_share": np.where(stuck, 1.0, 0.0),
        "slot_occupancy_share": np.where(stuck, 1.0, 0.0),
        "open_concurrency": np.where(stuck & (agents > 0), float(handle.shape[1]), 0.0),
        "realised_handle_s": np.where(stuck & (agents > 0), handle[:, -1], handle[:, 0]),
        "level_shares": np.where(stuck[:, None], _all_at(handle.shape[1]), _all_at(0, handle.shape[1])),
        "stable": np.where(unstable, 0.0, 1.0),
        ServiceLevelConvention.WAIT_WITHIN: np.where(idle, 1.0, rows.gone_share(thresholds.service_s)),
    }
    proper = np.flatnonzero(~idle & ~stuck)
    solved = _solved(rows.take(proper), agents[proper], thresholds.take(proper))
    result = {}
    for name, values in figures.items():
        result[name] = values.copy()
        if name in solved:
            result[name][proper] = solved[name]
    return result | with_replies(rows, result["level_shares"], thresholds, nobody=stuck & (agents == 0))


def with_replies(
    rows: QueueRows, level_shares: Array, thresholds: Thresholds, *, nobody: NDArray[np.bool_]
) -> Figures:
    """Figures of the replies, if the queue has a model of them."""
    if rows.replies is None:
        return {}
    replies = reply_figures(rows.replies, level_shares, rows.handle_s_by_level, thresholds.reply_s)
    return {
        "replies_within_share": np.where(nobody, 0.0, replies.within_share),
        "mean_reply_s": np.where(nobody, np.inf, replies.mean_s),
        "work_occupancy_share": np.where(nobody, 1.0, replies.work_occupancy_share),
    }


def _all_at(level: int, n_levels: int | None = None) -> Array:
    """Shares of 0 .. n_levels chats if every agent holds ``level``."""
    shares = np.zeros((level if n_levels is None else n_levels) + 1)
    shares[level] = 1.0
    return shares


def _solved(rows: QueueRows, agents: Array, thresholds: Thresholds) -> Figures:
    """Figures of rows with arrivals, agents and a steady state."""
    if rows.one_at_a_time:
        load = rows.arrival_rate * rows.handle_s_by_level[:, 0]
        below = BelowCapacity(log_full_odds(load, agents), np.empty((agents.size, 0)))
    else:
        below = below_capacity(rows.arrival_rate, rows.handle_s_by_level, agents)
    return joined(rows, agents, below, thresholds)


def joined(rows: QueueRows, agents: Array, below: BelowCapacity, thresholds: Thresholds) -> Figures:
    """Join the desk below capacity to the queue of a full one, whatever model the former comes from."""
    times = thresholds[:2] if thresholds.short_s.any() else thresholds[:1]
    full_rate = agents * rows.full_throughput
    if rows.curve:
        queue = waiting_with_curve(rows.arrival_rate, full_rate, rows.curve, times)
    else:
        queue = waiting(rows.arrival_rate, full_rate, rows.patience_s, times)
    log_odds = below.log_full_odds + queue.log_load
    wait, free = expit(log_odds), expit(-log_odds)
    served = free + wait * queue.served_share
    if rows.one_at_a_time:
        holding = (rows.arrival_rate * rows.handle_s_by_level[:, 0] * served / agents)[:, None]
    else:
        holding = free[:, None] * below.holding / agents[:, None] + wait[:, None]
    per_agent, busy = holding.sum(axis=1), holding[:, 0]
    holding = np.minimum(holding, 1)
    return {
        "wait_share": wait,
        "asa_s": wait * queue.virtual_s,
        "mean_wait_s": wait * queue.present_s,
        "abandon_share": wait * queue.abandoned_share,
        "agent_occupancy_share": holding[:, 0],
        "slot_occupancy_share": np.minimum(per_agent / rows.n_levels, 1),
        "open_concurrency": per_agent / busy,
        "realised_handle_s": agents * per_agent / (rows.arrival_rate * served),
        "level_shares": -np.diff(holding, axis=1, prepend=1, append=0),
    } | _service_levels(queue, wait, free, served, thresholds.short_s)


def _service_levels(queue: Waiting, wait: Array, free: Array, served: Array, short_s: Array) -> Figures:
    """The five conventions, from the customers still waiting at the threshold and at the short limit."""
    late, after_short = queue.after[0], queue.after[-1]
    in_time = free + wait * np.maximum(queue.served_share - late.served_share, 0)
    counted = np.where(short_s > 0, served + wait * after_short.abandoned_share, 1.0)
    return {
        ServiceLevelConvention.VIRTUAL: 1 - wait * late.virtual_share,
        ServiceLevelConvention.SERVED_OF_ALL: np.minimum(in_time, 1),
        ServiceLevelConvention.SERVED_OF_SERVED: np.minimum(in_time / served, 1),
        ServiceLevelConvention.WAIT_WITHIN: 1 - wait * late.present_share,
        ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS: np.minimum(in_time / counted, 1),
    }
