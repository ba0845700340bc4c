"""Which days a report covers: local, half-open, whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from staffcast.core.calendars import zone
from staffcast.core.errors import ConfigError
from staffcast.core.units import US_PER_S
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from staffcast.store.generations import Reader

__all__ = ["DataRange", "data_range", "reporting_period"]

DEFAULT_DAYS = 28


@dataclass(frozen=True)
class DataRange:
    """What the published data cover.

    Attributes:
        first_date: First local date with a conversation; None for an empty warehouse.
        end_date: Date after the last whole local day.
        as_of: Instant that the facts are true for, in the report time zone.
        timezone: Report time zone.
    """

    first_date: date | None
    end_date: date
    as_of: datetime
    timezone: str

    @property
    def stamp(self) -> str:
        """One line for the head of every report.

        Example:
            >>> now = datetime(2026, 11, 16, tzinfo=UTC)
            >>> DataRange(date(2026, 9, 21), date(2026, 11, 16), now, "UTC").stamp
            'data as of 2026-11-16 00:00 UTC'
        """
        return f"data as of {self.as_of:%Y-%m-%d %H:%M} {self.timezone}"


def data_range(reader: Reader) -> DataRange:
    """Read what a generation covers."""
    row = reader.run(sql_text(__package__, "date_range")).row(0, named=True)
    tz = zone(row["timezone"])
    as_of = datetime.fromtimestamp(row["as_of_us"] // US_PER_S, UTC).astimezone(tz)
    # A day counts as whole once its last minute has begun: exports rarely end on the stroke of midnight.
    nearly = (as_of + timedelta(minutes=1)).date()
    return DataRange(
        first_date=date.fromisoformat(row["first_date"]) if row["first_date"] else None,
        end_date=nearly,
        as_of=as_of,
        timezone=row["timezone"],
    )


def reporting_period(
    covered: DataRange, *, from_date: str | None = None, to_date: str | None = None
) -> tuple[date, date]:
    """First date of a report and the date after its last.

    Args:
        covered: What the data cover.
        from_date: First date, ISO; by default 28 days before the end, or the first date of the data.
        to_date: Last date, ISO and included; by default the last whole day of the data.

    Raises:
        ConfigError: A date is not one, or the period is empty or outside the data.

    Example:
        >>> now = datetime(2026, 11, 16, tzinfo=UTC)
        >>> covered = DataRange(date(2026, 9, 21), date(2026, 11, 16), now, "UTC")
        >>> [day.isoformat() for day in reporting_period(covered, to_date="2026-11-08")]
        ['2026-10-12', '2026-11-09']
    """
    end = _date(to_date, "--to") + timedelta(days=1) if to_date else covered.end_date
    start = _date(from_date, "--from") if from_date else _default_start(covered, end)
    if start >= end:
        raise ConfigError(
            f"the period from {start} to {end - timedelta(days=1)} is empty",
            hint=f"the data cover {covered.first_date} to {covered.end_date - timedelta(days=1)}",
        )
    if covered.first_date and (end <= covered.first_date or start > covered.as_of.date()):
        raise ConfigError(
            f"there are no data from {start} to {end - timedelta(days=1)}",
            hint=f"the data cover {covered.first_date} to {covered.as_of.date()}",
        )
    return start, end


def _default_start(covered: DataRange, end: date) -> date:
    start = end - timedelta(days=DEFAULT_DAYS)
    if covered.first_date is None or covered.first_date >= end:
        return start
    return max(start, covered.first_date)


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option}: '{text}' is not a date", hint="write YYYY-MM-DD") from error
