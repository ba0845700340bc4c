"""Killed at any moment, what was begun did not happen or is finished by the next run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import WarehouseError
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.lifecycle import backup, erase, finish, restore, rotate_key, unfinished

from .conftest import NOW, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

N_LOOPS = 20
START = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from staffcast.core.config import Settings
from staffcast.store import warehouse
from staffcast_pipelines.lifecycle import erase, restore, rotate_key
warehouse._CONFIG["force_compression"] = "uncompressed"
now, (action, folder, saved) = datetime(2026, 11, 20, tzinfo=UTC), sys.argv[1:]
print("ready", flush=True)
if action == "restore":
    restore(Path(saved), Path(folder), now=now, force=True)
else:
    with warehouse.Warehouse.open(Path(folder)) as opened:
        if action == "erase":
            erase(opened, Settings(), "canaryid1", linked=True, now=now)
        else:
            rotate_key(opened, Settings(), now=now)
"""


def run(action: str, place: Place, saved: Path, *, kill_after_s: float | None) -> float:
    """Run an action in a process of its own and kill it some time after it began; how long it lived."""
    command = [sys.executable, "-c", START, action, str(place.data_dir), str(saved)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        started = time.monotonic()
        try:
            process.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
    return time.monotonic() - started


def trials(action: str, place: Place, saved: Path, tmp_path: Path) -> Iterator[Place]:
    """Copies of the place in which the action was killed at moments spread over its whole run."""
    whole = Place(tmp_path / "whole", place.export)
    shutil.copytree(place.data_dir, whole.data_dir)
    lasts_s = run(action, whole, saved, kill_after_s=None)
    for number in range(N_LOOPS):
        trial = Place(tmp_path / f"trial-{number}", place.export)
        shutil.copytree(place.data_dir, trial.data_dir)
        run(action, trial, saved, kill_after_s=(number + 0.5) / N_LOOPS * lasts_s)
        yield trial
        shutil.rmtree(trial.data_dir)


def saved_of(place: Place, tmp_path: Path) -> Path:
    saved = tmp_path / "backup.tar"
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
        warehouse.con.execute("delete from backups")
    return saved


@pytest.mark.slow
def test_erase(place: Place, tmp_path: Path) -> None:
    facts = None
    for trial in trials("erase", place, tmp_path / "none", tmp_path):
        with trial.open() as warehouse:
            erase(warehouse, Settings(), "canaryid1", linked=True, now=NOW)
            assert unfinished(warehouse) is None
        assert b"canary" not in trial.contents().lower()
        report = trial.load_again(trial.data_dir.with_name(f"{trial.data_dir.name}-again"))
        assert report.total("n_new") == report.total("n_updated") == 0
        facts = facts or {name: len(rows) for name, rows in trial.tables().items()}
        assert {name: len(rows) for name, rows in trial.tables().items()} == facts


@pytest.mark.slow
def test_rotate(place: Place, tmp_path: Path) -> None:
    for trial in trials("rotate", place, tmp_path / "none", tmp_path):
        report = trial.load_again(trial.data_dir.with_name(f"{trial.data_dir.name}-again"))
        assert report.total("n_new") == report.total("n_updated") == 0
        with trial.open() as warehouse:
            if unfinished(warehouse):
                finish(warehouse, Settings(), now=NOW)
            rotate_key(warehouse, Settings(), now=NOW)
        report = trial.load_again(trial.data_dir.with_name(f"{trial.data_dir.name}-more"))
        assert report.total("n_new") == report.total("n_updated") == 0


@pytest.mark.slow
def test_restore(place: Place, tmp_path: Path) -> None:
    saved = saved_of(place, tmp_path)
    tables = place.tables()
    with place.open() as warehouse:
        warehouse.con.execute("delete from surveys")
    for trial in trials("restore", place, saved, tmp_path):
        assert n_surveys(trial) in {None, 0, len(tables["surveys"])}
        restore(saved, trial.data_dir, now=NOW, force=True)
        assert trial.tables() == tables


def n_surveys(trial: Place) -> int | None:
    """Number of surveys, or None while a restore that was cut off bars the way."""
    try:
        warehouse = Warehouse.open(trial.data_dir)
    except WarehouseError as error:
        if "restore" in error.message:
            return None
        raise
    with warehouse:
        return int(warehouse.con.execute("select count(*) from surveys").fetchall()[0][0])
