"""The interchange folder: which file holds which table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.errors import SourceError, did_you_mean
from staffcast.store.schema import CANONICAL_TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["CONFIG_FILE", "Plan", "file_format", "plan", "table_of"]

CONFIG_FILE = "config.json"

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


def plan(paths: Sequence[Path], *, mapped_table: str | None = None) -> Plan:
    """Find the files to load.

    Args:
        paths: Files and folders. In a folder every file named after a table is taken.
        mapped_table: The table that a mapping gives to every named file.

    Raises:
        SourceError: A path does not exist, a file's table cannot be told, or a folder holds nothing.
    """
    tables: list[tuple[Path, str]] = []
    configs: list[Path] = []
    ignored: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = _folder(path, mapped_table)
            tables += found.tables
            configs += found.configs
            ignored += found.ignored
        elif not path.exists():
            raise SourceError("no such file or folder", path=path, hint="check the path")
        elif path.name == CONFIG_FILE:
            configs.append(path)
        elif mapped_table:
            tables.append((path, mapped_table))
        else:
            tables.append((path, _table_or_raise(path)))
    ordered = sorted(tables, key=lambda entry: (_TABLE_NAMES.index(entry[1]), str(entry[0])))
    return Plan(tuple(dict.fromkeys(ordered)), tuple(configs), tuple(ignored))


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
    configs = tuple(path for path in files if path.name == CONFIG_FILE)
    if mapped_table:
        tables = tuple((path, mapped_table) for path in files if file_format(path))
    else:
        tables = tuple((path, table) for path in files if (table := table_of(path)))
    if not tables:
        what = "is empty" if not files else f"holds no table, only {_listed(files)}"
        raise SourceError(
            f"the folder {what}",
            path=folder,
            hint="it needs conversations.csv or messages.csv, or use --map",
        )
    taken = {path for path, _ in tables} | set(configs)
    return Plan(tables, configs, tuple(path for path in files if path not in taken))


def _table_or_raise(path: Path) -> str:
    table = table_of(path)
    if table:
        return table
    if not file_format(path):
        raise SourceError(
            "not a .csv or .jsonl file (.gz allowed)", path=path, hint="export it as CSV or JSONL"
        )
    stem = path.name.split(".")[0].lower()
    raise SourceError(
        f"cannot tell which table '{path.name}' is",
        path=path,
        hint=f"use --map, or name it after its table; {did_you_mean(stem, _TABLE_NAMES)}",
    )


def _listed(files: Sequence[Path]) -> str:
    names = ", ".join(path.name for path in files[:5])
    return names + (", ..." if len(files) > 5 else "")
