"""Key figures of a period: the tables behind the Overview page and ``staffcast report``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.errors import ConfigError, did_you_mean
from staffcast.metrics import compare, dimensions_of, options_from_settings, query
from staffcast.metrics import metric as find
from staffcast.reports.periods import DataRange, data_range, reporting_period
from staffcast.reports.wording import DASH, REASONS, format_change, format_interval, format_value
from staffcast.store.facts import TIME_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from staffcast.core.config import Settings
    from staffcast.store.generations import Reader

__all__ = [
    "HEADLINES",
    "KpiReport",
    "conventions",
    "daily_service",
    "fitting_headlines",
    "kpi_report",
    "kpi_table",
    "weekday_hours",
]

HEADLINES: tuple[str, ...] = (
    "offered",
    "answered",
    "abandoned",
    "service_level",
    "queue_wait",
    "first_response",
    "replies_within",
    "handle_time",
    "engaged_time",
    "effort_time",
    "open_concurrency",
    "active_concurrency",
    "csat",
    "csat_response_rate",
    "fcr",
    "containment",
    "verified_deflection",
)
"""The metrics of the standard report, in reading order."""


_LABELS = {name for name, _ in TIME_LABELS}


@dataclass(frozen=True)
class KpiReport:
    """Metrics of a period.

    Attributes:
        rows: As ``metrics.query`` gives them, or ``metrics.compare`` if a comparison was asked for.
        period: First date and the date after the last.
        covered: What the data cover.
    """

    rows: pl.DataFrame
    period: tuple[date, date]
    covered: DataRange


def kpi_report(
    reader: Reader,
    settings: Settings,
    *,
    metrics: Sequence[str] = HEADLINES,
    by: Sequence[str] = (),
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
    grain: str | None = None,
    clock: str | None = None,
    options: Mapping[str, object] | None = None,
    comparison: bool = False,
) -> KpiReport:
    """Metrics of a period, compared with the period before if asked for.

    Args:
        reader: A published generation.
        settings: Defaults of the metrics' options, and the smallest group shown.
        metrics: Ids of the catalogue.
        by: Dimensions and time labels to group by.
        where: Value or values that a dimension must have.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.
        grain: hour, day, week or month; excludes a comparison.
        clock: business or calendar.
        options: Beats the settings.
        comparison: Add the change against the period of equal length just before.

    Raises:
        MetricError: An unknown metric, dimension or option.
        ConfigError: The period is malformed or empty, or a filter asks for a value that nothing has.
    """
    if comparison and grain is not None:
        raise ConfigError("a series has no comparison", hint="leave out --compare or --grain")
    covered = data_range(reader)
    period = reporting_period(covered, from_date=from_date, to_date=to_date)
    _require_known_values(reader, metrics, where or {})
    relevant = options_from_settings(settings, options)
    if comparison:
        rows = compare(
            reader,
            metrics,
            period=period,
            by=by,
            where=where,
            clock=clock,
            options=relevant,
            min_n=settings.min_n,
        )
    else:
        rows = query(
            reader, metrics, period=period, by=by, where=where, grain=grain, clock=clock, options=relevant,
            min_n=settings.min_n,
        )  # fmt: skip
    return KpiReport(rows, period, covered)


def fitting_headlines(by: Sequence[str], where: Mapping[str, object]) -> tuple[str, ...]:
    """The headlines that can be grouped and filtered so; all, if none can (the error then says why)."""
    asked = {*by, *where}
    fitting = tuple(name for name in HEADLINES if asked <= set(dimensions_of(find(name))))
    return fitting or HEADLINES


def _require_known_values(
    reader: Reader, metrics: Sequence[str], where: Mapping[str, str | list[str]]
) -> None:
    for dimension, values in where.items():
        fitting = (name for name in ("conversations", *metrics) if dimension in dimensions_of(find(name)))
        name = next(fitting, None)
        if name is None or dimension in _LABELS:
            continue
        known = query(reader, name, by=dimension)[dimension].drop_nulls().cast(pl.String).to_list()
        for value in [values] if isinstance(values, str) else values:
            if value not in known:
                raise ConfigError(
                    f"nothing has {dimension} '{value}'", hint=did_you_mean(value, known) if known else None
                )


def kpi_table(report: KpiReport) -> pl.DataFrame:
    """The report in words and units: what a terminal, a web page and a printed report show.

    Returns:
        Text columns: metric, the groups, value, interval, n, and with a comparison change and verdict.
    """
    fixed = ("metric", "label", "period_start", "period_end", "value")
    groups = [name for name in report.rows.columns[: report.rows.columns.index("value")] if name not in fixed]
    is_series = report.rows["period_start"].n_unique() > 1
    is_compared = "verdict" in report.rows.columns
    columns = [
        "metric",
        *(["period"] if is_series else []),
        *groups,
        "value",
        "interval (95 %)",
        "n",
        *(["change", "verdict"] if is_compared else []),
        "convention",
    ]
    rows = []
    for row in report.rows.iter_rows(named=True):
        reason = row["null_reason"]
        line = {"metric": row["label"]}
        if is_series:
            line["period"] = row["period_start"]
        line |= {name: DASH if row[name] is None else str(row[name]) for name in groups}
        line["value"] = f"{DASH} ({REASONS[reason]})" if reason else format_value(row["value"], row["unit"])
        line["interval (95 %)"] = format_interval(row["ci_low"], row["ci_high"], row["unit"])
        line["n"] = DASH if row["n"] is None else f"{row['n']:,}"
        if is_compared:
            line["change"] = format_change(row["change"], row["unit"])
            line["verdict"] = row["verdict"]
        line["convention"] = row["convention"]
        rows.append(line)
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def conventions(report: KpiReport) -> str:
    """How each metric of the report counts, a line each: the small print under a table."""
    pairs = report.rows.select("label", "convention").unique(maintain_order=True)
    return "\n".join(f"{label}: {convention}" for label, convention in pairs.iter_rows())


def daily_service(
    reader: Reader,
    settings: Settings,
    *,
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
) -> pl.DataFrame:
    """Volume and service level by day.

    Returns:
        Columns date, offered, answered, abandoned, service_level (share), ci_low, ci_high, n.
    """
    names = ("offered", "answered", "abandoned", "service_level")
    rows = kpi_report(
        reader, settings, metrics=names, where=where, from_date=from_date, to_date=to_date, grain="day"
    ).rows
    days = {name: rows.filter(pl.col("metric") == name) for name in names}
    service = days["service_level"].select(
        pl.col("period_start").alias("date"),
        pl.col("value").alias("service_level"),
        "ci_low",
        "ci_high",
        "n",
    )
    for name in ("abandoned", "answered", "offered"):
        counts = days[name].select(pl.col("period_start").alias("date"), pl.col("value").alias(name))
        service = counts.join(service, on="date", how="full", coalesce=True)
    return service.select(
        "date", "offered", "answered", "abandoned", "service_level", "ci_low", "ci_high", "n"
    ).sort("date")


def weekday_hours(
    reader: Reader,
    settings: Settings,
    *,
    metric: str = "arrival_rate",
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
) -> pl.DataFrame:
    """A metric by weekday and hour of day.

    The arrival rate of several queues is the sum of theirs: what the desk gets in an hour in which all of
    them are open. (One ratio over all would be the mean queue's.)

    Returns:
        Columns weekday (1 = Monday), hour, value, n; hours that were never open have no row. The arrival rate
        has p50 and p90 too: its quantiles over the weeks.
    """

    def rows(*by: str) -> pl.DataFrame:
        return kpi_report(
            reader, settings, metrics=(metric,), by=by, where=where, from_date=from_date, to_date=to_date
        ).rows

    if metric != "arrival_rate":
        return rows("weekday", "hour").select("weekday", "hour", "value", "n").sort("weekday", "hour")
    hours = ["weekday", "hour"]
    rates = rows("queue", *hours).group_by(hours).agg(pl.col("value").sum(), pl.col("n").sum())
    weeks = rows("queue", *hours, "week").group_by(*hours, "week").agg(pl.col("value").sum())
    quantiles = weeks.group_by(hours).agg(
        p50=pl.col("value").quantile(0.5, interpolation="linear"),
        p90=pl.col("value").quantile(0.9, interpolation="linear"),
    )
    return rates.join(quantiles, on=hours, how="left").sort(hours)
