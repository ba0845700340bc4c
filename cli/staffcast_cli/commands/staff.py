"""``staffcast staff``: required agents of the coming days, and what other limits would take."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.forecast_options import CountryOption, ForecastOption, ModelOption, ScenarioOption
from staffcast_cli.forecast_pipe import given_table, read_given
from staffcast_cli.output import Format, FormatOption, OutputOption, chosen_format, say, show
from staffcast_cli.session import DataDirOption, open_data
from staffcast_cli.staff_day import AverageOption, FallOption, LeastOption, RiseOption, Rules, show_days
from staffcast_cli.staff_messaging import Parking, ParkOption, ReturnOption, show_messaging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from staffcast.planning import Assumptions, Inputs, Plan
    from staffcast.reports.session import Session
    from staffcast.staffing import LimitOption, ReplyModel, Target

_USUAL_LIMITS = range(1, 7)
_MOST_LIMIT = 10


class View(StrEnum):
    """What is printed."""

    PLAN = "plan"
    WHATIF = "whatif"
    DAY = "day"
    MESSAGING = "messaging"


def command(
    view: Annotated[
        View,
        typer.Argument(
            help="plan: the coming days. whatif: the busiest hour at each limit. day: the coming days with "
            "chats carried over from each interval to the next. messaging: threads that are parked while the "
            "customer is silent."
        ),
    ] = View.PLAN,
    sl: Annotated[
        str | None, typer.Option("--sl", help="Target, such as 80/30: 80 % within 30 s.", show_default=False)
    ] = None,
    reply: Annotated[
        str | None,
        typer.Option(
            "--reply", help="whatif, messaging: target of replies, such as 80/90.", show_default=False
        ),
    ] = None,
    concurrency: Annotated[
        str | None,
        typer.Option(help="Most chats per agent; whatif: several, such as 2..6.", show_default=False),
    ] = None,
    shrinkage: Annotated[
        float | None, typer.Option(help="Share of paid time off the queue, such as 0.3.", show_default=False)
    ] = None,
    volume: Annotated[float, typer.Option(help="Multiply the forecast, such as 1.2.")] = 1.0,
    days: Annotated[int, typer.Option(help="Local days after the data's as-of.")] = 7,
    every: Annotated[int, typer.Option(help="Minutes per interval: 15, 30 or 60.")] = 60,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    min_agents: LeastOption = None,
    max_rise: RiseOption = None,
    max_fall: FallOption = None,
    on_average: AverageOption = False,
    returns: ReturnOption = None,
    park_after: ParkOption = None,
    model: ModelOption = None,
    country: CountryOption = None,
    scenario: ScenarioOption = None,
    forecast: ForecastOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Print required agents per hour and queue for the coming week, by an exact chat model.

    With whatif, print for each queue's busiest hour what every concurrency limit takes, and its replies. With
    day, print the smallest profile when backlog is carried over, and what taking each hour alone misses. With
    messaging, print the agents of threads whose slots are freed while the customer is silent.
    """
    from staffcast.planning import Assumptions, make_plan
    from staffcast.reports import one_queue

    limits = _limits(concurrency)
    share, within_s = _target(sl, "--sl")
    rules = Rules(min_agents, max_rise, max_fall, on_average)
    parked = returns is not None or park_after is not None
    _refuse_strays(view, limits=len(limits) > 1, reply=reply is not None, day=any(rules), messaging=parked)
    assumptions = Assumptions(
        service_level_share=share,
        within_s=within_s,
        concurrency_limit=limits[0] if len(limits) == 1 and view is not View.WHATIF else None,
        shrinkage_share=shrinkage,
        volume_factor=volume,
    )
    longest = max(limits, default=max(_USUAL_LIMITS) if view is View.WHATIF else None)
    given = given_table(forecast)
    with open_data(data_dir=data_dir, forecast_model=model, country=country, scenario=scenario) as session:
        inputs = _inputs(session, given, days, every, longest)
        if view is View.WHATIF:
            table = one_queue(_whatif(session, inputs, assumptions, limits, reply), queue)
            title = "What each concurrency limit takes in the busiest interval; * the best"
            show(table, _in_words(table), fmt=fmt, title=title, output=output)
            return
        if view is View.DAY:
            show_days(inputs, assumptions, rules, queue=queue, fmt=fmt, output=output)
            return
        if view is View.MESSAGING:
            parking = Parking(returns, park_after, *_target(reply, "--reply"))
            show_messaging(inputs, assumptions, parking, session.reader, queue=queue, fmt=fmt, output=output)
            return
        plan = make_plan(inputs, assumptions)
        if given is None and session.settings.scenario:
            _say_difference(session, plan, assumptions, days, every)
    _show_plan(plan, queue, fmt, output)


def _refuse_strays(view: View, *, limits: bool, reply: bool, day: bool, messaging: bool) -> None:
    """Options of one view belong to no other."""
    if limits and view is not View.WHATIF:
        raise ConfigError("several limits belong to whatif", hint="staffcast staff whatif ...")
    if reply and view not in (View.WHATIF, View.MESSAGING):
        raise ConfigError("--reply belongs to whatif or messaging", hint="staffcast staff whatif ...")
    if day and view is not View.DAY:
        raise ConfigError("minimum, ramps and --on-average belong to day", hint="staffcast staff day ...")
    if messaging and view is not View.MESSAGING:
        hint = "staffcast staff messaging ..."
        raise ConfigError("--return and --park-after belong to messaging", hint=hint)


def _show_plan(plan: Plan, queue: str | None, fmt: Format | None, output: Path | None) -> None:
    from staffcast.reports import hour_grid, one_queue, plan_note, plan_table, queue_label

    table = one_queue(plan_table(plan), queue)
    if chosen_format(fmt, output) in (Format.CSV, Format.JSON) or output is not None:
        show(table, fmt=fmt, output=output)
    else:
        for name in table["queue"].unique(maintain_order=True):
            show(table, hour_grid(plan, name), fmt=fmt, title=f"Required agents: {queue_label(name)}")
    say(plan_note(plan))


def _say_difference(session: Session, plan: Plan, assumptions: Assumptions, days: int, every: int) -> None:
    """What the scenario changes, against the same plan without it."""
    from staffcast.planning import make_plan, plan_inputs
    from staffcast.reports.scenarios import difference_words

    usual = replace(session.settings, scenario="")
    base = make_plan(plan_inputs(session.reader, usual, days=days, every_min=every), assumptions)
    say(f"scenario '{session.settings.scenario}': {difference_words(plan, base, days)}")


def _inputs(
    session: Session, given: pl.DataFrame | None, days: int, every: int, longest: int | None
) -> Inputs:
    """What the plan rests on: the forecast that is given, or one of its own."""
    from staffcast.planning import inputs_for, knowledge_of, plan_inputs

    reader, settings = session.reader, session.settings
    if given is None:
        return plan_inputs(reader, settings, days=days, every_min=every, longest_limit=longest)
    forecast, settings = read_given(reader, settings, given)
    return inputs_for(reader, settings, forecast, knowledge_of(settings).handle_time, longest_limit=longest)


def _whatif(
    session: Session, inputs: Inputs, assumptions: Assumptions, limits: list[int], reply: str | None
) -> pl.DataFrame:
    """One row for each queue and limit.

    Where no number of agents meets the reply target, the agents for the rest and what becomes of the replies.
    """
    import polars as pl

    from staffcast.core.errors import InfeasibleTargetError
    from staffcast.planning import reply_models
    from staffcast.reports import queue_label

    models = reply_models(session.reader, inputs.calibration, inputs.targets)
    rows: list[dict[str, object]] = []
    refused: list[InfeasibleTargetError] = []
    share, within_s = _target(reply, "--reply")
    for name in inputs.targets:
        ask = partial(_options, name, inputs, assumptions, limits or [*_USUAL_LIMITS], models.get(name))
        try:
            rows += ask(reply=(share, within_s), reply_target=None if share is None else "met")
        except InfeasibleTargetError as error:
            refused.append(InfeasibleTargetError(f"{queue_label(name)}: {error.message}", hint=error.hint))
            if share is not None:
                rows += ask(reply=(0.0, within_s), reply_target="missed")
    if len(refused) == len(inputs.targets) and refused:
        raise refused[0]
    for refusal in refused:
        say(str(refusal))
    return pl.DataFrame(rows, infer_schema_length=None)


def _options(
    name: str,
    inputs: Inputs,
    assumptions: Assumptions,
    limits: list[int],
    model: ReplyModel | None,
    *,
    reply: tuple[float | None, float | None],
    reply_target: str | None,
) -> Iterator[dict[str, object]]:
    """What every limit takes in the busiest interval of a queue."""
    import polars as pl

    from staffcast.core.service_level import ServiceLevelConvention
    from staffcast.core.units import US_PER_HOUR
    from staffcast.staffing import ChatQueue, Target, best_concurrency

    per_hour = pl.col("expected") * US_PER_HOUR / pl.col("open_us") * assumptions.volume_factor
    volume = inputs.volume.filter(pl.col("queue") == name).with_columns(per_hour.alias("per_hour"))
    busiest = volume.sort("per_hour", "interval_at_us", descending=[True, False]).row(0, named=True)
    handle_s = inputs.calibration.handle_s_by_level(name, max(limits))
    levels = inputs.calibration.handle.filter((pl.col("queue") == name) & (pl.col("origin") != "extended"))
    measured = max(1, min(len(levels), len(handle_s)))
    demand = ChatQueue(
        busiest["per_hour"],
        handle_s[:measured] if model is not None else handle_s,
        inputs.calibration.patience_of(name),
        model,
    )
    own = inputs.targets[name]
    target = Target(
        service_level_share=assumptions.service_level_share or own.share,
        threshold_s=own.within_s if assumptions.within_s is None else assumptions.within_s,
        convention=ServiceLevelConvention(inputs.settings.service_level_convention),
        short_s=inputs.settings.short_abandon_s,
        reply_share=reply[0],
        reply_within_s=reply[1],
    )
    choice = best_concurrency(demand, target, limits, measured_levels=measured)
    minute = busiest["local_minute"]
    busy = {
        "queue": name,
        "local_time": f"{busiest['local_date']} {minute // 60:02}:{minute % 60:02}",
        "contacts_per_hour": busiest["per_hour"],
    }
    for option in choice.options:
        best = option is choice.best and reply_target != "missed"
        marks = {"reply_target": reply_target, "best": best}
        yield busy | _figures(option, target) | marks


def _figures(option: LimitOption, target: Target) -> dict[str, object]:
    desk = option.performance
    return {
        "concurrency_limit": option.concurrency_limit,
        "required_agents": option.agents,
        "fractional_agents": option.agents_fractional,
        "service_level_share": desk.service_level(target.convention),
        "asa_s": desk.asa_s,
        "replies_within_share": desk.replies_within_share,
        "mean_reply_s": desk.mean_reply_s,
        "work_occupancy_share": desk.work_occupancy_share,
        "levels": "extrapolated" if option.extrapolated else "measured",
    }


def _in_words(table: pl.DataFrame) -> pl.DataFrame:
    """The table for people: percent, whole seconds, a star at the best limit."""
    import polars as pl

    from staffcast.reports import queue_label

    def percent(name: str) -> pl.Expr:
        rounded = (pl.col(name).cast(pl.Float64) * 100).round(0).cast(pl.Int64)
        return pl.format("{} %", rounded).fill_null("-")

    missed = pl.when(pl.col("reply_target") == "missed").then(pl.lit(" (missed)")).otherwise(pl.lit(""))
    star = pl.when(pl.col("best")).then(pl.lit(" *")).otherwise(pl.lit(""))
    return table.select(
        pl.when(pl.col("queue") == "").then(pl.lit(queue_label(""))).otherwise("queue").alias("queue"),
        pl.col("local_time").alias("busiest"),
        pl.col("contacts_per_hour").round(1).alias("chats/h"),
        pl.format("{}{}", "concurrency_limit", star).alias("limit"),
        pl.col("required_agents").alias("agents"),
        percent("service_level_share").alias("accepted in time"),
        pl.concat_str(percent("replies_within_share"), missed).alias("replies in time"),
        pl.col("mean_reply_s").cast(pl.Float64).round(0).cast(pl.Int64).alias("mean reply s"),
        percent("work_occupancy_share").alias("at work"),
        "levels",
    )


def _limits(text: str | None) -> list[int]:
    """``3`` or ``2..6``: the limits asked for."""
    if text is None:
        return []
    first, dots, last = text.partition("..")
    try:
        low, high = int(first), int(last if dots else first)
    except ValueError:
        raise ConfigError(f"--concurrency: '{text}' is not a limit", hint="write 3, or 2..6") from None
    if not 1 <= low <= high <= _MOST_LIMIT:
        raise ConfigError(f"the concurrency limit must be between 1 and {_MOST_LIMIT}, not {text}")
    return list(range(low, high + 1))


def _target(text: str | None, option: str) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    percent, slash, seconds = text.partition("/")
    try:
        share, within_s = float(percent) / 100, float(seconds)
    except ValueError:
        slash = ""
        share = within_s = 0.0
    if not slash or not math.isfinite(within_s) or within_s < 0:
        raise ConfigError(f"{option}: '{text}' is not a target", hint="write 80/30 for 80 % within 30 s")
    return share, within_s
