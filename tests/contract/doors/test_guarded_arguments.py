"""Under the works-council profile the commands of an argument show no person and no small group either."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.contract.doors.test_works_council import MIN_GROUP, PEOPLE

from staffcast.core.config import resolve
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_cli.main import run
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.works_council import lock
from staffcast_sample_data import packaged_sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Door = Callable[[str], tuple[int, str]]

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def locked_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locked")
    ingest([packaged_sample()], data_dir=folder)
    with Warehouse.open(folder) as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        lock(warehouse, MIN_GROUP, now=NOW)
        build(warehouse, resolve(data=defaults)[0], now=NOW)
    return folder


@pytest.fixture
def door(
    locked_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Door:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAFFCAST_DATA_DIR", str(locked_dir))
    (tmp_path / "vendor.csv").write_text("value\n0.8\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text("conversation_id,value\nc1,5\n", encoding="utf-8")

    def call(line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["staffcast", *shlex.split(line)])
        code = 0
        try:
            run()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.mark.parametrize(
    "line",
    [
        "diff service_level",
        "diff handle_time -f json",
        "diff open_concurrency --by team",
        "diff csat --by last_agent_id",
        "diff missed_offer_rate --by agent_id",
        "reconcile -m service_level --vendor vendor.csv -f json",
        "reconcile -m csat --vendor vendor.csv",
        "reconcile -m csat --vendor list.csv",
        "reconcile -m first_response --vendor list.csv --rows",
        "concurrency",
        "concurrency -f json",
        "concurrency --where last_agent_id=a001",
        "fcr-curve",
        "csat",
        "csat --by topic -f json",
        "fcr-curve --by queue -f json",
        "fcr-curve --by last_agent_id",
        "audit bot -f json",
        "audit bot --rows --all -f json",
        "close 2026-10",
        "close --list",
        "close --restated",
    ],
)
def test_no_command_prints_a_person(line: str, door: Door) -> None:
    code, printed = door(line)
    assert code in (0, 1, 2)
    assert "internal error" not in printed
    assert not PEOPLE.search(printed.replace("a001", ""))


@pytest.mark.parametrize("metric", ["handle_time", "csat", "service_level", "answered"])
@pytest.mark.parametrize("dimension", ["queue", "hour", "weekday"])
def test_diff_shows_what_reports_show(metric: str, dimension: str, door: Door) -> None:
    """A part has numbers only where a report of either period has them."""
    period, versus = "2026-10-26..2026-10-27", "2026-10-24..2026-10-25"
    code, printed = door(f"diff {metric} -p {period} -v {versus} -b {dimension} -f json")
    if code:
        assert "works-council" in printed
        return
    shown = {
        row["part"] for row in json.loads(printed[: printed.rindex("]") + 1])
        if row["dimension"] and row["contribution"] is not None
    }  # fmt: skip
    for days in (period, versus):
        first, last = days.split("..")
        withheld = reported(door, f"report {metric} --from {first} --to {last} --by {dimension} -f json")
        assert not shown & {str(row[dimension]) for row in withheld}


def reported(door: Door, line: str) -> list[dict[str, Any]]:
    _, printed = door(line)
    rows: list[dict[str, Any]] = json.loads(printed[: printed.rindex("]") + 1])
    return [row for row in rows if row["null_reason"] == "suppressed"]
