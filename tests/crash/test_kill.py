"""kill -9 at any moment: what was acknowledged is there, the same command again ends as a clean run."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.crash.places import check_whole, differing
from tests.crash.trials import KILL, TEAR, Trial, scratch, share

from staffcast.store.schema import CANONICAL_TABLES

if TYPE_CHECKING:
    from pathlib import Path

_SHARES = 4
_KILLS_IN_TIME = 20
_COMMANDS = ("first ingest", "second ingest", "full build")


def kill_at_change(trial: Trial, folder: Path, n: int, outcome: int, *, looks_inside: bool) -> bool:
    """Kill the command at its n-th change on the disk, check, run it again, check."""
    place = scratch(folder, trial)
    ended = trial.start(place, fault=trial.fault_at(place, n, outcome)).wait()
    assert ended.code in (0, -signal.SIGKILL), ended.err
    trial.check_cut_off(place, ended, looks_inside=looks_inside)
    trial.check_rerun(place)
    return ended.is_killed


@pytest.mark.slow
@pytest.mark.usefixtures("needs_faults")
@pytest.mark.parametrize("part", range(_SHARES))
@pytest.mark.parametrize("command", _COMMANDS)
def test_killed_at_a_change_on_the_disk(
    trials: dict[str, Trial], command: str, part: int, tmp_path: Path
) -> None:
    trial, rng = trials[command], np.random.default_rng(part)
    chosen = share(trial.chosen(3, np.random.default_rng(1)), part, _SHARES)
    for change in chosen:
        outcome = TEAR if change.is_write and rng.random() < 0.5 else KILL
        is_inside = rng.random() < 0.5
        kill_at_change(trial, tmp_path, change.n, outcome, looks_inside=is_inside)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("command", _COMMANDS)
def test_killed_at_any_time(trials: dict[str, Trial], command: str, part: int, tmp_path: Path) -> None:
    trial, rng = trials[command], np.random.default_rng(part)
    n_killed, seconds = 0, trial.seconds
    for _ in range(_KILLS_IN_TIME):
        place = scratch(tmp_path, trial)
        ended = trial.start(place).wait(stop_after_s=rng.uniform(0, seconds))
        assert ended.code in (0, -signal.SIGKILL), ended.err
        n_killed += ended.is_killed
        # The run that was timed may have had a busier machine.
        seconds = seconds if ended.is_killed else min(seconds, ended.seconds)
        trial.check_cut_off(place, ended, looks_inside=rng.random() < 0.5)
        trial.check_rerun(place)
    assert n_killed >= _KILLS_IN_TIME // 4


@pytest.mark.slow
@pytest.mark.usefixtures("needs_faults")
@pytest.mark.parametrize("command", ["erase", "backup", "restore", "rotate-key"])
def test_a_later_command_killed_at_a_change_on_the_disk(
    trials: dict[str, Trial], command: str, tmp_path: Path
) -> None:
    """What it begins with is there or what it ends with, and the next run brings it to its end."""
    trial = trials[command]
    for change in trial.chosen(1, np.random.default_rng(3)):
        place = scratch(tmp_path, trial)
        ended = trial.start(place, fault=trial.fault_at(place, change.n, KILL)).wait()
        assert ended.code in (0, -signal.SIGKILL), ended.err
        check_whole(place.data_dir)
        again = trial.start(place).wait()
        assert again.code == 0, again.err
        assert place.leftovers() == []
        check_whole(place.data_dir)
        doctor = trial.children.run("cli", "doctor", "-d", str(place.data_dir))
        assert doctor.code == 0, doctor.out
        if command != "rotate-key":  # whose second run rotates once more
            assert trial.after
            stored = place.rows_of(CANONICAL_TABLES, but="row_hash")  # which an erasure draws by lot
            assert stored == trial.after.rows_of(CANONICAL_TABLES, but="row_hash")
            assert not differing(place.published(), trial.published)


@pytest.mark.usefixtures("needs_faults")
@pytest.mark.parametrize("file", ["warehouse.duckdb.wal", "current.json"])
def test_killed_at_a_commit_and_at_the_publication(
    trials: dict[str, Trial], file: str, tmp_path: Path
) -> None:
    trial = trials["second ingest"]
    change = [change for change in trial.changes if change.file == file and change.call != "open"][-1]
    assert kill_at_change(trial, tmp_path, change.n, KILL, looks_inside=True)
