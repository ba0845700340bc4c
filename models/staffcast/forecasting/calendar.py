"""What is special about a day: public holidays, the days around them, and events of the user."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ForecastError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.forecasting.series import FloatArray

__all__ = ["Calendar", "DayEffects", "Event"]

_BRIDGE_DAYS = 4


@dataclass(frozen=True)
class Event:
    """Something that changes how many customers get in touch.

    Attributes:
        name: events of one name share an effect.
        first: its first day.
        last: its last day; one day only if None.
        uplift: expected factor on the day's contacts, such as 1.3; what the history shows is added to it.
        every_year: it comes back on the same dates.
        sd: how uncertain the uplift is, as a standard deviation of it; widens the forecast of these days.
        queues: whose contacts it changes; all if empty.

    Example:
        >>> Event("sale", date(2026, 11, 27), uplift=1.3).covers(date(2026, 11, 27))
        True
    """

    name: str
    first: date
    last: date | None = None
    uplift: float = 1.0
    every_year: bool = False
    sd: float = 0.0
    queues: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.sd) and self.sd >= 0):
            raise ForecastError(
                f"event '{self.name}': sd {self.sd} is no spread", hint="write 0.1 for 10 points"
            )
        if not (np.isfinite(self.uplift) and self.uplift > 0):
            raise ForecastError(
                f"event '{self.name}': uplift {self.uplift} is no factor", hint="write 1.2 for +20 %"
            )
        if self.last is not None and self.last < self.first:
            raise ForecastError(f"event '{self.name}' ends before it starts", hint="swap its dates")

    def covers(self, day: date) -> bool:
        """Whether the event is on at ``day``."""
        last = self.last or self.first
        if not self.every_year:
            return self.first <= day <= last
        spans = ((self.first.month, self.first.day), (last.month, last.day))
        at = (day.month, day.day)
        return spans[0] <= at <= spans[1] if spans[0] <= spans[1] else at >= spans[0] or at <= spans[1]


@dataclass(frozen=True)
class DayEffects:
    """Columns of a regression for special days.

    Attributes:
        columns: 0 or 1, shape (days, effects).
        names: one for each column.
        uplift: expected factor of each day, from the user's events.
        variance: relative, of that factor.
    """

    columns: FloatArray
    names: tuple[str, ...]
    uplift: FloatArray
    variance: FloatArray


@dataclass(frozen=True)
class Calendar:
    """The special days that a forecast knows of.

    Attributes:
        country: ISO code such as ``DE``, of the ``holidays`` package; no public holidays if None.
        subdivision: state or province, such as ``BY``.
        events: the user's own.
        closed: dates that the queue was or will be shut although the weekday is usually open.

    Example:
        >>> Calendar("US").holiday_name(date(2026, 12, 25))
        'Christmas Day'
        >>> Calendar("DE", "BY").holiday_name(date(2026, 1, 6)) is not None
        True
    """

    country: str | None = None
    subdivision: str | None = None
    events: tuple[Event, ...] = ()
    closed: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if self.country is not None:
            _holidays(self.country, self.subdivision, 2026)

    def of_queue(self, queue: str) -> Calendar:
        """The calendar without events of other queues."""
        own = tuple(event for event in self.events if not event.queues or queue in event.queues)
        return self if own == self.events else replace(self, events=own)

    def holiday_name(self, day: date) -> str | None:
        """The public holiday of a day, if it is one."""
        if self.country is None:
            return None
        return _holidays(self.country, self.subdivision, day.year).get(day)

    def effects(self, dates: NDArray[np.datetime64]) -> DayEffects:
        """Columns for holiday, eve and day after, each holiday by name, and each event by name.

        The columns of single holidays let a regression with a penalty pool all holidays first.
        """
        return _effects(self, tuple(dates.astype("datetime64[D]").tolist()))

    def labels(self, day: date) -> list[str]:
        """Names of what is special about a day, apart from events."""
        if self.country is None and not self.closed:
            return []
        labels = []
        if (name := self.holiday_name(day)) is not None:
            labels += ["holiday", f"holiday {name}"]
        if self._is_off(_plus(day, 1)):
            labels.append("eve")
        if self._follows_holiday(day):
            labels.append("day after")
        return labels

    def _is_off(self, day: date) -> bool:
        return day in self.closed or self.holiday_name(day) is not None

    def _follows_holiday(self, day: date) -> bool:
        """The first day that is no weekend and no holiday, after one."""
        if self._is_off(day):
            return False
        for back in range(1, _BRIDGE_DAYS):
            before = _plus(day, -back)
            if self._is_off(before):
                return True
            if before.weekday() < 5:
                return False
        return False


@lru_cache(maxsize=256)
def _effects(calendar: Calendar, days: tuple[date, ...]) -> DayEffects:
    """Every model of an origin asks for the same days."""
    found: dict[str, FloatArray] = {}
    uplift, variance = np.ones(len(days)), np.zeros(len(days))
    for row, day in enumerate(days):
        names = calendar.labels(day)
        for event in calendar.events:
            if event.covers(day):
                names.append(f"event {event.name}")
                uplift[row] *= event.uplift
                variance[row] += (event.sd / event.uplift) ** 2
        for name in names:
            found.setdefault(name, np.zeros(len(days)))[row] = 1.0
    columns = np.column_stack(list(found.values())) if found else np.zeros((len(days), 0))
    return DayEffects(columns, tuple(found), uplift, variance)


def _plus(day: date, days: int) -> date:
    ordinal = day.toordinal() + days
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    """Public holidays of a year.

    Raises:
        ForecastError: the ``holidays`` package knows no such country or subdivision.
    """
    import holidays

    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise ForecastError(f"no holidays known for country '{country}'", hint=did_you_mean(country, known))
    if subdivision is not None and subdivision not in known[country]:
        raise ForecastError(
            f"no holidays known for '{subdivision}' in {country}",
            hint=did_you_mean(subdivision, known[country]),
        )
    # Names in one language, whatever the locale of the machine.
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US"))
