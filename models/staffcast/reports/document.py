"""The self-contained HTML report: key figures, charts, plan and definitions in one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, TypedDict

import polars as pl

from staffcast.charts import daily_chart, hours_chart, queues_chart, week_chart
from staffcast.core.errors import ForecastError, ModelError
from staffcast.metrics import metric as find
from staffcast.planning import staff
from staffcast.reports.changes import biggest_changes
from staffcast.reports.hours import HourMap, arrivals_by_hour
from staffcast.reports.kpis import KpiReport, daily_service, kpi_report, kpi_table
from staffcast.reports.markup import chart, page, paragraph, section, table
from staffcast.reports.staffing import day_table, hour_grid, plan_note, queue_label
from staffcast.reports.tiles import Tile, tiles
from staffcast.reports.wording import format_change, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.core.config import Settings
    from staffcast.planning import Plan
    from staffcast.store.generations import Reader

__all__ = ["ReportContent", "change_table", "full_html_report", "html_report"]


class _Period(TypedDict):
    from_date: str | None
    to_date: str | None


@dataclass(frozen=True)
class ReportContent:
    """Everything a report shows.

    Attributes:
        kpis: Key figures, with a comparison.
        tiles: The headlines among them.
        daily: Of `daily_service`.
        hours: Of `arrivals_by_hour`.
        changes: Of ``CHANGE_SCHEMA``.
        plan: Staffing plan, or the reason why there is none.
        settings: In force.
    """

    kpis: KpiReport
    tiles: tuple[Tile, ...]
    daily: pl.DataFrame
    hours: HourMap
    changes: pl.DataFrame
    plan: Plan | str
    settings: Settings


def full_html_report(
    reader: Reader, settings: Settings, *, from_date: str | None = None, to_date: str | None = None
) -> str:
    """Compute and write the whole report of a period.

    Args:
        reader: A published generation.
        settings: In force.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.

    Returns:
        An HTML document that loads nothing.

    Raises:
        ConfigError: The period is malformed or empty.
    """
    period: _Period = {"from_date": from_date, "to_date": to_date}
    try:
        plan: Plan | str = staff(reader, settings)
    except (ForecastError, ModelError) as error:
        plan = str(error)
    return html_report(
        ReportContent(
            kpis=kpi_report(reader, settings, comparison=True, **period),
            tiles=tiles(reader, settings, **period),
            daily=daily_service(reader, settings, **period),
            hours=arrivals_by_hour(reader, settings, **period),
            changes=biggest_changes(reader, settings, **period),
            plan=plan,
            settings=settings,
        )
    )


def html_report(content: ReportContent) -> str:
    """Write a report as one HTML document."""
    first, end = content.kpis.period
    title = f"Live chat, {_day(first)} to {_day(end - timedelta(days=1))} {end - timedelta(days=1):%Y}"
    return page(title, _parts(content, title))


def change_table(changes: pl.DataFrame) -> pl.DataFrame:
    """Biggest changes in words.

    Returns:
        Text columns metric, where, before, now, change, verdict.
    """
    rows = [
        {
            "metric": row["label"],
            "where": f"{row['dimension']} {row['part']}",
            "before": format_value(row["previous"], row["unit"]),
            "now": format_value(row["value"], row["unit"]),
            "change": format_change(row["change"], row["unit"]),
            "verdict": row["verdict"],
        }
        for row in changes.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=["metric", "where", "before", "now", "change", "verdict"], orient="row")


def _parts(content: ReportContent, title: str) -> Iterator[str]:
    covered, settings = content.kpis.covered, content.settings
    yield f"<header><h1>{escape(title)}</h1>"
    stamp = covered.stamp[0].upper() + covered.stamp[1:]
    yield paragraph(f"{stamp}. {_comparison(content.kpis)}", kind="stamp") + "</header>"
    yield '<div class="tiles">' + "".join(_tile(tile) for tile in content.tiles) + "</div>"
    daily = daily_chart(content.daily, target_share=settings.service_level_share)
    yield section("Volume and service level by day", [chart(daily, "daily")])
    hours = hours_chart(content.hours.frame, unit=content.hours.unit)
    yield section(
        "Arrivals by hour of the week", [chart(hours, "hours")],
        note=f"{content.hours.unit.capitalize()}; hatched hours are closed.",
    )  # fmt: skip
    yield _changes(content.changes)
    yield section(
        "Key figures",
        [table(kpi_table(content.kpis), text=("metric", "verdict", "convention"), marks=("verdict",))],
        note="Interval: 95 %. A change is called better or worse only where it is more than noise.",
    )
    yield _staffing(content.plan)
    yield _definitions(content.kpis)


def _tile(tile: Tile) -> str:
    change = " · ".join(part for part in (tile.change, tile.verdict) if part)
    certainty = " · ".join(part for part in (tile.certainty, tile.aside) if part)
    return (
        f'<div class="tile"><div class="label">{escape(tile.label)}</div>'
        f'<div class="value">{escape(tile.value)}</div>'
        f'<div class="change {tile.tone.value}">{escape(change)}</div>'
        f'<div class="certainty">{escape(certainty)}</div></div>'
    )


def _changes(changes: pl.DataFrame) -> str:
    if changes.is_empty():
        return section(
            "Biggest changes",
            [paragraph("No part changed by more than noise, or nothing earlier is there to compare with.")],
        )
    note = (
        f"The clearest of {changes['n_compared'][0]} comparisons with the period before, by queue and topic; "
        "about one in twenty looks detectable by chance."
    )
    words = table(change_table(changes), text=("metric", "where", "verdict"), marks=("verdict",))
    return section("Biggest changes", [words], note=note)


def _staffing(plan: Plan | str) -> str:
    title = "Staffing plan of the coming week"
    if isinstance(plan, str):
        return section(title, [paragraph(f"There is no plan: {plan}")])
    queues = plan.frame["queue"].unique().sort()
    totals = day_table(plan).with_columns(
        pl.col("queue").replace("", queue_label("")),
        pl.col("contacts").round(0).cast(pl.Int64),
        pl.col("agent_hours", "scheduled_hours").round(1),
    )
    parts = [chart(queues_chart(plan.frame), "queues"), table(totals, text=("date", "queue"))]
    for number, queue in enumerate(queues):
        rows = plan.frame.filter(pl.col("queue") == queue)
        parts.append(f"<h3>Required agents: {escape(queue_label(queue))}</h3>")
        parts.append(chart(week_chart(rows), f"queue-{number}"))
        parts.append(table(hour_grid(plan, queue), text=("time",)))
    return section(title, parts, note=f"{plan_note(plan)}. 4 (3-6): for the forecast's 80 % interval.")


def _definitions(report: KpiReport) -> str:
    lines = []
    for row in report.rows.unique("metric", maintain_order=True).iter_rows(named=True):
        record = find(row["metric"])
        lines.append(f"<dt>{escape(record.label)}</dt><dd>{escape(record.definition)}</dd>")
        lines += [f'<dd class="note">{escape(caveat)}</dd>' for caveat in record.caveats]
        lines.append(f'<dd class="note">Example: {escape(record.example)}</dd>')
        lines.append(
            f'<dd class="note">{escape(record.id)}, definition {escape(row["definition_hash"])}, '
            f"{escape(row['clock'].replace('_', ' '))} clock, by {escape(row['cohort'])}</dd>"
        )
    return section("Definitions", ["<dl>" + "\n".join(lines) + "</dl>"])


def _comparison(report: KpiReport) -> str:
    if "previous_start" not in report.rows.columns or report.rows.is_empty():
        return ""
    start, end = (date.fromisoformat(report.rows[f"previous_{edge}"][0]) for edge in ("start", "end"))
    return f"Changes are against {_day(start)} to {_day(end - timedelta(days=1))}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
