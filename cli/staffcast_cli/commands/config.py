"""``staffcast config``: the settings in force."""

from __future__ import annotations

import typer

from staffcast_cli.output import FormatOption, show
from staffcast_cli.session import DataDirOption, open_data, settings_only

app = typer.Typer(help="Settings and where each comes from.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Settings and where each comes from."""


@app.command("show")
def show_settings(fmt: FormatOption = None, data_dir: DataDirOption = None) -> None:
    """Print every setting, its value and its origin: flag, environment, file, data or default."""
    import polars as pl

    from staffcast.core.errors import WarehouseError

    try:
        with open_data(data_dir=data_dir) as session:
            origins = session.origins
    except WarehouseError:  # nothing loaded yet: the settings without the data's own defaults
        _, origins = settings_only(data_dir=data_dir)
    rows = [
        {"setting": item.name, "value": item.value, "origin": item.origin, "meaning": item.meaning}
        for item in origins
    ]
    show(pl.DataFrame(rows), fmt=fmt)
