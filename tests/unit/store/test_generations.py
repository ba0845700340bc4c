from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import WarehouseError
from staffcast.store.generations import current_generation, draft, open_generation, publish
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.store.reader import Reader

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


def publish_numbers(data_dir: Path, n: int) -> None:
    with Warehouse.open(data_dir, create=True) as warehouse:
        warehouse.con.execute(f"create or replace table numbers as select range as x from range({n})")
        publish(warehouse, ["numbers"], now=NOW, as_of_us=n, meta={"timezone": "UTC"})


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    publish_numbers(tmp_path, 100_000)
    with open_generation(tmp_path) as reader:
        yield reader


def test_the_current_generation_is_the_last_published(tmp_path: Path) -> None:
    assert current_generation(tmp_path) is None
    publish_numbers(tmp_path, 3)
    publish_numbers(tmp_path, 5)
    generation = current_generation(tmp_path)
    assert generation is not None
    assert (generation.number, generation.as_of_us, generation.meta) == (2, 5, {"timezone": "UTC"})
    assert generation.published_at == "2026-11-16T08:00:00+00:00"
    with open_generation(tmp_path) as reader:
        assert reader.query("select count(*) as n from numbers")["n"].item() == 5
        assert reader.tables() == ["numbers"]


def test_two_generations_are_kept_and_leftovers_go(tmp_path: Path) -> None:
    folder = tmp_path / "generations"
    publish_numbers(tmp_path, 1)
    (folder / "gen-000099.duckdb.tmp").write_text("from a crash")
    (folder / "gen-000099.duckdb.tmp.wal").write_text("from a crash")
    for n in (2, 3, 4):
        publish_numbers(tmp_path, n)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["current.json", "gen-000003.duckdb", "gen-000004.duckdb"]


def test_a_reader_keeps_its_generation_while_others_are_published(tmp_path: Path) -> None:
    publish_numbers(tmp_path, 1)
    with open_generation(tmp_path) as reader:
        for n in (2, 3, 4):
            publish_numbers(tmp_path, n)
        assert reader.query("select count(*) as n from numbers")["n"].item() == 1


def test_a_failed_publication_changes_nothing(tmp_path: Path) -> None:
    publish_numbers(tmp_path, 1)
    with (
        Warehouse.open(tmp_path) as warehouse,
        pytest.raises(WarehouseError, match="absent"),
    ):
        publish(warehouse, ["numbers", "absent"], now=NOW)
    generation = current_generation(tmp_path)
    assert generation is not None
    assert generation.number == 1
    names = sorted(path.name for path in (tmp_path / "generations").iterdir())
    assert names == ["current.json", "gen-000001.duckdb"]


def test_a_draft_that_is_not_published_leaves_nothing(tmp_path: Path) -> None:
    publish_numbers(tmp_path, 1)
    with Warehouse.open(tmp_path) as warehouse:
        with draft(warehouse, base=current_generation(tmp_path)) as started:
            started.begin(from_base=True)
            assert warehouse.con.sql("select count(*) from facts.numbers").fetchall() == [(1,)]
            warehouse.con.execute("insert into facts.numbers values (7)")
        databases = warehouse.con.sql(
            "select database_name from duckdb_databases() where not internal"
        ).fetchall()
    assert databases == [("warehouse",)]
    names = sorted(path.name for path in (tmp_path / "generations").iterdir())
    assert names == ["current.json", "gen-000001.duckdb"]
    with open_generation(tmp_path) as reader:
        assert reader.query("select count(*) as n from numbers")["n"].item() == 1


def test_a_draft_may_begin_from_the_generation_before(tmp_path: Path) -> None:
    publish_numbers(tmp_path, 3)
    with (
        Warehouse.open(tmp_path) as warehouse,
        draft(warehouse, base=current_generation(tmp_path)) as started,
    ):
        started.begin(from_base=True)
        warehouse.con.execute("insert into facts.numbers values (7)")
        started.publish(now=NOW)
    with open_generation(tmp_path) as reader:
        assert reader.query("select x from numbers order by x")["x"].to_list() == [0, 1, 2, 7]


def test_a_disk_that_refuses_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_numbers(tmp_path, 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("staffcast.store.generations.shutil.copyfile", full)
    with (
        Warehouse.open(tmp_path) as warehouse,
        pytest.raises(WarehouseError, match="No space left"),
        draft(warehouse, base=current_generation(tmp_path)) as started,
    ):
        started.begin(from_base=True)
    generation = current_generation(tmp_path)
    assert generation is not None
    assert generation.number == 1


def test_a_folder_name_with_a_quote_works(tmp_path: Path) -> None:
    publish_numbers(tmp_path / "it's a test", 2)
    with open_generation(tmp_path / "it's a test") as reader:
        assert reader.query("select count(*) as n from numbers")["n"].item() == 2


def test_no_generation_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="staffcast ingest FOLDER"):
        open_generation(tmp_path)
    with pytest.raises(WarehouseError, match="staffcast ingest FOLDER"):
        open_generation(tmp_path / "absent")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"number": 1}', "\x00\xff"])
def test_a_damaged_pointer_is_said(tmp_path: Path, text: str) -> None:
    publish_numbers(tmp_path, 1)
    (tmp_path / "generations" / "current.json").write_text(text, encoding="latin-1")
    with pytest.raises(WarehouseError, match="damaged"):
        open_generation(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"hello world" * 100])
def test_a_damaged_or_missing_generation_is_said(tmp_path: Path, content: bytes | None) -> None:
    publish_numbers(tmp_path, 1)
    path = tmp_path / "generations" / "gen-000001.duckdb"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WarehouseError, match="staffcast ingest FOLDER"):
        open_generation(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/hostname')",
        "create table mine as select 1",
        "delete from numbers",
        "attach ':memory:' as other",
        "set enable_external_access = true",
        "copy numbers to 'out.csv'",
        "install httpfs",
        "selec 1",
        "select absent from numbers",
    ],
)
def test_a_reader_only_reads_its_tables(reader: Reader, statement: str) -> None:
    with pytest.raises(WarehouseError) as caught:
        reader.query(statement)
    assert "\n" not in str(caught.value)
    assert reader.query("select count(*) as n from numbers")["n"].item() == 100_000


def test_parameters_are_values_never_sql(reader: Reader) -> None:
    assert reader.query("select count(*) as n from numbers where x < $1", [5])["n"].item() == 5
    assert (
        reader.query("select $word as word", {"word": "'; drop table numbers"})["word"].item().startswith("'")
    )


def test_a_row_limit_cuts(reader: Reader) -> None:
    assert reader.query("select x from numbers order by x", limit=3)["x"].to_list() == [0, 1, 2]


def test_a_query_over_its_time_is_stopped(reader: Reader) -> None:
    endless = "select count(*) from numbers a, numbers b, numbers c where a.x * b.x % 7 = c.x"
    with pytest.raises(WarehouseError, match=r"stopped after 0\.2 s"):
        reader.query(endless, time_limit_s=0.2)


def test_threads_get_their_own_rows(reader: Reader) -> None:
    wrong: list[tuple[int, int]] = []

    def ask(worker: int) -> None:
        for step in range(25):
            wanted = worker * 1000 + step
            got = reader.query("select count(*) as n from numbers where x < $1", [wanted])["n"].item()
            if got != wanted:
                wrong.append((wanted, got))

    threads = [threading.Thread(target=ask, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
