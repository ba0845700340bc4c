"""Contact volume forecasts: history and calendar in, expected contacts with an interval out."""

from __future__ import annotations

from staffcast.forecasting.same_slot import FORECAST_SCHEMA, SameSlotAverage

__all__ = ["FORECAST_SCHEMA", "SameSlotAverage"]
