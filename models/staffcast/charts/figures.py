"""One metric: by part as dots with their intervals, or over time as a line with its band."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from staffcast.charts.theme import COLORWAY, Colour, describe, empty_figure, outline, shade, style

__all__ = ["metric_chart"]

_MOST_PARTS = 25
_MOST_LINES = 6


def metric_chart(rows: pl.DataFrame, *, label: str, unit: str, part: str | None) -> go.Figure:
    """Draw the rows of one metric.

    Args:
        rows: As ``metrics.query`` gives them, with or without a grain.
        label: Name of the metric.
        unit: Its unit; shares are drawn as percentages.
        part: The dimension that the rows are split by.

    Returns:
        A line for each part over time where there are several periods, else a dot for each part. At most 25
        parts are drawn, and 6 lines: those with most rows behind them.
    """
    known = rows.drop_nulls("value")
    if known.is_empty():
        return empty_figure("Nothing to draw: every value is withheld or missing.")
    is_series = rows["period_start"].n_unique() > 1
    figure = _lines(rows, part) if is_series else _dots(known, part, label)
    style(figure, height=360 if is_series else 120 + 26 * min(known.height, _MOST_PARTS))
    figure.update_layout(margin={"t": 12, "b": 4})
    axis = figure.update_yaxes if is_series else figure.update_xaxes
    says_it = unit == "share" or unit in label.lower().split()
    axis(title_text=label if says_it else f"{label} ({unit})", rangemode="tozero")
    if is_series:
        figure.update_xaxes(type="date", tickformat="%d %b", hoverformat="%a %d %b %Y")
    if unit == "share":
        axis(tickformat=".0%")
    values = known["value"].to_list()
    shown = f"{len(values)} values from {min(values):.4g} to {max(values):.4g}"
    return describe(figure, f"{label}{f' by {part}' if part else ''}: {shown}.")


def _dots(known: pl.DataFrame, part: str | None, label: str) -> go.Figure:
    shown = known.sort("n", descending=True).head(_MOST_PARTS).sort("value")
    names = [_name(value) for value in shown[part]] if part else [label]
    spread = {
        "type": "data",
        "symmetric": False,
        "array": _reach(shown, "ci_high", 1),
        "arrayminus": _reach(shown, "ci_low", -1),
        "color": Colour.MAIN,
        "thickness": 1.4,
    }
    dots = go.Scatter(
        x=shown["value"].to_list(),
        y=names,
        mode="markers",
        marker={"size": 9, "color": Colour.MAIN},
        error_x=spread,
        showlegend=False,
    )
    figure = go.Figure(dots)
    figure.update_yaxes(type="category", automargin=True)
    return figure


def _reach(shown: pl.DataFrame, bound: str, sign: int) -> list[float]:
    pairs = zip(shown[bound], shown["value"], strict=True)
    return [0.0 if edge is None else max(sign * (edge - value), 0.0) for edge, value in pairs]


def _lines(rows: pl.DataFrame, part: str | None) -> go.Figure:
    figure = go.Figure()
    if part is None:
        _add_band(figure, rows)
        _add_line(figure, rows, "", Colour.MAIN)
        return figure
    sizes = rows.group_by(part, maintain_order=True).agg(pl.col("n").sum()).sort("n", descending=True)
    for value, colour in zip(sizes[part].head(_MOST_LINES), COLORWAY, strict=False):
        _add_line(figure, rows.filter(pl.col(part).eq_missing(value)), _name(value), colour)
    return figure


def _add_line(figure: go.Figure, rows: pl.DataFrame, name: str, colour: str) -> None:
    line = go.Scatter(
        x=rows["period_start"].to_list(),
        y=rows["value"].to_list(),
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 5, "color": colour},
        showlegend=bool(name),
        connectgaps=False,
    )
    figure.add_trace(line)


def _add_band(figure: go.Figure, rows: pl.DataFrame) -> None:
    edge = list(outline(rows.select("period_start", "ci_low", "ci_high").iter_rows()))
    band = go.Scatter(
        x=[place for place, _ in edge],
        y=[bound for _, bound in edge],
        fill="toself",
        fillcolor=shade(Colour.MAIN, 0.18),
        mode="lines",
        line={"width": 0},
        showlegend=False,
        hoverinfo="skip",
    )
    figure.add_trace(band)


def _name(value: object) -> str:
    return "–" if value is None else str(value)
