"""How many agents to schedule so that the required ones are at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import checked, common_shape, flat, shaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import FloatOrArray

__all__ = ["Shrinkage", "scheduled_agents"]


def scheduled_agents(required: ArrayLike, shrinkage_share: ArrayLike) -> FloatOrArray:
    """Agents to schedule so that, after breaks, training and absence, the required ones are at work.

    Args:
        required: agents at work.
        shrinkage_share: share of scheduled and paid time not at work, 0 up to but without 1.

    Returns:
        required / (1 - shrinkage_share), not rounded: the schedule decides where the part of a person goes.

    Raises:
        ModelError: a shrinkage of 1 or more leaves nobody at work.

    Source:
        Cleveland, "Call Center Management on Fast Forward", 2012: the rostered staff factor.

    Example:
        >>> scheduled_agents(18, shrinkage_share=0.28)
        25.0
    """
    agents, shrinkage = checked("required", required), checked("shrinkage_share", shrinkage_share)
    if np.any(shrinkage >= 1):
        message = f"shrinkage_share: {np.max(shrinkage):g} leaves nobody at work"
        raise ModelError(message, hint="give a share below 1, such as 0.3")
    shape = common_shape(required=agents.shape, shrinkage_share=shrinkage.shape)
    return shaped(flat(agents, shape) / (1 - flat(shrinkage, shape)), shape)


@dataclass(frozen=True)
class Shrinkage:
    """Why scheduled agents are not at work, by category.

    The two kinds multiply: who is absent takes no break. Within a kind the categories add up.

    Args:
        absent: shares of paid time away from the shift: holiday, sickness, training days.
        present: shares of the time of those present off the queue: breaks, meetings, coaching.

    Raises:
        ModelError: a share is negative or not a number, or a kind adds up to 1 or more.

    Source:
        1 - (1 - sum(absent)) (1 - sum(present)). Cleveland, "Call Center Management on Fast Forward", 2012.

    Example:
        >>> shrinkage = Shrinkage(absent={"holiday": 0.1, "sickness": 0.05}, present={"breaks": 0.12})
        >>> round(shrinkage.share, 3)
        0.252
        >>> {name: round(lost, 2) for name, lost in shrinkage.lost_agents(18).items()}
        {'holiday': 2.41, 'sickness': 1.2, 'breaks': 2.45}
    """

    absent: Mapping[str, float] = field(default_factory=dict)
    present: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ("absent", "present"):
            categories: Mapping[str, float] = getattr(self, kind)
            for name, value in categories.items():
                checked(f"{kind}[{name!r}]", value)
            if sum(categories.values()) >= 1:
                message = f"{kind}: {sum(categories.values()):g} in all leaves nobody at work"
                raise ModelError(message, hint="give shares that add up to less than 1")

    @property
    def share(self) -> float:
        """Share of scheduled and paid time that is not at work."""
        return 1 - (1 - sum(self.absent.values())) * (1 - sum(self.present.values()))

    def scheduled(self, required: ArrayLike) -> FloatOrArray:
        """Agents to schedule, not rounded."""
        return scheduled_agents(required, self.share)

    def lost_agents(self, required: ArrayLike) -> dict[str, FloatOrArray]:
        """Agents that each category takes from the scheduled ones; together scheduled less required."""
        scheduled = self.scheduled(required)
        there = 1 - sum(self.absent.values())
        lost = {name: scheduled * share for name, share in self.absent.items()}
        return lost | {name: scheduled * there * share for name, share in self.present.items()}
