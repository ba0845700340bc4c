"""What every reader hands over: columns of text with their lines, and the rows that were no rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BATCH_ROWS", "MAX_CELL_CHARS", "MAX_COLUMNS", "BadRow", "RawTable", "Rows", "unsafe_reason"]

BATCH_ROWS = 50_000
"""Rows of one table handed over, about."""
MAX_CELL_CHARS = 1_000_000
"""A row with a longer cell is bad."""
MAX_COLUMNS = 20_000
"""A file with more different columns has data for names."""

_BATCH_CHARS = 32 << 20
_CELL_COST = 64
"""What keeping a cell takes beside its text."""
_UNSAFE = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPED_BYTE = re.compile(r"[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be loaded.

    Attributes:
        line: Physical line in the file where it begins, from 1.
        field: The column at fault, if one is.
        reason: Why, without the content of the cell.
        content: The row itself, only ever stored as a keyed hash.
    """

    line: int
    field: str | None
    reason: str
    content: str


@dataclass(frozen=True, slots=True)
class RawTable:
    """A part of a file as text: its next rows.

    Attributes:
        frame: The wanted columns that the file has so far, all text, named as in the file.
        lines: First line of each row, counted in the whole file.
        extras: Cells of the other columns that are not empty, by row index.
        bad: Rows that could not be read.
        skipped: Number of rows left out by reason.
        columns: Every column name seen in the file up to here, in order of appearance.
    """

    frame: pl.DataFrame
    lines: pl.Series
    extras: dict[int, dict[str, str]]
    bad: tuple[BadRow, ...]
    skipped: dict[str, int]
    columns: tuple[str, ...]


@dataclass(slots=True)
class Rows:
    """Collects rows, batch by batch, until they are enough for a table."""

    wanted: frozenset[str]
    ignored: frozenset[str]
    batches: list[pl.DataFrame] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    extras: dict[int, dict[str, str]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    cost: int = 0

    @property
    def is_full(self) -> bool:
        """There is enough for a table."""
        return len(self.lines) + len(self.bad) >= BATCH_ROWS or self.cost >= _BATCH_CHARS

    def close_batch(
        self,
        numbers: Sequence[int],
        columns: Mapping[str, Sequence[str | None]],
        others: Iterable[dict[str, str]],
    ) -> None:
        """Add rows: their lines, their wanted columns, and the cells of their other columns row by row."""
        base = len(self.lines)
        self.lines += numbers
        self.batches.append(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
        self.cost += int(self.batches[-1].estimated_size())
        for row, extra in enumerate(others, base):
            if extra:
                self.extras[row] = extra
                self.cost += sum(map(len, extra.values())) + _CELL_COST * len(extra)

    def reject(self, line: int, field: str | None, reason: str, content: str) -> None:
        """Add a row that cannot be loaded."""
        self.bad.append(BadRow(line, field, reason, content))
        self.cost += len(content)

    def skip(self, reason: str) -> None:
        """Count a row that is left out."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def table(self, columns: tuple[str, ...]) -> RawTable:
        """Hand over what was collected and start anew."""
        present = [name for name in columns if name in self.wanted]
        empty = pl.DataFrame(schema=dict.fromkeys(present, pl.String))
        frame = pl.concat([empty, *(batch.select(present) for batch in self.batches)])
        lines = pl.Series("line", self.lines, dtype=pl.Int64)
        bad = tuple(sorted(self.bad, key=lambda row: row.line))
        found = RawTable(frame, lines, self.extras, bad, self.skipped, columns)
        self.batches, self.lines, self.extras = [], [], {}
        self.bad, self.skipped, self.cost = [], {}, 0
        return found


def unsafe_reason(text: str) -> str | None:
    """Say why a text cannot be stored, or None if it can.

    Example:
        >>> unsafe_reason("a" + chr(0))
        'holds a NUL character'
        >>> unsafe_reason("plain") is None
        True
    """
    found = _UNSAFE.search(text)
    if not found:
        return None
    if found[0] == "\x00":
        return "holds a NUL character"
    if escaped := _ESCAPED_BYTE.search(text):
        byte = ord(escaped[0]) - 0xDC00
        return f"holds the byte 0x{byte:02X}, which is not text in this encoding: declare --encoding"
    return "holds half of a character (a lone surrogate)"
