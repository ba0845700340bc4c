"""From the text of a fact to its rows: dimensions and time labels joined to it, columns cast as declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duckdb import ColumnExpression as Col
from duckdb import ConstantExpression as Const

from staffcast.core.units import SLOT_US
from staffcast.store.facts import CONVERSATION_DIMENSIONS, FactTable, labels
from staffcast_pipelines.calendar_tables import REPORT_CALENDAR

if TYPE_CHECKING:
    import duckdb

__all__ = ["fact_query"]


def fact_query(con: duckdb.DuckDBPyConnection, table: FactTable, text: str) -> duckdb.DuckDBPyRelation:
    """The query of a fact: its file, joined to dimensions and labels, cast to the declared columns.

    Args:
        con: A connection that knows the tables of the text, ``stg_dimension`` and ``dim_slot``.
        table: The fact.
        text: A query that yields its own columns and, as ``<cohort>_at_us``, the instants of its cohorts.
    """
    body = con.sql(text).set_alias("body")
    shares_dimensions = set(CONVERSATION_DIMENSIONS) <= set(table.dimensions)
    if shares_dimensions:
        key = "conversation_key"
        dimension = con.table("stg_dimension").set_alias("dimension")
        body = body.join(dimension, Col("dimension", key) == Col("body", key), how="left")
    for cohort in table.cohorts:
        slot, at_us = f"slot_{cohort}", Col("body", f"{cohort}_at_us")
        is_its_slot = Col(slot, "slot_at_us") == at_us - at_us % Const(SLOT_US)
        body = body.join(
            con.table("dim_slot").set_alias(slot),
            is_its_slot & (Col(slot, "queue") == Const(REPORT_CALENDAR)),
            how="left",
        )
    sources = {name: Col("body", name) for name, _ in table.all_columns}
    if shares_dimensions:
        own = {column.name for column in table.columns}
        sources |= {name: Col("dimension", name) for name in CONVERSATION_DIMENSIONS if name not in own}
    for cohort in table.cohorts:
        for name, _ in labels(cohort):
            sources[name] = Col(f"slot_{cohort}", f"local_{name.removeprefix(f'{cohort}_')}")
    return body.select(*(sources[name].cast(kind).alias(name) for name, kind in table.all_columns))
