"""The demand: how many chats arrive, how long they take and how long their customers wait."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked, checked_seconds, common_shape, flat
from staffcast.staffing.patience import PatienceCurve
from staffcast.staffing.slots import throughputs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.replies import ReplyModel

__all__ = ["ChatQueue", "QueueRows", "throughput_peak_level"]

_NO_PATIENCE_S, _NOBODY_PER_HOUR = 1e-9, 1e-12


@dataclass(frozen=True, eq=False)
class ChatQueue:
    """Demand on one queue, or on many rows of queues and hours at once.

    Args:
        arrivals_per_hour: chats an hour; one number or an array of rows.
        handle_s_by_level: mean handle time in seconds of an agent's chats while the agent holds 1, 2, .., c
            of them: c numbers for all rows, or rows by c. One number means one chat at a time.
        patience_s: mean time until a waiting customer leaves; inf never, 0 at once. Or a `PatienceCurve`, for
            patience that is not exponential.
        replies: work and turns of a chat, for targets on replies and for limits that were never measured.

    Raises:
        ModelError: a number is negative, missing or not a number, or the shapes do not fit together.

    Example:
        >>> queue = ChatQueue(arrivals_per_hour=300, handle_s_by_level=[480, 560, 680], patience_s=180)
        >>> queue.concurrency_limit
        3
    """

    arrivals_per_hour: ArrayLike
    handle_s_by_level: ArrayLike
    patience_s: ArrayLike | PatienceCurve = float("inf")
    replies: ReplyModel | None = None

    def __post_init__(self) -> None:
        if not checked_seconds("handle_s_by_level", self.handle_s_by_level).size:
            raise ModelError("handle_s_by_level: empty", hint="give seconds at 1, 2, .. chats")
        checked("arrivals_per_hour", self.arrivals_per_hour)
        if not isinstance(self.patience_s, PatienceCurve):
            checked("patience_s", self.patience_s, infinite_allowed=True)
        self._common_shape()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the rows; empty for a single queue."""
        return self._common_shape()

    def _common_shape(self) -> tuple[int, ...]:
        return common_shape(
            arrivals_per_hour=np.shape(self.arrivals_per_hour),
            handle_s_by_level=np.shape(self.handle_s_by_level)[:-1],
            patience_s=() if isinstance(self.patience_s, PatienceCurve) else np.shape(self.patience_s),
        )

    @property
    def concurrency_limit(self) -> int:
        """Chats that an agent may hold at once."""
        return int(np.atleast_1d(self.handle_s_by_level).shape[-1])

    def rows(self, shape: tuple[int, ...]) -> QueueRows:
        """Lay the queue out in flat rows of a shape that includes its own."""
        handle = np.atleast_1d(np.asarray(self.handle_s_by_level, dtype=np.float64))
        n_levels = handle.shape[-1]
        curve = self.patience_s if isinstance(self.patience_s, PatienceCurve) else None
        patience_s = curve.mean_s if curve else self.patience_s
        patience = flat(np.asarray(patience_s, dtype=np.float64), shape)
        per_hour = flat(np.asarray(self.arrivals_per_hour, dtype=np.float64), shape)
        return QueueRows(
            arrival_rate=np.where(per_hour < _NOBODY_PER_HOUR, 0.0, per_hour) / 3600,
            handle_s_by_level=np.broadcast_to(handle, (*shape, n_levels)).reshape(-1, n_levels),
            patience_s=np.where(patience < _NO_PATIENCE_S, 0.0, patience),
            curve=curve,
            replies=self.replies,
        )

    @classmethod
    def of_replies(
        cls,
        arrivals_per_hour: ArrayLike,
        replies: ReplyModel,
        *,
        concurrency_limit: int,
        patience_s: ArrayLike | PatienceCurve = float("inf"),
    ) -> ChatQueue:
        """A queue whose handle times follow from its reply model.

        Example:
            >>> from staffcast.staffing import ReplyModel
            >>> desk = ReplyModel(work_s=40, think_s=60, turns=6)
            >>> ChatQueue.of_replies(120, desk, concurrency_limit=2).handle_s_by_level.round().tolist()
            [540.0, 647.0]
        """
        return cls(arrivals_per_hour, replies.handle_s_by_level(concurrency_limit), patience_s, replies)

    def with_limit(self, concurrency_limit: int) -> ChatQueue:
        """The same demand with another limit.

        Measured handle times are kept. Those beyond the last measured level grow as the reply model says.

        Raises:
            ModelError: the limit is above the measured levels and there is no reply model.

        Example:
            >>> from staffcast.staffing import ReplyModel
            >>> queue = ChatQueue(120, [480, 560], replies=ReplyModel(work_s=40, think_s=60, turns=6))
            >>> queue.with_limit(3).handle_s_by_level.round().tolist()
            [480.0, 560.0, 690.0]
            >>> queue.with_limit(1).handle_s_by_level.tolist()
            [480.0]
        """
        if concurrency_limit < 1:
            raise ModelError(f"limit: {concurrency_limit}", hint="give a whole number of chats of at least 1")
        given = np.atleast_1d(np.asarray(self.handle_s_by_level, dtype=np.float64))
        measured = given.shape[-1]
        if concurrency_limit > measured and self.replies is None:
            hint = "give handle times up to the limit, or a reply model"
            raise ModelError(
                f"a limit of {concurrency_limit}: measured up to {measured} chats only", hint=hint
            )
        handle = given[..., :concurrency_limit]
        if concurrency_limit > measured and self.replies is not None:
            modelled = self.replies.handle_s_by_level(concurrency_limit)
            beyond = given[..., -1:] * modelled[measured:] / modelled[measured - 1]
            handle = np.concatenate([given, beyond], axis=-1)
        return replace(self, handle_s_by_level=handle)


@dataclass(frozen=True, eq=False)
class QueueRows:
    """A queue in flat rows, rates a second."""

    arrival_rate: Array
    handle_s_by_level: Array
    patience_s: Array
    """The mean, also of a curve."""
    curve: PatienceCurve | None = None
    replies: ReplyModel | None = None

    @property
    def endless(self) -> NDArray[np.bool_]:
        """Rows in which nobody ever leaves."""
        return np.isinf(self.patience_s) & (self.curve is None or self.curve.final_share == 1)

    @property
    def staying_for_ever(self) -> Array:
        """Share of customers who never leave."""
        if self.curve:
            return np.full_like(self.patience_s, self.curve.final_share)
        return self.endless.astype(np.float64)

    def gone_share(self, time_s: Array) -> Array:
        """Customers who, not picked up, have left by then."""
        if self.curve:
            return 1 - self.curve.staying(time_s)
        patient = self.patience_s > 0
        return np.where(patient, -np.expm1(-time_s / np.where(patient, self.patience_s, 1.0)), 1.0)

    @property
    def one_at_a_time(self) -> bool:
        """No agent holds two chats: Erlang C or A."""
        return self.n_levels == 1

    @property
    def n_levels(self) -> int:
        """Chats that an agent may hold at once."""
        return int(self.handle_s_by_level.shape[1])

    @property
    def full_throughput(self) -> Array:
        """Chats closed a second by an agent at the concurrency limit."""
        return float(self.n_levels) / self.handle_s_by_level[:, -1]

    def take(self, rows: NDArray[np.intp]) -> QueueRows:
        """Pick some of the rows."""
        return replace(
            self,
            arrival_rate=self.arrival_rate[rows],
            handle_s_by_level=self.handle_s_by_level[rows],
            patience_s=self.patience_s[rows],
        )


def throughput_peak_level(handle_s_by_level: ArrayLike) -> int | NDArray[np.int64]:
    """Number of chats at a time with which an agent closes most chats an hour.

    An agent with k chats closes k / AHT_k a second. Where that stops rising, a further slot moves customers
    from the queue to an agent without closing more chats: a limit above this level helps nobody.

    Args:
        handle_s_by_level: mean handle time at 1, 2, .., c chats, along the last axis.

    Returns:
        The first level of the highest throughput, 1 .. c.

    Source:
        argmax of k / AHT_k. Tezcan, Zhang, "Routing and staffing in customer service chat systems with
        impatient customers", 2014, for the levels that are not to be used.

    Example:
        >>> throughput_peak_level([480, 560, 1200])
        2
    """
    handle_s = np.atleast_1d(checked_seconds("handle_s_by_level", handle_s_by_level))
    if not handle_s.shape[-1]:
        raise ModelError("handle_s_by_level: empty", hint="give seconds at 1, 2, .. chats")
    closed = throughputs(handle_s)
    peak = (closed >= closed.max(axis=-1, keepdims=True) * (1 - 1e-12)).argmax(axis=-1) + 1
    return peak if peak.ndim else int(peak)
