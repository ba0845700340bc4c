"""Published generations: read-only copies that readers open while the warehouse has its one writer.

A generation is complete before it gets its name, and current only once the pointer names it, so a
reader sees the old state or the new one. It is written table by table, never copied as a file: a copied
file would still hold the bytes of deleted rows.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from staffcast.core.errors import WarehouseError
from staffcast.store.reader import Reader
from staffcast.store.warehouse import first_line, warehouse_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from staffcast.store.warehouse import Warehouse

__all__ = ["Generation", "Reader", "current_generation", "open_generation", "publish"]

_LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
_FOLDER = "generations"
_POINTER = "current.json"
_KEPT = 2
_NAME = re.compile(r"gen-(\d{6,})\.duckdb")


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


def publish(
    warehouse: Warehouse,
    tables: Sequence[str],
    *,
    now: datetime,
    as_of_us: int | None = None,
    meta: Mapping[str, str] | None = None,
) -> Generation:
    """Write the given tables of the warehouse into a new generation and make it the current one.

    Args:
        warehouse: The open warehouse; being its only writer makes this the only publisher.
        tables: Names of the tables to copy.
        now: The instant of publication.
        as_of_us: The instant up to which the data are known, in UTC microseconds.
        meta: Texts to keep beside the generation.

    Raises:
        WarehouseError: The new file cannot be written; the current generation stays as it was.
    """
    folder = warehouse.data_dir / _FOLDER
    try:
        folder.mkdir(exist_ok=True)
        _remove(path for path in folder.iterdir() if ".tmp" in path.name)
        number = max((_number(path) for path in folder.iterdir()), default=0) + 1
        generation = Generation(
            number, folder / f"gen-{number:06d}.duckdb", now.isoformat(), as_of_us, dict(meta or {})
        )
        unfinished = folder / f"{generation.path.name}.tmp"
        _write(warehouse, tables, unfinished)
        _sync(unfinished)
        unfinished.chmod(0o600)
        unfinished.replace(generation.path)
        _point_to(generation)
        _remove(path for path in folder.iterdir() if 0 < _number(path) <= number - _KEPT)
    except OSError as error:
        raise WarehouseError(
            f"cannot publish to {folder}: {error.strerror}", hint="check its owner, mode and free space"
        ) from error
    return generation


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


def open_generation(data_dir: Path) -> Reader:
    """Open the current generation read-only, without access to other files, extensions or settings.

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
        con = duckdb.connect(generation.path, read_only=True, config=_LOCKED_DOWN)
    except duckdb.Error as error:
        raise WarehouseError(
            f"cannot read {generation.path}: {first_line(error)}",
            hint="remove the file and run `staffcast ingest FOLDER` again",
        ) from error
    return Reader(generation, con)


def _write(warehouse: Warehouse, tables: Sequence[str], path: Path) -> None:
    con = warehouse.con
    try:
        con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as generation")
        try:
            for table in tables:
                name = '"' + table.replace('"', '""') + '"'
                con.execute(f"create table generation.{name} as from {name}")
            con.execute("checkpoint generation")
        finally:
            con.execute("detach generation")
    except duckdb.CatalogException as error:
        _remove([path])
        raise WarehouseError(f"cannot publish: {first_line(error)}", hint="build the facts first") from error
    except duckdb.Error as error:
        _remove([path])
        raise warehouse_error(error, path) from error


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
