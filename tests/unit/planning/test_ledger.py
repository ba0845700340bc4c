"""Records are added one by one, whole, and by several processes at once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import WarehouseError
from staffcast.planning.ledger import add_record, records

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_count_up_and_ledgers_are_apart(tmp_path: Path) -> None:
    assert [add_record(tmp_path, "a", {"n": n}).number for n in range(3)] == [1, 2, 3]
    assert add_record(tmp_path, "b", {}).number == 1
    assert [record.content["n"] for record in records(tmp_path, "a")] == [0, 1, 2]
    assert records(tmp_path, "never") == []


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    path = add_record(tmp_path, "a", {}).path
    assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: add_record(tmp_path, "a", {"n": n}).number, range(40)))
    assert sorted(numbers) == list(range(1, 41))
    assert sorted(record.content["n"] for record in records(tmp_path, "a")) == list(range(40))


def test_what_a_crash_left_is_not_read(tmp_path: Path) -> None:
    add_record(tmp_path, "a", {"n": 1})
    (tmp_path / "forecasts" / "a" / "tmpabc.tmp").write_text('{"n":', encoding="utf-8")
    assert [record.content["n"] for record in records(tmp_path, "a")] == [1]


@pytest.mark.parametrize("text", ["", "{", "[1]", '"text"'])
def test_a_damaged_record_is_named(tmp_path: Path, text: str) -> None:
    path = add_record(tmp_path, "a", {"n": 1}).path
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"000001\.json is damaged"):
        records(tmp_path, "a")


def test_a_disk_that_refuses_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_record(tmp_path, "a", {"n": 1})

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device", handle)

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(WarehouseError, match="No space left"):
        add_record(tmp_path, "a", {"n": 2})
    assert [path.name for path in (tmp_path / "forecasts" / "a").iterdir()] == ["000001.json"]
    assert json.loads((tmp_path / "forecasts" / "a" / "000001.json").read_text(encoding="utf-8")) == {"n": 1}


WRITER = """
import sys
from pathlib import Path
from staffcast.planning.ledger import add_record
for number in range(100_000):
    add_record(Path(sys.argv[1]), "a", {"text": "x" * 20_000, "end": True})
    if not number:
        print("begun", flush=True)
"""


def test_a_killed_writer_leaves_whole_records(tmp_path: Path) -> None:
    for pause_s in (0.0, 0.013, 0.031):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(pause_s)
            writer.kill()
    found = records(tmp_path, "a")
    assert [record.number for record in found] == list(range(1, len(found) + 1))
    assert all(record.content["end"] for record in found)
    assert add_record(tmp_path, "a", {"end": True}).number == len(found) + 1
