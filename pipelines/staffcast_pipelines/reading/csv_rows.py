"""CSV with physical line numbers, and recovery at the next line after a broken row."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from staffcast.core.errors import SchemaError, SourceError
from staffcast_pipelines.reading.archives import shown
from staffcast_pipelines.reading.lines import MAX_LINE_CHARS, Lines
from staffcast_pipelines.reading.raw import MAX_CELL_CHARS, MAX_COLUMNS, Rows, unsafe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast_pipelines.reading.opening import Export
    from staffcast_pipelines.reading.raw import RawTable

__all__ = ["read_csv"]

_DELIMITERS = ",;\t|"
_ENDS = ("\n", "\r")
_OPEN_QUOTE = "a quote is not closed or stands inside a field"

# The module's own limit would call a long cell a broken one; what is too long is said here.
csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_LINE_CHARS))


def read_csv(
    export: Export,
    *,
    wanted: frozenset[str],
    ignored: frozenset[str] = frozenset(),
    delimiter: str | None = None,
) -> Iterator[RawTable]:
    """Split a CSV file into tables of rows, in the order of the file; the last one may be empty.

    A blank line is not a row. A row with too few or too many fields is bad. When a bad row spans
    several lines, its quotes are not to be trusted: only its first line is given up and reading goes
    on at the next one. A repetition of the header is skipped.

    Args:
        export: The file.
        wanted: Columns to return as columns; all others are collected as extras.
        ignored: Columns to leave out altogether.
        delimiter: The separator; by default the commonest of ``, ; tab |`` in the header.

    Raises:
        SchemaError: A column name appears twice.
        SourceError: The first line is not a header, or another header follows.
    """
    with export.text() as stream:
        reader = _Reader(Lines(stream), export, Rows(wanted, ignored), delimiter)
        while block := reader.lines.ahead():
            reader.take(block)
            if reader.rows.is_full:
                yield reader.rows.table(reader.header)
        yield reader.rows.table(reader.header)


@dataclass(slots=True)
class _Block:
    """Good rows with their lines."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class _Feed:
    """Lines for the csv module, which asks for as many as a row takes, up to the longest row."""

    def __init__(self, lines: Lines, start: int) -> None:
        self._lines = lines
        self._next = start
        self.room = MAX_LINE_CHARS

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._lines.peek(self._next)
        if line is None:
            raise StopIteration
        self._next += 1
        self.room -= len(line)
        if self.room < 0:
            raise csv.Error
        return line


class _Reader:
    """A CSV file at some line."""

    def __init__(self, lines: Lines, export: Export, rows: Rows, delimiter: str | None) -> None:
        self.lines = lines
        self.rows = rows
        self._export = export
        first = self._first_line()
        if first.startswith("sep=") and lines.peek(1) is not None:
            delimiter = delimiter or first.strip()[4:5]
            lines.advance(1)
            first = self._first_line()
        self._delimiter = delimiter or max(_DELIMITERS, key=first.count)
        self.header = self._header(export.path)
        self._names = set(self.header)

    def take(self, block: list[str]) -> None:
        """Collect the rows that begin in the next lines, and go behind them."""
        found = self._plain(block) or self._careful(len(block))
        if not self._export.is_clean:
            found = self._safe(found)
        if not found.rows:
            return
        columns = dict(zip(self.header, zip(*found.rows, strict=True), strict=True))
        rows = self.rows
        others = [name for name in self.header if name not in rows.wanted and name not in rows.ignored]
        cells = zip(*(columns[name] for name in others), strict=True)
        rows.close_batch(
            found.numbers,
            {name: values for name, values in columns.items() if name in rows.wanted},
            ({name: cell for name, cell in zip(others, row, strict=True) if cell} for row in cells),
        )

    def _first_line(self) -> str:
        while (line := self.lines.peek(0)) is not None:
            if line.strip():
                return line
            self.lines.advance(1)
        raise SourceError("the file is empty", path=self._export.path, hint="export it again")

    def _header(self, path: Path) -> tuple[str, ...]:
        at = self.lines.number
        reader = csv.reader(_Feed(self.lines, 0), delimiter=self._delimiter, strict=True)
        try:
            raw = next(reader)
        except csv.Error as error:
            raise SourceError(
                "the header cannot be read: a quote is not closed or stands inside a name",
                path=path,
                line=at,
                hint="export it again",
            ) from error
        if raw[0].lstrip().startswith(("{", "[")):
            raise SourceError("this looks like JSON, not CSV", path=path, hint="name it .jsonl")
        header = tuple(name.strip() or f"column_{number}" for number, name in enumerate(raw, 1))
        _check_names(header, path, at)
        self.lines.advance(reader.line_num)
        return header

    def _plain(self, block: list[str]) -> _Block | None:
        """The block if it is nothing but good rows: what most files are made of, at the speed of C.

        A row that the block's end cuts is left for the next block.
        """
        if max(map(len, block)) > MAX_CELL_CHARS:
            return None
        reader = csv.reader(block, delimiter=self._delimiter, strict=True)
        found: list[list[str]] = []
        ends = [0]
        try:
            for row in reader:
                found.append(row)
                ends.append(reader.line_num)
        except csv.Error:
            if reader.line_num < len(block):
                return None
        if set(map(len, found)) != {len(self.header)} or not all(map(self._names.isdisjoint, found)):
            return None
        first = self.lines.number
        self.lines.advance(ends.pop())
        return _Block([first + end for end in ends], found)

    def _careful(self, n_lines: int) -> _Block:
        """The rows that begin in the next ``n_lines`` lines, one by one; bad ones are set aside."""
        block = _Block()
        end = 0
        while end < n_lines:
            base = first = end
            feed = _Feed(self.lines, base)
            reader = csv.reader(feed, delimiter=self._delimiter, strict=True)
            try:
                for row in reader:
                    end = base + reader.line_num
                    feed.room = MAX_LINE_CHARS
                    if not self._keep(row, first, block) and end - first > 1:
                        end = first + 1
                        break
                    first = end
                    if first >= n_lines:
                        break
            except csv.Error:
                self._reject(first, _OPEN_QUOTE)
                end = first + 1
        self.lines.advance(end)
        return block

    def _keep(self, row: list[str], first: int, block: _Block) -> bool:
        """Sort a row by what it is; False if its quotes are not to be trusted."""
        if not row or (len(row) == 1 and not row[0].strip()):
            return True
        if len(row) != len(self.header):
            self._reject(first, f"{len(row)} fields instead of {len(self.header)}")
            return False
        if not self._names.isdisjoint(row) and self._is_header(row, first):
            self.rows.skip("repeated header")
        elif (longest := max(row, key=len)) and len(longest) > MAX_CELL_CHARS:
            name = self.header[row.index(longest)]
            self._reject(first, f"a cell of more than {MAX_CELL_CHARS:,} characters", name)
        else:
            block.numbers.append(self.lines.number + first)
            block.rows.append(row)
        return True

    def _is_header(self, row: list[str], first: int) -> bool:
        names = [cell.removeprefix("\ufeff").strip() for cell in row]
        if tuple(names) == self.header:
            return True
        n_names = sum(name in self._names for name in names)
        if names[0] in self._names and n_names > 1 and 2 * n_names >= len(names):
            raise SourceError(
                "another header with other columns: these are two files in one",
                path=self._export.path,
                line=self.lines.number + first,
                hint="split them before this line",
            )
        return False

    def _reject(self, first: int, reason: str, name: str | None = None) -> None:
        line = self.lines.peek(first) or ""
        if len(line) > MAX_LINE_CHARS:
            reason = f"a line of more than {MAX_LINE_CHARS:,} characters"
        elif not line.endswith(_ENDS) and self.lines.peek(first + 1) is None:
            reason = f"the file is cut off here: {reason}"
        self.rows.reject(self.lines.number + first, name, reason, line)

    def _safe(self, block: _Block) -> _Block:
        """The rows that can be stored."""
        kept = _Block()
        for number, row in zip(block.numbers, block.rows, strict=True):
            content = "\x1f".join(row)
            if unsafe_reason(content):
                at, reason = next(
                    (at, found) for at, cell in enumerate(row) if (found := unsafe_reason(cell))
                )
                self.rows.reject(number, self.header[at], reason, content)
            else:
                kept.numbers.append(number)
                kept.rows.append(row)
        return kept


def _check_names(header: tuple[str, ...], path: Path, line: int) -> None:
    for name in header:
        if reason := unsafe_reason(name):
            raise SourceError(
                f"this is no header: it {reason.split(':')[0]}",
                path=path,
                line=line,
                hint="declare --encoding, or export it as CSV or JSONL in UTF-8",
            )
    if len(header) > MAX_COLUMNS:
        raise SourceError(
            f"a header of more than {MAX_COLUMNS:,} columns", path=path, line=line, hint="export it again"
        )
    doubled = [name for name, n in Counter(header).items() if n > 1]
    if doubled:
        raise SchemaError(
            "the header names this column twice",
            path=path,
            line=line,
            field=shown(doubled[0]),
            hint="remove one",
        )
