"""``staffcast metrics``: the glossary."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast_cli.output import FormatOption, show
from staffcast_cli.session import config_file


def command(
    metric: Annotated[str | None, typer.Argument(help="Show one metric in full.", show_default=False)] = None,
    fmt: FormatOption = None,
) -> None:
    """List every metric with its definition, or show one in full."""
    import polars as pl

    from staffcast.metrics import catalogue, dimensions_of, explain
    from staffcast.metrics import metric as find
    from staffcast.metrics.loader import use
    from staffcast.metrics.own import read_definitions

    use(read_definitions(config_file()))
    if metric is None:
        rows = [
            {"metric": record.id, "label": record.label, "unit": record.unit, "definition": record.definition}
            for record in catalogue()
        ]
        show(
            pl.DataFrame(rows), fmt=fmt, note="staffcast metrics METRIC shows options, caveats and dimensions"
        )
        return
    record = find(metric)
    options = "; ".join(
        f"{option.name} = {option.default}" + (f" ({', '.join(option.choices)})" if option.choices else "")
        for option in record.options
    )
    facts = {
        "metric": record.id,
        "label": record.label,
        "definition": record.definition,
        "convention": explain(metric).convention,
        "unit": record.unit,
        "better": record.direction.value,
        "cohort": record.cohort,
        "grain": record.fact,
        "left out": "; ".join(reason for reason, _ in record.exclusions),
        "options": options,
        "dimensions": ", ".join(dimensions_of(record)),
        "caveats": " ".join(record.caveats),
        "example": record.example,
    }
    rows = [{"field": name, "text": text} for name, text in facts.items() if text]
    show(pl.DataFrame(rows), fmt=fmt)
