"""Joins facts, forecast and staffing models into a plan."""

from __future__ import annotations

from staffcast.planning.calibration import HANDLE_SCHEMA, PATIENCE_SCHEMA, Calibration, calibrate
from staffcast.planning.changes import Change, changed, span_of
from staffcast.planning.day import DAY_SCHEMA, plan_days
from staffcast.planning.fan import FAN_SCHEMA, fan_frame
from staffcast.planning.intraday import TODAY_SCHEMA, Schedules, Today, today
from staffcast.planning.knowledge import Knowledge, calendar_of, judge_flag, kept_days, knowledge_of
from staffcast.planning.ledger import ledger_size
from staffcast.planning.messaging import (
    MESSAGING_SCHEMA,
    Returns,
    Threads,
    observed_threads,
    plan_messaging,
)
from staffcast.planning.overrides import Override, add_override, overrides, undo_override
from staffcast.planning.patience import patience_curve
from staffcast.planning.plan import (
    PLAN_SCHEMA,
    Assumptions,
    Inputs,
    Plan,
    inputs_for,
    make_plan,
    plan_inputs,
    staff,
)
from staffcast.planning.published import (
    JUDGED_SCHEMA,
    Published,
    judged,
    publish_forecast,
    published,
    published_table,
)
from staffcast.planning.replies import reply_models
from staffcast.planning.silence import PatienceEstimate, Silence, mean_patience
from staffcast.planning.volume import (
    INTERVALS_MIN,
    Outlook,
    best_volume,
    coming_days,
    coming_volume,
    forecast_volume,
    past_volume,
    with_paths_of,
)

__all__ = [
    "DAY_SCHEMA",
    "FAN_SCHEMA",
    "HANDLE_SCHEMA",
    "INTERVALS_MIN",
    "JUDGED_SCHEMA",
    "MESSAGING_SCHEMA",
    "PATIENCE_SCHEMA",
    "PLAN_SCHEMA",
    "TODAY_SCHEMA",
    "Assumptions",
    "Calibration",
    "Change",
    "Inputs",
    "Knowledge",
    "Outlook",
    "Override",
    "PatienceEstimate",
    "Plan",
    "Published",
    "Returns",
    "Schedules",
    "Silence",
    "Threads",
    "Today",
    "add_override",
    "best_volume",
    "calendar_of",
    "calibrate",
    "changed",
    "coming_days",
    "coming_volume",
    "fan_frame",
    "forecast_volume",
    "inputs_for",
    "judge_flag",
    "judged",
    "kept_days",
    "knowledge_of",
    "ledger_size",
    "make_plan",
    "mean_patience",
    "observed_threads",
    "overrides",
    "past_volume",
    "patience_curve",
    "plan_days",
    "plan_inputs",
    "plan_messaging",
    "publish_forecast",
    "published",
    "published_table",
    "reply_models",
    "span_of",
    "staff",
    "today",
    "undo_override",
    "with_paths_of",
]
