"""Loading JSON lines beside a bare ``read_json`` into a typed table and beside the standard library's route.

Run: python tests/benchmark/bench_ingest.py [ROWS]   (3,000,000 by default; needs about 3 GB of disk)

Every way runs in a process of its own on the same file; what counts is the ratio within one run. First a
file without repeated lines, then one of which 5 % of the lines are repeated and 2 % come a second time with
another text. What was measured stands in docs/background/loading.md.
"""

from __future__ import annotations

import hmac
import json
import multiprocessing
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORDS = [
    *(
        "hello",
        "thanks",
        "order",
        "refund",
        "please",
        "when",
        "delivery",
        "the",
        "my",
        "is",
        "not",
        "working",
    ),
    *("account", "password", "reset", "invoice", "shipping", "late", "item", "return", "label", "email"),
    *("site", "app", "login", "help", "need", "soon", "today", "yes", "no", "sure", "okay", "great", "sorry"),
]
COLUMNS = {
    "message_id": "VARCHAR",
    "conversation_id": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "sender_type": "VARCHAR",
    "sender_id": "VARCHAR",
    "text": "VARCHAR",
    "is_canned": "BOOLEAN",
    "is_auto": "BOOLEAN",
    "visibility": "VARCHAR",
}
TENTH = 10


def write(path: Path, n_rows: int, *, is_repeated: bool) -> None:
    """Messages of ten a conversation, three seconds apart."""
    rng = random.Random(1)  # noqa: S311 - reproducible, not secret
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    line = ""
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            chance = rng.random() if is_repeated else 1.0
            if line and chance < 0.05:
                file.write(line)
                continue
            shown = number - 1 if line and chance < 0.07 else number
            sender = ("customer", "agent", "bot")[number % 3]
            chat = number // 10
            at = begin + timedelta(seconds=3 * shown, milliseconds=shown % 1000)
            row = {
                "message_id": f"m{shown}",
                "conversation_id": f"c{chat}",
                "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "sender_type": sender,
                "sender_id": f"u{chat % 50_000}" if sender == "customer" else f"a{chat % 60}",
                "text": " ".join(rng.choices(WORDS, k=rng.randint(3, 18))),
                "is_canned": number % 9 == 0,
                "is_auto": False,
                "visibility": "public",
            }
            line = json.dumps(row) + "\n"
            file.write(line)


def bare(path: Path, folder: Path) -> int:
    """What DuckDB does with declared columns and nothing else."""
    import duckdb

    con = duckdb.connect(folder / "bare.duckdb")
    con.read_json(str(path), columns=COLUMNS, format="newline_delimited").to_table("messages")
    ((n_rows,),) = con.execute("select count(*) from messages").fetchall()
    con.close()
    return int(n_rows)


def ours(path: Path, folder: Path, keep_text: str) -> int:
    """The whole load: checked, keyed, deduplicated, booked."""
    from staffcast_pipelines.ingest import ingest

    (load,) = ingest(path, data_dir=folder / keep_text, keep_text=keep_text).files
    assert load.is_balanced
    return load.n_rows


def ours_raw(path: Path, folder: Path) -> int:
    """With redaction off."""
    return ours(path, folder, "raw")


def ours_redacted(path: Path, folder: Path) -> int:
    """As by default."""
    return ours(path, folder, "redacted")


def parsed(path: Path) -> Iterator[list[object]]:
    """Each line by the standard library: instants in UTC, hashed customers."""

    @cache
    def customer_key(customer_id: str) -> str:
        return hmac.digest(b"k" * 32, f"customer:default:{customer_id}".encode(), "sha256").hex()[:32]

    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            at = datetime.fromisoformat(row["timestamp"]).astimezone(UTC)
            row["timestamp"] = (at - EPOCH) // timedelta(microseconds=1)
            if row["sender_type"] == "customer":
                row["sender_id"] = customer_key(row["sender_id"])
            yield [row.get(name) for name in COLUMNS]


def stdlib_sqlite(path: Path, folder: Path) -> int:
    """The same work by hand, of equal identifiers the newest; all in the standard library."""
    con = sqlite3.connect(folder / "stdlib.sqlite")
    con.execute("create table messages (message_id text primary key, b, at_us, d, e, f, g, h, i)")
    cursor = con.executemany(
        "insert into messages values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (message_id) do update set"
        " b = excluded.b, at_us = excluded.at_us, d = excluded.d, e = excluded.e, f = excluded.f,"
        " g = excluded.g, h = excluded.h, i = excluded.i where excluded.at_us >= at_us",
        parsed(path),
    )
    con.commit()
    con.close()
    return int(cursor.rowcount)


def stdlib_duckdb(path: Path, folder: Path) -> int:
    """The same work by hand into DuckDB: batches of parsed lines, of equal identifiers the newest."""
    import duckdb
    import pyarrow as pa

    con = duckdb.connect(folder / "stdlib.duckdb")
    types = {"VARCHAR": pa.string(), "TIMESTAMP": pa.int64(), "BOOLEAN": pa.bool_()}
    kinds = [types[kind] for kind in COLUMNS.values()]
    n_rows = 0
    for batch in batched(parsed(path), 100_000):
        columns = [
            pa.array(values, kind) for values, kind in zip(zip(*batch, strict=True), kinds, strict=True)
        ]
        con.register("batch", pa.table(columns, list(COLUMNS)))
        way = "insert into staged from batch" if n_rows else "create table staged as from batch"
        con.execute(way)
        n_rows += len(batch)
    con.execute(
        "create table messages as from staged"
        " qualify row_number() over (partition by message_id order by timestamp desc) = 1"
    )
    con.execute("drop table staged")
    con.close()
    return n_rows


def batched(rows: Iterator[list[object]], size: int) -> Iterator[list[list[object]]]:
    """Rows in lists of at most ``size``."""
    while batch := list(islice(rows, size)):
        yield batch


def measure(
    function: Callable[[Path, Path], int], path: Path, folder: Path
) -> tuple[float, float, float, int]:
    """Processor seconds, wall seconds, peak MB and rows of one way in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (function, path, folder))


def _timed(
    function: Callable[[Path, Path], int], path: Path, folder: Path
) -> tuple[float, float, float, int]:
    import duckdb  # noqa: F401 - loading a library is no part of loading a file

    import staffcast_pipelines.ingest  # noqa: F401 - as above

    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    n_rows = function(path, folder)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, time.perf_counter() - started, after.ru_maxrss / 1024, n_rows


def clear(folder: Path) -> None:
    """Remove what the last way left."""
    for left in folder.iterdir():
        if left.suffix in (".duckdb", ".sqlite"):
            left.unlink()
        elif left.is_dir():
            shutil.rmtree(left)


WAYS: tuple[tuple[str, Callable[[Path, Path], int]], ...] = (
    ("bare read_json, typed table", bare),
    ("staffcast, raw text", ours_raw),
    ("json + hmac + sqlite3", stdlib_sqlite),
    ("json + hmac + arrow + duckdb", stdlib_duckdb),
    ("staffcast, redacted (default)", ours_redacted),
)


def compare(folder: Path, n_rows: int, *, is_repeated: bool) -> None:
    """Print the table of one file, then how the ways and a tenth of the rows compare in wall time."""
    whole, tenth = folder / "messages.jsonl", folder / "messages-tenth.jsonl"
    write(whole, n_rows, is_repeated=is_repeated)
    write(tenth, n_rows // TENTH, is_repeated=is_repeated)
    kind = "7 % repeated or changed" if is_repeated else "no line repeated"
    print(f"{n_rows:,} lines, {whole.stat().st_size / 1e6:,.0f} MB, {kind}")
    print(f"{'way':34}{'rows':>12}{'cpu s':>9}{'wall s':>9}{'MB':>7}{'x bare':>9}")
    walls, base = {}, 0.0
    for title, function, path in (
        *((title, function, whole) for title, function in WAYS),
        ("staffcast, raw, a tenth", ours_raw, tenth),
        ("bare again", bare, whole),
    ):
        clear(folder)
        cpu_s, walls[title], rss_mb, n = measure(function, path, folder)
        base = base or cpu_s
        ratio = cpu_s / base * n_rows / n
        print(f"{title:34}{n:12,}{cpu_s:9.1f}{walls[title]:9.1f}{rss_mb:7.0f}{ratio:9.2f}", flush=True)
    ours_s = walls["staffcast, raw text"]
    for title in ("json + hmac + sqlite3", "json + hmac + arrow + duckdb"):
        print(f"{title}: {walls[title] / ours_s:.1f} times as long")
    print(f"ten times the rows: {ours_s / walls['staffcast, raw, a tenth']:.1f} times as long\n")


def main() -> None:
    """Both files."""
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
    for is_repeated in (False, True):
        with tempfile.TemporaryDirectory() as name:
            compare(Path(name), n_rows, is_repeated=is_repeated)


if __name__ == "__main__":
    main()
