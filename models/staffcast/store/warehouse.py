"""The warehouse: one DuckDB file, one writer, numbered migrations, transactions that name their failures."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager, suppress
from importlib import resources
from typing import TYPE_CHECKING
from weakref import WeakSet

import duckdb

from staffcast.core.errors import WarehouseError
from staffcast.store.locking import FolderLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

__all__ = [
    "RECORD_FOLDERS",
    "REPLACED_FOLDERS",
    "SPILL_FOLDER",
    "UNFINISHED_FILE",
    "WAREHOUSE_FILE",
    "Warehouse",
    "connect",
    "first_line",
    "interrupt_all",
    "sync",
    "warehouse_error",
]

WAREHOUSE_FILE = "warehouse.duckdb"
SPILL_FOLDER = "spill"
"""Where DuckDB puts what does not fit into memory; removed when the warehouse is opened and closed."""
UNFINISHED_FILE = f"{WAREHOUSE_FILE}.new"
"""A copy that is to take the place of the database; what a crash left of it is removed on opening."""
REPLACED_FOLDERS = ("replacing", "replaced")
RECORD_FOLDERS = ("closes", "forecasts")
"""What was told to others: months closed, forecasts published. Part of a backup, and kept by a restore."""
"""Where a restore puts the present files aside: while it does so, and while the new ones come in."""
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_STORAGE_FAULTS = (
    duckdb.IOException,
    duckdb.TransactionException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)


class Warehouse:
    """The canonical tables, open for writing by this process alone.

    Attributes:
        con: The DuckDB connection.
        data_dir: The folder that holds the database, its key and its generations.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with Warehouse.open(Path(tempfile.mkdtemp()), create=True) as warehouse:
        ...     warehouse.con.sql("select count(*) from messages").fetchall()
        [(0,)]
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, data_dir: Path, lock: FolderLock) -> None:
        self.con = con
        self.data_dir = data_dir
        self._lock = lock
        self._depth = 0
        _OPEN.add(self)

    @classmethod
    def open(cls, data_dir: Path, *, create: bool = False) -> Self:
        """Open ``data_dir/warehouse.duckdb`` and bring it to the current schema version.

        Args:
            data_dir: The folder of the warehouse.
            create: Make the folder and an empty database where there is none.

        Raises:
            WarehouseError: It is missing, locked, not a warehouse, corrupt, or of a newer version.
        """
        path = data_dir / WAREHOUSE_FILE
        if any((data_dir / name).exists() for name in REPLACED_FOLDERS):
            raise WarehouseError(
                f"a restore into {data_dir} was cut off", hint="run `staffcast restore` again"
            )
        if not path.exists():
            if not create:
                raise WarehouseError(f"no warehouse at {path}", hint="run `staffcast ingest FOLDER` first")
            _make_folder(data_dir)
        lock = FolderLock(data_dir)
        try:
            _remove_leftovers(data_dir)
            if not path.exists():
                _create(path, data_dir)
            warehouse = cls(connect(path, data_dir), data_dir, lock)
        except BaseException:
            lock.release()
            raise
        try:
            warehouse._migrate()
        except BaseException:
            warehouse.close()
            raise
        return warehouse

    @property
    def path(self) -> Path:
        """The database file."""
        return self.data_dir / WAREHOUSE_FILE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, _STORAGE_FAULTS):  # a damaged block, met by whatever statement reads it first
            raise warehouse_error(error, self.path) from error

    def close(self) -> None:
        """Close the file, remove what was spilled and let the next process in."""
        self.con.close()
        _remove_leftovers(self.data_dir)
        self._lock.release()

    def replace_file(self, path: Path) -> None:
        """Put a finished database file in the place of this one, and go on with it under the same lock.

        Args:
            path: The file, in the same folder; it is moved.

        Raises:
            WarehouseError: The disk refuses; the warehouse stays as it was.
        """
        self.con.close()
        try:
            if self.path.with_name(f"{WAREHOUSE_FILE}.wal").exists():
                raise WarehouseError(  # a log of the old file must never be applied to the new one
                    f"{self.path} has unsaved changes", hint="free disk space, then run the command again"
                )
            sync(path)
            path.replace(self.path)
            sync(self.data_dir)
        except OSError as error:
            raise WarehouseError(
                f"cannot replace {self.path}: {error.strerror}", hint="check the owner and mode of the folder"
            ) from error
        finally:
            self.con = connect(self.path, self.data_dir)

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """Store everything done inside, or nothing; an inner transaction belongs to the outer one.

        Args:
            keep: False rolls back at the end, for a rehearsal.

        Raises:
            WarehouseError: The disk is full or the file cannot be written; nothing was stored.
        """
        if self._depth:
            yield
            return
        self.con.execute("begin")
        self._depth += 1
        try:
            yield
            self.con.execute("commit" if keep else "rollback")
        except BaseException as error:
            with suppress(duckdb.Error):
                self.con.execute("rollback")
            if isinstance(error, _STORAGE_FAULTS):
                raise warehouse_error(error, self.path) from error
            raise
        finally:
            self._depth -= 1

    def _migrate(self) -> None:
        try:
            version = self._version()
            migrations = _migrations()
            if version > max(migrations):
                raise WarehouseError(
                    f"{self.path} has schema version {version}, this staffcast knows {max(migrations)}",
                    hint="upgrade staffcast, or use another --data-dir",
                )
            for number in sorted(number for number in migrations if number > version):
                with self.transaction():
                    self.con.execute(migrations[number])
                    self.con.execute("insert into schema_version values (?)", [number])
        except duckdb.Error as error:
            raise warehouse_error(error, self.path) from error

    def _version(self) -> int:
        tables = {name for (name,) in self.con.sql("select table_name from duckdb_tables()").fetchall()}
        if tables and "schema_version" not in tables:
            raise WarehouseError(
                f"{self.path} is a database, but not of staffcast", hint="use another --data-dir"
            )
        if not tables:
            self.con.execute("create table schema_version (version BIGINT PRIMARY KEY)")
        rows = self.con.sql("select coalesce(max(version), 0) from schema_version").fetchall()
        return int(rows[0][0])


_OPEN: WeakSet[Warehouse] = WeakSet()


def interrupt_all() -> None:
    """Stop the statement that runs in an open warehouse; for another thread than the one it runs in."""
    for warehouse in list(_OPEN):
        with suppress(duckdb.Error):  # closed
            warehouse.con.interrupt()


def connect(path: Path, data_dir: Path) -> duckdb.DuckDBPyConnection:
    """Open a database file for writing, spilling inside the folder of the warehouse only.

    Raises:
        WarehouseError: It is locked, corrupt or not writable.
    """
    try:
        con = duckdb.connect(path, config=_CONFIG | {"temp_directory": str(data_dir / SPILL_FOLDER)})
        con.execute("set enable_progress_bar = false")  # it would write into our output
    except duckdb.Error as error:
        raise warehouse_error(error, path) from error
    return con


def warehouse_error(error: duckdb.Error, path: Path) -> WarehouseError:
    """Say in one line what a DuckDB failure means for the file at ``path`` and what to do.

    Example:
        >>> from pathlib import Path
        >>> locked = duckdb.IOException("Conflicting lock is held in /usr/bin/python3 (PID 42).")
        >>> print(warehouse_error(locked, Path("w.duckdb")))
        w.duckdb is in use by process 42 (wait for it to end, or stop it)
        >>> full = duckdb.OutOfMemoryException("failed to pin block of size 256.0 KiB (4.0 GiB/4.0 GiB used)")
        >>> print(warehouse_error(full, Path("w.duckdb")))
        out of memory while working on w.duckdb (nothing was stored; free memory, or use a machine with more)
    """
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return WarehouseError(
            f"out of memory while working on {path}",
            hint="nothing was stored; free memory, or use a machine with more",
        )
    if "lock" in text and (holder := re.search(r"PID (\d+)", text)):
        return WarehouseError(
            f"{path} is in use by process {holder[1]}", hint="wait for it to end, or stop it"
        )
    if "different configuration" in text or "lock" in text:
        return WarehouseError(f"{path} is already open", hint="close the other connection to it")
    if re.search(r"(?i)no space|disk full|file too large|could not write|failed to (write|commit)", text):
        return WarehouseError(
            f"cannot write {path}, nothing was stored", hint="free disk space, then run the command again"
        )
    if "Permission denied" in text or "read-only" in text.lower():
        return WarehouseError(f"no permission to write {path}", hint="check its owner and mode")
    reason = first_line(error).replace(f' "{path}"', "")
    return WarehouseError(
        f"{path} cannot be read as a warehouse: {reason}",
        hint="restore it from a backup, or remove it and ingest again",
    )


def first_line(error: duckdb.Error) -> str:
    """The first line of a DuckDB message, without its category."""
    return str(error).splitlines()[0].split(": ", 1)[-1]


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if os.name == "nt":  # pragma: no cover - folders and read handles cannot be flushed there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_leftovers(data_dir: Path) -> None:
    shutil.rmtree(data_dir / SPILL_FOLDER, ignore_errors=True)
    for name in (UNFINISHED_FILE, f"{UNFINISHED_FILE}.wal"):
        with suppress(OSError):
            (data_dir / name).unlink()


def _create(path: Path, data_dir: Path) -> None:
    """Make an empty database that only its owner can read, whole or not at all."""
    unfinished = data_dir / UNFINISHED_FILE
    try:
        connect(unfinished, data_dir).close()
        unfinished.chmod(0o600)
        sync(unfinished)
        unfinished.replace(path)
        sync(data_dir)
    except OSError as error:
        raise WarehouseError(
            f"cannot create {path}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error


def _make_folder(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise WarehouseError(
            f"cannot create the folder {data_dir}: {error.strerror}", hint="choose another --data-dir"
        ) from error


def _migrations() -> dict[int, str]:
    folder = resources.files("staffcast.store") / "migrations"
    return {
        int(entry.name.split("_")[0]): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }
