"""Writing results: data to stdout in one of four formats, talk to stderr.

``csv`` and ``json`` carry full precision for machines; ``table`` and ``md`` carry units for people. Without
a choice it is a table in a terminal and CSV in a pipe.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import ConfigError, StaffcastError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Format",
    "FormatOption",
    "OutputOption",
    "chosen_format",
    "say",
    "show",
    "write_file",
    "write_text",
]


class Format(StrEnum):
    """How a table is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MD = "md"


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="Default: table in a terminal, csv otherwise.", show_default=False),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to a file instead of stdout.", show_default=False)
]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PIPE_WIDTH = 220
_WIDEST = 10_000


def say(text: str) -> None:
    """Talk to the person: one line on stderr."""
    print(_clean(text), file=sys.stderr, flush=True)  # noqa: T201 - this is where talking is done


def show(
    data: pl.DataFrame,
    shown: pl.DataFrame | None = None,
    *,
    fmt: Format | None,
    title: str = "",
    note: str = "",
    output: Path | None = None,
) -> None:
    """Write a result.

    Args:
        data: Full-precision rows, for csv and json.
        shown: The same in words and units, for table and md; ``data`` if None.
        fmt: The format; None decides by the terminal, or by the suffix of ``output``.
        title: Printed above a table.
        note: Printed below a table.
        output: A file to write instead; an existing one is replaced.

    Raises:
        ConfigError: The suffix of the file names no format.
        StaffcastError: The file cannot be written.
    """
    chosen = chosen_format(fmt, output)
    text = render(data, shown, chosen, title=title, note=note)
    if output is None:
        # A terminal obeys control characters, whatever the format; a file or a pipe gets the text as it is.
        sys.stdout.write(_clean(text) if sys.stdout.isatty() else text)
    else:
        write_file(output, text)


def chosen_format(fmt: Format | None, output: Path | None = None) -> Format:
    """The format asked for, or that of the file's suffix, or of the place where the output goes."""
    return fmt or _by_suffix(output) or (Format.TABLE if sys.stdout.isatty() else Format.CSV)


def render(
    data: pl.DataFrame, shown: pl.DataFrame | None, fmt: Format, *, title: str = "", note: str = ""
) -> str:
    """The text of a result in a format, ending with a newline."""
    data = _plain(data)
    people = data if shown is None else shown
    match fmt:
        case Format.CSV:
            from staffcast.reports.export import csv_text

            return csv_text(data)
        case Format.JSON:
            return json.dumps(data.to_dicts(), indent=2, ensure_ascii=False, default=str) + "\n"
        case Format.MD:
            return _markdown(people, title=title, note=note)
        case _:
            return _table(people, title=title, note=note)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists, structs, intervals and bytes as text, which every format can hold."""
    import polars as pl

    odd = [
        name
        for name, dtype in frame.schema.items()
        if dtype.is_nested() or dtype in (pl.Duration, pl.Binary, pl.Object)
    ]
    texts = [
        pl.Series(name, [None if cell is None else str(cell) for cell in frame[name].to_list()], pl.String)
        for name in odd
    ]
    return frame.with_columns(texts)


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        StaffcastError: It cannot be written.
    """
    unfinished = path.with_name(path.name + ".tmp")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StaffcastError(
            f"cannot write {path}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error
    say(f"wrote {path}")


def write_text(text: str, output: Path | None) -> None:
    """Write a text to stdout, or to a file as write_file() does."""
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_file(output, text)


def _by_suffix(output: Path | None) -> Format | None:
    if output is None:
        return None
    known = {f".{fmt}": fmt for fmt in Format} | {".txt": Format.TABLE}
    if output.suffix not in known:
        raise ConfigError(f"{output}: no format for '{output.suffix}'", hint=f"end it in {', '.join(known)}")
    return known[output.suffix]


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _cells(frame: pl.DataFrame) -> list[list[str]]:
    return [["" if cell is None else _clean(str(cell)) for cell in row] for row in frame.iter_rows()]


def _markdown(frame: pl.DataFrame, *, title: str, note: str) -> str:
    lines = [f"### {_clean(title)}", ""] if title else []
    lines.append("| " + " | ".join(frame.columns) + " |")
    lines.append("|" + " --- |" * len(frame.columns))
    for row in _cells(frame):
        escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append(f"| {' | '.join(escaped)} |")
    if note:
        lines += ["", _clean(note)]
    return "\n".join(lines) + "\n"


def _table(frame: pl.DataFrame, *, title: str, note: str) -> str:
    from rich import box
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=_clean(title) or None, title_justify="left", pad_edge=False)
    for name in frame.columns:
        if _reads_as_numbers(frame[name]):  # a number is never cut, whatever the width
            width = max([len(name), *(len(str(cell)) for cell in frame[name])])
            table.add_column(Text(name), justify="right", no_wrap=True, min_width=width)
        else:
            table.add_column(Text(name), overflow="fold")
    for row in _cells(frame):
        table.add_row(*(Text(cell) for cell in row))
    buffer = io.StringIO()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPE_WIDTH
    # Wider than the terminal, if need be: a wrapped line can be read, a cut number cannot.
    widest = Console(file=io.StringIO(), width=_WIDEST)
    width = max(width, Measurement.get(widest, widest.options, table).minimum)
    console = Console(file=buffer, width=width, no_color=True, highlight=False, force_terminal=False)
    console.print(table)
    if note:
        console.print(Text(_clean(note)))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


_NUMBER = r"^[+-]?\d[\d,.]*( (%|s|pts|min|h|d|\(\d+-\d+\)).*)?$|^–"


def _reads_as_numbers(column: pl.Series) -> bool:
    """Numbers, also with a unit, line up at the right; dates and words at the left."""
    if column.dtype.is_numeric():
        return True
    texts = column.cast(str).drop_nulls()
    return len(texts) > 0 and bool(texts.str.contains(_NUMBER).all())
