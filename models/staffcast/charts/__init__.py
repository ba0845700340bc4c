"""Plotly figures from result tables: pure functions of frames."""

from __future__ import annotations

from staffcast.charts.figures import metric_chart
from staffcast.charts.forecast import calibration_chart, errors_chart, fan_chart, origins_chart
from staffcast.charts.service import daily_chart, hours_chart
from staffcast.charts.staffing import handle_time_chart, queues_chart, week_chart
from staffcast.charts.theme import COLORWAY, alt_text, empty_figure

__all__ = [
    "COLORWAY",
    "alt_text",
    "calibration_chart",
    "daily_chart",
    "empty_figure",
    "errors_chart",
    "fan_chart",
    "handle_time_chart",
    "hours_chart",
    "metric_chart",
    "origins_chart",
    "queues_chart",
    "week_chart",
]
