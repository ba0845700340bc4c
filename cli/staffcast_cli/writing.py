"""What the commands share that change the warehouse later on: opening it, and asking first."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.output import say
from staffcast_cli.progress import build_bar
from staffcast_cli.session import config_file, settings_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.lifecycle import KnownBy

__all__ = [
    "AccountOption",
    "ByOption",
    "CustomerArgument",
    "LinkedOption",
    "SourceOption",
    "YesOption",
    "confirm",
    "kind",
    "named",
    "open_warehouse",
    "say_unreachable",
]

CustomerArgument = Annotated[
    str, typer.Argument(help="A customer id, an e-mail address or a phone number; `-` reads it from stdin.")
]
SourceOption = Annotated[str, typer.Option(help="Name of the export that the customer id is of.")]
AccountOption = Annotated[str, typer.Option(help="Workspace within the source.")]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by", help="What CUSTOMER is: customer_id, email or phone. Default: found out.", show_default=False
    ),
]
LinkedOption = Annotated[
    bool,
    typer.Option("--linked", help="Customers who share an e-mail address or phone are the same person."),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@contextmanager
def open_warehouse(data_dir: Path | None, *, resume: bool = True) -> Iterator[tuple[Warehouse, Settings]]:
    """Open the warehouse for changing it, with the settings of its facts.

    Args:
        data_dir: The folder that was asked for.
        resume: First bring to its end what a crash cut off.
    """
    from staffcast.core.config import resolve
    from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.lifecycle import finish, unfinished

    folder = settings_only(data_dir=data_dir)[0].data_dir
    with Warehouse.open(folder) as warehouse:
        settings, _ = resolve(
            flags={"data_dir": folder},
            environment=os.environ,
            config_file=config_file(),
            data=data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall()),
        )
        if resume and (what := unfinished(warehouse)):
            say(f"finishing what was cut off: {what}")
            with build_bar() as progress:
                finish(warehouse, settings, now=datetime.now(UTC), progress=progress)
        yield warehouse, settings


def named(customer: str) -> str:
    """The identifier that was given, or that stands on stdin, out of sight of the shell's history."""
    return sys.stdin.readline().strip() if customer == "-" else customer


def kind(text: str | None) -> KnownBy | None:
    """Read ``--by``.

    Raises:
        ConfigError: It is none of the three.
    """
    from staffcast.core.errors import did_you_mean
    from staffcast_pipelines.lifecycle import KnownBy

    try:
        return KnownBy(text) if text else None
    except ValueError as error:
        raise ConfigError(
            f"--by: '{text}' is no kind of identifier", hint=did_you_mean(str(text), list(KnownBy))
        ) from error


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone, where somebody is there to answer."""
    if not yes and sys.stdin.isatty():
        typer.confirm(question, abort=True, err=True)


def say_unreachable(backups: Iterable[tuple[Path, str]]) -> None:
    """Name the backups that could not be treated: they still hold what was removed."""
    for path, problem in backups:
        say(f"not treated: the backup {path} ({problem})")
