"""explain(): what a number means, the SQL that gives it, and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.metrics import compiler
from staffcast.metrics.loader import metric as find
from staffcast.metrics.request import request
from staffcast.metrics.results import clock_name
from staffcast.metrics.run import decide
from staffcast.metrics.suppression import PERSONAL, refuse_people, suppressed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from staffcast.metrics.options import Chosen
    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Period, Request, Where
    from staffcast.metrics.run import Reader
    from staffcast.metrics.template import Template

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that stands behind a number.

    Attributes:
        metric: The record of the catalogue, with its options.
        options: Value of each option.
        convention: The line printed beside the number.
        clock: Which seconds count.
        exclusions: Reason and predicate of the rows left out.
        sql: The statement, values written out: run it to get numerator, denominator and value.
        rows_sql: The statement that lists the rows behind the number, those left out included.
        definition_hash: As in the result rows.
        rows: Its rows, when a reader was given.
    """

    metric: Metric
    options: Mapping[str, float | str]
    convention: str
    clock: str
    exclusions: tuple[tuple[str, str], ...]
    sql: str
    rows_sql: str
    definition_hash: str
    rows: pl.DataFrame | None


def explain(
    metric: str,
    *,
    by: str | Sequence[str] = (),
    where: Where | None = None,
    period: Period | None = None,
    grain: str | None = None,
    clock: str | None = None,
    options: Mapping[str, object] | None = None,
    reader: Reader | None = None,
) -> Explanation:
    """Explain a metric, for the same arguments as query().

    Args:
        metric: Id of the catalogue.
        by: As in query().
        where: As in query().
        period: As in query().
        grain: As in query().
        clock: As in query().
        options: As in query().
        reader: Where the facts are; with it, the rows behind the number are listed.

    Returns:
        Definition, convention, SQL and, with a reader, the rows: the groups, keys, ``row_status`` (used,
        censored or the reason for leaving it out) and ``row_value`` of each, and ``row_denominator`` of those
        of a ratio. Of a derived metric the rows of both counts, told apart by ``part``.

    Raises:
        MetricError: An unknown metric, dimension, option or value.

    Example:
        >>> e = explain("offered", period=("2026-11-02", "2026-11-09"))
        >>> print(e.sql.splitlines()[3])
          where f.queue_date is not null
    """
    asked = request(by=by, where=where, period=period, grain=grain, clock=clock)
    if reader is not None:
        refuse_people((*asked.by, *(name for name, _ in asked.where)), reader.min_group)
    record = find(metric)
    [chosen] = decide([record], asked, options)
    rows = compiler.rows_behind(chosen, asked)
    return Explanation(
        metric=record,
        options=chosen.options,
        convention=chosen.convention,
        clock=clock_name(record, asked),
        exclusions=chosen.metric.exclusions,
        sql=compiler.totals(chosen, asked).inlined(),
        rows_sql=rows.inlined(),
        definition_hash=chosen.definition_hash,
        rows=None if reader is None else _rows(reader, rows, chosen, asked),
    )


def _rows(reader: Reader, statement: Template, chosen: Chosen, asked: Request) -> pl.DataFrame:
    """The rows behind the number; under the works-council profile no small groups, and nobody's chats.

    There the values stand without their chats: the lists of two metrics could be joined by these.
    """
    rows = reader.run(*statement.bound())
    if not reader.min_group or not chosen.metric.rests_on_agents:
        return rows.drop(PERSONAL, strict=False) if reader.min_group else rows
    keys = _keys(rows, asked)
    withheld = suppressed(reader, chosen, asked, list(dict.fromkeys(keys)))
    is_shown = [key not in withheld for key in keys]
    bare = rows.filter(pl.Series(is_shown, dtype=pl.Boolean)).select(*asked.groups, "row_status", "row_value")
    return bare.sort(pl.all())


def _keys(rows: pl.DataFrame, asked: Request) -> list[tuple[object, ...]]:
    return list(rows.select(asked.groups).iter_rows()) if asked.groups else [()] * rows.height
