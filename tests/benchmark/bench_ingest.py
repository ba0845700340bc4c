"""Loading JSON lines beside a bare ``read_json`` into a typed table and beside the standard library's route.

Run: python tests/benchmark/bench_ingest.py [ROWS]   (3,000,000 by default; needs about 3 GB of disk)

Every way runs in a process of its own on the same file; what counts is the ratio of processor seconds within
one run. 5 % of the lines are repeated and 2 % come a second time with another text.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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
STDLIB_SHARE = 10
"""The standard library's route runs on a tenth of the rows."""


def write(path: Path, n_rows: int) -> None:
    """Messages of ten a conversation, three seconds apart."""
    rng = random.Random(1)  # noqa: S311 - reproducible, not secret
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    line = ""
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            chance = rng.random()
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


def stdlib(path: Path, folder: Path) -> int:
    """json, fromisoformat, a dict to deduplicate, and sqlite3."""
    import sqlite3

    con = sqlite3.connect(folder / "stdlib.sqlite")
    names = list(COLUMNS)
    con.execute("create table messages (a primary key, b, c, d, e, f, g, h, i)")
    n_rows = 0
    newest: dict[str, tuple[object, ...]] = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            row["timestamp"] = datetime.fromisoformat(row["timestamp"]).timestamp()
            newest[row["message_id"]] = tuple(row[name] for name in names)
            n_rows += 1
    con.executemany("insert or replace into messages values (?, ?, ?, ?, ?, ?, ?, ?, ?)", newest.values())
    con.commit()
    return n_rows


def measure(
    function: Callable[[Path, Path], int], path: Path, folder: Path
) -> tuple[float, float, float, int]:
    """Processor seconds, wall seconds, peak MB and rows of one way in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (function, path, folder))


def _timed(
    function: Callable[[Path, Path], int], path: Path, folder: Path
) -> tuple[float, float, float, int]:
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    n_rows = function(path, folder)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, time.perf_counter() - started, after.ru_maxrss / 1024, n_rows


def main() -> None:
    """Print the table."""
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, tenth = folder / "messages.jsonl", folder / "messages-tenth.jsonl"
        write(whole, n_rows)
        write(tenth, n_rows // STDLIB_SHARE)
        print(f"{n_rows:,} lines, {whole.stat().st_size / 1e6:,.0f} MB")
        print(f"{'way':34}{'rows':>12}{'cpu s':>9}{'wall s':>9}{'MB':>7}{'x bare':>9}")
        base = 0.0
        for title, function, path in (
            ("bare read_json, typed table", bare, whole),
            ("staffcast, raw text", ours_raw, whole),
            ("bare again", bare, whole),
            ("staffcast, redacted (default)", ours_redacted, whole),
            ("staffcast, raw, a tenth", ours_raw, tenth),
            ("stdlib json + sqlite3, a tenth", stdlib, tenth),
        ):
            for left in folder.iterdir():
                if left.suffix in (".duckdb", ".sqlite"):
                    left.unlink()
                elif left.is_dir():
                    for file in left.iterdir():
                        file.unlink()
            cpu_s, wall_s, rss_mb, n = measure(function, path, folder)
            base = cpu_s if function is bare else base
            ratio = cpu_s / base * n_rows / n
            print(f"{title:34}{n:12,}{cpu_s:9.1f}{wall_s:9.1f}{rss_mb:7.0f}{ratio:9.2f}", flush=True)


if __name__ == "__main__":
    main()
