"""Overview: what is bad, since when, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from staffcast.charts import daily_chart, hours_chart
from staffcast.reports.document import change_table
from staffcast_dashboards import data as source
from staffcast_dashboards.filters import ask
from staffcast_dashboards.parts import draw, head, tile_grid
from staffcast_dashboards.problems import plain

if TYPE_CHECKING:
    from staffcast_dashboards.data import Data, Question

ORDER = 10
TITLE = "Overview"

_COLOURS = {"better": "green", "worse": "red"}


def render() -> None:
    """Draw the page."""
    data = source.published()
    question = ask(data)
    head("Overview", "What is bad, since when, and how sure?", data, period=question.words())
    tile_grid(source.key_figures(data, question))
    _daily(data, question)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _hours(data, question)
    with right:
        _changes(data, question)


def _daily(data: Data, question: Question) -> None:
    st.subheader("Volume and service level by day")
    settings = data.session.settings
    figure = daily_chart(source.daily(data, question), target_share=settings.service_level_share)
    draw(figure, "daily")


def _hours(data: Data, question: Question) -> None:
    hours = source.hours(data, question)
    st.subheader("Arrivals by hour of the week")
    st.caption(f"{hours.unit.capitalize()}; hatched hours are closed.")
    draw(hours_chart(hours.frame, unit=hours.unit), "hours")


def _changes(data: Data, question: Question) -> None:
    st.subheader("Biggest changes")
    found = source.changes(data, question)
    if found.is_empty():
        st.caption(
            "No queue or topic changed by more than noise, or nothing earlier is there to compare with."
        )
        return
    st.caption(
        f"The clearest of {found['n_compared'][0]} comparisons with the period before; "
        "about one in twenty looks detectable by chance."
    )
    for row in change_table(found).iter_rows(named=True):
        colour = _COLOURS.get(row["verdict"], "gray")
        st.markdown(
            f":{colour}[**{plain(row['change'])}**] {plain(row['metric'])}, {plain(row['where'])}  \n"
            f":gray[{plain(row['before'])} → {plain(row['now'])}, {plain(row['verdict'])}]"
        )
