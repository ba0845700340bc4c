"""A free query reads published tables and nothing else, in bounded time and memory."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

from staffcast.core.errors import WarehouseError
from staffcast.store.gate import check_statement
from staffcast.store.generations import open_generation, publish
from staffcast.store.reader import LOCKED_DOWN, NOTES
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.delta import changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.store.reader import Reader


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("gate")
    with Warehouse.open(folder, create=True) as warehouse:
        warehouse.con.execute("insert into queues (source, source_account, queue, row_hash, load_id) values"
                              " ('s', 'a', 'sales', 1, 1), ('s', 'a', 'support', 2, 1)")  # fmt: skip
        publish(warehouse, ["queues", "loads"], now=datetime(2026, 11, 16, tzinfo=UTC))
    with open_generation(folder) as opened:
        yield opened


ESCAPES = (
    # files
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json_auto('/etc/passwd')",
    "select * from read_parquet('x.parquet')",
    "select * from read_duckdb('warehouse.duckdb')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from 'https://example.org/x.csv'",
    "from \"read_csv\"('/etc/passwd')",
    "select * from glob('*')",
    "select * from queues where queue in (select file from glob('*'))",
    "with x as materialized (from glob('*')) from x",
    "select exists(from read_text('/etc/passwd'))",
    "copy queues to '/tmp/x.csv'",
    "copy queues from '/etc/passwd'",
    "export database '/tmp/x'",
    "import database '/tmp/x'",
    "attach '/tmp/x.duckdb' as x",
    "detach x",
    # extensions
    "install httpfs",
    "load httpfs",
    "load '/tmp/x.duckdb_extension'",
    "force install httpfs from 'https://example.org'",
    # settings and the machine
    "set threads = 1",
    "set memory_limit = '99GB'",
    "reset all",
    "set variable x = 1",
    "pragma database_list",
    "pragma database_size",
    "pragma enable_profiling",
    "call duckdb_settings()",
    "call pragma_database_size()",
    "select * from duckdb_settings()",
    "select * from system.main.duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_databases()",
    "select * from duckdb_extensions()",
    "select * from duckdb_logs()",
    "select * from duckdb_temporary_files()",
    "select * from pragma_database_size()",
    "select * from pg_settings",
    "select * from pg_catalog.pg_settings",
    "select * from sqlite_master",
    "select * from information_schema.schemata",
    "show databases",
    "select current_setting('temp_directory')",
    "select getenv('HOME')",
    "select 'HOME'.getenv()",
    "select main.getenv('HOME')",
    "select list_transform(['HOME'], x -> getenv(x))",
    "select queue from queues order by current_setting('home_directory')",
    "select count(*) filter (where getenv('HOME') = '') from queues",
    "select sum(1) over (partition by current_setting('home_directory')) from queues",
    "select * replace (getenv('HOME') as queue) from queues",
    "select getvariable('x')",
    # names that hide what they read
    "with pg_settings as (select * from pg_settings) select * from pg_settings",
    "with x as (select * from sqlite_master), sqlite_master as (select 1) select * from x",
    "select * from query('select * from duckdb_settings()')",
    "select * from query_table('duckdb_settings')",
    "select * from json_execute_serialized_sql('{}')",
    "from queues union all by name from sqlite_master",
    "select * from queues limit (select count(*) from sqlite_master)",
    "/* queues */ select * from -- queues\n sqlite_master",
    # writes
    "insert into queues (queue) values ('x')",
    "update queues set queue = 'x'",
    "delete from queues",
    "truncate queues",
    "drop table queues",
    "create table x as select 1",
    "create temp table x as select 1",
    "create macro f() as 1",
    "create view v as select 1",
    "alter table queues drop column queue",
    "begin",
    "checkpoint",
    "vacuum",
    "prepare p as select 1",
    "execute p",
    "explain analyze select 1",
    # shape
    "select 1; select 2",
    "select 1; drop table queues",
    "",
    " ; ",
    "-- nothing",
    "selec 1",
    "select * from no_such_table",
    "select 'unclosed",
    "\x00",
)


@pytest.mark.parametrize("text", ESCAPES)
def test_everything_else_is_refused_in_one_line(text: str, reader: Reader) -> None:
    with pytest.raises(WarehouseError) as refusal:
        reader.query(text)
    assert "\n" not in str(refusal.value)
    assert str(reader.generation.path.parent) not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "n_rows"),
    [
        ("select * from queues", 2),
        ("FROM Queues", 2),
        ("select * from main.queues", 2),
        ("/* why */ select queue from queues -- so", 2),
        ("with a as (from queues), b as (from a) select * from b", 2),
        ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 9) from n", 9),
        ("select * from queues q join loads l on true", 0),
        ("select unnest([1, 2, 3])", 3),
        ("from range(4)", 4),
        ("values (1), (2)", 2),
        ("select (select max(queue) from queues) from queues where exists (select 1)", 2),
        ("select queue, row_number() over (order by queue) from queues", 2),
        ("show tables", 2),
        ("select table_name from information_schema.tables where table_schema = 'main'", 2),
        ("select column_name from information_schema.columns where table_name = 'queues' and false", 0),
    ],
)
def test_queries_on_published_tables_run(text: str, n_rows: int, reader: Reader) -> None:
    assert reader.query(text).height == n_rows


def test_columns_of_a_table_are_no_secret(reader: Reader) -> None:
    assert "queue" in reader.query("describe queues")["column_name"].to_list()
    assert reader.tables() == ["loads", "queues"]


def test_parameters_are_bound(reader: Reader) -> None:
    assert reader.query("select queue from queues where queue = $1", ["sales"]).height == 1
    assert reader.query("select queue from queues where queue = $q", {"q": "' or 1 = 1 --"}).height == 0


def test_a_variable_of_the_caller_is_no_table(reader: Reader) -> None:
    sales = reader.query("from queues")
    with pytest.raises(WarehouseError, match="no published table 'sales'"):
        reader.query("from sales")
    assert sales.height == 2


@pytest.mark.parametrize(
    "text",
    [
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select count(*) from range(1000000000) a, range(1000000000) b where a.range + b.range = -1",
    ],
)
def test_a_query_without_end_is_stopped(text: str, reader: Reader) -> None:
    started = time.monotonic()
    with pytest.raises(WarehouseError, match=r"stopped after 0\.3 s|memory"):
        reader.query(text, time_limit_s=0.3)
    assert time.monotonic() - started < 10


def test_a_query_that_outgrows_the_memory_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LOCKED_DOWN, "memory_limit", "40MB")
    with Warehouse.open(tmp_path, create=True) as warehouse:
        publish(warehouse, ["queues"], now=datetime(2026, 11, 16, tzinfo=UTC))
    with open_generation(tmp_path) as reader, pytest.raises(WarehouseError, match="more than 40MB of memory"):
        reader.query("select len(list(a.range || repeat('x', 500))) from range(500000) a")


def test_settings_stay_locked_even_for_our_own_statements(reader: Reader) -> None:
    for text in ("set threads = 1", "attach '/tmp/x' as y", "from read_csv('/etc/passwd')", "install httpfs"):
        with pytest.raises(WarehouseError):
            reader.run(text)


def test_what_the_profile_withholds_is_named() -> None:
    with pytest.raises(WarehouseError, match="agents is withheld by the works-council profile"):
        check_statement(duckdb.connect(), "from agents", ["queues"], withheld=["agents"])


def test_notes_of_the_build_are_no_tables_of_the_catalogue() -> None:
    assert set(changes.NOTES) == NOTES
