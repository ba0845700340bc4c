"""A backup comes back as it was, unless it is damaged, foreign, or holds somebody who was erased since."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import tarfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError, SourceError, WarehouseError
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.lifecycle import backup, erase, finish, restore, retain, rotate_key, unfinished
from staffcast_pipelines.lifecycle import backups as backups_module

from .conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from staffcast_pipelines.lifecycle import Restored

    from .conftest import Place


@pytest.fixture
def saved(place: Place, tmp_path: Path) -> Path:
    path = tmp_path / "backup.tar"
    with place.open() as warehouse:
        backup(warehouse, path, now=NOW)
    return path


def restored(saved: Path, data_dir: Path, *, force: bool = False) -> Restored:
    done = restore(saved, data_dir, now=NOW, force=force)
    with Warehouse.open(data_dir) as warehouse:
        assert unfinished(warehouse) == "restore"
        finish(warehouse, Settings(), now=NOW)
    return done


def erase_canary(place: Place) -> tuple[tuple[Path, str], ...]:
    with place.open() as warehouse:
        return erase(warehouse, Settings(), "canaryid1", linked=True, now=LATER).unreachable_backups


def without_policies(tables: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: rows for name, rows in tables.items() if name != "policies"}


@pytest.mark.usefixtures("real_build")
def test_a_backup_restores_elsewhere_to_the_same_tables_and_facts(
    place: Place, saved: Path, tmp_path: Path
) -> None:
    tables, facts = place.tables(), place.facts()
    other = type(place)(tmp_path / "elsewhere", place.export)
    restored(saved, other.data_dir)
    assert other.tables() == tables
    assert other.facts() == facts
    report = other.load_again(tmp_path / "again")
    assert report.total("n_new") == report.total("n_updated") == 0


def test_it_is_one_private_file_with_known_members(place: Place, saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with tarfile.open(saved) as tar:
        assert tar.getnames() == ["manifest.json", "staffcast.key", "warehouse.duckdb"]
        manifest = json.load(tar.extractfile("manifest.json") or io.BytesIO())
    assert manifest["format"] == 1
    assert manifest["made_at"] == NOW.isoformat()
    assert place.rows("select path from backups") == [(str(saved),)]
    assert not [path for path in saved.parent.iterdir() if path.name.endswith(".tmp")]


def test_a_folder_in_use_is_replaced_only_by_force(place: Place, saved: Path) -> None:
    tables = place.tables()
    with pytest.raises(WarehouseError, match="not empty"):
        restore(saved, place.data_dir, now=NOW)
    with place.open() as warehouse:
        warehouse.con.execute("delete from messages")
    restored(saved, place.data_dir, force=True)
    assert place.tables() == tables
    assert {path.name for path in place.data_dir.iterdir()} == {
        "warehouse.duckdb", "warehouse.lock", "staffcast.key", "generations",
    }  # fmt: skip


def write_record(data_dir: Path, name: str, text: str) -> None:
    (data_dir / name).parent.mkdir(parents=True, exist_ok=True)
    (data_dir / name).write_text(text, encoding="utf-8")


def test_what_was_told_to_others_is_saved_and_never_replaced(place: Place, tmp_path: Path) -> None:
    saved, other = tmp_path / "with records.tar", tmp_path / "elsewhere"
    close, forecast = "closes/2026-10-1.json", "forecasts/published/000001.json"
    write_record(place.data_dir, close, "the month")
    write_record(place.data_dir, forecast, "the forecast")
    write_record(place.data_dir, "forecasts/published/tmp1.tmp", "half of one")
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
    with tarfile.open(saved) as tar:
        assert tar.getnames() == ["manifest.json", "staffcast.key", "warehouse.duckdb", close, forecast]
    restored(saved, other)
    assert (other / close).read_text(encoding="utf-8") == "the month"
    write_record(place.data_dir, close, "the month, as told since")
    (place.data_dir / forecast).unlink()
    restored(saved, place.data_dir, force=True)
    assert (place.data_dir / close).read_text(encoding="utf-8") == "the month, as told since"
    assert (place.data_dir / forecast).read_text(encoding="utf-8") == "the forecast"


def test_an_erasure_leaves_the_records_in_a_backup(place: Place, tmp_path: Path) -> None:
    saved = tmp_path / "with records.tar"
    write_record(place.data_dir, "closes/2026-10-1.json", "the month")
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
    assert not erase_canary(place)
    restored(saved, tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "closes/2026-10-1.json").read_text(encoding="utf-8") == "the month"


@pytest.mark.parametrize(
    "name", ["closes/../2026-10-1.json", "other/1.json", "/closes/1.json", "closes/1.sh"]
)
def test_a_record_can_end_up_nowhere_else(place: Place, tmp_path: Path, name: str) -> None:
    saved = tmp_path / "forged.tar"
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
    with tarfile.open(saved) as tar:
        members = {member.name: (tar.extractfile(member) or io.BytesIO()).read() for member in tar}
    manifest = json.loads(members["manifest.json"])
    manifest["format"], manifest["sizes"][name], manifest["sha256"][name] = 2, 1, "0" * 64
    members["manifest.json"] = json.dumps(manifest).encode()
    _tar(saved, *((key, tarfile.REGTYPE, content) for key, content in members.items()))
    with pytest.raises(SourceError, match="no backup of staffcast"):
        restore(saved, tmp_path / "elsewhere", now=NOW)


def test_somebody_else_holding_the_warehouse_is_in_the_way(place: Place, saved: Path) -> None:
    with place.open(), pytest.raises(WarehouseError, match="in use"):
        restore(saved, place.data_dir, now=NOW, force=True)
    assert place.rows("select count(*) from backups") == [(1,)]


def test_an_unreachable_backup_is_named_and_caught_up_with_when_it_is_restored(
    place: Place, saved: Path, tmp_path: Path
) -> None:
    away = tmp_path / "vault" / "backup.tar"
    away.parent.mkdir()
    saved.rename(away)
    ((path, problem),) = erase_canary(place)
    assert path == saved
    assert "No such file" in problem
    with place.open() as warehouse:
        retain(warehouse, Settings(), days=0, now=NOW, apply=True)
        rotate_key(warehouse, Settings(), now=NOW)
    tables = place.tables()
    done = restored(away, place.data_dir, force=True)
    assert done.is_brought_up_to_date
    assert done.warning is None
    assert b"canary" not in place.contents().lower()
    again = without_policies(place.tables())
    random = {
        "conversations",
        "messages",
        "surveys",
        "contacts",
        "customers",
        "page_views",
        "bot_sessions",
        "events",
    }
    assert {n: len(rows) for n, rows in again.items()} == {
        n: len(r) for n, r in without_policies(tables).items()
    }
    assert {n: r for n, r in again.items() if n not in random} == {
        n: r for n, r in without_policies(tables).items() if n not in random
    }


def test_a_backup_that_is_reachable_again_is_caught_up_with_by_the_next_erasure(
    place: Place, saved: Path, tmp_path: Path
) -> None:
    saved.rename(tmp_path / "away.tar")
    assert erase_canary(place)
    (tmp_path / "away.tar").rename(saved)
    assert erase_canary(place) == ()
    assert b"canary" not in place.contents(saved).lower()
    assert restore(saved, tmp_path / "new", now=LATER).manifest.made_at == NOW.isoformat()


def test_a_damaged_warehouse_is_replaced_with_a_warning(place: Place, saved: Path) -> None:
    tables = place.tables()
    (place.data_dir / "warehouse.duckdb").write_bytes(b"\0" * 5000)
    done = restored(saved, place.data_dir, force=True)
    assert "repeat erasures" in str(done.warning)
    assert place.tables() == tables


def test_a_backup_of_another_warehouse_is_restored_with_a_warning(place: Place, saved: Path) -> None:
    erase_canary(place)
    (place.data_dir / "staffcast.key").write_text("ab" * 32 + "\n")
    with place.open() as warehouse:
        warehouse.con.execute("delete from policies where key = 'key_check'")
    done = restored(saved, place.data_dir, force=True)
    assert "keys are others" in str(done.warning)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_backup_is_refused_and_nothing_is_changed(
    place: Place, saved: Path, share: float
) -> None:
    before = place.contents()
    os.truncate(saved, int(saved.stat().st_size * share))
    with pytest.raises(SourceError) as refusal:
        restore(saved, place.data_dir, now=NOW, force=True)
    assert str(refusal.value).count("\n") == 0
    assert "backup.tar: " in str(refusal.value)
    assert place.contents() == before


def test_a_flipped_bit_is_refused(saved: Path, tmp_path: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 1
    saved.write_bytes(content)
    with pytest.raises(SourceError, match=r"warehouse\.duckdb is damaged"):
        restore(saved, tmp_path / "new", now=NOW)
    assert [path.name for path in (tmp_path / "new").iterdir()] == []


def _tar(path: Path, *members: tuple[str, bytes, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, len(content)
            member.linkname = "/etc/passwd"
            tar.addfile(member, io.BytesIO(content))


LATER = NOW + timedelta(days=1)
FOREIGN: dict[str, Callable[[Path], object]] = {
    "words": lambda path: path.write_text("no tar at all " * 100),
    "empty tar": lambda path: _tar(path),
    "other members": lambda path: _tar(path, ("../evil", tarfile.REGTYPE, b"x")),
    "absolute": lambda path: _tar(path, ("/evil", tarfile.REGTYPE, b"x")),
    "no json": lambda path: _tar(path, ("manifest.json", tarfile.REGTYPE, b"\xff{")),
    "deep json": lambda path: _tar(path, ("manifest.json", tarfile.REGTYPE, b"[" * 90_000)),
    "other json": lambda path: _tar(path, ("manifest.json", tarfile.REGTYPE, b'{"format": 1}')),
    "link": lambda path: _tar(path, ("manifest.json", tarfile.SYMTYPE, b"")),
    "folder": lambda path: path.mkdir(),
    "missing": lambda path: path.unlink(missing_ok=True),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "foreign.tar"
    FOREIGN[kind](path)
    with pytest.raises(SourceError, match=r"foreign\.tar: "):
        restore(path, tmp_path / "new", now=NOW)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(
        {"new", *(["foreign.tar"] if kind != "missing" else [])}
    )


def test_members_that_lead_elsewhere_are_refused(saved: Path, tmp_path: Path) -> None:
    with tarfile.open(saved) as tar:
        manifest = (tar.extractfile("manifest.json") or io.BytesIO()).read()
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE):
        _tar(saved, ("manifest.json", tarfile.REGTYPE, manifest), ("staffcast.key", kind, b""))
        with pytest.raises(SourceError, match=r"staffcast\.key is missing"):
            restore(saved, tmp_path / "new", now=NOW)


def test_a_backup_of_a_newer_program_is_refused(saved: Path, tmp_path: Path) -> None:
    with tarfile.open(saved) as tar:
        manifest = json.load(tar.extractfile("manifest.json") or io.BytesIO())
    content = json.dumps(manifest | {"schema_version": 99}).encode()
    _tar(saved, ("manifest.json", tarfile.REGTYPE, content))
    with pytest.raises(SourceError, match="upgrade staffcast"):
        restore(saved, tmp_path / "new", now=NOW)


def test_a_backup_beside_its_warehouse_is_refused(place: Place) -> None:
    with place.open() as warehouse, pytest.raises(ConfigError, match="another disk"):
        backup(warehouse, place.data_dir / "backup.tar", now=NOW)


def test_a_backup_that_cannot_be_written_leaves_nothing(place: Place, tmp_path: Path) -> None:
    with place.open() as warehouse, pytest.raises(WarehouseError, match="cannot write the backup"):
        backup(warehouse, tmp_path / "no" / "such.tar", now=NOW)
    assert not (place.data_dir / "spill").exists()


@pytest.mark.parametrize("n_moves", [0, 2, 3, 4, 5, 6])
def test_a_restore_cut_off_at_any_move_is_undone_and_repeated(
    place: Place, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_moves: int
) -> None:
    """Every rename of the swap fails in turn, as in a crash: without the tidying up that an error gets."""
    with place.open() as warehouse:
        warehouse.con.execute("delete from surveys")
    tables = place.tables()
    genuine, left = type(saved).replace, [n_moves]

    def replace(path: Path, target: Path) -> Path:
        if place.data_dir in target.parents:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
        return genuine(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(saved), "replace", replace)
        patch.setattr(backups_module, "_put_back", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            restore(saved, place.data_dir, now=NOW, force=True)
    with pytest.raises(WarehouseError, match="cut off"):
        Warehouse.open(place.data_dir)
    crashed = type(place)(tmp_path / "crashed", place.export)
    shutil.copytree(place.data_dir, crashed.data_dir)
    with pytest.raises(WarehouseError, match="not empty"):  # undone first
        restore(saved, crashed.data_dir, now=NOW)
    assert crashed.tables() == tables
    restored(saved, place.data_dir, force=True)
    assert place.rows("select count(*) > 0 from surveys") == [(True,)]


def test_a_treated_backup_keeps_people_and_texts_out_wherever_it_is_restored(
    place: Place, saved: Path, tmp_path: Path
) -> None:
    """Also people and texts of whom it holds nothing itself."""
    with place.open() as warehouse:
        retain(warehouse, Settings(), days=6, now=NOW, apply=True)
    late = tmp_path / "customers.csv"
    late.write_text("customer_id,email\nlate,late@person.example\n", encoding="utf-8")
    ingest(late, data_dir=place.data_dir)
    with place.open() as warehouse:
        erase(warehouse, Settings(), "late", now=NOW)
    other = type(place)(tmp_path / "elsewhere", place.export)
    restored(saved, other.data_dir)
    tables = other.tables()
    assert len(tables["tombstones"]) == 2
    (load,) = ingest(late, data_dir=other.data_dir).files
    assert load.n_suppressed == 1
    other.load_again(tmp_path / "again")
    assert other.tables() == tables
    with Warehouse.open(other.data_dir) as warehouse:
        warehouse.con.execute("delete from messages")
    other.load_again(tmp_path / "once-more")
    old = other.rows("select count(*), count(text) from messages where timestamp < timestamp '2026-11-14'")
    assert old == [(4, 0)]
