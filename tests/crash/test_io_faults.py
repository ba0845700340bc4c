"""A disk that refuses: every change in turn, a file that may not grow, a disk that is full.

Whatever fails, it is said in one line, the state before stays whole, and the next run is as a clean one.
"""

from __future__ import annotations

import errno
import os
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.crash.places import Place, check_whole
from tests.crash.trials import Trial, scratch, share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crash.places import Ended

_SHARES = 4
_COMMANDS = ("first ingest", "second ingest")
_TMPFS_BYTES = 40_000_000


def check_failed(trial: Trial, place: Place, ended: Ended) -> None:
    """One line and exit code 1 if it failed at all; then the same once more, undisturbed."""
    assert ended.code in (0, 1), (ended.code, ended.err)
    if ended.code:
        errors = [line for line in ended.err.splitlines() if line.startswith(("error:", "internal error"))]
        assert len(errors) == 1, ended.err
        assert "internal error" not in errors[0]
        assert "Traceback" not in ended.err
    before = check_whole(trial.before.data_dir)
    # A build that cannot continue the last generation tries once more from nothing, under the next number.
    assert before <= check_whole(place.data_dir) <= before + 2
    trial.check_rerun(place)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(_SHARES))
@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.usefixtures("needs_faults")
def test_each_change_refused_in_turn(
    typed: dict[str, Trial], command: str, part: int, tmp_path: Path
) -> None:
    trial, rng = typed[command], np.random.default_rng(part)
    for change in share(trial.chosen(2, np.random.default_rng(2)), part, _SHARES):
        is_full = rng.random() < 0.5
        number = errno.ENOSPC if is_full else errno.EIO
        place = scratch(tmp_path, trial)
        fault = trial.fault_at(place, change.n, number, lasting=is_full)
        check_failed(trial, place, trial.start(place, fault=fault).wait())


@pytest.mark.slow
@pytest.mark.parametrize("command", _COMMANDS)
def test_no_file_may_grow_beyond_a_size(typed: dict[str, Trial], command: str, tmp_path: Path) -> None:
    trial = typed[command]
    largest = max(path.stat().st_size for path in trial.after.data_dir.rglob("*.duckdb"))
    n_failed = 0
    for step in range(12):
        place = scratch(tmp_path, trial)
        ended = trial.start(place, max_file_bytes=4096 + largest * step // 10).wait()
        n_failed += ended.code == 1
        check_failed(trial, place, ended)
    assert 5 < n_failed < 12


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={_TMPFS_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("free_share", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_a_full_disk(typed: dict[str, Trial], free_share: float, small_disk: Path) -> None:
    trial = typed["first ingest"]
    place = trial.before.copy_to(small_disk / "place")
    filler = small_disk / "filler"
    filler.write_bytes(bytes(int(_TMPFS_BYTES * (1 - free_share)) - 100_000))
    ended = trial.start(place).wait()
    filler.unlink()
    check_failed(trial, place, ended)
    assert ended.code == 1 or free_share > 0.2


@pytest.mark.parametrize(
    "file", ["warehouse.duckdb.wal", "warehouse.duckdb", "gen-000002.duckdb", "current.json.tmp"]
)
@pytest.mark.usefixtures("needs_faults")
def test_the_first_change_of_a_file_is_refused(typed: dict[str, Trial], file: str, tmp_path: Path) -> None:
    trial = typed["second ingest"]
    change = next(change for change in trial.changes if change.file == file)
    place = scratch(tmp_path, trial)
    ended = trial.start(place, fault=trial.fault_at(place, change.n, errno.ENOSPC, lasting=True)).wait()
    assert ended.code == 1, ended.err
    check_failed(trial, place, ended)
