"""A reader over hand-written rows: what is left out is null, or false for a flag; waits are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest

from staffcast.store.facts import FACT_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable


TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "BOOLEAN": pl.Boolean, "DOUBLE": pl.Float64}


class MemoryReader:
    min_group = 0
    currency = ""

    def __init__(self, tables: dict[str, list[dict[str, Any]]]) -> None:
        self.con = duckdb.connect()
        self.statements: list[str] = []
        for table in FACT_TABLES:
            columns = table.all_columns
            self.con.execute(f"create table {table.name} ({', '.join(f'{n} {t}' for n, t in columns)})")
            schema = {name: TYPES[kind] for name, kind in columns}
            flags = {name: False for name, kind in columns if kind == "BOOLEAN"}
            if table.name == "fact_conversation":
                flags |= dict.fromkeys(
                    ("is_wait_recorded", "is_course_recorded", "is_template_recorded"), True
                )
            rows = [flags | row for row in tables.get(table.name, [])]
            assert all(set(row) <= set(schema) for row in rows), "a row has a column that the fact has not"
            self.con.register("incoming", pl.DataFrame(rows, schema=schema))
            self.con.execute(f"insert into {table.name} by name select * from incoming")
            self.con.unregister("incoming")

    def run(self, sql: str, params: list[Any], /) -> pl.DataFrame:
        self.statements.append(sql)
        return self.con.cursor().sql(sql, params=params).pl()


@pytest.fixture
def reader_of() -> Callable[..., MemoryReader]:
    def make(**tables: list[dict[str, Any]]) -> MemoryReader:
        return MemoryReader(tables)

    return make
