"""Records that are only ever added: one file each beside the warehouse, whole or not there at all.

No record is changed or removed by the program, and two processes that add at once get numbers of their own.
Records hold sums and decisions, no person.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from staffcast.core.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Record", "add_record", "ledger_size", "records"]

_ROOT = "forecasts"
_NAME = re.compile(r"(\d{6,})\.json")


@dataclass(frozen=True)
class Record:
    """One file of a ledger.

    Attributes:
        number: counts up from 1.
        path: the file.
        content: what was stored.
    """

    number: int
    path: Path
    content: dict[str, Any]


def add_record(data_dir: Path, ledger: str, content: Mapping[str, object]) -> Record:
    """Add a record under the next number; only its owner can read it.

    Args:
        data_dir: folder of the warehouse.
        ledger: name of the ledger.
        content: what JSON can hold.

    Raises:
        WarehouseError: the disk refuses; nothing was added.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> add_record(folder, "notes", {"text": "first"}).number
        1
        >>> [record.content["text"] for record in records(folder, "notes")]
        ['first']
    """
    folder = data_dir / _ROOT / ledger
    text = json.dumps(content, ensure_ascii=False)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            number = _link(unfinished, folder)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"cannot write {folder}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error
    return Record(number, _path(folder, number), json.loads(text))


def records(data_dir: Path, ledger: str) -> list[Record]:
    """All records of a ledger, the oldest first.

    Raises:
        WarehouseError: a file is damaged.
    """
    folder = data_dir / _ROOT / ledger
    return [
        Record(number, _path(folder, number), _read(_path(folder, number))) for number in _numbers(folder)
    ]


def ledger_size(data_dir: Path) -> int:
    """How many records all ledgers hold: it changes with each."""
    return sum(len(_numbers(folder)) for folder in (data_dir / _ROOT).glob("*"))


def _link(unfinished: Path, folder: Path) -> int:
    """Give a finished file the next free name; a link never replaces what another process has just added."""
    number = max(_numbers(folder), default=0) + 1
    while True:
        try:
            _path(folder, number).hardlink_to(unfinished)
        except FileExistsError:
            number += 1
        else:
            return number


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return sorted(int(name[1]) for path in folder.iterdir() if (name := _NAME.fullmatch(path.name)))


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise WarehouseError(f"{path} is damaged", hint="restore it from a copy, or move it away") from error
    if not isinstance(content, dict):
        raise WarehouseError(f"{path} is damaged", hint="restore it from a copy, or move it away")
    return content
