"""``staffcast retain``: text has an end, numbers stay."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.progress import build_bar
from staffcast_cli.session import DataDirOption
from staffcast_cli.writing import open_warehouse, say_unreachable


def command(
    days: Annotated[int, typer.Option(min=0, help="Age in days from which text is dropped.")],
    apply: Annotated[bool, typer.Option("--apply", help="Do it; otherwise only count.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="Count back from this instant (ISO 8601), not from now.", show_default=False
        ),
    ] = None,
    fmt: FormatOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Drop message texts, comments, addresses and unknown columns older than N days; every number stays.

    Without --apply it only counts. Text of that age is not stored by later loads either. It cannot reach
    backups that are moved away (they are named), your exports and the chat system.
    """
    import polars as pl

    from staffcast.core.instants import parse_instant
    from staffcast_pipelines.lifecycle import retain

    until = parse_instant(as_of) if as_of else None
    with open_warehouse(data_dir, resume=apply) as (warehouse, settings), build_bar() as progress:
        done = retain(
            warehouse, settings, days=days, now=datetime.now(UTC), as_of=until, apply=apply, progress=progress
        )
    rows = pl.DataFrame(
        list(done.n_rows.items()), schema={"table": pl.String, "rows": pl.Int64}, orient="row"
    )
    show(rows, fmt=fmt)
    before = done.before.isoformat(timespec="seconds")
    if apply:
        say(f"dropped: text from before {before}")
    else:
        say(f"would be dropped: text from before {before}; add --apply to do it")
    say_unreachable(done.unreachable_backups)
