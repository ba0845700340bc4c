"""``staffcast forecast``: contacts of the coming days; back-tests and the log of forecasts are beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.commands import forecast_backtest, forecast_log
from staffcast_cli.forecast_options import (
    CountryOption,
    DaysOption,
    EveryOption,
    ModelOption,
    PlotsOption,
    ScenarioOption,
)
from staffcast_cli.forecast_pipe import begin, finish, with_recipe
from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.progress import step_bar
from staffcast_cli.session import DataDirOption, open_data

if TYPE_CHECKING:
    from staffcast.planning import Outlook

app = typer.Typer(help="Forecast contacts, publish forecasts, and see how good they have been.")

_AVERAGE = "average of the same weekday and time over 8 weeks"
_BEST = "the model of each queue that forecast it best so far"
_SHORT = "too little history to choose among models"


@app.callback(invoke_without_command=True)
def command(
    context: typer.Context,
    days: DaysOption = 7,
    every: EveryOption = 60,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    model: ModelOption = None,
    country: CountryOption = None,
    scenario: ScenarioOption = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="With the possible counts of each interval.")
    ] = False,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="How good such forecasts would have been, queue by queue.")
    ] = False,
    plots: PlotsOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Forecast contacts per queue and interval, by the model that back-tests best or by an average."""
    if context.invoked_subcommand is not None:
        return
    line = "" if backtest or plots else begin(fmt, output, paths=paths)
    from staffcast.planning import coming_volume
    from staffcast.reports import forecast_days, forecast_table, one_queue

    with open_data(data_dir=data_dir, forecast_model=model, country=country, scenario=scenario) as session:
        if plots is not None and not backtest:
            raise ConfigError(
                "--plots are of the back-test", hint="staffcast forecast --backtest --plots FOLDER"
            )
        if backtest:
            forecast_backtest.show_backtest(session, every, queue, plots, fmt, output)
            return
        with step_bar("choosing models") as progress:
            outlook = coming_volume(
                session.reader, session.settings, days=days, every_min=every, progress=progress
            )
        explain(outlook, queue)
        forecast = outlook.forecast
        table = forecast_table(forecast.frame, paths=forecast.paths if paths else None)
        table = one_queue(table if paths else with_recipe(table, outlook, session.settings), queue)
    if line:
        finish(line, table, fmt)
        return
    show(
        table,
        forecast_days(one_queue(forecast.frame, queue)),
        fmt=fmt,
        title="Expected contacts by day",
        note=f"{_basis(outlook)}; --format csv has every interval with its 80 % bounds",
        output=output,
    )


def _basis(outlook: Outlook) -> str:
    """What the forecast rests on."""
    if outlook.model == "average":
        return _AVERAGE
    return _BEST if any(choice.pinball for choice in outlook.plain.choices.values()) else _SHORT


def explain(outlook: Outlook, queue: str | None) -> None:
    """Say which model each queue has and why, what was assumed, left out and changed by hand."""
    from staffcast.reports import queue_label

    for name, choice in outlook.plain.choices.items():
        if queue in (None, name):
            notes = (choice.name, choice.reason, *outlook.plain.notes.get(name, ()))
            say(f"{queue_label(name)}: {'; '.join(dict.fromkeys(notes))}")
            if choice.pinball:
                best = sorted(choice.pinball.items(), key=lambda item: item[1])
                say(f"  pinball: {', '.join(f'{model} {loss:.1%}' for model, loss in best)}")
            for flag in outlook.plain.flags.get(name, ()):
                is_kept = flag.day in outlook.knowledge.kept.get(name, ())
                say(f"  {'counted all the same' if is_kept else 'left out'}: {flag.reason}")
    for change in outlook.changes:
        say(f"changed: {change.words}")


app.command("evaluate")(forecast_backtest.evaluate)
app.command("publish")(forecast_log.publish)
app.command("published")(forecast_log.listed)
app.command("override")(forecast_log.override)
app.command("flags")(forecast_log.flags)
