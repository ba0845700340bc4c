"""What people know and no history shows: holidays, events, drivers, launches, scenarios, days to keep.

Events, drivers and scenarios are small CSV files that the settings name; which odd days count all the same is
logged beside the warehouse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.errors import ConfigError, StaffcastError, did_you_mean
from staffcast.forecasting import Calendar, Event
from staffcast.forecasting.drivers import DRIVER_PREFIX
from staffcast.planning.changes import Change, span_of
from staffcast.planning.ledger import add_record, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from staffcast.core.config import Settings

__all__ = [
    "EVENT_COLUMNS",
    "SCENARIO_COLUMNS",
    "Knowledge",
    "calendar_of",
    "judge_flag",
    "kept_days",
    "knowledge_of",
]

EVENT_COLUMNS = ("name", "first", "last", "uplift", "sd", "every_year", "queue")
SCENARIO_COLUMNS = ("name", "what", "from", "to", "factor", "share", "effective_share", "sd", "queue")
_CONTACTS, _HANDLE_TIME = "contacts", "handle_time"
_FLAGS = "flags"
_YES = ("yes", "true", "1")


@dataclass(frozen=True)
class Knowledge:
    """What a forecast is told.

    Attributes:
        calendar: public holidays and events.
        drivers: ``local_date``, ``queue`` where they are of queues, ``driver_*`` and ``sd_driver_*``.
        like: for a new queue the one that it will be like.
        scenario: changes of the contacts in the scenario that is asked for.
        handle_time: changes of the handle time in it.
        kept: by queue the flagged days that count all the same.
    """

    calendar: Calendar = field(default_factory=Calendar)
    drivers: pl.DataFrame | None = None
    like: Mapping[str, str] = field(default_factory=dict)
    scenario: tuple[Change, ...] = ()
    handle_time: tuple[Change, ...] = ()
    kept: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


def knowledge_of(settings: Settings) -> Knowledge:
    """Read what the settings name.

    Raises:
        ConfigError: a file is missing or malformed; the message says where.
        ForecastError: the country is not known.
    """
    calendar = calendar_of(settings.country)
    events = tuple(_events(Path(settings.events))) if settings.events else ()
    changes = list(_scenario(settings)) if settings.scenario else []
    return Knowledge(
        Calendar(calendar.country, calendar.subdivision, events),
        _drivers(Path(settings.drivers)) if settings.drivers else None,
        _like(settings.like),
        tuple(change for what, change in changes if what == _CONTACTS),
        tuple(change for what, change in changes if what == _HANDLE_TIME),
        kept_days(settings.data_dir),
    )


def calendar_of(country: str) -> Calendar:
    """Public holidays of a country or region, such as ``DE`` or ``US/NY``; none of an empty text.

    Example:
        >>> calendar_of("de/by").subdivision
        'BY'
    """
    code, _, subdivision = country.upper().partition("/")
    return Calendar(code or None, subdivision or None)


def judge_flag(data_dir: Path, queue: str, day: date, *, is_kept: bool, reason: str, now: datetime) -> None:
    """Log whether a flagged day counts all the same; the latest word holds."""
    content = {"queue": queue, "day": day.isoformat(), "is_kept": is_kept, "reason": reason}
    add_record(data_dir, _FLAGS, content | {"made_at": now.isoformat()})


def kept_days(data_dir: Path) -> dict[str, tuple[date, ...]]:
    """By queue the flagged days that count all the same."""
    latest = {
        (own.content["queue"], own.content["day"]): own.content["is_kept"]
        for own in records(data_dir, _FLAGS)
    }
    found: dict[str, list[date]] = {}
    for (queue, day), is_kept in sorted(latest.items()):
        if is_kept:
            found.setdefault(queue, []).append(date.fromisoformat(day))
    return {queue: tuple(days) for queue, days in found.items()}


def _events(path: Path) -> Iterator[Event]:
    for where, row in _rows(path, EVENT_COLUMNS, ("name", "first")):
        try:
            yield Event(
                row["name"],
                date.fromisoformat(row["first"]),
                date.fromisoformat(row["last"]) if row["last"] else None,
                _number(row["uplift"], 1.0),
                row["every_year"].lower() in _YES,
                _number(row["sd"], 0.0),
                frozenset(part.strip() for part in row["queue"].split(";") if part.strip()),
            )
        except (ValueError, StaffcastError) as error:
            raise ConfigError(f"{where}: {error}", hint=f"columns: {', '.join(EVENT_COLUMNS)}") from error


def _scenario(settings: Settings) -> Iterator[tuple[str, Change]]:
    if not settings.scenarios:
        raise ConfigError(
            f"scenario '{settings.scenario}' without a table", hint='name one: scenarios = "FILE.csv"'
        )
    rows = list(_rows(Path(settings.scenarios), SCENARIO_COLUMNS, ("name", "from", "to")))
    own = [(where, row) for where, row in rows if row["name"] == settings.scenario]
    if not own:
        names = {row["name"] for _, row in rows}
        raise ConfigError(
            f"unknown scenario '{settings.scenario}'", hint=did_you_mean(settings.scenario, names)
        )
    for where, row in own:
        try:
            yield row["what"] or _CONTACTS, _change(row)
        except (ValueError, StaffcastError) as error:
            raise ConfigError(f"{where}: {error}", hint=f"columns: {', '.join(SCENARIO_COLUMNS)}") from error


def _change(row: Mapping[str, str]) -> Change:
    if row["what"] not in ("", _CONTACTS, _HANDLE_TIME):
        raise ConfigError(f"what: '{row['what']}' is neither {_CONTACTS} nor {_HANDLE_TIME}")
    is_deflection = bool(row["share"] or row["effective_share"])
    if is_deflection == bool(row["factor"]):
        raise ConfigError("give a factor, or share and effective_share")
    share, effective = _number(row["share"], 0.0), _number(row["effective_share"], 0.0)
    if share > 1 or effective > 1:
        raise ConfigError("shares are at most 1")
    factor = 1 - share * effective if is_deflection else _number(row["factor"], 1.0)
    first, end = span_of(row["from"], row["to"])
    if not first < end:
        raise ConfigError("it ends before it starts")
    return Change(row["name"], row["queue"] or None, first, end, factor, None, _number(row["sd"], 0.0))


def _drivers(path: Path) -> pl.DataFrame:
    """Drivers by date: every column but date and queue is one, ``NAME_sd`` is how uncertain NAME is."""
    rows = list(_rows(path, (), ("date",)))
    names = [name for name in rows[0][1] if name not in ("date", "queue")]
    found: list[dict[str, object]] = []
    for where, row in rows:
        try:
            day = date.fromisoformat(row["date"]).isoformat()
            values = {_driver(name): _number(row[name], 0.0) if row[name] else None for name in names}
        except ValueError as error:
            raise ConfigError(f"{where}: {error}", hint="date, orders, orders_sd, ...") from error
        found.append({"local_date": day, **values, **{name: row[name] for name in ("queue",) if name in row}})
    return pl.DataFrame(found, infer_schema_length=None).with_columns(
        pl.col(f"^sd_{DRIVER_PREFIX}.*$").fill_null(0.0)
    )


def _driver(name: str) -> str:
    if name.endswith("_sd"):
        return f"sd_{DRIVER_PREFIX}{name.removesuffix('_sd')}"
    return f"{DRIVER_PREFIX}{name}"


def _like(text: str) -> dict[str, str]:
    """``new=old, other=old`` as pairs."""
    found = {}
    for part in text.split(","):
        new, equals, old = (piece.strip() for piece in part.partition("="))
        if part.strip() and not (equals and new and old):
            raise ConfigError(f"like: '{part.strip()}' is no pair", hint="write new-queue=old-queue")
        if new:
            found[new] = old
    return found


def _number(text: str, default: float) -> float:
    value = float(text) if text else default
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"'{text}' must be a number of 0 or more")
    return value


def _rows(
    path: Path, columns: tuple[str, ...], required: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a CSV as text, each with its place; columns that are not there are empty."""
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: no CSV that can be read", hint="check the path and the header") from error
    for name in required:
        if name not in frame.columns:
            raise ConfigError(f"{path}: no column '{name}'", hint=did_you_mean(name, frame.columns))
    for name in frame.columns if columns else ():
        if name not in columns:
            raise ConfigError(f"{path}: unknown column '{name}'", hint=did_you_mean(name, columns))
    if frame.is_empty():
        raise ConfigError(f"{path}: no rows", hint="add one, or take the file out of the settings")
    for number, row in enumerate(frame.iter_rows(named=True), start=2):
        known = {name: row.get(name) or "" for name in columns or frame.columns}
        yield f"{path}:{number}", {name: value.strip() for name, value in known.items()}
