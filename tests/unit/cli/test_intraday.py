"""``staffcast intraday``: its formats, its lines, and one line for what cannot be."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import resolve
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Staffcast = Callable[..., Any]


def test_formats_hold_the_same_rows(staffcast: Staffcast, desk: Path) -> None:
    line = ("intraday", "-d", desk, "--at", "14:00")
    as_csv, as_json = (staffcast(*line, "-f", fmt) for fmt in ("csv", "json"))
    assert as_csv.code == as_json.code == 0, as_csv.err
    rows = list(csv.DictReader(io.StringIO(as_csv.out)))
    parsed = json.loads(as_json.out)
    assert len(rows) == len(parsed) > 14
    assert rows[0]["queue"] == ""
    assert {row["contacts"] is None for row in parsed} == {True, False}
    assert "so far" in as_csv.err
    shown = staffcast(*line, "-f", "table").out
    assert "The day as of 2026-11-15 14:00" in shown
    assert "net" in shown


def test_one_queue_and_given_agents(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("time,agents\n15:00,9\n", encoding="utf-8")
    line = ("intraday", "-d", desk, "--at", "14:00")
    done = staffcast(*line, "--scheduled", tmp_path / "agents.csv", "-f", "csv")
    rows = [row for row in csv.DictReader(io.StringIO(done.out)) if row["scheduled_agents"]]
    assert [(row["queue"], row["local_minute"], row["scheduled_agents"]) for row in rows] == [
        ("", "900", "9.0")
    ]
    name = next(row["queue"] for row in csv.DictReader(io.StringIO(done.out)) if row["queue"])
    one = staffcast(*line, "--queue", name, "-f", "csv")
    assert {row["queue"] for row in csv.DictReader(io.StringIO(one.out))} == {name}


def test_net_staffing_of_the_rest_of_the_day_from_the_schedules(
    staffcast: Staffcast, desk: Path, tmp_path: Path
) -> None:
    """The same desk in the middle of its last day: what is scheduled later is known and counts."""
    shutil.copytree(desk, tmp_path / "own")
    with Warehouse.open(tmp_path / "own") as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        settings, _ = resolve(data=defaults, flags={"as_of": "2026-11-15T14:00:00+01:00"})
        build(warehouse, settings, now=datetime(2026, 11, 16, tzinfo=UTC))
    line = ("intraday", "-d", tmp_path / "own", "-f", "csv")
    done = staffcast(*line)
    whole = [row for row in csv.DictReader(io.StringIO(done.out)) if not row["queue"]]
    rest = [row for row in whole if not row["contacts"]]
    assert len(rest) > 3
    for row in rest:
        assert float(row["net_agents"]) == float(row["scheduled_agents"]) - float(row["required_agents"])
    assert any(float(row["scheduled_agents"]) > 0 for row in rest)
    assert "--scheduled" not in done.err
    in_full = staffcast("intraday", "-d", desk, "--at", "14:00", "-f", "csv").out
    known = [row for row in csv.DictReader(io.StringIO(in_full)) if not row["queue"]]
    assert [row["scheduled_agents"] for row in whole] == [row["scheduled_agents"] for row in known]
    (tmp_path / "agents.csv").write_text("time,agents\n15:00,9\n", encoding="utf-8")
    given = staffcast(*line, "--scheduled", tmp_path / "agents.csv")
    rows = [row for row in csv.DictReader(io.StringIO(given.out)) if row["scheduled_agents"]]
    assert [row["scheduled_agents"] for row in rows] == ["9.0"]
    assert "the file of --scheduled has no agents for some of the rest" in given.err


@pytest.mark.parametrize(
    ("line", "words", "code"),
    [
        (("--at", "2027-01-01 10:00"), "after the data", 2),
        (("--at", "soon"), "is no time", 2),
        (("--at", "2020-01-06 10:00"), "no queue is open", 1),
        (("--queue", "nope"), "unknown queue 'nope'", 2),
        (("--scheduled", "absent.csv"), "not a CSV", 3),
        (("--scheduled", "bad.csv"), "bad.csv:2", 3),
        (("--every", "20"), "15, 30 or 60", 2),
    ],
)
def test_refusals(
    staffcast: Staffcast, desk: Path, tmp_path: Path, line: tuple[str, ...], words: str, code: int
) -> None:
    (tmp_path / "bad.csv").write_text("time,agents\nnoon,two\n", encoding="utf-8")
    done = staffcast("intraday", "-d", desk, *line)
    assert (done.code, words in done.err) == (code, True), done.err
    assert done.err.count("\n") == 1
