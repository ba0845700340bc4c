"""The two things a planner states: the queue, and the target it must meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import InfeasibleTargetError, ModelError, did_you_mean
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.inputs import checked, common_shape, flat
from staffcast.staffing.patience import PatienceCurve
from staffcast.staffing.slots import throughputs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.staffing.inputs import Array

__all__ = ["ChatQueue", "QueueRows", "Target", "throughput_peak_level"]

_NO_PATIENCE_S = 1e-9
_CAPS = ("max_slot_occupancy_share", "max_asa_s")
_PARTS = ("service_level_share", *_CAPS, "max_abandon_share")
_NUMBERS = (*_PARTS, "threshold_s", "short_s")


@dataclass(frozen=True, eq=False)
class ChatQueue:
    """Demand on one queue, or on many rows of queues and hours at once.

    Args:
        arrivals_per_hour: chats an hour; one number or an array of rows.
        handle_s_by_level: mean handle time in seconds of an agent's chats while the agent holds 1, 2, .., c
            of them: c numbers for all rows, or rows by c. One number means one chat at a time.
        patience_s: mean time until a waiting customer leaves; inf never, 0 at once. Or a `PatienceCurve`, for
            patience that is not exponential.

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

    def __post_init__(self) -> None:
        handle = checked("handle_s_by_level", self.handle_s_by_level)
        if not handle.size or np.any(handle == 0):
            raise ModelError("handle_s_by_level: empty or 0", hint="give seconds at 1, 2, .. chats")
        checked("arrivals_per_hour", self.arrivals_per_hour)
        if not isinstance(self.patience_s, PatienceCurve):
            checked("patience_s", self.patience_s, infinite_allowed=True)
        self.rows(self.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the rows; empty for a single queue."""
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
        return QueueRows(
            arrival_rate=flat(np.asarray(self.arrivals_per_hour, dtype=np.float64), shape) / 3600,
            handle_s_by_level=np.broadcast_to(handle, (*shape, n_levels)).reshape(-1, n_levels),
            patience_s=np.where(patience < _NO_PATIENCE_S, 0.0, patience),
            curve=curve,
        )


@dataclass(frozen=True, eq=False)
class QueueRows:
    """A queue in flat rows, rates a second."""

    arrival_rate: Array
    handle_s_by_level: Array
    patience_s: Array
    """The mean, also of a curve."""
    curve: PatienceCurve | None = None

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
        return QueueRows(
            self.arrival_rate[rows], self.handle_s_by_level[rows], self.patience_s[rows], self.curve
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """What the desk must achieve; every part that is given must hold, each one number or one per row.

    Args:
        service_level_share: share within the threshold, below 1.
        threshold_s: the threshold in seconds.
        convention: how the service level is counted.
        short_s: limit of a short abandon, for the convention that leaves them out.
        max_slot_occupancy_share: cap on the share of chat slots in use. (Agent occupancy is near 1 on any
            good desk with several chats an agent, and caps nothing.)
        max_asa_s: cap on the mean wait of an endlessly patient customer.
        max_abandon_share: cap on the share of chats abandoned.

    Raises:
        InfeasibleTargetError: no number of agents can meet a part.
        ModelError: a part is malformed, or none is given.

    Example:
        >>> Target(service_level_share=1, threshold_s=30)
        Traceback (most recent call last):
        ...
        staffcast.core.errors.InfeasibleTargetError: service_level_share: 1 cannot be met (give less, as 0.8)
    """

    service_level_share: ArrayLike | None = None
    threshold_s: ArrayLike | None = None
    convention: ServiceLevelConvention = ServiceLevelConvention.SERVED_OF_ALL
    short_s: ArrayLike = 0.0
    max_slot_occupancy_share: ArrayLike | None = None
    max_asa_s: ArrayLike | None = None
    max_abandon_share: ArrayLike | None = None

    def __post_init__(self) -> None:
        if (self.service_level_share is None) != (self.threshold_s is None):
            raise ModelError("a service level needs both service_level_share and threshold_s")
        if all(getattr(self, name) is None for name in _PARTS):
            raise ModelError("the target is empty", hint="give service_level_share and threshold_s, or a cap")
        if self.convention not in list(ServiceLevelConvention):
            hint = did_you_mean(self.convention, ServiceLevelConvention)
            raise ModelError(f"convention: unknown '{self.convention}'", hint=hint)
        given = {name: checked(name, value) for name, value in self._given().items()}
        common_shape(**{name: values.shape for name, values in given.items()})
        for name in _CAPS:
            if np.any(given.get(name, 1.0) == 0):
                raise InfeasibleTargetError(f"{name}: 0 needs endless staff", hint="give a cap above 0")
        for name in ("max_slot_occupancy_share", "max_abandon_share"):
            if np.any(given.get(name, 0.0) > 1):
                raise ModelError(f"{name}: {np.max(given[name]):g} is above 1", hint="give a share, as 0.85")
        if np.any(given.get("service_level_share", 0.0) >= 1):
            message = f"service_level_share: {np.max(given['service_level_share']):g} cannot be met"
            raise InfeasibleTargetError(message, hint="give less, as 0.8")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the rows; empty for one target."""
        return common_shape(**{name: np.shape(value) for name, value in self._given().items()})

    def _given(self) -> dict[str, ArrayLike]:
        values = {name: getattr(self, name) for name in _NUMBERS}
        return {name: value for name, value in values.items() if value is not None}


def throughput_peak_level(handle_s_by_level: ArrayLike) -> int | NDArray[np.int64]:
    """Number of chats at a time with which an agent closes most chats an hour.

    An agent with k chats closes k / AHT_k a second. Where that stops rising, a further slot moves customers
    from the queue to an agent without closing more chats: a limit above this level helps nobody.

    Args:
        handle_s_by_level: mean handle time at 1, 2, .., c chats, along the last axis.

    Returns:
        The first level of the highest throughput, 1 .. c.

    Example:
        >>> throughput_peak_level([480, 560, 1200])
        2
    """
    closed = throughputs(np.atleast_1d(checked("handle_s_by_level", handle_s_by_level)))
    peak = (closed >= closed.max(axis=-1, keepdims=True) * (1 - 1e-12)).argmax(axis=-1) + 1
    return peak if peak.ndim else int(peak)
