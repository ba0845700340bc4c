"""Whatever is thrown at it, ingest loads what is good, counts the rest, or refuses in one line."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import StaffcastError
from staffcast.store.schema import CANONICAL_TABLES, Column, Kind, Table
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

HEADER = b"message_id,conversation_id,timestamp,sender_type,text\n"
GOOD = b"m1,c1,2026-11-02T09:00:00Z,customer,hello\n"
NOISE = random.Random(5).randbytes(5000)  # noqa: S311 - reproducible, not secret

# name, content, rows stored (None = refused)
FILES: list[tuple[str, bytes, int | None]] = [
    ("bom", b"\xef\xbb\xbf" + HEADER + GOOD, 1),
    ("utf-16", b"\xff\xfe" + (HEADER + GOOD).decode().encode("utf-16-le"), 1),
    ("latin-1", HEADER + GOOD + b"m2,c1,2026-11-02T09:00:00Z,customer,caf\xe9\n", 1),
    ("nul", HEADER + GOOD + b"m2,c1,2026-11-02T09:00:00Z,customer,a\0b\n", 1),
    ("mixed-ends", (HEADER + GOOD).replace(b"\n", b"\r\n") + b"m2,c1,2026-11-02T09:00Z,bot,x\r", 2),
    ("empty", b"", None),
    ("blank", b"\n \n", None),
    ("header-only", HEADER, 0),
    ("no-header", GOOD, None),
    ("missing-column", b"conversation_id,timestamp\nc1,2026-11-02T09:00:00Z\n", None),
    ("doubled-column", HEADER.replace(b"text", b"message_id") + GOOD, None),
    ("upper-case", HEADER.upper() + GOOD, None),
    ("ragged", HEADER + b"m0,c1\n" + GOOD + b"m2,c1,2026-11-02T09:00Z,bot,x,y,z\n", 1),
    ("open-quote", HEADER + b'm0,c1,2026-11-02T09:00Z,bot,"open\n' + GOOD, 1),
    ("truncated", HEADER + GOOD + b"m2,c1,2026-11", 1),
    ("semicolons", (HEADER + GOOD).replace(b",", b";"), 1),
    ("tabs", (HEADER + GOOD).replace(b",", b"\t"), 1),
    ("web-page", b"<!DOCTYPE html><html><body>Sign in</body></html>", None),
    ("noise", NOISE, None),
    ("zip", b"PK\x03\x04" + NOISE, None),
    ("twice", HEADER + GOOD + HEADER + GOOD, 1),
    ("long-id", HEADER + GOOD + b"x" * 10_000 + b",c1,2026-11-02T09:00Z,bot,x\n", 2),
    ("long-text", HEADER + GOOD + b"m2,c1,2026-11-02T09:00Z,bot," + b"x" * 200_000 + b"\n", 1),
    ("excel-time", HEADER + b"m0,c1,46328.375,bot,x\n" + GOOD, 1),
    ("year-1", HEADER + b"m0,c1,0001-01-01T00:00:00Z,bot,x\nm9,c1,9999-01-01T00:00:00Z,bot,x\n" + GOOD, 1),
    ("unknown-sender", HEADER + b"m0,c1,2026-11-02T09:00:00Z,alien,x\n" + GOOD, 1),
    ("naive", HEADER + GOOD.replace(b"Z", b""), None),
]


def stored(data_dir: Path, table: str) -> int:
    with Warehouse.open(data_dir) as warehouse:
        return int(warehouse.con.table(table).count("*").fetchall()[0][0])


@pytest.mark.parametrize(("name", "content", "expected"), FILES, ids=[name for name, _, _ in FILES])
def test_a_bad_file(tmp_path: Path, name: str, content: bytes, expected: int | None) -> None:
    path = tmp_path / "messages.csv.gz"
    path.write_bytes(gzip.compress(content))
    data_dir = tmp_path / "data"
    if expected is None:
        with pytest.raises(StaffcastError) as caught:
            ingest(path, data_dir=data_dir)
        said = str(caught.value)
        assert "\n" not in said
        assert path.name in said
        assert caught.value.hint
        assert not data_dir.exists() or stored(data_dir, "messages") == stored(data_dir, "loads") == 0
    else:
        report = ingest(path, data_dir=data_dir)
        assert report.is_balanced
        assert stored(data_dir, "messages") == expected, (name, report)


CELLS = ("", "\0", "NaN", "0170 1234567", "x" * 1000, "'; drop table loads; --", "{")


@pytest.mark.parametrize("table", CANONICAL_TABLES, ids=lambda table: table.name)
def test_every_table_survives_any_cell_in_any_column(tmp_path: Path, table: Table) -> None:
    """For each cell a row of nothing else, and a row with it in all columns that hold any text."""
    lines = [",".join(column.name for column in table.columns)]
    for cell in CELLS:
        lines.append(",".join([f'"{cell}"'] * len(table.columns)))
        lines.append(",".join(f'"{fitting(column, cell)}"' for column in table.columns))
    path = tmp_path / f"{table.name}.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    (load,) = ingest(path, data_dir=tmp_path / "data").files
    assert load.is_balanced
    assert load.n_rows == 2 * len(CELLS)
    assert load.n_new
    assert load.n_quarantined <= len(CELLS) + 2
    assert "1234567" not in str(load.reasons)


def fitting(column: Column, cell: str) -> str:
    if column.kind is Kind.TIME:
        return "2026-11-02T09:00:00Z"
    if column.choices:
        return column.choices[0]
    takes_any = column.kind not in (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.JSON) and not column.required
    return cell if takes_any else "1"


@pytest.mark.parametrize("table", CANONICAL_TABLES, ids=lambda table: table.name)
def test_each_required_column_is_asked_for(tmp_path: Path, table: Table) -> None:
    for missing in (column for column in table.columns if column.required):
        names = [column.name for column in table.columns if column is not missing]
        path = tmp_path / f"{table.name}.csv"
        path.write_text(",".join(names) + "\n")
        with pytest.raises(StaffcastError, match=rf"{table.name}\.csv:{missing.name}: "):
            ingest(path, data_dir=tmp_path / "data")
