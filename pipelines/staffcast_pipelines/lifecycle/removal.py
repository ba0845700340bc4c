"""Taking a person out of the tables: the numbers stay, nothing leads from them to anybody."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from staffcast.store.schema import Kind, canonical_table
from staffcast.store.sql import statement
from staffcast_pipelines.farewells import MARK, NOTED, PATTERN
from staffcast_pipelines.lifecycle.people import ROWS_BY, count_rows, mark_rows, marked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import duckdb

    from staffcast_pipelines.lifecycle.people import Person

__all__ = ["remove_person", "remove_tombstoned"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_FREE = frozenset({Kind.PROSE, Kind.BODY, Kind.URL})
_ALSO_DROPPED = {"conversations": ("tags", "account_id"), "customers": ("account_id",)}
_OWN_IDS = {
    "conversations": "conversation_id",
    "messages": "message_id",
    "events": "event_id",
    "surveys": "survey_id",
    "contacts": "contact_id",
    "page_views": "view_id",
    "bot_sessions": "bot_session_id",
}
_REFERENCES = (
    ("conversations", "conversations", "parent_conversation_id"),
    ("messages", "messages", "reply_to"),
)
"""Table, the kind of identifier, and the column, of references that a row of another person may hold."""
_MEMBERS = ("messages", "events", "bot_sessions", "surveys")
_KEY_COLUMNS = {
    "conversations": "customer_key",
    "surveys": "customer_key",
    "contacts": "customer_key",
    "page_views": "customer_key",
    "customers": "customer_key",
    "messages": "sender_id",
}
_PREFIX_BYTES = 8


def remove_person(con: duckdb.DuckDBPyConnection, person: Person, now: datetime) -> dict[str, int]:
    """Erase a person within the caller's transaction, and remember by keyed hash who may not come back.

    Returns:
        Number of rows by table that were theirs.
    """
    mark_rows(con, person.keys)
    counts = count_rows(con)
    erased_at = now.replace(tzinfo=None)
    con.execute(statement(_PACKAGE, "tombstone_people"), {"erased_at": erased_at})
    if not _is_shared(con, person):
        con.execute(
            statement(_PACKAGE, "tombstone_key"),
            {
                "source": person.source,
                "source_account": person.source_account,
                "kind": person.known_by.value,
                "external_hash": person.external_hash,
                "erased_at": erased_at,
            },
        )
    n_files = _rename_files(con, [person.name, *marked(con)])
    _remove_marked(con, erased_at)
    return counts | ({"loads": n_files} if n_files else {})


def remove_tombstoned(con: duckdb.DuckDBPyConnection, now: datetime) -> dict[str, int]:
    """Erase everybody whom a tombstone names, within the caller's transaction.

    Returns:
        Number of rows by table that were theirs; nothing the second time.
    """
    keys = [key for (key,) in con.execute(statement(_PACKAGE, "tombstoned_keys")).fetchall()]
    mark_rows(con, keys, with_tombstones=True)
    counts = count_rows(con)
    if counts:
        erased_at = now.replace(tzinfo=None)
        con.execute(statement(_PACKAGE, "tombstone_people"), {"erased_at": erased_at})
        _rename_files(con, marked(con))
        _remove_marked(con, erased_at)
    return counts


def _is_shared(con: duckdb.DuckDBPyConnection, person: Person) -> bool:
    """Whether others, who stay, are known by the same e-mail address or phone number."""
    values = {"kind": person.known_by.value, "external_hash": person.external_hash}
    ((is_shared,),) = con.execute(statement(_PACKAGE, "is_shared"), values).fetchall()
    return bool(is_shared)


def _remove_marked(con: duckdb.DuckDBPyConnection, erased_at: datetime) -> None:
    for name in ("tombstone_conversations", "tombstone_messages"):
        con.execute(statement(_PACKAGE, name), {"erased_at": erased_at})
    _make_fresh_ids(con)
    for table in ROWS_BY:
        free = tuple(column.name for column in canonical_table(table).columns if column.kind in _FREE)
        noted = NOTED.get(table, ())
        dropped = (*(name for name in free if name not in noted), "extra", *_ALSO_DROPPED.get(table, ()))
        values = {"table": table} | ({"pattern": PATTERN, "mark": MARK} if noted else {})
        con.execute(statement(_PACKAGE, "forget", table=table, noted=noted, dropped=dropped), values)
    _rename_ids(con)
    for table, column in _KEY_COLUMNS.items():
        con.execute(statement(_PACKAGE, "rekey", table=table, column=column))
    for table in ("identities", "customer_terms"):
        con.execute(statement(_PACKAGE, "delete_keys", table=table))
    con.execute(statement(_PACKAGE, "drop_rows", table="replaced_keys"))


def _make_fresh_ids(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(statement(_PACKAGE, "person_old_ids"))
    for table, column in (*_OWN_IDS.items(), ("conversations", "ticket_id")):
        kind = "tickets" if column == "ticket_id" else table
        con.execute(
            statement(_PACKAGE, "old_ids_of_rows", table=table, column=column), {"kind": kind, "table": table}
        )
    con.execute(statement(_PACKAGE, "old_ids_of_conversations"))
    prefix = f"erased-{secrets.token_hex(_PREFIX_BYTES)}"
    con.execute(statement(_PACKAGE, "fresh_ids"), {"prefix": prefix})


def _rename_ids(con: duckdb.DuckDBPyConnection) -> None:
    for table, kind, column in _REFERENCES:
        con.execute(statement(_PACKAGE, "unlink", table=table, column=column), {"kind": kind, "table": table})
        con.execute(statement(_PACKAGE, "rename", table=table, column=column), {"kind": kind})
    for table in _MEMBERS:
        con.execute(
            statement(_PACKAGE, "rename", table=table, column="conversation_id"), {"kind": "conversations"}
        )
    con.execute(
        statement(_PACKAGE, "rename_own", table="conversations", column="ticket_id"),
        {"kind": "tickets", "table": "conversations"},
    )
    for table, column in _OWN_IDS.items():
        con.execute(statement(_PACKAGE, "rename", table=table, column=column), {"kind": table})


def _rename_files(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> int:
    """Rename in the ledger what was loaded from a file that is called after the person or a conversation."""
    words = [re.escape(name) for name in names]
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})(?![^\W_])", re.IGNORECASE)
    found = [name for (name,) in con.execute(statement(_PACKAGE, "file_names")).fetchall()]
    telling = [name for name in found if words and pattern.search(name)]
    for name in telling:
        fresh = pattern.sub("erased", name)
        for table in ("loads", "quarantine"):
            con.execute(statement(_PACKAGE, "rename_file", table=table), {"old": name, "fresh": fresh})
    return len(telling)
