"""A rewritten warehouse is the same one in a file that never held what was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import WarehouseError
from staffcast.store import warehouse as warehouse_module
from staffcast.store.generations import current_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.lifecycle import erase, finish, rewrite, unfinished
from staffcast_pipelines.lifecycle import finishing as finishing_module

from .conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Place


def names(place: Place) -> set[str]:
    return {path.name for path in place.data_dir.iterdir()}


def test_deleted_bytes_are_gone_and_rows_and_constraints_stay(place: Place) -> None:
    with place.open() as warehouse:
        warehouse.con.execute("delete from messages where text like '%canarytext one%'")
        warehouse.con.execute("checkpoint")
    tables = place.tables()
    assert b"canarytext one" in place.contents()
    with place.open() as warehouse:
        rewrite(warehouse)
        with pytest.raises(duckdb.ConstraintException):
            warehouse.con.execute("update loads set n_rows = n_rows + 1")
        with pytest.raises(duckdb.ConstraintException):
            warehouse.con.execute("insert into loads select * from loads")
    assert b"canarytext one" not in place.contents()
    assert place.tables() == tables
    assert names(place) == {"warehouse.duckdb", "warehouse.lock", "staffcast.key", "generations"}


def test_the_folder_stays_locked_all_the_while(place: Place) -> None:
    with place.open() as warehouse:
        rewrite(warehouse)
        with pytest.raises(WarehouseError, match="in use"):
            Warehouse.open(place.data_dir)


def test_leftovers_of_a_crash_are_removed_on_opening(place: Place) -> None:
    for name in ("warehouse.duckdb.new", "warehouse.duckdb.new.wal"):
        (place.data_dir / name).write_bytes(b"canary")
    tables = place.tables()
    assert not [name for name in names(place) if ".new" in name]
    assert place.tables() == tables


def fail_to_sync(_: Path) -> None:
    raise OSError(28, "No space left on device")


def test_a_failure_leaves_the_warehouse_as_it_was_and_open(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = place.tables()
    with place.open() as warehouse:
        with monkeypatch.context() as patch:
            patch.setattr(warehouse_module, "sync", fail_to_sync)
            with pytest.raises(WarehouseError, match="No space left"):
                rewrite(warehouse)
        assert warehouse.con.sql("select count(*) > 0 from messages").fetchall() == [(True,)]
    assert place.tables() == tables
    assert not [name for name in names(place) if ".new" in name]


def test_a_log_of_the_old_file_is_never_applied_to_the_new(place: Place) -> None:
    with place.open() as warehouse:
        log = place.data_dir / "warehouse.duckdb.wal"
        genuine = warehouse.con

        class Clinging:
            """A connection whose log stays behind."""

            def close(self) -> None:
                genuine.close()
                log.write_bytes(b"")

            def __getattr__(self, name: str) -> Any:
                return getattr(genuine, name)

        warehouse.con = Clinging()  # type: ignore[assignment]
        with pytest.raises(WarehouseError, match="unsaved changes"):
            rewrite(warehouse)


class Killed(BaseException):
    """The process dies here: nothing that handles errors may see it."""


def cut(patch: pytest.MonkeyPatch, where: str) -> None:
    """Let the process die right after a step of an erasure."""
    module, _, name = where.partition(":")
    owner: Any = {"finishing": finishing_module, "warehouse": Warehouse}[module]
    genuine: Callable[..., Any] = getattr(owner, name)

    def dies(*arguments: Any, **options: Any) -> Any:
        genuine(*arguments, **options)
        raise Killed

    patch.setattr(owner, name, dies)


@pytest.mark.parametrize(
    "where",
    ["warehouse:replace_file", "finishing:rewrite", "finishing:build", "finishing:_remove_older",
     "finishing:renew_backups"],
)  # fmt: skip
def test_an_erasure_cut_off_after_any_step_is_finished_later(
    place: Place, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    with monkeypatch.context() as patch, place.open() as warehouse:
        cut(patch, where)
        with pytest.raises(Killed):
            erase(warehouse, Settings(), "canaryid1", linked=True, now=NOW)
    with place.open() as warehouse:
        assert unfinished(warehouse) == "erase"
        finish(warehouse, Settings(), now=NOW)
        assert unfinished(warehouse) is None
    assert b"canary" not in place.contents().lower()


def test_erasing_again_finishes_what_was_cut_off(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, place.open() as warehouse:
        cut(patch, "finishing:rewrite")
        with pytest.raises(Killed):
            erase(warehouse, Settings(), "canaryid1", linked=True, now=NOW)
    with place.open() as warehouse:
        assert erase(warehouse, Settings(), "canaryid1", linked=True, now=NOW).n_rows == {}
        assert unfinished(warehouse) is None
    assert b"canary" not in place.contents().lower()


@pytest.mark.usefixtures("real_build")
def test_a_build_after_an_erasure_that_was_cut_off_continues_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open() as warehouse:
        assert build(warehouse, Settings(), now=NOW).full_because == ""
    with monkeypatch.context() as patch, place.open() as warehouse:
        cut(patch, "finishing:rewrite")
        with pytest.raises(Killed):
            erase(warehouse, Settings(), "canaryid1", linked=True, now=NOW)
    with place.open() as warehouse:
        assert build(warehouse, Settings(), now=NOW).full_because
    current = current_generation(place.data_dir)
    assert current is not None
    assert b"canary" not in current.path.read_bytes()
