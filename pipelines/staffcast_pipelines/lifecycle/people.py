"""Who is meant, and which rows are theirs."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.errors import DataQualityError
from staffcast.store.sql import statement
from staffcast_pipelines.loading.people import normal
from staffcast_pipelines.reply_chains import message_roots

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from staffcast_pipelines.loading.keys import Keyring

__all__ = ["ROWS_BY", "KnownBy", "Person", "count_rows", "find_person", "mark_rows", "marked"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_KEY_BYTES = 16
_PHONE = re.compile(r"[+0][\d\s()./-]{6,}")

ROWS_BY: dict[str, tuple[str, ...]] = {
    "conversations": ("conversation",),
    "messages": ("message",),
    "events": ("conversation",),
    "bot_sessions": ("conversation",),
    "surveys": ("conversation", "customer"),
    "contacts": ("customer",),
    "page_views": ("customer",),
    "customers": ("customer",),
}
"""Tables with rows of customers, and what tells whose they are."""


class KnownBy(StrEnum):
    """What a person is named by."""

    CUSTOMER_ID = "customer_id"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the warehouse knows them.

    Attributes:
        name: The identifier that was given.
        known_by: Its kind.
        external_hash: Its keyed hash.
        source: Name of the export within which a customer id counts.
        source_account: Workspace in it.
        keys: Keys of the customers that the person is, none if nothing of them is stored.
        is_erased: They were erased before.
    """

    name: str
    known_by: KnownBy
    external_hash: str
    source: str
    source_account: str
    keys: tuple[str, ...]
    is_erased: bool


def find_person(
    con: duckdb.DuckDBPyConnection,
    keyring: Keyring,
    name: str,
    *,
    source: str = "default",
    source_account: str = "default",
    known_by: KnownBy | None = None,
    linked: bool = False,
) -> Person:
    """Find a person by one of their identifiers.

    Args:
        con: Connection of the warehouse.
        keyring: The warehouse's keys.
        name: A customer id of the source, an e-mail address or a phone number.
        source: Name of the export that the customer id is of.
        source_account: Workspace in it.
        known_by: What ``name`` is; by default a customer id, or else what it looks like.
        linked: Take customers that share an e-mail address or a phone number with them, in whichever source,
            for the same person.

    Raises:
        DataQualityError: Nobody is known by it, and nobody of that name was erased.
    """
    kinds = [known_by] if known_by else _kinds(name)
    people = [
        _person(con, keyring, name.strip(), kind, (source, source_account), linked=linked) for kind in kinds
    ]
    found = [person for person in people if person.keys] or [person for person in people if person.is_erased]
    if not found:
        raise DataQualityError(
            f"no customer of source '{source}', account '{source_account}' is known by this identifier",
            hint="check its spelling, and --source and --account",
        )
    return found[0]


def _kinds(name: str) -> list[KnownBy]:
    """What a name may be: bare figures are never taken for a phone number."""
    if "@" in name:
        return [KnownBy.CUSTOMER_ID, KnownBy.EMAIL]
    if _PHONE.fullmatch(name.strip()):
        return [KnownBy.CUSTOMER_ID, KnownBy.PHONE]
    return [KnownBy.CUSTOMER_ID]


def _person(
    con: duckdb.DuckDBPyConnection,
    keyring: Keyring,
    name: str,
    kind: KnownBy,
    scope: tuple[str, str],
    *,
    linked: bool,
) -> Person:
    if kind is KnownBy.CUSTOMER_ID:
        external_hash = keyring.hash("customer", *scope, name)
    else:
        text = normal(pl.Series([name], dtype=pl.String), kind.value).item()
        external_hash = keyring.hash(kind.value, text) if text else ""
    names = {
        "kind": kind.value,
        "external_hash": external_hash,
        "source": scope[0],
        "source_account": scope[1],
    }
    keys = [key for (key,) in con.execute(statement(_PACKAGE, "known_keys"), names).fetchall()]
    if kind is KnownBy.CUSTOMER_ID and not keys:
        ((is_stored,),) = con.execute(statement(_PACKAGE, "is_stored"), {"key": external_hash}).fetchall()
        keys = [external_hash] * is_stored
    if keys and linked:
        keys = [key for (key,) in con.execute(statement(_PACKAGE, "linked_keys"), {"keys": keys}).fetchall()]
    ((is_erased,),) = con.execute(statement(_PACKAGE, "is_erased"), names).fetchall()
    return Person(name, kind, external_hash, *scope, tuple(keys), bool(is_erased))


def mark_rows(con: duckdb.DuckDBPyConnection, keys: Iterable[str], *, with_tombstones: bool = False) -> None:
    """Write the temporary tables ``person_keys``, ``person_conversations`` and ``person_rows``.

    Args:
        con: Connection of the warehouse.
        keys: Keys of the customers.
        with_tombstones: Mark the conversations, too, that a tombstone names.
    """
    con.execute(statement(_PACKAGE, "person_keys"))
    for key in keys:
        con.execute(statement(_PACKAGE, "add_person_key"), [key, secrets.token_hex(_KEY_BYTES)])
    message_roots(con)
    try:
        con.execute(statement(_PACKAGE, "person_conversations"))
        if with_tombstones:
            con.execute(statement(_PACKAGE, "tombstoned_conversations"))
        con.execute(statement(_PACKAGE, "person_rows"))
        for table, marks in ROWS_BY.items():
            for mark in marks:
                name = "rows_of_messages" if mark == "message" else f"rows_by_{mark}"
                names = {} if mark == "message" else {"table": table}
                con.execute(statement(_PACKAGE, name, **names), {"table": table})
    finally:
        con.execute(statement(_PACKAGE, "drop_roots"))


def count_rows(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Number of marked rows by table, tables without any left out."""
    counts = dict(con.execute(statement(_PACKAGE, "count_rows")).fetchall())
    for table in ("identities", "customer_terms"):
        ((n_rows,),) = con.execute(statement(_PACKAGE, "count_keys", table=table)).fetchall()
        counts[table] = n_rows
    return {table: n_rows for table, n_rows in counts.items() if n_rows}


def marked(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Identifiers of the marked conversations."""
    return [name for (name,) in con.execute(statement(_PACKAGE, "conversation_ids")).fetchall()]
