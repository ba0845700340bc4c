"""``staffcast explain``: what stands behind a number."""

from __future__ import annotations

from typing import Annotated

import typer

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
from staffcast_cli.output import FormatOption, OutputOption, show, write_text
from staffcast_cli.session import DataDirOption, open_data


def command(
    metric: Annotated[str, typer.Argument(help="Id of the metric; see `staffcast metrics`.")],
    rows: Annotated[bool, typer.Option("--rows", help="List the rows behind the number instead.")] = False,
    from_date: FromOption = None,
    to_date: ToOption = None,
    by: ByOption = None,
    where: WhereOption = None,
    grain: GrainOption = None,
    clock: ClockOption = None,
    option: SetOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Print definition, convention and SQL of a metric, or the conversations behind it.

    The SQL has all values written out: `staffcast sql` runs it and gives the number of the report.
    """
    from staffcast.metrics import explain, options_from_settings
    from staffcast.reports import data_range, reporting_period

    with open_data(data_dir=data_dir) as session:
        period = reporting_period(data_range(session.reader), from_date=from_date, to_date=to_date)
        explanation = explain(
            metric,
            by=tuple(by or ()),
            where=pairs(where, "--where"),
            period=period,
            grain=grain,
            clock=clock,
            options=options_from_settings(session.settings, metric_options(option)),
            reader=session.reader if rows else None,
        )
    if explanation.rows is not None:
        show(explanation.rows, fmt=fmt, output=output)
        return
    record = explanation.metric
    lines = [
        f"{record.label} ({record.id})",
        record.definition,
        f"convention: {explanation.convention}",
        f"clock: {explanation.clock}; cohort: {record.cohort}; unit: {record.unit}",
        *(f"left out: {reason} when {predicate}" for reason, predicate in explanation.exclusions),
        *(f"note: {caveat}" for caveat in record.caveats),
        f"definition hash: {explanation.definition_hash}",
    ]
    # No leading dashes: the text can be an argument of `staffcast sql`.
    text = "/* " + "\n   ".join(lines) + " */\n" + explanation.sql + "\n"
    write_text(text, output)
