"""Bringing backups up to date: what was erased, aged or rotated away in the warehouse goes from them, too."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from staffcast.core.errors import StaffcastError, WarehouseError
from staffcast.store.sql import statement
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.lifecycle.archive import pack, unpack
from staffcast_pipelines.lifecycle.removal import remove_tombstoned
from staffcast_pipelines.lifecycle.rewriting import rewrite
from staffcast_pipelines.lifecycle.rotation import rotate_to
from staffcast_pipelines.lifecycle.texts import drop_texts, keep_texts_from, text_from_us
from staffcast_pipelines.loading.key_files import open_keyring

if TYPE_CHECKING:
    from staffcast_pipelines.loading.keys import Keyring

__all__ = ["Duties", "ForeignBackupError", "Renewal", "duties_of", "renew", "renew_backups"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_TOMBSTONES = pl.Schema(
    {
        "source": pl.String(),
        "source_account": pl.String(),
        "kind": pl.String(),
        "external_hash": pl.String(),
        "erased_at": pl.Datetime("us"),
    }
)
_WORK_FOLDER = "spill/backup"


Tombstone: TypeAlias = "tuple[str, str, str, str, datetime]"
"""Source, source account, kind, keyed hash and instant of an erasure."""


class ForeignBackupError(WarehouseError):
    """A backup is of another warehouse: its keys are others."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of a backup.

    Attributes:
        path: The file.
        problem: Why it could not be treated, None if it was.
        is_changed: Something had to be changed in it.
    """

    path: Path
    problem: str | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Duties:
    """What every copy of a warehouse must have done to it.

    Attributes:
        keyring: The keys of the warehouse.
        tombstones: Rows of the table of that name: who was erased.
        text_from_us: No text from before this instant is kept.
    """

    keyring: Keyring
    tombstones: tuple[Tombstone, ...]
    text_from_us: int | None


def duties_of(warehouse: Warehouse) -> Duties:
    """The duties that hold in a warehouse."""
    rows = warehouse.con.execute(statement(_PACKAGE, "tombstones")).fetchall()
    return Duties(open_keyring(warehouse), tuple(rows), text_from_us(warehouse.con))


def renew_backups(warehouse: Warehouse, *, now: datetime) -> tuple[Renewal, ...]:
    """Bring every known backup up to date, in place.

    Returns:
        One entry a backup, with the problem of those that could not be treated.
    """
    duties = duties_of(warehouse)
    paths = [Path(path) for (path,) in warehouse.con.execute(statement(_PACKAGE, "backup_paths")).fetchall()]
    return tuple(_renew_backup(path, warehouse.data_dir / _WORK_FOLDER, duties, now) for path in paths)


def _renew_backup(path: Path, folder: Path, duties: Duties, now: datetime) -> Renewal:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with suppress(OSError):
            path.with_name(f"{path.name}.tmp").unlink(missing_ok=True)  # what a crash left of it
        manifest = unpack(path, folder)
        with Warehouse.open(folder) as copy:
            is_changed = renew(copy, duties, now=now)
        if is_changed:
            pack(folder, path, now=datetime.fromisoformat(manifest.made_at))
        return Renewal(path, is_changed=is_changed)
    except StaffcastError as error:
        return Renewal(path, problem=error.message)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def renew(copy: Warehouse, duties: Duties, *, now: datetime) -> bool:
    """Do to an older copy of a warehouse what was done to the warehouse since.

    Args:
        copy: The open copy, with its key file beside it.
        duties: What has to be done.
        now: The present.

    Returns:
        Whether anything had to be done; then the copy was rewritten.

    Raises:
        ForeignBackupError: It is no copy of this warehouse.
    """
    missing, tombstones = _keys_between(open_keyring(copy), duties)
    for ring in missing:
        rotate_to(copy, ring)
    open_keyring(copy)
    with copy.transaction():
        n_changes = len(missing) + _add_tombstones(copy, tombstones)
        n_rows = sum(remove_tombstoned(copy.con, now).values())
        limit = duties.text_from_us
        if limit is not None and limit != text_from_us(copy.con):
            n_rows += sum(drop_texts(copy.con, limit).values())
            keep_texts_from(copy.con, limit)
            n_changes += 1
    if n_rows:
        rewrite(copy)
    return bool(n_rows or n_changes)


def _keys_between(keyring: Keyring, duties: Duties) -> tuple[list[Keyring], tuple[Tombstone, ...]]:
    """The keyrings that a copy has to be put under, and the tombstones as its newest key makes them.

    Raises:
        ForeignBackupError: Neither keyring continues the other.
    """
    missing = duties.keyring.since(keyring)
    if missing is not None:
        return missing, duties.tombstones
    newer = keyring.since(duties.keyring)
    if newer is None:
        raise ForeignBackupError(
            "the backup is not one of this warehouse: its keys are others", hint="keep it apart"
        )
    tombstones = duties.tombstones
    for ring in newer:
        tombstones = tuple(
            (source, account, kind, ring.rehash(hashed), erased_at)
            for source, account, kind, hashed, erased_at in tombstones
        )
    return [], tombstones


def _add_tombstones(copy: Warehouse, tombstones: tuple[Tombstone, ...]) -> int:
    """Add the tombstones that a copy lacks; return how many."""
    if not tombstones:
        return 0
    frame = pl.DataFrame(tombstones, schema=_TOMBSTONES, orient="row")
    copy.con.register("incoming", frame.to_arrow())
    try:
        ((n_added,),) = copy.con.execute(statement(_PACKAGE, "add_tombstones")).fetchall()
    finally:
        copy.con.unregister("incoming")
    return int(n_added)
