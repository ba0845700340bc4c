"""The ``staffcast`` command: assembles the commands and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer

from staffcast import __version__
from staffcast.core.errors import StaffcastError
from staffcast_cli.commands import (
    audit,
    backup,
    check,
    close,
    concurrency,
    config,
    csat,
    dashboard,
    demo,
    diff,
    doctor,
    erase,
    explain,
    export_person,
    fcr_curve,
    forecast,
    ingest,
    init,
    intraday,
    loads,
    metrics,
    reconcile,
    report,
    restore,
    retain,
    rotate_key,
    sql,
    staff,
    works_council,
)
from staffcast_cli.exits import Exit, exit_code
from staffcast_cli.output import say
from staffcast_cli.stopping import Stopped, stoppable

__all__ = ["app", "run"]

app = typer.Typer(
    name="staffcast",
    help="Live-chat analytics and workforce planning: from an export to metrics and required agents.",
    epilog="Exit codes: 0 ok, 1 failure, 2 wrong command line, 3 data refused, 4 --fail-under missed.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"staffcast {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Live-chat analytics and workforce planning."""


for module, name in (
    (demo, "demo"),
    (init, "init"),
    (ingest, "ingest"),
    (loads, "loads"),
    (check, "check"),
    (metrics, "metrics"),
    (report, "report"),
    (explain, "explain"),
    (diff, "diff"),
    (reconcile, "reconcile"),
    (fcr_curve, "fcr-curve"),
    (csat, "csat"),
    (concurrency, "concurrency"),
    (close, "close"),
    (staff, "staff"),
    (intraday, "intraday"),
    (sql, "sql"),
    (dashboard, "dashboard"),
    (backup, "backup"),
    (restore, "restore"),
    (erase, "erase"),
    (export_person, "export-person"),
    (retain, "retain"),
    (rotate_key, "rotate-key"),
    (doctor, "doctor"),
    (works_council, "works-council"),
):
    app.command(name)(module.command)
app.add_typer(forecast.app, name="forecast")
app.add_typer(config.app, name="config")
app.add_typer(audit.app, name="audit")


def run() -> None:
    """Entry point: run a command; every expected error is one line on stderr and an exit code."""
    try:
        with stoppable():
            app()
    except Stopped as stopped:
        say(stopped.line)
        sys.exit(stopped.code)
    except StaffcastError as error:
        say(f"error: {error}")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # The reader of our output has gone (`staffcast report | head`): not our failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        if os.environ.get("STAFFCAST_DEBUG"):
            traceback.print_exc()
        say(f"internal error: {type(error).__name__} (set STAFFCAST_DEBUG=1 for details and report it)")
        sys.exit(Exit.FAILURE)


if __name__ == "__main__":
    run()
