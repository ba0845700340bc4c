"""``staffcast ingest``: from an export to published facts."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast_cli.output import FormatOption, say, show
from staffcast_cli.progress import build_bar, load_bar
from staffcast_cli.session import DataDirOption, settings_only
from staffcast_cli.writing import open_warehouse

if TYPE_CHECKING:
    from staffcast.core.config import Settings
    from staffcast_pipelines.build import BuildReport
    from staffcast_pipelines.ingest import IngestReport


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
    keep_text: Annotated[
        str | None,
        typer.Option(
            help="Texts and comments: redacted, none, or raw (as they are, with all they tell of people).",
            show_default="redacted",
        ),
    ] = None,
    phone_regions: Annotated[
        str | None,
        typer.Option(help="Countries of phone numbers without a calling code, as DE,GB.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, store nothing.")] = False,
    no_build: Annotated[bool, typer.Option("--no-build", help="Only load; build and publish later.")] = False,
    fmt: FormatOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Load an export and build everything that reports read. Loading the same again changes nothing."""
    settings, _ = settings_only(data_dir=data_dir, keep_text=keep_text, phone_regions=phone_regions)
    report = load(
        paths, settings, mapping=mapping, source=source, account=account, tz=tz, encoding=encoding,
        dry_run=dry_run,
    )  # fmt: skip
    from staffcast.reports import loads_table

    show(loads_table(report), fmt=fmt)
    for name in report.ignored:
        say(f"ignored {name}: not part of the interchange format")
    if n_bad := report.total("n_quarantined"):
        say(
            f"{n_bad:,} of {report.total('n_rows'):,} rows were put aside: see `staffcast loads --quarantine`"
        )
    if not dry_run and not no_build:
        build_facts(settings.data_dir)


def load(
    paths: list[Path],
    settings: Settings,
    *,
    mapping: Path | None = None,
    source: str = "default",
    account: str = "default",
    tz: str | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
) -> IngestReport:
    """Ingest with a progress bar."""
    from staffcast_pipelines.ingest import ingest

    with load_bar() as progress:
        return ingest(
            paths,
            data_dir=settings.data_dir,
            mapping=find_mapping(mapping),
            source=source,
            source_account=account,
            timezone=tz,
            encoding=encoding,
            keep_text=settings.keep_text,
            phone_regions=tuple(region.strip() for region in settings.phone_regions.split(",")),
            pseudonymise_agents=settings.works_council == "on",
            dry_run=dry_run,
            progress=progress,
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
    from staffcast_pipelines.build import build

    started = time.monotonic()
    say("building facts")
    with open_warehouse(data_dir) as (warehouse, settings), build_bar() as progress:
        report = build(warehouse, settings, now=datetime.now(UTC), progress=progress)
    conversations = report.n_rows["fact_conversation"]
    say(
        f"published {conversations:,} conversations as generation {report.generation.number} "
        f"in {time.monotonic() - started:.1f} s"
    )
    return report
