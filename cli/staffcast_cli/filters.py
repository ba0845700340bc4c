"""Options that choose what a number covers: period, groups, filters, metric options."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast.core.errors import ConfigError

__all__ = [
    "ByOption",
    "ClockOption",
    "FromOption",
    "GrainOption",
    "SetOption",
    "ToOption",
    "WhereOption",
    "pairs",
]

FromOption = Annotated[
    str | None,
    typer.Option("--from", help="First day, YYYY-MM-DD. Default: the last 28 days.", show_default=False),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", help="Last day, included. Default: the last whole day.", show_default=False),
]
ByOption = Annotated[
    list[str] | None,
    typer.Option("--by", "-b", help="Group by a dimension; may be repeated.", show_default=False),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where", "-w", help="Filter, such as queue=support-en; repeat for more.", show_default=False
    ),
]
GrainOption = Annotated[
    str | None, typer.Option("--grain", "-g", help="A row per hour, day, week or month.", show_default=False)
]
ClockOption = Annotated[
    str | None,
    typer.Option("--clock", help="business or calendar; default: business hours.", show_default=False),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="Option of a metric, such as fcr.window_days=14.", show_default=False),
]


def pairs(texts: list[str] | None, option: str) -> dict[str, list[str]]:
    """Read ``name=value`` arguments; a repeated name collects its values.

    Raises:
        ConfigError: One has no ``=``.

    Example:
        >>> pairs(["queue=a", "queue=b", "mode=live"], "--where")
        {'queue': ['a', 'b'], 'mode': ['live']}
    """
    found: dict[str, list[str]] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigError(
                f"{option}: '{text}' is not NAME=VALUE", hint=f"write {option} queue=support-en"
            )
        found.setdefault(name.strip(), []).append(value.strip())
    return found


def metric_options(texts: list[str] | None) -> dict[str, object]:
    """Read ``--set metric.option=value``: numbers as numbers."""
    return {name: _number(values[-1]) for name, values in pairs(texts, "--set").items()}


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
