"""Erasing a person: their numbers stay in every sum, and nothing leads from them to anybody."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.store.sql import statement
from staffcast_pipelines.lifecycle.finishing import finish, note_unfinished, silent, unfinished
from staffcast_pipelines.lifecycle.people import count_rows, find_person, mark_rows
from staffcast_pipelines.lifecycle.removal import remove_person
from staffcast_pipelines.lifecycle.renewal import renew_backups
from staffcast_pipelines.loading.key_files import open_keyring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.lifecycle.finishing import Progress
    from staffcast_pipelines.lifecycle.people import KnownBy

__all__ = ["Erasure", "erase"]

_PACKAGE = "staffcast_pipelines.lifecycle"
_RECEIPT_BYTES = 8


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt of an erasure; it does not say whom.

    Attributes:
        receipt: Its number, empty after a rehearsal and when nothing was left to erase.
        erased_at: When.
        n_rows: Number of the person's rows by table; empty when nothing was left to erase.
        n_customers: Number of customers that were taken for the person.
        backups: Backups from which the person was taken, or in which they were not.
        unreachable_backups: Backups that could not be opened, and why: erase the person there by hand.
        is_dry_run: Nothing was changed.
    """

    receipt: str
    erased_at: datetime
    n_rows: Mapping[str, int]
    n_customers: int
    backups: tuple[Path, ...] = ()
    unreachable_backups: tuple[tuple[Path, str], ...] = ()
    is_dry_run: bool = False


def erase(
    warehouse: Warehouse,
    settings: Settings,
    customer: str,
    *,
    source: str = "default",
    source_account: str = "default",
    known_by: KnownBy | None = None,
    linked: bool = False,
    now: datetime,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Erasure:
    """Erase a person from tables, facts, published generations and known backups.

    Texts, comments, addresses, tags and unknown columns are dropped; identifiers become random ones; what
    was counted and measured stays, so that every sum, share and first-contact rate is as it was. A later load
    of the same rows is suppressed. Quarantined rows keep no content, only keyed fingerprints, and cannot be
    told apart: they stay.

    Args:
        warehouse: The open warehouse, in no transaction.
        settings: Settings of the build that follows.
        customer: A customer id, an e-mail address or a phone number.
        source: Name of the export that the customer id is of.
        source_account: Workspace in it.
        known_by: What ``customer`` is; found out by default.
        linked: Take customers who share an e-mail address or phone for the same person.
        now: The present.
        dry_run: Count only.
        progress: Called before each step of the build that follows.

    Raises:
        DataQualityError: Nobody is known by it.
        WarehouseError: The disk refuses; running it again goes on where it stopped.
    """
    keyring = open_keyring(warehouse)
    person = find_person(
        warehouse.con, keyring, customer, source=source, source_account=source_account,
        known_by=known_by, linked=linked,
    )  # fmt: skip
    n_customers = len(person.keys)
    if dry_run:
        with warehouse.transaction(keep=False):
            mark_rows(warehouse.con, person.keys)
            return Erasure("", now, count_rows(warehouse.con), n_customers, is_dry_run=True)
    counts: dict[str, int] = {}
    receipt = ""
    if person.keys:
        receipt = secrets.token_hex(_RECEIPT_BYTES)
        with warehouse.transaction():
            counts = remove_person(warehouse.con, person, now)
            values = {"receipt": receipt, "erased_at": now.replace(tzinfo=None), "counts": json.dumps(counts)}
            warehouse.con.execute(statement(_PACKAGE, "write_receipt"), values)
            note_unfinished(warehouse, "erase")
    if person.keys or unfinished(warehouse):
        backups = finish(warehouse, settings, now=now, progress=progress).backups
    else:  # one that could not be reached last time, perhaps
        backups = renew_backups(warehouse, now=now)
    return Erasure(
        receipt,
        now,
        counts,
        n_customers,
        backups=tuple(backup.path for backup in backups if not backup.problem),
        unreachable_backups=tuple((backup.path, backup.problem) for backup in backups if backup.problem),
    )
