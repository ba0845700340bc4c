"""What every reader hands over: columns of text with their lines, and the rows that were no rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BATCH_ROWS", "BadRow", "RawTable", "Rows", "unsafe_reason"]

BATCH_ROWS = 50_000

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
    """A file as text.

    Attributes:
        frame: The wanted columns that the file has, all text, named as in the file.
        lines: First line of each row.
        extras: Cells of the other columns that are not empty, by row index.
        bad: Rows that could not be read.
        skipped: Number of rows left out by reason.
        columns: Every column name seen, in order of appearance.
    """

    frame: pl.DataFrame
    lines: pl.Series
    extras: dict[int, dict[str, str]]
    bad: tuple[BadRow, ...]
    skipped: dict[str, int]
    columns: tuple[str, ...]


@dataclass(slots=True)
class Rows:
    """Collects the rows of one file, batch by batch."""

    wanted: frozenset[str]
    ignored: frozenset[str]
    batches: list[pl.DataFrame] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    extras: dict[int, dict[str, str]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)

    def close_batch(
        self, columns: Mapping[str, Sequence[str | None]], others: Iterable[dict[str, str]]
    ) -> None:
        """Add the wanted columns of a batch, and the cells of its other columns row by row."""
        self.batches.append(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
        for row, extra in enumerate(others, len(self.lines) - self.batches[-1].height):
            if extra:
                self.extras[row] = extra

    def table(self, columns: tuple[str, ...]) -> RawTable:
        """Close the collection."""
        present = [name for name in columns if name in self.wanted]
        empty = pl.DataFrame(schema=dict.fromkeys(present, pl.String))
        frame = pl.concat([empty, *(batch.select(present) for batch in self.batches)])
        lines = pl.Series("line", self.lines, dtype=pl.Int64)
        return RawTable(frame, lines, self.extras, tuple(self.bad), self.skipped, columns)


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
        return f"holds the byte 0x{ord(escaped[0]) - 0xDC00:02X}, which is not UTF-8: declare --encoding"
    return "holds half of a character (a lone surrogate)"
