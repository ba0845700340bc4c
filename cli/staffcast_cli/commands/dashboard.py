"""``staffcast dashboard``: the web pages."""

from __future__ import annotations

import os
import subprocess
from typing import Annotated

import typer

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


def serve(data_dir: os.PathLike[str], *, port: int = DEFAULT_PORT, open_browser: bool = True) -> None:
    """Run the packaged app until it is interrupted."""
    from pathlib import Path

    from staffcast_dashboards.launch import command as launch_command
    from staffcast_dashboards.launch import environment

    say(f"dashboard on http://127.0.0.1:{port} - stop it with Ctrl-C")
    code = subprocess.run(  # noqa: S603 - our own interpreter and app
        launch_command(port=port, open_browser=open_browser),
        env=environment(Path(data_dir), os.environ),
        check=False,
    ).returncode
    if code:
        raise typer.Exit(code)
