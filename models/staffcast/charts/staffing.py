"""Charts of the staffing plan: agents through the week, and how chats slow one another down."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from staffcast.charts.theme import COLORWAY, Colour, describe, empty_figure, shade, style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["handle_time_chart", "queues_chart", "week_chart"]

NO_QUEUE = "no queue"

Point = tuple[str | None, float | None]


def week_chart(
    plan: pl.DataFrame, *, before: pl.DataFrame | None = None, interval_min: int = 60
) -> go.Figure:
    """Required agents of one queue through the plan's days, with the band of the volume forecast.

    Args:
        plan: Rows of one queue of ``planning.PLAN_SCHEMA``.
        before: The same for the plan to compare with; drawn as a dotted line.
        interval_min: Length of an interval.

    Returns:
        A step chart with gaps where the queue is closed.
    """
    if plan.is_empty():
        return empty_figure("This queue is closed in the coming days.")
    figure = go.Figure()
    band = list(_band(plan, interval_min))
    figure.add_trace(
        go.Scatter(
            x=[x for x, _ in band],
            y=[y for _, y in band],
            fill="toself",
            fillcolor=shade(Colour.MAIN, 0.25),
            line={"width": 0},
            mode="lines",
            name="for the forecast's 80 % interval",
            hoverinfo="skip",
        )
    )
    if before is not None:
        _add_steps(figure, before, interval_min, name="plan", colour=Colour.NEUTRAL, dash="dot")
    name = "required agents" if before is None else "what if"
    _add_steps(figure, plan, interval_min, name=name, colour=Colour.MAIN)
    style(figure, height=300)
    others = [] if before is None else before["required_agents"].to_list()
    most = max([*plan["upper_agents"].to_list(), *others])
    _scale(figure, plan, most)
    return describe(figure, _week_words(plan))


def queues_chart(
    plan: pl.DataFrame, *, before: pl.DataFrame | None = None, interval_min: int = 60
) -> go.Figure:
    """Required agents of all queues through the plan's days, stacked.

    Args:
        plan: Of ``planning.PLAN_SCHEMA``. Queues with agents of their own are assumed: their numbers add up.
        before: The plan to compare with; its total is drawn as a dotted line.
        interval_min: Length of an interval.
    """
    if plan.is_empty():
        return empty_figure("No queue is open in the coming days.")
    figure = go.Figure()
    for index, queue in enumerate(plan["queue"].unique().sort()):
        rows = plan.filter(pl.col("queue") == queue)
        figure.add_trace(
            go.Bar(
                x=[_moment(row) for row in rows.iter_rows(named=True)],
                y=rows["required_agents"].to_list(),
                name=queue or NO_QUEUE,
                width=interval_min * 60_000,
                offset=0,
                marker={"color": COLORWAY[index % len(COLORWAY)], "line": {"width": 0}},
                hovertemplate="%{y} " + "<extra>%{fullData.name}</extra>",
            )
        )
    style(figure, height=320)
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    most = max(_totals(plan)["required_agents"])
    if before is not None:
        old = _totals(before)
        most = max(most, *old["required_agents"])
        _add_steps(figure, old, interval_min, name="plan, all queues", colour=Colour.NEUTRAL, dash="dot")
    _scale(figure, plan, most)
    return describe(figure, _total_words(plan))


def handle_time_chart(handle: pl.DataFrame) -> go.Figure:
    """Handle time by the number of chats an agent holds, a line per queue.

    Args:
        handle: Of ``planning.HANDLE_SCHEMA``; estimates that are not measured are drawn hollow.
    """
    if handle.is_empty():
        return empty_figure("No finished chats to learn from.")
    figure = go.Figure()
    for index, queue in enumerate(handle["queue"].unique().sort()):
        rows = handle.filter(pl.col("queue") == queue).sort("level")
        colour = COLORWAY[index % len(COLORWAY)]
        figure.add_trace(
            go.Scatter(
                x=rows["level"].to_list(),
                y=(rows["handle_s"] / 60).to_list(),
                customdata=rows.select(pl.col("origin"), pl.col("n_closures")).rows(),
                error_y=_whiskers(rows, colour),
                mode="lines+markers",
                name=queue or NO_QUEUE,
                line={"color": colour, "width": 2},
                marker={
                    "size": 8,
                    "symbol": ["circle" if o == "measured" else "circle-open" for o in rows["origin"]],
                },
                hovertemplate="%{y:.1f} min (%{customdata[0]}, %{customdata[1]:,} chats)"
                "<extra>%{fullData.name}</extra>",
            )
        )
    style(figure, height=330)
    figure.update_layout(margin={"t": 40})
    figure.update_xaxes(title_text="Chats held at once", dtick=1)
    figure.update_yaxes(title_text="Minutes per chat", rangemode="tozero")
    return describe(figure, _handle_words(handle))


def _scale(figure: go.Figure, plan: pl.DataFrame, most: float) -> None:
    days = plan["local_date"].sort()
    figure.update_yaxes(title_text="Agents", range=[0, most * 1.08 + 0.2], **_whole_ticks(most))
    figure.update_xaxes(
        type="date",
        tickformat="%a<br>%d %b",
        dtick=86_400_000,
        ticklabelmode="period",
        hoverformat="%a %d %b, %H:%M",
        showgrid=True,
        range=[f"{days[0]}T00:00", _next_day(days[-1])],
    )


def _add_steps(
    figure: go.Figure, plan: pl.DataFrame, interval_min: int, *, name: str, colour: str, dash: str = "solid"
) -> None:
    points = list(_steps(plan, "required_agents", interval_min))
    figure.add_trace(
        go.Scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            mode="lines",
            line={"shape": "hv", "color": colour, "width": 2, "dash": dash},
            name=name,
            hovertemplate="%{y:.0f} " + name + "<extra></extra>",
        )
    )


def _stretches(plan: pl.DataFrame, interval_min: int) -> Iterator[list[dict[str, object]]]:
    """Rows of each run of intervals without a gap between them."""
    length_us = interval_min * 60_000_000
    run: list[dict[str, object]] = []
    for row in plan.sort("interval_at_us").iter_rows(named=True):
        if run and row["interval_at_us"] - run[-1]["interval_at_us"] > length_us:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _steps(plan: pl.DataFrame, column: str, interval_min: int) -> Iterator[Point]:
    for run in _stretches(plan, interval_min):
        for row in run:
            yield _moment(row), float(row[column])  # type: ignore[arg-type]
        yield _moment(run[-1], interval_min), float(run[-1][column])  # type: ignore[arg-type]
        yield None, None


def _band(plan: pl.DataFrame, interval_min: int) -> Iterator[Point]:
    """Outline of the band: one polygon for each run, with right angles."""
    for run in _stretches(plan, interval_min):
        there: list[Point] = []
        back: list[Point] = []
        for row in run:
            begin, end = _moment(row), _moment(row, interval_min)
            there += [(begin, row["upper_agents"]), (end, row["upper_agents"])]  # type: ignore[list-item]
            back += [(begin, row["lower_agents"]), (end, row["lower_agents"])]  # type: ignore[list-item]
        yield from (*there, *reversed(back), (None, None))


def _moment(row: dict[str, object], later_min: int = 0) -> str:
    local = datetime.fromisoformat(f"{row['local_date']}T{row['local_time']}")
    return (local + timedelta(minutes=later_min)).isoformat(timespec="minutes")


def _next_day(day: str) -> str:
    return f"{(datetime.fromisoformat(day) + timedelta(days=1)):%Y-%m-%d}T00:00"


def _whole_ticks(most: float) -> dict[str, object]:
    """Agents are whole: no ticks at halves."""
    return {"dtick": 1} if most <= 6 else {"nticks": 7, "tickformat": "d"}


def _whiskers(rows: pl.DataFrame, colour: str) -> dict[str, object]:
    """Interval bounds as distances; none where an estimate has no interval."""

    def distance(high: Sequence[float], low: Sequence[float]) -> list[float]:
        gaps = [(top - bottom) / 60 for top, bottom in zip(high, low, strict=True)]
        return [gap if math.isfinite(gap) else 0.0 for gap in gaps]

    is_open = [not math.isfinite(bound) for bound in rows["upper_s"]]
    below = distance(rows["handle_s"].to_list(), rows["lower_s"].to_list())
    return {
        "type": "data",
        "symmetric": False,
        "array": distance(rows["upper_s"].to_list(), rows["handle_s"].to_list()),
        "arrayminus": [0.0 if unknown else gap for unknown, gap in zip(is_open, below, strict=True)],
        "color": shade(colour, 0.6),
        "thickness": 1.2,
        "width": 3,
    }


def _totals(plan: pl.DataFrame) -> pl.DataFrame:
    return (
        plan.group_by("interval_at_us", "local_date", "local_time")
        .agg(pl.col("required_agents").sum())
        .sort("interval_at_us")
    )


def _total_words(plan: pl.DataFrame) -> str:
    top = _totals(plan).sort("required_agents", descending=True, maintain_order=True).row(0, named=True)
    return (
        f"Required agents of {plan['queue'].n_unique()} queues together: at most {top['required_agents']} on "
        f"{top['local_date']} at {top['local_time']}."
    )


def _week_words(plan: pl.DataFrame) -> str:
    peak = plan.sort("required_agents", "interval_at_us", descending=[True, False]).row(0, named=True)
    days = plan["local_date"].sort()
    return (
        f"Required agents of {peak['queue'] or NO_QUEUE} from {days[0]} to {days[-1]}: "
        f"at most {peak['required_agents']} on {peak['local_date']} at {peak['local_time']}, "
        f"with {peak['expected_contacts']:.0f} contacts expected then."
    )


def _handle_words(handle: pl.DataFrame) -> str:
    measured = handle.filter(pl.col("origin") == "measured")
    if measured.is_empty():
        return "Handle times by chats held at once; none could be measured."
    low, high = measured["handle_s"].min(), measured["handle_s"].max()
    return (
        f"Handle time by chats held at once in {measured['queue'].n_unique()} queues: measured from "
        f"{low / 60:.1f} to {high / 60:.1f} minutes; hollow points are pooled or extended."  # type: ignore[operator]
    )
