"""How fast an agent who holds several chats replies: one machine-repair queue per agent.

Each of the k chats alternates between the customer, who thinks and types for some time, and the agent, who
answers one message after the other. With D the agent's work and Z the customer's time over a whole chat,
the number of messages owed by the agent has

    p_k(j) proportional to k! / (k-j)! (D / Z)^j,   j = 0 .. k,

so that k chats keep the agent busy for the share 1 - p_k(0) and are closed at the rate (1 - p_k(0)) / D. A
new message finds j messages of the k - 1 other chats with probability p_{k-1}(j) and waits for the work on
them, D over the number of turns each. Without wrap-up, P(reply > t | k) is the sum over j of
p_{k-1}(j) P(Poisson(t / s) <= j). Wrap-up follows a chat's last reply at once. All of it holds for any k,
also for limits that a team has never tried.

Source: Campello, Ingolfsson, Shumsky, "Queueing models of case managers", Management Science, 2017; the
arrival theorem of closed networks by Sevcik, Mitrani and by Lavenberg, Reiser, 1980.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaincc, gammaln

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import Array

__all__ = ["ReplyFigures", "ReplyModel", "reply_figures"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_NODES, _WEIGHTS = (1 + _NODES) / 2, _WEIGHTS / 2
_LONGEST_OWN_WORK = 40.0


@dataclass(frozen=True, kw_only=True)
class ReplyModel:
    """What a chat asks of its agent and of its customer.

    Args:
        work_s: mean time of an agent on one reply: reading, looking up, writing.
        think_s: mean time of a customer from a reply to the next message, while the chat holds its slot.
        turns: mean number of replies in a chat, at least 1.
        wrap_up_s: mean work after the last reply, before the slot is free.

    Raises:
        ModelError: a number is negative or not finite, there is no work, or there are less than 1 turns.

    Example:
        >>> desk = ReplyModel(work_s=40, think_s=60, turns=6)
        >>> desk.handle_s_by_level(3).round(1).tolist()
        [540.0, 646.7, 797.3]
        >>> desk.reply_within_share(60, levels=[1, 2, 3]).round(3).tolist()
        [0.777, 0.628, 0.446]
    """

    work_s: float
    think_s: float
    turns: float
    wrap_up_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("work_s", "think_s", "turns", "wrap_up_s"):
            if checked(name, getattr(self, name)).ndim:
                raise ModelError(f"{name}: has rows", hint="give one number")
        if self.work_s == 0:
            raise ModelError("work_s: 0", hint="give the seconds of work on one reply")
        if self.turns < 1:
            raise ModelError(f"turns: {self.turns:g}", hint="give at least 1 reply a chat")

    @classmethod
    def of_chats(cls, *, effort_s: float, turns: float, alone_s: float, wrap_up_s: float = 0.0) -> ReplyModel:
        """The model of measured chats.

        Args:
            effort_s: mean time of a chat with a message owed, shared over the chats that were owed one.
            turns: mean number of replies in a chat.
            alone_s: mean handle time of a chat of an agent who holds no other, with wrap-up.
            wrap_up_s: mean wrap-up.

        Example:
            >>> ReplyModel.of_chats(effort_s=240, turns=6, alone_s=540)
            ReplyModel(work_s=40.0, think_s=60.0, turns=6, wrap_up_s=0.0)
        """
        thinking_s = max(alone_s - effort_s - wrap_up_s, 0.0)
        return cls(
            work_s=effort_s / turns if turns else 0.0,
            think_s=thinking_s / (turns - 1) if turns > 1 else 0.0,
            turns=turns,
            wrap_up_s=wrap_up_s,
        )

    @property
    def effort_s(self) -> float:
        """Work of the agent on a whole chat."""
        return self.turns * self.work_s + self.wrap_up_s

    @property
    def customer_s(self) -> float:
        """Time of the customer in a whole chat."""
        return (self.turns - 1) * self.think_s

    @property
    def saturation_level(self) -> float:
        """Chats beyond which an agent is at work nearly all the time, and further ones only wait."""
        return 1 + self.customer_s / self.effort_s

    def work_occupancy_share(self, levels: ArrayLike) -> Array:
        """Share of time at work while holding so many chats; 0 with none.

        Args:
            levels: whole numbers of chats of at least 0, any shape.
        """
        held = _whole("levels", levels)
        return np.asarray(1 - self._owed_shares(held)[..., 0])

    def handle_s_by_level(self, limit: int) -> Array:
        """Mean handle time while holding 1, 2, .., ``limit`` chats, as `ChatQueue` takes it."""
        levels = np.arange(1, _limit(limit) + 1)
        return np.asarray(levels * self.effort_s / self.work_occupancy_share(levels))

    def reply_s(self, levels: ArrayLike) -> Array:
        """Mean time from a customer's message to the reply while holding so many chats, at least 1."""
        held = _whole("levels", levels, least=1)
        others = self._owed_shares(held - 1)
        ahead = others @ np.arange(others.shape[-1])
        return np.asarray(self.work_s + ahead * self.effort_s / self.turns)

    def reply_within_share(self, within_s: ArrayLike, levels: ArrayLike) -> Array:
        """Share of messages answered within a time while holding so many chats.

        Args:
            within_s: seconds from the customer's message to the reply.
            levels: whole numbers of chats of at least 1; broadcast with ``within_s``.
        """
        held = _whole("levels", levels, least=1)
        time, held = np.broadcast_arrays(checked("within_s", within_s), held)
        others = self._owed_shares(held - 1)
        late = self._late_shares(time, others.shape[-1])
        return np.asarray(np.clip(1 - (others * late).sum(axis=-1), 0, 1))

    def _late_shares(self, time_s: Array, n_ahead: int) -> Array:
        """P(reply > time) behind 0 .. n_ahead - 1 messages, whose work includes wrap-up."""
        ahead = np.arange(n_ahead)
        if self.wrap_up_s == 0:
            return np.asarray(gammaincc(ahead + 1, time_s[..., None] / self.work_s))
        own = np.minimum(time_s, _LONGEST_OWN_WORK * self.work_s)[..., None] * _NODES
        still = gammaincc(
            np.maximum(ahead, 1)[:, None],
            (time_s[..., None] - own)[..., None, :] * self.turns / self.effort_s,
        )
        weight = own[..., -1:] / _NODES[-1] / self.work_s * _WEIGHTS * np.exp(-own / self.work_s)
        late = (still * weight[..., None, :]).sum(axis=-1) * (ahead > 0)
        return np.asarray(late + np.exp(-time_s / self.work_s)[..., None])

    def _owed_shares(self, held: Array) -> Array:
        """Share of time with 0, 1, .. messages owed, along a new last axis."""
        most = int(held.max(initial=0))
        owed = np.arange(most + 1)
        if self.customer_s == 0:  # every chat always waits for the agent
            return np.asarray(owed == held[..., None], dtype=np.float64)
        left = held[..., None] - owed
        log_weight = owed * (np.log(self.effort_s) - np.log(self.customer_s)) - gammaln(
            np.maximum(left, 0) + 1
        )
        log_weight = np.where(left >= 0, log_weight, -np.inf)
        weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=-1, keepdims=True), dtype=np.float64)


class ReplyFigures(NamedTuple):
    """What a desk's customers and agents experience after the pick-up, row by row."""

    within_share: Array
    mean_s: Array
    work_occupancy_share: Array


def reply_figures(
    model: ReplyModel, level_shares: Array, handle_s_by_level: Array, within_s: Array
) -> ReplyFigures:
    """Weight the levels by the replies that are written at each.

    Args:
        model: the replies.
        level_shares: rows by levels 0 .. c, shares of the agents' time.
        handle_s_by_level: rows by levels 1 .. c.
        within_s: one for each row.
    """
    levels = np.arange(1, level_shares.shape[1])
    chats = level_shares[:, 1:] * levels / handle_s_by_level
    total = chats.sum(axis=1)
    weight = np.where(total[:, None] > 0, chats, levels == 1)
    weight = weight / weight.sum(axis=1, keepdims=True)
    times, row = np.unique(within_s, return_inverse=True)
    within = model.reply_within_share(times[:, None], levels)[row]
    return ReplyFigures(
        within_share=np.minimum((weight * within).sum(axis=1), 1),
        mean_s=np.asarray(weight @ model.reply_s(levels)),
        work_occupancy_share=np.minimum(total * model.effort_s, 1),
    )


def _whole(name: str, values: ArrayLike, *, least: int = 0) -> Array:
    array = checked(name, values)
    if np.any(array != np.floor(array)) or np.any(array < least):
        raise ModelError(f"{name}: not whole numbers of at least {least}", hint="give chats held at once")
    return array


def _limit(limit: int) -> int:
    if limit != int(limit) or limit < 1:
        raise ModelError(f"limit: {limit}", hint="give a whole number of chats of at least 1")
    return int(limit)
