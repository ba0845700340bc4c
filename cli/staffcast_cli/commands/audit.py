"""``staffcast audit``: bills against what really happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from staffcast_cli.filters import FromOption, SetOption, ToOption, metric_options
from staffcast_cli.output import FormatOption, OutputOption, show
from staffcast_cli.session import DataDirOption, open_data

app = typer.Typer(help="Check bills against what became of the conversations.", no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """Check bills against what became of the conversations."""


@app.command("bot")
def bot(
    rows: Annotated[bool, typer.Option("--rows", help="List the disputed conversations instead.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With --rows: all billed conversations.")] = False,
    from_date: FromOption = None,
    to_date: ToOption = None,
    option: SetOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Set the bot's billed resolutions against contained, answered, confirmed, verified, and came back."""
    from staffcast.reports.bot_audit import audit_note, audit_table, billed_table, bot_audit

    with open_data(data_dir=data_dir) as session:
        audit = bot_audit(
            session.reader, session.settings, from_date=from_date, to_date=to_date,
            options=metric_options(option),
        )  # fmt: skip
    last = audit.period[1] - timedelta(days=1)
    title = f"The bot's bill, {audit.period[0]} to {last} ({audit.covered.timezone})"
    if rows or every:
        billed = audit.billed if every else audit.billed.filter(audit.billed["verdict"] == "disputed")
        show(billed, billed_table(billed), fmt=fmt, title=title, note=audit.covered.stamp, output=output)
        return
    show(audit.rows, audit_table(audit), fmt=fmt, title=title, note=audit_note(audit), output=output)
