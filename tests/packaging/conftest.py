"""Clean environments outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def clean_environment() -> dict[str, str]:
    """The environment without what would lead back into this checkout."""
    drop = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {name: value for name, value in kept.items() if not name.startswith(("STAFFCAST_", "COV_"))}


def run(*command: str | Path, cwd: Path, seconds: int = 600) -> str:
    """Run a command, fail with its output if it fails, and return what it wrote to stdout."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=ROOT)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a clean environment with nothing but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("clean environment")
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--python", sys.executable, folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    run(uv, "pip", "install", "--python", python, "--constraint", constraints, wheel, cwd=folder)
    return python.parent
