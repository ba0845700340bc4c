"""Rotating the key: a stolen older key file opens nothing that the warehouse holds from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast_pipelines.lifecycle.finishing import Finished, finish, silent
from staffcast_pipelines.lifecycle.rotation import rotate_to
from staffcast_pipelines.loading.key_files import open_keyring

if TYPE_CHECKING:
    from datetime import datetime

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.lifecycle.finishing import Progress

__all__ = ["rotate_key"]


def rotate_key(
    warehouse: Warehouse, settings: Settings, *, now: datetime, progress: Progress = silent
) -> Finished:
    """Hash every stored hash once more with a fresh key, build all facts anew, and treat known backups.

    The same files loaded again are recognised as before. One thing can differ: of two versions of a row that
    no column tells apart, a later load may keep the other, since the hash decides between them.

    Args:
        warehouse: The open warehouse, in no transaction.
        settings: Settings of the build that follows.
        now: The present.
        progress: Called before each step of the build that follows.

    Raises:
        WarehouseError: The disk refuses; the old key and the old tables stay, or the new ones.
    """
    rotate_to(warehouse, open_keyring(warehouse).rotated())
    return finish(warehouse, settings, now=now, is_rewritten=True, progress=progress)
