"""Retention: text older than it may be is dropped, the numbers stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from staffcast.core.calendars import to_us
from staffcast.core.errors import ConfigError
from staffcast_pipelines.lifecycle.finishing import finish, note_unfinished, silent, unfinished
from staffcast_pipelines.lifecycle.renewal import renew_backups
from staffcast_pipelines.lifecycle.texts import count_texts, drop_texts, keep_texts_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.lifecycle.finishing import Progress

__all__ = ["Retention", "retain"]


@dataclass(frozen=True, slots=True)
class Retention:
    """What a retention run dropped, or would drop.

    Attributes:
        before: Text from before this instant.
        n_rows: Rows with such text by table.
        is_applied: It was dropped.
        backups: Backups from which it was dropped, too.
        unreachable_backups: Backups that could not be opened, and why.
    """

    before: datetime
    n_rows: Mapping[str, int]
    is_applied: bool
    backups: tuple[Path, ...] = ()
    unreachable_backups: tuple[tuple[Path, str], ...] = ()


def retain(
    warehouse: Warehouse,
    settings: Settings,
    *,
    days: int,
    now: datetime,
    as_of: datetime | None = None,
    apply: bool = False,
    progress: Progress = silent,
) -> Retention:
    """Drop message texts, comments, details, addresses and unknown columns that are older than some days.

    Counts and durations are not touched, so every metric stays. Text of that age is not stored by later loads
    either.

    Args:
        warehouse: The open warehouse, in no transaction.
        settings: Settings of the build that follows.
        days: Age from which text is dropped.
        now: The present.
        as_of: The instant that the age is counted back from, the present by default.
        apply: Do it; otherwise only count.
        progress: Called before each step of the build that follows.

    Raises:
        ConfigError: ``days`` is negative or reaches back beyond the calendar, or ``as_of`` is to come.
        WarehouseError: The disk refuses; running it again goes on where it stopped.
    """
    before = _limit(days, now, as_of or now)
    before_us = to_us(before)
    if not apply:
        return Retention(before, count_texts(warehouse.con, before_us), is_applied=False)
    with warehouse.transaction():
        counts = drop_texts(warehouse.con, before_us)
        keep_texts_from(warehouse.con, before_us)
        if counts:
            note_unfinished(warehouse, "retain")
    if unfinished(warehouse):
        backups = finish(warehouse, settings, now=now, progress=progress).backups
    else:
        backups = renew_backups(warehouse, now=now)
    return Retention(
        before,
        counts,
        is_applied=True,
        backups=tuple(backup.path for backup in backups if not backup.problem),
        unreachable_backups=tuple((backup.path, backup.problem) for backup in backups if backup.problem),
    )


def _limit(days: int, now: datetime, as_of: datetime) -> datetime:
    if days < 0:
        raise ConfigError(f"--days must not be negative, not {days}")
    if as_of > now:
        raise ConfigError(f"--as-of {as_of.isoformat()} is to come", hint="no text could be kept until then")
    try:
        return as_of - timedelta(days=days)
    except OverflowError as error:
        raise ConfigError(f"--days {days} reaches back beyond the calendar") from error
