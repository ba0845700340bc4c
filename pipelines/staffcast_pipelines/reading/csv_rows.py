"""CSV with physical line numbers, and recovery at the next line after a broken row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from staffcast.core.errors import SchemaError, SourceError
from staffcast_pipelines.reading.raw import BATCH_ROWS, BadRow, RawTable, Rows, unsafe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast_pipelines.reading.opening import Opened

__all__ = ["read_csv"]

_DELIMITERS = ",;\t|"
_BLOCK_LINES = 2_000


def read_csv(
    opened: Opened,
    *,
    path: Path,
    wanted: frozenset[str],
    ignored: frozenset[str] = frozenset(),
    delimiter: str | None = None,
) -> RawTable:
    """Split a CSV text into rows.

    A blank line is not a row. A row with too few or too many fields is bad. When a bad row spans
    several lines, its quotes are not to be trusted: only its first line is given up and reading goes
    on at the next one. A repetition of the header is skipped.

    Args:
        opened: The file's content.
        path: Its name, for messages.
        wanted: Columns to return as columns; all others are collected as extras.
        ignored: Columns to leave out altogether.
        delimiter: The separator; by default the commonest of ``, ; tab |`` in the header.

    Raises:
        SchemaError: A column name appears twice.
        SourceError: The first line is not a header.
    """
    lines = list(io.StringIO(opened.text, newline=""))
    first = next(number for number, line in enumerate(lines) if line.strip())
    if lines[first].startswith("sep=") and len(lines) > first + 1:
        delimiter = delimiter or lines[first].strip()[4:5]
        first += 1
    delimiter = delimiter or max(_DELIMITERS, key=lambda mark: lines[first].count(mark))
    header, start = _header(lines, first, delimiter, path)
    rows = Rows(wanted, ignored)
    batch = _Block()
    for block in _blocks(lines, start, header, delimiter, rows):
        batch.numbers += block.numbers
        batch.rows += block.rows
        if len(batch.rows) >= BATCH_ROWS:
            _close_batch(batch, header, rows, is_clean=opened.is_clean)
            batch = _Block()
    _close_batch(batch, header, rows, is_clean=opened.is_clean)
    return rows.table(tuple(header))


@dataclass(slots=True)
class _Block:
    """Good rows with their lines, and the index of the line after them."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    end: int = 0


def _header(lines: list[str], first: int, delimiter: str, path: Path) -> tuple[list[str], int]:
    reader = csv.reader(_from(lines, first), delimiter=delimiter, strict=True)
    try:
        raw = next(reader)
    except csv.Error as error:
        raise SourceError(f"the header cannot be read: {error}", path=path, line=first + 1) from error
    header = [name.strip() or f"column_{number}" for number, name in enumerate(raw, 1)]
    if any(unsafe_reason(name) for name in header):
        raise SourceError("this is not a text file", path=path, hint="export it as CSV or JSONL in UTF-8")
    doubled = [name for name, n in Counter(header).items() if n > 1]
    if doubled:
        raise SchemaError(
            "the header names this column twice",
            path=path,
            line=first + 1,
            field=doubled[0],
            hint="remove one",
        )
    return header, first + reader.line_num


def _from(lines: list[str], start: int) -> Iterator[str]:
    for index in range(start, len(lines)):  # a slice would copy the rest of the file per restart
        yield lines[index]


def _blocks(lines: list[str], start: int, header: list[str], delimiter: str, rows: Rows) -> Iterator[_Block]:
    while start < len(lines):
        end = min(start + _BLOCK_LINES, len(lines))
        block = _plain_block(lines, start, end, header, delimiter)
        block = block or _careful_block(lines, start, end, header, delimiter, rows)
        yield block
        start = block.end


def _plain_block(lines: list[str], start: int, end: int, header: list[str], delimiter: str) -> _Block | None:
    """The block if each of its lines is one good row: what most files are made of, at the speed of C."""
    try:
        found = list(csv.reader(lines[start:end], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(found) != end - start or set(map(len, found)) != {len(header)} or header in found:
        return None
    return _Block(list(range(start + 1, end + 1)), found, end)


def _careful_block(
    lines: list[str], start: int, end: int, header: list[str], delimiter: str, rows: Rows
) -> _Block:
    """The rows that begin before line ``end``; bad ones go to ``rows``."""
    block = _Block(end=start)
    while block.end < end:
        base = first = block.end
        reader = csv.reader(_from(lines, base), delimiter=delimiter, strict=True)
        try:
            for row in reader:
                block.end = base + reader.line_num
                if not _keep(row, first, header, block, rows, lines) and block.end - first > 1:
                    block.end = first + 1
                    break
                first = block.end
                if first >= end:
                    break
        except csv.Error:
            reason = "a quote is not closed or stands inside a field"
            rows.bad.append(BadRow(first + 1, None, reason, lines[first]))
            block.end = first + 1
    return block


def _keep(row: list[str], first: int, header: list[str], block: _Block, rows: Rows, lines: list[str]) -> bool:
    """Sort a row by what it is; False if its quotes are not to be trusted."""
    if len(row) == len(header):
        if row == header:
            rows.skipped["repeated header"] = rows.skipped.get("repeated header", 0) + 1
        else:
            block.numbers.append(first + 1)
            block.rows.append(row)
        return True
    if not row or (len(row) == 1 and not row[0].strip()):
        return True
    rows.bad.append(BadRow(first + 1, None, f"{len(row)} fields instead of {len(header)}", lines[first]))
    return False


def _close_batch(batch: _Block, header: list[str], rows: Rows, *, is_clean: bool) -> None:
    if not is_clean:
        batch = _safe(batch, header, rows)
    if not batch.rows:
        return
    rows.lines += batch.numbers
    columns = dict(zip(header, zip(*batch.rows, strict=True), strict=True))
    others = [name for name in header if name not in rows.wanted and name not in rows.ignored]
    cells = zip(*(columns[name] for name in others), strict=True)
    rows.close_batch(
        {name: values for name, values in columns.items() if name in rows.wanted},
        ({name: cell for name, cell in zip(others, row, strict=True) if cell} for row in cells),
    )


def _safe(batch: _Block, header: list[str], rows: Rows) -> _Block:
    kept = _Block()
    for number, row in zip(batch.numbers, batch.rows, strict=True):
        faults = [
            (name, reason) for name, cell in zip(header, row, strict=True) if (reason := unsafe_reason(cell))
        ]
        if faults:
            rows.bad.append(BadRow(number, faults[0][0], faults[0][1], "\x1f".join(row)))
        else:
            kept.numbers.append(number)
            kept.rows.append(row)
    return kept
