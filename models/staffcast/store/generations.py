"""Published generations: the facts, in files that readers open while the warehouse has its one writer.

A generation is written under an unfinished name, complete before it gets its own, and current only once
the pointer names it: a reader sees the old state or the new one, and a crash leaves the old one in force.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from staffcast.core.errors import WarehouseError
from staffcast.store.reader import DEFAULT_TIME_LIMIT_S, LOCKED_DOWN, Reader
from staffcast.store.sql import fill
from staffcast.store.warehouse import first_line, warehouse_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from staffcast.store.warehouse import Warehouse

__all__ = ["Draft", "Generation", "Reader", "current_generation", "draft", "open_generation", "publish"]

_FOLDER = "generations"
_POINTER = "current.json"
_KEPT = 2
_NAME = re.compile(r"gen-(\d{6,})\.duckdb")
_STORAGE_FAULTS = (
    duckdb.IOException,
    duckdb.TransactionException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.SerializationException,
)


@dataclass(frozen=True, slots=True)
class Generation:
    """One published state of the facts.

    Attributes:
        number: Counts up with each publication.
        path: The database file.
        published_at: ISO 8601 instant of the publication.
        as_of_us: The instant up to which the data are known, in UTC microseconds.
        meta: What the publisher noted beside it.
    """

    number: int
    path: Path
    published_at: str
    as_of_us: int | None
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A generation in the making.

    Databases are attached to the warehouse's connection: ``work``, empty and in memory, for what the build
    needs on its way; ``base``, the generation before, until the draft begins; ``facts``, its own file, from
    then on. Plain names are looked up in ``work``, then in the warehouse, then in ``facts``. No transaction
    spans the statements: nobody sees the file before its last step, a rename.

    Attributes:
        warehouse: The open warehouse.
        number: Number of the generation to be.
        path: Where it will be.
        base: The generation before, if it can be read.
    """

    warehouse: Warehouse
    number: int
    path: Path
    base: Generation | None = None

    @property
    def unfinished(self) -> Path:
        """The file while it is being written."""
        return self.path.with_name(f"{self.path.name}.tmp")

    def begin(self, *, from_base: bool = False) -> None:
        """Make the file: empty, or as a copy of the generation before.

        A copy keeps the bytes of deleted rows, so after an erasure there must be none.
        """
        con = self.warehouse.con
        con.execute("set search_path = 'work.main,warehouse.main'")
        con.execute("detach database if exists base")
        if from_base and self.base is not None:
            shutil.copyfile(self.base.path, self.unfinished)
        con.execute("attach ? as facts", [str(self.unfinished)])
        self.unfinished.chmod(0o600)
        con.execute("set search_path = 'work.main,warehouse.main,facts.main'")

    def copy_tables(self, tables: Iterable[str]) -> None:
        """Copy tables of the warehouse into the generation, in place of those it may have.

        Raises:
            WarehouseError: The warehouse lacks one of them.
        """
        con = self.warehouse.con
        for table in tables:
            con.execute(fill("drop table if exists {{copy}}", copy=f"facts.{table}"))
            try:
                con.table(f"warehouse.main.{table}").create(f"facts.main.{table}")
            except duckdb.CatalogException as error:
                raise WarehouseError(f"cannot publish: {first_line(error)}") from error

    def publish(
        self, *, now: datetime, as_of_us: int | None = None, meta: Mapping[str, str] | None = None
    ) -> Generation:
        """Make it the current generation; only the one before it is kept.

        Args:
            now: The instant of publication.
            as_of_us: The instant up to which the data are known, in UTC microseconds.
            meta: Texts to keep beside the generation.
        """
        self.warehouse.con.execute("checkpoint facts")
        _detach(self.warehouse)
        generation = Generation(self.number, self.path, now.isoformat(), as_of_us, dict(meta or {}))
        _sync(self.unfinished)
        self.unfinished.replace(self.path)
        _point_to(generation)
        _remove(path for path in self.path.parent.iterdir() if 0 < _number(path) <= self.number - _KEPT)
        return generation


@contextmanager
def draft(warehouse: Warehouse, *, base: Generation | None = None) -> Iterator[Draft]:
    """Begin a new generation; what is not published by the end is removed.

    Args:
        warehouse: The open warehouse; being its only writer makes this the only publisher.
        base: The generation before, to compare with and to begin from.

    Raises:
        WarehouseError: The file cannot be written; the current generation stays as it was.
    """
    folder = warehouse.data_dir / _FOLDER
    path = folder
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
        _remove(path for path in folder.iterdir() if ".tmp" in path.name)
        number = max((_number(path) for path in folder.iterdir()), default=0) + 1
        path = folder / f"gen-{number:06d}.duckdb"
        yield Draft(warehouse, number, path, _attach(warehouse, base))
    except OSError as error:
        raise WarehouseError(
            f"cannot publish to {folder}: {error.strerror}", hint="check its owner, mode and free space"
        ) from error
    except _STORAGE_FAULTS as error:
        raise warehouse_error(error, path) from error
    finally:
        with suppress(duckdb.Error):
            _detach(warehouse)
        with suppress(OSError):
            _remove(path for path in folder.iterdir() if ".tmp" in path.name)


def publish(
    warehouse: Warehouse,
    tables: Sequence[str],
    *,
    now: datetime,
    as_of_us: int | None = None,
    meta: Mapping[str, str] | None = None,
) -> Generation:
    """Publish copies of tables of the warehouse, and nothing else, as a generation.

    Args:
        warehouse: The open warehouse.
        tables: Names of the tables to copy.
        now: The instant of publication.
        as_of_us: The instant up to which the data are known, in UTC microseconds.
        meta: Texts to keep beside the generation.

    Raises:
        WarehouseError: The new file cannot be written; the current generation stays as it was.
    """
    with draft(warehouse) as started:
        started.begin()
        started.copy_tables(tables)
        return started.publish(now=now, as_of_us=as_of_us, meta=meta)


def current_generation(data_dir: Path) -> Generation | None:
    """Return the generation that readers should open, or None before the first publication.

    Raises:
        WarehouseError: The pointer is damaged.
    """
    pointer = data_dir / _FOLDER / _POINTER
    try:
        raw = json.loads(pointer.read_text(encoding="utf-8"))
        return Generation(
            number=int(raw["number"]),
            path=pointer.parent / _own_name(str(raw["file"])),
            published_at=str(raw["published_at"]),
            as_of_us=raw["as_of_us"],
            meta={str(key): str(value) for key, value in raw["meta"].items()},
        )
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WarehouseError(
            f"{pointer} is damaged", hint="run `staffcast ingest` again to publish anew"
        ) from error


def open_generation(data_dir: Path, *, time_limit_s: float = DEFAULT_TIME_LIMIT_S) -> Reader:
    """Open the current generation read-only, without access to other files, extensions or settings.

    Args:
        data_dir: Folder of the warehouse.
        time_limit_s: Seconds after which a query is stopped.

    Raises:
        WarehouseError: There is none yet, or its file is missing or damaged.
    """
    generation = current_generation(data_dir)
    if generation is None:
        raise WarehouseError(f"no data in {data_dir} yet", hint="run `staffcast ingest FOLDER` first")
    if not generation.path.is_file():
        raise WarehouseError(
            f"the published file {generation.path} is missing", hint="run `staffcast ingest FOLDER` again"
        )
    try:
        con = duckdb.connect(generation.path, read_only=True, config=LOCKED_DOWN)
    except duckdb.Error as error:
        raise WarehouseError(
            f"cannot read {generation.path}: {first_line(error)}",
            hint="remove the file and run `staffcast ingest FOLDER` again",
        ) from error
    return Reader(generation, con, time_limit_s=time_limit_s)


def _attach(warehouse: Warehouse, base: Generation | None) -> Generation | None:
    """Attach ``work`` and, if it can be read, ``base``."""
    con = warehouse.con
    con.execute("attach ':memory:' as work")
    con.execute("set search_path = 'work.main,warehouse.main'")
    if base is None or not base.path.is_file():
        return None
    try:
        con.execute("attach ? as base (read_only)", [str(base.path)])
    except duckdb.Error:  # damaged: the facts are made from the warehouse instead
        return None
    return base


def _detach(warehouse: Warehouse) -> None:
    con = warehouse.con
    con.execute("reset search_path")
    for name in ("work", "base", "facts"):
        con.execute(fill("detach database if exists {{name}}", name=name))


def _point_to(generation: Generation) -> None:
    pointer = generation.path.parent / _POINTER
    unfinished = pointer.with_name(f"{_POINTER}.tmp")
    unfinished.write_text(
        json.dumps(
            {
                "number": generation.number,
                "file": generation.path.name,
                "published_at": generation.published_at,
                "as_of_us": generation.as_of_us,
                "meta": generation.meta,
            }
        ),
        encoding="utf-8",
    )
    _sync(unfinished)
    unfinished.replace(pointer)
    _sync(pointer.parent)


def _own_name(text: str) -> str:
    """A name that a generation may have; a damaged pointer must not lead to another folder."""
    if not _NAME.fullmatch(text):
        raise ValueError(text)
    return text


def _number(path: Path) -> int:
    match = _NAME.match(path.name)
    return int(match[1]) if match else 0


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        with suppress(FileNotFoundError):
            path.unlink()


def _sync(path: Path) -> None:
    if os.name == "nt":  # pragma: no cover - folders and read handles cannot be flushed there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
