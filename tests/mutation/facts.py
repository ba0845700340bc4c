"""Mutants of the SQL that makes the facts: against the oracles of the facts, then against unit tests."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from tests.mutation.mutants import Mutant, sql_mutants
from tests.mutation.suite import unit_tests_fail
from tests.property.facts import test_agents_oracle, test_facts_oracle
from tests.property.facts.desks import desks
from tests.property.facts.oracle import stories
from tests.property.facts.oracle_agents import Agents
from tests.property.metrics.oracle.raw import rows_of
from tests.property.metrics.test_from_raw_records import RECENT_US, check_columns
from tests.unit.facts.desk import Desk

from staffcast.store import sql
from staffcast_pipelines import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

__all__ = ["judge", "mutants"]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "pipelines" / "staffcast_pipelines" / "sql"
OWN_NAMES = ("conversation_id", "agent_id", "customer_key", "contact_id", "sender_id")
OWN_IDS = ("event_id", "message_id")
AS_OF_S = 2_000
MEMORY = Path("/dev/shm")  # noqa: S108 - warehouses of mutants need no disk

REST = ("inference", "sources", "waits", "as_of", "conversation_parts")

UNIT_TESTS = {
    "agent": ("agent_time",),
    "presence": ("agent_time",),
    "day": ("agent_time", "load"),
    "cost": ("costs",),
    "survey": ("surveys_offers_states",),
    "offer": ("surveys_offers_states",),
    "arrivals": ("arrivals",),
    "business": ("clock",),
    "repeat": ("repeats",),
    "contact": ("repeats",),
    "turn": ("turns", "conversation_parts"),
    "target": ("conversation_parts", "turns"),
    "dimension": ("turns", *REST),
    "held": ("load", "legs"),
    "leg": ("legs", "load"),
    "load": ("load",),
    "hold": ("legs",),
    "span": ("legs", "load"),
    "active": ("load",),
    "effort": ("load",),
    "stretch": ("load",),
    "help": ("open_spans", "conversation_parts"),
    "open": ("open_spans",),
    "entry": ("waits", "conversation_parts"),
    "park": ("conversation_parts",),
    "farewell": ("conversation_parts",),
}
"""By a word in the name of a statement, the unit tests that are about it; those of others are the rest."""


def mutants() -> list[Mutant]:
    """Every mutant of every statement that makes staged tables or facts."""
    files = sorted([*FOLDER.glob("stg_*.sql"), *FOLDER.glob("fact_*.sql")])
    return [mutant for file in files for mutant in sql_mutants(file.name, file.read_text(encoding="utf-8"))]


@dataclass
class _Packaged:
    """Stands for ``importlib.resources``: one file has another text."""

    name: str
    text: str
    path: Any = field(default=None)

    def files(self, package: str) -> _Packaged:
        return _Packaged(self.name, self.text, resources.files(package))

    def __truediv__(self, part: str) -> _Packaged:
        return _Packaged(self.name, self.text, self.path / part)

    def read_text(self, encoding: str) -> str:
        is_it = self.path.name == self.name
        return self.text if is_it else str(self.path.read_text(encoding=encoding))


@contextlib.contextmanager
def _in_force(mutant: Mutant) -> Iterator[None]:
    sql.resources = _Packaged(mutant.place.partition(":")[0], mutant.result)  # type: ignore[attr-defined]
    _forget()
    try:
        yield
    finally:
        sql.resources = resources  # type: ignore[attr-defined]
        _forget()


def _forget() -> None:
    sql.sql_text.cache_clear()
    build._last_read_by.cache_clear()


def judge() -> Callable[[Mutant], str]:
    """Judges a mutant by two desks that are each made of many random ones, then by unit tests."""
    tempfile.tempdir = str(MEMORY) if MEMORY.is_dir() else None
    many, staffed = _drawn(desks(), 24), _drawn(test_agents_oracle.staffed(), 6)

    def verdict(mutant: Mutant) -> str:
        with _in_force(mutant):
            try:
                test_facts_oracle.check(_merged(many), AS_OF_S)
                _check_agents_and_labels(_merged(staffed))
            except duckdb.ParserException:
                return "invalid"
            except AssertionError:
                return "killed by oracles"
            except Exception:  # noqa: BLE001 - a mutant may fail in any way
                return "killed by errors"
            return "killed by unit tests" if _unit_tests_fail(mutant.place) else "survived"

    return verdict


def _check_agents_and_labels(desk: Desk) -> None:
    """Agents' time and costs, and every column and label that can be told from the records."""
    as_of = desk.us(AS_OF_S)
    with tempfile.TemporaryDirectory() as folder:
        built = desk.build(Path(folder), as_of=AS_OF_S)
    agents = Agents(desk, stories(desk, as_of), as_of, RECENT_US)
    test_agents_oracle.check_states(built, agents)
    test_agents_oracle.check_costs(built, agents)
    test_agents_oracle.check_totals(built)
    zone = ZoneInfo("UTC")
    check_columns(built.tables, rows_of(desk, as_of, recent_us=RECENT_US, zone=zone), zone)


def _drawn(strategy: SearchStrategy[Desk], number: int) -> list[Desk]:
    """The same examples in every run."""
    found: list[Desk] = []

    @settings(max_examples=number, derandomize=True, database=None, deadline=None, phases=(Phase.generate,),
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def draw(desk: Desk) -> None:
        found.append(desk)

    draw()
    return found


def _merged(parts: list[Desk]) -> Desk:
    """One desk of many, whose people and conversations do not meet; equal messages at one instant are one."""
    whole = Desk(settings=dict(parts[-1].settings))
    said = set()
    for number, part in enumerate(parts):
        for table, rows in part.tables.items():
            for row in rows:
                named = {name: f"{number}-{row[name]}" for name in OWN_NAMES if row.get(name) is not None}
                named |= {name: f"{number:03d}{row[name]}" for name in OWN_IDS if name in row}
                own = row | named
                item = (own.get("conversation_id"), own.get("timestamp_us"), own.get("sender_type"))
                if table == "messages" and item in said:
                    continue
                said.add(item)
                whole.tables.setdefault(table, []).append(own)
    return whole


def _unit_tests_fail(place: str) -> bool:
    words = place.partition(".")[0].split("_")[1:]
    wanted = {name for word in words for name in UNIT_TESTS.get(word, ())} or set(REST)
    folder = ROOT / "tests" / "unit" / "facts"
    files = sorted({str(file) for name in wanted for file in folder.glob(f"test_{name}.py")})
    if "load" in words:  # the SQL that the sweep in arrays stands for
        files.append(str(ROOT / "tests" / "property" / "facts" / "test_sweep.py"))
    return unit_tests_fail(files)
