"""`staffcast forecast | staffcast staff` with pipes of the operating system, and pipes that nobody fills."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from staffcast_cli import forecast_pipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import pytest

    Staffcast = Callable[..., Any]

STAFFCAST = (sys.executable, "-c", "from staffcast_cli.main import run; run()")
PATIENT = "from staffcast_cli import forecast_pipe as own, main; own._PATIENCE_S = 100; main.run()"
"""However busy the machine is that runs the tests."""


def piped(first: list[str], second: list[str], folder: Path) -> tuple[str, str, int]:
    """Output, talk and exit code of the second, which reads what the first writes."""
    with (
        subprocess.Popen(
            [*STAFFCAST, *first], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
        ) as writer,
        subprocess.Popen(
            [sys.executable, "-c", PATIENT, *second],
            stdin=writer.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        ) as reader,
    ):
        assert writer.stdout is not None
        writer.stdout.close()
        out, err = reader.communicate(timeout=120)
        return out, err, reader.returncode


def test_the_plain_pipe_plans_the_forecast_with_its_paths(
    staffcast: Staffcast, desk: Path, tmp_path: Path
) -> None:
    own = staffcast("staff", "-d", desk, "--days", "2", "--every", "30", "-f", "csv")
    out, err, code = piped(
        ["forecast", "-d", str(desk), "--days", "2", "--every", "30"],
        ["staff", "-d", str(desk), "-f", "csv"],
        tmp_path,
    )
    assert (code, out) == (0, own.out), err


def test_where_the_forecast_fails_there_is_no_plan(desk: Path, tmp_path: Path) -> None:
    out, err, code = piped(["forecast", "-d", "nowhere"], ["staff", "-d", str(desk)], tmp_path)
    assert (out, code) == ("", 2)
    assert "forecast: empty" in err


def test_a_closed_pipe_is_no_forecast(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    own = staffcast("staff", "-d", desk, "-f", "csv")
    line = [*STAFFCAST, "staff", "-d", str(desk), "-f", "csv"]
    done = subprocess.run(line, input="", capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (0, own.out), done.stderr


def test_what_is_piped_in_for_others_is_refused(
    staffcast: Staffcast, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.write(write, b"name\nchat\n")
    os.close(write)
    with os.fdopen(read) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        done = staffcast("staff", "-d", desk)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "is no forecast" in done.err
    assert "/dev/null" in done.err


def test_a_pipe_that_nobody_fills_is_not_waited_for(
    staffcast: Staffcast, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = staffcast("staff", "-d", desk, "-f", "csv")
    monkeypatch.setattr(forecast_pipe, "_PATIENCE_S", 0.01)
    read, write = os.pipe()
    with os.fdopen(read) as idle:
        monkeypatch.setattr("sys.stdin", idle)
        done = staffcast("staff", "-d", desk, "-f", "csv")
        os.close(write)
    assert done.out == own.out
    assert "nothing came through the pipe" in done.err


def test_a_file_remembers_its_paths_and_a_changed_one_does_not(
    staffcast: Staffcast, desk: Path, tmp_path: Path
) -> None:
    own = staffcast("staff", "-d", desk, "--days", "2", "-f", "csv")
    staffcast("forecast", "-d", desk, "--days", "2", "-o", tmp_path / "f.csv")
    assert staffcast("staff", "-d", desk, "--forecast", "f.csv", "-f", "csv").out == own.out
    lines = (tmp_path / "f.csv").read_text("utf-8").splitlines()
    queue = lines[1].split(",")[0]
    some = [lines[0], *(line for line in lines[1:] if line.startswith(f"{queue},"))]
    (tmp_path / "some.csv").write_text("\n".join(some) + "\n", encoding="utf-8")
    of_queue = [line for line in own.out.splitlines()[1:] if line.startswith(f"{queue},")]
    found = staffcast("staff", "-d", desk, "--forecast", "some.csv", "-f", "csv")
    assert found.out.splitlines()[1:] == of_queue
    expected = lines[1].split(",")[6]
    changed = "\n".join([lines[0], lines[1].replace(expected, f"9{expected}", 1), *lines[2:]])
    (tmp_path / "changed.csv").write_text(changed + "\n", encoding="utf-8")
    found = staffcast("staff", "-d", desk, "--forecast", "changed.csv", "-f", "csv")
    assert found.code == 0
    assert "its bounds are planned" in found.err


def test_a_recipe_that_is_none(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    staffcast("forecast", "-d", desk, "--days", "1", "-o", tmp_path / "f.csv")
    text = (tmp_path / "f.csv").read_text("utf-8").replace("every=60", "every=soon")
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    done = staffcast("staff", "-d", desk, "--forecast", "f.csv")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "is no recipe" in done.err
