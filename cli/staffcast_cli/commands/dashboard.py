"""``staffcast dashboard``: the web pages."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from staffcast.core.errors import StaffcastError
from staffcast_cli.output import say
from staffcast_cli.session import DataDirOption, settings_only

DEFAULT_PORT = 8501


def command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = DEFAULT_PORT,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser window.")] = True,
    data_dir: DataDirOption = None,
) -> None:
    """Serve the dashboard on this machine only; it follows new data by itself."""
    settings, _ = settings_only(data_dir=data_dir)
    serve(settings.data_dir, port=port, open_browser=open_browser)


def serve(data_dir: Path, *, port: int = DEFAULT_PORT, open_browser: bool = True) -> None:
    """Become the process that serves the packaged app, until it is interrupted.

    Raises:
        StaffcastError: Another program listens on the port.
    """
    if _is_taken(port):
        raise StaffcastError(f"port {port} is in use", hint="choose another with --port")
    say(f"dashboard on http://127.0.0.1:{port} - stop it with Ctrl-C")
    command = [sys.executable, "-m", "staffcast_dashboards", str(port)]
    os.execve(  # noqa: S606 - our own interpreter and app; signals then reach it without a go-between
        sys.executable,
        command if open_browser else [*command, "--no-browser"],
        {**os.environ, "STAFFCAST_DATA_DIR": str(data_dir.absolute())},
    )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
