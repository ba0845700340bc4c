"""The filters in the side bar. Each lives in the address of the page, so that a link shows the same view."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from staffcast_dashboards import data as source
from staffcast_dashboards.data import Question

if TYPE_CHECKING:
    from staffcast.reports import DataRange
    from staffcast_dashboards.data import Data

__all__ = ["DIMENSIONS", "PERIODS", "ask"]

PERIODS: dict[str, int | None] = {
    "Last 28 days": 28,
    "Last 7 days": 7,
    "Last 8 weeks": 56,
    "All days": None,
    "Own dates": None,
}
"""Name of each period and its days; the last two are decided by the data and the reader."""

DIMENSIONS: tuple[str, ...] = ("queue", "department", "language", "channel")


def ask(data: Data) -> Question:
    """Draw the filters and return what was chosen."""
    covered = source.coverage(data)
    with st.sidebar:
        first, last = _dates(covered)
        where = []
        for dimension in DIMENSIONS:
            known = source.parts(data, dimension)
            if len(known) < 2:
                continue
            chosen = st.multiselect(
                dimension.capitalize(), known, key=dimension, placeholder="All", bind="query-params"
            )
            if chosen:
                where.append((dimension, tuple(chosen)))
    return Question(first.isoformat(), last.isoformat(), tuple(where))


def _dates(covered: DataRange) -> tuple[date, date]:
    last = covered.end_date - timedelta(days=1)
    first = min(covered.first_date or last, last)
    name = st.selectbox("Period", list(PERIODS), key="period", bind="query-params")
    if name == "Own dates":
        return _own_dates(first, last)
    days = PERIODS[name]
    if days is None:
        return first, last
    return max(first, covered.end_date - timedelta(days=days)), last


def _own_dates(first: date, last: date) -> tuple[date, date]:
    default = (max(first, last - timedelta(days=6)), last)
    chosen = st.date_input(
        "From and to",
        default,
        min_value=first,
        max_value=last,
        key="dates",
        format="YYYY-MM-DD",
        bind="query-params",
    )
    edges = chosen if isinstance(chosen, tuple) else (chosen,)
    if not edges:
        return default
    return edges[0], edges[-1]
