"""JSON lines: one object a line; nested values are kept as JSON text."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from staffcast.core.errors import SourceError
from staffcast_pipelines.reading.lines import MAX_LINE_CHARS, Lines
from staffcast_pipelines.reading.raw import MAX_CELL_CHARS, MAX_COLUMNS, Rows, unsafe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast_pipelines.reading.opening import Export
    from staffcast_pipelines.reading.raw import RawTable

__all__ = ["check_json_lines", "read_jsonl"]

_MAX_DEPTH = 100
_ENDS = ("\n", "\r")
_GAPS = ('" ', '"\t')

_Row = dict[str, str | None]


class _LineError(ValueError):
    """Why a line is no row: field and reason."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


def read_jsonl(
    export: Export,
    *,
    wanted: frozenset[str],
    ignored: frozenset[str] = frozenset(),
) -> Iterator[RawTable]:
    """Split a file of JSON lines into tables of rows, in the order of the file; the last may be empty.

    A key that one object gives twice makes its row bad, unless the values are equal. So do NaN, infinite
    numbers, and values nested more than 100 levels deep.

    Args:
        export: The file.
        wanted: Keys to return as columns; all others are collected as extras.
        ignored: Keys to leave out altogether.

    Raises:
        SourceError: There are more different keys than a table has columns.
    """
    with export.text() as stream:
        lines = Lines(stream)
        rows = Rows(wanted, ignored)
        seen: dict[str, None] = {}
        while block := lines.ahead():
            _take(block, lines, rows, seen, is_clean=export.is_clean)
            if len(seen) > MAX_COLUMNS:
                raise SourceError(
                    f"more than {MAX_COLUMNS:,} different keys",
                    path=export.path,
                    line=lines.number,
                    hint="the keys of an object must be names of columns",
                )
            if rows.is_full:
                yield rows.table(tuple(seen))
        yield rows.table(tuple(seen))


def check_json_lines(export: Export) -> None:
    """Look at the first line: is this one object a line, or one JSON document?

    Raises:
        SourceError: It is one document, or empty.
    """
    with export.text() as stream:
        lines = Lines(stream)
        while (line := lines.peek(0)) is not None and not line.strip():
            lines.advance(1)
    first = (line or "").strip()
    if not first:
        raise SourceError("the file is empty", path=export.path, hint="export it again")
    if first.startswith("["):
        raise SourceError(
            "this is a JSON array, not one object a line", path=export.path, hint="convert it: jq -c '.[]'"
        )
    if first == "{":
        raise SourceError(
            "this is JSON over several lines, not one object a line",
            path=export.path,
            hint="convert it: jq -c '.'",
        )


def _take(block: list[str], lines: Lines, rows: Rows, seen: dict[str, None], *, is_clean: bool) -> None:
    """Collect the rows of the next lines, and go behind them."""
    numbers: list[int] = []
    batch: list[_Row] = []
    for number, line in enumerate(block, lines.number):
        if line.isspace():
            continue
        try:
            row = _object(line, is_clean=is_clean)
        except _LineError as fault:
            is_cut = not line.endswith(_ENDS) and fault.reason.startswith("not JSON")
            reason = f"the file is cut off here: {fault.reason}" if is_cut else fault.reason
            rows.reject(number, fault.field, reason, line)
            continue
        numbers.append(number)
        batch.append(row)
        seen.update(dict.fromkeys(row))
    lines.advance(len(block))
    if batch:
        _close_batch(numbers, batch, rows)


def _object(line: str, *, is_clean: bool) -> _Row:
    if len(line) > MAX_LINE_CHARS:
        raise _LineError(f"a line of more than {MAX_LINE_CHARS:,} characters")
    line = line.rstrip("\r\n")
    raw = _decoded(line, _PLAIN)
    if not isinstance(raw, dict):
        raise _LineError("not a JSON object")
    # Writers put the colon right behind the key; where the counts then agree, no key came twice.
    if line.count('":') != len(raw) or any(gap in line for gap in _GAPS):
        raw = _decoded(line, _CAREFUL)
    row = {
        name: value if value.__class__ is str or value is None else _text(value)
        for name, value in raw.items()
    }
    if not is_clean or len(line) > MAX_CELL_CHARS:
        _check_cells(row)
    return row


def _decoded(line: str, decoder: json.JSONDecoder) -> Any:  # noqa: ANN401 - whatever JSON can hold
    try:
        return decoder.decode(line)
    except RecursionError:
        raise _LineError("JSON nested too deeply") from None
    except json.JSONDecodeError as error:
        if unsafe := unsafe_reason(line):
            raise _LineError(unsafe) from None
        what = "more than one value on the line" if error.msg == "Extra data" else error.msg
        what = what.split(":")[0].removesuffix(" at").removesuffix(" starting")
        raise _LineError(f"not JSON: {what}") from None
    except _LineError:
        raise
    except ValueError:  # an integer of thousands of digits
        raise _LineError("a number is too long") from None


def _constant(name: str) -> NoReturn:
    raise _LineError(f"{name} is not a number that can be counted with")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _LineError("a number is too large")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and found[name] != value:
            raise _LineError("a key comes twice with different values")
        found[name] = value
    return found


_PLAIN = json.JSONDecoder(parse_constant=_constant, parse_float=_finite)
_CAREFUL = json.JSONDecoder(parse_constant=_constant, parse_float=_finite, object_pairs_hook=_unique)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if _depth(value) > _MAX_DEPTH:
        raise _LineError("JSON nested too deeply")
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _depth(value: object) -> int:
    """Levels of objects and lists, found without recursion."""
    depth = 0
    level = [value]
    while level := [part for part in level if isinstance(part, dict | list)]:
        depth += 1
        level = [child for part in level for child in (part.values() if isinstance(part, dict) else part)]
    return depth


def _check_cells(row: _Row) -> None:
    for name, value in row.items():
        if reason := unsafe_reason(name):
            raise _LineError(reason)
        if value and (reason := unsafe_reason(value)):
            raise _LineError(reason, name)
        if value and len(value) > MAX_CELL_CHARS:
            raise _LineError(f"a cell of more than {MAX_CELL_CHARS:,} characters", name)


def _close_batch(numbers: list[int], batch: list[_Row], rows: Rows) -> None:
    others = set().union(*batch) - rows.wanted - rows.ignored
    rows.close_batch(
        numbers,
        {name: [row.get(name) for row in batch] for name in sorted(rows.wanted)},
        ({name: cell for name, cell in row.items() if name in others and cell} for row in batch)
        if others
        else (),
    )
