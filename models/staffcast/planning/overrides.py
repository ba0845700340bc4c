"""What planners change by hand: logged with the reason, never removed, undone by another entry."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.planning.changes import Change
from staffcast.planning.ledger import add_record, records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["Override", "add_override", "changes_of", "overrides", "undo_override"]

_LEDGER = "overrides"
_MOST_UPLIFT = 100.0


@dataclass(frozen=True)
class Override:
    """A change of the forecast between two local times.

    Attributes:
        queue: whose forecast; None for all queues.
        first: local time, as ``2026-11-20T14:00``.
        end: the local time after the last.
        reason: in the planner's words.
        uplift: factor on the forecast, such as 1.2; None where ``contacts`` is given.
        contacts: in the whole time, spread as the forecast is; None where ``uplift`` is given.
        number: in the log; 0 before it is logged.
        made_at: instant, ISO 8601.
        is_undone: a later entry took it back.
    """

    queue: str | None
    first: str
    end: str
    reason: str
    uplift: float | None = None
    contacts: float | None = None
    number: int = 0
    made_at: str = ""
    is_undone: bool = False

    def __post_init__(self) -> None:
        if (self.uplift is None) == (self.contacts is None):
            raise ConfigError("an override is an uplift or a value", hint="give --uplift 1.2 or --value 300")
        given = self.contacts if self.uplift is None else self.uplift
        if given is None or not 0 <= given < float("inf") or (self.uplift or 0.0) > _MOST_UPLIFT:
            raise ConfigError(f"{given} is no uplift or number of contacts", hint="1.2 is a fifth more")
        if self.contacts is not None and self.queue is None:
            raise ConfigError("a value is of one queue", hint="give --queue, or --uplift for all queues")
        if not self.reason.strip():
            raise ConfigError("an override needs a reason", hint="--reason 'newsletter on Friday'")
        if not self.first < self.end:
            raise ConfigError(f"an override from {self.first} to {self.end} is empty", hint="swap its times")

    @property
    def change(self) -> Change:
        """What it does to the forecast."""
        name = f"override {self.number}: {self.reason}"
        return Change(name, self.queue, self.first, self.end, self.uplift, self.contacts)


def add_override(data_dir: Path, override: Override, *, now: datetime) -> Override:
    """Log an override.

    Args:
        data_dir: folder of the warehouse.
        override: what changes.
        now: the instant to put on record.
    """
    content = {name: value for name, value in asdict(override).items() if name not in ("number", "is_undone")}
    record = add_record(data_dir, _LEDGER, content | {"made_at": now.isoformat()})
    return replace(override, number=record.number, made_at=now.isoformat())


def undo_override(data_dir: Path, number: int, *, reason: str, now: datetime) -> Override:
    """Log that an override no longer holds; forecasts that were published with it stay as they are.

    Raises:
        ConfigError: there is no such override, or it is undone already.
    """
    known = {override.number: override for override in overrides(data_dir)}
    if number not in known or known[number].is_undone:
        active = ", ".join(str(other) for other, own in known.items() if not own.is_undone)
        raise ConfigError(f"no override {number} is in force", hint=f"in force: {active or 'none'}")
    add_record(data_dir, _LEDGER, {"undoes": number, "reason": reason, "made_at": now.isoformat()})
    return replace(known[number], is_undone=True)


def overrides(data_dir: Path) -> list[Override]:
    """All overrides in the order of the log, those that were undone included.

    Raises:
        WarehouseError: an entry is damaged.
    """
    found: dict[int, Override] = {}
    for record in records(data_dir, _LEDGER):
        content = record.content
        try:
            if "undoes" in content:
                found[content["undoes"]] = replace(found[content["undoes"]], is_undone=True)
            else:
                found[record.number] = Override(**content, number=record.number)
        except (TypeError, KeyError, ConfigError) as error:
            raise WarehouseError(f"{record.path} is no override", hint="move it away") from error
    return list(found.values())


def changes_of(log: Sequence[Override]) -> tuple[Change, ...]:
    """What the overrides in force do, in the order of the log."""
    return tuple(override.change for override in log if not override.is_undone)
