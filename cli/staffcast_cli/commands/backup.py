"""``staffcast backup``: one file with all that is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from staffcast_cli.output import say
from staffcast_cli.session import DataDirOption
from staffcast_cli.writing import open_warehouse


def command(
    file: Annotated[Path, typer.Argument(help="The backup, as backup.tar; one that is there is replaced.")],
    data_dir: DataDirOption = None,
) -> None:
    """Write the warehouse and its key into one file, with checksums, readable by you only.

    Published facts are not in it: restoring builds them anew. The file is not encrypted and holds the key:
    keep it like the warehouse itself, or encrypt it, with age for example. Its place is remembered, so that
    `erase`, `retain` and `rotate-key` reach it.
    """
    from staffcast_pipelines.lifecycle import backup

    with open_warehouse(data_dir) as (warehouse, _):
        done = backup(warehouse, file, now=datetime.now(UTC))
    say(f"wrote {done.path} ({done.size_bytes / 1e6:,.1f} MB)")
