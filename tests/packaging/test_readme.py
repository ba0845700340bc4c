"""Every command of the README runs, and prints what the README shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from staffcast_sample_data import packaged_sample

from .conftest import ROOT, clean_environment

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text(encoding="utf-8")
TESTED_ELSEWHERE = {
    "make demo": "tests/packaging/test_fresh_clone.py",
    "make test": "the CI script",
    ". .venv/bin/activate": "the environment is on the path here",
    "staffcast dashboard": "tests/e2e/test_browser.py; it would not end by itself",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def console() -> list[tuple[str, str]]:
    """Commands of the console blocks with the output shown, in order."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def table_commands() -> list[str]:
    rows = [
        line.split(" | ") for line in README.splitlines() if line.startswith("| ") and "`staffcast" in line
    ]
    commands = [re.search(r"`(.+?)`", row[1])[1] for row in rows]  # type: ignore[index]
    return [command.replace("\\|", "|") for command in commands]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder after `make demo`, with an export of one's own."""
    folder = tmp_path_factory.mktemp("readme")
    shell("staffcast demo --no-dashboard", folder)
    shutil.copytree(packaged_sample(), folder / "my-export")
    (folder / "vendor.csv").write_text("value_percent\n66.2\n", encoding="utf-8")
    return folder


def shell(command: str, folder: Path) -> str:
    scripts = Path(sys.executable).parent
    environment = clean_environment() | {"STAFFCAST_DATA_DIR": "demo/data"}
    environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("command", "output"), console())
def test_console_blocks_show_real_output(folder: Path, command: str, output: str) -> None:
    # The last example reads what the one before it wrote.
    printed = shell("staffcast explain csat > csat.sql; " * ("csat.sql" in command) + command, folder)
    if output:
        assert printed.split("\n") == output.split("\n")


@pytest.mark.parametrize(
    "command", [line.partition(" #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
)
def test_shell_blocks_run(folder: Path, tmp_path: Path, command: str) -> None:
    if command in TESTED_ELSEWHERE or command.startswith("export "):
        return
    shutil.copytree(folder / "my-export", tmp_path / "my-export")
    prepared = "staffcast ingest my-export/ --data-dir my-data; " * command.startswith("staffcast check")
    shell(prepared + command, tmp_path)


@pytest.mark.parametrize("command", table_commands())
def test_the_commands_of_the_table_run(folder: Path, command: str) -> None:
    if command not in TESTED_ELSEWHERE:
        shell(command, folder)


def test_every_command_of_the_program_is_in_the_readme() -> None:
    from staffcast_cli.main import app

    missing = [str(info.name) for info in app.registered_commands if f"staffcast {info.name}" not in README]
    assert missing in ([], ["demo"])  # `make demo` runs it


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
