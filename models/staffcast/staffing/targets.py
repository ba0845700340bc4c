"""What a desk must achieve: any of a planner's targets, or all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import InfeasibleTargetError, ModelError, did_you_mean
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.inputs import checked, common_shape

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Target"]

_SHARES = ("service_level_share", "reply_share")
_CAPS = ("max_slot_occupancy_share", "max_work_occupancy_share", "max_asa_s")
_SHARE_CAPS = ("max_slot_occupancy_share", "max_work_occupancy_share", "max_abandon_share")
_PARTS = (*_SHARES, *_CAPS, "max_abandon_share")
_NUMBERS = (*_PARTS, "threshold_s", "short_s", "reply_within_s")


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """What the desk must achieve; every part that is given must hold, each one number or one per row.

    Args:
        service_level_share: share within the threshold, below 1.
        threshold_s: the threshold in seconds.
        convention: how the service level is counted.
        short_s: limit of a short abandon, for the convention that leaves them out.
        reply_share: share of replies within ``reply_within_s``, below 1; needs a queue with a reply model.
        reply_within_s: seconds from a customer's message to the reply.
        max_slot_occupancy_share: cap on the share of chat slots in use. (Agent occupancy is near 1 on any
            good desk with several chats an agent, and caps nothing.)
        max_work_occupancy_share: cap on the share of time that agents are at work on replies and wrap-up;
            needs a queue with a reply model.
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
    reply_share: ArrayLike | None = None
    reply_within_s: ArrayLike | None = None
    max_slot_occupancy_share: ArrayLike | None = None
    max_work_occupancy_share: ArrayLike | None = None
    max_asa_s: ArrayLike | None = None
    max_abandon_share: ArrayLike | None = None

    def __post_init__(self) -> None:
        if (self.service_level_share is None) != (self.threshold_s is None):
            raise ModelError("a service level needs both service_level_share and threshold_s")
        if (self.reply_share is None) != (self.reply_within_s is None):
            raise ModelError("a reply target needs both reply_share and reply_within_s")
        if all(getattr(self, name) is None for name in _PARTS):
            raise ModelError("the target is empty", hint="give service_level_share and threshold_s, or a cap")
        if self.convention not in list(ServiceLevelConvention):
            hint = did_you_mean(self.convention, ServiceLevelConvention)
            raise ModelError(f"convention: unknown '{self.convention}'", hint=hint)
        given = {name: checked(name, value) for name, value in self._given().items()}
        common_shape(**{name: values.shape for name, values in given.items()})
        for name, values in given.items():
            if name in _CAPS and np.any(values == 0):
                raise InfeasibleTargetError(f"{name}: 0 needs endless staff", hint="give a cap above 0")
            if name in _SHARE_CAPS and np.any(values > 1):
                raise ModelError(f"{name}: {np.max(values):g} is above 1", hint="give a share, as 0.85")
            if name in _SHARES and np.any(values >= 1):
                message = f"{name}: {np.max(values):g} cannot be met"
                raise InfeasibleTargetError(message, hint="give less, as 0.8")

    @property
    def is_service_level_alone(self) -> bool:
        """Whether no other part is given."""
        return all((getattr(self, name) is None) == (name != "service_level_share") for name in _PARTS)

    @property
    def on_replies(self) -> bool:
        """Whether it can be told for a queue with a reply model alone."""
        return self.reply_share is not None or self.max_work_occupancy_share is not None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the rows; empty for one target."""
        return common_shape(**{name: np.shape(value) for name, value in self._given().items()})

    def _given(self) -> dict[str, ArrayLike]:
        values = {name: getattr(self, name) for name in _NUMBERS}
        return {name: value for name, value in values.items() if value is not None}
