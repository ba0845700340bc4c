"""Options that forecasts and plans share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CountryOption",
    "DaysOption",
    "EveryOption",
    "ForecastOption",
    "ModelOption",
    "PlotsOption",
    "ScenarioOption",
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
        help="A forecast that `staffcast forecast` wrote as CSV or JSON; `-` waits for stdin. Default: "
        "what is piped in, else one of its own.",
        show_default=False,
    ),
]
