"""Under the works-council profile nobody's own hourly cost or limit is published, and all totals stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
from tests.property.facts.portions import feed
from tests.unit.facts.desk import NOW, Desk

from staffcast.core.config import Settings
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.loading.keys import Keyring

if TYPE_CHECKING:
    from pathlib import Path

RATES = {"anna": (36.0, 2), "bea": (18.0, 3), "cleo": (54.1, 7)}


def desk() -> Desk:
    made = Desk()
    for number, (who, (rate, limit)) in enumerate(RATES.items()):
        made.row("agents", agent_id=who, hourly_cost=rate, max_concurrency=limit)
        made.row("schedules", agent_id=who, activity="shift", started_at_us=made.us(0),
                 ended_at_us=made.us(1000 + number * 777), paid=True)  # fmt: skip
        made.status(who, "available", 0, 900).status(who, "break", 900, 1500)
        for chat in range(number + 1):
            made.chat(f"{who}{chat}").queued(0).accepted(chat * 10, who).closed(400)
    return made


def published(folder: Path, **settings: Any) -> dict[str, list[dict[str, Any]]]:
    """Rows of the published file itself, which no reader shows under the profile."""
    made = desk()
    as_of: datetime = made.start + timedelta(seconds=4000)
    folder.mkdir()
    Keyring.open(folder, create=True)
    with Warehouse.open(folder, create=True) as warehouse:
        feed(warehouse, [(table, row) for table, rows in made.tables.items() for row in rows], 1)
        generation = build(warehouse, Settings(as_of=as_of.isoformat(), **settings), now=NOW).generation
    with duckdb.connect(str(generation.path), read_only=True) as con:
        return {name: con.sql(f"from {name}").pl().to_dicts() for name in ("fact_agent_state", "fact_cost")}


def total(rows: list[dict[str, Any]], column: str, **where: object) -> int:
    return sum(row[column] for row in rows if all(row[name] == value for name, value in where.items()))


def test_totals_stay_and_rates_are_gone(tmp_path: Path) -> None:
    plain = published(tmp_path / "plain")
    level = published(tmp_path / "level", works_council="on", min_group=2)
    for table in ("fact_agent_state", "fact_cost"):
        assert total(level[table], "cost_micros") == total(plain[table], "cost_micros") > 0
    states = level["fact_agent_state"]
    for productive in (True, False):
        slots = [
            total(rows["fact_agent_state"], "slot_us", is_productive=productive) for rows in (plain, level)
        ]
        assert slots[0] == slots[1] > 0
    paid = [row for row in states if row["paid"] == "paid"]
    average = total(paid, "cost_micros") / total(paid, "state_us")
    assert all(abs(row["cost_micros"] - row["state_us"] * average) <= 1 for row in paid)
    assert all(abs(row["cost_micros"] - row["paid_us"] * average) <= 1 for row in level["fact_cost"])
    assert {row["slots"] for row in states} == {None}
    limits = [row["slot_us"] / row["state_us"] for row in states if row["is_productive"]]
    assert max(limits) - min(limits) < 1e-6
    keys = [row["cost_key"] for row in level["fact_cost"]]
    assert len(set(keys)) == len(keys) == len(plain["fact_cost"])
    assert not [key for key in keys if any(who in key for who in RATES)]
