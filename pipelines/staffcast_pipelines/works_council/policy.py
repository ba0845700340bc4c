"""Whether the profile is on: a setting, or a lock in the warehouse that no setting can lift.

A lock prints a key once and keeps its hash. Who holds the key, a works council for instance, can unlock;
both acts stay on record in the table ``policies``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse

__all__ = [
    "Profile",
    "are_pseudonyms",
    "bind",
    "bindings",
    "lock",
    "profile",
    "pseudonymises",
    "record",
    "remember_pseudonyms",
    "unlock",
]

_ON_RECORD = "works_council_record"
_LOCK = "works_council"
_LOCKED = "locked:"
_KEY_HASH = "works_council_key"
_PSEUDONYMS = "agents_are_pseudonyms"
_KEY_BYTES = 15


@dataclass(frozen=True, slots=True)
class Profile:
    """The works-council profile as it holds for a warehouse.

    Attributes:
        is_on: Nothing about a person or a small group may be published or shown.
        min_group: Fewest agents that a figure may rest on.
        is_locked: No setting can switch it off.
    """

    is_on: bool
    min_group: int
    is_locked: bool


def profile(con: duckdb.DuckDBPyConnection, settings: Settings) -> Profile:
    """The profile in force: the lock of the warehouse, else the settings.

    Args:
        con: Connection of the warehouse.
        settings: They may raise the limit of a lock, never lower it.
    """
    wanted = settings.works_council == "on"
    locked_at = _locked_at(con)
    if locked_at is None:
        return Profile(is_on=wanted, min_group=settings.min_group, is_locked=False)
    min_group = max(locked_at, settings.min_group) if wanted else locked_at
    return Profile(is_on=True, min_group=min_group, is_locked=True)


def pseudonymises(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether a load stores agents under keyed hashes.

    Once it did, it always does: one agent under two identifiers would make every load of agents wrong.
    """
    return profile(con, settings).is_on or are_pseudonyms(con)


def are_pseudonyms(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether agents have been stored under keyed hashes before."""
    return bool(_values(con, _PSEUDONYMS))


def remember_pseudonyms(con: duckdb.DuckDBPyConnection) -> None:
    """Note that agents are stored under keyed hashes from now on."""
    if not are_pseudonyms(con):
        _note(con, _PSEUDONYMS, "yes")


def lock(warehouse: Warehouse, min_group: int, *, now: datetime) -> str:
    """Lock the profile for this warehouse.

    Args:
        warehouse: The open warehouse.
        min_group: Fewest agents that a figure may rest on.
        now: The instant to put on record.

    Returns:
        The key that unlocks it. Only its hash is stored.

    Raises:
        WarehouseError: It is locked already.
    """
    con = warehouse.con
    if _locked_at(con) is not None:
        raise WarehouseError("the works-council profile is locked already", hint="only its key unlocks it")
    key = secrets.token_hex(_KEY_BYTES)
    with warehouse.transaction():
        _note(con, _LOCK, f"{_LOCKED}{min_group}")
        _note(con, _KEY_HASH, _hash(key))
        _note(con, _ON_RECORD, f"{now.isoformat()} locked for groups of {min_group}")
    return key


def unlock(warehouse: Warehouse, key: str, *, now: datetime) -> None:
    """Unlock the profile with the key that the lock printed.

    Args:
        warehouse: The open warehouse.
        key: The key.
        now: The instant to put on record.

    Raises:
        WarehouseError: It is not locked, or the key is another.
    """
    con = warehouse.con
    hashes = _values(con, _KEY_HASH)
    if not hashes:
        raise WarehouseError("the works-council profile is not locked", hint="there is nothing to unlock")
    if not hmac.compare_digest(hashes[0], _hash(key.strip())):
        raise WarehouseError("this key does not unlock the works-council profile", hint="ask who locked it")
    with warehouse.transaction():
        con.execute("delete from policies where key in (?, ?)", [_LOCK, _KEY_HASH])
        _note(con, _ON_RECORD, f"{now.isoformat()} unlocked")


def record(con: duckdb.DuckDBPyConnection) -> list[str]:
    """When the profile was locked and unlocked, oldest first."""
    return _values(con, _ON_RECORD)


def bindings(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """What a copy that takes the place of this warehouse must be bound by: its lock and its record."""
    if _locked_at(con) is None:
        return []
    return [(key, value) for key in (_LOCK, _KEY_HASH, _ON_RECORD) for value in _values(con, key)]


def bind(con: duckdb.DuckDBPyConnection, found: Sequence[tuple[str, str]]) -> None:
    """Give a copy the lock of the warehouse whose place it takes.

    Args:
        con: Connection of the copy.
        found: The ``bindings`` of that warehouse; none leave the copy as it is.
    """
    if found:
        con.execute("delete from policies where key in (?, ?, ?)", [_LOCK, _KEY_HASH, _ON_RECORD])
        con.executemany("insert into policies values (?, ?)", [list(pair) for pair in found])


def _locked_at(con: duckdb.DuckDBPyConnection) -> int | None:
    found = [value for value in _values(con, _LOCK) if value.startswith(_LOCKED)]
    return max((int(value.removeprefix(_LOCKED)) for value in found), default=None)


def _values(con: duckdb.DuckDBPyConnection, key: str) -> list[str]:
    rows = con.execute("select value from policies where key = ? order by value", [key]).fetchall()
    return [str(value) for (value,) in rows]


def _note(con: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    con.execute("insert into policies values (?, ?)", [key, value])


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
