"""Whether a statement or an expression would run: tried on empty fact tables, or on two made-up rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from staffcast.store.facts import FACT_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Trial", "binding_errors", "tried"]

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


_ROWS: dict[str, list[Any]] = {
    "VARCHAR": ["x", "y"], "BIGINT": [1, 2], "BOOLEAN": [True, False], "DOUBLE": [0.5, 1.5],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of an expression.

    Attributes:
        type: SQL type of its values; empty if it did not run.
        error: What the engine finds wrong with it, in a line; empty if nothing.
    """

    type: str
    error: str


def tried(expressions: Sequence[str], columns: Mapping[str, str]) -> list[Trial]:
    """Try expressions on two rows: their texts are no numbers, so that what mixes both is found.

    Args:
        expressions: Each over the columns; an explicit cast is bound only, since its texts may be numbers.
        columns: Name and SQL type.

    Example:
        >>> [trial.type for trial in tried(["csat > 3", "csat + 1"], {"csat": "DOUBLE"})]
        ['BOOLEAN', 'DOUBLE']
        >>> tried(["country in (1)"], {"country": "VARCHAR"})[0].error
        'it mixes text and numbers'
    """
    rows = pl.DataFrame({name: pl.Series(_ROWS[kind], dtype=_TYPES[kind]) for name, kind in columns.items()})
    with duckdb.connect() as con:
        relation = con.from_arrow(rows.to_arrow())
        return [_tried(relation, expression) for expression in expressions]


def _tried(relation: duckdb.DuckDBPyRelation, expression: str) -> Trial:
    try:
        found = relation.project(expression)
        kinds = [str(kind) for kind in found.types]
        if "cast" not in expression.lower():
            found.fetchall()
    except duckdb.ConversionException:
        return Trial("", "it mixes text and numbers")
    except duckdb.Error as error:
        return Trial("", str(error).partition("\n")[0])
    return Trial(kinds[0], "") if len(kinds) == 1 else Trial("", "it is no single expression")
