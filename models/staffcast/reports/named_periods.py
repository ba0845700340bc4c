"""Periods as people name them: a month, a week, a day, or two days with dots between."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from staffcast.core.errors import ConfigError
from staffcast.reports.periods import DEFAULT_DAYS

if TYPE_CHECKING:
    from staffcast.reports.periods import DataRange

__all__ = ["covered_part", "just_before", "latest_half", "month", "named_period", "require_apart"]

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_HINT = "write 2026-10, 2026-W43, 2026-10-05 or 2026-10-05..2026-10-11"

Days = tuple[date, date]
"""First day and the day after the last."""


def named_period(text: str) -> Days:
    """First day of a named period and the day after its last.

    Args:
        text: ``2026-10``, ``2026-W43`` (ISO), ``2026-10-05``, or ``2026-10-05..2026-10-11`` with both ends.

    Raises:
        ConfigError: It is none of these, or ends before it begins.

    Example:
        >>> [str(day) for day in named_period("2026-10")]
        ['2026-10-01', '2026-11-01']
        >>> [str(day) for day in named_period("2026-W43")]
        ['2026-10-19', '2026-10-26']
        >>> [str(day) for day in named_period("2026-10-05..2026-10-11")]
        ['2026-10-05', '2026-10-12']
    """
    try:
        first, end = _read(text.strip())
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"'{text}' is no period", hint=_HINT) from error
    if first >= end:
        raise ConfigError(f"the period '{text}' ends before it begins", hint=_HINT)
    return first, end


def month(text: str) -> Days:
    """First day of a month and of the next.

    Raises:
        ConfigError: It is not written as a month.

    Example:
        >>> [str(day) for day in month("2026-12")]
        ['2026-12-01', '2027-01-01']
    """
    if not _MONTH.fullmatch(text):
        raise ConfigError(f"'{text}' is no month", hint="write 2026-10")
    return named_period(text)


def just_before(period: Days) -> Days:
    """The period of equal length that ends where this one begins.

    Example:
        >>> [str(day) for day in just_before((date(2026, 10, 12), date(2026, 10, 19)))]
        ['2026-10-05', '2026-10-12']
    """
    first, end = period
    return first - (end - first), first


def require_apart(period: Days, versus: Days) -> None:
    """Refuse periods that share a day: what they share moved neither, and they are judged as independent.

    Raises:
        ConfigError: They overlap.
    """
    first, end = max(period[0], versus[0]), min(period[1], versus[1])
    if first < end:
        raise ConfigError(
            f"the periods share {(end - first).days} days, from {first} on",
            hint="compare periods that do not overlap",
        )


def latest_half(covered: DataRange) -> Days:
    """The last days of the data, as many as there are before them: 28 at most.

    Raises:
        ConfigError: The data cover fewer than two days.
    """
    n_days = (covered.end_date - covered.first_date).days if covered.first_date else 0
    if n_days < 2:
        raise ConfigError("the data cover too few days to compare", hint="load at least two whole days")
    return covered.end_date - timedelta(days=min(DEFAULT_DAYS, n_days // 2)), covered.end_date


def covered_part(period: Days, covered: DataRange) -> Days:
    """The days of a period that the data cover whole.

    Raises:
        ConfigError: They cover none of it.
    """
    first, end = max(period[0], covered.first_date or period[0]), min(period[1], covered.end_date)
    if first >= end:
        last = period[1] - timedelta(days=1)
        raise ConfigError(
            f"there are no data from {period[0]} to {last}",
            hint=f"the data cover {covered.first_date} to {covered.end_date - timedelta(days=1)}",
        )
    return first, end


def _read(text: str) -> Days:
    if found := _MONTH.fullmatch(text):
        first = date(int(found[1]), int(found[2]), 1)
        return first, (first + timedelta(days=31)).replace(day=1)
    if found := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return monday, monday + timedelta(days=7)
    first_text, dots, last_text = text.partition("..")
    first = date.fromisoformat(first_text)
    return first, (date.fromisoformat(last_text) if dots else first) + timedelta(days=1)
