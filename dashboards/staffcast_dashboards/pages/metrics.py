"""Metrics: any number of the catalogue, split and over time, with what stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from staffcast.charts import metric_chart
from staffcast.metrics import Grain, catalogue, dimensions_of
from staffcast.metrics.suppression import PERSONAL
from staffcast.reports import kpi_table
from staffcast.store.facts import TIME_LABELS
from staffcast_dashboards import data as source
from staffcast_dashboards.filters import ask
from staffcast_dashboards.parts import draw, head
from staffcast_dashboards.problems import plain

if TYPE_CHECKING:
    from staffcast.metrics import Explanation, Metric
    from staffcast_dashboards.data import Data, View

ORDER = 30
TITLE = "Metrics"

_WHOLE = "Whole period"
_NOTHING = "Nothing"
_MOST_ROWS = 500


def render() -> None:
    """Draw the page."""
    data = source.published()
    question = ask(data)
    head("Metrics", "What is this number, and what stands behind it?", data, period=question.period())
    record = _metric()
    view = _view(record, data)
    st.markdown(f"**{plain(record.definition)}**")
    fitting, dropped = source.fitting(question, record)
    if dropped:
        st.caption(f"Not filtered by {', '.join(dropped)}: {plain(record.label)} has no such dimension.")
    report = source.figures(data, fitting, view)
    unit = record.unit_in(data.session.reader.currency)
    chart = metric_chart(report.rows, label=record.label, unit=unit, part=view.by)
    draw(chart, "chart")
    st.dataframe(kpi_table(report).drop("metric", "convention"), hide_index=True)
    explained = source.story(data, fitting, view)
    _small_print(record, explained)
    _behind(data, fitting, view, explained)


def _metric() -> Metric:
    by_label = {record.label: record for record in catalogue()}
    return by_label[st.selectbox("Metric", list(by_label), key="metric", bind="query-params")]


def _view(record: Metric, data: Data) -> View:
    labels = {name for name, _ in TIME_LABELS} - {"weekday", "hour"}
    hidden = labels | (PERSONAL if data.session.reader.min_group else set())
    parts = {_words(name): name for name in dimensions_of(record) if name not in hidden}
    grains = {_words(grain): grain.value for grain in Grain if grain is not Grain.HOUR}
    left, right = st.columns(2)
    with left:
        by = st.selectbox("Split by", [_NOTHING, *parts], key="by", bind="query-params")
    with right:
        grain = st.selectbox("Over time", [_WHOLE, *grains], key="grain", bind="query-params")
    return source.View(record.id, parts.get(by), grains.get(grain))


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _small_print(record: Metric, explained: Explanation) -> None:
    lines = [f"Counted: {explained.convention}. Clock: {explained.clock.replace('_', ' ')}."]
    lines += record.caveats
    left_out = ", ".join(reason.replace("_", " ") for reason, _ in explained.exclusions)
    if left_out:
        lines.append(f"Left out, and counted: {left_out}.")
    lines.append(f"Definition {explained.definition_hash}.")
    st.caption("  \n".join(plain(line) for line in lines))


def _behind(data: Data, question: source.Question, view: View, explained: Explanation) -> None:
    with st.expander("SQL of this number"):
        st.code(explained.sql, language="sql")
    with st.expander("Rows behind this number"):
        if st.toggle("List them", key="rows"):
            rows = source.rows_behind(data, question, view)
            st.caption(f"{min(rows.height, _MOST_ROWS):,} of {rows.height:,} rows.")
            st.dataframe(rows.head(_MOST_ROWS), hide_index=True)
