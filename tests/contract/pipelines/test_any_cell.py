"""Any cell in any column of any table: loaded or put aside, never more, never less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import StaffcastError
from staffcast.store.schema import CANONICAL_TABLES, Column, Kind, Table
from staffcast_pipelines.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

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
