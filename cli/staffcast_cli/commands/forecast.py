"""``staffcast forecast``: contacts of the coming days."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast_cli.output import FormatOption, OutputOption, show
from staffcast_cli.session import DataDirOption, open_data


def command(
    days: Annotated[int, typer.Option(help="Local days after the data's as-of.")] = 7,
    every: Annotated[int, typer.Option(help="Minutes per interval: 15, 30 or 60.")] = 60,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Forecast contacts per queue and interval: the 8-week average of the same weekday and time."""
    from staffcast.planning import forecast_volume
    from staffcast.reports import forecast_days, forecast_table, one_queue

    with open_data(data_dir=data_dir) as session:
        volume = one_queue(forecast_volume(session.reader, days=days, every_min=every), queue)
    show(
        forecast_table(volume),
        forecast_days(volume),
        fmt=fmt,
        title="Expected contacts by day",
        note="average of the same weekday and time; --format csv has every interval with its 80 % bounds",
        output=output,
    )
