"""`make demo` in a fresh clone, in a path with a space, without a terminal; twice."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import ROOT, clean_environment, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stranger gets: the tracked files as they are now, and nothing else."""
    folder = tmp_path_factory.mktemp("fresh") / "my staffcast"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, tracked):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


def demo(clone: Path) -> tuple[str, str]:
    done = subprocess.run(
        ["make", "demo"],
        cwd=clone,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=900,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout, done.stderr


def test_make_demo_does_the_whole_job_and_can_be_repeated(clone: Path) -> None:
    printed, said = demo(clone)
    assert "Key figures" in printed
    assert "Required agents: support-en" in printed
    assert "open the dashboard" in said
    assert (clone / "demo" / "report.html").exists()
    again, _ = demo(clone)
    assert again.partition("Key figures")[2] == printed.partition("Key figures")[2]


def test_make_help_explains_every_target(clone: Path) -> None:
    printed = run("make", "help", cwd=clone)
    for target in ("demo", "test", "check"):
        assert f"make {target}" in printed
