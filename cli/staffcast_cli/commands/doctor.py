"""``staffcast doctor``: what is wrong here, and what to do."""

from __future__ import annotations

import platform
import shutil
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast import __version__
from staffcast.core.errors import DataQualityError, StaffcastError, WarehouseError
from staffcast_cli.exits import Exit
from staffcast_cli.inspection import Finding, Remedy, Status, inspect_folder, leftovers
from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.session import DataDirOption, config_file, open_data, settings_only

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("duckdb", "polars", "plotly", "streamlit", "numpy", "scipy", "statsmodels")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")

FixOption = Annotated[
    bool, typer.Option("--fix", help="Remove leftovers, finish what was cut off, publish anew; nothing else.")
]


def command(fix: FixOption = False, fmt: FormatOption = None, data_dir: DataDirOption = None) -> None:
    """Look at versions, settings, warehouse, key, published data and disk; exit 1 if something is wrong.

    Nothing is changed without --fix, and every table is read whole.
    """
    import polars as pl

    findings = list(_findings(data_dir))
    if fix and any(finding.remedy for finding in findings):
        _fix(settings_only(data_dir=data_dir)[0].data_dir, {finding.remedy for finding in findings})
        findings = list(_findings(data_dir))
    rows = [(finding.what, finding.status.value, finding.detail) for finding in findings]
    show(pl.DataFrame(rows, schema=["what", "status", "detail"], orient="row"), fmt=fmt)
    problems = [finding.what for finding in findings if finding.status is Status.PROBLEM]
    if problems:
        say(f"problems: {', '.join(problems)}")
        raise typer.Exit(Exit.FAILURE)


def _findings(data_dir: Path | None) -> Iterator[Finding]:
    yield Finding("staffcast", Status.OK, __version__)
    yield Finding("python", Status.OK, f"{platform.python_version()} on {sys.platform}")
    for name in _PACKAGES:
        try:
            yield Finding(name, Status.OK, version(name))
        except PackageNotFoundError:
            hint = "not installed: run `make demo`, or pip install staffcast"
            yield Finding(name, Status.PROBLEM, hint)
    try:
        settings, _ = settings_only(data_dir=data_dir)
    except StaffcastError as error:
        yield Finding("settings", Status.PROBLEM, str(error))
        return
    where = str(config_file() or "no staffcast.toml here: defaults and environment")
    yield Finding("settings", Status.OK, where)
    yield from inspect_folder(settings.data_dir)
    yield from _profile(settings.data_dir)
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    yield Finding("chromium", Status.OK, browser or "not found (only browser tests need it)")


def _profile(data_dir: Path) -> Iterator[Finding]:
    """Under which zone and profile the data are read; whether they can be read was looked at before."""
    from staffcast.reports import data_range
    from staffcast.store.generations import current_generation

    with suppress(StaffcastError):
        if current_generation(data_dir) is None:
            return
    try:
        with open_data(data_dir=data_dir) as session:
            covered = data_range(session.reader)
            council = next(item for item in session.origins if item.name == "works_council")
        yield Finding("time zone", Status.OK, f"{covered.timezone}, {covered.stamp}")
        state = f"{council.value} ({council.origin})" if council.value == "on" else "off"
        yield Finding("works-council profile", Status.OK, state)
    except WarehouseError as error:
        yield Finding("reading", Status.PROBLEM, str(error), Remedy.REPUBLISH)
    except StaffcastError as error:
        yield Finding("reading", Status.PROBLEM, str(error))


def _fix(data_dir: Path, remedies: set[Remedy]) -> None:
    from staffcast.store.warehouse import Warehouse
    from staffcast_cli.commands.ingest import build_facts
    from staffcast_cli.writing import open_warehouse
    from staffcast_pipelines.loading.key_files import open_keyring

    with Warehouse.open(data_dir) as warehouse:  # which removes some leftovers itself, under its lock
        open_keyring(warehouse)
        if Remedy.REMOVE in remedies:
            _remove(leftovers(data_dir))
    with open_warehouse(data_dir):
        pass  # finishes what was cut off
    if Remedy.REPUBLISH in remedies:
        with suppress(DataQualityError):  # nothing is loaded that facts could be built from
            build_facts(data_dir)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError as error:
            raise StaffcastError(
                f"cannot remove {path}: {error.strerror}", hint="check its owner and mode"
            ) from error
        say(f"removed {path}")
