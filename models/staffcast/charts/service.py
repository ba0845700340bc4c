"""Charts of the service that customers got: by day, and by hour of the week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from staffcast.charts.theme import Colour, describe, empty_figure, outline, shade, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["WEEKDAYS", "daily_chart", "hours_chart"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def daily_chart(days: pl.DataFrame, *, target_share: float) -> go.Figure:
    """Volume over service level, by day, on one time axis.

    Args:
        days: As ``reports.daily_service`` gives it: date, offered, answered, abandoned, service_level,
            ci_low, ci_high, n.
        target_share: Service level aimed at.

    Returns:
        Two aligned panels; a day without a service level leaves a gap in its line.
    """
    if days.is_empty() or not days["offered"].sum():
        return empty_figure("No conversations were offered in this period.")
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.09, row_heights=[0.52, 0.48])
    _add_volume(figure, days)
    _add_service_level(figure, days, target_share)
    style(figure, height=400)
    figure.update_layout(barmode="stack", margin={"t": 28, "b": 4}, legend={"traceorder": "normal"})
    figure.update_xaxes(showgrid=False, type="date", hoverformat="%a %d %b %Y", tickformat="%d %b")
    figure.update_yaxes(title_text="Conversations", row=1, col=1, rangemode="tozero")
    figure.update_yaxes(
        title_text="Service level", row=2, col=1, tickformat=".0%", range=_share_range(days, target_share)
    )
    return describe(figure, _daily_words(days, target_share))


def hours_chart(hours: pl.DataFrame, *, unit: str = "contacts per open hour") -> go.Figure:
    """A value by weekday and hour; hours that were never open are hatched.

    Args:
        hours: As ``reports.weekday_hours`` gives it: weekday (1 = Monday), hour, value; a missing row is a
            closed hour, a null value one that is withheld. Where it has p50 and p90 over the weeks, the hour
            tells them.
        unit: What the value counts.
    """
    if hours.is_empty():
        return empty_figure("No opening hours in this period.")
    cells = {(row["weekday"], row["hour"]): row["value"] for row in hours.iter_rows(named=True)}
    weeks = _weeks(hours)
    first, last = min(hour for _, hour in cells), max(hour for _, hour in cells)
    columns = list(range(first, last + 1))
    figure = go.Figure()
    _add_closed(figure, cells, columns)
    figure.add_trace(
        go.Heatmap(
            x=columns,
            y=list(range(1, 8)),
            text=[[f"{name} {hour:02d}:00" for hour in columns] for name in WEEKDAYS],
            customdata=[[weeks.get((day, hour), "") for hour in columns] for day in range(1, 8)],
            z=[[cells.get((day, hour)) for hour in columns] for day in range(1, 8)],
            colorscale=[(0, shade(Colour.MAIN, 0.06)), (1, shade(Colour.MAIN, 1))],
            zmin=0,
            xgap=2,
            ygap=2,
            hovertemplate="%{text}: %{z:.1f} " + unit + "%{customdata}<extra></extra>",
            colorbar={"thickness": 8, "outlinewidth": 0, "len": 1, "x": 1.01, "xpad": 4, "nticks": 4},
            hoverongaps=False,
        )
    )
    style(figure, height=290)
    figure.update_layout(hovermode="closest", margin={"t": 6, "r": 4, "b": 4})
    figure.update_xaxes(title_text="Hour of day", dtick=1 if len(columns) <= 12 else 2, tickformat="02d")
    figure.update_yaxes(
        range=[7.5, 0.5], tickvals=list(range(1, 8)), ticktext=WEEKDAYS, showgrid=False, fixedrange=True
    )
    return describe(figure, _hours_words(cells, unit))


def _weeks(hours: pl.DataFrame) -> dict[tuple[int, int], str]:
    """How far the weeks lie apart, by weekday and hour."""
    if "p50" not in hours.columns:
        return {}
    return {
        (row["weekday"], row["hour"]): f"<br>median week {row['p50']:.1f}, one in ten above {row['p90']:.1f}"
        for row in hours.drop_nulls(["p50", "p90"]).iter_rows(named=True)
    }


def _add_volume(figure: go.Figure, days: pl.DataFrame) -> None:
    for name, colour in (("answered", Colour.MAIN), ("abandoned", Colour.LOST)):
        figure.add_trace(
            go.Bar(
                x=days["date"].to_list(),
                y=days[name].to_list(),
                name=name.capitalize(),
                marker={"color": colour, "line": {"width": 0}},
                hovertemplate="%{y:,.0f} " + name + "<extra></extra>",
            ),
            row=1,
            col=1,
        )


def _add_service_level(figure: go.Figure, days: pl.DataFrame, target_share: float) -> None:
    dates, colour = days["date"].to_list(), Colour.MAIN
    band = list(outline(days.select("date", "ci_low", "ci_high").iter_rows()))
    figure.add_trace(
        go.Scatter(
            x=[date for date, _ in band],
            y=[share for _, share in band],
            mode="lines",
            line={"width": 0, "color": colour},
            fill="toself",
            fillcolor=shade(colour, 0.22),
            showlegend=False,
            hoverinfo="skip",
        ),
        row=2,
        col=1,
    )
    figure.add_trace(
        go.Scatter(
            x=dates,
            y=days["service_level"].to_list(),
            customdata=days.select("ci_low", "ci_high", "n").rows(),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            name="Accepted in time (band: 95 %)",
            hovertemplate="%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%}), n %{customdata[2]:,}"
            "<extra></extra>",
        ),
        row=2,
        col=1,
    )
    figure.add_trace(
        go.Scatter(
            x=[dates[0], dates[-1]],
            y=[target_share, target_share],
            mode="lines",
            line={"color": Colour.NEUTRAL, "dash": "dash", "width": 1.5},
            name=f"Target {target_share:.0%}",
            hoverinfo="skip",
        ),
        row=2,
        col=1,
    )


def _share_range(days: pl.DataFrame, target_share: float) -> list[float]:
    lowest = min(
        value
        for value in (days["ci_low"].min(), days["service_level"].min(), target_share)
        if isinstance(value, float)
    )
    return [max(0.0, lowest - 0.06), 1.02]


def _add_closed(figure: go.Figure, cells: Mapping[tuple[int, int], float | None], columns: list[int]) -> None:
    """Hatch the closed hours with bars, since a heat map has no patterns."""
    closed = [(day, hour) for day in range(1, 8) for hour in columns if (day, hour) not in cells]
    figure.add_trace(
        go.Bar(
            x=[hour for _, hour in closed],
            y=[0.92] * len(closed),
            base=[day - 0.46 for day, _ in closed],
            width=0.94,
            marker={
                "color": Colour.CLOSED,
                "line": {"width": 0},
                "pattern": {
                    "shape": "/",
                    "size": 5,
                    "solidity": 0.25,
                    "fgcolor": shade(Colour.NEUTRAL, 0.55),
                    "bgcolor": Colour.CLOSED,
                    "fillmode": "overlay",
                },
            },
            showlegend=False,
            hovertemplate="closed<extra></extra>",
        )
    )


def _daily_words(days: pl.DataFrame, target_share: float) -> str:
    measured = days.filter(days["service_level"].is_not_null())
    n_below = measured.filter(measured["service_level"] < target_share).height
    words = (
        f"Conversations by day from {days['date'][0]} to {days['date'][-1]}: "
        f"{days['offered'].sum():,.0f} offered, {days['abandoned'].sum():,.0f} abandoned. "
    )
    if measured.is_empty():
        return words + "No day has a service level."
    worst = measured.sort("service_level").row(0, named=True)
    return words + (
        f"The service level was below the target of {target_share:.0%} on {n_below} of "
        f"{measured.height} days; the lowest was {worst['service_level']:.0%} on {worst['date']}."
    )


def _hours_words(cells: Mapping[tuple[int, int], float | None], unit: str) -> str:
    known = {cell: value for cell, value in cells.items() if value is not None}
    if not known:
        return "No hour has enough data to show."
    (day, hour), most = max(known.items(), key=lambda item: item[1])
    return f"Busiest hour of the week: {WEEKDAYS[day - 1]} {hour:02d}:00 with {most:.1f} {unit}."
