"""``staffcast staff whatif``: every limit of a queue beside its replies."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Staffcast

    Row = dict[str, str]


def rows_of(text: str) -> list[Row]:
    return list(csv.DictReader(text.splitlines()))


def test_every_limit_has_its_agents_and_replies(staffcast: Staffcast, desk: Path) -> None:
    line = ("staff", "whatif", "--concurrency", "2..6", "--sl", "80/30", "--reply", "60/120")
    done = staffcast(*line, "-d", desk, "-f", "csv")
    assert done.code == 0
    rows = rows_of(done.out)
    queues = {row["queue"] for row in rows}
    assert len(rows) == 5 * len(queues)
    for queue in queues:
        own = [row for row in rows if row["queue"] == queue]
        assert [int(row["concurrency_limit"]) for row in own] == [2, 3, 4, 5, 6]
        assert [row["best"] for row in own].count("true") == 1
        best = next(row for row in own if row["best"] == "true")
        assert int(best["required_agents"]) == min(int(row["required_agents"]) for row in own)
        marks = [row["levels"] for row in own]
        assert marks == sorted(marks, reverse=True)  # measured levels first, extrapolated ones after them
        for row in own:
            assert float(row["service_level_share"]) >= 0.8
            assert float(row["replies_within_share"]) >= 0.6
            assert int(row["required_agents"]) - 1 < float(row["fractional_agents"])
    assert "extrapolated" in {row["levels"] for row in rows}


def test_a_stricter_reply_target_never_takes_fewer(staffcast: Staffcast, desk: Path) -> None:
    found = []
    for reply in ((), ("--reply", "50/120"), ("--reply", "70/120")):
        done = staffcast("staff", "whatif", "--concurrency", "4", *reply, "-d", desk, "-f", "csv")
        assert done.code == 0
        found.append([int(row["required_agents"]) for row in rows_of(done.out)])
    assert all(a <= b <= c for a, b, c in zip(*found, strict=True))


def test_people_read_percent_and_a_star(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("staff", "whatif", "--concurrency", "2..3", "-d", desk, "-f", "table")
    assert done.code == 0
    assert " *" in done.out
    assert " %" in done.out
    assert "accepted in time" in done.out


def test_replies_that_nobody_can_write_are_refused(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("staff", "whatif", "--reply", "95/5", "-d", desk)
    assert done.code == 1
    assert "cannot be met" in done.err
    assert "bring the work below" in done.err


def test_a_queue_out_of_reach_of_the_reply_target_says_so_and_shows_its_replies(
    staffcast: Staffcast, desk: Path
) -> None:
    line = ("staff", "whatif", "--concurrency", "2..3", "--sl", "80/30", "--reply", "70/90", "-d", desk)
    done = staffcast(*line, "-f", "csv")
    rows = rows_of(done.out)
    missed = {row["queue"] for row in rows if row["reply_target"] == "missed"}
    assert missed
    assert missed < {row["queue"] for row in rows}
    for row in rows:
        assert float(row["service_level_share"]) >= 0.8
        assert (float(row["replies_within_share"]) > 0.7 - 1e-9) == (row["reply_target"] == "met")
        assert row["queue"] not in missed or row["best"] == "false"
    said = [text.partition(":")[0] for text in done.err.splitlines() if "cannot be met" in text]
    assert set(said) == missed
    assert "(missed)" in staffcast(*line, "-f", "table").out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("whatif", "--concurrency", "x"), "--concurrency: 'x' is not a limit"),
        (("whatif", "--concurrency", "6..2"), "must be between 1 and 10"),
        (("whatif", "--concurrency", "0"), "must be between 1 and 10"),
        (("whatif", "--reply", "80"), "--reply: '80' is not a target"),
        (("--concurrency", "2..3"), "belong to whatif"),
        (("--reply", "80/90"), "belongs to whatif"),
    ],
)
def test_wrong_lines_say_what_to_write(
    staffcast: Staffcast, desk: Path, line: tuple[str, ...], message: str
) -> None:
    done = staffcast("staff", *line, "-d", desk)
    assert done.code == 2
    assert message in done.err
