"""Arrivals by hour of the week: a rate where it can be one, a count where it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

import polars as pl

from staffcast.reports.kpis import kpi_report, weekday_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.core.config import Settings
    from staffcast.store.generations import Reader

__all__ = ["HourMap", "arrivals_by_hour"]

_RATE, _COUNT = "arrival_rate", "offered"
_RATE_UNIT, _COUNT_UNIT = "contacts per open hour", "conversations in the period"
_SCHEMA: dict[str, type[pl.DataType]] = {"weekday": pl.Int64, "hour": pl.Int64, "value": pl.Float64}
_WEEKS: dict[str, type[pl.DataType]] = {"p50": pl.Float64, "p90": pl.Float64}


class _Period(TypedDict):
    from_date: str | None
    to_date: str | None


@dataclass(frozen=True)
class HourMap:
    """Arrivals by weekday and hour.

    Attributes:
        frame: Columns weekday (1 = Monday), hour, value, and p50 and p90 over the weeks where the value is a
            rate; an hour in which no queue was open has no row.
        unit: What the value counts.
    """

    frame: pl.DataFrame
    unit: str


def arrivals_by_hour(
    reader: Reader,
    settings: Settings,
    *,
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
) -> HourMap:
    """Contacts per open hour, or plain counts where a filter cuts across the queues.

    Only the queues that the chosen conversations entered count as open or closed.

    Args:
        reader: A published generation.
        settings: Defaults of the metrics' options.
        where: Value or values that a dimension must have.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.
    """
    period: _Period = {"from_date": from_date, "to_date": to_date}
    filters = dict(where or {})
    queues = _queues(reader, settings, filters, period)
    if not queues:
        return HourMap(pl.DataFrame(schema=_SCHEMA | _WEEKS), _RATE_UNIT)
    # Quarter-hours of a queue, not people, are what is few here: nothing needs to be withheld.
    unlimited = replace(settings, min_n=0)
    rates = weekday_hours(reader, unlimited, metric=_RATE, where={"queue": queues}, **period)
    if not set(filters) - {"queue", "department"}:
        return HourMap(rates.select([*_SCHEMA, *_WEEKS]), _RATE_UNIT)
    counts = weekday_hours(reader, settings, metric=_COUNT, where=filters, **period)
    counted = rates.select("weekday", "hour").join(
        counts.select(list(_SCHEMA)), on=["weekday", "hour"], how="full", coalesce=True
    )
    return HourMap(counted.with_columns(pl.col("value").fill_null(0.0)).sort("weekday", "hour"), _COUNT_UNIT)


def _queues(
    reader: Reader, settings: Settings, where: Mapping[str, str | list[str]], period: _Period
) -> list[str]:
    """Queues that the filtered conversations entered; arrivals without a queue carry an empty name."""
    rows = kpi_report(reader, settings, metrics=(_COUNT,), by=("queue",), where=where, **period).rows
    return [name or "" for name in rows["queue"]]
