"""``staffcast forecast publish``, ``published``, ``override``, ``flags``: what was promised and decided."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError, did_you_mean
from staffcast_cli.forecast_options import CountryOption, DaysOption, EveryOption, ModelOption, ScenarioOption
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.progress import step_bar
from staffcast_cli.session import DataDirOption, open_data, settings_only

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from staffcast.planning import Override
    from staffcast.reports.session import Session

__all__ = ["flags", "listed", "override", "publish"]

ReasonOption = Annotated[str, typer.Option(help="Why; it is kept.", show_default=False)]


def publish(
    days: DaysOption = 7,
    every: EveryOption = 60,
    model: ModelOption = None,
    country: CountryOption = None,
    scenario: ScenarioOption = None,
    reason: Annotated[
        str, typer.Option(help="Why the period gets another version.", show_default=False)
    ] = "",
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Lock the forecast of the coming days; later it is judged by what came."""
    from staffcast.planning import coming_volume, publish_forecast, published_table

    with open_data(data_dir=data_dir, forecast_model=model, country=country, scenario=scenario) as session:
        reader, settings = session.reader, session.settings
        with step_bar("choosing models") as progress:
            outlook = coming_volume(reader, settings, days=days, every_min=every, progress=progress)
        found = publish_forecast(reader, settings.data_dir, outlook, now=datetime.now(UTC), reason=reason)
    for change in outlook.changes:
        say(f"changed: {change.words}")
    table = published_table([found])
    show(table, _rounded(table), fmt=fmt, output=output)


def listed(
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List published forecasts, each beside what came; and whether overrides helped."""
    from staffcast.planning import judged, published, published_table
    from staffcast.reports.forecasts import judged_table, value_added

    with open_data(data_dir=data_dir) as session:
        found = published(session.settings.data_dir)
        scores = judged(session.reader, found)
    if not found:
        raise ConfigError("no forecast is published yet", hint="run `staffcast forecast publish`")
    if scores.is_empty():
        say("nothing has come yet of what was published before it began")
        table = published_table(found)
        show(table, _rounded(table), fmt=fmt, output=output)
        return
    if queue is not None:
        _require_queue(queue, scores["queue"].drop_nulls().to_list())
        scores = scores.filter(queue=queue)
    show(scores, judged_table(scores), fmt=fmt, title="Published forecasts beside what came", output=output)
    say("each interval counts once: in the latest forecast that was published before it began")
    for line in value_added(scores):
        say(line)


def override(
    queue: Annotated[str | None, typer.Option(help="Default: all queues.", show_default=False)] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Local date, or 'date time'.", show_default=False)
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help="Date, included; or 'date time', excluded.", show_default=False),
    ] = None,
    uplift: Annotated[float | None, typer.Option(help="Factor, such as 1.2.", show_default=False)] = None,
    value: Annotated[
        float | None, typer.Option(help="Contacts in the whole time.", show_default=False)
    ] = None,
    reason: ReasonOption = "",
    undo: Annotated[int | None, typer.Option(help="Take one back, by number.", show_default=False)] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Change the forecast by hand, with a reason; without options list all such changes."""
    from staffcast.planning import Override, add_override, overrides, span_of, undo_override

    folder, now = settings_only(data_dir=data_dir)[0].data_dir, datetime.now(UTC)
    if undo is not None:
        undo_override(folder, undo, reason=reason, now=now)
    elif first is not None:
        _require_known_queue(queue, folder)
        begin, end = span_of(first, last or first)
        change = Override(queue, begin, end, reason, uplift, value)
        say(f"override {add_override(folder, change, now=now).number} holds from now on")
    elif (queue, last, uplift, value) != (None,) * 4:
        raise ConfigError("an override needs --from", hint="--from 2026-11-20 --uplift 1.2 --reason '...'")
    show(_log(overrides(folder)), fmt=fmt, output=output)


def flags(
    undo: Annotated[
        str | None, typer.Option(help="Count this day (YYYY-MM-DD) all the same.", show_default=False)
    ] = None,
    accept: Annotated[str | None, typer.Option(help="Leave this day out again.", show_default=False)] = None,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    reason: ReasonOption = "",
    every: EveryOption = 60,
    country: CountryOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List outages and outliers that forecasts leave out; count one all the same, or leave it out again."""
    with open_data(data_dir=data_dir, country=country) as session:
        found = _flags(session, every, queue)
        if undo is not None or accept is not None:
            if undo is not None and accept is not None:
                raise ConfigError("--undo and --accept exclude one another", hint="give one")
            _judge(session, found, undo or accept or "", is_kept=undo is not None, reason=reason)
            found = _flags(session, every, queue)
    show(found, _rounded(found), fmt=fmt, title="Days and intervals far from usual", output=output)


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """The table for people: whole contacts."""
    import polars.selectors as cs

    return frame.with_columns(cs.float().round(0).cast(int))


def _flags(session: Session, every: int, queue: str | None) -> pl.DataFrame:
    import polars as pl

    from staffcast.forecasting import clean
    from staffcast.planning import knowledge_of, past_volume

    known, past = knowledge_of(session.settings), past_volume(session.reader, every_min=every)
    if queue is not None:
        _require_queue(queue, list(past))
    rows = [
        (name, flag.day.isoformat(), flag.contacts, flag.usual, flag.reason,
         "counted" if flag.day in known.kept.get(name, ()) else "left out")
        for name, series in past.items() if queue in (None, name)
        for flag in clean(series, known.calendar.of_queue(name))[1]
    ]  # fmt: skip
    real = {"contacts": pl.Float64, "usual": pl.Float64}
    names = ("queue", "day", "contacts", "usual", "reason", "state")
    return pl.DataFrame(rows, schema={name: real.get(name, pl.String) for name in names}, orient="row")


def _judge(session: Session, found: pl.DataFrame, text: str, *, is_kept: bool, reason: str) -> None:
    from staffcast.planning import judge_flag

    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"'{text}' is no date", hint="write 2026-11-20") from error
    queues = found.filter(day=text)["queue"].unique().sort().to_list()
    if not queues:
        raise ConfigError(f"nothing is flagged on {text}", hint="`staffcast forecast flags` lists what is")
    for name in queues:
        judge_flag(
            session.settings.data_dir, name, day, is_kept=is_kept, reason=reason, now=datetime.now(UTC)
        )


def _require_known_queue(queue: str | None, folder: Path) -> None:
    """There are data, and the queue is one of theirs."""
    from staffcast.planning import past_volume

    with open_data(data_dir=folder) as session:
        if queue is not None:
            _require_queue(queue, list(past_volume(session.reader)))


def _require_queue(queue: str, known: list[str]) -> None:
    if queue not in known:
        raise ConfigError(f"unknown queue '{queue}'", hint=did_you_mean(queue, known))


def _log(found: list[Override]) -> pl.DataFrame:
    import polars as pl

    schema = {
        "number": pl.Int64, "queue": pl.String, "from": pl.String, "to": pl.String, "uplift": pl.Float64,
        "value": pl.Float64, "reason": pl.String, "made_at": pl.String, "state": pl.String,
    }  # fmt: skip
    rows = [
        (own.number, own.queue, own.first, own.end, own.uplift, own.contacts, own.reason, own.made_at[:19],
         "undone" if own.is_undone else "in force")
        for own in found
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
