"""``staffcast reconcile``: our number beside the vendor's, and why they differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError, did_you_mean
from staffcast_cli.filters import FromOption, SetOption, ToOption, WhereOption, metric_options, pairs
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, open_data

if TYPE_CHECKING:
    import polars as pl

    from staffcast.reports.candidates import Subject
    from staffcast.reports.disagreements import Disagreements


def command(
    metric: Annotated[
        str,
        typer.Option("--metric", "-m", help="first_response, service_level, csat, volume or resolution."),
    ],
    vendor: Annotated[
        Path,
        typer.Option(help="CSV with one total (column value), or with conversation_id and value."),
    ],
    rows: Annotated[
        bool, typer.Option("--rows", help="List the conversations that differ, with the likely reason.")
    ] = False,
    id_column: Annotated[str, typer.Option(help="Column with the ids.")] = "conversation_id",
    value_column: Annotated[
        str | None, typer.Option(help="Column with the values. Default: value.", show_default=False)
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Of the values: s, min, h or percent.", show_default=False)
    ] = None,
    from_date: FromOption = None,
    to_date: ToOption = None,
    where: WhereOption = None,
    option: SetOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Count in every way that the catalogue knows, beside a vendor's number: which one matches, and why."""
    from staffcast.reports import data_range, reporting_period
    from staffcast.reports.disagreements import disagreements
    from staffcast.reports.reconciliation import reconcile_total, totals_table
    from staffcast.reports.vendor_file import read_vendor_file
    from staffcast.reports.vendor_file import unit as read_unit

    subject = _subject(metric)
    figures = read_vendor_file(vendor, id_column=id_column, value_column=value_column, unit=read_unit(unit))
    if rows and figures.total is not None:
        raise ConfigError(
            "--rows needs the vendor's values by conversation", hint="add their ids to the file"
        )
    with open_data(data_dir=data_dir) as session:
        covered = data_range(session.reader)
        period = reporting_period(covered, from_date=from_date, to_date=to_date)
        filters, options = pairs(where, "--where"), metric_options(option)
        if figures.total is not None:
            totals = reconcile_total(
                session.reader, session.settings, subject, figures.total, period=period, where=filters,
                options=options,
            )  # fmt: skip
            show(totals, totals_table(totals), fmt=fmt, note=covered.stamp, output=output)
            _say_matches(totals)
            return
        found = disagreements(
            session.reader, session.settings, subject, figures.by_conversation, period=period, where=filters,
            options=options,
        )  # fmt: skip
    _show(found, rows=rows, fmt=fmt, output=output, note=covered.stamp)


def _subject(text: str) -> Subject:
    from staffcast.reports.candidates import Subject

    try:
        return Subject(text)
    except ValueError as error:
        raise ConfigError(f"cannot reconcile '{text}'", hint=did_you_mean(text, list(Subject))) from error


def _say_matches(totals: pl.DataFrame) -> None:
    n_matching = totals["matches"].sum()
    if not n_matching:
        say("no way to count gives the vendor's number: compare conversation by conversation")
    elif totals.filter(totals["is_own"])["matches"].item():
        say("our own definition gives the vendor's number")
    else:
        say(f"{n_matching} of {totals.height} ways to count give the vendor's number")


def _show(found: Disagreements, *, rows: bool, fmt: FormatOption, output: OutputOption, note: str) -> None:
    from staffcast.reports.disagreements import agreement_table, conversations_table

    if rows:
        show(found.conversations, conversations_table(found), fmt=fmt, note=note, output=output)
        return
    show(found.agreement, agreement_table(found), fmt=fmt, note=note, output=output)
    reasons = found.conversations["reason"].value_counts().sort("count", "reason", descending=[True, False])
    for reason, count in reasons.iter_rows():
        say(f"{count:,} conversations differ from our definition: {reason}")
    if reasons.height:
        say("--rows lists them")
