"""``staffcast export-person``: a person asks what is stored of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from staffcast_cli.output import write_file
from staffcast_cli.session import DataDirOption
from staffcast_cli.writing import (
    AccountOption,
    ByOption,
    CustomerArgument,
    LinkedOption,
    SourceOption,
    kind,
    named,
    open_warehouse,
)


def command(
    customer: CustomerArgument,
    by: ByOption = None,
    source: SourceOption = "default",
    account: AccountOption = "default",
    linked: LinkedOption = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to a file, readable by you only.", show_default=False),
    ] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Print everything that is stored of a person as one JSON document: rows by table, texts as stored.

    Names, e-mail addresses and phone numbers are not in it, since they are not stored: only keyed hashes.
    Conversations also hold what agents wrote: look at it before you hand it over.
    """
    from staffcast_pipelines.lifecycle import export_person

    with open_warehouse(data_dir, resume=False) as (warehouse, _):
        document = export_person(
            warehouse,
            named(customer),
            source=source,
            source_account=account,
            known_by=kind(by),
            linked=linked,
        )
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    output.touch(mode=0o600)
    output.chmod(0o600)
    write_file(output, text)
    output.chmod(0o600)
