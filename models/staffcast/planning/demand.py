"""The demand on one queue and what it must achieve, as the staffing models take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.units import US_PER_HOUR
from staffcast.staffing import ChatQueue, Target

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from staffcast.core.service_level import ServiceLevelConvention
    from staffcast.planning.plan import Inputs, QueueTarget
    from staffcast.staffing import PatienceCurve

__all__ = ["QueueDemand", "demand_of"]


@dataclass(frozen=True, eq=False)
class QueueDemand:
    """One queue over its intervals."""

    open_h: NDArray[np.float64]
    per_hour: NDArray[np.float64]
    """Expected, lower and upper contacts an open hour: 3 by intervals."""
    calibrated_s: NDArray[np.float64]
    """Handle time by level, as measured."""
    handle_s: NDArray[np.float64]
    """As expected: by level, or intervals by level."""
    patience: float | PatienceCurve
    wanted: Target

    @property
    def all_bounds(self) -> ChatQueue:
        """Expected, lower and upper at once."""
        return ChatQueue(self.per_hour, self.handle_s, self.patience)

    @property
    def expected(self) -> ChatQueue:
        """One row for each interval."""
        return ChatQueue(self.per_hour[0], self.handle_s, self.patience)


def demand_of(
    rows: pl.DataFrame, queue: str, target: QueueTarget, inputs: Inputs, convention: ServiceLevelConvention
) -> QueueDemand:
    """Put a queue's forecast, calibration and target together.

    Args:
        rows: The queue's intervals, of ``forecasting.FORECAST_SCHEMA``.
        queue: Its name.
        target: What it must achieve.
        inputs: All that the plan rests on.
        convention: How its service level is counted.
    """
    settings, factors = inputs.settings, inputs.handle_factors.get(queue)
    calibrated_s = np.array(inputs.calibration.handle_s_by_level(queue, target.concurrency_limit))
    open_h = rows["open_us"].to_numpy() / US_PER_HOUR
    return QueueDemand(
        open_h=open_h,
        per_hour=np.stack([rows[name].to_numpy() / open_h for name in ("expected", "lower", "upper")]),
        calibrated_s=calibrated_s,
        handle_s=calibrated_s if factors is None else factors.expected[:, None] * calibrated_s,
        patience=inputs.calibration.patience_of(queue),
        wanted=Target(
            service_level_share=target.share,
            threshold_s=target.within_s,
            convention=convention,
            short_s=settings.short_abandon_s,
            max_slot_occupancy_share=settings.max_slot_occupancy_share,
        ),
    )
