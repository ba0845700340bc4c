"""Opening hours: weekly rules with dated exceptions, turned into UTC intervals and prefix sums.

Rules are local, results are UTC microseconds, so days of 23 and 25 hours come out right.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from staffcast.core.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["WEEKDAYS", "BusinessClock", "OpeningHours", "to_us", "zone"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[str, str]
Week = tuple[tuple[Span, ...], ...]
_HOURS_KEYS = ("timezone", "weekly", "dates", "changes")


def zone(name: str) -> ZoneInfo:
    """Look up a time zone by its IANA name.

    Raises:
        ConfigError: The name is not in the zone database.

    Example:
        >>> zone("Europe/Berlin").key
        'Europe/Berlin'
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"unknown time zone '{name}'", hint="use an IANA name such as Europe/Berlin"
        ) from error


def to_us(moment: datetime) -> int:
    """Microseconds of an aware datetime since 1970 UTC, exact.

    Example:
        >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
        1000000
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Weekly local opening hours, which may change with a date, with dated exceptions.

    Attributes:
        timezone: IANA name of the zone that the hours are written in.
        weekly: Spans ``(start, end)`` as ``HH:MM`` for each of the seven weekdays, Monday first.
            An end at or before its start runs past midnight.
        dates: Spans of single dates (``YYYY-MM-DD``) that replace the weekly rule; empty = closed.
        changes: First date and weekly hours from then on, in order.

    Example:
        >>> rules = '{"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:00"]]}}'
        >>> hours = OpeningHours.from_json(rules)
        >>> [(b - a) // 3_600_000_000 for a, b in hours.intervals(date(2026, 11, 2), date(2026, 11, 9))]
        [8]
    """

    timezone: str
    weekly: Week
    dates: Mapping[str, tuple[Span, ...]]
    changes: tuple[tuple[str, Week], ...] = ()

    @classmethod
    def from_json(cls, text: str, *, default_timezone: str = "UTC") -> OpeningHours:
        """Read the ``hours`` cell of the ``queues`` table.

        Raises:
            ConfigError: The text is not JSON, or a key, day, date or time is malformed.
        """
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"queue hours are not JSON: {error.msg}") from error
        if not isinstance(raw, dict):
            raise ConfigError("queue hours must be an object with 'weekly' and optional 'dates'")
        _require_known(raw, _HOURS_KEYS, "key")
        dates = _object(raw.get("dates", {}), "dates")
        changes = raw.get("changes", [])
        if not isinstance(changes, list):
            raise ConfigError('\'changes\' of hours must be a list of {"from": DATE, "weekly": {...}}')
        return cls(
            timezone=str(raw.get("timezone") or default_timezone),
            weekly=_week(raw.get("weekly", {})),
            dates={_iso_date(day): _spans(spans) for day, spans in dates.items()},
            changes=tuple(sorted(map(_change, changes))),
        )

    @classmethod
    def from_rules(
        cls, rules: Mapping[str, Any], *, timezone: str, holidays: tuple[str, ...] = ()
    ) -> OpeningHours:
        """Read ``business_hours`` of ``config.json``: ``{"mon-fri": ["09:00", "17:00"]}``.

        Raises:
            ConfigError: A day range, a time or a holiday is malformed.
        """
        weekly: list[tuple[Span, ...]] = [()] * 7
        for days, span in rules.items():
            for index in _day_range(days):
                weekly[index] = (
                    *weekly[index],
                    *_spans([span] if span and isinstance(span[0], str) else span),
                )
        return cls(timezone=timezone, weekly=tuple(weekly), dates={_iso_date(day): () for day in holidays})

    def intervals(self, first: date, last: date) -> list[tuple[int, int]]:
        """Open intervals of the local days ``first`` .. ``last`` (excluded), merged, in UTC microseconds."""
        tz = zone(self.timezone)
        merged: list[tuple[int, int]] = []
        for start, end in sorted(self._raw_intervals(tz, first, last)):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        return merged

    def _week(self, day: date) -> Week:
        """The weekly hours that hold on a day."""
        begun = [week for first, week in self.changes if first <= day.isoformat()]
        return begun[-1] if begun else self.weekly

    def _raw_intervals(self, tz: ZoneInfo, first: date, last: date) -> Iterator[tuple[int, int]]:
        day = first
        while day < last:
            for start, end in self.dates.get(day.isoformat(), self._week(day)[day.weekday()]):
                opens = _at(day, start, tz)
                wraps = end <= start
                yield opens, _at(day + timedelta(days=1) if wraps else day, end, tz)
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BusinessClock:
    """Open time as prefix sums: ``elapsed(t)`` is the open time from the first interval to ``t``.

    Attributes:
        starts: Interval starts in UTC microseconds, ascending.
        ends: Interval ends.
        before: Open microseconds before each start.

    Example:
        >>> clock = BusinessClock.from_intervals([(0, 10), (20, 30)])
        >>> clock.between(5, 25)
        10
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]

    @classmethod
    def from_intervals(cls, intervals: list[tuple[int, int]]) -> BusinessClock:
        """Build the prefix sums of disjoint ascending intervals."""
        lengths = [end - start for start, end in intervals]
        return cls(
            starts=tuple(start for start, _ in intervals),
            ends=tuple(end for _, end in intervals),
            before=tuple(accumulate(lengths, initial=0))[: len(lengths)],
        )

    def elapsed(self, at_us: int) -> int:
        """Open microseconds from the beginning of the calendar to ``at_us``."""
        index = bisect_right(self.starts, at_us) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at_us, self.ends[index]) - self.starts[index]

    def between(self, start_us: int, end_us: int) -> int:
        """Open microseconds in ``[start_us, end_us)``."""
        return self.elapsed(end_us) - self.elapsed(start_us)


def _week(raw: object) -> Week:
    weekly = _object(raw, "weekly")
    _require_known(weekly, WEEKDAYS, "weekday")
    return tuple(_spans(weekly.get(day, [])) for day in WEEKDAYS)


def _change(raw: object) -> tuple[str, Week]:
    change = _object(raw, "changes")
    _require_known(change, ("from", "weekly"), "key")
    return _iso_date(change.get("from")), _week(change.get("weekly", {}))


def _object(raw: object, key: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise ConfigError(f"'{key}' of hours must be an object, not {raw!r}")
    return raw


def _require_known(raw: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    for name in raw:
        if name not in known:
            raise ConfigError(f"unknown {what} '{name}' in hours", hint=did_you_mean(name, known))


def _iso_date(text: object) -> str:
    """A date as it is looked up; anything else would silently never come."""
    try:
        is_date = isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_date = False
    if not is_date:
        raise ConfigError(f"'{text}' in hours is no date", hint="write YYYY-MM-DD")
    return str(text)


def _spans(raw: object) -> tuple[Span, ...]:
    if not isinstance(raw, list | tuple):
        raise ConfigError("opening hours must be a list of [start, end]")
    spans = []
    for span in raw:
        if not isinstance(span, list | tuple) or len(span) != 2:
            raise ConfigError(f"opening hours must be [start, end], not {span!r}")
        start, end = str(span[0]), str(span[1])
        _minutes(start)
        _minutes(end)
        spans.append((f"{start:0>5}", f"{end:0>5}"))
    return tuple(spans)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit()) or int(minute) > 59 or int(hour) * 60 + int(minute) > 1440:
        raise ConfigError(f"'{text}' is not a time of day", hint="write HH:MM, up to 24:00")
    return int(hour) * 60 + int(minute)


def _at(day: date, clock: str, tz: ZoneInfo) -> int:
    minutes = _minutes(clock)
    day += timedelta(days=minutes // 1440)
    minutes %= 1440
    return to_us(datetime.combine(day, time(minutes // 60, minutes % 60), tz).astimezone(UTC))


def _day_range(text: str) -> list[int]:
    first, _, last = text.lower().partition("-")
    for day in (first, last or first):
        if day not in WEEKDAYS:
            raise ConfigError(f"unknown weekday '{day}'", hint=did_you_mean(day, WEEKDAYS))
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]
