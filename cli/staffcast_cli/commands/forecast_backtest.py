"""``staffcast forecast --backtest`` and ``evaluate``: how good forecasts would have been."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from staffcast.core.errors import ConfigError, SourceError
from staffcast_cli.forecast_options import CountryOption, PlotsOption
from staffcast_cli.output import Format, FormatOption, OutputOption, say, show, write_file
from staffcast_cli.progress import step_bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from staffcast.core.calendars import OpeningHours
    from staffcast.forecasting import Evaluation, Series
    from staffcast.reports.session import Session

__all__ = ["evaluate", "show_backtest"]

_SHOWN_DIGITS = 3
_SIMPLE = ("staffcast", "last week", "4-week mean", "8-week mean")


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
    audit: Annotated[
        bool, typer.Option("--audit", help="With statsmodels' SARIMAX in the table: takes minutes.")
    ] = False,
    plots: PlotsOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Back-test the forecast on any series of counts, beside the naive one and the 4- and 8-week averages."""
    from staffcast.forecasting import clean, evaluate_series, scores_frame, series_of_counts, worst_days
    from staffcast.forecasting.audit import Sarimax
    from staffcast.planning import calendar_of

    calendar = calendar_of(country or "")
    series = series_of_counts(_table(file), timezone=tz, hours=_hours(hours))
    silences = (flag.reason for flag in clean(series, calendar)[1] if flag.last is not None)
    for note in (*series.notes, *(f"left out of the fits: {words}" for words in silences)):
        say(note)
    judges = (Sarimax(calendar),) if audit else ()
    with step_bar("back-test") as progress:
        found = evaluate_series(series, calendar, audit=judges, progress=progress)
    frame = scores_frame(found)
    show(frame, _in_words(frame), fmt=fmt, title=_title(found), note=_verdict(found), output=output)
    for row in worst_days(series, found, calendar).iter_rows(named=True):
        say(f"worst: {_worst_words(row)}")
    if plots is not None:
        _write_page(plots, {file.name: (series, found)}, {})


def show_backtest(
    session: Session,
    every: int,
    queue: str | None,
    plots: Path | None,
    fmt: Format | None,
    output: Path | None,
) -> None:
    """Print the scores of every queue, and what published forecasts and overrides turned out to be worth."""
    import polars as pl

    from staffcast.forecasting import scores_frame
    from staffcast.planning import judged, published
    from staffcast.reports import queue_label
    from staffcast.reports.forecasts import value_added

    found = _backtests(session, every, queue)
    frame = pl.concat(
        scores_frame(evaluation).select(pl.lit(queue_label(name)).alias("queue"), pl.all())
        for name, (_, evaluation) in found.items()
    )
    simple = frame.filter(pl.col("model").is_in(_SIMPLE))
    note = "staffcast: what --model best would have chosen; --format csv has every model"
    shown, title = _in_words(simple), "Back-test of each queue"
    if len(found) > 1:
        shown, title = _side_by_side(simple), f"{title}, 1 day / 2 weeks / 4 weeks ahead"
    show(frame, shown, fmt=fmt, title=title, note=note, output=output)
    _say_worst(session, found, n_days=3 if len(found) == 1 else 1)
    for line in value_added(judged(session.reader, published(session.settings.data_dir))):
        say(line)
    if plots is not None:
        _write_page(plots, {queue_label(name): one for name, one in found.items()}, _fans(session, found))


def _say_worst(session: Session, found: Mapping[str, tuple[Series, Evaluation]], *, n_days: int) -> None:
    """The days of each queue that were forecast worst, with their reason."""
    from staffcast.forecasting import worst_days
    from staffcast.planning import knowledge_of
    from staffcast.reports import queue_label

    known = knowledge_of(session.settings)
    for name, (series, evaluation) in found.items():
        worst = worst_days(series, evaluation, known.calendar.of_queue(name), n_days=n_days)
        for row in worst.iter_rows(named=True):
            say(f"worst of {queue_label(name)}: {_worst_words(row)}")


def _worst_words(row: Mapping[str, Any]) -> str:
    return (
        f"{row['day']}, {row['days_ahead']} days ahead: {row['contacts']:.0f} contacts, "
        f"{row['expected']:.0f} expected ({row['reason']})"
    )


def _backtests(session: Session, every: int, queue: str | None) -> dict[str, tuple[Series, Evaluation]]:
    """History and scores of each queue with enough of a past."""
    from staffcast.core.errors import ForecastError, did_you_mean
    from staffcast.forecasting import evaluate_series
    from staffcast.planning import knowledge_of, past_volume
    from staffcast.reports import queue_label

    known = knowledge_of(session.settings)
    past = past_volume(session.reader, every_min=every, settings=session.settings)
    if queue is not None and queue not in past:
        raise ConfigError(f"unknown queue '{queue}'", hint=did_you_mean(queue, past))
    names = [queue] if queue is not None else list(past)
    found: dict[str, tuple[Series, Evaluation]] = {}
    refused = []
    with step_bar("back-test") as progress:
        for number, name in enumerate(names):
            try:
                calendar, keep = known.calendar.of_queue(name), known.kept.get(name, ())
                found[name] = past[name], evaluate_series(past[name], calendar, keep=keep)
            except ForecastError as short:
                refused.append(ForecastError(f"{queue_label(name)}: {short.message}", hint=short.hint))
            progress(number + 1, len(names))
    if not found:
        raise refused[0] if refused else ForecastError("no contacts so far", hint="load at least four weeks")
    for error in refused:
        say(str(error))
    return found


def _fans(session: Session, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Last weeks and coming four weeks of some queues."""
    from staffcast.planning import coming_volume, fan_frame
    from staffcast.reports import queue_label

    forecast = coming_volume(session.reader, session.settings, days=28).forecast
    coming = set(forecast.frame["queue"])
    return {
        queue_label(name): fan_frame(session.reader, forecast, queue=name) for name in names if name in coming
    }


def _write_page(
    folder: Path, found: Mapping[str, tuple[Series, Evaluation]], fans: Mapping[str, pl.DataFrame]
) -> None:
    from staffcast.core.errors import StaffcastError
    from staffcast.reports.backtest_page import backtest_page

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StaffcastError(f"cannot create {folder}: {error.strerror}", hint="check the path") from error
    write_file(folder / "backtest.html", backtest_page(found, fans))


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
    if math.isinf(gain):
        return "the simple average won: 2 weeks ahead it made no error at all"
    average = "that of the better of the 4- and 8-week means"
    if round(abs(gain), _SHOWN_DIGITS) == 0:
        return f"2 weeks ahead the error is no better than {average}"
    if gain > 0:
        return f"2 weeks ahead the error is {gain:.1%} below {average}"
    return f"the simple average won: 2 weeks ahead the error is {-gain:.1%} above {average}"


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


def _side_by_side(frame: pl.DataFrame) -> pl.DataFrame:
    """A row for each queue and model, with its horizons beside one another."""
    import polars as pl

    def joined(name: str, form: str, factor: int = 100) -> pl.Expr:
        texts = (factor * pl.col(name)).map_elements(form.format, pl.String).fill_null("-")
        return texts.str.join(" / ").alias(f"{name} %".replace("_", " ") if factor > 1 else name)

    return frame.group_by("queue", "model", maintain_order=True).agg(
        joined("wape", "{:.1f}"), joined("mase", "{:.2f}", 1), joined("bias", "{:+.1f}"),
        joined("pinball", "{:.1f}"), joined("coverage_80", "{:.0f}"), joined("coverage_95", "{:.0f}"),
    )  # fmt: skip
