"""What a build needs beside the records: its parameters, the calendar of every queue, tags, its own notes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.calendars import OpeningHours, to_us
from staffcast.core.enums import EVENT_ORDER
from staffcast.core.errors import ConfigError, DataQualityError
from staffcast.core.instants import parse_instant
from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.store.sql import fill, sql_text
from staffcast_pipelines.calendar_tables import (
    REPORT_CALENDAR,
    calendar_from_us,
    calendar_spans,
    first_local_day,
    instant,
    slot_rows,
)
from staffcast_pipelines.farewells import FAREWELLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from staffcast.core.config import Settings

__all__ = [
    "INFER_CLOSE_AFTER_US",
    "Calendars",
    "Period",
    "period",
    "queue_calendars",
    "store",
    "write_build_info",
    "write_calendar",
    "write_parameters",
    "write_tags",
]

INFER_CLOSE_AFTER_US = US_PER_DAY
"""A conversation known from messages alone counts as closed after a day of silence."""

_CHANGES_HOLD = frozenset({"accepted", "resumed", "parked", "snoozed", "transferred", "closed"})
_PLAN_DAYS = 36
"""``dim_slot`` reaches this far past ``as_of``: forecasts read their calendar from it."""


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a build covers, in UTC microseconds.

    Attributes:
        first_us: First record.
        as_of_us: Instant that the facts are true for.
    """

    first_us: int
    as_of_us: int


@dataclass(frozen=True, slots=True)
class Calendars:
    """Zones of all queues that the data name, and the opening hours of those that have any."""

    zones: Mapping[str, str]
    hours: Mapping[str, OpeningHours]


def period(con: duckdb.DuckDBPyConnection, settings: Settings) -> Period:
    """The period of the data up to ``as_of``.

    Raises:
        DataQualityError: There are neither conversations nor messages.
        ConfigError: ``as_of`` lies before all of them.
    """
    first_us, last_us = con.execute(sql_text(__package__, "extent")).fetchall()[0]
    if first_us is None:
        raise DataQualityError(
            "the loaded data hold no conversations and no messages, so there is nothing to report",
            hint="load conversations.csv or messages.csv, and see what was put aside",
        )
    as_of_us = to_us(parse_instant(settings.as_of)) if settings.as_of else int(last_us)
    if as_of_us < first_us:
        raise ConfigError(f"as_of {settings.as_of} lies before the first record of the data")
    return Period(int(first_us), as_of_us)


def write_parameters(con: duckdb.DuckDBPyConnection, settings: Settings, covered: Period) -> None:
    """Write ``build_params`` and ``dim_event_type``, which the SQL files read."""
    last_chat_us, last_contact_us = con.execute(
        sql_text(__package__, "coverage"), {"as_of_us": covered.as_of_us}
    ).fetchall()[0]
    coverage_end_us = min(last_chat_us, last_contact_us or last_chat_us)
    parameters = {
        "as_of_us": covered.as_of_us,
        "coverage_end_us": covered.as_of_us if settings.as_of else coverage_end_us,
        "calendar_from_us": calendar_from_us(instant(covered.first_us)),
        "active_recent_us": round(settings.active_recent_s * US_PER_S),
        "infer_close_after_us": INFER_CLOSE_AFTER_US,
        "csat_scale": settings.csat_scale,
        "csat_positive_min": settings.csat_positive_min,
        "concurrency_limit": settings.concurrency_limit,
        "agent_hourly_cost_micros": round(settings.agent_hourly_cost * 1_000_000),
    }
    store(con, "work.main.build_params", pl.DataFrame([parameters]))
    events = [(name, rank, name in _CHANGES_HOLD) for name, rank in EVENT_ORDER.items()]
    schema = ["event_type", "event_rank", "changes_hold"]
    store(con, "work.main.dim_event_type", pl.DataFrame(events, schema=schema, orient="row"))
    store(con, "work.main.dim_farewell", pl.DataFrame({"pattern": [f"%{phrase}%" for phrase in FAREWELLS]}))


def queue_calendars(con: duckdb.DuckDBPyConnection, settings: Settings, covered: Period) -> Calendars:
    """Read the zones and hours of all queues, and note them in ``queue_calendar``.

    Raises:
        ConfigError: The opening hours of a queue are malformed.
    """
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
    notes = [(queue, _note(zone, hours.get(queue), covered)) for queue, zone in sorted(zones.items())]
    schema = {"queue": pl.String, "rules": pl.String}
    store(con, "work.main.queue_calendar", pl.DataFrame(notes, schema=schema, orient="row"))
    return Calendars(zones, hours)


def write_calendar(
    con: duckdb.DuckDBPyConnection, settings: Settings, calendars: Calendars, covered: Period
) -> None:
    """Write ``calendar_span`` and ``dim_slot`` into the generation, in place of those it may have."""
    first, last = instant(covered.first_us), instant(covered.as_of_us + _PLAN_DAYS * US_PER_DAY)
    spans, clocks = calendar_spans(calendars.hours, first=first, last=last)
    clocks.pop(REPORT_CALENDAR, None)  # the report calendar itself has no closing time
    zones = {**calendars.zones, REPORT_CALENDAR: settings.timezone}
    store(con, "facts.main.calendar_span", spans)
    store(con, "facts.main.dim_slot", slot_rows(zones, clocks, first=first, last=last))


def write_tags(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Write a row a tag of the conversations at hand."""
    tags = con.sql(sql_text(__package__, "tags")).pl()
    split = tags.select("conversation_key", pl.col("tags").str.split(by=";").alias("tag")).explode("tag")
    cleaned = split.with_columns(pl.col("tag").str.strip_chars()).filter(pl.col("tag") != "")
    store(con, name, cleaned.unique().sort("conversation_key", "tag"))


def write_build_info(
    con: duckdb.DuckDBPyConnection, settings: Settings, notes: Mapping[str, str | int]
) -> None:
    """Write ``build_info``: the parameters, the zone and what the next build compares with."""
    parameters = con.sql("select * from build_params").pl().row(0, named=True)
    info = {**parameters, "timezone": settings.timezone, "currency": settings.currency, **notes}
    rows = [(key, str(value)) for key, value in sorted(info.items())]
    store(con, "facts.main.build_info", pl.DataFrame(rows, schema=["key", "value"], orient="row"))


def store(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Write a frame as a table, in place of one that may be there."""
    con.execute(fill("drop table if exists {{name}}", name=name.replace(".main", "")))
    con.from_arrow(frame.to_arrow()).create(name)


def _note(zone: str, hours: OpeningHours | None, covered: Period) -> str:
    """All that decides a queue's local times and business clock, whatever as_of is."""
    first_day = first_local_day(zone, instant(covered.first_us)).isoformat()
    return json.dumps([zone, first_day, asdict(hours) if hours else None], sort_keys=True)
