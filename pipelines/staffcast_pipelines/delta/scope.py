"""The scope of an incremental build: dirty conversations and their neighbours on days whose load changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.store.sql import fill, sql_text, statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb

__all__ = ["stage_scope", "write_leg_digest"]

_TABLES = ("conversations", "messages", "events", "surveys", "bot_sessions")
"""Canonical tables whose rows belong to one conversation."""


def stage_scope(con: duckdb.DuckDBPyConnection, steps: Sequence[str], run: Callable[[str], None]) -> None:
    """Stage the dirty conversations, find their neighbours, and stage both.

    Args:
        con: A connection with ``dirty`` in ``work`` and the last generation's rows in ``facts``.
        steps: The steps up to the stretches of each leg.
        run: Runs one.
    """
    for name in _TABLES:
        con.table(f"warehouse.main.{name}").limit(0).create(f"work.main.{name}")
    _read(con, "dirty")
    for name in steps:
        run(name)
    write_leg_digest(con)
    for name in ("dirty_day", "neighbour", "scope"):
        con.execute(sql_text(__package__, name))
    if con.table("neighbour").limit(1).fetchall():
        _read(con, "neighbour")
        for name in (*steps, "leg_digest"):
            con.execute(fill("drop table {{name}}", name=f"work.{name}"))
        for name in steps:
            run(name)
        write_leg_digest(con)


def write_leg_digest(con: duckdb.DuckDBPyConnection) -> None:
    """Write the digests of the stretches at hand."""
    con.sql(sql_text(__package__, "leg_digest")).create("work.main.leg_digest")


def _read(con: duckdb.DuckDBPyConnection, keys: str) -> None:
    for name in _TABLES:
        con.execute(statement(__package__, f"scope_{name}", keys=keys))
