"""An added day against a full rebuild: ``python tests/benchmark/bench_incremental.py [CONVERSATIONS]``.

The warehouse is made by SQL: 400 days, 60 agents on five queues, ten messages and five events a conversation,
surveys, returning customers, presence and schedules. Then one day more arrives, with late answers to surveys,
late closes and corrected topics of older conversations.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from staffcast.core.config import Settings
from staffcast.store.generations import current_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import BuildReport, build

NOW = datetime(2026, 12, 31, tzinfo=UTC)
DAYS = 400
START_US = 1_727_740_800_000_000  # 1 October 2024
DAY_US = 86_400_000_000
HOURS = json.dumps(
    {"weekly": {day: [["07:00", "22:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}}
)

CHATS = """
create or replace temp table chat as
with numbered as (
    select i, cast(hash(i, 1) >> 1 as bigint) as h1, cast(hash(i, 2) >> 1 as bigint) as h2,
        cast(hash(i, 3) >> 1 as bigint) as h3, cast(hash(i, 4) >> 1 as bigint) as h4
    from range($first, $first + $n) numbers(i)
),
timed as (
    select
        i, h1, h2, h3, h4,
        $from_us + cast((i - $first) // $per_day as bigint) * 86400000000
            + 25200000000 + cast(h1 % 50400000000 as bigint) as at_us
    from numbered
)
select
    'c' || i as id,
    i,
    at_us,
    at_us + 20000000 + cast(h2 % 120000000 as bigint) as accepted_us,
    at_us + 240000000 + cast(h3 % 900000000 as bigint) as closed_us,
    h4 % 20 = 0 as is_abandoned,
    h4 % 20 = 1 and i >= $first + $n - 2 * $per_day as stays_open,
    'a' || (h2 % $n_agents) as agent,
    'a' || (h3 % $n_agents) as other_agent,
    h1 % 10 = 0 as is_transferred,
    'k' || (h3 % $n_customers) as customer,
    ['support', 'sales', 'billing', 'tech', 'vip'][1 + h4 % 5] as queue,
    ['login', 'billing', 'delivery', 'other', null][1 + h2 % 5] as topic
from timed
"""

TABLES = {
    "conversations": """
        select id as conversation_id, at_us as created_at_us, 'live' as mode, 'web' as channel, queue, topic,
            case when not stays_open then closed_us end as closed_at_us, customer as customer_key,
            ['en', 'de', 'fr'][1 + i % 3] as language, 'customer' as initiated_by,
            case when i % 7 = 0 then 'vip;late' when i % 3 = 0 then 'late' end as tags
        from chat
    """,
    "messages": """
        select id || '-' || n as message_id, id as conversation_id,
            at_us + cast((closed_us - at_us) * (n + 0.5) / 10 as bigint) as timestamp_us,
            case when n % 2 = 0 or is_abandoned then 'customer' else 'agent' end as sender_type,
            case when n % 2 = 0 or is_abandoned then customer
                when is_transferred and n > 5 then other_agent else agent end as sender_id
        from chat, range(10) turns(n)
    """,
    "events": """
        select id || '-' || kind as event_id, id as conversation_id, kind as event_type, us as timestamp_us,
            who as agent_id, queue
        from (
            select id, 'queued' as kind, at_us as us, null as who, queue from chat
            union all
            select id, 'accepted', accepted_us, agent, null from chat where not is_abandoned
            union all
            select id, 'abandoned', accepted_us, null, null from chat where is_abandoned
            union all
            select id, 'transferred', at_us + (closed_us - at_us) // 2, agent, null from chat
            where is_transferred and not is_abandoned
            union all
            select id, 'resumed', at_us + (closed_us - at_us) // 2 + 1000000, other_agent, null from chat
            where is_transferred and not is_abandoned
            union all
            select id, 'closed', closed_us, null, null from chat where not stays_open
            union all
            select id, 'wrapup_started', closed_us, agent, null from chat where not is_abandoned and i % 2 = 0
            union all
            select id, 'wrapup_ended', closed_us + 45000000, agent, null from chat
            where not is_abandoned and i % 2 = 0
        ) happened
    """,
    "surveys": """
        select 's' || i as survey_id, id as conversation_id, closed_us + 1000000 as sent_at_us,
            case when i % 10 = 0 then closed_us + 60000000 end as responded_at_us,
            case when i % 10 = 0 then 1.0 + i % 5 end as csat
        from chat where i % 3 <> 1
    """,
}

AGENTS = """
insert into agents by name
select 's' as source, 'a' as source_account, 'a' || i as agent_id, 'human' as type, 'team' || i % 4 as team,
    1 as row_hash, 1 as load_id
from range($n_agents) agents(i)
"""

PEOPLE = """
insert into customers by name
select 's' as source, 'a' as source_account, 'k' || i as customer_key, ['free', 'paid'][1 + i % 2] as tier,
    1 as row_hash, 1 as load_id
from range($n_customers) customers(i)
"""

PRESENCE = """
insert into agent_status by name
select 's' as source, 'a' as source_account, 'a' || i as agent_id,
    ['available', 'break'][1 + n % 2] as status,
    $from_us + d * 86400000000 + 25200000000 + n * 7200000000 as started_at_us,
    $from_us + d * 86400000000 + 25200000000 + (n + 1) * 7200000000 as ended_at_us,
    1 as row_hash, $load as load_id
from range($n_agents) agents(i), range($days) days(d), range(4) parts(n)
"""


def fill(
    warehouse: Warehouse, *, first: int, n: int, days: int, from_us: int, load: int, n_agents: int = 60
) -> None:
    """Write conversations ``first`` to ``first + n``, spread over the days, as one load."""
    con = warehouse.con
    per_day = max(n // days, 1)
    size = {
        "first": first,
        "n": n,
        "per_day": per_day,
        "from_us": from_us,
        "n_customers": 1 + (first + n) // 3,
        "n_agents": n_agents,
    }
    con.execute(CHATS, size)
    for table, rows in TABLES.items():
        con.execute(
            f"insert into {table} by name select 's' as source, 'a' as source_account, 1 as row_hash,"
            f" {load} as load_id, rows.* from ({rows}) rows"
        )
    con.execute(PRESENCE, {"from_us": from_us, "days": days, "load": load, "n_agents": n_agents})
    write_load(warehouse, load)


def write_load(warehouse: Warehouse, load: int) -> None:
    columns = dict(
        warehouse.con.sql(
            "select column_name, data_type from duckdb_columns()"
            " where table_name = 'loads' and database_name = 'warehouse'"
        ).fetchall()
    )
    values = {
        name: 0 if kind in ("BIGINT", "INTEGER") else NOW if "TIME" in kind else "bench"
        for name, kind in columns.items()
    }
    values["load_id"] = load
    warehouse.con.execute(
        f"insert into loads ({', '.join(values)}) values ({', '.join('?' * len(values))})",
        list(values.values()),
    )


def late_updates(warehouse: Warehouse, *, n: int, load: int) -> None:
    """Some surveys are answered, some conversations closed and some topics corrected, long after."""
    con = warehouse.con
    con.execute(
        "update surveys set csat = 4, responded_at_us = sent_at_us + 86400000000, load_id = $load"
        " where load_id < $load and responded_at_us is null and hash(survey_id) % $n < 150",
        {"load": load, "n": n},
    )
    con.execute(
        "update conversations set topic = 'corrected', load_id = $load"
        " where load_id < $load and hash(conversation_id) % $n < 100",
        {"load": load, "n": n},
    )
    con.execute(
        "update conversations set closed_at_us = created_at_us + 172800000000, load_id = $load"
        " where load_id < $load and closed_at_us is null and hash(conversation_id, 1) % 2 = 0",
        {"load": load},
    )


def timed_build(warehouse: Warehouse, label: str, *, full: bool) -> tuple[float, float]:
    steps: list[tuple[float, str]] = []
    started, cpu = time.monotonic(), time.process_time()

    def tell(name: str, *_: int) -> None:
        steps.append((time.monotonic(), name))

    report: BuildReport = build(
        warehouse, Settings(business_hours="", timezone="Europe/Berlin"), now=NOW, progress=tell, full=full
    )
    ended = time.monotonic()
    spent = [
        (later - at, name) for (at, name), (later, _) in zip(steps, [*steps[1:], (ended, "")], strict=True)
    ]
    slowest = ", ".join(f"{name} {s:.1f}" for s, name in sorted(spent, reverse=True)[:10])
    size = report.generation.path.stat().st_size / 1e6
    cpu = time.process_time() - cpu
    took = f"{ended - started:7.1f} s  {cpu:7.1f} s CPU"
    print(f"{label:14} {took}  {peak_mb():6.0f} MB peak RSS  {size:6.0f} MB file")
    print(f"  {report.n_built:,} conversations built {report.full_because and f'({report.full_because})'}")
    print(f"  {slowest}")
    return ended - started, cpu


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with TemporaryDirectory() as folder, Warehouse.open(Path(folder) / "data", create=True) as warehouse:
        fill(warehouse, first=0, n=n, days=DAYS, from_us=START_US, load=1)
        warehouse.con.execute(AGENTS, {"n_agents": 60})
        warehouse.con.execute(PEOPLE, {"n_customers": 1 + n // 3})
        warehouse.con.execute(
            "insert into queues by name select 's' as source, 'a' as source_account, queue, $hours as hours,"
            " 1 as row_hash, 1 as load_id from (select distinct queue from conversations) named",
            {"hours": HOURS},
        )
        warehouse.con.execute("checkpoint")
        print(f"{n:,} conversations, {n * 10:,} messages; {peak_mb():.0f} MB peak RSS after generating")
        whole = timed_build(warehouse, "full build", full=True)
        fill(warehouse, first=n, n=max(n // DAYS, 1), days=1, from_us=START_US + DAYS * DAY_US, load=2)
        late_updates(warehouse, n=n, load=2)
        added = timed_build(warehouse, "an added day", full=False)
        for name, one, all_ in zip(("time", "CPU"), added, whole, strict=True):
            print(f"{name}: an added day takes {one / all_:.3f} of a full build (1/{all_ / one:.1f})")
        assert current_generation(Path(folder) / "data") is not None


if __name__ == "__main__":
    main()
