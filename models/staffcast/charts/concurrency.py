"""Charts of what the number of chats at once does to a chat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from staffcast.charts.theme import Colour, describe, empty_figure, style

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["concurrency_chart"]


def concurrency_chart(rows: pl.DataFrame, labels: Mapping[str, str]) -> go.Figure:
    """One panel for each outcome: as measured, and with agents and hours held fixed.

    Args:
        rows: As ``reports.concurrency_quality`` gives them: metric, k_active, n, raw, adjusted, effect,
            effect_low, effect_high, unit; levels without an effect are left out.
        labels: Name on screen by metric.
    """
    known = rows.filter(pl.col("effect").is_not_null())
    if known.is_empty():
        return empty_figure("Too few chats to compare.")
    names = known["metric"].unique(maintain_order=True).to_list()
    n_rows = math.ceil(len(names) / 2)
    titles = [labels[name] for name in names]
    figure = make_subplots(rows=n_rows, cols=2, subplot_titles=titles, vertical_spacing=0.2)
    for number, name in enumerate(names):
        part = known.filter(pl.col("metric") == name)
        _add_outcome(figure, part, row=number // 2 + 1, col=number % 2 + 1, is_first=number == 0)
    style(figure, height=60 + 240 * n_rows)
    figure.update_layout(hovermode="closest", margin={"t": 60}, legend={"y": 1.08})
    figure.update_xaxes(dtick=1, title_text="Chats at accept")
    return describe(figure, _words(known, labels))


def _add_outcome(figure: go.Figure, part: pl.DataFrame, *, row: int, col: int, is_first: bool) -> None:
    levels = part["k_active"].to_list()
    unit = part["unit"][0]
    number = "%{y:.1%}" if unit == "share" else "%{y:,.0f} s"
    figure.add_trace(
        go.Scatter(
            x=levels, y=part["raw"].to_list(), mode="markers", name="As measured", showlegend=is_first,
            marker={"color": Colour.NEUTRAL, "symbol": "circle-open", "size": 9},
            hovertemplate=f"as measured: {number}<extra></extra>",
        ),
        row=row, col=col,
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=levels, y=part["adjusted"].to_list(), mode="lines+markers", showlegend=is_first,
            name="Agent and hour held fixed (bars: 95 % against the lowest)",
            line={"color": Colour.MAIN, "width": 2}, marker={"size": 7},
            error_y={
                "type": "data", "symmetric": False, "color": Colour.MAIN,
                "array": (part["effect_high"] - part["effect"]).to_list(),
                "arrayminus": (part["effect"] - part["effect_low"]).to_list(),
            },
            customdata=part["n"].to_list(),
            hovertemplate=f"held fixed: {number}, n %{{customdata:,}}<extra></extra>",
        ),
        row=row, col=col,
    )  # fmt: skip
    ticks = {"tickformat": ".0%"} if unit == "share" else {"tickformat": ",.0f", "ticksuffix": " s"}
    figure.update_yaxes(**ticks, row=row, col=col)


def _words(known: pl.DataFrame, labels: Mapping[str, str]) -> str:
    sentences = []
    for name in known["metric"].unique(maintain_order=True):
        part = known.filter(pl.col("metric") == name).sort("k_active")
        first, last = part.row(0, named=True), part.row(-1, named=True)
        values = (
            f"{value:.1%}" if first["unit"] == "share" else f"{value:,.0f} s"
            for value in (first["adjusted"], last["adjusted"])
        )
        ends = f"{first['k_active']} and {last['k_active']} chats at accept"
        sentences.append(f"{labels[name]} at {ends}: {' and '.join(values)}.")
    return "By the number of chats at once, agent and hour of the week held fixed. " + " ".join(sentences)
