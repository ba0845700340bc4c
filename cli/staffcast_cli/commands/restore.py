"""``staffcast restore``: the way back from a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from staffcast_cli.output import say
from staffcast_cli.session import DataDirOption, settings_only
from staffcast_cli.writing import YesOption, confirm, open_warehouse


def command(
    file: Annotated[Path, typer.Argument(help="A file that `staffcast backup` made.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the warehouse that is there.")] = False,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Check a backup and put it in the place of the warehouse, then build all facts anew.

    Nothing is touched before every checksum is right; the present warehouse is kept until the other is in
    place. People who were erased since the backup stay erased, if the present warehouse can still be read.
    """
    from staffcast_pipelines.lifecycle import restore

    folder = settings_only(data_dir=data_dir)[0].data_dir
    if force:
        confirm(f"Replace the warehouse in {folder}?", yes=yes)
    done = restore(file, folder, now=datetime.now(UTC), force=force)
    say(f"restored the backup of {done.manifest.made_at} into {folder}")
    if done.is_brought_up_to_date:
        say("erasures, retention and keys since then were applied to it")
    if done.warning:
        say(f"warning: {done.warning}")
    with open_warehouse(folder):
        pass  # opening finishes the restore: all facts are built anew
