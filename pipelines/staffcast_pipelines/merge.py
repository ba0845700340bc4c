"""Merging staged rows into a canonical table: of each key the newest version, whatever the order of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast_pipelines.staging import BODY

if TYPE_CHECKING:
    import duckdb

    from staffcast.store.schema import Table
    from staffcast_pipelines.staging import Origin, Staged

__all__ = ["MergeCounts", "merge"]

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


def merge(con: duckdb.DuckDBPyConnection, staged: Staged, origin: Origin, load_id: int) -> MergeCounts:
    """Merge the staged rows within the caller's transaction.

    The version kept is the greatest by ``newest_by`` (nulls oldest), then ``row_hash``: taking a maximum
    is commutative, associative and idempotent, so the order of files and their overlaps leave no trace.

    Returns:
        Counts that add up to the number of staged rows.
    """
    table = staged.table
    con.register("staged_rows", staged.rows.with_row_index("row_number").to_arrow())
    con.register("staged_identities", staged.identities.to_arrow())
    try:
        con.execute(_verdicts_sql(table))
        counts = _counts(con)
        _apply(con, table, load_id, has_texts=BODY in staged.rows.columns)
        _link(con, origin)
        con.execute("drop table verdicts")
    finally:
        con.unregister("staged_rows")
        con.unregister("staged_identities")
    return counts


def _verdicts_sql(table: Table) -> str:
    """Judge each staged row by its key and version: new, updated, duplicate or superseded."""
    keys = (*_KEY_SCOPE, *table.key)
    newest = [f"coalesce({{side}}.{name}, -9223372036854775808)" for name in table.newest_by]
    version = "(" + ", ".join([*newest, "{side}.row_hash"]) + ")"
    order = ", ".join([*(f"{name} desc nulls last" for name in table.newest_by), "row_hash desc"])
    match = " and ".join(f"stored.{key} is not distinct from ranked.{key}" for key in keys)
    # Table and column names come from the schema, never from data.
    return f"""
        create temp table verdicts as
        with ranked as (
            select row_number, row_hash, {", ".join([*keys, *table.newest_by])},
                row_number() over versions as version_rank,
                first_value(row_hash) over versions as best_hash
            from staged_rows
            window versions as (partition by {", ".join(keys)} order by {order})
        )
        select ranked.row_number,
            case
                when version_rank > 1 and ranked.row_hash = best_hash then 'duplicate'
                when version_rank > 1 then 'superseded'
                when stored.row_hash is null then 'new'
                when stored.row_hash = ranked.row_hash then 'duplicate'
                when {version.format(side="ranked")} > {version.format(side="stored")} then 'updated'
                else 'superseded'
            end as verdict
        from ranked left join {table.name} as stored on {match}
    """  # noqa: S608 - as said above


def _counts(con: duckdb.DuckDBPyConnection) -> MergeCounts:
    found = dict(con.sql("select verdict, count(*) from verdicts group by verdict").fetchall())
    return MergeCounts(*(found.get(verdict, 0) for verdict in ("new", "updated", "duplicate", "superseded")))


def _apply(con: duckdb.DuckDBPyConnection, table: Table, load_id: int, *, has_texts: bool) -> None:
    keys = (*_KEY_SCOPE, *table.key)
    names = ", ".join(name for name, _ in table.stored_columns if name != "load_id")
    statements = [
        _delete_sql(table.name, keys),
        _insert_sql(f"{table.name} ({names}, load_id)", f"{names}, {load_id:d}"),
    ]
    if has_texts:
        statements += [
            _delete_sql("message_texts", keys),
            _insert_sql("message_texts", f"{', '.join(keys)}, {BODY}") + f" and {BODY} is not null",
        ]
    for statement in statements:
        con.execute(statement)


def _insert_sql(target: str, values: str) -> str:
    kept = "staged_rows join verdicts using (row_number) where verdict in ('new', 'updated')"
    return f"insert into {target} select {values} from {kept}"  # noqa: S608 - names of the schema


def _delete_sql(name: str, keys: tuple[str, ...]) -> str:
    same = " and ".join(f"old.{key} is not distinct from new.{key}" for key in keys)
    updated = "(select * from staged_rows join verdicts using (row_number) where verdict = 'updated')"
    return f"delete from {name} as old using {updated} as new where {same}"  # noqa: S608 - names of the schema


def _link(con: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    con.execute(
        """
        insert into identities
        select ?, ?, kind, external_hash, customer_key from staged_identities
        except
        select source, source_account, kind, external_hash, customer_key from identities
        """,
        [origin.source, origin.source_account],
    )
