"""``staffcast ingest``: from an export to published facts."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.session import DataDirOption, config_file, settings_only

if TYPE_CHECKING:
    from staffcast_pipelines.build import BuildReport
    from staffcast_pipelines.ingest import IngestReport, Stage


def command(
    paths: Annotated[list[Path], typer.Argument(help="Interchange folders, CSV or JSONL files (.gz too).")],
    mapping: Annotated[
        Path | None,
        typer.Option("--map", "-m", help="TOML mapping for files of another shape.", show_default=False),
    ] = None,
    source: Annotated[str, typer.Option(help="Name of the export; ids are unique within it.")] = "default",
    account: Annotated[str, typer.Option(help="Workspace within the source.")] = "default",
    tz: Annotated[
        str | None, typer.Option("--tz", help="Zone of times without an offset.", show_default=False)
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Default: UTF-8.", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, store nothing.")] = False,
    fmt: FormatOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Load an export and build everything that reports read. Loading the same again changes nothing."""
    settings, _ = settings_only(data_dir=data_dir)
    report = load(
        paths, settings.data_dir, mapping=mapping, source=source, account=account, tz=tz, encoding=encoding,
        dry_run=dry_run,
    )  # fmt: skip
    from staffcast.reports import loads_table

    show(loads_table(report), fmt=fmt)
    for name in report.ignored:
        say(f"ignored {name}: not part of the interchange format")
    if n_bad := report.total("n_quarantined"):
        say(f"{n_bad:,} of {report.total('n_rows'):,} rows were put aside: see the table quarantine")
    if not dry_run:
        build_facts(settings.data_dir)


def load(
    paths: list[Path],
    data_dir: Path,
    *,
    mapping: Path | None = None,
    source: str = "default",
    account: str = "default",
    tz: str | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
) -> IngestReport:
    """Ingest with a line of progress per file."""
    from staffcast_pipelines.ingest import ingest

    started = time.monotonic()

    def tell(stage: Stage) -> None:
        if not stage.n_rows:
            say(
                f"[{time.monotonic() - started:5.1f} s] loading {stage.name} ({stage.number + 1} of {stage.total})"
            )

    return ingest(
        paths,
        data_dir=data_dir,
        mapping=find_mapping(mapping),
        source=source,
        source_account=account,
        timezone=tz,
        encoding=encoding,
        dry_run=dry_run,
        progress=tell,
    )


def find_mapping(mapping: Path | None) -> Path | None:
    """A mapping file, or a shipped example by its bare name."""
    if mapping is None or mapping.exists() or mapping.suffix:
        return mapping
    from importlib import resources

    shipped = Path(str(resources.files("staffcast_pipelines") / "mappings" / f"{mapping.name}.toml"))
    return shipped if shipped.exists() else mapping


def build_facts(data_dir: Path) -> BuildReport:
    """Build and publish the facts, with the defaults that the data bring, and say so."""
    from staffcast.core.config import resolve
    from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.build import build

    started = time.monotonic()
    say("building facts")
    with Warehouse.open(data_dir) as warehouse:
        settings, _ = resolve(
            flags={"data_dir": data_dir},
            environment=os.environ,
            config_file=config_file(),
            data=data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall()),
        )
        report = build(warehouse, settings, now=datetime.now(UTC))
    conversations = report.n_rows["fact_conversation"]
    say(
        f"published {conversations:,} conversations as generation {report.generation.number} "
        f"in {time.monotonic() - started:.1f} s"
    )
    return report
