"""``staffcast loads``: what became of every row of every file."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, settings_only


def command(
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="List the rows that were put aside: line, field, reason.")
    ] = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List all loaded files: rows = new + updated + duplicate + quarantined + skipped + suppressed."""
    from staffcast.reports import loads_history, quarantined_rows
    from staffcast.store.warehouse import Warehouse

    settings, _ = settings_only(data_dir=data_dir)
    with Warehouse.open(settings.data_dir) as warehouse:
        rows = quarantined_rows(warehouse.con) if quarantine else loads_history(warehouse.con)
    show(rows, fmt=fmt, output=output)
    if not quarantine:
        say(f"{rows.height:,} files, {rows['rows'].sum():,} rows, {rows['quarantined'].sum():,} put aside")
