"""Rewriting the warehouse: its file keeps the bytes of deleted rows, a new one never had them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from staffcast.core.errors import WarehouseError
from staffcast.store.sql import statement
from staffcast.store.warehouse import UNFINISHED_FILE, warehouse_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from staffcast.store.warehouse import Warehouse

__all__ = ["copy_database", "rewrite"]

_PACKAGE = "staffcast_pipelines.lifecycle"


def rewrite(warehouse: Warehouse, versions: Mapping[str, str] | None = None) -> None:
    """Copy what the warehouse holds now into a new file and put that in the place of the old one.

    A crash leaves the old file or the new one, whole; an unfinished copy is removed when the warehouse is
    opened the next time.

    Args:
        warehouse: The open warehouse, in no transaction.
        versions: Statements that fill tables of the new file with other rows than the present ones.

    Raises:
        WarehouseError: The disk refuses; the warehouse stays as it was.
    """
    path = warehouse.data_dir / UNFINISHED_FILE
    copy_database(warehouse, path, versions)
    warehouse.replace_file(path)


def copy_database(warehouse: Warehouse, path: Path, versions: Mapping[str, str] | None = None) -> None:
    """Copy what the warehouse holds now into a new database file.

    Args:
        warehouse: The open warehouse, in no transaction.
        path: The new file; one that is there is replaced.
        versions: As for ``rewrite``.

    Raises:
        WarehouseError: The disk refuses; there is no new file.
    """
    log = path.with_name(f"{path.name}.wal")
    try:
        _remove(path, log)
        _write(warehouse.con, path, versions or {})
        is_whole = not log.exists()
    except duckdb.Error as error:
        _remove(path, log)
        raise warehouse_error(error, path) from error
    except OSError as error:
        _remove(path, log)
        raise WarehouseError(
            f"cannot write {path}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error
    if not is_whole:
        _remove(path, log)
        raise WarehouseError(f"{path} could not be finished", hint="run the command again")


def _write(con: duckdb.DuckDBPyConnection, path: Path, versions: Mapping[str, str]) -> None:
    con.execute(statement(_PACKAGE, "attach_new"), [str(path)])
    path.chmod(0o600)
    try:
        _copy(con, versions)
        con.execute(statement(_PACKAGE, "checkpoint_new"))
    finally:
        con.execute(statement(_PACKAGE, "detach_new"))


def _copy(con: duckdb.DuckDBPyConnection, versions: Mapping[str, str]) -> None:
    con.execute(statement(_PACKAGE, "copy_structure"))
    for (table,) in con.execute(statement(_PACKAGE, "tables")).fetchall():
        con.execute(versions.get(table) or statement(_PACKAGE, "copy_rows", table=table))


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
