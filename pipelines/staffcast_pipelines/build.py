"""The build: from canonical tables to facts, then to a published generation.

Each fact is one ``.sql`` file that yields its own columns and, as ``<cohort>_at_us``, the instants that
decide its periods. The build joins the conversation's dimensions and the local time labels to it, casts
everything to the declared fact schema, so that a file cannot drift from the contract, and writes it into
the generation. The warehouse itself holds no facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.calendars import OpeningHours, to_us
from staffcast.core.enums import EVENT_ORDER
from staffcast.core.errors import ConfigError, DataQualityError
from staffcast.core.instants import parse_instant
from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.store.facts import FACT_TABLES, fact_table
from staffcast.store.generations import Generation, draft
from staffcast.store.sql import fill, sql_text
from staffcast_pipelines.calendar_tables import (
    REPORT_CALENDAR,
    calendar_from_us,
    calendar_spans,
    instant,
    slot_rows,
)
from staffcast_pipelines.fact_query import fact_query
from staffcast_pipelines.reply_chains import message_roots
from staffcast_pipelines.works_council import apply_profile, forget_earlier, prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import duckdb

    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse

__all__ = ["BuildReport", "build"]

STEPS: tuple[str, ...] = (
    "stg_day",
    "stg_trait",
    "stg_message",
    "stg_conversation",
    "stg_event",
    "stg_dimension",
    "stg_hold",
    "stg_span",
    "stg_leg",
    "stg_milestone",
    "stg_turn",
    "stg_active",
    "stg_stretch",
    "stg_load",
    "stg_effort",
    "stg_business",
    "fact_contact",
    "stg_repeat",
    "fact_leg_load",
    "fact_agent_load",
    "fact_leg",
    "fact_offer",
    "fact_survey",
    "fact_conversation",
    "fact_turn",
    "fact_arrivals",
    "fact_agent_state",
)
"""The SQL files in the order in which they need one another."""

PUBLISHED: tuple[str, ...] = ("agents", "queues", "targets", "loads", "quarantine", "source_config")
"""Canonical tables that readers need beside the facts."""

_CHANGES_HOLD = frozenset({"accepted", "resumed", "parked", "snoozed", "transferred", "closed"})
_INFER_CLOSE_AFTER_US = US_PER_DAY
"""A conversation known from messages alone counts as closed after a day of silence."""

_PLAN_DAYS = 36
"""``dim_slot`` reaches this far past ``as_of``: forecasts read their calendar from it."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made.

    Attributes:
        generation: The published generation.
        n_rows: Rows by fact table.
        as_of_us: Instant that the facts are true for.
    """

    generation: Generation
    n_rows: dict[str, int]
    as_of_us: int


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

    Raises:
        DataQualityError: There are neither conversations nor messages.
        WarehouseError: The disk refuses.
        ConfigError: The opening hours of a queue are malformed.
    """
    _drop_facts_of_version_1(warehouse)
    profile = prepare(warehouse, settings)
    con, n_steps = warehouse.con, len(STEPS) + 2
    with draft(warehouse) as generation:
        first_us, last_us = _extent(con)
        as_of_us = to_us(parse_instant(settings.as_of)) if settings.as_of else last_us
        if as_of_us < first_us:
            raise ConfigError(f"as_of {settings.as_of} lies before the first record of the data")
        progress("calendar", 0, n_steps)
        _write_parameters(con, settings, first_us, as_of_us)
        _write_calendar(con, settings, first=instant(first_us), last=instant(as_of_us))
        message_roots(con)
        for number, name in enumerate(STEPS, start=1):
            progress(name, number, n_steps)
            _run(con, name)
        progress("publish", n_steps - 1, n_steps)
        _write_tags(con)
        _write_build_info(con, settings, as_of_us)
        generation.copy_tables(PUBLISHED)
        n_rows = {table.name: _count(con, f"facts.main.{table.name}") for table in FACT_TABLES}
        apply_profile(generation, profile, PUBLISHED)
        published = generation.publish(now=now, as_of_us=as_of_us, meta={"timezone": settings.timezone})
    forget_earlier(published, profile)
    return BuildReport(published, n_rows, as_of_us)


def _drop_facts_of_version_1(warehouse: Warehouse) -> None:
    """Warehouses once held the facts themselves."""
    names = {name for (name,) in warehouse.con.sql("select table_name from duckdb_tables()").fetchall()}
    for name in ("message_roots", *(table.name for table in FACT_TABLES)):
        if name in names:
            warehouse.con.execute(fill("drop table {{name}}", name=f"main.{name}"))


def _run(con: duckdb.DuckDBPyConnection, name: str) -> None:
    text = sql_text(__package__, name)
    if name.startswith("stg_"):
        con.sql(text).create(f"work.main.{name}")
    else:
        fact_query(con, fact_table(name), text).create(f"facts.main.{name}")


def _extent(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    first, last = con.execute(sql_text(__package__, "extent")).fetchall()[0]
    if first is None:
        raise DataQualityError(
            "the loaded data hold no conversations and no messages, so there is nothing to report",
            hint="load conversations.csv or messages.csv, and see what was put aside",
        )
    return int(first), int(last)


def _write_parameters(
    con: duckdb.DuckDBPyConnection, settings: Settings, first_us: int, as_of_us: int
) -> None:
    last_chat_us, last_contact_us = con.execute(
        sql_text(__package__, "coverage"), {"as_of_us": as_of_us}
    ).fetchall()[0]
    coverage_end_us = as_of_us if settings.as_of else min(last_chat_us, last_contact_us or last_chat_us)
    parameters = {
        "as_of_us": as_of_us,
        "coverage_end_us": coverage_end_us,
        "active_recent_us": round(settings.active_recent_s * US_PER_S),
        "infer_close_after_us": _INFER_CLOSE_AFTER_US,
        "csat_scale": settings.csat_scale,
        "csat_positive_min": settings.csat_positive_min,
        "calendar_from_us": calendar_from_us(instant(first_us)),
    }
    _store(con, "work.main.build_params", pl.DataFrame([parameters]))
    events = [(name, rank, name in _CHANGES_HOLD) for name, rank in EVENT_ORDER.items()]
    schema = ["event_type", "event_rank", "changes_hold"]
    _store(con, "work.main.dim_event_type", pl.DataFrame(events, schema=schema, orient="row"))


def _write_calendar(
    con: duckdb.DuckDBPyConnection, settings: Settings, *, first: datetime, last: datetime
) -> None:
    default = settings.opening_hours()
    hours: dict[str, OpeningHours] = {}
    zones: dict[str, str] = {}
    for queue, timezone, text in con.execute(sql_text(__package__, "queue_hours")).fetchall():
        zones[queue] = timezone or settings.timezone
        rules = default
        if text:
            try:
                rules = OpeningHours.from_json(text, default_timezone=zones[queue])
            except ConfigError as error:
                raise ConfigError(f"queue '{queue}': {error.message}", hint="correct queues.csv") from error
        if rules is not None:
            hours[queue] = rules
            zones[queue] = rules.timezone
    last = instant(to_us(last) + _PLAN_DAYS * US_PER_DAY)
    spans, clocks = calendar_spans(hours, first=first, last=last)
    clocks.pop(REPORT_CALENDAR, None)  # the report calendar itself has no closing time
    slots = slot_rows({**zones, REPORT_CALENDAR: settings.timezone}, clocks, first=first, last=last)
    _store(con, "facts.main.calendar_span", spans)
    _store(con, "facts.main.dim_slot", slots)


def _write_tags(con: duckdb.DuckDBPyConnection) -> None:
    tags = con.sql(sql_text(__package__, "tags")).pl()
    split = tags.select("conversation_key", pl.col("tags").str.split(by=";").alias("tag")).explode("tag")
    cleaned = split.with_columns(pl.col("tag").str.strip_chars()).filter(pl.col("tag") != "")
    _store(con, "facts.main.bridge_tag", cleaned.unique().sort("conversation_key", "tag"))


def _write_build_info(con: duckdb.DuckDBPyConnection, settings: Settings, as_of_us: int) -> None:
    parameters = con.sql("select * from build_params").pl().row(0, named=True)
    info = {**parameters, "timezone": settings.timezone, "as_of_us": as_of_us}
    rows = [(key, str(value)) for key, value in sorted(info.items())]
    _store(con, "facts.main.build_info", pl.DataFrame(rows, schema=["key", "value"], orient="row"))


def _store(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    con.from_arrow(frame.to_arrow()).create(name)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.table(table).count("*").fetchall()[0][0])
