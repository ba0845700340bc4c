"""Free text has an end: from an instant on it is kept, before it only numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.store.schema import CANONICAL_TABLES, Kind, Table
from staffcast.store.sql import statement
from staffcast_pipelines.farewells import MARK, NOTED, PATTERN

if TYPE_CHECKING:
    import duckdb

__all__ = ["count_texts", "drop_texts", "keep_texts_from", "text_from_us"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_POLICY = "text_from_us"
_FREE = frozenset({Kind.PROSE, Kind.BODY, Kind.URL})


def text_from_us(con: duckdb.DuckDBPyConnection) -> int | None:
    """The instant before which no text is kept, or None."""
    rows = con.execute(statement(_PACKAGE, "policy"), {"key": _POLICY}).fetchall()
    return int(rows[0][0]) if rows else None


def keep_texts_from(con: duckdb.DuckDBPyConnection, instant_us: int) -> None:
    """Bind every later load, too; the instant never moves back, since what was dropped stays dropped."""
    latest = max(instant_us, text_from_us(con) or instant_us)
    con.execute(statement(_PACKAGE, "drop_policy"), {"key": _POLICY})
    con.execute(statement(_PACKAGE, "set_policy"), {"key": _POLICY, "value": str(latest)})


def count_texts(con: duckdb.DuckDBPyConnection, before_us: int) -> dict[str, int]:
    """Number of rows by table whose text is older than an instant, tables without any left out."""
    return _each(con, "count_texts", before_us)


def drop_texts(con: duckdb.DuckDBPyConnection, before_us: int) -> dict[str, int]:
    """Drop the text of rows before an instant, within the caller's transaction.

    A text that said that the customer no longer answers leaves a mark, since metrics count it.

    Returns:
        Number of rows by table that had some.
    """
    return _each(con, "drop_texts", before_us)


def _each(con: duckdb.DuckDBPyConnection, name: str, before_us: int) -> dict[str, int]:
    counts = {}
    for table in CANONICAL_TABLES:
        times = _times(table)
        if not times:
            continue
        noted = NOTED.get(table.name, ())
        free = tuple(column for column in _free(table) if column not in noted)
        text = statement(_PACKAGE, name, table=table.name, noted=noted, free=free, times=times)
        values = {"before_us": before_us} | ({"mark": MARK} if noted else {})
        if noted and name == "drop_texts":
            values["pattern"] = PATTERN
        ((counts[table.name],),) = con.execute(text, values).fetchall()
    return {table: n_rows for table, n_rows in counts.items() if n_rows}


def _times(table: Table) -> tuple[str, ...]:
    return tuple(f"{column.name}_us" for column in table.columns if column.kind is Kind.TIME)


def _free(table: Table) -> tuple[str, ...]:
    return (*(column.name for column in table.columns if column.kind in _FREE), "extra")
