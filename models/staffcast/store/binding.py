"""Whether a statement would run: it is bound against empty fact tables, and never executed."""

from __future__ import annotations

import duckdb
import polars as pl

from staffcast.store.facts import FACT_TABLES

__all__ = ["binding_errors"]

_TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "BOOLEAN": pl.Boolean, "DOUBLE": pl.Float64}


def binding_errors(statements: list[str]) -> list[str]:
    """What the engine finds wrong with each statement, in a line; empty where it finds nothing.

    Example:
        >>> binding_errors(["select csat from fact_survey", "select csat + queue from fact_survey"])[0]
        ''
    """
    with duckdb.connect() as con:
        for table in FACT_TABLES:
            empty = pl.DataFrame(schema={name: _TYPES[kind] for name, kind in table.all_columns})
            con.register(table.name, empty.to_arrow())
        return [_binding_error(con, statement) for statement in statements]


def _binding_error(con: duckdb.DuckDBPyConnection, statement: str) -> str:
    try:
        con.sql(statement)
    except duckdb.Error as error:
        return str(error).partition("\n")[0]
    return ""
