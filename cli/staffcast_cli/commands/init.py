"""``staffcast init``: a commented settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from staffcast.core.config import CONFIG_FILE, settings_help
from staffcast.core.errors import ConfigError, StaffcastError
from staffcast_cli.output import say, write_file


def command(
    folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a staffcast.toml that explains every setting."""
    path = folder / CONFIG_FILE
    if path.exists() and not force:
        raise ConfigError(f"{path} exists already", hint="edit it, or use --force to replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StaffcastError(f"cannot create {folder}: {error.strerror}") from error
    write_file(path, settings_file())
    say("next: staffcast ingest FOLDER, then staffcast report")


def settings_file() -> str:
    """The text of a settings file with every setting commented out at its default."""
    lines = [
        "# Settings of staffcast. Remove the # before a line to change it.",
        "# Order: flag, STAFFCAST_* in the environment, this file, config.json of the data, default.",
        "",
    ]
    for name, default, meaning in settings_help():
        value = default if default.replace(".", "", 1).isdigit() and default != "." else f'"{default}"'
        lines += [f"# {meaning}", f"# {name} = {value}", ""]
    return "\n".join(lines)
