"""JSON lines: one object a line; nested values are kept as JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from staffcast.core.errors import SourceError
from staffcast_pipelines.reading.raw import BATCH_ROWS, BadRow, RawTable, Rows, unsafe_reason

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast_pipelines.reading.opening import Opened

__all__ = ["read_jsonl"]


def read_jsonl(
    opened: Opened,
    *,
    path: Path,
    wanted: frozenset[str],
    ignored: frozenset[str] = frozenset(),
) -> RawTable:
    """Split JSON lines into rows; of a key given twice in one object the last one counts.

    Raises:
        SourceError: The file is one JSON array instead of lines.
    """
    if opened.text.lstrip().startswith("["):
        raise SourceError("this is a JSON array", path=path, hint="write one object a line (jq -c '.[]')")
    is_clean = opened.is_clean and "\\u0000" not in opened.text and "\\ud" not in opened.text.lower()
    rows = Rows(wanted, ignored)
    seen: dict[str, None] = {}
    batch: list[dict[str, str]] = []
    for number, line in enumerate(opened.text.split("\n"), 1):
        if not line or line.isspace():
            continue
        row, fault = _object(line, is_clean=is_clean)
        if fault:
            rows.bad.append(BadRow(number, fault[0], fault[1], line))
            continue
        seen.update(dict.fromkeys(row))
        rows.lines.append(number)
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            _close_batch(batch, rows)
            batch = []
    _close_batch(batch, rows)
    return rows.table(tuple(seen))


def _object(line: str, *, is_clean: bool) -> tuple[dict[str, str], tuple[str | None, str] | None]:
    try:
        raw = json.loads(line)
    except RecursionError:
        return {}, (None, "JSON nested too deeply")
    except ValueError as error:
        unsafe = unsafe_reason(line)
        return {}, (None, unsafe or f"not JSON: {getattr(error, 'msg', 'a number is too long')}")
    if not isinstance(raw, dict):
        return {}, (None, "not a JSON object")
    row = {
        name: value if value.__class__ is str else _text(value)
        for name, value in raw.items()
        if value is not None
    }
    if not is_clean:
        for name, value in row.items():
            if reason := unsafe_reason(name + value):
                return {}, (name if not unsafe_reason(name) else None, reason)
    return row, None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _close_batch(batch: list[dict[str, str]], rows: Rows) -> None:
    if not batch:
        return
    others = set().union(*batch) - rows.wanted - rows.ignored
    rows.close_batch(
        {name: [row.get(name) for row in batch] for name in sorted(rows.wanted)},
        ({name: cell for name, cell in row.items() if name in others and cell} for row in batch)
        if others
        else (),
    )
