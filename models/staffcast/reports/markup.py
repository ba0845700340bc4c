"""The HTML of a report: every text escaped, every chart described, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from plotly.offline import get_plotlyjs

from staffcast.charts import alt_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import plotly.graph_objects as go
    import polars as pl

__all__ = ["chart", "page", "paragraph", "section", "table"]

_CONFIG = {"displayModeBar": False, "responsive": True, "showTips": False}
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def page(title: str, body: Iterable[str]) -> str:
    """A document that needs nothing but itself.

    Args:
        title: Plain text.
        body: Finished markup.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_style()}</style>\n"
        f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def section(title: str, parts: Iterable[str], *, note: str = "") -> str:
    """A titled part of the page; ``title`` and ``note`` are plain text, ``parts`` finished markup."""
    small = paragraph(note, kind="note") if note else ""
    return f"<section>\n<h2>{escape(title)}</h2>\n{small}" + "\n".join(parts) + "\n</section>"


def paragraph(text: str, *, kind: str = "") -> str:
    """A paragraph of plain text.

    Example:
        >>> paragraph("a < b", kind="note")
        '<p class="note">a &lt; b</p>'
    """
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def chart(figure: go.Figure, name: str) -> str:
    """A chart with its words for those who cannot see it.

    Args:
        figure: Of ``staffcast.charts``.
        name: Unique on the page.
    """
    drawn: str = figure.to_html(
        full_html=False, include_plotlyjs=False, div_id=f"chart-{name}", config=_CONFIG, default_width="100%"
    )
    words = escape(alt_text(figure), quote=True)
    return f'<figure role="img" aria-label="{words}">{drawn}</figure>'


def table(frame: pl.DataFrame, *, text: Collection[str] = (), marks: Collection[str] = ()) -> str:
    """A frame as a table.

    Args:
        frame: Its values are shown as they are.
        text: Columns aligned to the left; the others hold numbers.
        marks: Columns whose words decide their colour.
    """
    head = "".join(
        f'<th scope="col"{_kind(name, text)}>{escape(name.replace("_", " "))}</th>' for name in frame.columns
    )
    rows = []
    for row in frame.iter_rows(named=True):
        cells = "".join(
            f"<td{_kind(name, text)}>{_cell(value, is_mark=name in marks)}</td>"
            for name, value in row.items()
        )
        rows.append(f"<tr>{cells}</tr>")
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>'
        + "\n".join(rows)
        + "</tbody></table></div>"
    )


def _cell(value: object, *, is_mark: bool) -> str:
    words = escape("" if value is None else str(value))
    return f'<span class="{words.replace(" ", "-")}">{words}</span>' if is_mark else words


def _kind(name: str, text: Collection[str]) -> str:
    return ' class="text"' if name in text else ""


def _style() -> str:
    return (resources.files(__package__) / "report.css").read_text(encoding="utf-8")
