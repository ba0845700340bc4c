"""``staffcast csat``: does who answers the survey decide the number?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from staffcast_cli.filters import FromOption, ToOption, WhereOption, pairs
from staffcast_cli.output import FormatOption, OutputOption, show
from staffcast_cli.session import DataDirOption, open_data


def command(
    from_date: FromOption = None,
    to_date: ToOption = None,
    by: Annotated[
        str, typer.Option("--by", help="Weigh by: topic, wait, language, queue, channel; comma-separated.")
    ] = "topic,wait,language",
    where: WhereOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Weigh the ratings to the chats that were asked: does who answers decide CSAT?"""
    from staffcast.reports.raked_csat import raked_csat, raked_note, raked_table

    with open_data(data_dir=data_dir) as session:
        found = raked_csat(
            session.reader,
            session.settings,
            by=tuple(name.strip() for name in by.split(",") if name.strip()),
            where=pairs(where, "--where"),
            from_date=from_date,
            to_date=to_date,
        )
    last = found.period[1] - timedelta(days=1)
    title = f"CSAT, weighted, {found.period[0]} to {last} ({found.covered.timezone})"
    show(found.rows, raked_table(found), fmt=fmt, title=title, note=raked_note(found), output=output)
