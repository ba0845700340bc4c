"""Erase, export, retain, rotate, back up and restore from the command line."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.lifecycle.finishing import note_unfinished, unfinished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Staffcast = Callable[..., Any]


@pytest.fixture
def data_dir(desk: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "desk"
    shutil.copytree(desk, copy)
    return copy


@pytest.fixture
def customer(export: Path) -> str:
    """The customer with most conversations."""
    with (export / "conversations.csv").open(newline="", encoding="utf-8") as stream:
        names = [row["customer_id"] for row in csv.DictReader(stream) if row["customer_id"]]
    return max(sorted(set(names)), key=names.count)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def headlines(staffcast: Staffcast, data_dir: Path) -> str:
    done = staffcast("report", "-d", data_dir, "-f", "csv")
    assert done.code == 0
    return str(done.out)


def test_erase_rehearses_erases_and_then_finds_nothing(
    staffcast: Staffcast, data_dir: Path, customer: str
) -> None:
    before = headlines(staffcast, data_dir)
    rehearsed = staffcast("erase", customer, "--dry-run", "-d", data_dir)
    assert rehearsed.code == 0
    done = staffcast("erase", customer, "--yes", "-d", data_dir)
    assert done.code == 0
    receipt = rows(done.out)
    assert {row["what"]: row["rows"] for row in receipt} == {
        row["what"]: row["rows"] for row in rows(rehearsed.out)
    }
    assert int(next(row["rows"] for row in receipt if row["what"] == "conversations")) > 0
    assert len({row["receipt"] for row in receipt}) == 1
    assert customer not in done.out
    assert headlines(staffcast, data_dir) == before
    again = staffcast("erase", customer, "-d", data_dir)
    assert again.code == 0
    assert "erased before" in again.err


def test_erase_of_nobody_is_one_line(staffcast: Staffcast, data_dir: Path) -> None:
    done = staffcast("erase", "nobody@nowhere.example", "-d", data_dir)
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "--source" in done.err
    assert staffcast("erase", "x", "--by", "mail", "-d", data_dir).code == 2


def test_erase_asks_in_a_terminal(
    staffcast: Staffcast, data_dir: Path, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    done = staffcast("erase", customer, "-d", data_dir)
    assert done.code == 1
    assert "cannot be undone" in done.err
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert staffcast("erase", customer, "--dry-run", "-d", data_dir).code == 0


def test_erase_names_a_backup_that_it_cannot_reach(
    staffcast: Staffcast, data_dir: Path, customer: str, tmp_path: Path
) -> None:
    saved = tmp_path / "backup.tar"
    assert staffcast("backup", saved, "-d", data_dir).code == 0
    saved.unlink()
    done = staffcast("erase", customer, "-d", data_dir)
    assert f"not treated: the backup {saved}" in done.err
    assert "NOT treated" in done.out


def test_export_person_is_json_in_a_private_file(
    staffcast: Staffcast, data_dir: Path, customer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = staffcast("export-person", customer, "-d", data_dir)
    document = json.loads(printed.out)
    assert document["tables"]["conversations"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{customer}\n"))
    assert staffcast("export-person", "-", "-d", data_dir).out == printed.out
    file = tmp_path / "person.json"
    done = staffcast("export-person", customer, "-o", file, "-d", data_dir)
    assert done.out == ""
    assert json.loads(file.read_text(encoding="utf-8")) == document
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert staffcast("export-person", "nobody", "-d", data_dir).code == 3


def test_retain_counts_first(staffcast: Staffcast, data_dir: Path) -> None:
    before = headlines(staffcast, data_dir)
    counted = staffcast("retain", "--days", "0", "-d", data_dir)
    assert counted.code == 0
    assert "--apply" in counted.err
    done = staffcast("retain", "--days", "0", "--apply", "-d", data_dir)
    assert done.out == counted.out
    assert int(next(row["rows"] for row in rows(done.out) if row["table"] == "messages")) > 0
    assert staffcast("retain", "--days", "0", "-d", data_dir).out.split() == ["table,rows"]
    assert headlines(staffcast, data_dir) == before
    assert staffcast("retain", "--days", "-1", "-d", data_dir).code == 2
    assert staffcast("retain", "--days", "1", "--as-of", "soon", "-d", data_dir).code == 2


def test_backup_and_restore(staffcast: Staffcast, data_dir: Path, tmp_path: Path) -> None:
    saved, other = tmp_path / "backup.tar", tmp_path / "other"
    before = headlines(staffcast, data_dir)
    assert staffcast("backup", saved, "-d", data_dir).code == 0
    done = staffcast("restore", saved, "-d", other)
    assert done.code == 0
    assert headlines(staffcast, other) == before
    refused = staffcast("restore", saved, "-d", other)
    assert refused.code == 1
    assert "--force" in refused.err
    assert staffcast("restore", saved, "--force", "-d", other).code == 0
    saved.write_bytes(saved.read_bytes()[:-20_000])
    damaged = staffcast("restore", saved, "--force", "-d", other)
    assert damaged.code == 3
    assert damaged.err.count("\n") == 1
    assert headlines(staffcast, other) == before
    assert staffcast("backup", data_dir / "x.tar", "-d", data_dir).code == 2


def test_rotate_key_changes_the_key_and_no_number(staffcast: Staffcast, data_dir: Path, export: Path) -> None:
    before = headlines(staffcast, data_dir)
    key = (data_dir / "staffcast.key").read_text()
    assert staffcast("rotate-key", "-d", data_dir).code == 0
    assert (data_dir / "staffcast.key").read_text() != key
    assert headlines(staffcast, data_dir) == before
    assert staffcast("ingest", export, "-d", data_dir).code == 0
    assert headlines(staffcast, data_dir) == before


def test_what_was_cut_off_is_finished_by_the_next_command(
    staffcast: Staffcast, data_dir: Path, tmp_path: Path
) -> None:
    with Warehouse.open(data_dir) as warehouse:
        note_unfinished(warehouse, "erase")
    done = staffcast("backup", tmp_path / "backup.tar", "-d", data_dir)
    assert "finishing what was cut off: erase" in done.err
    with Warehouse.open(data_dir) as warehouse:
        assert unfinished(warehouse) is None


@pytest.mark.parametrize("command", ["erase", "export-person", "retain", "backup", "restore", "rotate-key"])
def test_each_says_what_it_does(staffcast: Staffcast, command: str) -> None:
    done = staffcast(command, "--help")
    assert done.code == 0
    assert len(done.out) > 300
