"""A forecast on its way from `staffcast forecast` to `staffcast staff`, through a pipe or a file."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TextIO
from urllib.parse import parse_qs, urlencode

from staffcast.core.errors import ConfigError, SourceError
from staffcast_cli.output import Format, chosen_format, render, say

if TYPE_CHECKING:
    import polars as pl

    from staffcast.core.config import Settings
    from staffcast.forecasting import VolumeForecast
    from staffcast.planning import Outlook
    from staffcast.store.generations import Reader

__all__ = ["begin", "finish", "given_table", "read_given", "with_recipe"]

_RECIPE = "recipe"
"""Column that says how a forecast was made."""
_FIRST_LINES = {
    Format.CSV: "queue,interval_at,local_date,local_weekday,local_minute,open_us,expected,lower,upper,"
    "n_weeks,{last}\n",
    Format.JSON: "[\n",
}
_PATIENCE_S = 5.0
_CHUNK_BYTES = 1 << 16


def begin(fmt: Format | None, output: Path | None, *, paths: bool) -> str:
    """Write the first line of a forecast into a pipe before there is more, and return it.

    Whoever reads the pipe knows then that a forecast is coming. Nothing is written anywhere else.
    """
    chosen = chosen_format(fmt, output)
    if output is not None or chosen not in _FIRST_LINES or not _is_pipe(sys.stdout):
        return ""
    line = _FIRST_LINES[chosen].format(last="paths" if paths else _RECIPE)
    sys.stdout.write(line)
    sys.stdout.flush()
    return line


def finish(line: str, table: pl.DataFrame, fmt: Format | None) -> None:
    """Write what follows the first line."""
    sys.stdout.write(render(table, None, chosen_format(fmt)).removeprefix(line))


def with_recipe(table: pl.DataFrame, outlook: Outlook, settings: Settings) -> pl.DataFrame:
    """A forecast with what it takes to make it again, with the same paths, from the same data."""
    import polars as pl

    made = {"days": outlook.n_days, "every": outlook.every_min, "model": outlook.model}
    text = urlencode(made | {"country": settings.country, "scenario": settings.scenario})
    return table.with_columns(pl.lit(text).alias(_RECIPE))


def given_table(source: str | None) -> pl.DataFrame | None:
    """The forecast of a file, of stdin (``-``), or of a pipe on stdin; None if there is none.

    Raises:
        SourceError: It cannot be read, or is no table.
    """
    place = Path("stdin" if source in (None, "-") else str(source))
    try:
        if source is None:
            text = _piped_text()
        else:
            text = sys.stdin.read() if source == "-" else place.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _no_table(place) from error
    if text is None:
        return None
    table = _table_of(text, place)
    if source is None and "interval_at" not in table.columns:
        raise SourceError(
            "what is piped in is no forecast", path=place, hint="`< /dev/null` keeps a plan from reading it"
        )
    return table


def _table_of(text: str, place: Path) -> pl.DataFrame:
    import polars as pl

    try:
        if text.lstrip().startswith("["):
            return pl.DataFrame(json.loads(text), infer_schema_length=None)
        # A queue may be called 007: what is a number is decided by the columns, not by how it looks.
        return pl.read_csv(io.StringIO(text), infer_schema=False)
    except (ValueError, pl.exceptions.PolarsError) as error:
        raise _no_table(place) from error


def _no_table(place: Path) -> SourceError:
    return SourceError(
        "neither CSV nor JSON of a forecast", path=place, hint="write it with `staffcast forecast -f csv`"
    )


def read_given(reader: Reader, settings: Settings, table: pl.DataFrame) -> tuple[VolumeForecast, Settings]:
    """The forecast of a table, with the paths that it was made with, and the settings of both.

    Paths that are not in the table are drawn again: the same data, settings and seed give the same ones. A
    table that was changed by hand, or made from other data, is planned from its bounds, which is said.
    """
    from staffcast.planning import coming_volume, with_paths_of
    from staffcast.reports import read_forecast

    given = read_forecast(table)
    if given.paths or _RECIPE not in table.columns:
        return given, settings
    made, days, every_min = _made_by(str(table[_RECIPE][0]), settings)
    if made.forecast_model != "average":
        again = coming_volume(reader, made, days=days, every_min=every_min).forecast
        given = with_paths_of(given, again)
        if not given.paths:
            say("the forecast is not the one of these data and settings: its bounds are planned, not paths")
    return given, replace(settings, scenario=settings.scenario or made.scenario)


def _made_by(recipe: str, settings: Settings) -> tuple[Settings, int, int]:
    """Settings, days and minutes per interval of a recipe."""
    parts = {name: values[0] for name, values in parse_qs(recipe, keep_blank_values=True).items()}
    try:
        made = replace(
            settings, forecast_model=parts["model"], country=parts["country"], scenario=parts["scenario"]
        )
        return made, int(parts["days"]), int(parts["every"])
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"forecast: '{recipe}' is no recipe", hint="write it with `staffcast forecast -f csv`"
        ) from error


def _piped_text() -> str | None:
    """What comes through a pipe on stdin; None if stdin is no pipe, or if nothing comes.

    Scripts and schedulers hold pipes open through which nothing will ever come. The first line of
    `staffcast forecast` comes at once: where there is none, nothing is waited for.
    """
    if not _is_pipe(sys.stdin):
        return None
    parts: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read_all, args=(sys.stdin.fileno(), parts), daemon=True).start()
    try:
        found = [parts.get(timeout=_PATIENCE_S)]
    except Empty:
        say(f"nothing came through the pipe on stdin within {_PATIENCE_S:.0f} s: `--forecast -` would wait")
        return None
    while found[-1]:
        found.append(parts.get())
    return b"".join(found).decode("utf-8") or None


def _read_all(descriptor: int, parts: SimpleQueue[bytes]) -> None:
    """Everything, chunk by chunk, and an empty chunk at the end."""
    try:
        while part := os.read(descriptor, _CHUNK_BYTES):
            parts.put(part)
    except OSError as error:
        say(f"stdin: {error.strerror}")
    parts.put(b"")


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):  # closed, or a stand-in without a descriptor
        return False
