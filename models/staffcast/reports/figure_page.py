"""A page with one chart and its table: what a command writes beside its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.reports.markup import chart, page, paragraph, section, table

if TYPE_CHECKING:
    from collections.abc import Collection

    import plotly.graph_objects as go
    import polars as pl

__all__ = ["figure_page"]


def figure_page(
    title: str, figure: go.Figure, words: pl.DataFrame, *, text: Collection[str] = (), note: str = ""
) -> str:
    """Write a self-contained HTML document.

    Args:
        title: Plain text.
        figure: Of ``staffcast.charts``.
        words: The table under it, as people read it.
        text: Columns of the table that hold words.
        note: Lines of plain text under the table.
    """
    lines = [paragraph(line, kind="note") for line in note.splitlines() if line]
    marks = ("verdict",) if "verdict" in words.columns else ()
    body = [chart(figure, "chart"), table(words, text=text, marks=marks), *lines]
    return page(title, [section(title, body)])
