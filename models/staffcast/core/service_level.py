"""The five ways in which a service level is counted, for metrics and for staffing alike.

On the same desk they differ by several points, so a service level is never shown without its
convention. ``T`` is the threshold; a wait ends when an agent picks the chat up or the customer leaves.
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

    VIRTUAL = "virtual"
    SERVED_OF_ALL = "served_of_all"
    SERVED_OF_SERVED = "served_of_served"
    WAIT_WITHIN = "wait_within"
    EXCLUDING_SHORT_ABANDONS = "excluding_short_abandons"

    @property
    def definition(self) -> str:
        """One line on what is counted."""
        return _DEFINITIONS[self]


_DEFINITIONS = {
    "virtual": "chats that would be picked up within T if their customers never left, of all chats",
    "served_of_all": "chats picked up within T, of all chats",
    "served_of_served": "chats picked up within T, of the chats picked up",
    "wait_within": "chats whose wait ended within T, picked up or abandoned, of all chats",
    "excluding_short_abandons": "chats picked up within T, of all chats but the short abandons",
}
