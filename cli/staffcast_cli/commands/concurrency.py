"""``staffcast concurrency``: what the number of chats at once does to a chat."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from staffcast_cli.filters import FromOption, SetOption, ToOption, WhereOption, metric_options, pairs
from staffcast_cli.output import FormatOption, OutputOption, show, write_file
from staffcast_cli.session import DataDirOption, open_data


def command(
    from_date: FromOption = None,
    to_date: ToOption = None,
    where: WhereOption = None,
    option: SetOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write a page with the chart.", show_default=False)
    ] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Compare handle time, reply time, CSAT and FCR by the chats that the agent had at accept.

    Observational: agent and hour of the week are held fixed, other reasons for a busy moment are not.
    """
    from staffcast.reports.concurrency_quality import (
        concurrency_note,
        concurrency_quality,
        concurrency_table,
    )

    with open_data(data_dir=data_dir) as session:
        report = concurrency_quality(
            session.reader,
            session.settings,
            where=pairs(where, "--where"),
            from_date=from_date,
            to_date=to_date,
            options=metric_options(option),
        )
    words, note = concurrency_table(report), concurrency_note(report)
    last = report.period[1] - timedelta(days=1)
    title = f"Chats at once and quality, {report.period[0]} to {last} ({report.covered.timezone})"
    if html is not None:
        from staffcast.charts.concurrency import concurrency_chart
        from staffcast.metrics import metric
        from staffcast.reports.figure_page import figure_page

        labels = {name: metric(name).label for name in report.rows["metric"].unique()}
        figure = concurrency_chart(report.rows, labels)
        write_file(html, figure_page(title, figure, words, text=("metric", "verdict"), note=note))
    show(report.rows, words, fmt=fmt, title=title, note=note, output=output)
