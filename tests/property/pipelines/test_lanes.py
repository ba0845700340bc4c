"""The fast lane and the careful one store the same, whatever the lines hold."""

from __future__ import annotations

import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.errors import SourceError
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.loading import plain_jsonl

if TYPE_CHECKING:
    import duckdb

SEEDS = st.integers(0, 2**32 - 1)
IDS = [
    "m1",
    "m2",
    "m3",
    "x-9",
    7,
    12345678901234567890,
    7.5,
    1e16,
    "007",
    " m4",
    "m 5",
    "ü6",
    "NaN",
    "1e5",
    "",
    True,
    "~a",
    {"k": 1},
    [1, 2],
    "[x",
    "{x",
    "1234567890123456789",
    -1234567890123456789,
    "550e8400-e29b-41d4-a716-446655440000",
    "a b",
    "a/b",
    "tab\t",
    -0,
]
TIMES = [
    "2026-11-02T09:00:00Z",
    "2026-11-02T09:00:00.5Z",
    "2026-11-02T09:00:00.123Z",
    "2026-11-02T09:00:00.123456Z",
    "2026-11-02T09:00:00.123456789Z",
    "2026-11-02T10:00:00+01:00",
    "2026-11-02T10:00:00-0530",
    "2026-11-02 09:00:00Z",
    "2026-11-02T09:00Z",
    "2026-11-02T24:00:00Z",
    "2026-11-02T23:59:60Z",
    "2026-02-29T09:00:00Z",
    "1989-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "2026-11-02T09:00:00",
    1793610000,
    None,
]
TEXTS = [
    "hello",
    "Ünï \U0001f600 text",
    "mail jo@example.org",
    "call +49 170 1234567",
    "line\nbreak\ttab",
    " padded ",
    "",
    None,
    12,
    1.50,
    1e300,
    True,
    {"k": [1, None]},
    ["a"],
    "[image]",
    "{x}",
    "NaN",
    "quote \" and \\ slash",
    "key\": x",
    "a : b",
    "Are you STILL there?",
    "z" * 3000,
]  # fmt: skip
FLAGS = [True, False, None, "true", "yes", "No", 1, 0, "maybe"]
TYPES = ["customer", "agent", "bot", "system", "Agent", "alien", None]
ODD_LINES = [
    "",
    "   ",
    "not json",
    "[1]",
    '"text"',
    '{"message_id": NaN}',
    '{"a": 1} {"b": 2}',
    '{"message_id": "cut',
    "{}",
]


def message(rng: random.Random, oddness: float) -> str:
    def pick(usual: object, all_of_them: list[object]) -> object:
        return rng.choice(all_of_them) if rng.random() < oddness else usual

    if rng.random() < oddness / 4:
        return rng.choice(ODD_LINES)
    row: dict[str, object] = {
        "message_id": pick(f"m{rng.randint(1, 40)}", IDS),
        "conversation_id": pick(f"c{rng.randint(1, 5)}", IDS),
        "timestamp": pick(f"2026-11-02T09:00:{rng.randint(0, 59):02d}Z", TIMES),
        "sender_type": pick("customer", TYPES),
        "sender_id": pick("u1", IDS),
        "text": pick("hello", TEXTS),
        "is_canned": pick("false", FLAGS),
        "visibility": pick("public", ["public", "private", "Public", None, "secret"]),
    }
    if rng.random() < oddness:
        row.pop(rng.choice(list(row)))
    if rng.random() < oddness / 20:
        row["mood"] = "calm"
    return json.dumps(row, ensure_ascii=rng.random() < 0.5)


def stored(
    folder: Path, lines: str, *, is_fast: bool, customers: str = "", keep_text: str = "redacted"
) -> tuple[object, ...]:
    data_dir = folder / str(is_fast)
    data_dir.mkdir()
    (data_dir / "staffcast.key").write_text("17" * 32)
    if customers:
        (folder / "customers.csv").write_text(customers)
        ingest(folder / "customers.csv", data_dir=data_dir)
    path = folder / "messages.jsonl"
    path.write_bytes(lines.encode())
    try:
        if is_fast:
            load = ingest(path, data_dir=data_dir, keep_text=keep_text).files[0]
        else:
            with patch.object(plain_jsonl, "can_load", return_value=False):
                load = ingest(path, data_dir=data_dir, keep_text=keep_text).files[0]
    except SourceError as error:
        return (str(error),)
    assert load.is_balanced
    with Warehouse.open(data_dir) as warehouse:
        rows = warehouse.con.sql("from messages order by all").fetchall()
        bad = warehouse.con.sql("select line, field, reason from quarantine order by all").fetchall()
        people = warehouse.con.sql("from identities order by all").fetchall()
    return rows, bad, people, load.n_rows, load.n_quarantined


CUSTOMERS = "customer_id,name,street\nu1,Jo Hello,\nm2,Anna Line,Quote 12\n"


def check(seed: int, customers: str = "") -> None:
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    oddness = rng.choice([0, 0.01, 0.1, 0.4])
    end = rng.choice(["\n", "\n", "\r\n"])
    lines = end.join(message(rng, oddness) for _ in range(rng.randint(1, 60))) + rng.choice(["", end])
    keep_text = rng.choice(["redacted", "redacted", "none", "raw"])
    with TemporaryDirectory() as name:
        folder = Path(name)
        fast = stored(folder, lines, is_fast=True, customers=customers, keep_text=keep_text)
        assert fast == stored(folder, lines, is_fast=False, customers=customers, keep_text=keep_text)


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_both_lanes_store_the_same(seed: int) -> None:
    check(seed)


@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_both_lanes_mark_the_same_names(seed: int) -> None:
    check(seed, CUSTOMERS)


def test_a_name_is_marked_before_it_is_stored(tmp_path: Path) -> None:
    rng = random.Random(1)  # noqa: S311 - as above
    lines = "\n".join(message(rng, 0) for _ in range(20))
    with (
        patch.object(plain_jsonl, "load", wraps=plain_jsonl.load) as spy,
        patch("staffcast_pipelines.ingest.mark_stored_texts"),
    ):
        rows, *_ = stored(tmp_path, lines, is_fast=True, customers=CUSTOMERS)
    assert spy.call_count == 1
    assert {row[8] for row in rows} == {"[name]"}  # type: ignore[attr-defined]


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(SEEDS)
def test_both_lanes_store_the_same_many_times(seed: int) -> None:
    check(seed)


@pytest.mark.parametrize(
    "lines", ['{"message_id": "m1"}', '{"conversation_id": "c1"}\n{}\n', '{"text": 1}\n\n']
)
def test_a_column_that_no_row_has_is_named(lines: str, tmp_path: Path) -> None:
    (refusal,) = stored(tmp_path, lines, is_fast=True)
    assert "the column that messages needs is missing" in str(refusal)
    assert (refusal,) == stored(tmp_path, lines, is_fast=False)


def test_one_time_without_a_zone_does_not_refuse_the_others(tmp_path: Path) -> None:
    rng = random.Random(1)  # noqa: S311 - as above
    lines = [message(rng, 0), message(rng, 0).replace('Z"', '"')]
    fast = stored(tmp_path, "\n".join(lines), is_fast=True)
    assert fast == stored(tmp_path, "\n".join(lines), is_fast=False)
    assert fast[1] == [(2, "timestamp", "a time without a zone")]


def test_a_failed_try_leaves_the_settings_of_the_database_alone(tmp_path: Path) -> None:
    def fail(job: plain_jsonl.PlainLoad) -> None:
        job.con.execute("set preserve_insertion_order = false")
        job.con.execute("select from_json('{', '{\"a\": \"VARCHAR\"}')").fetchall()

    rng = random.Random(1)  # noqa: S311 - as above
    lines = "\n".join(message(rng, 0) for _ in range(5))
    restored = []

    def note(con: duckdb.DuckDBPyConnection) -> None:
        restore(con)
        restored.append(con.sql("select current_setting('preserve_insertion_order')").fetchall())

    restore = plain_jsonl.restore_settings
    with patch.object(plain_jsonl, "_insert", fail), patch.object(plain_jsonl, "restore_settings", note):
        rows, *_ = stored(tmp_path, lines, is_fast=True)
    assert rows
    assert restored == [[(True,)]]


def test_the_fast_lane_is_taken() -> None:
    rng = random.Random(1)  # noqa: S311 - as above
    lines = "\n".join(message(rng, 0) for _ in range(20))
    with TemporaryDirectory() as name, patch.object(plain_jsonl, "load", wraps=plain_jsonl.load) as spy:
        stored(Path(name), lines, is_fast=True)
    assert spy.call_count == 1
