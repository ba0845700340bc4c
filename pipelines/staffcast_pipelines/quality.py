"""Data quality: named checks over the canonical tables, each with its count, share and verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.generations import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

__all__ = ["CHECKS", "Check", "check"]

_DEFAULT_SCALE = (1.0, 5.0)
_TABLES = "select table_name from duckdb_tables()"


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the data.

    Attributes:
        name: Its name in the result.
        meaning: What is counted.
        tables: Tables that it reads; without them it is left out.
        sql: A query that gives ``n`` and ``n_total``.
        fail_above: Share above which the data are refused; a smaller one above 0 warns.
    """

    name: str
    meaning: str
    tables: tuple[str, ...]
    sql: str
    fail_above: float


def check(*sources: Reader | duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Run all checks whose tables are there.

    Args:
        sources: The connection of the warehouse, a published generation, or both; a check reads the first
            that has all of its tables.

    Returns:
        A row a check: ``check``, ``n``, ``n_total``, ``share`` (null without a denominator),
        ``threshold`` (the share above which it fails), ``status`` (ok, warn, fail) and ``meaning``.
    """
    held = [(source, set(_run(source, _TABLES)["table_name"])) for source in sources]
    low, high = _scale(held)
    rows = []
    for item in CHECKS:
        source = next((source for source, names in held if names.issuperset(item.tables)), None)
        if source is None:
            continue
        n, n_total = _run(source, item.sql.format(low=low, high=high)).row(0)
        share = n / n_total if n_total else None
        status = "ok" if not n else "fail" if share is None or share > item.fail_above else "warn"
        rows.append((item.name, n, n_total, share, item.fail_above, status, item.meaning))
    schema = {
        "check": pl.String,
        "n": pl.Int64,
        "n_total": pl.Int64,
        "share": pl.Float64,
        "threshold": pl.Float64,
        "status": pl.String,
        "meaning": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _run(source: Reader | duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    if isinstance(source, Reader):
        return source.run(sql)
    frame: pl.DataFrame = source.sql(sql).pl()
    return frame


def _scale(held: Sequence[tuple[Reader | duckdb.DuckDBPyConnection, set[str]]]) -> tuple[float, float]:
    source = next((source for source, names in held if "source_config" in names), None)
    if source is None:
        return _DEFAULT_SCALE
    found = _run(source, "select value from source_config where key = 'csat_scale'")["value"].to_list()
    scales = [json.loads(value) for value in found]
    bounds = [
        (float(scale[0]), float(scale[-1])) if isinstance(scale, list) else (1.0, float(scale))
        for scale in scales
    ]
    return (min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else _DEFAULT_SCALE


def _orphans(table: str) -> Check:
    return Check(
        f"orphan_{table}",
        f"{table} of a conversation that is not in the data",
        (table, "conversations"),
        f"""
        select count(*) filter (where c.conversation_id is null) as n, count(*) as n_total
        from {table} r
        left join conversations c
            on c.source = r.source and c.source_account = r.source_account
            and c.conversation_id = r.conversation_id
        where r.conversation_id is not null and exists (select * from conversations)
        """,  # noqa: S608 - the three names below
        fail_above=0.05,
    )


def _backwards(table: str, first: str, last: str, fail_above: float = 0.01) -> Check:
    return Check(
        f"{table}_end_before_start",
        f"rows of {table} that end before they begin",
        (table,),
        f"""
        select count(*) filter (where {last}_us < {first}_us) as n, count(*) as n_total
        from {table} where {first}_us is not null and {last}_us is not null
        """,  # noqa: S608 - column names of the schema
        fail_above,
    )


CHECKS: tuple[Check, ...] = (
    _orphans("messages"),
    _orphans("events"),
    _orphans("surveys"),
    _backwards("conversations", "created_at", "closed_at"),
    _backwards("surveys", "sent_at", "responded_at"),
    _backwards("agent_status", "started_at", "ended_at"),
    _backwards("schedules", "started_at", "ended_at"),
    Check(
        "messages_before_start",
        "messages more than a second before their conversation was created",
        ("messages", "conversations"),
        """
        select count(*) filter (where m.timestamp_us < c.created_at_us - 1000000) as n, count(*) as n_total
        from messages m
        join conversations c
            on c.source = m.source and c.source_account = m.source_account
            and c.conversation_id = m.conversation_id
        """,
        fail_above=0.01,
    ),
    Check(
        "replies_before_question",
        "replies older than the message that they answer",
        ("messages",),
        """
        select count(*) filter (where m.timestamp_us < q.timestamp_us) as n, count(*) as n_total
        from messages m
        join messages q
            on q.source = m.source and q.source_account = m.source_account and q.message_id = m.reply_to
        """,
        fail_above=0.01,
    ),
    Check(
        "csat_off_scale",
        "ratings outside the scale: they count in no metric",
        ("surveys",),
        """
        select count(*) filter (where csat < {low!r} or csat > {high!r}) as n, count(*) as n_total
        from surveys where csat is not null
        """,
        fail_above=0.05,
    ),
    Check(
        "unknown_agents",
        "agents who wrote or took a chat but are not in the agents table",
        ("messages", "events", "agents"),
        """
        with seen as (
            select source, source_account, sender_id as agent_id from messages
            where sender_type = 'agent' and sender_id is not null
            union
            select source, source_account, agent_id from events where agent_id is not null
        )
        select count(*) filter (where a.agent_id is null) as n, count(*) as n_total
        from seen s
        left join agents a
            on a.source = s.source and a.source_account = s.source_account and a.agent_id = s.agent_id
        where exists (select * from agents)
        """,
        fail_above=0.1,
    ),
    Check(
        "quarantined_rows",
        "rows that could not be loaded",
        ("quarantine", "loads"),
        """
        with bad as (select count(distinct (table_name, row_hash)) as n from quarantine),
        stored as (select coalesce(sum(n_new), 0) as n from loads)
        select cast(bad.n as bigint) as n, cast(bad.n + stored.n as bigint) as n_total
        from bad cross join stored
        """,
        fail_above=0.01,
    ),
    Check(
        "inferred_conversations",
        "conversations known from their messages alone",
        ("fact_conversation",),
        """
        select count(*) filter (where is_inferred) as n, count(*) as n_total from fact_conversation
        """,
        fail_above=1.0,
    ),
)
