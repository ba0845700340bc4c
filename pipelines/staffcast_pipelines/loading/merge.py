"""Merging staged rows into a canonical table: of each key the newest version, whatever the order of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.store.sql import statement

if TYPE_CHECKING:
    import duckdb

    from staffcast.store.schema import Table
    from staffcast_pipelines.loading.staging import Origin

__all__ = ["MergeCounts", "merge"]

_PACKAGE = "staffcast_pipelines.loading"
_KEY_SCOPE = ("source", "source_account")


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What became of the staged rows.

    Attributes:
        n_new: Keys seen for the first time.
        n_updated: Stored rows replaced by a newer version.
        n_duplicate: Rows equal to one that is kept.
        n_superseded: Older versions of a row that is kept.
    """

    n_new: int
    n_updated: int
    n_duplicate: int
    n_superseded: int


def merge(con: duckdb.DuckDBPyConnection, table: Table, origin: Origin, load_id: int) -> MergeCounts:
    """Merge the staging tables within the caller's transaction, and note whom replaced rows belonged to.

    Returns:
        Counts that add up to the number of staged rows.
    """
    keys = (*_KEY_SCOPE, *table.key)
    if table.identity:
        con.execute(statement(_PACKAGE, "number_identifiers", key=table.key))
    con.execute(statement(_PACKAGE, "verdicts", table=table.name, keys=keys, newest=table.newest_by))
    counts = _counts(con)
    if counts.n_updated:
        stored = dict(table.stored_columns)
        for name, column in (
            ("replaced_conversations", "conversation_id"),
            ("replaced_customers", "customer_key"),
        ):
            if column in stored:
                con.execute(statement(_PACKAGE, name, table=table.name, keys=keys), {"load_id": load_id})
        con.execute(statement(_PACKAGE, "remove_replaced", table=table.name, keys=keys))
    con.execute(statement(_PACKAGE, "insert_kept", table=table.name), {"load_id": load_id})
    scope = {"source": origin.source, "source_account": origin.source_account}
    con.execute(statement(_PACKAGE, "link_people"), scope)
    con.execute(statement(_PACKAGE, "link_terms"), scope | {"load_id": load_id})
    return counts


def _counts(con: duckdb.DuckDBPyConnection) -> MergeCounts:
    found = dict(con.sql("select verdict, count(*) from verdicts group by verdict").fetchall())
    return MergeCounts(*(found.get(verdict, 0) for verdict in ("new", "updated", "duplicate", "superseded")))
