"""Options that forecasts and plans share."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast.core.errors import SourceError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CountryOption",
    "DaysOption",
    "EveryOption",
    "ForecastOption",
    "ModelOption",
    "PlotsOption",
    "ScenarioOption",
    "read_table",
]

DaysOption = Annotated[int, typer.Option(help="Local days after the data's as-of.")]
EveryOption = Annotated[int, typer.Option(help="Minutes per interval: 15, 30 or 60.")]
ModelOption = Annotated[
    str | None,
    typer.Option(
        help="best: what forecast best so far; average: 8 weeks. Default: the setting forecast_model.",
        show_default=False,
    ),
]
CountryOption = Annotated[
    str | None, typer.Option(help="Country of the public holidays, such as DE or US/NY.", show_default=False)
]
ScenarioOption = Annotated[
    str | None,
    typer.Option(help="What-if of the table that the setting scenarios names.", show_default=False),
]
PlotsOption = Annotated[
    Path | None,
    typer.Option(
        "--plots", help="Write the charts of the back-test into this folder, as one page.", show_default=False
    ),
]
ForecastOption = Annotated[
    str | None,
    typer.Option(
        help="A forecast that `staffcast forecast --paths` wrote as CSV or JSON; `-` reads stdin.",
        show_default=False,
    ),
]


def read_table(source: str) -> pl.DataFrame:
    """A table of a command's, from a file or from stdin, as CSV or JSON.

    Raises:
        SourceError: It cannot be read, or is neither.
    """
    import polars as pl

    place = Path("stdin" if source == "-" else source)
    try:
        text = sys.stdin.read() if source == "-" else place.read_text(encoding="utf-8")
        if text.lstrip().startswith("["):
            return pl.DataFrame(json.loads(text), infer_schema_length=None)
        # A queue may be called 007: what is a number is decided by the columns, not by how it looks.
        return pl.read_csv(io.StringIO(text), infer_schema=False)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise SourceError(
            "neither CSV nor JSON of a forecast", path=place, hint="write it with `staffcast forecast -f csv`"
        ) from error
