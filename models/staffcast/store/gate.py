"""What a statement from outside may do: read published tables, and nothing else.

DuckDB's own parser says what a statement is made of, so nothing hides in comments, quotes or nesting. What is
allowed is listed; everything else is refused before it runs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb

from staffcast.core.errors import WarehouseError, did_you_mean
from staffcast.store.warehouse import first_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["check_statement"]

_SCHEMAS = frozenset({"", "main"})
_INFORMATION = frozenset({"columns", "tables"})
_TABLE_FUNCTIONS = frozenset({"generate_series", "range", "unnest"})
_SHOWN = frozenset({"", "__show_tables_expanded", '"tables"'})
_FUNCTIONS_OF_THE_MACHINE = frozenset(
    {
        "current_query", "current_setting", "error", "get_block_size", "getenv", "getvariable",
        "in_search_path", "inet_client_addr", "inet_client_port", "inet_server_addr", "inet_server_port",
        "nextval", "pg_conf_load_time", "pg_postmaster_start_time", "pg_sleep", "setseed", "setval",
        "write_log",
    }
)  # fmt: skip
"""Scalar functions that tell of the machine or change state; all others compute from their arguments."""


def check_statement(
    con: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str], *, withheld: Collection[str] = ()
) -> None:
    """Refuse a text that is not one query on the given tables.

    Args:
        con: Any connection: its parser reads the text, nothing of it runs.
        sql: The text.
        tables: Names that the query may read.
        withheld: Names that exist but are kept back by the works-council profile.

    Raises:
        WarehouseError: It is no query, several statements, or reads anything else.

    Example:
        >>> con = duckdb.connect()
        >>> check_statement(con, "select count(*) from agents", ["agents"])
        >>> check_statement(con, "from read_csv('notes.csv')", ["agents"])
        Traceback (most recent call last):
        ...
        staffcast.core.errors.WarehouseError: a query may not use read_csv (it reads published tables only)
    """
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise WarehouseError(f"the query failed: {first_line(error)}") from error
    if len(statements) != 1:
        raise WarehouseError("a query is one statement", hint="run them one by one")
    [(text,)] = con.execute(
        "select json_serialize_sql(?::varchar, skip_null := true, skip_empty := true)", [sql]
    ).fetchall()
    parsed = json.loads(text)
    if parsed["error"]:
        raise WarehouseError("only queries can be run here", hint="write a query: select ... from ...")
    for kind, name in _outside(parsed["statements"], frozenset(name.lower() for name in tables)):
        if kind == "table" and name in withheld:
            raise WarehouseError(
                f"{name} is withheld by the works-council profile",
                hint="ask for metrics: `staffcast report METRIC --by queue`",
            )
        if kind == "table":
            raise WarehouseError(f"there is no published table '{name}'", hint=did_you_mean(name, tables))
        raise WarehouseError(f"a query may not use {name}", hint="it reads published tables only")


def _outside(node: object, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What a parsed statement uses beyond the known tables: its kind and name."""
    if isinstance(node, list):
        for part in node:
            yield from _outside(part, known)
    if not isinstance(node, dict):
        return
    yield from _own(node, known)
    tables = known
    for entry in node.get("cte_map", {}).get("map", ()):
        # A table expression sees those before it, and itself only where it is recursive.
        own_name = entry["key"].lower()
        query = entry["value"]["query_node"]
        is_recursive = query["type"] == "RECURSIVE_CTE_NODE"
        yield from _outside(query, tables | {own_name} if is_recursive else tables)
        tables |= {own_name}
    for key, part in node.items():
        if key not in ("cte_map", "qualified_name"):
            yield from _outside(part, tables)


def _own(node: Mapping[str, Any], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    name = str(node.get("table_name", "")).lower()
    match node.get("type"):
        case "BASE_TABLE":
            schema, catalog = str(node.get("schema_name", "")).lower(), node.get("catalog_name", "")
            is_information = schema == "information_schema" and name in _INFORMATION
            if catalog or not (is_information or (schema in _SCHEMAS and name in known)):
                yield "table", name
        case "SHOW_REF":
            is_plain = not node.get("schema_name") and not node.get("catalog_name")
            if not (is_plain and (name in _SHOWN or name in known)):
                yield "table", name
        case "TABLE_FUNCTION":
            function = str(node["function"].get("function_name", "")).lower()
            if function not in _TABLE_FUNCTIONS:
                yield "function", function
        case "FUNCTION":
            function = str(node.get("function_name", "")).lower()
            if function in _FUNCTIONS_OF_THE_MACHINE:
                yield "function", function
        case _:
            pass
