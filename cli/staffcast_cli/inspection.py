"""What can be wrong with the folder of a warehouse, found without changing anything in it."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from staffcast.core.errors import StaffcastError, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

__all__ = ["Finding", "Remedy", "Status", "inspect_folder", "leftovers"]

_LOW_DISK_BYTES = 500_000_000
_COPIES = 2
"""An erasure writes the warehouse and the facts anew beside the old ones."""
_RESTORING = "restoring"
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Status(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Remedy(StrEnum):
    """What ``--fix`` can do about a finding."""

    NONE = ""
    REMOVE = "remove"
    REPUBLISH = "republish"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        what: What was looked at.
        status: Whether it is right.
        detail: What was found, and what to do.
        remedy: What ``--fix`` can do about it.
    """

    what: str
    status: Status
    detail: str
    remedy: Remedy = field(default=Remedy.NONE)


def inspect_folder(data_dir: Path) -> Iterator[Finding]:
    """Look at everything that lies in the folder of a warehouse.

    Args:
        data_dir: The folder; nothing in it is changed.
    """
    from staffcast.store.warehouse import WAREHOUSE_FILE

    yield _disk(data_dir)
    if not (data_dir / WAREHOUSE_FILE).exists() and not leftovers(data_dir):
        yield Finding("warehouse", Status.PROBLEM, f"none in {data_dir}: run `staffcast ingest FOLDER` first")
        return
    yield _permissions(data_dir)
    yield _promises(data_dir)
    try:
        with _held(data_dir):
            yield _leftovers(data_dir)
            yield from _inside(data_dir)
    except WarehouseError as error:
        is_busy = "in use" in error.message
        detail = f"{error}; not looked into" if is_busy else str(error)
        yield Finding("lock", Status.NOTE if is_busy else Status.PROBLEM, detail)
        yield from _published(data_dir, None)


@contextmanager
def _held(data_dir: Path) -> Iterator[None]:
    """Keep writers out while their files are looked at."""
    from staffcast.store.locking import FolderLock

    lock = FolderLock(data_dir)
    try:
        yield
    finally:
        lock.release()


def _disk(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir.absolute(), *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    needed = max(_LOW_DISK_BYTES, _COPIES * _size_bytes(data_dir))
    detail = f"{free / 1e9:.1f} GB free at {data_dir}"
    if free >= needed:
        return Finding("disk", Status.OK, detail)
    return Finding("disk", Status.PROBLEM, f"{detail}, {needed / 1e9:.1f} GB may be needed: free some")


def _size_bytes(data_dir: Path) -> int:
    return sum(path.stat().st_size for path in data_dir.rglob("*.duckdb") if path.is_file())


def _permissions(data_dir: Path) -> Finding:
    if os.name == "nt":  # pragma: no cover - modes say nothing there
        return Finding("permissions", Status.OK, "not looked at on Windows")
    secret = [*data_dir.glob("*.duckdb"), *data_dir.glob("*.key"), *data_dir.glob("generations/*.duckdb")]
    files = [path for path in secret if path.stat().st_mode & _FOR_OTHERS]
    if data_dir.stat().st_mode & _FOR_OTHERS:
        return Finding(
            "permissions", Status.PROBLEM, f"others may enter {data_dir}: run `chmod 700 {data_dir}`"
        )
    if files:
        names = " ".join(map(str, sorted(files)))
        return Finding("permissions", Status.PROBLEM, f"others may read {names}: run `chmod 600` on them")
    return Finding("permissions", Status.OK, "for their owner only")


def _promises(data_dir: Path) -> Finding:
    """Published forecasts and what was decided about them by hand."""
    from staffcast.planning import kept_days, overrides, published

    try:
        detail = f"{len(published(data_dir))} published, {len(overrides(data_dir))} overrides"
        kept_days(data_dir)
    except StaffcastError as error:
        return Finding("forecasts", Status.PROBLEM, str(error))
    return Finding("forecasts", Status.OK, detail)


def leftovers(data_dir: Path) -> list[Path]:
    """What a crash left behind and nobody needs."""
    from staffcast.store.warehouse import SPILL_FOLDER, UNFINISHED_FILE

    names = (SPILL_FOLDER, UNFINISHED_FILE, f"{UNFINISHED_FILE}.wal", _RESTORING)
    found = [path for name in names if (path := data_dir / name).exists()]
    found += [
        *data_dir.glob("*.tmp"),
        *data_dir.glob("generations/*.tmp*"),
        *data_dir.glob("forecasts/*/*.tmp"),
    ]
    generations = sorted(data_dir.glob("generations/gen-*.duckdb"))
    return sorted(found + generations[:-2])


def _leftovers(data_dir: Path) -> Finding:
    from staffcast.store.warehouse import REPLACED_FOLDERS

    if any((data_dir / name).exists() for name in REPLACED_FOLDERS):
        names = ", ".join(name for name in (*REPLACED_FOLDERS, _RESTORING) if (data_dir / name).exists())
        detail = f"a restore was cut off ({names}): run `staffcast restore FILE --force` again"
        return Finding("leftovers", Status.PROBLEM, detail)
    names = ", ".join(str(path.relative_to(data_dir)) for path in leftovers(data_dir))
    if not names:
        return Finding("leftovers", Status.OK, "none")
    detail = f"a crash left {names}: run `staffcast doctor --fix`, or the command that was cut off again"
    return Finding("leftovers", Status.PROBLEM, detail, Remedy.REMOVE)


def _inside(data_dir: Path) -> Iterator[Finding]:
    import duckdb

    from staffcast.store.reader import LOCKED_DOWN
    from staffcast.store.warehouse import WAREHOUSE_FILE, warehouse_error

    path = data_dir / WAREHOUSE_FILE
    last_load_id: int | None = None
    try:
        with duckdb.connect(path, read_only=True, config=LOCKED_DOWN) as con:
            tables = {name for (name,) in con.sql("select table_name from duckdb_tables()").fetchall()}
            yield _contents(con, path, tables)
            if tables <= {"schema_version"}:  # a crash came before the first table
                last_load_id = 0
            if "loads" in tables:
                last_load_id = con.sql("select coalesce(max(load_id), 0) from loads").fetchall()[0][0]
                yield _key(con, data_dir, tables, has_loads=bool(last_load_id))
            if "policies" in tables:
                yield from _duties(con)
    except duckdb.Error as error:
        yield Finding("warehouse", Status.PROBLEM, str(warehouse_error(error, path)))
    yield from _published(data_dir, last_load_id)


def _contents(con: duckdb.DuckDBPyConnection, path: Path, tables: set[str]) -> Finding:
    """The version, and whether every block of every table can be read: DuckDB keeps a checksum of each."""
    from staffcast.store.schema import SCHEMA_VERSION

    if tables and "schema_version" not in tables:
        detail = f"{path} is a database, but not of staffcast: use another --data-dir"
        return Finding("warehouse", Status.PROBLEM, detail)
    version = (
        con.sql("select coalesce(max(version), 0) from schema_version").fetchall()[0][0] if tables else 0
    )
    if version > SCHEMA_VERSION:
        detail = f"schema version {version}, this staffcast knows {SCHEMA_VERSION}: upgrade staffcast"
        return Finding("warehouse", Status.PROBLEM, detail)
    _read_all(con, tables)
    n_loads = con.sql("select count(*) from loads").fetchall()[0][0] if "loads" in tables else 0
    notes = []
    if version < SCHEMA_VERSION:
        to_do = f"the next command brings it to {SCHEMA_VERSION}: back it up first"
        notes.append(f"schema version {version}, {to_do}" if n_loads else f"schema version {version}")
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        notes.append(f"a crash left {log.name}, the next command takes it in")
    detail = "; ".join([f"{n_loads:,} files loaded", *notes])
    return Finding("warehouse", Status.NOTE if notes else Status.OK, detail)


def _read_all(con: duckdb.DuckDBPyConnection, tables: set[str]) -> None:
    from staffcast.store.sql import statement

    for table in sorted(tables):
        con.execute(statement(__package__, "read_all", table=table)).fetchall()


def _key(con: duckdb.DuckDBPyConnection, data_dir: Path, tables: set[str], *, has_loads: bool) -> Finding:
    from staffcast_pipelines.loading.key_files import KEY_CHECK, NEXT_KEY_FILE, key_check
    from staffcast_pipelines.loading.keys import KEY_FILE, Keyring

    path, following = data_dir / KEY_FILE, data_dir / NEXT_KEY_FILE
    if not path.exists() and not has_loads:
        return Finding("key", Status.OK, "made when the first file is loaded")
    if not path.exists():
        detail = f"{path} is missing, and loaded data were hashed with it: restore it from a backup"
        return Finding("key", Status.PROBLEM, detail)
    if following.exists():
        detail = f"a rotation was cut off and left {following.name}: run `staffcast doctor --fix`"
        return Finding("key", Status.PROBLEM, detail, Remedy.REPUBLISH)
    try:
        found = key_check(Keyring.read(path))
    except WarehouseError as error:
        return Finding("key", Status.PROBLEM, str(error))
    known = con.sql("select key, value from policies").fetchall() if "policies" in tables else []
    if dict(known).get(KEY_CHECK, found) != found:
        detail = f"{path} is not the key of this warehouse: restore the one that is from a backup"
        return Finding("key", Status.PROBLEM, detail)
    return Finding("key", Status.OK, f"{path.name} fits")


def _duties(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """What was cut off half-way, and the backups that erasures have to reach."""
    cut_off = con.sql("select value from policies where key = 'unfinished'").fetchall()
    if cut_off:
        detail = f"{cut_off[0][0]} was cut off: run `staffcast doctor --fix`, or it again"
        yield Finding("unfinished", Status.PROBLEM, detail, Remedy.REPUBLISH)
    paths = [Path(path) for (path,) in con.sql("select path from backups order by made_at").fetchall()]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        detail = f"not where they were made, so erasures cannot reach them: {', '.join(missing)}"
        yield Finding("backups", Status.NOTE, detail)
    elif not paths:
        yield Finding("backups", Status.NOTE, "none known: run `staffcast backup FILE`")
    else:
        yield Finding("backups", Status.OK, f"{len(paths)} known, the last {paths[-1]}")


def _published(data_dir: Path, last_load_id: int | None) -> Iterator[Finding]:
    """Whether the facts can be read, whole, and are of the last load."""
    from staffcast.store.generations import current_generation, open_generation
    from staffcast.store.sql import statement

    try:
        if last_load_id == 0 and current_generation(data_dir) is None:
            return
        with open_generation(data_dir) as reader:
            for table in reader.run("select table_name from duckdb_tables()")["table_name"]:
                reader.run(statement(__package__, "read_all", table=table))
            notes = dict(reader.run("select key, value from build_info").rows())
            generation = reader.generation
    except StaffcastError as error:
        yield Finding("published data", Status.PROBLEM, f"{error}", Remedy.REPUBLISH)
        return
    built = int(notes.get("built_load_id", 0))
    detail = f"generation {generation.number} of {generation.published_at}"
    if last_load_id is not None and built != last_load_id:
        detail += f" lacks the last {last_load_id - built} loads: run `staffcast doctor --fix`"
        yield Finding("published data", Status.PROBLEM, detail, Remedy.REPUBLISH)
    else:
        yield Finding("published data", Status.OK, detail)
