from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from staffcast.store.schema import CANONICAL_TABLES, SCHEMA_VERSION, Kind, Table
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder: Path = tmp_path_factory.mktemp("data")
    with Warehouse.open(folder, create=True) as warehouse:
        yield warehouse


@pytest.mark.parametrize("table", CANONICAL_TABLES, ids=lambda table: table.name)
def test_the_migrations_create_exactly_the_declared_columns(warehouse: Warehouse, table: Table) -> None:
    created = warehouse.con.execute(
        "select column_name, data_type || case when is_nullable then '' else ' NOT NULL' end"
        " from duckdb_columns() where table_name = ? order by column_index",
        [table.name],
    ).fetchall()
    assert created == list(table.stored_columns)


@pytest.mark.parametrize("table", CANONICAL_TABLES, ids=lambda table: table.name)
def test_keys_and_versions_name_stored_columns(table: Table) -> None:
    stored = dict(table.stored_columns)
    assert {*table.key, *table.newest_by} <= stored.keys()
    assert {stored[name] for name in table.newest_by} <= {"BIGINT"}
    assert {*table.identity, *table.one_of} <= {column.name for column in table.columns}


@pytest.mark.parametrize("table", CANONICAL_TABLES, ids=lambda table: table.name)
def test_every_key_is_required_or_can_be_made_up(table: Table) -> None:
    needed = {name for column in table.columns if column.required for name, _ in column.stored}
    assert table.identity or needed & set(table.key)


def test_nothing_private_is_a_stored_column() -> None:
    private = {c.name for table in CANONICAL_TABLES for c in table.columns if c.kind is Kind.PRIVATE}
    assert private == {"name", "email", "phone"}
    customers = next(table for table in CANONICAL_TABLES if table.name == "customers")
    assert not private & dict(customers.stored_columns).keys()


def test_the_schema_version_is_the_newest_migration(warehouse: Warehouse) -> None:
    assert warehouse.con.sql("select max(version) from schema_version").fetchall() == [(SCHEMA_VERSION,)]


def test_the_ledger_refuses_counts_that_do_not_add_up(warehouse: Warehouse) -> None:
    import duckdb

    row = "(1, 's', 'a', 't', 'f', 'x', 'y', now(), 5, 1, 1, 1, 1, 0, 0, null, null, '0')"
    with pytest.raises(duckdb.ConstraintException):
        warehouse.con.execute(f"insert into loads values {row}")
