"""``staffcast report``: key figures of a period."""

from __future__ import annotations

import math
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
    from staffcast.reports.session import Session


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
    ledger: Annotated[bool, typer.Option("--ledger", help="Add what the data-quality checks found.")] = False,
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
    from staffcast.reports import HEADLINES, conventions, fitting_headlines, kpi_report, kpi_table

    if html is not None and (metrics or by or where or grain or clock or option):
        hint = "combine it with --from and --to alone"
        raise ConfigError("--html writes the whole report of a period", hint=hint)
    filters = pairs(where, "--where")
    with open_data(data_dir=data_dir) as session:
        names = tuple(metrics or fitting_headlines(by or (), filters))
        thresholds = _thresholds(fail_under, names)
        report = kpi_report(
            session.reader,
            session.settings,
            metrics=names,
            by=tuple(by or ()),
            where=filters,
            from_date=from_date,
            to_date=to_date,
            grain=grain,
            clock=clock,
            options=metric_options(option),
            comparison=compare,
        )
        if html is not None:
            _write_html(html, session, from_date, to_date)
    if not metrics and len(names) < len(HEADLINES):
        say(f"left out, for they have no such dimension: {', '.join(sorted({*HEADLINES} - {*names}))}")
    start, end = report.period
    title = f"{start} to {end - timedelta(days=1)} ({report.covered.timezone})"
    note = f"{conventions(report)}\n\n{report.covered.stamp}"
    if ledger:
        note += f"\n\n{_ledger(session.settings.data_dir)}"
    show(report.rows, kpi_table(report).drop("convention"), fmt=fmt, title=title, note=note, output=output)
    if _misses(report, thresholds):
        raise typer.Exit(Exit.BELOW_THRESHOLD)


def _ledger(data_dir: Path) -> str:
    from staffcast.reports.ledger import ledger_text
    from staffcast.store.generations import current_generation
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.quality import check

    with Warehouse.open(data_dir) as warehouse:
        return ledger_text(check(warehouse.con, current_generation(data_dir)))


def _write_html(path: Path, session: Session, from_date: str | None, to_date: str | None) -> None:
    from staffcast.reports.document import full_html_report

    document = full_html_report(session.reader, session.settings, from_date=from_date, to_date=to_date)
    write_file(path, document)


def _thresholds(texts: list[str] | None, names: tuple[str, ...]) -> dict[str, float]:
    from staffcast.metrics import metric as find

    limits = {}
    for name, values in pairs(texts, "--fail-under").items():
        if name not in names:
            raise ConfigError(
                f"--fail-under: '{name}' is not in this report", hint=f"add {name} to the metrics"
            )
        try:
            limits[name] = float(values[-1])
        except ValueError:
            limits[name] = math.nan
        is_share = find(name).unit == "share"
        if not math.isfinite(limits[name]) or (is_share and not 0 <= limits[name] <= 1):
            example = "0.8" if is_share else "30"
            raise ConfigError(
                f"--fail-under: '{values[-1]}' is no limit of {name}",
                hint=f"write a number such as {example}",
            )
    return limits


def _misses(report: KpiReport, thresholds: dict[str, float]) -> bool:
    from staffcast.metrics import Direction
    from staffcast.metrics import metric as find

    missed = False
    for name, limit in thresholds.items():
        lower_is_better = find(name).direction is Direction.LOWER
        for value in report.rows.filter(report.rows["metric"] == name)["value"]:
            if value is None or (value > limit if lower_is_better else value < limit):
                say(f"{name} is {'unknown' if value is None else f'{value:g}'}, the limit is {limit:g}")
                missed = True
    return missed
