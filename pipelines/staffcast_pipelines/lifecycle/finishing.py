"""The second half of erasing, retaining, rotating and restoring: no file keeps the old state.

The first half changes the tables in one transaction and leaves a note. What follows can be repeated, so that
whoever finds the note after a crash brings the work to its end.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from staffcast.core.errors import DataQualityError, WarehouseError
from staffcast.store.generations import current_generation
from staffcast.store.sql import statement
from staffcast_pipelines.build import build
from staffcast_pipelines.lifecycle.renewal import Renewal, renew_backups
from staffcast_pipelines.lifecycle.rewriting import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from staffcast.core.config import Settings
    from staffcast.store.generations import Generation
    from staffcast.store.warehouse import Warehouse

__all__ = ["Finished", "Progress", "finish", "note_unfinished", "silent", "unfinished"]

Progress: TypeAlias = "Callable[[str, int, int], None]"

_PACKAGE = "staffcast_pipelines.lifecycle"
_UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Finished:
    """What was done to the files.

    Attributes:
        generation: The facts built anew, None where there are no conversations to build them from.
        backups: What became of each known backup.
    """

    generation: Generation | None
    backups: tuple[Renewal, ...]


def silent(_name: str, _number: int, _total: int) -> None:
    """Say nothing."""


def note_unfinished(warehouse: Warehouse, what: str) -> None:
    """Note, in the caller's transaction, that ``finish`` has to follow."""
    warehouse.con.execute(statement(_PACKAGE, "drop_policy"), {"key": _UNFINISHED})
    warehouse.con.execute(statement(_PACKAGE, "set_policy"), {"key": _UNFINISHED, "value": what})


def unfinished(warehouse: Warehouse) -> str | None:
    """What was cut off by a crash: ``erase``, ``retain``, ``rotate-key``, ``restore`` or nothing."""
    rows = warehouse.con.execute(statement(_PACKAGE, "policy"), {"key": _UNFINISHED}).fetchall()
    return str(rows[0][0]) if rows else None


def finish(
    warehouse: Warehouse,
    settings: Settings,
    *,
    now: datetime,
    is_rewritten: bool = False,
    progress: Progress = silent,
) -> Finished:
    """Rewrite the warehouse, build all facts anew, remove older generations, treat known backups.

    Args:
        warehouse: The open warehouse.
        settings: Settings of the build.
        now: Instant of the publication.
        is_rewritten: The file is new already.
        progress: Called before each step of the build with its name, number and the number of steps.

    Raises:
        WarehouseError: The disk refuses; the note stays, so that the next run goes on.
        ConfigError: The facts cannot be built with these settings; the note stays, too.
    """
    if not is_rewritten:
        rewrite(warehouse)
    try:
        generation = build(warehouse, settings, now=now, full=True, progress=progress).generation
    except DataQualityError:  # nothing is loaded that facts could be built from
        generation = None
    _remove_older(warehouse, generation)
    backups = renew_backups(warehouse, now=now)
    with warehouse.transaction():
        warehouse.con.execute(statement(_PACKAGE, "drop_policy"), {"key": _UNFINISHED})
    return Finished(generation, backups)


def _remove_older(warehouse: Warehouse, generation: Generation | None) -> None:
    """Remove every published file but the new one, whoever may still be reading it."""
    current = generation or current_generation(warehouse.data_dir)
    if current is None:
        return
    folder = current.path.parent
    try:
        if generation is None:
            shutil.rmtree(folder)
            return
        for path in folder.glob("gen-*"):
            if path.name != generation.path.name:
                path.unlink()
    except OSError as error:
        raise WarehouseError(
            f"an older copy in {folder} cannot be removed: {error.strerror}",
            hint="close what reads it, then run the command again",
        ) from error
