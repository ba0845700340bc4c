"""The five ways in which a service level is counted, for metrics and for staffing alike.

On the same desk they differ by several points, so a service level is never shown without its
convention. ``T`` is the threshold, the wait runs until an agent picks the chat up.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ServiceLevelConvention"]


class ServiceLevelConvention(StrEnum):
    """What a service level divides by what.

    Example:
        >>> ServiceLevelConvention("served_of_all").definition
        'chats picked up within T, of all chats'
        >>> [convention.value for convention in ServiceLevelConvention][:2]
        ['virtual', 'served_of_all']
    """

    definition: str

    def __new__(cls, value: str, definition: str) -> ServiceLevelConvention:
        """Keep the definition beside the value, which stays a plain string."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.definition = definition
        return member

    VIRTUAL = "virtual", "chats whose wait, were patience endless, would be within T, of all chats"
    SERVED_OF_ALL = "served_of_all", "chats picked up within T, of all chats"
    SERVED_OF_SERVED = "served_of_served", "chats picked up within T, of the chats picked up"
    WAIT_WITHIN = "wait_within", "chats whose wait ended within T, picked up or abandoned, of all chats"
    EXCLUDING_SHORT_ABANDONS = (
        "excluding_short_abandons",
        "chats picked up within T, of all chats but those abandoned within the short-abandon limit",
    )
