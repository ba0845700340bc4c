"""The fast lane: JSON lines that are what they should be go from DuckDB's own reader into their table.

DuckDB forgives what must not be forgiven: it drops unknown keys, takes the first of two equal ones and reads
half a number as text. So every row is asked whether it is plain (see ``sql/plain_*.sql``) and every other one
is read with care, line by line; and the keys of the file are counted, so that none goes unnoticed. Whatever
raises a doubt about the file as a whole sends all of it the careful way.

Which identifiers come twice, or are stored already, is asked before anything is inserted: such rows are
merged like those of any other file. A row that one transaction inserts and deletes again makes its commit
write all the others once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress, islice
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from staffcast.core.enums import EventType
from staffcast.store.sql import statement
from staffcast_pipelines.farewells import PATTERN
from staffcast_pipelines.loading.keys import message
from staffcast_pipelines.loading.plain_terms import write_marks
from staffcast_pipelines.loading.rules import KeepText
from staffcast_pipelines.reading.row_lines import row_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.store.schema import Table
    from staffcast_pipelines.loading.key_count import KeyCount
    from staffcast_pipelines.loading.keys import Keyring
    from staffcast_pipelines.loading.rules import Rules
    from staffcast_pipelines.loading.staging import Origin
    from staffcast_pipelines.reading.opening import Export

__all__ = ["Direct", "NotPlainError", "PlainLoad", "can_load", "load", "restore_settings"]

_PACKAGE = "staffcast_pipelines.loading"
_TABLES = ("messages", "events")
_MOST_OTHERS = 100_000
_BATCH_LINES = 20_000
_NOT_HARMLESS = (
    r"[0-9@%]|[^ -~]|::"
    r"|(?i:[ \[({<._/:\-](?:at|arroba|arobase|chiocciola|apenstaartje)[ \])}>._/:\-])"
)  # fmt: skip
"""Matches whatever ``SUSPICIOUS`` does and more, at a tenth of its cost; the redactor asks closer."""


class NotPlainError(Exception):
    """The file has to be read with care."""


@dataclass(frozen=True, slots=True)
class PlainLoad:
    """A file to be loaded, into what, and how.

    Attributes:
        con: Connection of the warehouse, with the functions of the keyring.
        export: The file.
        keys: What was counted while it was inspected.
        table: Where its rows go.
        keyring: The warehouse's keys.
        origin: Where the file comes from.
        rules: What may be stored.
        load_id: Number of the load.
    """

    con: duckdb.DuckDBPyConnection
    export: Export
    keys: KeyCount
    table: Table
    keyring: Keyring
    origin: Origin
    rules: Rules
    load_id: int

    @property
    def scope(self) -> dict[str, object]:
        """Within which keys are unique."""
        return {"source": self.origin.source, "source_account": self.origin.source_account}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the table has in a file."""
        return tuple(column.name for column in self.table.columns)

    @property
    def n_lines(self) -> int:
        """Lines of the file, blank ones too."""
        return self.keys.n_lines + (not self.keys.ends_line)

    def run(
        self, name: str, values: dict[str, object] | None = None, **names: str | tuple[str, ...]
    ) -> list[tuple[object, ...]]:
        """Execute a statement of this package."""
        return self.con.execute(statement(_PACKAGE, name, **names), values or {}).fetchall()

    def count(
        self, name: str, values: dict[str, object] | None = None, **names: str | tuple[str, ...]
    ) -> int:
        """Execute a statement that gives one number, null being 0."""
        ((n,),) = self.run(name, values, **names)
        return int(str(n or 0))

    def flags(self, name: str) -> bytes:
        """Execute a statement that says yes or no to each row of the file, in its order."""
        found = self.con.sql(statement(_PACKAGE, name)).pl().to_series()
        return bytes(found.cast(pl.UInt8).to_numpy())


@dataclass(frozen=True, slots=True)
class Direct:
    """What the fast lane did.

    Attributes:
        n_stored: Rows in their table that nothing contests.
        n_contested: Rows in the staging table, to be merged.
        n_suppressed: Rows of erased people.
        others: The file with the lines that are to be read with care, None if there are none.
    """

    n_stored: int
    n_contested: int
    n_suppressed: int
    others: Export | None


def restore_settings(con: duckdb.DuckDBPyConnection) -> None:
    """Take back what a load asked of DuckDB and could not: a failed transaction takes no statements."""
    con.execute("reset preserve_insertion_order")
    con.execute("reset disabled_optimizers")


def can_load(table: Table, rules: Rules) -> bool:
    """Whether the fast lane knows the table and the rules."""
    return table.name in _TABLES and not rules.pseudonymise_agents


def load(job: PlainLoad) -> Direct:
    """Insert the plain rows of a file, within the caller's transaction.

    Raises:
        NotPlainError: There is a doubt about the file; the transaction must be rolled back.
    """
    try:
        return _load(job)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise NotPlainError from error


def _load(job: PlainLoad) -> Direct:
    _describe(job)
    is_any_erased = _write_erased(job)
    if job.rules.keep_text is KeepText.REDACTED:
        write_marks(job)
    else:
        job.run("open_marks")
    job.run(f"stored_{job.table.name}")
    n_stored, n_contested = _insert(job)
    n_lines = job.n_lines
    is_other = b""
    if n_stored + n_contested != n_lines:
        is_other = job.flags("plain_others")
        n_lines = len(is_other)
    n_others = is_other.count(True)
    n_suppressed = n_lines - n_stored - n_contested - n_others
    if (n_suppressed and not is_any_erased) or n_others > _MOST_OTHERS or n_others == n_lines:
        raise NotPlainError
    _check_keys(job, is_whole=n_stored + n_contested == n_lines)
    if job.table.name == "messages":
        job.run("plain_people", {"load_id": job.load_id})
    others = job.export.of_rows(is_other) if n_others else None
    return Direct(n_stored, n_contested, n_suppressed, others)


def _describe(job: PlainLoad) -> None:
    """Make the views of the file's rows, and the tables that they are joined with."""
    con, (key,) = job.con, job.table.key
    con.execute("set variable plain_path = $1", [str(job.export.path)])
    con.execute("set variable inactivity = $1", [PATTERN])
    job.run("plain_functions")
    known = [event_type.value for event_type in EventType]
    con.execute("create or replace temp table known_event_types as select unnest($1) as event_type", [known])
    job.run("plain_file", columns=job.columns)
    job.run(f"plain_{job.table.name}")
    _write_redactions(job)
    job.run("plain_seen", key=key)
    job.run("plain_contested", job.scope, table=job.table.name, key=key)
    job.run("plain_customers", {"person": message("customer", *job.origin.scope)})


def _insert(job: PlainLoad) -> tuple[int, int]:
    """How many rows went into their table, and how many contested ones into the staging table."""
    values = job.scope | {
        "keeps_text": job.rules.keep_text is not KeepText.NONE,
        "text_from": _timestamp(job.rules.text_from_us),
    }
    (key,) = job.table.key
    # DuckDB takes a file for a few dozen rows and would rather hold all of it than what it is joined with.
    job.con.execute("set disabled_optimizers = 'build_side_probe_side'")
    job.con.execute("set preserve_insertion_order = false")
    n_stored = job.count("plain_insert", values | {"load_id": job.load_id}, table=job.table.name, key=key)
    job.con.execute("reset preserve_insertion_order")
    n_contested = _stage_contested(job, values)
    job.con.execute("reset disabled_optimizers")
    return n_stored, n_contested


def _stage_contested(job: PlainLoad, values: dict[str, object]) -> int:
    ((n_keys,),) = job.con.execute("select count(*) from contested").fetchall()
    if not n_keys:
        return 0
    is_contested = job.flags("plain_contested_rows")
    has_blanks = len(is_contested) != job.n_lines
    job.con.register("picked_lines", _batches(job.export.path, is_contested, has_blanks=has_blanks))
    job.run("plain_lines", columns=job.columns)
    job.con.unregister("picked_lines")  # a rollback does so too
    n_staged = job.count("plain_stage", values)
    job.run("plain_file", columns=job.columns)
    return n_staged


def _batches(path: Path, is_picked: bytes, *, has_blanks: bool) -> pa.RecordBatchReader:
    """The picked rows of a file as a stream, so that they need not fit into memory."""
    schema = pa.schema([("line", pa.string())])

    def batches() -> Iterator[pa.RecordBatch]:
        with path.open("rb") as stream:
            lines = compress(row_lines(stream) if has_blanks else stream, is_picked)
            while batch := list(islice(lines, _BATCH_LINES)):
                yield pa.record_batch([_texts(batch)], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _texts(lines: list[bytes]) -> pa.StringArray:
    """Lines as arrow text without a look at each: the file is known to be UTF-8."""
    ends = np.cumsum([0, *map(len, lines)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(lines), pa.py_buffer(ends), pa.py_buffer(b"".join(lines)))


def _check_keys(job: PlainLoad, *, is_whole: bool) -> None:
    """Make sure that the file has no unknown key, and no key twice in one object."""
    names = job.columns
    if is_whole and not job.keys.may_be_spaced:
        n_filled = job.count("plain_filled", {"load_id": job.load_id}, columns=names, table=job.table.name)
        if n_filled == job.keys.n_keys:
            return
    for (found,) in job.con.execute(statement(_PACKAGE, "plain_keys")).fetchall():
        if len(found) != len(set(found)) or not set(found) <= set(names):
            raise NotPlainError


def _write_redactions(job: PlainLoad) -> None:
    """The table of texts that redaction changes, empty unless text is kept redacted."""
    frame = pl.DataFrame(schema={"prose": pl.String, "safe": pl.String})
    if job.rules.keep_text is KeepText.REDACTED:
        query = statement(_PACKAGE, "plain_prose")
        found = job.con.sql(query, params={"pattern": _NOT_HARMLESS}).pl()["prose"]
        frame = pl.DataFrame({"prose": found, "safe": job.rules.redactor.texts(found)})
        frame = frame.filter(pl.col("prose") != pl.col("safe"))
    _write(job, "redactions", frame)


def _write_erased(job: PlainLoad) -> bool:
    """The tables of the file's customers and conversations that were erased; whether there are any."""
    is_any = False
    for column, kind, query in (
        ("customer_id", "customer", "select customer_id as name from plain_customers"),
        ("conversation_id", "conversation", statement(_PACKAGE, "plain_conversations")),
    ):
        erased = job.rules.tombstones.get("customer_id" if kind == "customer" else kind, frozenset())
        frame = pl.DataFrame(schema={column: pl.String})
        if erased:
            found = job.con.sql(query).pl()["name"]
            hashes = job.keyring.hash_each(kind, found, *job.origin.scope)
            frame = pl.DataFrame({column: found.filter(hashes.is_in(list(erased)))})
        _write(job, f"erased_{kind}s", frame)
        is_any = is_any or not frame.is_empty()
    return is_any


def _write(job: PlainLoad, name: str, frame: pl.DataFrame) -> None:
    job.con.register("incoming", frame.to_arrow())
    try:
        job.run("write_incoming", table=name)
    finally:
        job.con.unregister("incoming")


def _timestamp(us: int | None) -> str:
    return "1900-01-01" if us is None else str(np.datetime64(us, "us"))
