"""Staffing: how many agents each hour of the coming week needs, and what would change that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from staffcast.charts import calibration_chart, fan_chart, handle_time_chart, queues_chart, week_chart
from staffcast.core.errors import StaffcastError
from staffcast.planning import Assumptions
from staffcast.reports import day_table, plan_note, plan_table, queue_label
from staffcast.reports.calibration import handle_table, patience_table
from staffcast.reports.export import csv_text
from staffcast.reports.scenarios import plan_totals, target_words, total_grid
from staffcast_dashboards import data as source
from staffcast_dashboards.parts import draw, head
from staffcast_dashboards.problems import plain, show_problem
from staffcast_dashboards.scenario import assumptions, show_totals

if TYPE_CHECKING:
    from staffcast.planning import Plan
    from staffcast_dashboards.data import Data

ORDER = 20
TITLE = "Staffing"

ALL_QUEUES = "All queues"
QUEUE_PX = 300


def render() -> None:
    """Draw the page."""
    data = source.published()
    head("Staffing", "How many agents does each hour of the coming week need?", data)
    source.plan(data, Assumptions())
    _plan(data)
    _basis(data)


@st.fragment
def _plan(data: Data) -> None:
    base = source.plan(data, Assumptions())
    chosen = assumptions(target_words(base))
    try:
        plan = source.plan(data, chosen)
    except StaffcastError as error:
        show_problem(error)
        return
    before = base if chosen != Assumptions() else None
    show_totals(plan_totals(plan), plan_totals(before) if before else None)
    queues = plan.frame["queue"].unique().sort().to_list()
    queue = st.selectbox(
        "Queue",
        [ALL_QUEUES, *queues],
        format_func=queue_label,
        key="plan_queue",
        bind="query-params",
        width=QUEUE_PX,
    )
    _week(plan, before, None if queue == ALL_QUEUES else queue)
    _tables(plan, None if queue == ALL_QUEUES else queue)
    st.caption(plain(f"Assumed: {plan_note(plan)}."))
    _forecast(data, None if queue == ALL_QUEUES else queue)


def _forecast(data: Data, queue: str | None) -> None:
    """The contacts that the plan rests on; how honest past intervals were, for those who ask."""
    st.subheader("What is forecast")
    draw(fan_chart(source.fan(data, queue)), "fan")
    if not st.toggle("How honest have such intervals been?", key="show_calibration"):
        return
    found = source.calibration(data, queue)
    draw(calibration_chart(found), "calibration")
    if not found.is_empty():
        st.caption("Above the dotted line intervals were wider than they had to be, below it too narrow.")


def _week(plan: Plan, before: Plan | None, queue: str | None) -> None:
    if queue is None:
        draw(queues_chart(plan.frame, before=before.frame if before else None), "week")
        return
    old = before.frame.filter(pl.col("queue") == queue) if before else None
    draw(week_chart(plan.frame.filter(pl.col("queue") == queue), before=old), "week")


def _tables(plan: Plan, queue: str | None) -> None:
    by_hour, by_day = st.tabs(["Agents by hour", "Days and queues"])
    with by_hour:
        grid = total_grid(plan, queue)
        st.dataframe(grid, hide_index=True, height="content", alt="Required agents by time of day and date")
        if queue is not None:
            st.caption("4 (3-6): between 3 and 6 for the 80 % interval of the volume forecast.")
    with by_day:
        st.dataframe(
            day_table(plan),
            hide_index=True,
            column_config={
                "contacts": st.column_config.NumberColumn(format="%.0f"),
                "agent_hours": st.column_config.NumberColumn("agent hours", format="%.1f"),
                "scheduled_hours": st.column_config.NumberColumn("scheduled hours", format="%.1f"),
                "peak_agents": st.column_config.NumberColumn("peak agents"),
            },
            alt="Contacts, peak and hours by day and queue",
        )
    st.download_button(
        "Download the plan as CSV",
        data=lambda: csv_text(plan_table(plan)),
        file_name="staffing-plan.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _basis(data: Data) -> None:
    calibration = source.inputs(data).calibration
    st.subheader("What the plan has learnt")
    st.caption(
        "An agent who holds several chats answers each of them later, so a chat takes longer. "
        "Filled points are measured in the queue, hollow ones pooled over queues or extended."
    )
    draw(handle_time_chart(calibration.handle), "handle")
    handle, patience = st.tabs(["Handle time", "Patience"])
    handle.dataframe(handle_table(calibration), hide_index=True, alt="Handle time by queue and chats at once")
    with patience:
        st.dataframe(patience_table(calibration), hide_index=True, alt="Patience and wrap-up time by queue")
        st.caption("How long customers would wait on average before they give up, had nobody answered.")
