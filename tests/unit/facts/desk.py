"""A desk written like a transcript: chats second by second, built into facts in a temporary warehouse.

Seconds count from the desk's start (Monday 2 November 2026, 09:00 UTC, unless said otherwise)::

    desk = Desk()
    desk.chat("c1").customer(0).queued(20, "support").accepted(45, "anna").agent(60).closed(300)
    facts = desk.build(tmp_path)
    facts.conversation("c1").s("queue_wait")  # 25.0
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.calendars import to_us
from staffcast.core.config import Settings
from staffcast.store.generations import open_generation
from staffcast.store.schema import canonical_table
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast.store.generations import Generation, Reader

SOURCE, ACCOUNT = "s", "a"
COMMON = {"source": SOURCE, "source_account": ACCOUNT, "row_hash": 1, "load_id": 1}
NOW = datetime(2026, 12, 31, tzinfo=UTC)
_TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "BOOLEAN": pl.Boolean, "DOUBLE": pl.Float64}


class Row(dict[str, Any]):
    """A row of a fact; ``s("wait")`` is ``wait_us`` in seconds, ``at("closed")`` counts from the start."""

    start_us: int = 0

    def s(self, name: str) -> float | None:
        value = self[f"{name}_us"]
        return None if value is None else value / 1e6

    def at(self, name: str) -> float | None:
        value = self[f"{name}_at_us"]
        return None if value is None else (value - self.start_us) / 1e6


@dataclass
class Facts:
    tables: dict[str, list[Row]]
    generation: Generation

    def rows(self, table: str, **where: object) -> list[Row]:
        return [row for row in self.tables[table] if all(row[key] == value for key, value in where.items())]

    def one(self, table: str, **where: object) -> Row:
        found = self.rows(table, **where)
        assert len(found) == 1, f"{len(found)} rows of {table} where {where}"
        return found[0]

    def conversation(self, name: str) -> Row:
        return self.one("fact_conversation", conversation_id=name)

    def of(self, table: str, name: str) -> list[Row]:
        """Rows of a fact below the conversation, in order of their keys."""
        rows = self.rows(table, conversation_key=f"{SOURCE}/{ACCOUNT}/{name}")
        return sorted(rows, key=lambda row: str(next(iter(row.values()))))


@dataclass
class Chat:
    desk: Desk
    name: str
    holder: str | None = None

    def _event(self, at: float, kind: str, **columns: object) -> Chat:
        return self.desk._add("events", "event_id", conversation_id=self.name, event_type=kind,
                              timestamp_us=self.desk.us(at), **columns) and self  # fmt: skip

    def _message(self, at: float, sender: str, who: str | None, **columns: object) -> Chat:
        return self.desk._add("messages", "message_id", conversation_id=self.name, sender_type=sender,
                              sender_id=who, timestamp_us=self.desk.us(at), **columns) and self  # fmt: skip

    def customer(self, *times: float) -> Chat:
        for at in times:
            self._message(at, "customer", "customer")
        return self

    def bot(self, at: float, *, auto: bool = False) -> Chat:
        return self._message(at, "bot", "bot", is_auto=auto)

    def agent(
        self,
        at: float,
        who: str | None = None,
        *,
        auto: bool = False,
        private: bool = False,
        canned: bool = False,
    ) -> Chat:
        visibility = "private" if private else "public"
        return self._message(
            at, "agent", who or self.holder, is_auto=auto, visibility=visibility, is_canned=canned
        )

    def created(self, at: float) -> Chat:
        return self._event(at, "created")

    def handoff(self, at: float) -> Chat:
        return self._event(at, "bot_handoff")

    def queued(self, at: float, queue: str | None = None) -> Chat:
        return self._event(at, "queued", queue=queue)

    def offered(self, at: float, who: str) -> Chat:
        return self._event(at, "assigned", agent_id=who)

    def missed(self, at: float, who: str) -> Chat:
        return self._event(at, "missed", agent_id=who)

    def accepted(self, at: float, who: str | None) -> Chat:
        self.holder = who
        return self._event(at, "accepted", agent_id=who)

    def parked(self, at: float) -> Chat:
        return self._event(at, "parked", agent_id=self.holder)

    def resumed(self, at: float, who: str | None = None) -> Chat:
        self.holder = who or self.holder
        return self._event(at, "resumed", agent_id=who)

    def transferred(self, at: float, to_queue: str | None = None) -> Chat:
        return self._event(at, "transferred", agent_id=self.holder, to_queue=to_queue)

    def closed(self, at: float, who: str | None = None) -> Chat:
        return self._event(at, "closed", agent_id=who or self.holder)

    def reopened(self, at: float) -> Chat:
        return self._event(at, "reopened")

    def abandoned(self, at: float) -> Chat:
        return self._event(at, "abandoned")

    def escalated(self, at: float) -> Chat:
        return self._event(at, "escalated", to_channel="phone")

    def wrapup(self, start: float, end: float, who: str | None = None) -> Chat:
        self._event(start, "wrapup_started", agent_id=who or self.holder)
        return self._event(end, "wrapup_ended", agent_id=who or self.holder)

    def survey(self, sent: float, answered: float | None = None, **answers: object) -> Chat:
        responded = None if answered is None else self.desk.us(answered)
        return self.desk._add("surveys", "survey_id", conversation_id=self.name,
                              sent_at_us=self.desk.us(sent), responded_at_us=responded,
                              **answers) and self  # fmt: skip


@dataclass
class Desk:
    """Canonical rows of one source, and the settings of the build."""

    start: datetime = datetime(2026, 11, 2, 9, tzinfo=UTC)
    settings: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001
        """The rows in seconds, without what all share: Hypothesis prints no more than 30,000 characters."""
        for table, rows in self.tables.items():
            for row in rows:
                printer.text("\n" + " ".join([f"{table}:", *self._told(row)]))

    def _told(self, row: dict[str, Any]) -> list[str]:
        return [f"{name}={self._seconds(name, row[name])}" for name in row if name not in COMMON]

    def _seconds(self, name: str, value: Any) -> Any:
        is_instant = name.endswith("_us") and value is not None
        return (value - to_us(self.start)) / 1_000_000 if is_instant else value

    def us(self, seconds: float) -> int:
        return to_us(self.start) + round(seconds * 1_000_000)

    def _add(self, table: str, key: str | None = None, **columns: Any) -> Desk:
        rows = self.tables.setdefault(table, [])
        own: dict[str, Any] = dict(COMMON)
        if key and key not in columns:
            own[key] = f"{table}{len(rows):05d}"
        rows.append(own | columns)
        return self

    def chat(
        self,
        name: str,
        at: float = 0,
        *,
        closed: float | None = None,
        customer: str | None = "carl",
        **columns: Any,
    ) -> Chat:
        """A conversation; ``closed`` is its own column, beside which events may say more."""
        closed_at_us = None if closed is None else self.us(closed)
        self._add("conversations", conversation_id=name, created_at_us=self.us(at), closed_at_us=closed_at_us,
                  customer_key=customer, **columns)  # fmt: skip
        return Chat(self, name)

    def loose(self, name: str) -> Chat:
        """A conversation of which only messages (and events) are known."""
        return Chat(self, name)

    def row(self, table: str, **columns: Any) -> Desk:
        return self._add(table, **columns)

    def status(self, who: str, status: str, start: float, end: float | None = None) -> Desk:
        ended = None if end is None else self.us(end)
        return self._add(
            "agent_status", agent_id=who, status=status, started_at_us=self.us(start), ended_at_us=ended
        )

    def contact(self, name: str, at: float, *, topic: str | None = None, customer: str = "carl") -> Desk:
        return self._add("contacts", contact_id=name, customer_key=customer, channel="phone",
                         created_at_us=self.us(at), topic=topic)  # fmt: skip

    def shifted(self, seconds: float) -> Desk:
        def later(row: dict[str, Any]) -> dict[str, Any]:
            moved = {k: v for k, v in row.items() if k.endswith("_us") and v is not None}
            return row | {k: v + round(seconds * 1e6) for k, v in moved.items()}

        tables = {name: [later(row) for row in rows] for name, rows in self.tables.items()}
        return Desk(self.start + timedelta(seconds=seconds), self.settings, tables)

    def shuffled(self, seed: int) -> Desk:
        rng = random.Random(seed)  # noqa: S311 - an order of rows, no secret
        return Desk(
            self.start,
            self.settings,
            {name: rng.sample(rows, len(rows)) for name, rows in self.tables.items()},
        )

    def build(self, folder: Path, *, as_of: float | None = None, **settings: Any) -> Facts:
        """Insert the rows, build, and read every fact back."""
        chosen = self.settings | settings
        if as_of is not None:
            chosen["as_of"] = (self.start + timedelta(seconds=as_of)).isoformat()
        with Warehouse.open(folder, create=True) as warehouse:
            for table, rows in self.tables.items():
                _insert(warehouse, table, rows)
            report = build(warehouse, Settings(**chosen), now=NOW)
        start_us = to_us(self.start)
        with open_generation(folder) as reader:
            tables = {name: _rows(reader, name, start_us) for name in report.n_rows}
        return Facts(tables, report.generation)


def _insert(warehouse: Warehouse, table: str, rows: list[dict[str, Any]]) -> None:
    columns = {name for row in rows for name in row}
    schema = {
        name: _TYPES[kind.removesuffix(" NOT NULL")]
        for name, kind in canonical_table(table).stored_columns
        if name in columns
    }
    assert columns == set(schema), f"{table} has no {columns - set(schema)}"
    warehouse.con.execute(f"delete from {table}")
    warehouse.con.register("incoming", pl.DataFrame(rows, schema=schema))
    warehouse.con.execute(f"insert into {table} by name select * from incoming")
    warehouse.con.unregister("incoming")


def _rows(reader: Reader, table: str, start_us: int) -> list[Row]:
    rows = [Row(row) for row in reader.query(f"from {table}").iter_rows(named=True)]
    for row in rows:
        row.start_us = start_us
    return rows
