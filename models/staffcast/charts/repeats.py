"""The curve of first-contact resolution over the days since the close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl

from staffcast.charts.theme import COLORWAY, Colour, describe, empty_figure, shade, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    _Parts = Mapping[tuple[Any, ...], pl.DataFrame]

__all__ = ["repeat_chart"]

_FEW_LEFT = 30
"""Beyond the day from which fewer than these are followed a curve says little."""


def repeat_chart(
    steps: pl.DataFrame, *, by: Sequence[str] = (), window_days: float | None = None
) -> go.Figure:
    """One falling line for each group, with its 95 % band, and the window of the metric.

    Args:
        steps: As ``reports.repeat_curve`` gives them: the groups, days, resolved, ci_low, ci_high, n_at_risk.
        by: The groups.
        window_days: Where to draw the metric's window; None for nowhere.
    """
    known = steps.filter(pl.col("n_at_risk") >= _FEW_LEFT)
    if known.is_empty():
        return empty_figure("Too few contacts could be followed.")
    figure = go.Figure()
    parts: _Parts = known.partition_by(by, as_dict=True, maintain_order=True) if by else {(): known}
    names = {key: ", ".join("none" if value is None else str(value) for value in key) for key in parts}
    for number, (key, part) in enumerate(parts.items()):
        colour = COLORWAY[number % (len(COLORWAY) - 1)]
        if len(parts) <= 3:
            _add_band(figure, part, colour)
        figure.add_trace(
            go.Scatter(
                x=part["days"].to_list(), y=part["resolved"].to_list(), mode="lines",
                line={"shape": "hv", "color": colour, "width": 2}, name=names[key] or "Without a repeat",
                customdata=part["n_at_risk"].to_list(),
                hovertemplate="%{y:.1%} after %{x:g} days, %{customdata:,} still followed<extra></extra>",
            )
        )  # fmt: skip
    if window_days is not None:
        figure.add_vline(
            x=window_days, line={"color": Colour.NEUTRAL, "dash": "dash", "width": 1.5},
            annotation_text=f"window of fcr: {window_days:g} days", annotation_position="top right",
        )  # fmt: skip
    style(figure, height=360)
    figure.update_xaxes(title_text="Days since the close", rangemode="tozero")
    figure.update_yaxes(title_text="Without a repeat", tickformat=".0%")
    return describe(figure, _words(parts, names))


def _add_band(figure: go.Figure, part: pl.DataFrame, colour: str) -> None:
    band = part.filter(pl.col("ci_low").is_not_null())
    days = band["days"].to_list()
    figure.add_trace(
        go.Scatter(
            x=days + days[::-1], y=band["ci_high"].to_list() + band["ci_low"].to_list()[::-1], mode="lines",
            line={"width": 0, "color": colour}, fill="toself", fillcolor=shade(colour, 0.2), showlegend=False,
            hoverinfo="skip",
        )
    )  # fmt: skip


def _words(parts: _Parts, names: Mapping[tuple[Any, ...], str]) -> str:
    sentences = []
    for key, part in parts.items():
        last = part.row(-1, named=True)
        who = f"{names[key]}: " if names[key] else ""
        sentences.append(f"{who}{last['resolved']:.1%} after {last['days']:g} days.")
    return "Share of first contacts without a repeat, falling with the days since the close. " + " ".join(
        sentences
    )
