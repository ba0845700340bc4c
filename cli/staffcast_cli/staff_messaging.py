"""``staffcast staff messaging``: agents for threads that are parked while the customer is silent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from staffcast_cli.output import Format, chosen_format, say, show

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast.planning import Assumptions, Inputs
    from staffcast.store.generations import Reader

__all__ = ["ParkOption", "Parking", "Return", "ReturnOption", "show_messaging"]


class Return(StrEnum):
    """Who takes a parked thread whose customer writes again; as ``staffcast.planning.Returns``."""

    STICKY = "sticky"
    POOLED = "pooled"


ReturnOption = Annotated[
    Return | None,
    typer.Option(
        "--return",
        help="messaging: who takes a thread that comes back. sticky: its own agent, at once, over the limit "
        "if need be (default). pooled: any agent with a free slot.",
        show_default=False,
    ),
]
ParkOption = Annotated[
    float | None,
    typer.Option(
        min=1,
        help="messaging: seconds of silence after which a slot is freed; default as in the data.",
        show_default=False,
    ),
]


class Parking(NamedTuple):
    """The options of messaging alone."""

    returns: Return | None
    park_after_s: float | None
    reply_share: float | None
    reply_within_s: float | None


def show_messaging(
    inputs: Inputs,
    assumptions: Assumptions,
    parking: Parking,
    reader: Reader,
    *,
    queue: str | None,
    fmt: Format | None,
    output: Path | None,
) -> None:
    """Print a table for each queue, or all rows for a file, and what the other way would take."""
    from dataclasses import replace

    from staffcast.planning import Returns, observed_threads, plan_messaging
    from staffcast.reports import (
        messaging_export,
        messaging_note,
        messaging_view,
        one_queue,
        queue_label,
        threads_note,
    )

    volume = one_queue(inputs.volume, queue)
    asked = replace(inputs, volume=volume)
    threads = observed_threads(reader, volume["queue"].unique(), park_after_s=parking.park_after_s)
    plans = {
        way: plan_messaging(
            asked,
            threads,
            assumptions,
            returns=way,
            reply_share=parking.reply_share,
            reply_within_s=parking.reply_within_s,
        )
        for way in Returns
    }
    chosen = Returns(parking.returns or Return.STICKY)
    plan = plans.pop(chosen)
    if chosen_format(fmt, output) in (Format.CSV, Format.JSON) or output is not None:
        show(messaging_export(plan), fmt=fmt, output=output)
    else:
        for name in plan["queue"].unique(maintain_order=True):
            title = f"Messaging threads, {chosen} returns: {queue_label(name)}"
            show(plan, messaging_view(plan, name), fmt=fmt, title=title)
    for name in plan["queue"].unique(maintain_order=True):
        say(threads_note(name, threads[name]))
    say(messaging_note(plan, chosen, plans))
