"""``staffcast staff messaging``: threads that are parked while the customer is silent."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Staffcast

LINE = ("staff", "messaging", "--sl", "80/30", "--days", "1", "--model", "average")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_sticky_returns_are_the_default_and_meet_the_targets(staffcast: Staffcast, desk: Path) -> None:
    line = (*LINE, "--reply", "60/120", "-d", desk, "-f", "csv")
    done = staffcast(*line)
    assert done.code == 0
    rows = rows_of(done.out)
    assert rows
    for row in rows:
        assert int(row["required_agents"]) >= 1
        assert float(row["service_level_share"]) >= 0.8 - 1e-9
        assert float(row["replies_within_share"]) >= 0.6 - 1e-9
        assert (float(row["expected_returns"]) > 0) == (float(row["expected_threads"]) > 0)
        assert 0 <= float(row["over_limit_share"]) < 0.5
    assert max(float(row["over_limit_share"]) for row in rows) > 0
    assert rows_of(staffcast(*line, "--return", "sticky").out) == rows
    assert "parked after 600 s of silence" in done.err
    assert "agent-hours with sticky returns" in done.err
    assert "if pooled" in done.err


def test_with_pooled_returns_nobody_is_over_the_limit(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast(*LINE, "--return", "pooled", "-d", desk, "-f", "json")
    assert done.code == 0
    rows = json.loads(done.out)
    assert all(row["over_limit_share"] == 0 and row["replies_within_share"] is None for row in rows)
    assert all(row["service_level_share"] >= 0.8 for row in rows)
    assert "if sticky" in done.err


def test_people_read_a_table_and_files_keep_rows(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    done = staffcast(*LINE, "-d", desk, "-f", "table")
    assert done.code == 0
    for word in ("Messaging threads, sticky returns", "new threads", "over limit", " %"):
        assert word in done.out
    kept = tmp_path / "threads.csv"
    assert staffcast(*LINE, "-d", desk, "-o", kept).code == 0
    queue = rows_of(kept.read_text(encoding="utf-8"))[0]["queue"]
    one = rows_of(staffcast(*LINE, "--queue", queue, "-d", desk, "-f", "csv").out)
    assert {row["queue"] for row in one} == {queue}


def test_slots_that_are_freed_sooner_are_taken_again_more_often(staffcast: Staffcast, desk: Path) -> None:
    returns = [
        sum(float(row["expected_returns"]) for row in rows_of(done.out))
        for done in (
            staffcast(*LINE, "--return", "pooled", "--park-after", after, "-d", desk, "-f", "csv")
            for after in ("120", "600", "7200")
        )
    ]
    assert returns == sorted(returns, reverse=True)
    assert returns[0] > 1.2 * returns[1] > 1.2 * returns[2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("--return", "sticky"), "belong to messaging"),
        (("day", "--park-after", "60"), "belong to messaging"),
        (("messaging", "--return", "own"), "own"),
        (("messaging", "--concurrency", "2..3"), "belong to whatif"),
        (("messaging", "--min-agents", "2"), "belong to day"),
        (("messaging", "--park-after", "0"), "park-after"),
    ],
)
def test_wrong_lines_say_what_to_write(
    staffcast: Staffcast, desk: Path, line: tuple[str, ...], message: str
) -> None:
    done = staffcast("staff", *line, "-d", desk)
    assert done.code == 2
    assert message in done.err
