"""Messaging with parked threads: a slot is freed when the customer has been silent for long.

A thread then is a row of visits. Each visit holds a slot from the pick-up until the thread is parked or
closed; a parked one comes back with the customer's next message and asks for a slot again. So the desk is a
chat desk whose chats are visits: more of them, shorter, without the long silences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked, checked_seconds
from staffcast.staffing.queues import ChatQueue
from staffcast.staffing.replies import ReplyModel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.patience import PatienceCurve

__all__ = ["ParkedThreads"]

_QUICKEST, _MOST_PARKED = 1e-6, 0.999


@dataclass(frozen=True, kw_only=True)
class ParkedThreads:
    """What a thread asks of the desk when silent customers are parked.

    The time to the customer's next message is exponential, with a share of far longer ones mixed in.

    Args:
        replies: work, turns and wrap-up of a thread; its think time is that of the quick answers.
        park_after_s: silence after which the slot is freed; inf never.
        long_share: share of the customer's messages that take long.
        long_think_s: their mean time.
        tail_s: mean time for which the slot is held after the last reply, until it is closed or parked.

    Raises:
        ModelError: a number is out of range.

    Source:
        1 + (turns - 1) x park share visits of turns / visits replies each; the park share of an exponential
        silence of mean z is e^(-time / z). A visit is then a chat as of `ReplyModel`.

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
    tail_s: float = 0.0

    def __post_init__(self) -> None:
        checked("park_after_s", self.park_after_s, infinite_allowed=True)
        checked_seconds("long_think_s", self.long_think_s, zero_allowed=True)
        checked_seconds("tail_s", self.tail_s, zero_allowed=True)
        if float(checked("long_share", self.long_share)) > 1:
            raise ModelError(f"long_share: {self.long_share:g} is above 1", hint="give a share, as 0.08")

    @classmethod
    def of_silences(
        cls,
        silences_s: ArrayLike,
        *,
        park_after_s: float,
        work_s: float,
        turns: float,
        wrap_up_s: float = 0.0,
        tail_s: float = 0.0,
    ) -> ParkedThreads:
        """The model of observed threads: as many silences are parked, and slots are held for as long.

        Long silences get the mean of what is left of a silence once it is parked. Then the share and the mean
        of the quick ones follow from the share that is parked and the mean time held.

        Args:
            silences_s: seconds from a reply to the customer's next message, parked in between or not.
            park_after_s: silence after which the slot is freed.
            work_s: mean time of an agent on one reply.
            turns: mean number of replies in a thread.
            wrap_up_s: mean work after the last reply.
            tail_s: mean time for which the slot is held after it.

        Raises:
            ModelError: there are no silences, or a number is out of range.

        Example:
            >>> seen = ParkedThreads.of_silences(
            ...     [20, 40, 60, 80, 3900], park_after_s=300, work_s=40, turns=6
            ... )
            >>> round(seen.park_share, 3), round(seen.held_think_s, 3), seen.long_think_s
            (0.2, 100.0, 3600.0)
        """
        silences = checked("silences_s", silences_s)
        if not silences.size:
            raise ModelError("silences_s: none", hint="give the silences of at least one thread")
        limit_s = float(checked("park_after_s", park_after_s, infinite_allowed=True))
        parked = silences > limit_s
        held_s = float(np.minimum(silences, limit_s).mean())
        rest_s = float((silences[parked] - limit_s).mean()) if parked.any() else 0.0
        quick_s, long_share, long_s = _mixture(held_s, float(parked.mean()), rest_s, limit_s)
        replies = ReplyModel(work_s=work_s, think_s=quick_s, turns=turns, wrap_up_s=wrap_up_s)
        return cls(
            replies=replies,
            park_after_s=limit_s if parked.any() else float("inf"),
            long_share=long_share,
            long_think_s=long_s,
            tail_s=tail_s,
        )

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
        held_s = ((self.replies.turns - 1) * self.held_think_s + self.tail_s) / self.visits
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


def _mixture(held_s: float, park_share: float, rest_s: float, limit_s: float) -> tuple[float, float, float]:
    """Mean of the quick silences, share and mean of the long ones."""
    if park_share == 0:
        return held_s, 0.0, 0.0
    if limit_s == 0:
        return 0.0, 1.0, rest_s
    park_share = min(park_share, _MOST_PARKED)
    slowest_s = limit_s / -float(np.log(park_share))
    long_s = max(rest_s, slowest_s)

    def share(quick_s: float) -> float:
        quick, lasting = (float(np.exp(-limit_s / mean_s)) for mean_s in (quick_s, long_s))
        return float(np.clip((park_share - quick) / (lasting - quick), 0, 1)) if lasting > quick else 1.0

    def too_long(quick_s: float) -> float:
        parts = ((1 - share(quick_s), quick_s), (share(quick_s), long_s))
        return sum(part * mean_s * -float(np.expm1(-limit_s / mean_s)) for part, mean_s in parts) - held_s

    least_s, most_s = slowest_s * _QUICKEST, slowest_s * (1 - _QUICKEST)
    if too_long(least_s) >= 0:
        quick_s = least_s
    elif too_long(most_s) <= 0:
        quick_s = most_s
    else:
        quick_s = float(brentq(too_long, least_s, most_s))
    return quick_s, share(quick_s), long_s
