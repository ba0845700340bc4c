"""Result tables and documents that the CLI and the dashboard both show."""

from __future__ import annotations

from staffcast.reports.kpis import (
    HEADLINES,
    KpiReport,
    conventions,
    daily_service,
    fitting_headlines,
    kpi_report,
    kpi_table,
    weekday_hours,
)
from staffcast.reports.loading import loads_history, loads_table, quarantined_rows
from staffcast.reports.periods import DataRange, data_range, reporting_period
from staffcast.reports.staffing import day_table, hour_grid, plan_note, plan_table, queue_label
from staffcast.reports.staffing_day import day_export, day_note, day_view
from staffcast.reports.staffing_messaging import (
    messaging_export,
    messaging_note,
    messaging_view,
    threads_note,
)
from staffcast.reports.volume import forecast_days, forecast_table, one_queue, read_forecast
from staffcast.reports.wording import DASH, REASONS, format_change, format_interval, format_value

__all__ = [
    "DASH",
    "HEADLINES",
    "REASONS",
    "DataRange",
    "KpiReport",
    "conventions",
    "daily_service",
    "data_range",
    "day_export",
    "day_note",
    "day_table",
    "day_view",
    "fitting_headlines",
    "forecast_days",
    "forecast_table",
    "format_change",
    "format_interval",
    "format_value",
    "hour_grid",
    "kpi_report",
    "kpi_table",
    "loads_history",
    "loads_table",
    "messaging_export",
    "messaging_note",
    "messaging_view",
    "one_queue",
    "plan_note",
    "plan_table",
    "quarantined_rows",
    "queue_label",
    "read_forecast",
    "reporting_period",
    "threads_note",
    "weekday_hours",
]
