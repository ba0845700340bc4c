"""``staffcast staff day``: the plan with backlog carried over."""

from __future__ import annotations

import csv
import itertools
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Staffcast

LINE = ("staff", "day", "--sl", "80/30", "--days", "3", "--model", "average")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def hours(rows: list[dict[str, str]]) -> float:
    return sum(int(row["required_agents"]) * float(row["open_h"]) for row in rows)


def test_every_interval_meets_the_target(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast(*LINE, "-d", desk, "-f", "csv")
    assert done.code == 0
    rows = rows_of(done.out)
    assert rows
    for row in rows:
        assert float(row["service_level_share"]) >= 0.8 - 1e-9
        assert int(row["required_agents"]) >= 1
        assert (row["is_missed"] == "true") == (
            float(row["hour_by_hour_share"]) < 0.8 and float(row["expected_contacts"]) > 0
        )
    assert "agent-hours; hour by hour" in done.err
    plain = staffcast("staff", *LINE[2:], "-d", desk, "-f", "csv")
    apart = {(row["queue"], row["interval_at"]): row["required_agents"] for row in rows_of(plain.out)}
    assert {(row["queue"], row["interval_at"]): row["hour_by_hour_agents"] for row in rows} == apart


def test_rules_are_kept_and_cost_hours(staffcast: Staffcast, desk: Path) -> None:
    free = rows_of(staffcast(*LINE, "-d", desk, "-f", "csv").out)
    done = staffcast(
        *LINE, "--min-agents", "2", "--max-rise", "1", "--max-fall", "1", "-d", desk, "-f", "csv"
    )
    assert done.code == 0
    ruled = rows_of(done.out)
    assert min(int(row["required_agents"]) for row in ruled) == 2
    assert hours(ruled) >= hours(free)
    for before, row in itertools.pairwise(ruled):
        if (before["queue"], before["local_date"]) == (row["queue"], row["local_date"]):
            assert abs(int(row["required_agents"]) - int(before["required_agents"])) <= 1


def test_on_average_takes_no_more_and_meets_the_target_over_the_day(staffcast: Staffcast, desk: Path) -> None:
    every = rows_of(staffcast(*LINE, "-d", desk, "-f", "csv").out)
    done = staffcast(*LINE, "--on-average", "-d", desk, "-f", "csv")
    assert done.code == 0
    rows = rows_of(done.out)
    assert hours(rows) <= hours(every)
    in_time = sum(float(row["expected_contacts"]) * float(row["service_level_share"]) for row in rows)
    assert in_time / sum(float(row["expected_contacts"]) for row in rows) >= 0.8 - 1e-9


def test_people_read_a_table_for_each_queue_and_programs_json(
    staffcast: Staffcast, desk: Path, tmp_path: Path
) -> None:
    done = staffcast(*LINE, "-d", desk, "-f", "table")
    assert done.code == 0
    for word in ("With everything carried over", "hour by hour", "promised", " %"):
        assert word in done.out
    queue = rows_of(staffcast(*LINE, "-d", desk, "-f", "csv").out)[0]["queue"]
    one = json.loads(staffcast(*LINE, "--queue", queue, "-d", desk, "-f", "json").out)
    assert {row["queue"] for row in one} == {queue}
    kept = tmp_path / "day.csv"
    assert staffcast(*LINE, "-d", desk, "-o", kept).code == 0
    assert rows_of(kept.read_text(encoding="utf-8"))[0]["queue"] == queue


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("staff", "--min-agents", "2"), "belong to day"),
        (("staff", "whatif", "--on-average"), "belong to day"),
        (("staff", "day", "--reply", "80/90"), "belongs to whatif"),
        (("staff", "day", "--max-rise", "0"), "max-rise"),
    ],
)
def test_wrong_lines_say_what_to_write(
    staffcast: Staffcast, desk: Path, line: tuple[str, ...], message: str
) -> None:
    done = staffcast(*line, "-d", desk)
    assert done.code == 2
    assert message in done.err
