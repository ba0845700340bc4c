"""Backups: one file with all that is needed, and the way back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.errors import ConfigError, StaffcastError, WarehouseError
from staffcast.store.locking import LOCK_FILE, FolderLock
from staffcast.store.sql import statement
from staffcast.store.warehouse import (
    RECORD_FOLDERS,
    REPLACED_FOLDERS,
    SPILL_FOLDER,
    WAREHOUSE_FILE,
    Warehouse,
    sync,
)
from staffcast_pipelines.lifecycle.archive import Manifest, pack, records_in, unpack
from staffcast_pipelines.lifecycle.finishing import note_unfinished
from staffcast_pipelines.lifecycle.renewal import Duties, ForeignBackupError, duties_of, renew
from staffcast_pipelines.lifecycle.rewriting import copy_database
from staffcast_pipelines.loading.key_files import open_keyring
from staffcast_pipelines.loading.keys import KEY_FILE
from staffcast_pipelines.works_council.policy import bind, bindings

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["Backup", "Restored", "backup", "restore"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_WORK_FOLDER = "spill/backup"
_NEW_FOLDER = "restoring"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        path: The file.
        size_bytes: Its size.
        manifest: What it holds.
    """

    path: Path
    size_bytes: int
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore put in place.

    Attributes:
        manifest: What the backup held.
        is_brought_up_to_date: What was erased or aged since was taken out of it.
        warning: What could not be carried over from the warehouse that was replaced, or None.
    """

    manifest: Manifest
    is_brought_up_to_date: bool
    warning: str | None


def backup(warehouse: Warehouse, path: Path, *, now: datetime) -> Backup:
    """Write the warehouse, its key and the records into one file; facts are not in it.

    The file holds the key: whoever has it can tell which customer a row is about. It is noted, so that
    a later erasure reaches it.

    Args:
        warehouse: The open warehouse, in no transaction.
        path: The file; one that is there is replaced.
        now: The present.

    Raises:
        WarehouseError: The disk refuses; there is no half backup.
        ConfigError: The file would lie inside the folder of the warehouse.
    """
    path = path.absolute()
    if warehouse.data_dir.absolute() in path.parents:
        raise ConfigError(
            f"the backup {path} would lie beside what it is a backup of", hint="write it to another disk"
        )
    folder = warehouse.data_dir / _WORK_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, mode=0o700)
        open_keyring(warehouse).save(folder / KEY_FILE)
        _note(warehouse, path, now)
        copy_database(warehouse, folder / WAREHOUSE_FILE)
        for name in records_in(warehouse.data_dir):
            (folder / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(warehouse.data_dir / name, folder / name)
        manifest = pack(folder, path, now=now)
    except OSError as error:
        raise WarehouseError(
            f"cannot write {folder}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Backup(path, path.stat().st_size, manifest)


def _note(warehouse: Warehouse, path: Path, now: datetime) -> None:
    """Note the backup before it is made: one too many in the list is better than one too few."""
    with warehouse.transaction():
        warehouse.con.execute(statement(_PACKAGE, "forget_backup"), {"path": str(path)})
        values = {"path": str(path), "made_at": now.replace(tzinfo=None)}
        warehouse.con.execute(statement(_PACKAGE, "note_backup"), values)


def restore(path: Path, data_dir: Path, *, now: datetime, force: bool = False) -> Restored:
    """Put the warehouse of a backup in the place of the present one; ``finish`` has to follow.

    The backup is unpacked, checked and opened beside the present warehouse first, and whatever was erased
    since it was made is taken out of it. The present one is kept aside until the other is in place. Closed
    months and published forecasts stay; those of the backup that are missing are added.

    Args:
        path: The backup.
        data_dir: Folder of the warehouse, made if missing.
        now: The present.
        force: Replace a warehouse that is there.

    Raises:
        SourceError: The file is no whole backup; nothing was changed.
        WarehouseError: A warehouse is there, it is in use, or the disk refuses.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise WarehouseError(
            f"cannot create the folder {data_dir}: {error.strerror}", hint="choose another --data-dir"
        ) from error
    _undo(data_dir)
    is_empty = all(entry.name == LOCK_FILE for entry in data_dir.iterdir())
    if not (is_empty or force):
        raise WarehouseError(
            f"{data_dir} is not empty", hint="use another --data-dir, or --force to replace what is there"
        )
    folder = data_dir / _NEW_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    try:
        manifest = unpack(path, folder)
        duties, warning = (None, None) if is_empty else _present_duties(data_dir)
        locks = [] if duties is None else _present_locks(data_dir)
        with Warehouse.open(folder) as copy:
            is_changed, problem = _bring_up_to_date(copy, duties, now)
            with copy.transaction():
                bind(copy.con, locks)
                note_unfinished(copy, "restore")
        _swap(data_dir, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Restored(manifest, is_changed, problem or warning)


def _present_duties(data_dir: Path) -> tuple[Duties | None, str | None]:
    """What has to be done to the backup, as far as the warehouse that it replaces can still tell."""
    if not (data_dir / WAREHOUSE_FILE).exists():
        return None, None
    try:
        with Warehouse.open(data_dir) as warehouse:
            return duties_of(warehouse), None
    except StaffcastError:
        FolderLock(data_dir).release()  # in use is no reason to replace it, damaged is
        return (
            None,
            "the warehouse that was replaced could not be read: repeat erasures made since the backup",
        )


def _present_locks(data_dir: Path) -> list[tuple[str, str]]:
    """The lock of the works-council profile: a backup from before it must not lift it."""
    with Warehouse.open(data_dir) as warehouse:
        return bindings(warehouse.con)


def _bring_up_to_date(copy: Warehouse, duties: Duties | None, now: datetime) -> tuple[bool, str | None]:
    open_keyring(copy)
    if duties is None:
        return False, None
    try:
        return renew(copy, duties, now=now), None
    except ForeignBackupError as error:
        if not duties.tombstones:
            return False, None
        return False, f"{error.message}: erasures of the warehouse that was replaced were not repeated"


def _swap(data_dir: Path, folder: Path) -> None:
    """Move the present files aside and the new ones in; a crash in between is undone by the next restore."""
    lock = FolderLock(data_dir)
    replacing, replaced = (data_dir / name for name in REPLACED_FOLDERS)
    try:
        replacing.mkdir(mode=0o700)
        for name in _movable(data_dir):
            (data_dir / name).replace(replacing / name)
        replacing.replace(replaced)  # from here on what lies in the folder is new
        for name in (KEY_FILE, WAREHOUSE_FILE):
            sync(folder / name)
            (folder / name).replace(data_dir / name)
        _add_records(folder, data_dir)
        sync(data_dir)
        shutil.rmtree(data_dir / SPILL_FOLDER, ignore_errors=True)
        replaced.replace(data_dir / SPILL_FOLDER)  # the restore holds; the rest is tidied up on opening
        shutil.rmtree(data_dir / SPILL_FOLDER)
    except OSError as error:
        _put_back(data_dir)
        raise WarehouseError(
            f"cannot replace the warehouse in {data_dir}: {error.strerror}",
            hint="check the owner and mode of the folder, then restore again",
        ) from error
    finally:
        lock.release()


def _add_records(folder: Path, data_dir: Path) -> None:
    """Records of the backup that are not there; those that are there stay as they are."""
    for name in records_in(folder):
        if not (data_dir / name).exists():
            (data_dir / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / name).replace(data_dir / name)


def _undo(data_dir: Path) -> None:
    """Put back what a restore that was cut off had moved aside."""
    if not any((data_dir / name).exists() for name in REPLACED_FOLDERS):
        return
    lock = FolderLock(data_dir)
    try:
        _put_back(data_dir)
    finally:
        lock.release()


def _put_back(data_dir: Path) -> None:
    replacing, replaced = (data_dir / name for name in REPLACED_FOLDERS)
    if replaced.exists():
        for name in (KEY_FILE, WAREHOUSE_FILE):
            (data_dir / name).unlink(missing_ok=True)
        replaced.replace(replacing)
    if replacing.exists():
        for entry in list(replacing.iterdir()):
            entry.replace(data_dir / entry.name)
        replacing.rmdir()


def _movable(data_dir: Path) -> list[str]:
    stays = {LOCK_FILE, *REPLACED_FOLDERS, *RECORD_FOLDERS, _NEW_FOLDER}
    return sorted(entry.name for entry in data_dir.iterdir() if entry.name not in stays)
