"""The what-if controls of the staffing page, and what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from staffcast.planning import Assumptions
from staffcast_dashboards.data import MOST_CHATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from staffcast.reports.scenarios import PlanTotals

__all__ = ["assumptions", "show_totals"]

_SHARES_PERCENT = (60, 70, 75, 80, 85, 90, 95, 98)
_LIMITS_S = (10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
_SHRINKAGES_PERCENT = (0, 10, 15, 20, 25, 30, 35, 40, 45, 50)
_VOLUMES_PERCENT = (-50, -30, -20, -10, -5, 0, 5, 10, 20, 30, 50, 100)


def assumptions(planned: Mapping[str, str]) -> Assumptions:
    """Draw the controls and return what they say.

    Args:
        planned: Values of the plan in words, from ``reports.scenarios.target_words``.
    """
    controls = st.grid(5, min_column_width=145, gap="xsmall")
    with controls:
        share = _choice("Answered in time", "target", _SHARES_PERCENT, "%", planned["share"])
        within_s = _choice("Within", "within", _LIMITS_S, "s", planned["within"])
        chats = _choice("Chats at once", "chats", range(1, MOST_CHATS + 1), "", planned["chats"])
        shrinkage = _choice("Shrinkage", "shrinkage", _SHRINKAGES_PERCENT, "%", planned["shrinkage"])
        volume = st.selectbox(
            "Volume",
            _VOLUMES_PERCENT,
            index=_VOLUMES_PERCENT.index(0),
            format_func=lambda percent: f"{percent:+d} %" if percent else "as forecast",
            key="volume",
            bind="query-params",
        )
    return Assumptions(
        service_level_share=None if share is None else share / 100,
        within_s=within_s,
        concurrency_limit=chats,
        shrinkage_share=None if shrinkage is None else shrinkage / 100,
        volume_factor=1 + volume / 100,
    )


def show_totals(now: PlanTotals, before: PlanTotals | None) -> None:
    """The plan in four numbers, with the difference that the controls make."""
    grid = st.grid(4, min_column_width=150, gap="xsmall", border=True)
    with grid:
        for label, name, meaning in (
            ("Contacts expected", "contacts", "Forecast of the coming week: 8-week same-slot average."),
            ("Agent-hours at work", "agent_hours", "Required agents summed over all open hours."),
            ("Scheduled hours", "scheduled_hours", "Agent-hours with shrinkage: breaks, training, absence."),
            ("Agents at the peak", "peak_agents", "Most agents at work in one hour, over all queues."),
        ):
            value = getattr(now, name)
            change = round(value - getattr(before, name)) if before else 0
            st.metric(
                label,
                f"{value:,.0f}",
                f"{change:+,d} against the plan" if change else None,
                delta_color="off",
                help=meaning,
            )


def _choice(label: str, key: str, values: Sequence[int], unit: str, planned: str) -> int | None:
    chosen: int | None = st.selectbox(
        label,
        [None, *values],
        format_func=lambda value: f"plan: {planned}" if value is None else f"{value} {unit}".strip(),
        key=key,
        bind="query-params",
    )
    return chosen
