"""Builds that continue the last generation know which agents' days and which costs to make anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.property.facts.portions import feed
from tests.property.facts.test_incremental import differences, tables
from tests.unit.facts.desk import NOW, Desk

from staffcast.core.config import Settings
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import BuildReport, build
from staffcast_pipelines.delta import changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = 86_400


@pytest.fixture(autouse=True)
def _never_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LARGEST_SHARE", 1000)


def a_week() -> Desk:
    """A bot chat and a human chat a day; anna is scheduled and listed, bea is neither."""
    desk = Desk()
    desk.row("agents", agent_id="anna", hourly_cost=36.0, max_concurrency=2)
    for day in range(5):
        at = day * DAY
        desk.chat(f"bot{day}", at, bot_billed=True).customer(at).bot(at + 5).closed(at + 60)
        for who in ("anna", "bea"):
            desk.chat(f"{who}{day}", at).customer(at).queued(at).accepted(at + 10, who).agent(at + 20).closed(
                at + 300
            )
        shift(desk, "anna", day)
        desk.status("anna", "available", at, at + 1000)
    desk.row("costs", channel="bot", kind="price", period_start="2026-11-02", period_end="2026-11-04",
             unit_price=0.5)  # fmt: skip
    return desk


def shift(desk: Desk, who: str, day: int) -> Desk:
    at = day * DAY
    return desk.row("schedules", agent_id=who, activity="shift", started_at_us=desk.us(at),
                    ended_at_us=desk.us(at + 1000), paid=True)  # fmt: skip


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(tmp_path / "data", create=True) as opened:
        add(opened, a_week(), 1)
        assert built(opened).full_because == "no generation was to be continued"
        yield opened


def add(warehouse: Warehouse, desk: Desk, load_id: int = 2) -> None:
    feed(warehouse, [(table, row) for table, rows in desk.tables.items() for row in rows], load_id)


def built(warehouse: Warehouse, *, full: bool = False) -> BuildReport:
    return build(warehouse, Settings(agent_hourly_cost=18.0), now=NOW, full=full)


def continued(warehouse: Warehouse) -> dict[str, Any]:
    """Build on, make sure that a full build says the same, and return what it says."""
    assert built(warehouse).full_because == ""
    found = tables(warehouse.data_dir)
    built(warehouse, full=True)
    assert not differences(found, tables(warehouse.data_dir))
    return found


def test_a_schedule_that_comes_late_is_paid_on_its_day(warehouse: Warehouse) -> None:
    before = tables(warehouse.data_dir)
    add(warehouse, shift(Desk(), "bea", 1))
    assert continued(warehouse)["fact_cost"] != before["fact_cost"]


def test_another_price_counts_on_its_days(warehouse: Warehouse) -> None:
    before = tables(warehouse.data_dir)
    add(warehouse, Desk().row("costs", channel="bot", kind="price", period_start="2026-11-03",
                              period_end="2026-11-05", unit_price=0.75))  # fmt: skip
    assert continued(warehouse)["fact_cost"] != before["fact_cost"]


def test_a_topic_that_changes_is_told_of_the_costs_too(warehouse: Warehouse) -> None:
    before = tables(warehouse.data_dir)
    desk = Desk()
    desk.chat("anna1", DAY, topic="login")
    add(warehouse, desk)
    assert continued(warehouse)["fact_cost"] != before["fact_cost"]


@pytest.mark.parametrize("more", [{"hourly_cost": 40.0}, {"max_concurrency": 3}, {"type": "bot"}])
def test_another_cost_or_limit_of_a_known_agent_builds_everything_anew(
    warehouse: Warehouse, more: dict[str, Any]
) -> None:
    known = {"agent_id": "anna", "hourly_cost": 36.0, "max_concurrency": 2}
    add(warehouse, Desk().row("agents", **known | more))
    assert built(warehouse).full_because == "what agents may hold or cost changed"


def test_an_agent_who_is_listed_later_as_nothing_special_changes_nothing(warehouse: Warehouse) -> None:
    add(
        warehouse,
        Desk().row("agents", agent_id="bea", team="x").row("agents", agent_id="new", hourly_cost=99.0),
    )
    continued(warehouse)
