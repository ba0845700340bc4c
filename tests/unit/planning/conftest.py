"""A reader over hand-written facts: columns left out are null, flags left out are false."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest

from staffcast.store.facts import FACT_TABLES
from staffcast.store.schema import canonical_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "BOOLEAN": pl.Boolean, "DOUBLE": pl.Float64}
COLUMNS = {table.name: dict(table.all_columns) for table in FACT_TABLES} | {
    name: {c: t.removesuffix(" NOT NULL") for c, t in canonical_table(name).stored_columns}
    for name in ("agents", "queues", "targets")
}


class FactReader:
    """Answers queries like a published generation."""

    min_group = 0
    currency = ""

    def __init__(self, tables: Mapping[str, list[dict[str, Any]]]) -> None:
        self.con = duckdb.connect()
        for name, columns in COLUMNS.items():
            self.con.execute(f"create table {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
            rows = tables.get(name, [])
            if rows:
                flags = {column: False for column, kind in columns.items() if kind == "BOOLEAN"}
                unknown = {column for row in rows for column in row} - set(columns)
                assert not unknown, f"{name} has no {unknown}"
                frame = pl.DataFrame(
                    [flags | row for row in rows], schema={c: TYPES[columns[c]] for c in columns}
                )
                self.con.register("incoming", frame)
                self.con.execute(f"insert into {name} by name select * from incoming")
                self.con.unregister("incoming")

    def run(self, sql: str, params: Sequence[object] | Mapping[str, object] = ()) -> pl.DataFrame:
        return self.con.cursor().sql(sql, params=params or None).pl()


@pytest.fixture
def reader_of() -> Callable[..., FactReader]:
    def make(**tables: list[dict[str, Any]]) -> FactReader:
        return FactReader(tables)

    return make
