"""Periods between the first and the last with data that hold none themselves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from staffcast.metrics.population import reasons
from staffcast.metrics.record import Grain, Kind
from staffcast.metrics.request import GRAIN_LABELS
from staffcast.store.facts import TIME_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Request

__all__ = ["filled"]

_LABELS = {name for name, _ in TIME_LABELS}


def filled(metric: Metric, asked: Request, groups: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Add an empty group for each date, week or month without rows, so that a series has no holes.

    Only between the first and the last period with data: beyond them nothing is known. Hours stay as they
    are, since an hour without rows may be one that the local day does not have.
    """
    if asked.grain is None or asked.grain is Grain.HOUR or not groups or _LABELS & set(asked.by):
        return list(groups)
    [label] = GRAIN_LABELS[asked.grain]
    present = {(group[label], *_dimensions(asked, group)): group for group in groups}
    periods = _between(asked.grain, min(g[label] for g in groups), max(g[label] for g in groups))
    parts = list(dict.fromkeys(_dimensions(asked, group) for group in groups))
    parts.sort(key=lambda part: [(value is None, value) for value in part])
    blank = _blank(metric, asked)
    return [
        present.get((period, *part), {label: period, **dict(zip(asked.by, part, strict=True)), **blank})
        for period, part in product(periods, parts)
    ]


def _dimensions(asked: Request, group: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(group[name] for name in asked.by)


def _blank(metric: Metric, asked: Request) -> dict[str, Any]:
    is_count = metric.kind is Kind.COUNT
    return {
        "value": 0.0 if is_count else None,
        "numerator": 0 if is_count else None,
        "denominator": None,
        "n": 0,
        "n_censored": 0,
        **{f"excluded_{reason}": 0 for reason in reasons(metric, asked)},
    }


def _between(grain: Grain, first: str, last: str) -> Iterator[str]:
    current = first
    while current <= last:
        yield current
        current = _next(grain, current)


def _next(grain: Grain, label: str) -> str:
    match grain:
        case Grain.MONTH:
            return (date.fromisoformat(label + "-01") + timedelta(days=32)).strftime("%Y-%m")
        case Grain.WEEK:
            return (date.fromisoformat(label) + timedelta(days=7)).isoformat()
        case _:
            return (date.fromisoformat(label) + timedelta(days=1)).isoformat()
