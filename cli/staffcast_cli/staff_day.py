"""``staffcast staff day``: the plan with backlog carried over, and what hour by hour misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from staffcast_cli.output import Format, chosen_format, say, show

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast.planning import Assumptions, Inputs

__all__ = ["AverageOption", "FallOption", "LeastOption", "RiseOption", "Rules", "show_days"]

LeastOption = Annotated[
    int | None, typer.Option("--min-agents", min=0, help="day: at work whenever open.", show_default=False)
]
RiseOption = Annotated[
    int | None, typer.Option("--max-rise", min=1, help="day: most who come at once.", show_default=False)
]
FallOption = Annotated[
    int | None, typer.Option("--max-fall", min=1, help="day: most who go at once.", show_default=False)
]
AverageOption = Annotated[
    bool, typer.Option("--on-average", help="day: the target over each opening, not each interval.")
]


class Rules(NamedTuple):
    """The options of the day alone."""

    min_agents: int | None
    max_rise: int | None
    max_fall: int | None
    on_average: bool


def show_days(
    inputs: Inputs,
    assumptions: Assumptions,
    rules: Rules,
    *,
    queue: str | None,
    fmt: Format | None,
    output: Path | None,
) -> None:
    """Print a table for each queue, or all rows for a file."""
    from dataclasses import replace

    from staffcast.planning import plan_days
    from staffcast.reports import day_export, day_note, day_view, one_queue, queue_label
    from staffcast.staffing import StaffingRules

    volume = one_queue(inputs.volume, queue)
    allowed = StaffingRules(rules.min_agents or 0, rules.max_rise, rules.max_fall)
    days = plan_days(replace(inputs, volume=volume), assumptions, rules=allowed, on_average=rules.on_average)
    if chosen_format(fmt, output) in (Format.CSV, Format.JSON) or output is not None:
        show(day_export(days), fmt=fmt, output=output)
    else:
        for name in days["queue"].unique(maintain_order=True):
            show(
                days,
                day_view(days, name),
                fmt=fmt,
                title=f"With everything carried over: {queue_label(name)}",
            )
    say(day_note(days))
