"""``staffcast forecast``: contacts of the coming days, and how good such forecasts have been."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError, SourceError
from staffcast_cli.output import Format, FormatOption, OutputOption, say, show
from staffcast_cli.session import DataDirOption, open_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from staffcast.core.calendars import OpeningHours
    from staffcast.forecasting import Evaluation, VolumeForecast
    from staffcast.reports.session import Session

_SIMPLE = ("staffcast", "last week", "4-week mean", "8-week mean")

app = typer.Typer(help="Forecast contacts, and see how good such forecasts have been.")

ModelOption = Annotated[
    str | None,
    typer.Option(
        help="average: 8 weeks; best: what forecast best so far. Default: the setting forecast_model.",
        show_default=False,
    ),
]
CountryOption = Annotated[
    str | None, typer.Option(help="Country of the public holidays, such as DE or US/NY.", show_default=False)
]


@app.callback(invoke_without_command=True)
def command(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="Local days after the data's as-of.")] = 7,
    every: Annotated[int, typer.Option(help="Minutes per interval: 15, 30 or 60.")] = 60,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    model: ModelOption = None,
    country: CountryOption = None,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="How good such forecasts would have been, queue by queue.")
    ] = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Forecast contacts per queue and interval, by an average or by the model that back-tests best."""
    if context.invoked_subcommand is not None:
        return
    if backtest:
        with open_data(data_dir=data_dir, country=country) as session:
            _show_backtest(_backtest(session, every, queue), fmt, output)
        return
    from staffcast.planning import forecast_volume
    from staffcast.reports import forecast_days, forecast_table, one_queue

    with open_data(data_dir=data_dir, forecast_model=model, country=country) as session:
        if session.settings.forecast_model == "average":
            note = "average of the same weekday and time over 8 weeks"
            found = forecast_volume(session.reader, days=days, every_min=every)
        else:
            best = _best(session, days, every)
            note, found = "the model of each queue that forecast it best so far", best.frame
            _explain(best, queue)
        volume = one_queue(found, queue)
    show(
        forecast_table(volume),
        forecast_days(volume),
        fmt=fmt,
        title="Expected contacts by day",
        note=f"{note}; --format csv has every interval with its 80 % bounds",
        output=output,
    )


@app.command("evaluate")
def evaluate(
    file: Annotated[Path, typer.Argument(help="A CSV of ds (start of the interval) and y (contacts).")],
    country: CountryOption = None,
    hours: Annotated[
        str | None,
        typer.Option(help="Opening hours, such as 'mon-fri 9-17, sat 10-14'.", show_default=False),
    ] = None,
    tz: Annotated[
        str | None, typer.Option("--tz", help="Zone of the desk, where ds has one.", show_default=False)
    ] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Back-test the forecast on any series of counts, beside the naive one and the 4- and 8-week averages."""
    from staffcast.forecasting import evaluate_series, scores_frame, series_of_counts, worst_days
    from staffcast.planning import calendar_of

    calendar = calendar_of(country or "")
    series = series_of_counts(_table(file), timezone=tz, hours=_hours(hours))
    for note in series.notes:
        say(note)
    with _bar("back-test") as progress:
        found = evaluate_series(series, calendar, progress=progress)
    frame = scores_frame(found)
    show(frame, _in_words(frame), fmt=fmt, title=_title(found), note=_verdict(found), output=output)
    for row in worst_days(series, found, calendar).iter_rows(named=True):
        say(
            f"worst: {row['day']}, {row['days_ahead']} days ahead: {row['contacts']:.0f} contacts, "
            f"{row['expected']:.0f} expected ({row['reason']})"
        )


def _best(session: Session, days: int, every: int) -> VolumeForecast:
    from staffcast.planning import best_volume

    country = session.settings.country
    with _bar("choosing models") as progress:
        return best_volume(session.reader, days=days, every_min=every, country=country, progress=progress)


def _explain(best: VolumeForecast, queue: str | None) -> None:
    """Which model each queue has and why, what was assumed, and the days that were left out."""
    from staffcast.reports import queue_label

    for name, choice in best.choices.items():
        if queue in (None, name):
            notes = (choice.name, choice.reason, *best.notes.get(name, ()))
            say(f"{queue_label(name)}: {'; '.join(dict.fromkeys(notes))}")
            for flag in best.flags.get(name, ()):
                say(f"  left out: {flag.reason}")


def _backtest(session: Session, every: int, queue: str | None) -> pl.DataFrame:
    """Scores of every model for each queue with enough of a past."""
    import polars as pl

    from staffcast.core.errors import ForecastError, did_you_mean
    from staffcast.forecasting import evaluate_series, scores_frame
    from staffcast.planning import calendar_of, past_volume
    from staffcast.reports import queue_label

    past = past_volume(session.reader, every_min=every)
    if queue is not None and queue not in past:
        raise ConfigError(f"unknown queue '{queue}'", hint=did_you_mean(queue, past))
    names = [queue] if queue is not None else list(past)
    frames, refused = [], []
    with _bar("back-test") as progress:
        for number, name in enumerate(names):
            try:
                found = evaluate_series(past[name], calendar_of(session.settings.country))
            except ForecastError as short:
                refused.append(ForecastError(f"{queue_label(name)}: {short.message}", hint=short.hint))
                continue
            frames.append(scores_frame(found).select(pl.lit(queue_label(name)).alias("queue"), pl.all()))
            progress(number + 1, len(names))
    if not frames:
        raise refused[0] if refused else ForecastError("no contacts so far", hint="load at least four weeks")
    for error in refused:
        say(str(error))
    return pl.concat(frames)


def _show_backtest(frame: pl.DataFrame, fmt: Format | None, output: Path | None) -> None:
    import polars as pl

    simple = frame.filter(pl.col("model").is_in(_SIMPLE))
    note = "staffcast: what --model best would have chosen; --format csv has every model and horizon"
    if frame["queue"].n_unique() > 1:
        simple = simple.filter(horizon="2 weeks")
    show(frame, _in_words(simple), fmt=fmt, title="Back-test of each queue", note=note, output=output)


def _table(file: Path) -> pl.DataFrame:
    import polars as pl

    if not file.is_file():
        raise SourceError("no such file", path=file, hint="give a CSV with the columns ds and y")
    try:
        return pl.read_csv(file, infer_schema_length=None, try_parse_dates=True)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise SourceError("not a CSV", path=file, hint="give a CSV with the columns ds and y") from error


def _hours(text: str | None) -> OpeningHours | None:
    """``mon-fri 9-17, sat 10-14`` as opening hours."""
    from staffcast.core.calendars import OpeningHours

    if text is None:
        return None
    rules: dict[str, list[str]] = {}
    for part in text.split(","):
        days, _, span = part.strip().partition(" ")
        first, dash, last = span.strip().partition("-")
        if not dash:
            raise ConfigError(
                f"--hours: '{part.strip()}' has no span", hint="write 'mon-fri 9-17, sat 10-14'"
            )
        rules[days] = [time if ":" in time else f"{time}:00" for time in (first, last)]
    return OpeningHours.from_rules(rules, timezone="UTC")


def _title(found: Evaluation) -> str:
    chosen = ", ".join(f"{name} {times} times" for name, times in found.chosen.items())
    return f"Back-test from {len(found.origins)} origins; staffcast chose {chosen}"


def _verdict(found: Evaluation) -> str:
    gain = 1 - found.versus_average("2 weeks")
    word = "below" if gain >= 0 else "above"
    said = f"2 weeks ahead the error is {abs(gain):.1%} {word} that of the better of the 4- and 8-week means"
    return said if gain >= 0 else f"the simple average won: {said}"


def _in_words(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    def words(name: str, form: str, factor: int = 100) -> pl.Expr:
        return (factor * pl.col(name)).map_elements(form.format, pl.String).alias(name.replace("_", " "))

    shown = (
        words("wape", "{:.2f} %"), words("mase", "{:.2f}", 1), words("bias", "{:.2f} %"),
        words("pinball", "{:.2f} %"), words("coverage_80", "{:.1f} %"), words("coverage_95", "{:.1f} %"),
    )  # fmt: skip
    queue = ["queue"] if "queue" in frame.columns else []
    return frame.select(*queue, "model", "horizon", *shown)


@contextmanager
def _bar(step: str) -> Iterator[Callable[[int, int], None]]:
    """A bar of origins or queues, in a terminal only."""
    from staffcast_cli.progress import build_bar

    with build_bar() as tell:
        yield lambda done, total: tell(step, done, total)
