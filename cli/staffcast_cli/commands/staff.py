"""``staffcast staff``: required agents of the coming days."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.output import Format, FormatOption, OutputOption, chosen_format, say, show
from staffcast_cli.session import DataDirOption, open_data


def command(
    sl: Annotated[
        str | None, typer.Option("--sl", help="Target, such as 80/30: 80 % within 30 s.", show_default=False)
    ] = None,
    concurrency: Annotated[int | None, typer.Option(help="Most chats per agent.", show_default=False)] = None,
    shrinkage: Annotated[
        float | None, typer.Option(help="Share of paid time off the queue, such as 0.3.", show_default=False)
    ] = None,
    volume: Annotated[float, typer.Option(help="Multiply the forecast, such as 1.2.")] = 1.0,
    days: Annotated[int, typer.Option(help="Local days after the data's as-of.")] = 7,
    every: Annotated[int, typer.Option(help="Minutes per interval: 15, 30 or 60.")] = 60,
    queue: Annotated[str | None, typer.Option(help="One queue only.", show_default=False)] = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Print required agents per hour and queue for the coming week, by an exact chat model."""
    from staffcast.planning import Assumptions, staff
    from staffcast.reports import hour_grid, one_queue, plan_note, plan_table, queue_label

    share, within_s = _target(sl)
    assumptions = Assumptions(
        service_level_share=share,
        within_s=within_s,
        concurrency_limit=concurrency,
        shrinkage_share=shrinkage,
        volume_factor=volume,
    )
    with open_data(data_dir=data_dir) as session:
        plan = staff(session.reader, session.settings, days=days, every_min=every, assumptions=assumptions)
    table = one_queue(plan_table(plan), queue)
    if chosen_format(fmt, output) in (Format.CSV, Format.JSON) or output is not None:
        show(table, fmt=fmt, output=output)
    else:
        for name in table["queue"].unique(maintain_order=True):
            show(table, hour_grid(plan, name), fmt=fmt, title=f"Required agents: {queue_label(name)}")
    say(plan_note(plan))


def _target(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    percent, slash, seconds = text.partition("/")
    try:
        share, within_s = float(percent) / 100, float(seconds)
    except ValueError:
        slash = ""
        share = within_s = 0.0
    if not slash or not math.isfinite(within_s) or within_s < 0:
        raise ConfigError(f"--sl: '{text}' is not a target", hint="write 80/30 for 80 % within 30 s")
    return share, within_s
