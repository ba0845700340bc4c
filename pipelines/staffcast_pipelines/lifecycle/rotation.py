"""A new key: every stored hash is hashed once more, so that the old key file opens nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.core.errors import WarehouseError
from staffcast.store.schema import CANONICAL_TABLES, Kind, Table
from staffcast.store.sql import statement
from staffcast_pipelines.lifecycle.rewriting import rewrite
from staffcast_pipelines.loading.key_files import NEXT_KEY_FILE, key_check, open_keyring
from staffcast_pipelines.loading.keys import KEY_FILE

if TYPE_CHECKING:
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.loading.keys import Keyring

__all__ = ["rotate_to"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_HASHES = {
    "identities": ("external_hash", "customer_key"),
    "tombstones": ("external_hash",),
    "customer_terms": ("customer_key", "term_hash"),
    "quarantine": ("row_hash",),
}


def rotate_to(warehouse: Warehouse, keyring: Keyring) -> None:
    """Put the warehouse under a keyring that has one key more than its own.

    The new key file is written beside the old one first. Which of the two fits is told by the database
    file, whose replacement is the one step that either happens or does not.

    Args:
        warehouse: The open warehouse, in no transaction.
        keyring: The keyring to be.

    Raises:
        WarehouseError: The disk refuses; the warehouse stays as it was.
    """
    con = warehouse.con
    following = warehouse.data_dir / NEXT_KEY_FILE
    keyring.save(following)
    keyring.install(con)
    con.execute(statement(_PACKAGE, "set_key_check"), [key_check(keyring)])
    con.execute(statement(_PACKAGE, "rotate_functions"))
    rewrite(warehouse, _versions())
    try:
        following.replace(warehouse.data_dir / KEY_FILE)
    except OSError as error:
        raise WarehouseError(
            f"cannot rename {following}: {error.strerror}", hint="run any command again: it does so first"
        ) from error
    open_keyring(warehouse)


def _versions() -> dict[str, str]:
    versions = {table.name: _version(table) for table in CANONICAL_TABLES}
    versions["messages"] = statement(_PACKAGE, "rotate_messages")
    for table, columns in _HASHES.items():
        versions[table] = statement(_PACKAGE, "rotate_hashes", table=table, hashes=columns)
    versions["policies"] = statement(_PACKAGE, "rotate_policies")
    versions["replaced_keys"] = statement(_PACKAGE, "rotate_nothing")
    return versions


def _version(table: Table) -> str:
    names = dict(table.stored_columns)
    return statement(
        _PACKAGE,
        "rotate_rows",
        table=table.name,
        hashes=tuple(name for name in ("customer_key",) if name in names),
        ids=table.key if table.identity else (),
        agents=tuple(column.name for column in table.columns if column.kind is Kind.AGENT),
    )
