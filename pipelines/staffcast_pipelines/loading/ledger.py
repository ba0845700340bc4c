"""The ledger: what became of every row of every file, and the equation that it obeys."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb

    from staffcast_pipelines.loading.keys import Keyring
    from staffcast_pipelines.loading.staging import Origin
    from staffcast_pipelines.reading.raw import BadRow

__all__ = ["Entry", "FileLoad", "IngestReport", "Reason", "next_load_id", "previous_load", "reasons", "write"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows of a file were not loaded.

    Attributes:
        text: The reason, with the column at fault.
        n: How many rows.
        first_line: Line of the first of them, or None where it does not matter.
    """

    text: str
    n: int
    first_line: int | None = None


@dataclass(frozen=True, slots=True)
class FileLoad:
    """What became of the rows of one file.

    Attributes:
        file: Name of the file.
        table: Canonical table.
        n_rows: Rows of the file; blank lines and the header are none.
        n_new: Stored for the first time.
        n_updated: Replaced an older version of the row.
        n_duplicate: Equal to a row that is stored.
        n_quarantined: Could not be loaded.
        n_skipped: Left out on purpose: older versions, repeated headers, a file loaded before.
        n_suppressed: Left out because the person asked to be erased.
        reasons: Why rows were quarantined or skipped, and what is doubtful in rows that were loaded.
        columns_as_extra: Unknown columns, kept in ``extra``.
        already_loaded: The same content was loaded before with the same settings; nothing changed.
    """

    file: str
    table: str
    n_rows: int
    n_new: int = 0
    n_updated: int = 0
    n_duplicate: int = 0
    n_quarantined: int = 0
    n_skipped: int = 0
    n_suppressed: int = 0
    reasons: tuple[Reason, ...] = ()
    columns_as_extra: tuple[str, ...] = ()
    already_loaded: bool = False

    @property
    def is_balanced(self) -> bool:
        """Every row of the file is accounted for exactly once.

        Example:
            >>> FileLoad("a.csv", "agents", n_rows=3, n_new=2, n_duplicate=1).is_balanced
            True
        """
        parts = (
            self.n_new,
            self.n_updated,
            self.n_duplicate,
            self.n_quarantined,
            self.n_skipped,
            self.n_suppressed,
        )
        return self.n_rows == sum(parts)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of all files of one ingest.

    Attributes:
        files: One entry a file, in the order of loading.
        ignored: Files of the folder that are no tables.
        has_new_config: ``config.json`` changed what was stored of it.
        is_dry_run: Nothing was stored.
    """

    files: tuple[FileLoad, ...]
    ignored: tuple[str, ...] = ()
    has_new_config: bool = False
    is_dry_run: bool = False

    @property
    def is_balanced(self) -> bool:
        """Every row of every file is accounted for exactly once."""
        return all(load.is_balanced for load in self.files)

    @property
    def has_changed(self) -> bool:
        """A stored row or setting is new or different."""
        return self.has_new_config or any(load.n_new or load.n_updated for load in self.files)

    def total(self, count: str) -> int:
        """Sum of one count over all files.

        Example:
            >>> IngestReport((FileLoad("a.csv", "agents", 2, n_new=2),)).total("n_new")
            2
        """
        return sum(getattr(load, count) for load in self.files)


@dataclass(frozen=True, slots=True)
class Entry:
    """What identifies a load in the ledger.

    Attributes:
        load_id: Number of the load.
        origin: Where the file comes from.
        sha256: Fingerprint of its content.
        settings_hash: Fingerprint of the settings it was loaded with.
        now: When.
    """

    load_id: int
    origin: Origin
    sha256: str
    settings_hash: str
    now: datetime


def reasons(bad: Sequence[BadRow], skipped: MappingType[str, int]) -> tuple[Reason, ...]:
    """Group the rows that were not loaded by why, the commonest first."""
    texts = [f"{row.field}: {row.reason}" if row.field else row.reason for row in bad]
    first: dict[str, int] = {}
    for text, row in zip(texts, bad, strict=True):
        first.setdefault(text, row.line)
    found = [Reason(text, n, first[text]) for text, n in Counter(texts).most_common()]
    return (*found, *(Reason(text, n) for text, n in skipped.items() if n))


def previous_load(
    con: duckdb.DuckDBPyConnection, origin: Origin, table: str, file: str, sha256: str, settings_hash: str
) -> FileLoad | None:
    """The outcome of loading the same content again with the same settings, or None if it is new."""
    rows = con.execute(
        """
        select n_rows from loads
        where source = ? and source_account = ? and table_name = ? and file_sha256 = ? and settings_hash = ?
        """,
        [origin.source, origin.source_account, table, sha256, settings_hash],
    ).fetchall()
    if not rows:
        return None
    n_rows = int(rows[0][0])
    return FileLoad(
        file,
        table,
        n_rows,
        n_skipped=n_rows,
        reasons=(Reason("this content is already loaded", n_rows),),
        already_loaded=True,
    )


def next_load_id(con: duckdb.DuckDBPyConnection) -> int:
    """The number of the next load."""
    rows = con.execute("select coalesce(max(load_id), 0) + 1 from loads").fetchall()
    return int(rows[0][0])


def write(
    con: duckdb.DuckDBPyConnection,
    load: FileLoad,
    entry: Entry,
    bad: Sequence[BadRow],
    keyring: Keyring,
) -> None:
    """Write the ledger row of a file and its quarantine, in the transaction that stores its rows."""
    con.execute(
        "insert into loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            entry.load_id,
            entry.origin.source,
            entry.origin.source_account,
            load.table,
            load.file,
            entry.sha256,
            entry.settings_hash,
            entry.now.replace(tzinfo=None),
            load.n_rows,
            load.n_new,
            load.n_updated,
            load.n_duplicate,
            load.n_quarantined,
            load.n_skipped,
            load.n_suppressed,
            json.dumps({reason.text: reason.n for reason in load.reasons if reason.first_line is None}),
            json.dumps(load.columns_as_extra),
            version("staffcast"),
        ],
    )
    if bad:
        _quarantine(con, load, entry.load_id, bad, keyring)


def _quarantine(
    con: duckdb.DuckDBPyConnection, load: FileLoad, load_id: int, bad: Sequence[BadRow], keyring: Keyring
) -> None:
    frame = pl.DataFrame(
        {
            "line": [row.line for row in bad],
            "field": pl.Series([row.field for row in bad], dtype=pl.String),
            "reason": [row.reason for row in bad],
            "row_hash": keyring.fingerprints("quarantine", [row.content for row in bad]),
        }
    )
    con.register("quarantined_rows", frame.to_arrow())
    try:
        con.execute(
            "insert into quarantine select ?, ?, ?, line, field, reason, row_hash from quarantined_rows",
            [load_id, load.table, load.file],
        )
    finally:
        con.unregister("quarantined_rows")
