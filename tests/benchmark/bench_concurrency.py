"""Concurrency by arrays and by plain SQL: ``python -m tests.benchmark.bench_concurrency [LEGS]``.

Both make ``stg_load`` (open and active chats of each agent over time, cut at quarter-hours) of the same
stretches: 60 agents, 400 days, two active stretches a leg. The rows must be equal. The ratio is of processor
seconds.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import duckdb

from staffcast.store.sql import sql_text
from staffcast_pipelines.sweep import write_load

if TYPE_CHECKING:
    from collections.abc import Callable

STRETCHES = """
create table stg_stretch as
with legs as (
    select i, 'a' || hash(i, 1) % 60 as agent_id, cast(hash(i, 2) % 400 as bigint) * 86400000000 as day_us,
        25200000000 + cast(hash(i, 3) % 50400000000 as bigint) as begin_us,
        240000000 + cast(hash(i, 4) % 900000000 as bigint) as length_us
    from range($1) legs(i)
)
select kind, 'l' || i as leg_key, 'c' || i as conversation_key, agent_id, day_us,
    day_us + begin_us + from_us as from_us,
    day_us + begin_us + case when to_us < length_us then to_us else length_us end as to_us
from legs, (
    values ('open', 0, 2000000000), ('active', 0, 80000000), ('active', 120000000, 220000000)
) kinds(kind, from_us, to_us)
"""


def desk(n_legs: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set threads = 2")
    con.execute("attach ':memory:' as work")
    con.execute("use work.main")
    con.execute(STRETCHES, [n_legs])
    con.execute("create table build_params as select 0::bigint as calendar_from_us")
    con.execute(
        "create table dim_slot as select '' as queue, i * 900000000 as slot_at_us from range(400 * 96) r(i)"
    )
    return con


def plain(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table stg_load as " + sql_text("staffcast_pipelines", "stg_load"))


def measure(con: duckdb.DuckDBPyConnection, way: Callable[[duckdb.DuckDBPyConnection], None]) -> float:
    wall, cpu = time.monotonic(), time.process_time()
    way(con)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(f"{way.__module__.rpartition('.')[2]:20} {wall:7.2f} s wall {cpu:7.2f} s CPU", flush=True)
    return cpu


def main() -> None:
    con = desk(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    ratios = []
    for _ in range(3):
        slow = measure(con, plain)
        con.execute("create or replace table expected as select * from stg_load")
        con.execute("drop table stg_load")
        fast = measure(con, write_load)
        ((n_different,),) = con.sql(
            "select count(*) from ((from stg_load except all from expected) union all"
            " (from expected except all from stg_load)) differing"
        ).fetchall()
        con.execute("drop table stg_load")
        ratios.append(slow / fast)
        print(f"rows that differ: {n_different}; {slow / fast:.1f} times as fast")
    print(f"middle ratio: {sorted(ratios)[1]:.1f}")


if __name__ == "__main__":
    main()
