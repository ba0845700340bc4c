"""Parts that the pages share: head, tiles, charts, and the watch for new data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import streamlit as st

from staffcast.charts import alt_text
from staffcast.reports.tiles import Tone
from staffcast_dashboards import data as source
from staffcast_dashboards.problems import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from staffcast.reports.tiles import Tile
    from staffcast_dashboards.data import Data

__all__ = ["draw", "head", "tile_grid"]

_COLOURS: dict[Tone, Literal["green", "red", "off"]] = {
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.NEUTRAL: "off",
}
_CONFIG = {"displayModeBar": False, "showTips": False}
_WATCH_EVERY_S = 20


def head(title: str, question: str, data: Data, *, period: str = "") -> None:
    """Title of a page, the question it answers, the period it covers, and how old the answer is."""
    st.header(title)
    stamp = source.coverage(data).stamp
    st.caption(" · ".join(plain(part) for part in (question, period, stamp) if part))
    _watch(data.session.reader.generation.number)


def tile_grid(tiles: tuple[Tile, ...]) -> None:
    """The key figures, four in a row where there is room."""
    grid = st.grid(4, min_column_width=160, gap="xsmall", border=True)
    for tile in tiles:
        with grid.cell():
            _tile(tile)


def draw(figure: go.Figure, key: str) -> None:
    """A chart with the words that stand for it."""
    st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt_text(figure))


def _tile(tile: Tile) -> None:
    known = [value for value in tile.by_day if math.isfinite(value)]
    st.metric(
        tile.label,
        tile.value,
        tile.change or None,
        delta_color=_COLOURS[tile.tone],
        delta_arrow="auto" if tile.change.startswith(("+", "-")) else "off",
        delta_description=tile.verdict if tile.change else None,
        help="\n\n".join(plain(line) for line in tile.explanation),
        chart_data=list(tile.by_day) if len(known) > 1 else None,
    )
    lines = [tile.certainty, tile.aside, "" if tile.change else tile.verdict]
    st.caption(" · ".join(plain(line) for line in lines if line))


@st.fragment(run_every=_WATCH_EVERY_S)
def _watch(shown: int) -> None:
    """Draw the page anew once another generation is published."""
    if source.published_number() != shown:
        st.rerun()
