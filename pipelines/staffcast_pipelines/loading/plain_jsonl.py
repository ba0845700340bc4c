"""The fast lane: JSON lines that are what they should be go from DuckDB's own reader into their table.

DuckDB forgives what must not be forgiven: it drops unknown keys, takes the first of two equal ones and reads
half a number as text. So every row is asked whether it is plain (see ``sql/plain_*.sql``) and every other one
is read with care, line by line; and the keys of the file are counted, so that none goes unnoticed. Whatever
raises a doubt about the file as a whole sends all of it the careful way.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl

from staffcast.core.enums import EventType
from staffcast.store.sql import statement
from staffcast_pipelines.loading.keys import message
from staffcast_pipelines.loading.rules import KeepText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.store.schema import Table
    from staffcast_pipelines.loading.keys import Keyring
    from staffcast_pipelines.loading.rules import Rules
    from staffcast_pipelines.loading.staging import Origin
    from staffcast_pipelines.reading.opening import Export

__all__ = ["Direct", "KeyCount", "NotPlainError", "can_load", "load"]

_PACKAGE = "staffcast_pipelines.loading"
_TABLES = ("messages", "events")
_MOST_OTHERS = 100_000
_NOT_HARMLESS = (
    r"[0-9@%]|[^ -~]|::"
    r"|(?i:[ \[({<._/:\-](?:at|arroba|arobase|chiocciola|apenstaartje)[ \])}>._/:\-])"
)  # fmt: skip
"""Matches whatever ``SUSPICIOUS`` does and more, at a tenth of its cost; the redactor asks closer."""
_COLON, _QUOTE, _SPACE, _NEWLINE = 58, 34, 32, 10


class NotPlainError(Exception):
    """The file has to be read with care."""


@dataclass(slots=True)
class KeyCount:
    """Counts ``":`` and line ends while a file is read for its fingerprint.

    Behind every key stands ``":``, and a colon with space before it is counted apart.
    """

    n_keys: int = 0
    n_lines: int = 0
    ends_line: bool = True
    may_be_spaced: bool = False
    last: int = 0

    def observe(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        codes = np.frombuffer(chunk, np.uint8)
        before, is_colon = codes[:-1], codes[1:] == _COLON
        self.n_keys += int(np.count_nonzero(is_colon & (before == _QUOTE)))
        self.n_keys += self.last == _QUOTE and chunk[0] == _COLON
        is_spaced = bool(np.any(is_colon & (before <= _SPACE))) or (
            self.last <= _SPACE and chunk[0] == _COLON
        )
        self.may_be_spaced = self.may_be_spaced or is_spaced
        self.n_lines += int(np.count_nonzero(codes == _NEWLINE))
        self.last = chunk[-1]
        self.ends_line = self.last == _NEWLINE


@dataclass(frozen=True, slots=True)
class Direct:
    """What the fast lane did.

    Attributes:
        n_stored: Rows in their table that nothing contests.
        n_contested: Rows in the staging table, to be merged.
        n_suppressed: Rows of erased people.
        others: The lines that are to be read with care, None if there are none.
    """

    n_stored: int
    n_contested: int
    n_suppressed: int
    others: OtherLines | None


@dataclass(frozen=True, slots=True)
class OtherLines:
    """A file of which only some lines are left; the rest are blank, so that numbers of lines stay true."""

    export: Export
    numbers: frozenset[int]

    @property
    def is_clean(self) -> bool:
        """As the file."""
        return self.export.is_clean

    @property
    def path(self) -> object:
        """As the file."""
        return self.export.path

    @contextmanager
    def text(self) -> Iterator[_Blanked]:
        """The text with all other lines blank."""
        with self.export.text() as stream:
            yield _Blanked(iter(stream), self.numbers)


class _Blanked:
    def __init__(self, lines: Iterator[str], numbers: frozenset[int]) -> None:
        self._lines = lines
        self._numbers = numbers
        self._row = 0

    def read(self, n_chars: int) -> str:
        found: list[str] = []
        size = 0
        for line in self._lines:
            is_row = not line.isspace()
            self._row += is_row
            found.append(line if is_row and self._row in self._numbers else "\n")
            size += len(found[-1])
            if size >= n_chars:
                break
        return "".join(found)

    def readline(self, n_chars: int = -1) -> str:
        """Never needed: lines are handed out whole."""
        return self.read(1) if n_chars else ""


def can_load(table: Table, rules: Rules) -> bool:
    """Whether the fast lane knows the table and the rules."""
    return table.name in _TABLES and not rules.pseudonymise_agents


def load(
    con: duckdb.DuckDBPyConnection,
    export: Export,
    table: Table,
    keyring: Keyring,
    origin: Origin,
    rules: Rules,
    load_id: int,
    keys: KeyCount,
) -> Direct:
    """Insert the plain rows of a file, within the caller's transaction.

    Raises:
        NotPlainError: There is a doubt about the file; the transaction must be rolled back.
    """
    try:
        return _load(con, export, table, keyring, origin, rules, load_id, keys)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise NotPlainError from error


def _load(
    con: duckdb.DuckDBPyConnection,
    export: Export,
    table: Table,
    keyring: Keyring,
    origin: Origin,
    rules: Rules,
    load_id: int,
    keys: KeyCount,
) -> Direct:
    con.execute("set variable plain_path = $1", [str(export.path)])
    con.execute(statement(_PACKAGE, "plain_functions"))
    known = [event_type.value for event_type in EventType]
    con.execute("create or replace temp table known_event_types as select unnest($1) as event_type", [known])
    con.execute(statement(_PACKAGE, f"plain_{table.name}"))
    _write_redactions(con, rules)
    is_any_erased = _write_erased(con, keyring, origin, rules)
    values = {
        "source": origin.source,
        "source_account": origin.source_account,
        "load_id": load_id,
        "keeps_text": rules.keep_text is not KeepText.NONE,
        "text_from": _timestamp(rules.text_from_us),
    }
    if table.name == "messages":
        values["person"] = message("customer", *origin.scope)
    ((n_inserted,),) = con.execute(statement(_PACKAGE, f"insert_plain_{table.name}"), values).fetchall()
    n_lines = keys.n_lines + (not keys.ends_line)
    numbers: list[int] = []
    if n_inserted != n_lines:
        numbers, n_lines = _others(con)
    is_lost = n_inserted + len(numbers) != n_lines and not is_any_erased
    if is_lost or len(numbers) > _MOST_OTHERS or len(numbers) == n_lines:
        raise NotPlainError
    _check_keys(con, table, load_id, keys, is_whole=n_inserted == n_lines)
    if table.name == "messages":
        con.execute(statement(_PACKAGE, "plain_people"), {"load_id": load_id})
    n_contested = _take_out_contested(con, table, origin, load_id)
    return Direct(
        n_stored=n_inserted - n_contested,
        n_contested=n_contested,
        n_suppressed=n_lines - n_inserted - len(numbers),
        others=OtherLines(export, frozenset(numbers)) if numbers else None,
    )


def _others(con: duckdb.DuckDBPyConnection) -> tuple[list[int], int]:
    """Numbers of the rows that are not plain, and how many rows there are in all."""
    rows = con.execute(statement(_PACKAGE, "plain_others")).fetchall()
    ((n_rows,),) = con.execute("select count(is_plain) from plain_rows").fetchall()
    return [number for (number,) in rows], n_rows


def _check_keys(
    con: duckdb.DuckDBPyConnection, table: Table, load_id: int, keys: KeyCount, *, is_whole: bool
) -> None:
    """Make sure that the file has no unknown key, and no key twice in one object."""
    names = tuple(column.name for column in table.columns)
    if is_whole and not keys.may_be_spaced:
        count = statement(_PACKAGE, "plain_filled", columns=names, table=table.name)
        ((n_filled,),) = con.execute(count, {"load_id": load_id}).fetchall()
        if n_filled == keys.n_keys:
            return
    for (found,) in con.execute(statement(_PACKAGE, "plain_keys")).fetchall():
        if len(found) != len(set(found)) or not set(found) <= set(names):
            raise NotPlainError


def _write_redactions(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """The table of texts that redaction changes, empty unless text is kept redacted."""
    frame = pl.DataFrame(schema={"prose": pl.String, "safe": pl.String})
    if rules.keep_text is KeepText.REDACTED:
        found = con.sql(statement(_PACKAGE, "plain_prose"), params={"pattern": _NOT_HARMLESS}).pl()["prose"]
        frame = pl.DataFrame({"prose": found, "safe": rules.redactor.texts(found)})
        frame = frame.filter(pl.col("prose") != pl.col("safe"))
    _write(con, "redactions", frame)


def _write_erased(con: duckdb.DuckDBPyConnection, keyring: Keyring, origin: Origin, rules: Rules) -> bool:
    """The tables of the file's customers and conversations that were erased; whether there are any."""
    is_any = False
    for name, column, kind in (
        ("customers", "customer_id", "customer"),
        ("conversations", "conversation_id", "conversation"),
    ):
        erased = rules.tombstones.get("customer_id" if kind == "customer" else kind, frozenset())
        frame = pl.DataFrame(schema={column: pl.String})
        if erased:
            found = con.sql(statement(_PACKAGE, f"plain_{name}")).pl()["name"]
            hashes = keyring.hash_each(kind, found, *origin.scope)
            frame = pl.DataFrame({column: found.filter(hashes.is_in(list(erased)))})
        _write(con, f"erased_{name}", frame)
        is_any = is_any or not frame.is_empty()
    return is_any


def _write(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    try:
        con.execute(statement(_PACKAGE, "write_incoming", table=name))
    finally:
        con.unregister("incoming")


def _take_out_contested(con: duckdb.DuckDBPyConnection, table: Table, origin: Origin, load_id: int) -> int:
    names: dict[str, str | tuple[str, ...]] = {"table": table.name, "keys": table.key}
    scope = {"source": origin.source, "source_account": origin.source_account}
    con.execute(statement(_PACKAGE, "plain_contested", **names), scope | {"load_id": load_id})
    ((n_keys,),) = con.execute("select count(*) from contested").fetchall()
    if not n_keys:
        return 0
    ((n_rows,),) = con.execute(
        statement(_PACKAGE, "plain_take_out", **names), {"load_id": load_id}
    ).fetchall()
    con.execute(statement(_PACKAGE, "plain_delete", **names), {"load_id": load_id})
    return int(n_rows)


def _timestamp(us: int | None) -> str:
    return "1900-01-01" if us is None else str(np.datetime64(us, "us"))
