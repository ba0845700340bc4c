"""The sweep over agents' chats in arrays: what ``sql/stg_load.sql`` defines, at a third of its cost.

Every begin, end and quarter-hour becomes one whole number, agent first, then instant, then what happens, so
that one sort of plain numbers puts them in order and one running sum counts the chats. DuckDB makes the
numbers and takes them apart again: it works on pieces that stay in the processor's cache.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.units import US_PER_DAY
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["write_load"]

_CUT = 4
"""What happens: a chat opens (0) or ends (1), turns active (2) or passive (3); a quarter-hour begins (4)."""
_BITS = 3
_MOST = 1 << 62

_HALF = 32
_CHANGE = np.array([1, -1, 1 << _HALF, -(1 << _HALF), 0, 0, 0, 0])
"""What each happening adds to one number that counts the open chats below and the active ones above."""
_LOW = 0 if sys.byteorder == "little" else 1


def write_load(con: duckdb.DuckDBPyConnection) -> None:
    """Write the table ``stg_load`` from ``stg_stretch``, ``dim_slot`` and ``build_params``.

    Where agents and time together are too many for one number, the SQL does it.
    """
    con.sql(sql_text(__package__, "sweep_agents")).create("work.main.sweep_agents")
    begin_us, end_us, n_agents = con.sql(sql_text(__package__, "sweep_bounds")).fetchall()[0]
    begin, span = begin_us or 0, (end_us or 0) - (begin_us or 0) + 1
    if n_agents * span >= _MOST >> _BITS:
        con.sql(sql_text(__package__, "stg_load")).create("work.main.stg_load")
    else:
        scale = {"begin_us": begin, "span_us": span}
        keys = con.sql(sql_text(__package__, "sweep_keys"), params=scale).pl()["sweep_key"]
        swept = _swept(keys, _cuts(con, begin, span), n_agents, span)
        con.register("swept", swept.to_arrow())
        con.sql(sql_text(__package__, "sweep_load"), params=scale).create("work.main.stg_load")
        con.unregister("swept")
    con.execute("drop table work.sweep_agents")


def _swept(keys: pl.Series, cuts: Ints, n_agents: int, span: int) -> pl.DataFrame:
    """Stretches of constant load: agent_no, at and until (agent and instant), n_open (above 0), n_active."""
    at = pl.concat([keys, pl.Series(keys.name, cuts)]).sort().to_numpy(writable=True)
    counts = at & ((1 << _BITS) - 1)
    np.take(_CHANGE, counts, out=counts, mode="clip")
    np.cumsum(counts, out=counts)
    at >>= _BITS
    n_open, n_active = counts.view(np.int32)[_LOW::2], counts.view(np.int32)[1 - _LOW :: 2]
    # What happens at one instant is netted: of equal instants only the last begins a stretch.
    begins = np.flatnonzero((at[1:] != at[:-1]) & (n_open[:-1] > 0))
    starts = at[begins]
    of_agent = np.diff(np.searchsorted(starts, np.arange(n_agents + 1) * span))
    return pl.DataFrame(
        {
            "agent_no": np.repeat(np.arange(n_agents, dtype=np.int32), of_agent),
            "at": starts,
            "until": at[1:][begins],
            "n_open": n_open[begins],
            "n_active": n_active[begins],
        }
    )


def _cuts(con: duckdb.DuckDBPyConnection, begin: int, span: int) -> Ints:
    """The quarter-hours within every agent's every day with an open chat."""
    slots = con.sql(sql_text(__package__, "sweep_slots")).pl()["slot_at_us"].to_numpy()
    days = con.sql(sql_text(__package__, "sweep_days")).pl()
    agent_no, day = days["agent_no"].to_numpy(), days["day_us"].to_numpy()
    first = np.searchsorted(slots, day)
    n_slots = np.searchsorted(slots, day + US_PER_DAY) - first
    ends = np.cumsum(n_slots)
    position = np.arange(ends[-1] if ends.size else 0) - np.repeat(ends - n_slots, n_slots)
    at = slots[np.repeat(first, n_slots) + position] - begin
    is_within = (at >= 0) & (at < span)
    keys: Ints = (np.repeat(agent_no, n_slots) * span + at)[is_within]
    return keys << _BITS | _CUT
