"""Time units: instants and durations are integer microseconds until they are shown."""

from __future__ import annotations

US_PER_S = 1_000_000
US_PER_MINUTE = 60 * US_PER_S
US_PER_HOUR = 3600 * US_PER_S
US_PER_DAY = 24 * US_PER_HOUR

SLOT_US = 15 * US_PER_MINUTE
"""Length of a row of ``dim_slot``: a quarter-hour divides every zone's offset."""

SLOTS_PER_HOUR = 4


def seconds(us: int) -> float:
    """Convert microseconds to seconds.

    Example:
        >>> seconds(1_500_000)
        1.5
    """
    return us / US_PER_S


MONEY = "money"
"""Unit of costs whose currency is not known; otherwise the unit is the currency."""


def is_currency(unit: str) -> bool:
    """Whether a unit is the code of a currency (ISO 4217).

    Example:
        >>> is_currency("EUR"), is_currency("chats")
        (True, False)
    """
    return len(unit) == 3 and unit.isascii() and unit.isalpha() and unit.isupper()
