"""The incremental build: only what may have changed is built anew, and the result is that of a full build.

1. ``changes``: is the last generation a base at all, and which conversations are dirty, that is have records
   that were loaded, replaced or reached by ``as_of`` since, or were not settled then?
2. ``scope``: the dirty conversations are staged once. Where the stretches of an agent's day differ from those
   noted at the last build (``leg_day``), that day is dirty, and all conversations on it are neighbours.
   Dirty ones and neighbours are staged together; what an agent bore on other days is kept.
3. ``replace``: their facts take the place of those before. Gaps between contacts follow the customer.

All staging reads plain table names, and finds in the database ``work`` the rows of the scope alone.
"""

from __future__ import annotations

__all__: list[str] = []
