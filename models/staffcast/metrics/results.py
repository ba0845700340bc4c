"""Result rows: values with their counts, interval, convention and, where there is none, the reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.enums import Clock, NullReason
from staffcast.metrics.population import reasons
from staffcast.metrics.record import Grain, Kind
from staffcast.metrics.request import TAG, column_of
from staffcast.statistics import (
    clustered_wilson,
    kaplan_meier_of_counts,
    mean_interval,
    poisson_interval,
    quantile_interval,
    ratio_interval,
    wilson,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from staffcast.metrics.options import Chosen
    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Request

    Key = tuple[Any, ...]
    Bounds = tuple[float | None, float | None]

__all__ = ["Totals", "clock_name", "result_rows", "result_schema"]

BUSINESS_ELSE_CALENDAR = "business_else_calendar"

_WITHHELD = {NullReason.NO_COLUMN, NullReason.BELOW_MIN_N, NullReason.SUPPRESSED}
"""Reasons for which not even the parts of the number are shown."""

_OVERLAP = "; a conversation counts under each of its tags"

_HEAD: dict[str, type[pl.DataType]] = {
    "metric": pl.String,
    "label": pl.String,
    "period_start": pl.String,
    "period_end": pl.String,
}
_TAIL: dict[str, type[pl.DataType]] = {
    "value": pl.Float64,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "n": pl.Int64,
    "n_excluded": pl.String,
    "n_censored": pl.Int64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "unit": pl.String,
    "clock": pl.String,
    "cohort": pl.String,
    "convention": pl.String,
    "definition_hash": pl.String,
    "null_reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What the database answered for one metric.

    Attributes:
        groups: One row a group, as the compiled statement gives it.
        samples: What the interval of each group needs: raw values, or hits and size of each cluster.
        is_source_empty: The fact table holds nothing at all.
        suppressed: Groups that rest on too few agents.
        currency: Of costs; empty if unknown.
    """

    groups: Sequence[Mapping[str, Any]]
    samples: Mapping[Key, NDArray[np.float64]]
    is_source_empty: bool
    suppressed: Collection[Key] = ()
    currency: str = ""


def result_schema(metric: Metric, asked: Request) -> dict[str, type[pl.DataType]]:
    """Name and type of each column of a result, in order."""
    types = {"VARCHAR": pl.String, "BIGINT": pl.Int64}
    dimensions = {name: types[column_of(metric, name)[1]] for name in asked.by}
    return _HEAD | dimensions | _TAIL


def result_rows(chosen: Chosen, asked: Request, totals: Totals, *, min_n: int) -> list[dict[str, Any]]:
    """Turn the database's groups into result rows."""
    return [_row(chosen, asked, totals, group, min_n) for group in totals.groups]


def clock_name(metric: Metric, asked: Request) -> str:
    """Which seconds the metric counts in this question."""
    if not metric.clocks:
        return Clock.CALENDAR
    return asked.clock or BUSINESS_ELSE_CALENDAR


def _row(
    chosen: Chosen, asked: Request, totals: Totals, group: Mapping[str, Any], min_n: int
) -> dict[str, Any]:
    metric = chosen.metric
    left_out = {reason: group[f"excluded_{reason}"] for reason in reasons(metric, asked)}
    key = tuple(group[name] for name in asked.groups)
    is_suppressed = key in totals.suppressed
    reason: str | None = NullReason.SUPPRESSED
    if not is_suppressed:
        reason = _null_reason(metric, group, left_out, min_n=min_n, is_source_empty=totals.is_source_empty)
    sample = totals.samples.get(key)
    low, high = (None, None) if reason else _interval(metric, group, sample)
    start, end = _bucket(asked, group)
    shown: Mapping[str, Any] = {} if reason in _WITHHELD else group
    return {
        "metric": metric.id,
        "label": metric.label,
        "period_start": start,
        "period_end": end,
        **{name: group[name] for name in asked.by},
        "value": shown.get("value"),
        "numerator": shown.get("numerator"),
        "denominator": shown.get("denominator"),
        "n": None if is_suppressed else group["n"],
        "n_excluded": None if is_suppressed else _shown_counts(left_out),
        "n_censored": None if is_suppressed else group["n_censored"],
        "ci_low": low,
        "ci_high": high,
        "unit": metric.unit_in(totals.currency),
        "clock": clock_name(metric, asked),
        "cohort": metric.cohort,
        "convention": chosen.convention + (_OVERLAP if TAG in asked.by else ""),
        "definition_hash": chosen.definition_hash,
        "null_reason": reason,
    }


def _shown_counts(left_out: Mapping[str, int]) -> str:
    return json.dumps({name: count for name, count in left_out.items() if count}, sort_keys=True)


def _null_reason(
    metric: Metric,
    group: Mapping[str, Any],
    left_out: Mapping[str, int],
    *,
    min_n: int,
    is_source_empty: bool,
) -> str | None:
    if is_source_empty:
        return NullReason.NO_COLUMN
    if group["n"] == 0 and left_out.get("not_recorded"):
        return NullReason.NO_COLUMN
    if metric.kind is Kind.COUNT:
        return None
    if group["n"] == 0:
        if group["n_censored"]:
            return NullReason.WINDOW_CENSORED
        if left_out.get("no_calendar"):
            return NullReason.NO_CALENDAR
        return NullReason.ALL_NULL if left_out["no_value"] else NullReason.DENOMINATOR_ZERO
    if group["n"] < min_n:
        return NullReason.BELOW_MIN_N
    if metric.kind is Kind.DERIVED and group["numerator"] is None:
        return NullReason.ALL_NULL
    if group["value"] is None:  # more than half may have been cut short, so that the middle was never seen
        return NullReason.WINDOW_CENSORED if metric.kind is Kind.SURVIVAL else NullReason.DENOMINATOR_ZERO
    return None


def _interval(metric: Metric, group: Mapping[str, Any], sample: NDArray[np.float64] | None) -> Bounds:
    match metric.kind:
        case Kind.SHARE if sample is not None:
            return clustered_wilson(sample[:, 0], sample[:, 1]) or (None, None)
        case Kind.SHARE:
            return wilson(group["numerator"], group["denominator"]) or (None, None)
        case Kind.RATIO | Kind.DERIVED if sample is not None:
            return _ratio_bounds(metric, sample)
        case Kind.COUNT if not metric.numerator and not metric.is_snapshot:
            return poisson_interval(group["numerator"])
        case Kind.MEAN if sample is not None:
            low, high = _scaled(mean_interval(sample) or (None, None), metric.divisor)
            # Durations are never negative, though Student's interval of a skewed few may reach below 0.
            return (max(low, 0.0) if low is not None and metric.unit == "s" else low), high
        case Kind.SURVIVAL if sample is not None:
            curve = kaplan_meier_of_counts(sample[:, 0], n_events=sample[:, 1], n_cut=sample[:, 2])
            return _scaled(curve.quantile_interval(metric.quantile), metric.divisor)
        case Kind.QUANTILE if sample is not None:
            return _scaled(quantile_interval(sample, metric.quantile), metric.divisor)
        case _:
            return None, None


def _ratio_bounds(metric: Metric, sample: NDArray[np.float64]) -> Bounds:
    """Days are the clusters: what happens within one hangs together."""
    found = ratio_interval(sample[:, 0] * metric.multiplier, sample[:, 1] * metric.divisor)
    if found is None:
        return None, None
    low, high = found
    is_part = metric.unit == "share" and bool((sample[:, 0] <= sample[:, 1]).all())
    return low, min(high, 1.0) if is_part else high


def _scaled(bounds: Bounds, divisor: int) -> Bounds:
    low, high = bounds
    return None if low is None else low / divisor, None if high is None else high / divisor


def _bucket(asked: Request, group: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Begin and end of the group's period, never wider than the period asked for."""
    if asked.grain is None:
        return asked.period or (None, None)
    if asked.grain is Grain.HOUR:
        day, hour = date.fromisoformat(group["date"]), group["hour"]
        end_day, end_hour = (day, hour + 1) if hour < 23 else (day + timedelta(days=1), 0)
        return f"{day}T{hour:02d}:00", f"{end_day}T{end_hour:02d}:00"
    start, end = _span(asked.grain, group)
    if asked.period:
        start, end = max(start, asked.period[0]), min(end, asked.period[1])
    return start, end


def _span(grain: Grain, group: Mapping[str, Any]) -> tuple[str, str]:
    match grain:
        case Grain.DAY:
            first = date.fromisoformat(group["date"])
            return first.isoformat(), (first + timedelta(days=1)).isoformat()
        case Grain.WEEK:
            first = date.fromisoformat(group["week"])
            return first.isoformat(), (first + timedelta(days=7)).isoformat()
        case _:
            first = date.fromisoformat(group["month"] + "-01")
            return first.isoformat(), (first + timedelta(days=32)).replace(day=1).isoformat()
