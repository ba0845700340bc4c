"""The build: from canonical tables to facts, and to a published generation.

Each fact is one ``.sql`` file that yields its own columns and, as ``<cohort>_at_us``, the instants that
decide its periods. The build joins the conversation's dimensions and the local time labels to it, casts
everything to the declared fact schema, so that a file cannot drift from the contract, and writes it into
the generation. The warehouse itself holds no facts. Where the last generation can be continued, only what
may have changed is built anew (see ``delta``); the result is the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import duckdb

from staffcast.core.enums import EVENT_ORDER
from staffcast.core.errors import WarehouseError
from staffcast.store.facts import FACT_TABLES, fact_table
from staffcast.store.generations import Draft, Generation, current_generation, draft
from staffcast.store.sql import fill, sql_text
from staffcast_pipelines import build_inputs as inputs
from staffcast_pipelines.cost_days import write_cost_days
from staffcast_pipelines.delta import changes, replace, scope
from staffcast_pipelines.fact_query import fact_query
from staffcast_pipelines.farewells import FAREWELLS
from staffcast_pipelines.reply_chains import message_roots
from staffcast_pipelines.sweep import write_load
from staffcast_pipelines.works_council import apply_profile, forget_earlier, prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.works_council import Profile

__all__ = ["PUBLISHED", "STEPS", "BuildReport", "build"]

STAGES: tuple[str, ...] = (
    "stg_message",
    "stg_conversation",
    "stg_event",
    "stg_dimension",
    "stg_hold",
    "stg_span",
    "stg_release",
    "stg_leg",
    "stg_milestone",
    "stg_turn",
    "stg_active",
    "stg_stretch",
)
"""The SQL files up to the stretches of each leg, in the order in which they need one another."""

MEASURED: tuple[str, ...] = (
    "stg_entry",
    "stg_park",
    "stg_target",
    "stg_farewell",
    "stg_business",
    "stg_elapsed",
    "stg_held",
    "stg_change",
)
"""What the stretches tell of conversations and agents."""

STEPS: tuple[str, ...] = (
    "stg_trait",
    "stg_agent",
    "stg_day",
    *STAGES,
    "stg_load",
    "stg_effort",
    *MEASURED,
    "fact_contact",
    "stg_repeat",
    "fact_leg_load",
    "fact_agent_load",
    "fact_leg",
    "fact_offer",
    "fact_survey",
    "fact_survey_leg",
    "fact_queue_entry",
    "fact_conversation",
    "fact_turn",
    "fact_open_span",
    "fact_arrivals",
    "fact_help_session",
    "stg_presence",
    "fact_agent_state",
    "fact_schedule_ahead",
    "fact_cost",
)
"""All of them."""

PUBLISHED: tuple[str, ...] = ("agents", "queues", "targets", "loads", "quarantine", "source_config")
"""Canonical tables that readers need beside the facts."""

_LEAST_MEMORY_GIB = 4
_MEMORY_SHARE = 0.6
"""Of what DuckDB would take, which is four fifths of the machine."""

_BELOW_CONVERSATION = (
    "fact_leg_load",
    "fact_leg",
    "fact_offer",
    "fact_survey",
    "fact_survey_leg",
    "fact_queue_entry",
    "fact_turn",
    "fact_open_span",
)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made.

    Attributes:
        generation: The published generation.
        n_rows: Rows by fact table.
        as_of_us: Instant that the facts are true for.
        full_because: Why everything was built anew; empty if the last generation was continued.
        n_built: Conversations that were built anew.
    """

    generation: Generation
    n_rows: dict[str, int]
    as_of_us: int
    full_because: str
    n_built: int


def build(
    warehouse: Warehouse,
    settings: Settings,
    *,
    now: datetime,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    full: bool = False,
) -> BuildReport:
    """Build all facts from the canonical tables and publish them as a generation.

    Args:
        warehouse: The open warehouse.
        settings: Report time zone, survey scale, as_of and the like.
        now: Instant of the publication.
        progress: Called before each step with its name, its number from 0 and the number of steps.
        full: Build everything anew into an empty file, whatever the last generation holds.

    Raises:
        DataQualityError: There are neither conversations nor messages.
        WarehouseError: The disk refuses.
        ConfigError: The opening hours of a queue are malformed.
    """
    _drop_facts_of_version_1(warehouse)
    _limit_memory(warehouse)
    profile = prepare(warehouse, settings)
    base = None if full or profile.is_on else _last(warehouse)
    try:
        with draft(warehouse, base=base) as started:
            report = _Build(started, settings, profile, progress).run(now)
    except WarehouseError:
        if base is None:
            raise
        with draft(warehouse) as started:  # for the generation to be continued may be damaged
            report = _Build(started, settings, profile, progress).run(now)
    forget_earlier(report.generation, profile)
    return report


def _drop_facts_of_version_1(warehouse: Warehouse) -> None:
    """Warehouses once held the facts themselves."""
    names = {name for (name,) in warehouse.con.sql("select table_name from duckdb_tables()").fetchall()}
    for name in ("message_roots", *(table.name for table in FACT_TABLES)):
        if name in names:
            warehouse.con.execute(fill("drop table {{name}}", name=f"main.{name}"))


def _limit_memory(warehouse: Warehouse) -> None:
    """Half of the machine, but not less than a million conversations need; beyond it DuckDB spills."""
    warehouse.con.execute("reset memory_limit")
    amount, unit = warehouse.con.sql("select current_setting('memory_limit')").fetchall()[0][0].split()
    all_gib = float(amount) * {"TiB": 1024, "GiB": 1}.get(unit, 0)
    if all_gib > _LEAST_MEMORY_GIB:
        limit_gib = max(_LEAST_MEMORY_GIB, _MEMORY_SHARE * all_gib)
        warehouse.con.execute("set memory_limit = ?", [f"{limit_gib:.1f}GiB"])


def _last(warehouse: Warehouse) -> Generation | None:
    """The generation to continue; none if it may hold what has been erased since."""
    if warehouse.con.execute("select 1 from policies where key = 'unfinished'").fetchall():
        return None
    try:
        return current_generation(warehouse.data_dir)
    except WarehouseError:  # a damaged pointer: the facts are made from the warehouse instead
        return None


class _Build:
    """One build: where its facts go (``facts``, or ``work`` if they replace others) and its steps."""

    def __init__(
        self,
        started: Draft,
        settings: Settings,
        profile: Profile,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self.draft = started
        self.con = started.warehouse.con
        self.settings = settings
        self.profile = profile
        self.progress = progress
        self.target = "facts"
        self.n_steps = len(STEPS) + 1
        self.number = 0
        self.covered = inputs.period(self.con, settings)
        self.fingerprint = _fingerprint(settings)

    def run(self, now: datetime) -> BuildReport:
        inputs.write_parameters(self.con, self.settings, self.covered)
        calendars = inputs.queue_calendars(self.con, self.settings, self.covered)
        message_roots(self.con)
        self.step("stg_trait")
        self.step("stg_agent")
        full_because = self.full_because()
        before = None if full_because else changes.past(self.con)
        self.draft.begin(from_base=before is not None)
        inputs.write_calendar(self.con, self.settings, calendars, self.covered)
        write_cost_days(self.con)
        self.step("stg_day")
        if before is None:
            self.build_all()
        else:
            self.build_changed(before)
        self.tell("publish")
        n_built = self.count("facts.main.fact_conversation" if before is None else "work.main.scope")
        self.write_notes()
        self.draft.copy_tables(PUBLISHED)
        n_rows = {table.name: self.count(f"facts.main.{table.name}") for table in FACT_TABLES}
        as_of_us = self.covered.as_of_us
        apply_profile(self.draft, self.profile, PUBLISHED)
        published = self.draft.publish(now=now, as_of_us=as_of_us, meta={"timezone": self.settings.timezone})
        return BuildReport(published, n_rows, as_of_us, full_because, n_built)

    def full_because(self) -> str:
        if self.draft.base is None:
            return "no generation was to be continued"
        found = changes.unusable(self.con, self.covered, self.fingerprint)
        return found or changes.changes(
            self.con, changes.past(self.con), self.covered, inputs.INFER_CLOSE_AFTER_US
        )

    def build_all(self) -> None:
        """Every step in turn, forgetting what no later one reads."""
        for name in STEPS[STEPS.index("stg_day") + 1 :]:
            self.step(name)
            if name == "stg_stretch":
                scope.write_leg_digest(self.con)
            if name == "stg_effort":
                self.write_leg_day()
                self.con.execute("drop table work.leg_digest")
            for done in _last_read_by(name):
                self.con.execute(fill("drop table {{name}}", name=f"work.{done}"))
        inputs.write_tags(self.con, "facts.main.bridge_tag")

    def build_changed(self, before: changes.Past) -> None:
        """The steps for the scope alone; their facts replace those of the scope."""
        self.target = "work"
        con = self.con
        scope.stage_scope(con, STAGES, self.step)
        self.step("stg_load")
        replace.execute(con, "keep_load")
        self.step("stg_effort")
        replace.execute(con, "keep_effort")
        for name in MEASURED:
            self.step(name)
        replace.scope_contacts(con, before, self.covered)
        self.step("fact_contact")
        replace.replace_contacts(con)
        self.step("stg_repeat")
        replace.execute(con, "update_gaps")
        for name in ("fact_agent_load", *_BELOW_CONVERSATION, "fact_conversation"):
            self.step(name)
        self.write_leg_day()
        inputs.write_tags(con, "work.main.bridge_tag")
        self.tell("replace")
        replace.execute(con, "replace_agent_load")
        replace.replace_conversations(con, *_BELOW_CONVERSATION, "fact_conversation", "leg_day", "bridge_tag")
        replace.execute(con, "update_maturity")
        replace.replace_presence(con, before, self.step)
        replace.replace_costs(con, self.step)
        self.target = "facts"
        for name in ("fact_arrivals", "fact_help_session", "fact_schedule_ahead"):
            con.execute(fill("drop table {{name}}", name=f"facts.{name}"))
            self.step(name)

    def write_leg_day(self) -> None:
        self.con.sql(sql_text("staffcast_pipelines.delta", "leg_day")).create(f"{self.target}.main.leg_day")

    def write_notes(self) -> None:
        """What the next build compares with."""
        staged = {"source_trait": "stg_trait", "agent_trait": "stg_agent"}
        for note in ("message_roots", "queue_calendar", "cost_day", *staged):
            source = staged.get(note, note)
            self.con.execute(fill("drop table if exists {{name}}", name=f"facts.{note}"))
            self.con.table(f"work.main.{source}").create(f"facts.main.{note}")
        load_id = self.con.sql("select coalesce(max(load_id), 0) from loads").fetchall()[0][0]
        notes = {"fingerprint": self.fingerprint, "built_load_id": load_id}
        inputs.write_build_info(self.con, self.settings, notes)

    def step(self, name: str) -> None:
        self.tell(name)
        text = sql_text(__package__, name)
        if name == "stg_load":
            write_load(self.con)
        elif name.startswith("stg_"):
            self.con.sql(text).create(f"work.main.{name}")
        else:
            fact_query(self.con, fact_table(name), text).create(f"{self.target}.main.{name}")

    def tell(self, name: str) -> None:
        self.progress(name, min(self.number, self.n_steps - 1), self.n_steps)
        self.number += 1

    def count(self, table: str) -> int:
        return int(self.con.table(table).count("*").fetchall()[0][0])


@cache
def _last_read_by(step: str) -> tuple[str, ...]:
    """Staged tables that no step after this one reads."""
    readers = {name: sql_text(__package__, name) for name in STEPS}
    after = STEPS[STEPS.index(step) + 1 :]
    kept = {"stg_trait", "stg_agent", "stg_dimension"}
    return tuple(
        name
        for name in STEPS[: STEPS.index(step) + 1]
        if name.startswith("stg_")
        and name not in kept
        and re.search(rf"\b{name}\b", readers[step] + (f" {name}" if name == step else ""))
        and not any(re.search(rf"\b{name}\b", readers[later]) for later in after)
    )


def _fingerprint(settings: Settings) -> str:
    """Changes with all that decides how records become facts, the records and the calendars apart."""
    rules = [sql_text(__package__, name) for name in STEPS]
    engines = [duckdb.__version__, *(version(name) for name in ("polars", "tzdata"))]  # these know the zones
    constants = [list(EVENT_ORDER.items()), inputs.INFER_CLOSE_AFTER_US, FAREWELLS, engines]
    chosen = [settings.timezone, settings.active_recent_s, settings.csat_scale, settings.csat_positive_min]
    chosen += [settings.concurrency_limit, settings.agent_hourly_cost, settings.currency]
    schema = [table.all_columns for table in FACT_TABLES]
    return hashlib.sha256(json.dumps([rules, constants, chosen, schema]).encode()).hexdigest()
