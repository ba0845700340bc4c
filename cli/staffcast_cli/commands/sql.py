"""``staffcast sql``: your own question."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, open_data

MOST_ROWS = 10_000


def command(
    statement: Annotated[str, typer.Argument(help="A query; `-` reads it from stdin.")],
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = MOST_ROWS,
    time_limit: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds after which the query is stopped.")
    ] = 60.0,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Run a query on the published tables: nothing else can be read, nothing written."""
    text = sys.stdin.read() if statement == "-" else statement
    with open_data(data_dir=data_dir) as session:
        rows = session.reader.query(text, limit=limit + 1, time_limit_s=time_limit)
    show(rows.head(limit), fmt=fmt, output=output)
    if rows.height > limit:
        say(f"only the first {limit:,} rows are shown; raise --limit for more")
