"""Messaging with parked threads: a slot is freed when the customer has been silent for long.

A thread then is a row of visits. Each visit holds a slot from the pick-up until the thread is parked or
closed; a parked one comes back with the customer's next message and asks for a slot again. So the desk is a
chat desk whose chats are visits: more of them, shorter, without the long silences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked
from staffcast.staffing.queues import ChatQueue
from staffcast.staffing.replies import ReplyModel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.patience import PatienceCurve

__all__ = ["ParkedThreads"]


@dataclass(frozen=True, kw_only=True)
class ParkedThreads:
    """What a thread asks of the desk when silent customers are parked.

    The time to the customer's next message is exponential, with a share of far longer ones mixed in.

    Args:
        replies: work, turns and wrap-up of a thread; its think time is that of the quick answers.
        park_after_s: silence after which the slot is freed; inf never.
        long_share: share of the customer's messages that take long.
        long_think_s: their mean time.

    Raises:
        ModelError: a number is out of range.

    Example:
        >>> desk = ReplyModel(work_s=40, think_s=60, turns=6)
        >>> threads = ParkedThreads(replies=desk, park_after_s=300, long_share=0.08, long_think_s=7200)
        >>> round(threads.visits, 2), round(threads.mean_parked(120))
        (1.41, 92)
        >>> from staffcast.staffing import Target, required_agents
        >>> target = Target(service_level_share=0.8, threshold_s=30)
        >>> required_agents(threads.queue(120, concurrency_limit=3, patience_s=180), target)
        10
    """

    replies: ReplyModel
    park_after_s: float
    long_share: float = 0.0
    long_think_s: float = 0.0

    def __post_init__(self) -> None:
        checked("park_after_s", self.park_after_s, infinite_allowed=True)
        checked("long_think_s", self.long_think_s)
        if float(checked("long_share", self.long_share)) > 1:
            raise ModelError(f"long_share: {self.long_share:g} is above 1", hint="give a share, as 0.08")

    @property
    def park_share(self) -> float:
        """Share of silences in which the thread is parked."""
        return sum(share * self._silent(think_s) for share, think_s in self._silences())

    @property
    def visits(self) -> float:
        """Mean number of times that a thread takes a slot."""
        return 1 + (self.replies.turns - 1) * self.park_share

    @property
    def held_think_s(self) -> float:
        """Mean part of a silence for which the slot is held."""
        return sum(share * think_s * (1 - self._silent(think_s)) for share, think_s in self._silences())

    @property
    def parked_s(self) -> float:
        """Mean time that a thread spends parked, all its silences together."""
        rest_s = sum(share * think_s * self._silent(think_s) for share, think_s in self._silences())
        return (self.replies.turns - 1) * rest_s

    def mean_parked(self, arrivals_per_hour: float) -> float:
        """Mean number of threads parked at any moment, for so many new threads an hour."""
        return float(checked("arrivals_per_hour", arrivals_per_hour)) / 3600 * self.parked_s

    @property
    def visit(self) -> ReplyModel:
        """A visit as a chat: the same work and silences, cut into the visits of a thread."""
        turns = self.replies.turns / self.visits
        held_s = (self.replies.turns - 1) * self.held_think_s / self.visits
        return ReplyModel(
            work_s=self.replies.work_s,
            think_s=held_s / (turns - 1) if turns > 1 else 0.0,
            turns=turns,
            wrap_up_s=self.replies.wrap_up_s / self.visits,
        )

    def queue(
        self,
        arrivals_per_hour: ArrayLike,
        *,
        concurrency_limit: int,
        patience_s: ArrayLike | PatienceCurve = float("inf"),
    ) -> ChatQueue:
        """The visits as a queue: returning threads wait for a slot like new ones, and any agent takes them.

        Where they go back to their own agent, `sticky_performance` tells what happens: this queue may then
        be off by many points.

        Args:
            arrivals_per_hour: new threads an hour.
            concurrency_limit: active threads that an agent may hold; parked ones do not count.
            patience_s: of a customer who waits for a slot, new or back.
        """
        visits = np.asarray(checked("arrivals_per_hour", arrivals_per_hour) * self.visits)
        return ChatQueue.of_replies(
            visits, self.visit, concurrency_limit=concurrency_limit, patience_s=patience_s
        )

    def _silences(self) -> tuple[tuple[float, float], ...]:
        quick = (1 - self.long_share, self.replies.think_s)
        return quick, (self.long_share, self.long_think_s)

    def _silent(self, think_s: float) -> float:
        """Probability that a silence of that mean lasts until the thread is parked."""
        return float(np.exp(-self.park_after_s / think_s)) if think_s > 0 else 0.0
