"""How every chart looks: one palette, one template, one way to describe a chart in words.

The colours are of the Okabe-Ito family, told apart by people with any colour vision, and reach a contrast
of 3:1 on white and on near-black alike. Backgrounds are transparent and text is a middle grey, so that one
figure serves a light page, a dark page and paper; pages may recolour the text.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import plotly.graph_objects as go

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "COLORWAY",
    "Colour",
    "alt_text",
    "describe",
    "empty_figure",
    "new_figure",
    "outline",
    "shade",
    "style",
]

COLORWAY: tuple[str, ...] = ("#3a87c8", "#d9601a", "#10997a", "#b3679b", "#a5862a", "#7a7fd0", "#7d8590")
"""Colours of series, in order; the last is the neutral one."""

TRANSPARENT = "rgba(0,0,0,0)"


class Colour:
    """Colours with a meaning."""

    MAIN = COLORWAY[0]
    LOST = COLORWAY[1]
    NEUTRAL = COLORWAY[6]
    TEXT = "#7d8590"
    GRID = "rgba(128,134,144,0.22)"
    CLOSED = "rgba(128,134,144,0.16)"


def shade(colour: str, opacity: float) -> str:
    """A colour of the palette, made transparent.

    Example:
        >>> shade("#3a87c8", 0.2)
        'rgba(58,135,200,0.2)'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def new_figure(traces: Sequence[go.Figure] = ()) -> go.Figure:
    """An empty figure in the house style."""
    return style(go.Figure(list(traces)))


def style(figure: go.Figure, *, height: int = 320) -> go.Figure:
    """Put a figure into the house style.

    Args:
        figure: Changed in place.
        height: In pixels; the width follows the page.
    """
    figure.update_layout(
        template=_TEMPLATE,
        colorway=COLORWAY,
        height=height,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
    )
    return figure


def describe(figure: go.Figure, text: str) -> go.Figure:
    """Attach the words that stand for the chart where it cannot be seen."""
    figure.update_layout(meta={"alt": text})
    return figure


def alt_text(figure: go.Figure) -> str:
    """The words that stand for the chart.

    Example:
        >>> alt_text(describe(go.Figure(), "Volume by day."))
        'Volume by day.'
    """
    return str((figure.layout.meta or {}).get("alt", ""))


def empty_figure(reason: str, *, height: int = 160) -> go.Figure:
    """A figure that says why there is nothing to see.

    Example:
        >>> alt_text(empty_figure("No conversations in this period."))
        'No conversations in this period.'
    """
    figure = style(go.Figure(), height=height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=reason, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    return describe(figure, reason)


def outline(
    rows: Iterable[tuple[str, float | None, float | None]],
) -> Iterator[tuple[str | None, float | None]]:
    """Outline of an interval along an axis: one polygon for each run of places that have one.

    Args:
        rows: Place, lower and upper bound, in order.

    Example:
        >>> list(outline([("a", 1.0, 2.0), ("b", None, None)]))
        [('a', 2.0), ('a', 1.0), (None, None)]
    """
    for is_known, run in groupby(rows, key=lambda row: row[1] is not None and row[2] is not None):
        known = list(run)
        if is_known:
            yield from ((place, high) for place, _, high in known)
            yield from ((place, low) for place, low, _ in reversed(known))
            yield None, None


_AXIS = {
    "gridcolor": Colour.GRID,
    "zeroline": False,
    "linecolor": Colour.GRID,
    "ticks": "",
    "automargin": True,
    "title": {"font": {"size": 12}, "standoff": 8},
    "tickfont": {"size": 12},
}

_TEMPLATE = go.layout.Template(
    layout={
        "font": {
            "family": "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
            "size": 13,
            "color": Colour.TEXT,
        },
        "colorway": COLORWAY,
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "margin": {"l": 8, "r": 12, "t": 30, "b": 8},
        "xaxis": _AXIS | {"showgrid": False},
        "yaxis": _AXIS,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left"},
        "hoverlabel": {"font": {"size": 13}},
        "hovermode": "x unified",
        "bargap": 0.18,
        "dragmode": False,
    }
)
