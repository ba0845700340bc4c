"""When the last generation is continued, and when everything is built anew."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.property.facts.portions import feed
from tests.property.facts.test_incremental import differences, tables
from tests.unit.facts.desk import NOW, Desk

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError
from staffcast.store.generations import current_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import STEPS, BuildReport, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

N_CHATS = 12


def rows(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    return [(table, row) for table, all_rows in desk.tables.items() for row in all_rows]


def a_week() -> Desk:
    desk = Desk()
    for number in range(N_CHATS):
        at = number * 40_000
        chat = desk.chat(f"c{number}", at, customer=f"k{number}").customer(at).queued(at + 5, "support")
        chat.accepted(at + 20, "anna").agent(at + 60).closed(at + 300)
    desk.row("agents", agent_id="anna", team="x")
    desk.row("queues", queue="support", timezone="UTC")
    desk.row("targets", metric="reply_within", within_s=60.0, share=0.8)
    return desk


@pytest.fixture(scope="module")
def built_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week") / "data"
    with Warehouse.open(folder, create=True) as opened:
        feed(opened, rows(a_week()), 1)
        assert built(opened).full_because == "no generation was to be continued"
    return folder


@pytest.fixture
def warehouse(built_folder: Path, tmp_path: Path) -> Iterator[Warehouse]:
    shutil.copytree(built_folder, tmp_path / "data")
    with Warehouse.open(tmp_path / "data") as opened:
        yield opened


def built(warehouse: Warehouse, *, full: bool = False, **settings: Any) -> BuildReport:
    return build(warehouse, Settings(**settings), now=NOW, full=full)


def add(warehouse: Warehouse, desk: Desk, load_id: int = 2) -> None:
    feed(warehouse, rows(desk), load_id)


def after(table: str, **columns: Any) -> Desk:
    return Desk().row(table, **columns)


def test_nothing_new_builds_nothing(warehouse: Warehouse) -> None:
    before = tables(warehouse.data_dir)
    report = built(warehouse)
    assert (report.full_because, report.n_built) == ("", 1)  # the one that closed at as_of itself
    assert report.generation.number == 2
    assert not differences(before, tables(warehouse.data_dir))


def test_a_late_answer_builds_its_conversation_alone(warehouse: Warehouse) -> None:
    desk = Desk()
    desk.row("surveys", survey_id="s", conversation_id="c3", sent_at_us=desk.us(120_400),
             responded_at_us=desk.us(130_000), csat=5.0)  # fmt: skip
    add(warehouse, desk)
    report = built(warehouse)
    assert (report.full_because, report.n_built) == ("", 2)


def test_a_changed_hold_builds_all_that_shared_the_agents_day(warehouse: Warehouse) -> None:
    desk = Desk()
    desk.chat("late", 40_010, customer=None).accepted(40_010, "anna").closed(40_100)
    add(warehouse, desk)
    report = built(warehouse)
    # itself, c1 on the same evening, c0 on that morning, and the one that closed at as_of
    assert (report.full_because, report.n_built) == ("", 4)


@pytest.mark.parametrize(
    ("desk", "reason"),
    [
        (
            after("targets", metric="reply_within", within_s=30.0, share=0.8, queue="support"),
            "targets changed",
        ),
        (after("queues", queue="support", timezone="Europe/Berlin"), "opening hours or zones changed"),
        (
            after(
                "queues", queue="support", timezone="UTC", hours='{"weekly": {"mon": [["09:00", "17:00"]]}}'
            ),
            "opening hours or zones changed",
        ),
        (
            after("conversations", conversation_id="old", created_at_us=Desk().us(-90_000)),
            "the data begin on another day",
        ),
        (Desk().row("queues", queue="new", timezone="Asia/Tokyo"), ""),
        (after("agents", agent_id="bea", team="y"), ""),
    ],
)
def test_what_makes_a_generation_no_base(warehouse: Warehouse, desk: Desk, reason: str) -> None:
    add(warehouse, desk)
    assert built(warehouse).full_because == reason


def test_other_settings_build_all(warehouse: Warehouse) -> None:
    assert built(warehouse, active_recent_s=60.0).full_because == "rules or settings changed"
    assert built(warehouse, active_recent_s=60.0).full_because == ""
    assert built(warehouse, active_recent_s=60.0, timezone="Asia/Tokyo").full_because != ""


def test_settings_that_no_fact_reads_build_nothing(warehouse: Warehouse) -> None:
    assert built(warehouse, fcr_window_days=3, service_level_within_s=5.0).full_because == ""


def test_an_earlier_as_of_builds_all(warehouse: Warehouse) -> None:
    as_of = datetime(2026, 11, 4, tzinfo=UTC).isoformat()
    assert built(warehouse, as_of=as_of).full_because == "as_of moved back"


@pytest.mark.parametrize("table", ["loads", "agents"])
def test_what_is_gone_builds_all(warehouse: Warehouse, table: str) -> None:
    warehouse.con.execute(f"delete from {table}")
    assert built(warehouse).full_because == f"{table} were removed"


def test_much_that_changed_builds_all(warehouse: Warehouse) -> None:
    add(warehouse, a_week())
    assert built(warehouse).full_because == "too much changed"


def test_a_team_that_changes_needs_no_full_build(warehouse: Warehouse) -> None:
    add(warehouse, after("agents", agent_id="anna", team="z"))
    assert built(warehouse).full_because == ""
    found = tables(warehouse.data_dir)
    built(warehouse, full=True)
    assert not differences(found, tables(warehouse.data_dir))


@pytest.mark.parametrize("damage", ["pointer", "file", "missing"])
def test_a_damaged_generation_is_built_anew(warehouse: Warehouse, damage: str) -> None:
    before = tables(warehouse.data_dir)
    generation = current_generation(warehouse.data_dir)
    assert generation is not None
    if damage == "pointer":
        (generation.path.parent / "current.json").write_text("{")
    elif damage == "file":
        generation.path.write_bytes(b"no database" * 1000)
    else:
        generation.path.unlink()
    assert built(warehouse).full_because == "no generation was to be continued"
    assert not differences(before, tables(warehouse.data_dir))


def test_a_failure_on_the_way_leaves_the_last_generation_and_a_usable_warehouse(warehouse: Warehouse) -> None:
    add(warehouse, after("queues", queue="support", hours="{"))
    before = tables(warehouse.data_dir)
    with pytest.raises(ConfigError, match="queue 'support'"):
        built(warehouse)
    assert not differences(before, tables(warehouse.data_dir))
    names = sorted(path.name for path in (warehouse.data_dir / "generations").iterdir())
    assert names == ["current.json", "gen-000001.duckdb"]
    attached = warehouse.con.sql("select database_name from duckdb_databases() where not internal").fetchall()
    assert attached == [("warehouse",)]
    add(warehouse, after("queues", queue="support", timezone="UTC"), 3)
    assert built(warehouse).full_because == ""


@pytest.mark.parametrize("full", [True, False])
def test_progress_counts_up_to_its_total(warehouse: Warehouse, full: bool) -> None:  # noqa: FBT001 - a case
    told: list[tuple[str, int, int]] = []
    build(warehouse, Settings(), now=NOW, full=full, progress=lambda *step: told.append(step))
    numbers = [number for _, number, _ in told]
    assert numbers == sorted(numbers)
    assert {total for _, _, total in told} == {len(STEPS) + 1}
    assert max(numbers) == len(STEPS)
    assert told[-1][0] == "publish"
