"""The sweep over agents' chats in arrays: what ``sql/stg_load.sql`` defines, at a third of its cost.

Every begin, end and quarter-hour becomes one whole number, agent first, then instant, then what happens, so
that one sort of plain numbers puts them in order and two running sums count the chats.
"""

from __future__ import annotations

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

_OPEN, _ACTIVE, _CUT = 0, 2, 4
"""What happens: a chat opens (0) or ends (1), turns active (2) or passive (3); a quarter-hour begins (4)."""
_BITS = 3
_MOST = 1 << 62


def write_load(con: duckdb.DuckDBPyConnection) -> None:
    """Write the table ``stg_load`` from ``stg_stretch``, ``dim_slot`` and ``build_params``.

    Where agents and time together are too many for one number, the SQL does it.
    """
    con.sql(sql_text(__package__, "sweep_agents")).create("work.main.sweep_agents")
    stretches = con.sql(sql_text(__package__, "sweep_stretches")).pl()
    n_agents = con.table("work.main.sweep_agents").count("*").fetchall()[0][0]
    starts, ends = stretches["from_us"].to_numpy(), stretches["to_us"].to_numpy()
    begin = int(starts.min()) if starts.size else 0
    span = int(ends.max()) - begin + 1 if ends.size else 1
    if n_agents * span >= _MOST >> _BITS:
        con.sql(sql_text(__package__, "stg_load")).create("work.main.stg_load")
    else:
        slots = con.sql(sql_text(__package__, "sweep_slots")).pl()["slot_at_us"].to_numpy()
        con.register("swept", _swept(stretches, n_agents, slots, begin, span).to_arrow())
        con.sql(sql_text(__package__, "sweep_load")).create("work.main.stg_load")
        con.unregister("swept")
    con.execute("drop table work.sweep_agents")


def _swept(stretches: pl.DataFrame, n_agents: int, slots: Ints, begin: int, span: int) -> pl.DataFrame:
    """Stretches of constant load: agent_no, segment_at_us, segment_end_at_us, k_open (above 0), k_active."""
    agent_no = stretches["agent_no"].to_numpy()
    is_open = stretches["is_open"].to_numpy()
    kind = np.where(is_open, _OPEN, _ACTIVE)
    offset = agent_no * span - begin
    cut_agent, cut_at = _cuts(agent_no[is_open], stretches["day_us"].to_numpy()[is_open], slots, begin, span)
    keys = np.concatenate(
        [
            (stretches["from_us"].to_numpy() + offset) << _BITS | kind,
            (stretches["to_us"].to_numpy() + offset) << _BITS | (kind + 1),
            (cut_agent * span + cut_at - begin) << _BITS | _CUT,
        ]
    )
    keys.sort()
    happens = (keys & ((1 << _BITS) - 1)).astype(np.int8)
    keys >>= _BITS
    n_open = _running(happens, _OPEN)
    n_active = _running(happens, _ACTIVE)
    is_last = np.ones(keys.size, bool)
    np.not_equal(keys[1:], keys[:-1], out=is_last[:-1])  # what happens at one instant is netted
    at, n_open, n_active = keys[is_last], n_open[is_last], n_active[is_last]
    busy = np.flatnonzero(n_open[:-1])
    of_agent = np.diff(np.searchsorted(at[busy], np.arange(n_agents + 1) * span))
    number = np.repeat(np.arange(n_agents), of_agent)
    back = number * span - begin
    return pl.DataFrame(
        {
            "agent_no": number,
            "segment_at_us": at[busy] - back,
            "segment_end_at_us": at[busy + 1] - back,
            "k_open": n_open[busy],
            "k_active": n_active[busy],
        }
    )


def _running(happens: NDArray[np.int8], begins: int) -> NDArray[np.int32]:
    """How many are under way after each happening."""
    change = (happens == begins).view(np.int8) - (happens == begins + 1).view(np.int8)
    return np.cumsum(change, dtype=np.int32)


def _cuts(agent_no: Ints, day_us: Ints, slots: Ints, begin: int, span: int) -> tuple[Ints, Ints]:
    """Agent and instant of the quarter-hours within every agent's every day with an open chat."""
    first_day = day_us.min() if day_us.size else 0
    n_days = span // US_PER_DAY + 3
    pairs = np.unique(agent_no * n_days + (day_us - first_day) // US_PER_DAY)
    agent, day = pairs // n_days, pairs % n_days * US_PER_DAY + first_day
    first = np.searchsorted(slots, day)
    n_slots = np.searchsorted(slots, day + US_PER_DAY) - first
    ends = np.cumsum(n_slots)
    position = np.arange(ends[-1] if ends.size else 0) - np.repeat(ends - n_slots, n_slots)
    at = slots[np.repeat(first, n_slots) + position]
    is_within = (at >= begin) & (at < begin + span)
    return np.repeat(agent, n_slots)[is_within], at[is_within]
