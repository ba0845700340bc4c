"""``staffcast metrics``: the glossary."""

from __future__ import annotations

from typing import Annotated

import typer

from staffcast_cli.output import FormatOption, OutputOption, show, write_text
from staffcast_cli.session import config_file


def command(
    metric: Annotated[str | None, typer.Argument(help="Show one metric in full.", show_default=False)] = None,
    whole: Annotated[
        bool, typer.Option("--glossary", help="Write all there is to say of every metric, as Markdown.")
    ] = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List every metric with its definition, or show one in full."""
    import polars as pl

    from staffcast.metrics import catalogue
    from staffcast.metrics import metric as find
    from staffcast.metrics.loader import use
    from staffcast.metrics.own import read_definitions
    from staffcast.reports.glossary import facts_of, glossary

    use(read_definitions(config_file()))
    if whole:
        write_text(glossary(), output)
        return
    if metric is None:
        rows = [
            {"metric": record.id, "label": record.label, "unit": record.unit, "definition": record.definition}
            for record in catalogue()
        ]
        note = "staffcast metrics METRIC shows options, caveats and dimensions"
        show(pl.DataFrame(rows), fmt=fmt, note=note, output=output)
        return
    rows = [{"field": name, "text": text} for name, text in facts_of(find(metric)).items()]
    show(pl.DataFrame(rows), fmt=fmt, output=output)
