"""``staffcast fcr-curve``: how soon customers come back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from staffcast_cli.filters import (
    ByOption,
    FromOption,
    SetOption,
    ToOption,
    WhereOption,
    metric_options,
    pairs,
)
from staffcast_cli.output import FormatOption, OutputOption, show, write_file
from staffcast_cli.session import DataDirOption, open_data


def command(
    from_date: FromOption = None,
    to_date: ToOption = None,
    by: ByOption = None,
    where: WhereOption = None,
    option: SetOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write a page with the chart.", show_default=False)
    ] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show first-contact resolution for every window at once: the share without a repeat, day by day."""
    from staffcast.reports.repeat_curve import repeat_curve, repeat_note, repeat_table

    with open_data(data_dir=data_dir) as session:
        curve = repeat_curve(
            session.reader,
            session.settings,
            by=tuple(by or ()),
            where=pairs(where, "--where"),
            from_date=from_date,
            to_date=to_date,
            options=metric_options(option),
        )
        window_days = session.settings.fcr_window_days
    words, note = repeat_table(curve), repeat_note(curve)
    last = curve.period[1] - timedelta(days=1)
    title = f"Time to a repeat, {curve.period[0]} to {last} ({curve.covered.timezone})"
    if html is not None:
        from staffcast.charts.repeats import repeat_chart
        from staffcast.reports.figure_page import figure_page

        figure = repeat_chart(curve.steps, by=curve.by, window_days=window_days)
        write_file(html, figure_page(title, figure, words, text=curve.by, note=note))
    show(curve.rows, words, fmt=fmt, title=title, note=note, output=output)
