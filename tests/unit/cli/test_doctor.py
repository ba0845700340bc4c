"""Every finding of ``staffcast doctor``, and what ``--fix`` does about it."""

from __future__ import annotations

import csv
import os
import shutil
from typing import TYPE_CHECKING

import duckdb
import pytest

from staffcast.store.generations import current_generation
from staffcast.store.warehouse import WAREHOUSE_FILE, Warehouse
from staffcast_pipelines.loading.keys import Keyring

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Done, Staffcast


@pytest.fixture
def place(desk: Path, tmp_path: Path) -> Path:
    """A copy of the desk to spoil."""
    return shutil.copytree(desk, tmp_path / "place")


def findings(done: Done) -> dict[str, tuple[str, str]]:
    """Status and detail by what was looked at."""
    _, *rows = csv.reader(done.out.splitlines())
    return {what: (status, detail) for what, status, detail in rows}


def look(staffcast: Staffcast, place: Path, *options: str) -> dict[str, tuple[str, str]]:
    return findings(staffcast("doctor", "-f", "csv", "-d", place, *options))


def files(place: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in place.rglob("*")
        if path.name != "warehouse.lock"
    }


def test_nothing_is_wrong_and_nothing_is_changed(staffcast: Staffcast, place: Path) -> None:
    place.chmod(0o700)
    before = files(place)
    done = staffcast("doctor", "-f", "csv", "-d", place)
    assert done.code == 0, done.out
    found = findings(done)
    assert found["leftovers"] == ("ok", "none")
    assert found["permissions"][0] == found["key"][0] == found["warehouse"][0] == "ok"
    assert "generation 1 " in found["published data"][1]
    assert found["backups"] == ("note", "none known: run `staffcast backup FILE`")
    assert files(place) == before


def test_leftovers_are_named_and_removed(staffcast: Staffcast, place: Path) -> None:
    names = [
        "spill",
        "restoring",
        "warehouse.duckdb.new",
        "staffcast.key.tmp",
        "generations/gen-000002.duckdb.tmp",
    ]
    for name in names:
        path = place / name
        if "." in path.name:
            path.write_bytes(b"half")
        else:
            path.mkdir()
    place.chmod(0o700)
    done = staffcast("doctor", "-f", "csv", "-d", place)
    assert done.code == 1
    status, detail = findings(done)["leftovers"]
    assert status == "problem"
    for name in names:
        assert name in detail
        assert (place / name).exists()
    fixed = staffcast("doctor", "-f", "csv", "-d", place, "--fix")
    assert fixed.code == 0, fixed.out
    assert not [name for name in names if (place / name).exists()]


def test_a_restore_that_was_cut_off(staffcast: Staffcast, place: Path) -> None:
    (place / "replaced").mkdir()
    status, detail = look(staffcast, place)["leftovers"]
    assert status == "problem"
    assert "staffcast restore" in detail


def test_who_holds_the_warehouse(staffcast: Staffcast, place: Path) -> None:
    place.chmod(0o700)
    with Warehouse.open(place):
        done = staffcast("doctor", "-f", "csv", "-d", place)
    assert done.code == 0  # somebody at work is nothing wrong
    assert f"in use by process {os.getpid()}" in findings(done)["lock"][1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing"),
        ("0123", "damaged"),
        ("zz", "cannot be read"),
        ("ab" * 32, "not the key of this warehouse"),
    ],
)
def test_the_key(staffcast: Staffcast, place: Path, content: str | None, words: str) -> None:
    key = place / "staffcast.key"
    key.unlink()
    if content is not None:
        key.write_text(content, encoding="ascii")
    status, detail = look(staffcast, place)["key"]
    assert status == "problem"
    assert words in detail
    assert "backup" in detail


def test_a_rotation_that_was_cut_off_is_finished(staffcast: Staffcast, place: Path) -> None:
    following = place / "staffcast.key.next"
    Keyring.read(place / "staffcast.key").rotated().save(following)
    assert look(staffcast, place)["key"][0] == "problem"
    assert look(staffcast, place, "--fix")["key"][0] == "ok"
    assert not following.exists()


def test_an_erasure_that_was_cut_off_is_finished(staffcast: Staffcast, place: Path) -> None:
    with Warehouse.open(place) as warehouse:
        warehouse.con.execute("insert into policies values ('unfinished', 'erase')")
    status, detail = look(staffcast, place)["unfinished"]
    assert status == "problem"
    assert detail.startswith("erase was cut off")
    assert "unfinished" not in look(staffcast, place, "--fix")


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_a_damaged_warehouse(staffcast: Staffcast, place: Path, content: bytes) -> None:
    (place / WAREHOUSE_FILE).write_bytes(content)
    found = look(staffcast, place)
    assert found["warehouse"][0] == "problem"
    assert found["published data"][0] == "ok"  # reports go on


def test_another_database_and_another_version(staffcast: Staffcast, place: Path) -> None:
    with Warehouse.open(place) as warehouse:
        warehouse.con.execute("update schema_version set version = version + 7 where version = 2")
    status, detail = look(staffcast, place)["warehouse"]
    assert status == "problem"
    assert "upgrade staffcast" in detail
    (place / WAREHOUSE_FILE).unlink()
    with duckdb.connect(place / WAREHOUSE_FILE) as con:
        con.execute("create table invoices (n int)")
    status, detail = look(staffcast, place)["warehouse"]
    assert status == "problem"
    assert "not of staffcast" in detail


def test_an_older_version(staffcast: Staffcast, place: Path) -> None:
    with Warehouse.open(place) as warehouse:
        warehouse.con.execute("delete from schema_version where version = 2")
    status, detail = look(staffcast, place)["warehouse"]
    assert status == "note"
    assert "schema version 1, the next command brings it to 2" in detail


@pytest.mark.parametrize("name", ["gen-000001.duckdb", "current.json"])
def test_damaged_facts_are_published_anew(staffcast: Staffcast, place: Path, name: str) -> None:
    place.chmod(0o700)
    (place / "generations" / name).write_bytes(b"{")
    status, detail = look(staffcast, place)["published data"]
    assert status == "problem"
    assert name in detail
    assert look(staffcast, place, "--fix")["published data"][0] == "ok"
    assert current_generation(place) is not None


def test_facts_older_than_the_last_load(staffcast: Staffcast, place: Path, export: Path) -> None:
    more = place / "agents.csv"
    more.write_bytes((export / "agents.csv").read_bytes() + b"\n")
    assert staffcast("ingest", more, "-d", place, "--no-build").code == 0
    status, detail = look(staffcast, place)["published data"]
    assert status == "problem"
    assert "lacks the last 1 loads" in detail
    assert look(staffcast, place, "--fix")["published data"][0] == "ok"


def test_backups_that_are_gone(staffcast: Staffcast, place: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.tar"
    assert staffcast("backup", saved, "-d", place).code == 0
    assert look(staffcast, place)["backups"] == ("ok", f"1 known, the last {saved}")
    saved.unlink()
    status, detail = look(staffcast, place)["backups"]
    assert status == "note"
    assert str(saved) in detail


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
@pytest.mark.parametrize(("name", "mode"), [("", 0o755), ("staffcast.key", 0o644), (WAREHOUSE_FILE, 0o640)])
def test_what_others_may_read(staffcast: Staffcast, place: Path, name: str, mode: int) -> None:
    place.chmod(0o700)
    (place / name).chmod(mode)
    status, detail = look(staffcast, place)["permissions"]
    assert status == "problem"
    assert "chmod" in detail


def test_a_disk_that_is_nearly_full(
    staffcast: Staffcast, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(place)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    assert look(staffcast, place)["disk"][0] == "problem"


def test_facts_of_another_version_are_published_anew(staffcast: Staffcast, place: Path) -> None:
    generation = current_generation(place)
    assert generation is not None
    with duckdb.connect(generation.path) as con:
        con.execute("alter table fact_survey drop column response_at_us")
        con.execute("update build_info set value = 'of another version' where key = 'fingerprint'")
    refused = staffcast("report", "csat", "-d", place)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "published by another version of staffcast (run `staffcast doctor --fix`" in refused.err
    assert look(staffcast, place)["reading"][0] == "problem"
    assert "reading" not in look(staffcast, place, "--fix")
    assert staffcast("report", "csat", "-d", place).code == 0


def test_a_crash_before_the_first_table_is_no_problem(staffcast: Staffcast, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / WAREHOUSE_FILE) as con:
        con.execute("create table schema_version (version bigint)")
    tmp_path.chmod(0o700)
    (tmp_path / WAREHOUSE_FILE).chmod(0o600)
    done = staffcast("doctor", "-f", "csv", "-d", tmp_path)
    assert (done.code, findings(done)["warehouse"][0]) == (0, "note")
