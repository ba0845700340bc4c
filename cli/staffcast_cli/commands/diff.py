"""``staffcast diff``: why did it move."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast_cli.filters import ByOption, ClockOption, SetOption, WhereOption, metric_options, pairs
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, open_data


def command(
    metric: Annotated[str, typer.Argument(help="Id of the metric; see `staffcast metrics`.")],
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            "-p",
            help="2026-10, 2026-W43, a day, or DAY..DAY. Default: the last 28 days.",
            show_default=False,
        ),
    ] = None,
    versus: Annotated[
        str | None,
        typer.Option(
            "--versus",
            "-v",
            help="The earlier period. Default: the one just before, of equal length.",
            show_default=False,
        ),
    ] = None,
    by: ByOption = None,
    where: WhereOption = None,
    clock: ClockOption = None,
    option: SetOption = None,
    parts: Annotated[int, typer.Option(min=1, help="Most parts of a dimension to print in a table.")] = 5,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Take the change of a metric apart: what its mix and what its parts contributed, adding up exactly."""
    from staffcast.reports.difference_words import difference_note, difference_table, difference_title
    from staffcast.reports.differences import difference
    from staffcast.reports.named_periods import named_period

    asked = [named_period(text) if text else None for text in (period, versus)]
    with open_data(data_dir=data_dir) as session:
        report = difference(
            session.reader,
            session.settings,
            metric,
            period=asked[0],
            versus=asked[1],
            by=tuple(by or ()),
            where=pairs(where, "--where"),
            clock=clock,
            options=metric_options(option),
        )
    for named, used in zip(asked, (report.period, report.versus), strict=True):
        if named and named != used:
            say(f"the data cover {used[0]} to before {used[1]} of the period asked for")
    show(
        report.rows,
        difference_table(report, n_parts=parts),
        fmt=fmt,
        title=difference_title(report),
        note=difference_note(report),
        output=output,
    )
