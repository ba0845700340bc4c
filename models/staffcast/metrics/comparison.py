"""compare(): a period beside an earlier one, and whether the change is more than noise."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.metrics.loader import metric as find
from staffcast.metrics.record import Direction, Kind
from staffcast.metrics.request import iso_period, request
from staffcast.metrics.results import result_schema
from staffcast.metrics.run import query
from staffcast.statistics import Difference, Estimate, difference_interval
from staffcast.store.sql import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Period, Where
    from staffcast.metrics.run import Reader

__all__ = ["Verdict", "compare"]


class Verdict(StrEnum):
    """What a change means."""

    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    LOWER = "lower"
    NO_DETECTABLE_CHANGE = "no detectable change"
    NO_EARLIER_DATA = "no earlier data"
    NO_DATA = "no data"
    NOT_JUDGED = "not judged"


_COMPARED: dict[str, type[pl.DataType]] = {
    "previous": pl.Float64,
    "previous_n": pl.Int64,
    "previous_start": pl.String,
    "previous_end": pl.String,
    "change": pl.Float64,
    "change_low": pl.Float64,
    "change_high": pl.Float64,
    "verdict": pl.String,
    "direction": pl.String,
}


def compare(
    reader: Reader,
    metrics: str | Sequence[str],
    *,
    period: Period,
    previous: Period | None = None,
    by: str | Sequence[str] = (),
    where: Where | None = None,
    clock: str | None = None,
    options: Mapping[str, object] | None = None,
    min_n: int | None = None,
) -> pl.DataFrame:
    """Compare a period with an earlier one.

    Args:
        reader: Where the facts are.
        metrics: Id, or ids, of the catalogue.
        period: First local date and the date after the last.
        previous: The earlier period; by default the one of equal length just before.
        by: As in query().
        where: As in query().
        clock: As in query().
        options: As in query().
        min_n: As in query().

    Returns:
        The columns of query() for the period, and previous, previous_n, previous_start, previous_end,
        change (value - previous) with its 95 % interval, verdict (see ``Verdict``) and direction. Groups that
        only the earlier period has are left out. Ratios and maxima have no interval: they are not judged.
        Counts are judged as Poisson counts, only between periods of equal length within the data.

    Raises:
        MetricError: An unknown metric, dimension, option or value.
    """
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    this = iso_period(period)
    before = iso_period(previous or _just_before(this))
    asked = request(by=by)
    shared: dict[str, Any] = {
        "by": by, "where": where, "clock": clock, "options": options, "min_n": min_n,
    }  # fmt: skip
    current = query(reader, names, period=this, **shared)
    earlier = query(reader, names, period=before, **shared)
    keys = ("metric", *asked.by)
    by_key = {tuple(row[key] for key in keys): row for row in earlier.iter_rows(named=True)}
    covered = {name: _covers(reader, find(name), this, before) for name in names}
    rows = [
        row | _change(find(row["metric"]), row, by_key.get(tuple(row[key] for key in keys)),
                      before, is_covered=covered[row["metric"]])
        for row in current.iter_rows(named=True)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=result_schema(find(names[0]), asked) | _COMPARED, orient="row")


def _just_before(period: tuple[str, str]) -> tuple[date, date]:
    start, end = (date.fromisoformat(edge) for edge in period)
    return start - (end - start), start


def _covers(reader: Reader, metric: Metric, period: tuple[str, str], previous: tuple[str, str]) -> bool:
    """Whether a count of the earlier period can stand beside one of this: as long, and within the data."""
    if metric.kind is not Kind.COUNT or metric.is_snapshot:
        return True
    days = [(date.fromisoformat(end) - date.fromisoformat(start)).days for start, end in (period, previous)]
    statement = fill(
        "select min({{date}}) as first_date from {{fact}}", date=f"{metric.cohort}_date", fact=metric.fact
    )
    first_date = reader.run(statement, [])["first_date"][0]
    return days[0] == days[1] and first_date is not None and first_date <= previous[0]


def _change(
    metric: Metric,
    row: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    previous: tuple[str, str],
    *,
    is_covered: bool,
) -> dict[str, Any]:
    value = row["value"]
    old = earlier["value"] if earlier and is_covered else None
    difference = None
    if value is not None and old is not None:
        difference = _difference(row, earlier or {})
    return {
        "previous": old,
        "previous_n": earlier["n"] if earlier and is_covered else None,
        "previous_start": previous[0],
        "previous_end": previous[1],
        "change": None if value is None or old is None else value - old,
        "change_low": difference.low if difference else None,
        "change_high": difference.high if difference else None,
        "verdict": _verdict(metric, value, old, difference).value,
        "direction": metric.direction.value,
    }


def _difference(row: Mapping[str, Any], earlier: Mapping[str, Any]) -> Difference | None:
    bounds = [side[name] for side in (row, earlier) for name in ("value", "ci_low", "ci_high")]
    if any(bound is None for bound in bounds):
        return None
    return difference_interval(Estimate(*bounds[:3]), Estimate(*bounds[3:]))


def _verdict(
    metric: Metric, value: float | None, old: float | None, difference: Difference | None
) -> Verdict:
    if value is None:
        return Verdict.NO_DATA
    if old is None:
        return Verdict.NO_EARLIER_DATA
    if difference is None:
        can_be_judged = metric.kind in {Kind.SHARE, Kind.MEAN, Kind.QUANTILE}
        return Verdict.NO_DETECTABLE_CHANGE if can_be_judged else Verdict.NOT_JUDGED
    if not difference.is_detectable:
        return Verdict.NO_DETECTABLE_CHANGE
    is_up = difference.change > 0
    if metric.direction is Direction.NEUTRAL:
        return Verdict.HIGHER if is_up else Verdict.LOWER
    return Verdict.BETTER if is_up == (metric.direction is Direction.HIGHER) else Verdict.WORSE
