"""``config.json``: defaults that come with the data, below the user's own settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from staffcast.core.config import resolve
from staffcast.core.errors import ConfigError, SourceError, did_you_mean
from staffcast.core.instants import parse_instant
from staffcast_pipelines.reading.opening import read_small

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from staffcast_pipelines.loading.staging import Origin

__all__ = ["CONFIG_KEYS", "read_config", "store_config"]

CONFIG_KEYS = (
    "as_of",
    "timezone",
    "business_hours",
    "holidays",
    "fcr_window_days",
    "service_level_target_seconds",
    "short_abandon_seconds",
    "csat_scale",
    "csat_positive_min",
    "agent_hourly_cost",
    "currency",
)


def read_config(path: Path) -> dict[str, Any]:
    """Read and check a ``config.json``.

    Raises:
        SourceError: It cannot be read or is not a JSON object.
        ConfigError: A key is unknown, or a value is not one that settings may have.
    """
    try:
        raw = json.loads(read_small(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError("this is not JSON", path=path, hint="see the interchange format") from error
    if not isinstance(raw, dict):
        raise SourceError("this is not a JSON object", path=path, hint="see the interchange format")
    for key in raw:
        if key not in CONFIG_KEYS:
            raise ConfigError(f"{path}: unknown key '{key}'", hint=did_you_mean(key, CONFIG_KEYS))
    if raw.get("as_of") is not None:
        _instant(str(raw["as_of"]), path)
    try:
        resolve(data={key: value for key, value in raw.items() if value is not None})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}", hint=error.hint) from error
    return raw


def store_config(con: duckdb.DuckDBPyConnection, config: dict[str, Any], origin: Origin) -> bool:
    """Store the settings of a source, unless those stored have a later ``as_of``.

    Returns:
        Whether anything changed.
    """
    scope = [origin.source, origin.source_account]
    stored = dict(
        con.execute(
            "select key, value from source_config where source = ? and source_account = ?", scope
        ).fetchall()
    )
    fresh = {key: json.dumps(value, ensure_ascii=False) for key, value in config.items() if value is not None}
    known_as_of = json.loads(stored.get("as_of", "null"))
    own_as_of = config.get("as_of")
    if (
        known_as_of
        and own_as_of
        and _instant(str(own_as_of), origin.path) < _instant(known_as_of, origin.path)
    ):
        return False
    if fresh == stored:
        return False
    con.execute("delete from source_config where source = ? and source_account = ?", scope)
    for key, value in sorted(fresh.items()):
        con.execute("insert into source_config values (?, ?, ?, ?)", [*scope, key, value])
    return True


def _instant(text: str, path: Path) -> datetime:
    try:
        return parse_instant(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: as_of: {error.message}", hint=error.hint) from error
