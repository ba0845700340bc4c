"""The ways in which a service level is counted.

On the same desk they differ by several points, so a service level is never shown without its
convention. ``T`` is the threshold; a wait ends when an agent picks the chat up or the customer leaves.
Those of ``ServiceLevelConvention`` can be measured and planned for; ``VendorConvention`` names what
vendors print, which can be counted in data but is no aim for a plan.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ServiceLevelConvention", "VendorConvention"]


class ServiceLevelConvention(StrEnum):
    """What a service level divides by what, in metrics and in staffing alike.

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


class VendorConvention(StrEnum):
    """Further ways that vendors count, for metrics alone.

    Example:
        >>> VendorConvention("connect").definition
        'chats that left the queue within T, picked up or abandoned, of all that entered it'
    """

    CONNECT = "connect"
    GENESYS = "genesys"
    OFFERED = "offered"
    IGNORE_ABANDONS = "ignore_abandons"
    DROP_EARLY_ABANDONS = "drop_early_abandons"
    PENDING_LATE_IS_MISS = "pending_late_is_miss"

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
    "connect": "chats that left the queue within T, picked up or abandoned, of all that entered it",
    "genesys": "chats picked up within T, of those picked up, abandoned or moved on, as three switches say",
    "offered": "chats picked up within T, of all that entered the queue, those still waiting included",
    "ignore_abandons": "chats picked up within T, of the chats picked up",
    "drop_early_abandons": "chats picked up within T, of all chats but those abandoned within T",
    "pending_late_is_miss": "as excluding_short_abandons, and who still waits after T is missed",
}
