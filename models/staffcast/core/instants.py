"""Reading instants that people type: ISO 8601 with an offset."""

from __future__ import annotations

from datetime import UTC, datetime

from staffcast.core.errors import ConfigError

__all__ = ["parse_instant"]


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; one without an offset is refused, never guessed.

    Raises:
        ConfigError: It is no ISO 8601 instant, or has no offset.

    Example:
        >>> parse_instant("2026-11-16T00:00:00+01:00").isoformat()
        '2026-11-15T23:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        hint = "write ISO 8601, such as 2026-11-16T00:00:00+01:00"
        raise ConfigError(f"'{text}' is not an instant", hint=hint) from error
    if moment.tzinfo is None:
        raise ConfigError(f"'{text}' has no time zone", hint="add Z or an offset such as +01:00")
    return moment.astimezone(UTC)
