"""What the packages promise as a whole: light start, small files, typed, no forbidden calls."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("models", "pipelines", "dashboards", "cli", "sample_data")
    for path in (ROOT / folder).rglob("*.py")
)
HEAVY = (
    "duckdb",
    "polars",
    "pandas",
    "numpy",
    "scipy",
    "streamlit",
    "plotly",
    "statsmodels",
    "numba",
    "pyarrow",
)


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules in memory after a run of the command line."""
    code = (
        "import sys\n"
        "sys.argv = ['staffcast', *sys.argv[1:]]\n"
        "from staffcast_cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["report", "--help"], ["ingest", "--help"]])
def test_help_loads_no_heavy_module(arguments: list[str]) -> None:
    assert not loaded_by(*arguments) & set(HEAVY)


def test_modules_and_functions_stay_small() -> None:
    long_places = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 420:
            long_places.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                doc = ast.get_docstring(node) or ""
                # The options of a command are declarations: what counts is the body.
                length = (node.end_lineno or 0) - node.body[0].lineno + 1 - doc.count("\n")
                if length > 45:
                    long_places.append(f"{path.name}:{node.lineno} {node.name}: {length} lines")
    assert not long_places


def test_no_dangerous_calls() -> None:
    forbidden = ("unsafe_allow_html", "shell=True", "pickle", "eval(", "exec(")
    found = [
        f"{path.name}: {word}"
        for path in SOURCES
        for word in forbidden
        if word in path.read_text(encoding="utf-8").replace("_exec(", "").replace("streamlit_eval(", "")
    ]
    assert not found


def test_no_utils_module() -> None:
    assert not [path for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}]
