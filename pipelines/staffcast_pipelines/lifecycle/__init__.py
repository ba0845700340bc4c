"""What becomes of loaded data later: erased, exported, aged, rotated, backed up and restored."""

from __future__ import annotations

from staffcast_pipelines.lifecycle.backups import Backup, Restored, backup, restore
from staffcast_pipelines.lifecycle.erase import Erasure, erase
from staffcast_pipelines.lifecycle.export_person import export_person
from staffcast_pipelines.lifecycle.finishing import Finished, finish, unfinished
from staffcast_pipelines.lifecycle.people import KnownBy
from staffcast_pipelines.lifecycle.retain import Retention, retain
from staffcast_pipelines.lifecycle.rewriting import rewrite
from staffcast_pipelines.lifecycle.rotate import rotate_key

__all__ = [
    "Backup",
    "Erasure",
    "Finished",
    "KnownBy",
    "Restored",
    "Retention",
    "backup",
    "erase",
    "export_person",
    "finish",
    "restore",
    "retain",
    "rewrite",
    "rotate_key",
    "unfinished",
]
