"""``staffcast check``: data quality."""

from __future__ import annotations

from contextlib import ExitStack

import typer

from staffcast_cli.exits import Exit
from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.session import DataDirOption, settings_only


def command(fmt: FormatOption = None, data_dir: DataDirOption = None) -> None:
    """Check the loaded data: orphans, contradictions, off-scale ratings; exit 3 if a check fails."""
    import polars as pl

    from staffcast.reports import format_value
    from staffcast.store.generations import current_generation, open_generation
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.quality import check

    settings, _ = settings_only(data_dir=data_dir)
    with ExitStack() as stack:
        warehouse = stack.enter_context(Warehouse.open(settings.data_dir))
        facts = [open_generation(settings.data_dir)] if current_generation(settings.data_dir) else []
        checks = check(warehouse.con, *map(stack.enter_context, facts))
    shares = [
        pl.col(name).map_elements(lambda share: format_value(share, "share"), return_dtype=pl.String)
        for name in ("share", "threshold")
    ]
    show(checks, checks.with_columns(shares), fmt=fmt)
    failed = checks.filter(checks["status"] == "fail")["check"].to_list()
    if failed:
        say(f"failed: {', '.join(failed)}")
        raise typer.Exit(Exit.DATA_REFUSED)
