"""``staffcast works-council``: no figure about a person or a small group, and the lock on that."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError
from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.session import DataDirOption, config_file, settings_only

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast.core.config import Settings


def command(
    apply: Annotated[
        bool, typer.Option("--apply", help="Publish the data anew, as the settings ask for.")
    ] = False,
    lock: Annotated[
        bool, typer.Option("--lock", help="Switch the profile on for good; prints the key that unlocks it.")
    ] = False,
    unlock: Annotated[
        str | None, typer.Option("--unlock", help="The key; afterwards settings decide.", show_default=False)
    ] = None,
    min_group: Annotated[
        int | None,
        typer.Option(min=2, help="Fewest agents that a figure may rest on. Default: 5.", show_default=False),
    ] = None,
    fmt: FormatOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show, apply, lock or unlock the works-council profile of these data."""
    if sum((apply, lock, unlock is not None)) > 1:
        raise ConfigError("--apply, --lock and --unlock exclude one another", hint="give one of them")
    settings, _ = settings_only(data_dir=data_dir, min_group=min_group)
    if lock:
        _lock(settings)
    elif unlock is not None:
        _unlock(settings, unlock)
    if apply or lock:
        _publish(settings.data_dir)
    elif unlock is None:
        _show(settings, fmt)


def _lock(settings: Settings) -> None:
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.works_council import lock

    with Warehouse.open(settings.data_dir) as warehouse:
        key = lock(warehouse, settings.min_group, now=datetime.now(UTC))
    say("the works-council profile is locked; this key alone unlocks it, and it is shown only now:")
    typer.echo(key)


def _unlock(settings: Settings, key: str) -> None:
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.works_council import unlock

    with Warehouse.open(settings.data_dir) as warehouse:
        unlock(warehouse, key, now=datetime.now(UTC))
    say("unlocked; what is published stays under the profile until the next ingest or `--apply`")


def _publish(data_dir: Path) -> None:
    from staffcast_cli.commands.ingest import build_facts

    build_facts(data_dir)


def _show(settings: Settings, fmt: FormatOption) -> None:
    import polars as pl

    from staffcast.core.config import resolve
    from staffcast.store.generations import current_generation, open_generation
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.works_council import profile, record

    wanted, _ = resolve(
        flags={"data_dir": settings.data_dir}, environment=os.environ, config_file=config_file()
    )
    with Warehouse.open(settings.data_dir) as warehouse:
        held = profile(warehouse.con, wanted)
        events = record(warehouse.con)
    published = 0
    if current_generation(settings.data_dir) is not None:
        with open_generation(settings.data_dir) as reader:
            published = reader.min_group
    state = "locked" if held.is_locked else "on" if held.is_on else "off"
    rows = [
        ("profile", state),
        ("smallest group", str(held.min_group) if held.is_on else "any"),
        ("published data", f"groups of {published} or more" if published else "not under the profile"),
        *(("record", event) for event in events),
    ]
    show(pl.DataFrame(rows, schema=["what", "value"], orient="row"), fmt=fmt)
