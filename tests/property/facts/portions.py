"""Random desks that arrive in portions: late rows, earlier versions of rows, and two ways to load them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from tests.property.facts.desks import desks
from tests.unit.facts.desk import ACCOUNT, NOW, SOURCE, Desk

from staffcast.store.schema import canonical_table
from staffcast_pipelines.ingest import ingest

if TYPE_CHECKING:
    from staffcast.store.warehouse import Warehouse

DAY = 86_400
CHAINS = 'table = "messages"\nreply_chain = "reply_to"\n'

Row = dict[str, Any]


@dataclass
class Portions:
    """Rows by load; a row may come in several versions, the last of which holds."""

    rows: list[list[tuple[str, Row]]]
    as_of_s: list[float | None]
    settings: Row = field(default_factory=dict)


def spread(desk: Desk, rng: random.Random) -> Desk:
    """Some conversations happen days later, and some stay with their agent over midnight."""
    later = (0, 0, 1, 1, 2, 3, 5, 8, 13)
    days = {row["conversation_id"]: rng.choice(later) for row in desk.tables["conversations"]}

    def moved(row: Row) -> Row:
        offset = days.get(row.get("conversation_id", ""), 0) * DAY * 1_000_000
        late = rng.choice((0,) * 30 + (43_200, 86_400)) * 1_000_000 if "event_type" in row else 0
        return {
            name: value + offset + late if name.endswith("_us") and value is not None else value
            for name, value in row.items()
        }

    return Desk(desk.start, desk.settings, {name: [*map(moved, rows)] for name, rows in desk.tables.items()})


def settled(desk: Desk, rng: random.Random) -> None:
    """Close most conversations, so that little is dirty at the next build."""
    last: dict[str, int] = {}
    for table in ("messages", "events"):
        for row in desk.tables.get(table, []):
            name = row["conversation_id"]
            last[name] = max(last.get(name, 0), row["timestamp_us"])
    for number, (name, at_us) in enumerate(sorted(last.items())):
        if rng.random() < 0.8:
            desk.row("events", event_id=f"end{number}", conversation_id=name, event_type="closed",
                     timestamp_us=at_us + 60_000_000)  # fmt: skip


def enriched(desk: Desk, rng: random.Random) -> Desk:
    """With loose and chained messages, contacts, surveys, presence, customers, agents and tags."""
    conversations = desk.tables["conversations"]
    for row in conversations:
        row["tags"] = rng.choice((None, "vip", "vip; late"))
        row["queue"] = rng.choice((None, "support"))
        row["bot_outcome"] = rng.choice((None, None, None, "assumed"))
        row["bot_billed"] = rng.choice((None, True, False))
        if rng.random() < 0.2:
            row["closed_at_us"] = row["created_at_us"] + rng.choice((60, 905, DAY)) * 1_000_000
        if rng.random() < 0.4:
            sent = (row["created_at_us"] - desk.us(0)) / 1e6 + 1000
            answered = rng.choice((None, sent + 60, sent + DAY))
            name = row["conversation_id"]
            answered_us = None if answered is None else desk.us(answered)
            desk.row("surveys", survey_id=f"s{name}", conversation_id=name, sent_at_us=desk.us(sent),
                     responded_at_us=answered_us, csat=float(rng.randint(1, 5)),
                     resolved=rng.choice((None, True, False)))  # fmt: skip
    for number in range(rng.randint(0, 3)):
        chat = desk.loose(f"loose{number}")
        at = rng.choice((0, 300, DAY, 2 * DAY))
        chat.customer(at).agent(at + rng.choice((5, 900)), rng.choice(("anna", "bea")))
        if rng.random() < 0.5:
            chat.customer(at + rng.choice((60, DAY - 10, DAY + 10)))
    at = rng.choice((0, 600, DAY))
    for number in range(rng.choice((0, 0, 4))):
        parent = None if number == 0 else f"chain{rng.randrange(number)}"
        sender = rng.choice((("customer", "customer"), ("agent", "anna")))
        desk.row(
            "messages", message_id=f"chain{number}", conversation_id=None, reply_to=parent,
            timestamp_us=desk.us(at + 30 * number), sender_type=sender[0], sender_id=sender[1],
        )  # fmt: skip
    for number in range(rng.randint(0, 3)):
        desk.contact(f"p{number}", rng.choice((0, 500, DAY, 8 * DAY)), topic=rng.choice(("login", None)),
                     customer=rng.choice(("carl", "dora")))  # fmt: skip
    for who in ("anna", "bea"):
        for day in range(rng.randint(0, 3)):
            start = day * DAY + rng.choice((-3600, 0, 100))
            desk.status(who, rng.choice(("available", "break")), start, rng.choice((None, start + 7200)))
            plans = (
                ("chat", 50, (900, 30_000, 90_000)),
                ("break", 60, (400, 4_000)),
                ("chat", 4_000, (9_000,)),
            )
            for activity, late, ends in plans[: rng.randint(1, 3)]:
                desk.row(
                    "schedules", agent_id=who, activity=activity, started_at_us=desk.us(start + late),
                    ended_at_us=desk.us(start + rng.choice(ends)), paid=rng.choice((True, True, False, None)),
                    planned=rng.choice((True, None)),
                )  # fmt: skip
            if rng.random() < 0.3:
                desk.status(who, "offline", start + 200, start + 400)
        if rng.random() < 0.6:
            desk.row(
                "agents", agent_id=who, type=rng.choice(("human", "human", "bot")), team=rng.choice("xy"),
                max_concurrency=rng.choice((None, None, 2)), hourly_cost=rng.choice((None, None, 20.5)),
            )  # fmt: skip
    for channel, kind in (("chat", "licences"), ("bot", "per_resolution")):
        if rng.random() < 0.5:
            desk.row(
                "costs", channel=channel, kind=kind, period_start=rng.choice(("2026-11-01", "2026-11-03")),
                period_end=rng.choice((None, "2026-11-05")), unit_price=0.79,
                amount=rng.choice((None, 100.0)),
            )  # fmt: skip
    for who in ("carl", "dora"):
        if rng.random() < 0.5:
            desk.row("customers", customer_key=who, tier=rng.choice(("free", "paid")))
    for row in desk.tables.get("events", []):
        row["detail"] = rng.choice((None, None, "inactivity")) if row["event_type"] == "closed" else None
        row["to_queue"] = rng.choice((None, "sales")) if row["event_type"] == "transferred" else None
    for row in desk.tables.get("messages", []):
        row["text"] = rng.choice((None, "Are you still there?"))
    for number in range(rng.randint(0, 4)):
        desk.row(
            "page_views", view_id=f"v{number}", customer_key=rng.choice(("carl", "dora", None)),
            viewed_at_us=desk.us(rng.choice((0, 600, 4000, DAY))), article=rng.choice(("reset", None)),
        )  # fmt: skip
    if rng.random() < 0.3:
        desk.row(
            "bot_sessions", bot_session_id="b0", conversation_id="c0", outcome=rng.choice((None, "answered"))
        )
    return desk


VERSIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "conversations": {
        "closed_at_us": (None,),
        "topic": ("login", "billing", None),
        "customer_key": ("carl", "dora", None),
        "queue": ("support", "sales", None),
        "tags": ("old", None),
        "is_test": (True, False),
    },
    "messages": {"conversation_id": ("c0", "c1", "loose0", "elsewhere"), "visibility": ("private",)},
    "events": {"conversation_id": ("c0", "c1", "elsewhere"), "agent_id": ("anna", "bea", None)},
    "surveys": {
        "responded_at_us": (None,),
        "csat": (None, 1.0),
        "resolved": (None, True),
        "conversation_id": ("c0", "c1"),
    },
    "agents": {"team": ("x", "z", None), "type": ("human", "bot"), "hourly_cost": (None, 30.0)},
    "agent_status": {"ended_at_us": (None,), "status": ("away",)},
    "schedules": {"ended_at_us": (0,)},
    "costs": {"amount": (None, 50.0), "unit_price": (None, 1.0)},
    "contacts": {"customer_key": ("carl", "dora"), "topic": ("login", None)},
    "customers": {"tier": ("free", "gold", None)},
    "page_views": {"customer_key": ("carl", "dora", None), "article": ("pay", None)},
    "bot_sessions": {"outcome": ("answered", None), "conversation_id": ("c0", "c1")},
}


def earlier(table: str, row: Row, rng: random.Random) -> Row:
    """The row as it was known before."""
    name = rng.choice(sorted(VERSIONS[table]))
    if table == "messages" and row["conversation_id"] is None:
        return row | {"reply_to": rng.choice((None, "chain0", "absent"))}
    value = rng.choice(VERSIONS[table][name])
    if table == "schedules":
        value = row["started_at_us"] + 600_000_000
    return row | {name: value}


@st.composite
def portions(draw: st.DrawFn) -> Portions:
    rng = random.Random(draw(st.integers(0, 1_000_000)))  # noqa: S311 - shapes of desks, no secret
    desk = spread(draw(desks()), rng)
    settled(desk, rng)
    enriched(desk, rng)
    n = rng.randint(2, 4)
    rows: list[list[tuple[str, Row]]] = [[] for _ in range(n)]
    late = rng.choice((0.03, 0.1, 0.4))
    for table, all_rows in desk.tables.items():
        for row in all_rows:
            whole = 0 if rng.random() > late else rng.randrange(n)
            rows[whole].append((table, row))
            if whole and rng.random() < 0.5:
                rows[rng.randrange(whole)].append((table, earlier(table, row, rng)))
    if not any(table == "conversations" for table, _ in rows[0]):
        rows[0].append(("conversations", desk.tables["conversations"][0]))
    as_of: list[float | None] = [None] * n
    if rng.random() < 0.5:
        begun = min(row["created_at_us"] for table, row in rows[0] if table == "conversations")
        first_s = (begun - desk.us(0)) / 1e6
        as_of = sorted(first_s + rng.choice((0, 400, 2_000, DAY, 3 * DAY, 20 * DAY)) for _ in range(n))
    chosen: Row = {"timezone": rng.choice(("UTC", "Europe/Berlin", "America/New_York"))}
    if rng.random() < 0.5:
        chosen["business_hours"] = '{"mon-fri": ["09:00", "17:00"]}'
    return Portions(rows, as_of, chosen)


def feed(warehouse: Warehouse, rows: list[tuple[str, Row]], load_id: int) -> None:
    """Write rows as a load does: of each key the last holds, and what it replaces is noted."""
    con = warehouse.con
    for table, row in rows:
        keys = ("source", "source_account", *canonical_table(table).key)
        same = " and ".join(f"{key} is not distinct from ?" for key in keys)
        values = [row.get(key) for key in keys]
        for kind, column in (("conversation", "conversation_id"), ("customer", "customer_key")):
            if column in dict(canonical_table(table).stored_columns):
                con.execute(
                    f"insert into replaced_keys select {load_id}, source, source_account, '{kind}', {column}"
                    f" from {table} where {same} and {column} is not null",
                    values,
                )
        con.execute(f"delete from {table} where {same}", values)
        names = ", ".join(row | {"load_id": load_id})
        marks = ", ".join("?" * len(row | {"load_id": load_id}))
        con.execute(
            f"insert into {table} ({names}) values ({marks})", list((row | {"load_id": load_id}).values())
        )
    con.execute(
        "insert into loads by name select ? as load_id, ? as loaded_at, 's' as source, 'a' as source_account,"
        " 't' as table_name, 'f' as file_name, 'x' as file_sha256, 'y' as settings_hash, 0 as n_rows,"
        " 0 as n_new, 0 as n_updated, 0 as n_duplicate, 0 as n_quarantined, 0 as n_skipped,"
        " 0 as n_suppressed, '0' as tool_version",
        [load_id, NOW.replace(tzinfo=None)],
    )


def feed_files(data_dir: Path, rows: list[tuple[str, Row]]) -> None:
    """Load rows from files; messages without a conversation by a mapping that follows their chains."""
    lines: dict[str, list[str]] = defaultdict(list)
    for table, row in rows:
        is_chained = table == "messages" and row.get("conversation_id") is None
        lines["chained" if is_chained else table].append(json.dumps(exported(row)))
    with TemporaryDirectory() as name:
        folder = Path(name)
        for table, texts in lines.items():
            place = folder / ("chains" if table == "chained" else "export") / f"{table}.jsonl"
            place.parent.mkdir(exist_ok=True)
            place.write_text("\n".join(texts) + "\n", encoding="utf-8")
        mapping = folder / "chains.toml"
        mapping.write_text(CHAINS, encoding="utf-8")
        if (folder / "export").is_dir():
            ingest(folder / "export", data_dir=data_dir, source=SOURCE, source_account=ACCOUNT, now=NOW)
        if (folder / "chains").is_dir():
            path = folder / "chains" / "chained.jsonl"
            ingest(path, data_dir=data_dir, source=SOURCE, source_account=ACCOUNT, mapping=mapping, now=NOW)


def exported(row: Row) -> Row:
    """A row as an export writes it."""
    found = {}
    for name, value in row.items():
        if value is None or name in ("source", "source_account", "row_hash", "load_id"):
            continue
        if name.endswith("_us"):
            found[name.removesuffix("_us")] = datetime.fromtimestamp(value / 1e6, UTC).isoformat()
        else:
            found["customer_id" if name == "customer_key" else name] = value
    return found
