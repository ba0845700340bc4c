"""Joins facts, forecast and staffing models into a plan."""

from __future__ import annotations

from staffcast.planning.calibration import HANDLE_SCHEMA, PATIENCE_SCHEMA, Calibration, calibrate
from staffcast.planning.patience import patience_curve
from staffcast.planning.plan import PLAN_SCHEMA, Assumptions, Inputs, Plan, make_plan, plan_inputs, staff
from staffcast.planning.replies import reply_models
from staffcast.planning.volume import (
    INTERVALS_MIN,
    best_volume,
    calendar_of,
    coming_days,
    forecast_volume,
    past_volume,
)

__all__ = [
    "HANDLE_SCHEMA",
    "INTERVALS_MIN",
    "PATIENCE_SCHEMA",
    "PLAN_SCHEMA",
    "Assumptions",
    "Calibration",
    "Inputs",
    "Plan",
    "best_volume",
    "calendar_of",
    "calibrate",
    "coming_days",
    "forecast_volume",
    "make_plan",
    "past_volume",
    "patience_curve",
    "plan_inputs",
    "reply_models",
    "staff",
]
