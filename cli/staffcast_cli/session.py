"""What every command shares: where the data are, and the settings in force."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.config import CONFIG_FILE, Origin, Settings, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.reports.session import Session

__all__ = ["DataDirOption", "open_data", "settings_only"]

DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", "-d", help="Folder of the warehouse. Default: .staffcast here.", show_default=False
    ),
]


def settings_only(**flags: object) -> tuple[Settings, tuple[Origin, ...]]:
    """Settings without the defaults that the data bring."""
    return resolve(flags=flags, environment=os.environ, config_file=config_file())


@contextmanager
def open_data(**flags: object) -> Iterator[Session]:
    """Open the published data with the settings in force.

    Raises:
        WarehouseError: Nothing is published yet.
    """
    from staffcast.reports.session import open_session

    session = open_session(flags=flags, environment=os.environ, config_file=config_file())
    try:
        yield session
    finally:
        session.reader.close()


def config_file() -> Path | None:
    """``staffcast.toml`` of the working folder, if there is one."""
    path = Path(CONFIG_FILE)
    return path if path.exists() else None
