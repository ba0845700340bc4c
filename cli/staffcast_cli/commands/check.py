"""``staffcast check``: data quality."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast.core.config import read_config_file
from staffcast.core.errors import ConfigError
from staffcast_cli.exits import Exit
from staffcast_cli.filters import pairs
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, config_file, settings_only


def command(
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            "-t",
            help="NAME=SHARE above which a check fails; may be repeated.",
            show_default=False,
        ),
    ] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Check for late, skewed, inferred, contradictory, orphaned and odd data; exit 3 if a check fails."""
    import polars as pl

    from staffcast.reports import format_value
    from staffcast.store.generations import current_generation
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.quality import check, thresholds

    settings, _ = settings_only(data_dir=data_dir)
    given = {name: values[-1] for name, values in pairs(threshold, "--threshold").items()}
    limits = thresholds(_thresholds_of_project(), given)
    with Warehouse.open(settings.data_dir) as warehouse:
        checks = check(warehouse.con, current_generation(settings.data_dir), limits=limits)
    shares = [
        pl.col(name).map_elements(lambda share: format_value(share, "share"), return_dtype=pl.String)
        for name in ("share", "threshold")
    ]
    show(checks, checks.with_columns(shares), fmt=fmt, output=output)
    failed = checks.filter(checks["status"] == "fail")["check"].to_list()
    if failed:
        say(f"failed: {', '.join(failed)}")
        raise typer.Exit(Exit.DATA_REFUSED)


def _thresholds_of_project() -> dict[str, object]:
    """The table ``[check]`` of ``staffcast.toml``."""
    path = config_file()
    found = read_config_file(path).get("check", {}) if path else {}
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: check must be a table", hint="write [check] and NAME = SHARE below it")
    return found
