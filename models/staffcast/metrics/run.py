"""query(): the only door to the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from staffcast.core.errors import MetricError
from staffcast.metrics import compiler
from staffcast.metrics.filling import filled
from staffcast.metrics.loader import metric
from staffcast.metrics.options import Chosen, choose
from staffcast.metrics.record import Kind
from staffcast.metrics.request import Request, request, require_fitting
from staffcast.metrics.results import Totals, clock_name, result_rows, result_schema
from staffcast.metrics.suppression import refuse_people, suppressed
from staffcast.store.facts import fact_table
from staffcast.store.sql import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Period, Where

__all__ = ["Reader", "decide", "query"]


class Reader(Protocol):
    """Anything that runs a statement with positional ``?`` parameters and returns a frame."""

    @property
    def min_group(self) -> int:
        """Fewest agents that a figure may rest on; 0 without the works-council profile."""

    @property
    def currency(self) -> str:
        """Of all costs; empty if unknown."""

    def run(self, sql: str, params: list[Any], /) -> pl.DataFrame:
        """Run one statement."""


def query(
    reader: Reader,
    metrics: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    where: Where | None = None,
    period: Period | None = None,
    grain: str | None = None,
    clock: str | None = None,
    options: Mapping[str, object] | None = None,
    min_n: int | None = None,
) -> pl.DataFrame:
    """Compute metrics: one row for each metric and group.

    Args:
        reader: Where the facts are.
        metrics: Id, or ids, of the catalogue.
        by: Dimensions and time labels (hour, weekday, date, week, month) to group by.
        where: Value, or list of values, that a dimension or label must have; None stands for no value.
        period: First local date and the date after the last; on the date of the metric's cohort.
        grain: hour, day, week or month: a row for each; between the first and the last with data empty ones
            are filled in, except hours.
        clock: business or calendar for every duration; by default business where the queue has a calendar.
        options: By ``option``, or ``metric.option``; see the catalogue.
        min_n: Shares, means and quantiles of fewer rows are withheld.

    Returns:
        metric, label, period_start and period_end (local ISO, half-open), one column for each of ``by``,
        value, numerator and denominator (exact integers: rows, or microseconds), n, n_excluded (JSON,
        count by reason), n_censored, ci_low, ci_high (95 %), unit, clock, cohort, convention,
        definition_hash, null_reason. The bounds are Wilson's for shares, of two order statistics for
        quantiles, Student's for means, Poisson's for counts of rows; the other kinds have none.

    Raises:
        MetricError: An unknown metric, dimension, option or value.
    """
    asked = request(by=by, where=where, period=period, grain=grain, clock=clock)
    records = [metric(name) for name in ([metrics] if isinstance(metrics, str) else metrics)]
    if not records:
        raise MetricError("no metric asked for", hint="name at least one")
    refuse_people((*asked.by, *(name for name, _ in asked.where)), reader.min_group)
    schema = result_schema(records[0], asked)
    rows = [
        row
        for chosen in decide(records, asked, options)
        for row in result_rows(chosen, asked, _totals(reader, chosen, asked), min_n=min_n or 0)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def decide(records: list[Metric], asked: Request, options: Mapping[str, object] | None) -> list[Chosen]:
    """Decide the options of each record and check that the question fits its fact."""
    for record in records:
        require_fitting(record, asked)
    return [chosen for record in records for chosen in choose([record], options, clock_name(record, asked))]


def _totals(reader: Reader, chosen: Chosen, asked: Request) -> Totals:
    groups = reader.run(*compiler.totals(chosen, asked).bound()).to_dicts()
    is_blank = all(group["n"] == 0 and group["n_censored"] == 0 for group in groups)
    keys = [tuple(group[name] for name in asked.groups) for group in groups]
    return Totals(
        groups=filled(chosen.metric, asked, groups),
        suppressed=suppressed(reader, chosen, asked, keys),
        currency=reader.currency,
        samples=_samples(reader, chosen, asked),
        is_source_empty=is_blank and _is_empty(reader, chosen.metric),
    )


def _samples(reader: Reader, chosen: Chosen, asked: Request) -> dict[tuple[Any, ...], NDArray[np.float64]]:
    metric = chosen.metric
    if metric.kind in {Kind.MEAN, Kind.QUANTILE}:
        statement, columns = compiler.rows(chosen, asked), ["row_value"]
    elif metric.kind is Kind.SURVIVAL:
        statement, columns = compiler.durations(chosen, asked), ["row_value", "n_ended", "n_cut"]
    elif metric.kind is Kind.SHARE and fact_table(metric.fact).cluster:
        statement, columns = compiler.clusters(chosen, asked), ["hits", "size"]
    elif metric.kind in {Kind.RATIO, Kind.DERIVED} and "date" not in asked.groups:
        statement, columns = compiler.days(chosen, asked), ["numerator", "denominator"]
    else:
        return {}
    rows = reader.run(*statement.bound())
    parts = rows.partition_by(asked.groups, as_dict=True, maintain_order=True) if asked.groups else {(): rows}
    return {key: _numbers(part.select(columns)) for key, part in parts.items()}


def _numbers(rows: pl.DataFrame) -> NDArray[np.float64]:
    numbers = rows.cast(pl.Float64).fill_null(0.0).to_numpy()
    return numbers[:, 0] if rows.width == 1 else numbers


def _is_empty(reader: Reader, metric: Metric) -> bool:
    statements = [fill("select 1 as one from {{fact}} limit 1", fact=fact) for fact in metric.facts]
    return any(reader.run(statement, []).is_empty() for statement in statements)
