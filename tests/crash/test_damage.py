"""Damaged, missing and foreign files, and folders that may not be written: one line, mended if possible."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.crash.trials import Trial, scratch

from staffcast.store.warehouse import WAREHOUSE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.crash.places import Children, Ended, Place

pytestmark = pytest.mark.slow
_NOBODY = 65534


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def scramble(path: Path) -> None:
    """Random bytes over all but the first blocks."""
    content = bytearray(path.read_bytes())
    start = min(3 * 4096, len(content))
    content[start:] = np.random.default_rng(1).bytes(len(content) - start)
    path.write_bytes(content)


def overwrite(path: Path) -> None:
    path.write_bytes(b"<html>not found</html>" * 500)


DAMAGES = (truncate, empty, scramble, overwrite)


def check_refused(ended: Ended, *words: str) -> None:
    """One line that says what and what to do, exit code 1."""
    assert ended.code == 1, (ended.code, ended.err)
    lines = [line for line in ended.err.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, ended.err
    assert "Traceback" not in ended.err
    for word in words:
        assert word in lines[0], lines[0]


def doctor_names(children: Children, place: Place, *words: str) -> None:
    ended = children.run("cli", "doctor", "-f", "csv", "-d", str(place.data_dir))
    assert ended.code == 1, ended.out
    assert "Traceback" not in ended.err
    problems = [line for line in ended.out.splitlines() if ",problem," in line]
    for word in words:
        assert any(word in line for line in problems), ended.out


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_warehouse_is_refused_while_reports_go_on(
    typed: dict[str, Trial], children: Children, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    trial = typed["second ingest"]
    place = scratch(tmp_path, trial)
    path = place.data_dir / WAREHOUSE_FILE
    damage(path)
    content = path.read_bytes()
    check_refused(trial.start(place).wait(), WAREHOUSE_FILE)
    assert path.read_bytes() == content
    doctor_names(children, place, WAREHOUSE_FILE)
    assert children.run("cli", "report", "-d", str(place.data_dir)).code == 0


@pytest.mark.parametrize("damage", [*DAMAGES, Path.unlink])
def test_damaged_facts_are_made_anew(
    typed: dict[str, Trial], children: Children, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    trial = typed["second ingest"]
    place = scratch(tmp_path, trial)
    damage(place.data_dir / "generations" / "gen-000001.duckdb")
    check_refused(children.run("cli", "report", "-d", str(place.data_dir)), "gen-000001")
    doctor_names(children, place, "gen-000001")
    trial.check_rerun(place)


@pytest.mark.parametrize("content", ["", "{", '{"number": 1}', "\x00"])
def test_a_damaged_pointer_is_made_anew(
    typed: dict[str, Trial], children: Children, content: str, tmp_path: Path
) -> None:
    trial = typed["second ingest"]
    place = scratch(tmp_path, trial)
    (place.data_dir / "generations" / "current.json").write_text(content)
    check_refused(children.run("cli", "report", "-d", str(place.data_dir)), "current.json")
    doctor_names(children, place, "current.json")
    trial.check_rerun(place)


@pytest.mark.parametrize("content", [None, b"", b"0123", bytes(100), b"ff" * 32 + b"\n"])
def test_a_missing_damaged_or_foreign_key_is_refused(
    typed: dict[str, Trial], children: Children, content: bytes | None, tmp_path: Path
) -> None:
    trial = typed["second ingest"]
    place = scratch(tmp_path, trial)
    key = place.data_dir / "staffcast.key"
    right = key.read_bytes()
    key.unlink()
    if content is not None:
        key.write_bytes(content)
        key.chmod(0o600)
    check_refused(trial.start(place).wait(), "staffcast.key")
    doctor_names(children, place, "staffcast.key")
    key.write_bytes(right)
    trial.check_rerun(place)


def test_a_folder_that_is_not_there(children: Children, tmp_path: Path) -> None:
    for command in ("report", "check", "forecast"):
        check_refused(children.run("cli", command, "-d", str(tmp_path / "absent")), "staffcast ingest")
    assert not (tmp_path / "absent").exists()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may pass through."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize("is_owner", [True, False])
def test_a_folder_that_may_not_be_written(
    typed: dict[str, Trial],
    exports: tuple[Path, Path],
    children: Children,
    is_owner: bool,  # noqa: FBT001 - a parameter of the test
    open_folder: Path,
) -> None:
    """Modes bind everybody but root, who becomes nobody here."""
    uid = 0 if os.geteuid() else _NOBODY
    if not is_owner and not uid:
        pytest.skip("only root can give files away")
    place = scratch(open_folder, typed["second ingest"])
    export = shutil.copytree(exports[1], open_folder / "export")
    for path in (place.folder, *place.folder.rglob("*")):
        path.chmod((0o500 if path.is_dir() else 0o400) if is_owner else (0o755 if path.is_dir() else 0o600))
        if is_owner and uid:
            os.chown(path, uid, uid)
    rehearsal = scratch(open_folder / "rehearsal", typed["second ingest"])
    data_dir = str(place.data_dir)

    def run(*arguments: str) -> Ended:
        return children.run("cli_as", uid, str(export), str(rehearsal.data_dir), *arguments, "-d", data_dir)

    check_refused(run("ingest", str(export)), "check its owner and mode")
    report = run("report")
    if is_owner:
        assert report.code == 0, report.err
    else:
        check_refused(report)
    doctor = run("doctor", "-f", "csv")
    assert doctor.code == 1
    assert "Traceback" not in doctor.err + doctor.out
    assert "internal error" not in doctor.err
    assert "check its owner and mode" in doctor.out
