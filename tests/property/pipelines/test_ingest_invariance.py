"""However a month is cut, shuffled, repeated and named: the same tables, and every row accounted for."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import MOST_EXAMPLES

from staffcast.store.schema import CANONICAL_TABLES
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import IngestReport, ingest

SEEDS = st.integers(0, 2**32 - 1)
Rows = list[dict[str, str]]


def month() -> dict[str, Rows]:
    """A small month with versions, conflicts, missing ids, unknown columns and rows that cannot be loaded."""
    rng = random.Random(11)  # noqa: S311 - reproducible, not secret
    conversations: Rows = []
    messages: Rows = []
    events: Rows = []
    surveys: Rows = []
    for number in range(12):
        chat, day = f"c{number}", f"2026-11-{1 + number:02d}"
        closes = ["", f"{day}T10:00:00Z", f"{day}T11:00:00+00:00"]
        for closed_at in rng.sample(closes, rng.randint(1, 3)):
            conversations.append(
                {
                    "conversation_id": chat,
                    "created_at": f"{day}T09:00:00Z",
                    "closed_at": closed_at,
                    "customer_id": f"u{number % 5}",
                    "mood": rng.choice(["", "good"]),
                }
            )
        for step in range(4):
            messages.append(
                {
                    "message_id": rng.choice(["", f"m{number}-{step}"]),
                    "conversation_id": chat,
                    "timestamp": rng.choice(
                        [f"{day}T09:0{step}:00Z", "soon"] if step == 3 else [f"{day}T09:0{step}Z"]
                    ),
                    "sender_type": ["customer", "agent"][step % 2],
                    "sender_id": [f"u{number % 5}", "a1"][step % 2],
                    "text": f"line {step}, call +49 170 123456{step}\nthanks",
                }
            )
            events.append(
                {
                    "conversation_id": chat,
                    "event_type": rng.choice(["queued", "accepted", "closed", "acepted"]),
                    "timestamp": f"{day}T09:0{step}:30Z",
                }
            )
        surveys += [
            {"conversation_id": chat, "sent_at": f"{day}T12:00:00Z", "responded_at": at, "csat": csat}
            for at, csat in [("", ""), (f"{day}T13:00:00Z", "5"), (f"{day}T13:00:00Z", "4")]
        ]
    edited = [message | {"text": "edited"} for message in messages[::7] if message["message_id"]]
    customers = [{"customer_id": f"u{n}", "email": f"u{n % 3}@example.org", "tier": "gold"} for n in range(5)]
    return {
        "conversations": conversations,
        "messages": messages + edited,
        "events": events,
        "surveys": surveys,
        "customers": customers,
    }


MONTH = month()


def write(path: Path, rows: Rows, *, as_json: bool, packed: bool) -> Path:
    if as_json:
        text = "".join(json.dumps({key: cell for key, cell in row.items() if cell}) + "\n" for row in rows)
        # A column that no row fills is absent from JSON lines, so one row shows them all.
        text += json.dumps(dict.fromkeys(rows[0])) + "\n"
    else:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    path = path.with_suffix(".jsonl" if as_json else ".csv")
    data = text.encode()
    if packed:
        path, data = path.with_name(path.name + ".gz"), gzip.compress(data)
    path.write_bytes(data)
    return path


def cut(folder: Path, rng: random.Random) -> list[Path]:
    """The month in files of random size, order, name and format, some rows in several of them."""
    files = []
    for table, rows in MONTH.items():
        parts: list[Rows] = [[] for _ in range(rng.randint(1, 4))]
        for row in rng.sample(rows, len(rows)):
            for part in rng.sample(parts, rng.randint(1, min(2, len(parts)))):
                part.append(row)
        for number, part in enumerate(filter(None, parts)):
            name = folder / f"{table}-{rng.randint(0, 99)}-{number}"
            files.append(write(name, part, as_json=rng.random() < 0.3, packed=rng.random() < 0.3))
    return files


def contents(data_dir: Path) -> dict[str, list[tuple[object, ...]]]:
    with Warehouse.open(data_dir) as warehouse:
        found = {
            table.name: warehouse.con.sql(
                f"select * exclude (load_id) from {table.name} order by all"
            ).fetchall()
            for table in CANONICAL_TABLES
        }
        for name in ("identities",):
            found[name] = warehouse.con.sql(f"from {name} order by all").fetchall()
    return found


@cache
def loaded_whole() -> tuple[bytes, dict[str, list[tuple[object, ...]]]]:
    """The key and the tables of the month loaded in one file a table."""
    with TemporaryDirectory() as name:
        data_dir = Path(name) / "data"
        assert ingest(whole(Path(name)), data_dir=data_dir).is_balanced
        return (data_dir / "staffcast.key").read_bytes(), contents(data_dir)


def whole(folder: Path) -> list[Path]:
    return [write(folder / table, rows, as_json=False, packed=False) for table, rows in MONTH.items()]


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_cuts_shuffles_repeats_and_names_leave_no_trace(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_hundreds_of_cuts_leave_no_trace(block: int) -> None:
    for seed in range(block, min(600, 20 * MOST_EXAMPLES), 4):
        check(seed)


@cache
def empty_warehouse() -> bytes:
    """The file of a warehouse in which nothing is loaded, so that each example need not migrate anew."""
    with TemporaryDirectory() as name:
        Warehouse.open(Path(name), create=True).close()
        return (Path(name) / "warehouse.duckdb").read_bytes()


def check(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - as above
    key, expected = loaded_whole()
    with TemporaryDirectory() as name:
        data_dir = Path(name) / "data"
        data_dir.mkdir()
        (data_dir / "warehouse.duckdb").write_bytes(empty_warehouse())
        (data_dir / "staffcast.key").write_bytes(key)
        report = ingest(cut(Path(name), rng), data_dir=data_dir)
        assert contents(data_dir) == expected
        check_ledger(data_dir, report)
        again = ingest(whole(Path(name)), data_dir=data_dir)
        assert again.is_balanced
        assert not again.has_changed
        assert contents(data_dir) == expected


def check_ledger(data_dir: Path, report: IngestReport) -> None:
    """Each file balances, and so do the ledger, the tables and the quarantine."""
    assert report.is_balanced
    with Warehouse.open(data_dir) as warehouse:
        booked = warehouse.con.sql(
            "select table_name, sum(n_rows), sum(n_new), sum(n_quarantined) from loads group by 1"
        ).fetchall()
        assert {row[0] for row in booked} == MONTH.keys()
        for table, n_rows, n_new, n_quarantined in booked:
            loads = [load for load in report.files if load.table == table and not load.already_loaded]
            assert n_rows == sum(load.n_rows for load in loads) >= len(MONTH[table])
            stored = warehouse.con.table(table).count("*").fetchall()[0][0]
            assert n_new == stored == sum(load.n_new for load in loads)
            bad = warehouse.con.execute("select count(*) from quarantine where table_name = ?", [table])
            assert n_quarantined == bad.fetchall()[0][0]
