"""``staffcast close``: the figures of a month as they were published, and what has changed since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, open_data, settings_only

if TYPE_CHECKING:
    import polars as pl

    from staffcast.reports.session import Session


def command(
    month: Annotated[str | None, typer.Argument(help="As 2026-10.", show_default=False)] = None,
    listed: Annotated[bool, typer.Option("--list", help="List what has been closed.")] = False,
    restated: Annotated[
        bool, typer.Option("--restated", help="List what has changed since the close, and why.")
    ] = False,
    stored: Annotated[bool, typer.Option("--show", help="Print the figures as they were closed.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Close a month again; the earlier close stays on record.")
    ] = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Keep the figures of a month with their definitions; later, list what has changed and why."""
    if sum((listed, restated, stored, replace)) > 1:
        raise ConfigError("--list, --restated, --show and --replace exclude one another", hint="give one")
    if listed:
        from staffcast.reports.closing import closes, closes_table

        found = closes(settings_only(data_dir=data_dir)[0].data_dir, month)
        show(closes_table(found), fmt=fmt, output=output)
        return
    with open_data(data_dir=data_dir) as session:
        if restated:
            data, shown = _restated(session, month)
        elif month is None:
            raise ConfigError("which month?", hint="write `staffcast close 2026-10`")
        elif stored:
            data, shown = _stored(session, month)
        else:
            data, shown = _close(session, month, replace=replace)
    show(data, shown, fmt=fmt, output=output)


def _restated(session: Session, month: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    import polars as pl

    from staffcast.reports.closing import closes, last_close
    from staffcast.reports.restating import RESTATED_SCHEMA, restated, restated_table

    folder = session.settings.data_dir
    months = [month] if month else sorted({close.month for close in closes(folder)})
    if not months:
        raise ConfigError("no month is closed yet", hint="run `staffcast close 2026-10`")
    found = [last_close(folder, name) for name in months]
    changes = pl.concat(
        [pl.DataFrame(schema=RESTATED_SCHEMA)]
        + [restated(session.reader, session.settings, close) for close in found]
    )
    for close in found:
        own = changes.filter(pl.col("month") == close.month)
        n_new = own["closed_hash"].null_count()
        more = f", {n_new:,} are new" if n_new else ""
        say(
            f"{close.month}, closed {close.closed_at[:10]}: "
            f"{own.height - n_new:,} of {close.figures.height:,} figures are others now{more}"
        )
    return changes, restated_table(changes)


def _stored(session: Session, month: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    from staffcast.reports.closing import last_close
    from staffcast.reports.restating import figures_table, still_shown

    figures = still_shown(session.reader, session.settings, last_close(session.settings.data_dir, month))
    return figures, figures_table(figures)


def _close(session: Session, month: str, *, replace: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    from staffcast.reports.closing import close_month
    from staffcast.reports.restating import figures_table

    close = close_month(session.reader, session.settings, month, now=datetime.now(UTC), replace=replace)
    say(f"closed {month}: {close.figures.height:,} figures in {close.path} (sha256 {close.sha256})")
    whole = close.figures.filter(close.figures["dimension"].is_null())
    return close.figures, figures_table(whole)
