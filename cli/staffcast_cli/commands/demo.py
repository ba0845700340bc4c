"""``staffcast demo``: the whole job on a generated desk."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from staffcast_cli.commands.dashboard import serve
from staffcast_cli.commands.ingest import build_facts, load
from staffcast_cli.output import Format, say, show, write_file
from staffcast_cli.session import open_data, settings_only


def command(
    folder: Annotated[Path, typer.Argument(help="Where to put the sample and its warehouse.")] = Path("demo"),
    days: Annotated[int, typer.Option(min=1, max=366, help="Length of the sample.")] = 56,
    scale: Annotated[float, typer.Option(min=0.02, max=20, help="Size of the desk.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed gives another desk.")] = 7,
    dashboard: Annotated[
        bool | None,
        typer.Option("--dashboard/--no-dashboard", help="Default: only in a terminal.", show_default=False),
    ] = None,
) -> None:
    """Generate a chat desk, load it, and print its report and staffing plan: a tour in one command."""
    from staffcast_sample_data import generate

    started = time.monotonic()

    def step(text: str) -> None:
        say(f"[{time.monotonic() - started:5.1f} s] {text}")

    sample, data_dir = folder / "sample", folder / "data"
    step(f"generating {days} days of a sample chat desk in {sample}")
    before = _fingerprint(sample)
    desk = generate(sample, days=days, seed=seed, scale=scale, progress=step)
    if _fingerprint(sample) != before:
        _forget(data_dir)  # another desk: its rows must not mix with those of the one before
    step(f"{desk.n_conversations:,} conversations with {desk.n_messages:,} messages")
    settings, _ = settings_only(data_dir=data_dir)
    loads = load([sample], settings)
    step(f"loaded {sum(item.n_new + item.n_updated for item in loads.files):,} new rows")
    build_facts(data_dir)
    _print_results(data_dir, folder / "report.html")
    step("done")
    wanted = sys.stdin.isatty() and sys.stdout.isatty() if dashboard is None else dashboard
    if wanted:
        serve(data_dir)
    else:
        say(f"open the report: {folder / 'report.html'}")
        say(f"open the dashboard: staffcast dashboard --data-dir {shlex.quote(str(data_dir))}")


def _fingerprint(sample: Path) -> bytes:
    truth = sample / "truth.json"
    return truth.read_bytes() if truth.exists() else b""


def _forget(data_dir: Path) -> None:
    """Remove what an earlier demo stored, and nothing else."""
    for name in ("warehouse.duckdb", "warehouse.duckdb.wal", "staffcast.key"):
        (data_dir / name).unlink(missing_ok=True)
    for path in (data_dir / "generations").glob("*"):
        path.unlink()


def _print_results(data_dir: Path, html: Path) -> None:
    from staffcast.planning import staff
    from staffcast.reports import (
        conventions,
        hour_grid,
        kpi_report,
        kpi_table,
        plan_note,
        plan_table,
        queue_label,
    )
    from staffcast.reports.document import full_html_report

    with open_data(data_dir=data_dir) as session:
        report = kpi_report(session.reader, session.settings, comparison=True)
        note = f"{conventions(report)}\n\n{report.covered.stamp}"
        shown = kpi_table(report).drop("convention")
        show(report.rows, shown, fmt=Format.TABLE, title="Key figures", note=note)
        plan = staff(session.reader, session.settings)
        for queue in plan.frame["queue"].unique(maintain_order=True):
            show(
                plan_table(plan),
                hour_grid(plan, queue),
                fmt=Format.TABLE,
                title=f"Required agents: {queue_label(queue)}",
            )
        say(plan_note(plan))
        write_file(html, full_html_report(session.reader, session.settings))
