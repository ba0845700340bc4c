"""``staffcast rotate-key``: an older key file opens nothing any more."""

from __future__ import annotations

from datetime import UTC, datetime

from staffcast_cli.output import say
from staffcast_cli.progress import build_bar
from staffcast_cli.session import DataDirOption
from staffcast_cli.writing import YesOption, confirm, open_warehouse, say_unreachable


def command(yes: YesOption = False, data_dir: DataDirOption = None) -> None:
    """Hash every stored identifier once more with a new key, and build all facts anew.

    Whoever has only an older key file can compute none of the hashes stored from now on. The same exports
    loaded again are recognised as before. It does not help against somebody who has the new key file, or an
    older copy of the warehouse with its key. Known backups are treated, too; those moved away are named.
    """
    from staffcast_pipelines.lifecycle import rotate_key

    confirm("Give every stored identifier a new hash? The old key file is replaced.", yes=yes)
    with open_warehouse(data_dir) as (warehouse, settings), build_bar() as progress:
        done = rotate_key(warehouse, settings, now=datetime.now(UTC), progress=progress)
    say("the key is a new one: make a backup, and keep the key file out of older ones' reach")
    say_unreachable((backup.path, backup.problem) for backup in done.backups if backup.problem)
