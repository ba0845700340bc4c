"""CSV with physical line numbers, and recovery at the next line after a broken row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from staffcast.core.errors import SchemaError, SourceError
from staffcast_pipelines.reading.raw import BATCH_ROWS, BadRow, RawTable, Rows, unsafe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast_pipelines.reading.opening import Opened

__all__ = ["read_csv"]

_DELIMITERS = ",;\t|"


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
    batch: list[list[str]] = []
    for row in _records(lines, start, header, delimiter, rows):
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            _close_batch(batch, header, rows, is_clean=opened.is_clean)
            batch = []
    _close_batch(batch, header, rows, is_clean=opened.is_clean)
    return rows.table(tuple(header))


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


def _records(
    lines: list[str], start: int, header: list[str], delimiter: str, rows: Rows
) -> Iterator[list[str]]:
    width = len(header)
    while start < len(lines):
        reader = csv.reader(_from(lines, start), delimiter=delimiter, strict=True)
        first = start
        try:
            for row in reader:
                after = start + reader.line_num
                if len(row) == width:
                    if row[0] == header[0] and row == header:
                        rows.skipped["repeated header"] = rows.skipped.get("repeated header", 0) + 1
                    else:
                        rows.lines.append(first + 1)
                        yield row
                elif row and (len(row) > 1 or row[0].strip()):
                    rows.bad.append(
                        BadRow(first + 1, None, f"{len(row)} fields instead of {width}", lines[first])
                    )
                    if after - first > 1:
                        start = first + 1
                        break
                first = after
            else:
                return
        except csv.Error:
            rows.bad.append(
                BadRow(first + 1, None, "a quote is not closed or stands inside a field", lines[first])
            )
            start = first + 1


def _close_batch(batch: list[list[str]], header: list[str], rows: Rows, *, is_clean: bool) -> None:
    if not is_clean:
        batch = _safe(batch, header, rows)
    if not batch:
        return
    columns = dict(zip(header, zip(*batch, strict=True), strict=True))
    others = [name for name in header if name not in rows.wanted and name not in rows.ignored]
    cells = zip(*(columns[name] for name in others), strict=True)
    rows.close_batch(
        {name: values for name, values in columns.items() if name in rows.wanted},
        ({name: cell for name, cell in zip(others, row, strict=True) if cell} for row in cells),
    )


def _safe(batch: list[list[str]], header: list[str], rows: Rows) -> list[list[str]]:
    first = len(rows.lines) - len(batch)
    lines, rows.lines[first:] = rows.lines[first:], []
    kept = []
    for line, row in zip(lines, batch, strict=True):
        faults = [
            (name, reason) for name, cell in zip(header, row, strict=True) if (reason := unsafe_reason(cell))
        ]
        if faults:
            rows.bad.append(BadRow(line, faults[0][0], faults[0][1], "\x1f".join(row)))
        else:
            rows.lines.append(line)
            kept.append(row)
    return kept
