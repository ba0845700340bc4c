"""``staffcast intraday``: the day so far beside its forecast, the rest forecast anew, and net staffing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import SourceError
from staffcast_cli.forecast_options import CountryOption, EveryOption, ModelOption
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.progress import step_bar
from staffcast_cli.session import DataDirOption, open_data

if TYPE_CHECKING:
    import polars as pl

_MINUTES_PER_HOUR = 60


def command(
    at: Annotated[
        str | None,
        typer.Option(
            help="Local time, as 14:00, or '2026-11-20 14:00'. Default: the data's as-of.", show_default=False
        ),
    ] = None,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    every: EveryOption = 60,
    scheduled: Annotated[
        Path | None,
        typer.Option(
            help="CSV of agents at work: time (as 09:00), agents, queue if of one. Default: the schedules.",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    country: CountryOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show contacts against forecast so far, the new forecast of the rest of the day, and net staffing."""
    from staffcast.planning import today
    from staffcast.reports import one_queue
    from staffcast.reports.forecasts import today_table, today_words

    agents = None if scheduled is None else _agents(scheduled)
    with (
        open_data(data_dir=data_dir, forecast_model=model, country=country) as session,
        step_bar("choosing models") as progress,
    ):
        found = today(
            session.reader, session.settings, at=at, every_min=every, scheduled=agents, progress=progress
        )
    named = found.frame.drop_nulls("queue")
    rows = found.frame if queue is None else one_queue(named, queue)
    shown = today_table(rows.filter(rows["queue"].eq_missing(queue)))
    show(rows, shown, fmt=fmt, title=f"The day as of {found.local_now}", note=found.source, output=output)
    for line in today_words(found, queue):
        say(line)


def _agents(file: Path) -> pl.DataFrame:
    """Agents at work by time of day.

    Raises:
        SourceError: The file is missing, or a row of it is none; the message says which.
    """
    import polars as pl

    hint = "give a CSV of time,agents with rows like 09:00,12"
    try:
        table = pl.read_csv(file, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise SourceError("not a CSV that can be read", path=file, hint=hint) from error
    if not {"time", "agents"} <= set(table.columns):
        raise SourceError(
            f"no columns time and agents among {', '.join(table.columns)}", path=file, hint=hint
        )
    rows = []
    for line, row in enumerate(table.iter_rows(named=True), start=2):
        hour, _, minute = str(row["time"]).partition(":")
        try:
            number = float(row["agents"])
            at = int(hour) * _MINUTES_PER_HOUR + int(minute)
        except (TypeError, ValueError) as error:
            raise SourceError(
                f"'{row['time']},{row['agents']}' is no time and number", path=file, line=line, hint=hint
            ) from error
        if not 0 <= number < float("inf"):
            raise SourceError(f"{row['agents']} agents", path=file, line=line, hint=hint)
        rows.append((row.get("queue") or None, at, number))
    return pl.DataFrame(
        rows, schema={"queue": pl.String, "local_minute": pl.Int64, "agents": pl.Float64}, orient="row"
    )
