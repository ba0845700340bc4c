"""``staffcast report``: key figures of a period."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.exits import Exit
from staffcast_cli.filters import (
    ByOption,
    ClockOption,
    FromOption,
    GrainOption,
    SetOption,
    ToOption,
    WhereOption,
    metric_options,
    pairs,
)
from staffcast_cli.output import FormatOption, OutputOption, say, show, write_file
from staffcast_cli.session import DataDirOption, open_data

if TYPE_CHECKING:
    from staffcast.reports import KpiReport


def command(
    metrics: Annotated[
        list[str] | None,
        typer.Argument(help="Metrics to report; default: the headlines.", show_default=False),
    ] = None,
    from_date: FromOption = None,
    to_date: ToOption = None,
    by: ByOption = None,
    where: WhereOption = None,
    grain: GrainOption = None,
    clock: ClockOption = None,
    option: SetOption = None,
    compare: Annotated[
        bool, typer.Option("--compare/--no-compare", help="Compare with the period just before.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Also write a self-contained HTML report.", show_default=False),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under", help="METRIC=VALUE: exit with 4 if it is missed or unknown.", show_default=False
        ),
    ] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Report key figures of a period, each with its interval, n and convention."""
    from staffcast.reports import HEADLINES, conventions, kpi_report, kpi_table

    thresholds = _thresholds(fail_under)
    with open_data(data_dir=data_dir) as session:
        report = kpi_report(
            session.reader,
            session.settings,
            metrics=tuple(metrics or HEADLINES),
            by=tuple(by or ()),
            where=pairs(where, "--where"),
            from_date=from_date,
            to_date=to_date,
            grain=grain,
            clock=clock,
            options=metric_options(option),
            comparison=compare,
        )
        if html is not None:
            from staffcast.reports.document import full_html_report

            write_file(
                html, full_html_report(session.reader, session.settings, from_date=from_date, to_date=to_date)
            )
    start, end = report.period
    title = f"{start} to {end - timedelta(days=1)} ({report.covered.timezone})"
    note = f"{conventions(report)}\n\n{report.covered.stamp}"
    show(report.rows, kpi_table(report).drop("convention"), fmt=fmt, title=title, note=note, output=output)
    if _misses(report, thresholds):
        raise typer.Exit(Exit.BELOW_THRESHOLD)


def _thresholds(texts: list[str] | None) -> dict[str, float]:
    try:
        return {name: float(values[-1]) for name, values in pairs(texts, "--fail-under").items()}
    except ValueError as error:
        raise ConfigError("--fail-under needs a number", hint="write --fail-under csat=0.8") from error


def _misses(report: KpiReport, thresholds: dict[str, float]) -> bool:
    from staffcast.metrics import Direction
    from staffcast.metrics import metric as find

    missed = False
    for name, limit in thresholds.items():
        lower_is_better = find(name).direction is Direction.LOWER
        rows = report.rows.filter(report.rows["metric"] == name)
        if rows.is_empty():
            raise ConfigError(
                f"--fail-under: '{name}' is not in this report", hint=f"add {name} to the metrics"
            )
        for value in rows["value"]:
            if value is None or (value > limit if lower_is_better else value < limit):
                say(f"{name} is {'unknown' if value is None else f'{value:g}'}, the limit is {limit:g}")
                missed = True
    return missed
