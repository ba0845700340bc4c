"""The interchange folder or archive: which file holds which table."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from staffcast.core.errors import SourceError, did_you_mean
from staffcast.store.schema import CANONICAL_TABLES
from staffcast_pipelines.reading.archives import members, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CONFIG_FILE", "STDIN", "Plan", "file_format", "plan", "table_of"]

CONFIG_FILE = "config.json"
STDIN = Path("-")
_ARCHIVE = ".zip"

_TABLE_NAMES = [table.name for table in CANONICAL_TABLES]
_FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
# messages.csv, messages-2026-10.csv.gz, messages_2.jsonl, messages.part3.csv
_STEM = re.compile(rf"({'|'.join(_TABLE_NAMES)})(?:[-.].*|_\d.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read.

    Attributes:
        tables: Files with their canonical table, in the order of loading.
        configs: ``config.json`` files.
        ignored: Files that hold no table.
    """

    tables: tuple[tuple[Path, str], ...]
    configs: tuple[Path, ...] = ()
    ignored: tuple[Path, ...] = ()


def plan(paths: Sequence[Path], *, mapped_table: str | None = None, spool_dir: Path | None = None) -> Plan:
    """Find the files to load.

    Args:
        paths: Files, folders and zip archives. In a folder or an archive every file named after a table is
            taken, in an archive under the path ``archive.zip/member.csv``. A link is followed when it is
            named here, not when it lies in a folder. ``-`` is the standard input.
        mapped_table: The table that a mapping gives to every named file.
        spool_dir: Private folder that takes a copy of the standard input, to be removed by the caller.

    Raises:
        SourceError: A path does not exist, a file's table cannot be told, a folder holds nothing or a
            link, or an archive holds something that could do harm.
    """
    paths = [_spooled(spool_dir, mapped_table) if path == STDIN else path for path in paths]
    found = [_found(path, mapped_table) for path in paths]
    tables = [entry for one in found for entry in one.tables]
    ordered = sorted(tables, key=lambda entry: (_TABLE_NAMES.index(entry[1]), str(entry[0])))
    return Plan(
        tuple(dict.fromkeys(ordered)),
        tuple(path for one in found for path in one.configs),
        tuple(path for one in found for path in one.ignored),
    )


def _spooled(folder: Path | None, mapped_table: str | None) -> Path:
    """The standard input as a file, since a file is read twice: once to know it, once to load it."""
    if not mapped_table:
        raise SourceError("what comes from the standard input has no name", hint="say what it is with --map")
    if folder is None:
        raise SourceError("the standard input cannot be read here", hint="name a file")
    path = folder / "stdin"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
    return path


def _found(path: Path, mapped_table: str | None) -> Plan:
    try:
        path.stat()
        is_folder = path.is_dir()
    except FileNotFoundError as error:
        raise SourceError("no such file or folder", path=path, hint="check the path") from error
    except (OSError, ValueError) as error:
        raise SourceError(
            f"cannot be read: {getattr(error, 'strerror', error)}", path=path, hint="check its owner and mode"
        ) from error
    if is_folder:
        return _folder(path, mapped_table)
    if path.suffix.lower() == _ARCHIVE:
        return _several(members(path), mapped_table, path, "archive")
    if path.name == CONFIG_FILE:
        return Plan((), (path,))
    return Plan(((path, mapped_table or _table_or_raise(path)),))


def table_of(path: Path) -> str | None:
    """The table that a file is named after.

    Example:
        >>> from pathlib import Path
        >>> table_of(Path("messages-2026-10.jsonl.gz")), table_of(Path("truth.json"))
        ('messages', None)
    """
    stem = path.name.lower().removesuffix(".gz")
    match = _STEM.fullmatch(stem)
    return match[1] if match and file_format(path) else None


def file_format(path: Path) -> str | None:
    """``csv`` or ``jsonl`` by the file name.

    Example:
        >>> from pathlib import Path
        >>> file_format(Path("agents.CSV.gz"))
        'csv'
    """
    name = path.name.lower().removesuffix(".gz")
    return next((format_ for suffix, format_ in _FORMATS.items() if name.endswith(suffix)), None)


def _folder(folder: Path, mapped_table: str | None) -> Plan:
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=folder, hint="check its mode") from error
    for path in files:
        if path.is_symlink() and _is_taken(path, mapped_table):
            raise SourceError("a link within a folder is not followed", path=path, hint="name its target")
    archives = [path for path in files if path.suffix.lower() == _ARCHIVE]
    within = [_found(path, mapped_table) for path in archives]
    own = [path for path in files if path not in archives]
    found = _several(own, mapped_table, folder, "folder") if own or not archives else Plan(())
    return Plan(
        found.tables + tuple(entry for one in within for entry in one.tables),
        found.configs + tuple(path for one in within for path in one.configs),
        found.ignored + tuple(path for one in within for path in one.ignored),
    )


def _several(files: Sequence[Path], mapped_table: str | None, place: Path, kind: str) -> Plan:
    if mapped_table:
        tables = tuple((path, mapped_table) for path in files if file_format(path))
    else:
        tables = tuple((path, table) for path in files if (table := table_of(path)))
    if not tables:
        what = "is empty" if not files else f"holds no table, only {_listed(files)}"
        raise SourceError(
            f"the {kind} {what}",
            path=place,
            hint="it needs conversations.csv or messages.csv, or use --map",
        )
    configs = tuple(path for path in files if path.name == CONFIG_FILE)
    taken = {path for path, _ in tables} | set(configs)
    return Plan(tables, configs, tuple(path for path in files if path not in taken))


def _is_taken(path: Path, mapped_table: str | None) -> bool:
    is_table = file_format(path) if mapped_table else table_of(path)
    return bool(is_table) or path.name == CONFIG_FILE or path.suffix.lower() == _ARCHIVE


def _table_or_raise(path: Path) -> str:
    table = table_of(path)
    if table:
        return table
    if not file_format(path):
        raise SourceError(
            "not a .csv, .jsonl or .zip file (.gz allowed)", path=path, hint="export it as CSV or JSONL"
        )
    stem = path.name.split(".")[0].lower()
    raise SourceError(
        f"cannot tell which table '{shown(path.name)}' is",
        path=path,
        hint=f"use --map, or name it after its table; {did_you_mean(stem, _TABLE_NAMES)}",
    )


def _listed(files: Sequence[Path]) -> str:
    names = ", ".join(shown(path.name) for path in files[:5])
    return names + (", ..." if len(files) > 5 else "")
