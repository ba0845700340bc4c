from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb
import pytest

from staffcast.core.errors import WarehouseError
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from pathlib import Path


def count(warehouse: Warehouse, table: str) -> int:
    return int(warehouse.con.table(table).count("*").fetchall()[0][0])


def add_agent(warehouse: Warehouse) -> None:
    warehouse.con.execute(
        "insert into agents (source, source_account, agent_id, row_hash, load_id)"
        " values ('s', 'a', 'x', 7, 1)"
    )


def test_reopening_keeps_the_rows(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse, warehouse.transaction():
        add_agent(warehouse)
    with Warehouse.open(tmp_path) as warehouse:
        assert count(warehouse, "agents") == 1


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse:
        with suppress(ZeroDivisionError), warehouse.transaction():
            add_agent(warehouse)
            raise ZeroDivisionError
        assert count(warehouse, "agents") == 0
        with warehouse.transaction():
            add_agent(warehouse)
        assert count(warehouse, "agents") == 1


def test_an_inner_transaction_belongs_to_the_outer_one(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse:
        with suppress(ZeroDivisionError), warehouse.transaction():
            with warehouse.transaction():
                add_agent(warehouse)
            raise ZeroDivisionError
        assert count(warehouse, "agents") == 0


def test_a_rehearsal_is_rolled_back(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse:
        with warehouse.transaction(keep=False):
            add_agent(warehouse)
            assert count(warehouse, "agents") == 1
        assert count(warehouse, "agents") == 0


def test_a_missing_warehouse_is_not_created_by_reading(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"no warehouse at .*staffcast ingest FOLDER"):
        Warehouse.open(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse:
        warehouse.con.execute("insert into schema_version values (999)")
    with pytest.raises(WarehouseError, match=r"schema version 999.*upgrade staffcast"):
        Warehouse.open(tmp_path)


def test_another_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as con:
        con.execute("create table mine as select 1 as x")
    with pytest.raises(WarehouseError, match="not of staffcast"):
        Warehouse.open(tmp_path)
    with duckdb.connect(path) as con:
        assert con.sql("select table_name from duckdb_tables()").fetchall() == [("mine",)]


@pytest.mark.parametrize("content", [b"", b"hello world" * 1000])
def test_a_corrupt_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(content)
    with pytest.raises(WarehouseError, match="cannot be read as a warehouse") as caught:
        Warehouse.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path, create=True) as warehouse:
        warehouse.con.execute("create table big as select range as x from range(300000)")
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(WarehouseError, match="cannot be read as a warehouse"):
        Warehouse.open(tmp_path)


def test_the_process_that_holds_the_lock_is_named(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from staffcast.store.warehouse import Warehouse\n"
        "with Warehouse.open(Path(sys.argv[1]), create=True):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(WarehouseError, match=f"in use by process {process.pid} "):
            Warehouse.open(tmp_path)
        process.communicate()
    Warehouse.open(tmp_path).con.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WarehouseError, match="cannot create the folder"):
        Warehouse.open(tmp_path / "file" / "data", create=True)


def test_a_full_disk_is_said_and_nothing_is_stored(tmp_path: Path) -> None:
    """The file may not grow past a size limit, which DuckDB sees as a full disk."""
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from staffcast.core.errors import WarehouseError\n"
        "from staffcast.store.warehouse import Warehouse\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))\n"
        "with Warehouse.open(Path(sys.argv[1])) as warehouse:\n"
        "    try:\n"
        "        with warehouse.transaction():\n"
        "            warehouse.con.execute('create table big as select random() as x from range(5000000)')\n"
        "    except WarehouseError as error:\n"
        "        print(error)\n"
    )
    with Warehouse.open(tmp_path, create=True) as warehouse:
        add_agent(warehouse)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "nothing was stored" in done.stdout, done
    with Warehouse.open(tmp_path) as warehouse:
        assert count(warehouse, "agents") == 1
        names = warehouse.con.sql("select table_name from duckdb_tables()").fetchall()
        assert ("big",) not in names
