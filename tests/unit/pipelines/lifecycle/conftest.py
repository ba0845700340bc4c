"""A small desk with one planted person, whose every word and identifier is a canary."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from staffcast.core.config import Settings
from staffcast.store import warehouse as warehouse_module
from staffcast.store.generations import current_generation, publish
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.lifecycle import finishing as finishing_module
from staffcast_sample_data import generate

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast_pipelines.ingest import IngestReport

NOW = datetime(2026, 11, 20, tzinfo=UTC)
EMAIL, PHONE = "canary.mail@person.example", "+44 20 7946 0123"

PLANTED: dict[str, list[dict[str, str]]] = {
    "customers": [
        {"customer_id": "canaryid1", "account_id": "canaryaccount", "name": "Canaryname Bird", "email": EMAIL,
         "phone": PHONE, "segment": "private", "tier": "basic", "language": "en"},
        {"customer_id": "canaryid2", "email": EMAIL.upper(), "segment": "private"},
    ],
    "conversations": [
        {"conversation_id": "canaryconv1", "created_at": "2026-11-13T09:00:00Z", "tags": "canarytag;vip",
         "closed_at": "2026-11-13T09:10:00Z", "customer_id": "canaryid1", "account_id": "canaryaccount",
         "queue": "support-en", "page_url": "https://shop.example/canarypage?q=canaryquery",
         "referrer": "https://shop.example/canaryreferrer", "ticket_id": "canaryticket", "mode": "live",
         "note": "canaryextra", "topic": "billing"},
        {"conversation_id": "canaryconv2", "created_at": "2026-11-14T09:00:00Z", "customer_id": "canaryid2",
         "closed_at": "2026-11-14T09:30:00Z", "parent_conversation_id": "canaryconv1", "mode": "live",
         "queue": "support-en", "ticket_id": "canaryticket", "topic": "billing"},
        {"conversation_id": "friend1", "created_at": "2026-11-14T10:00:00Z", "customer_id": "friend",
         "closed_at": "2026-11-14T10:30:00Z", "parent_conversation_id": "canaryconv1", "mode": "live",
         "queue": "support-en", "note": "friendly"},
    ],
    "messages": [
        {"message_id": "canarymsg1", "conversation_id": "canaryconv1", "timestamp": "2026-11-13T09:00:01Z",
         "sender_type": "customer", "sender_id": "canaryid1", "text": "Hello, canarytext one"},
        {"message_id": "canarymsg2", "conversation_id": "canaryconv1", "timestamp": "2026-11-13T09:00:41Z",
         "sender_type": "agent", "sender_id": "a001", "text": "Dear canaryanswer", "reply_to": "canarymsg1"},
        {"message_id": "", "conversation_id": "canaryconv1", "timestamp": "2026-11-13T09:01:41Z",
         "sender_type": "customer", "sender_id": "canaryid1", "text": "canarytext without an id"},
        {"message_id": "canarymsg4", "conversation_id": "canaryconv3", "timestamp": "2026-11-13T11:00:00Z",
         "sender_type": "customer", "sender_id": "canaryid1", "text": "canarytext in messages alone"},
        {"message_id": "canarymsg5", "conversation_id": "friend1", "timestamp": "2026-11-14T10:01:00Z",
         "sender_type": "customer", "sender_id": "canaryid2", "text": "canarytext among friends"},
        {"message_id": "friendmsg", "conversation_id": "friend1", "timestamp": "2026-11-14T10:02:00Z",
         "sender_type": "customer", "sender_id": "friend", "text": "friendly words",
         "reply_to": "canarymsg5"},
    ],
    "events": [
        {"event_id": "canaryevent", "conversation_id": "canaryconv1", "event_type": "accepted",
         "timestamp": "2026-11-13T09:00:30Z", "agent_id": "a001", "detail": "canarydetail"},
    ],
    "surveys": [
        {"survey_id": "canarysurvey", "conversation_id": "canaryconv1", "sent_at": "2026-11-13T09:10:01Z",
         "responded_at": "2026-11-13T09:12:00Z", "csat": "5", "comment": "canarycomment"},
    ],
    "contacts": [
        {"contact_id": "canarycontact", "customer_id": "canaryid1", "channel": "phone",
         "created_at": "2026-11-13T12:00:00Z", "handle_s": "60"},
    ],
    "page_views": [
        {"view_id": "canaryview", "customer_id": "canaryid1", "viewed_at": "2026-11-13T08:59:00Z",
         "page_url": "https://shop.example/canaryseen", "article": "prices", "seconds": "3"},
    ],
    "bot_sessions": [
        {"bot_session_id": "canarysession", "conversation_id": "canaryconv1", "bot_id": "bot-1",
         "started_at": "2026-11-13T09:00:00Z", "turns": "1"},
    ],
}  # fmt: skip
IDENTITY_COLUMNS = frozenset({"conversation_id", "account_id"})


def plant(folder: Path) -> None:
    """Add the canaries to the files of an export."""
    for table, planted in PLANTED.items():
        path = folder / f"{table}.csv"
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            rows = [*reader, *planted]
            names = [*(reader.fieldnames or ()), "note"] if table == "conversations" else reader.fieldnames
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, names or (), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


@dataclass
class Place:
    """A warehouse with its published facts, and the export that it was made from."""

    data_dir: Path
    export: Path

    def open(self) -> Warehouse:
        return Warehouse.open(self.data_dir)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.open() as warehouse:
            return warehouse.con.execute(sql, list(values)).fetchall()

    def load_again(self, folder: Path) -> IngestReport:
        """The same rows in files of other bytes, so that nothing is recognised by its checksum."""
        shutil.copytree(self.export, folder)
        for path in folder.glob("*.csv"):
            path.write_bytes(path.read_bytes() + b"\n" * len(folder.name))
        report = ingest([folder], data_dir=self.data_dir)
        assert report.is_balanced
        return report

    def facts(self) -> dict[str, list[str]]:
        """Every published fact as sorted text, without what tells whose it is."""
        found = {}
        generation = current_generation(self.data_dir)
        assert generation is not None
        with duckdb.connect(generation.path, read_only=True) as con:
            for (name,) in con.sql("select table_name from duckdb_tables() order by 1").fetchall():
                if not name.startswith("fact_"):
                    continue
                frame = con.sql(f"select * from {name}").pl()
                kept = [
                    column
                    for column in frame.columns
                    if column not in IDENTITY_COLUMNS and not column.endswith("_key")
                ]
                found[name] = sorted(map(str, frame.select(kept).rows()))
        return found

    def contents(self, *more: Path) -> bytes:
        """All bytes of all files of the folder, with their names."""
        files = [path for path in self.data_dir.rglob("*") if path.is_file()]
        return b"".join(path.name.encode() + path.read_bytes() for path in [*files, *more])

    def tables(self) -> dict[str, list[str]]:
        """Every table as sorted text, without the numbers of loads."""
        with self.open() as warehouse:
            con = warehouse.con
            names = [name for (name,) in con.sql("select table_name from duckdb_tables()").fetchall()]
            skipped = {"loads", "quarantine", "backups", "erasures", "policies"}
            frames = {name: con.sql(f"select * from {name}").pl() for name in names if name not in skipped}
        return {
            name: sorted(map(str, frame.select(c for c in frame.columns if c != "load_id").rows()))
            for name, frame in frames.items()
        }


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The desk, loaded and built once, in files whose bytes can be searched."""
    folder = tmp_path_factory.mktemp("lifecycle")
    place = Place(folder / "data", folder / "export")
    generate(place.export, days=2, seed=5, scale=0.05)
    plant(place.export)
    (place.export / "truth.json").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(warehouse_module._CONFIG, "force_compression", "uncompressed")
        ingest([place.export], data_dir=place.data_dir, now=NOW)
        with place.open() as warehouse:
            build(warehouse, Settings(), now=NOW)
    return place


@pytest.fixture
def real_build() -> None:
    """Asked for by tests that look at facts; for all others something small is published instead."""


def publish_agents(
    warehouse: Warehouse, _: Settings, *, now: datetime, full: bool, **_options: object
) -> SimpleNamespace:
    assert full
    return SimpleNamespace(generation=publish(warehouse, ["agents", "loads", "quarantine"], now=now))


@pytest.fixture
def place(
    origin: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Place:
    """A copy of the desk for one test."""
    monkeypatch.setitem(warehouse_module._CONFIG, "force_compression", "uncompressed")
    if "real_build" not in request.fixturenames:
        monkeypatch.setattr(finishing_module, "build", publish_agents)
    copy = Place(tmp_path / "data", origin.export)
    shutil.copytree(origin.data_dir, copy.data_dir)
    assert current_generation(copy.data_dir) is not None
    return copy
