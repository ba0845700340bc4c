"""``staffcast doctor``: what is wrong here, and what to do."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from staffcast import __version__
from staffcast.core.errors import StaffcastError
from staffcast_cli.exits import Exit
from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.session import DataDirOption, config_file, open_data, settings_only

if TYPE_CHECKING:
    from collections.abc import Iterator

Finding = tuple[str, str, str]

_PACKAGES = ("duckdb", "polars", "plotly", "streamlit", "numpy", "scipy", "statsmodels")
_LOW_DISK_BYTES = 500_000_000
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def command(fmt: FormatOption = None, data_dir: DataDirOption = None) -> None:
    """Look at versions, settings, warehouse, published data and disk; exit 1 if something is wrong."""
    import polars as pl

    findings = list(_findings(data_dir))
    show(pl.DataFrame(findings, schema=["what", "status", "detail"], orient="row"), fmt=fmt)
    problems = [what for what, status, _ in findings if status == "problem"]
    if problems:
        say(f"problems: {', '.join(problems)}")
        raise typer.Exit(Exit.FAILURE)


def _findings(data_dir: Path | None) -> Iterator[Finding]:
    yield "staffcast", "ok", __version__
    yield "python", "ok", f"{platform.python_version()} on {sys.platform}"
    for name in _PACKAGES:
        try:
            yield name, "ok", version(name)
        except PackageNotFoundError:
            yield name, "problem", "not installed: run `make demo`, or pip install staffcast"
    try:
        settings, _ = settings_only(data_dir=data_dir)
    except StaffcastError as error:
        yield "settings", "problem", str(error)
        return
    yield "settings", "ok", str(config_file() or "no staffcast.toml here: defaults and environment")
    yield _disk(settings.data_dir)
    yield from _warehouse(settings.data_dir)
    yield from _published(settings.data_dir)
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    yield "chromium", "ok", browser or "not found (only browser tests need it)"


def _disk(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir.absolute(), *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    status = "ok" if free > _LOW_DISK_BYTES else "problem"
    return "disk", status, f"{free / 1e9:.1f} GB free at {data_dir}"


def _warehouse(data_dir: Path) -> Iterator[Finding]:
    from staffcast.store.warehouse import Warehouse

    try:
        with Warehouse.open(data_dir) as warehouse:
            loads = warehouse.con.table("loads").count("*").fetchall()[0][0]
        yield "warehouse", "ok", f"{loads} files loaded"
    except StaffcastError as error:
        yield "warehouse", "problem", str(error)


def _published(data_dir: Path) -> Iterator[Finding]:
    from staffcast.reports import data_range

    try:
        with open_data(data_dir=data_dir) as session:
            covered = data_range(session.reader)
            number = session.reader.generation.number
            council = next(item for item in session.origins if item.name == "works_council")
        yield "published data", "ok", f"generation {number}, {covered.stamp}"
        yield "time zone", "ok", covered.timezone
        state = f"{council.value} ({council.origin})" if council.value == "on" else "off"
        yield "works-council profile", "ok", state
    except StaffcastError as error:
        yield "published data", "problem", str(error)
