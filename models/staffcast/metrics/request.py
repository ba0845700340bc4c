"""What was asked of a metric: groups, filters, period, clock - checked against the fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from staffcast.core.enums import Clock
from staffcast.core.errors import MetricError, did_you_mean
from staffcast.metrics.loader import own_dimensions
from staffcast.metrics.portable import columns_in
from staffcast.metrics.record import Grain, Kind
from staffcast.store.facts import TIME_LABELS, fact_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from staffcast.metrics.record import Metric

    Value = str | int | None
    Where = Mapping[str, Value | Sequence[Value]]
    Period = tuple[date | str, date | str]

__all__ = ["TAG", "Request", "column_of", "dimensions_of", "iso_period", "request", "require_fitting"]

TAG = "tag"
"""A dimension of which a conversation may have several values, so that parts sum to more than the whole."""

_Word = TypeVar("_Word", bound=StrEnum)

GRAIN_LABELS: dict[Grain, tuple[str, ...]] = {
    Grain.HOUR: ("date", "hour"),
    Grain.DAY: ("date",),
    Grain.WEEK: ("week",),
    Grain.MONTH: ("month",),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A checked question.

    Attributes:
        by: Dimensions and time labels to group by.
        where: Dimension or label, and the values it may have.
        period: First date and the date after the last, ISO; None = everything.
        grain: Periods to cut into.
        clock: One clock for all durations; None = business where there is a calendar, else calendar.
    """

    by: tuple[str, ...]
    where: tuple[tuple[str, tuple[Value, ...]], ...]
    period: tuple[str, str] | None
    grain: Grain | None
    clock: Clock | None

    @property
    def groups(self) -> tuple[str, ...]:
        """Labels of the grain, then the dimensions, each once."""
        labels = GRAIN_LABELS[self.grain] if self.grain else ()
        return tuple(dict.fromkeys(labels + self.by))


def request(
    *,
    by: Sequence[str] | str = (),
    where: Where | None = None,
    period: Period | None = None,
    grain: str | None = None,
    clock: str | None = None,
) -> Request:
    """Check and normalise the arguments of a question.

    Raises:
        MetricError: A date, grain or clock is not one.

    Example:
        >>> request(by="queue", period=("2026-11-02", "2026-11-09")).period
        ('2026-11-02', '2026-11-09')
    """
    return Request(
        by=(by,) if isinstance(by, str) else tuple(dict.fromkeys(by)),
        where=tuple((name, _values(values)) for name, values in (where or {}).items()),
        period=iso_period(period) if period is not None else None,
        grain=_member(Grain, grain, "grain"),
        clock=_member(Clock, clock, "clock"),
    )


def dimensions_of(metric: Metric) -> tuple[str, ...]:
    """List what a metric may be grouped and filtered by: dimensions of its fact, then time labels.

    Example:
        >>> from staffcast.metrics.loader import metric
        >>> dimensions_of(metric("open_concurrency"))
        ('agent_id', 'team', 'site', 'date', 'hour', 'weekday', 'week', 'month')
    """
    labels = {name for name, _ in TIME_LABELS} if metric.is_snapshot else set()
    return tuple(name for name in _columns(metric) if name not in labels)


def column_of(metric: Metric, dimension: str) -> tuple[str, str]:
    """Column and SQL type behind a dimension of a metric.

    Raises:
        MetricError: The metric's fact has no such dimension.
    """
    columns = _columns(metric)
    if dimension not in columns:
        suggestion = did_you_mean(dimension, columns)
        possible = "possible: " + ", ".join(dimensions_of(metric))
        grains = " over ".join(fact_table(name).grain for name in metric.facts)
        raise MetricError(
            f"{metric.id} cannot be grouped or filtered by '{dimension}': its grain is {grains}",
            hint=possible if suggestion.startswith("known") else f"{suggestion} {possible}",
        )
    return columns[dimension]


def require_fitting(metric: Metric, asked: Request) -> None:
    """Make sure that a question fits the grain of a metric.

    Raises:
        MetricError: A dimension is not on its fact, or a snapshot is to be grouped by a label of time.
    """
    filters = tuple(name for name, _ in asked.where)
    for name in (*asked.groups, *filters):
        column_of(metric, name)
    labels = {name for name, _ in TIME_LABELS} & {*asked.by, *filters}
    if metric.is_snapshot and labels:
        raise MetricError(
            f"{metric.id} is true for an instant and cannot be grouped or filtered by '{min(labels)}'",
            hint="ask for a grain: hour, day, week or month; each tells of its end",
        )


def _columns(metric: Metric) -> dict[str, tuple[str, str]]:
    if metric.kind is Kind.DERIVED:
        numerator, denominator = (_columns(part) for part in metric.parts)
        return {name: column for name, column in numerator.items() if name in denominator}
    fact = fact_table(metric.fact)
    types = dict(fact.all_columns)
    own = {name: (name, types[name]) for name in fact.dimensions + metric.dimensions}
    tags = {TAG: (TAG, "VARCHAR")} if "conversation_key" in types else {}
    added = {
        name: (name, "VARCHAR") for name, text in own_dimensions().items() if columns_in(text) <= {*types}
    }
    labels = {name: (f"{metric.cohort}_{name}", sql_type) for name, sql_type in TIME_LABELS}
    return own | tags | added | labels


def _values(values: Value | Sequence[Value]) -> tuple[Value, ...]:
    if values is None or isinstance(values, str | int):
        return (values,)
    return tuple(dict.fromkeys(values))


def iso_period(period: Period) -> tuple[str, str]:
    """First date and the date after the last, as ISO text.

    Raises:
        MetricError: One is not a date, or there is no day between them.
    """
    first, end = (_iso(edge) for edge in period)
    if first >= end:
        raise MetricError(
            f"the period {first} to {end} holds no day", hint="the second date is the day after the last"
        )
    return first, end


def _iso(edge: date | str) -> str:
    try:
        return (date.fromisoformat(edge) if isinstance(edge, str) else edge).strftime("%Y-%m-%d")
    except ValueError as error:
        raise MetricError(f"not a date: '{edge}'", hint="write YYYY-MM-DD") from error


def _member(kind: type[_Word], word: str | None, what: str) -> _Word | None:
    if word is None:
        return None
    try:
        return kind(word)
    except ValueError as error:
        known = [member.value for member in kind]
        raise MetricError(f"unknown {what} '{word}'", hint=did_you_mean(word, known)) from error
