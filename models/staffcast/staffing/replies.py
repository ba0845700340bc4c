"""How fast an agent who holds several chats replies: one machine-repair queue per agent.

Each of the k chats alternates between the customer, who thinks and types for some time, and the agent, who
answers one message after the other and wraps a chat up at once after its last reply. `owed` solves that
queue. With p_k(j) the share of time in which j messages are owed and D the agent's work over a whole chat, k
chats keep the agent busy for the share 1 - p_k(0) and are closed at the rate (1 - p_k(0)) / D. A new message
waits for the replies to those it finds and for their wrap-ups. Without wrap-up,

    p_k(j) proportional to k! / (k-j)! (D / Z)^j,   j = 0 .. k,

with Z the customer's time over a whole chat, and P(reply > t | k) is the sum over j of
p_{k-1}(j) P(Poisson(t / s) <= j). All of it holds for any k, also for limits that a team has never tried.

Source: Campello, Ingolfsson, Shumsky, "Queueing models of case managers", Management Science, 2017; the
arrival theorem of closed networks by Sevcik, Mitrani and by Lavenberg, Reiser, 1980.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked, checked_seconds
from staffcast.staffing.owed import late_shares, mean_reply_s, owed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import Array

__all__ = ["ReplyFigures", "ReplyModel", "reply_figures"]


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

    Source:
        With D = turns x work + wrap-up and Z = (turns - 1) x think: p_k(j) proportional to k! / (k - j)! (D /
        Z)^j without wrap-up, AHT_k = k D / (1 - p_k(0)), and P(reply > t | k) = sum over j of p_{k-1}(j)
        P(Poisson(t / work) <= j). Campello, Ingolfsson, Shumsky, "Queueing models of case managers", 2017;
        wrap-up as a phase of its own by balance of flows (`staffing.owed`).

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
        checked_seconds("work_s", self.work_s)
        for name in ("think_s", "wrap_up_s"):
            checked_seconds(name, getattr(self, name), zero_allowed=True)
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
        time = owed(self, int(held.max(initial=0))).time
        busy = (time.replying[:, 1:] + time.wrapping[:, 1:]).sum(axis=1)
        return np.asarray(np.minimum(busy, 1)[held.astype(np.intp)])

    def handle_s_by_level(self, limit: int) -> Array:
        """Mean handle time while holding 1, 2, .., ``limit`` chats, as `ChatQueue` takes it."""
        levels = np.arange(1, _limit(limit) + 1)
        return np.asarray(levels * self.effort_s / self.work_occupancy_share(levels))

    def reply_s(self, levels: ArrayLike) -> Array:
        """Mean time from a customer's message to the reply while holding so many chats, at least 1."""
        held = _whole("levels", levels, least=1)
        most = int(held.max(initial=1))
        found, mean_s = owed(self, most).found, mean_reply_s(self, most)
        means = found.replying[:, :most] @ mean_s.replying + found.wrapping[:, :most] @ mean_s.wrapping
        return np.asarray(means[held.astype(np.intp)])

    def reply_within_share(self, within_s: ArrayLike, levels: ArrayLike) -> Array:
        """Share of messages answered within a time while holding so many chats.

        Args:
            within_s: seconds from the customer's message to the reply.
            levels: whole numbers of chats of at least 1; broadcast with ``within_s``.
        """
        held = _whole("levels", levels, least=1)
        time, held = np.broadcast_arrays(checked("within_s", within_s), held)
        most = int(held.max(initial=1))
        found, late = owed(self, most).found, late_shares(self, time, most)
        level = held.astype(np.intp)
        missed = found.replying[level, :most] * late.replying + found.wrapping[level, :most] * late.wrapping
        return np.asarray(np.clip(1 - missed.sum(axis=-1), 0, 1))


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
