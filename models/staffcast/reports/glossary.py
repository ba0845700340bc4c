"""The catalogue in words: what every door tells of a metric comes from here."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from staffcast.metrics import Kind, catalogue, dimensions_of, explain
from staffcast.store.facts import fact_table

if TYPE_CHECKING:
    from staffcast.metrics import Metric, Option

__all__ = ["facts_of", "glossary"]

_HEAD = """\
# Metrics

Generated from the catalogue by `staffcast metrics --glossary`; a test keeps it so. Options are set with
`--set METRIC.OPTION=VALUE`. `staffcast explain METRIC` prints the SQL of a number, with `--rows` what is
behind it. A dimension that a metric does not have is refused with the list of those that it has.
"""


def facts_of(metric: Metric) -> dict[str, str]:
    """What there is to say of a metric, by heading; what does not apply is left out.

    Example:
        >>> from staffcast.metrics import metric
        >>> facts_of(metric("offered"))["cohort"]
        'queue'
    """
    facts = {
        "metric": metric.id,
        "label": metric.label,
        "definition": metric.definition,
        "convention": explain(metric.id).convention,
        "unit": metric.unit,
        "better": metric.direction.value,
        "cohort": metric.cohort,
        "grain": " over ".join(fact_table(name).grain for name in metric.facts),
        "over groups": _addition(metric),
        "left out": ", ".join(reason for reason, _ in metric.exclusions),
        "options": "; ".join(_option(option) for option in metric.options),
        "dimensions": ", ".join(dimensions_of(metric)),
        "caveats": " ".join(metric.caveats),
        "example": metric.example,
    }
    return {name: text for name, text in facts.items() if text}


def glossary() -> str:
    """Every metric in force, as Markdown: one section a family, with what differs between its statistics."""
    return _HEAD + "".join(
        _section(list(members)) for _, members in groupby(catalogue(), key=lambda record: record.family)
    )


def _section(family: list[Metric]) -> str:
    first = family[0]
    names = ", ".join(f"`{record.id}`" for record in family)
    label = first.label.rpartition(",")[0] if len(family) > 1 else first.label
    facts = facts_of(first)
    lines = [f"- **{name}**: {facts[name]}" for name in _SHOWN if name in facts]
    caveats = [f"- {caveat}" for caveat in first.caveats]
    example = [f"\nExample: {first.example}"] if first.example else []
    return "\n".join(["", f"## {label}", "", names, "", first.definition, "", *lines, *caveats, *example, ""])


_SHOWN = (
    "convention",
    "unit",
    "better",
    "cohort",
    "grain",
    "over groups",
    "left out",
    "options",
    "dimensions",
)


def _addition(metric: Metric) -> str:
    if metric.is_snapshot:
        return "adds up over groups of one instant, never over time" if metric.kind is Kind.COUNT else ""
    return "parts add up to the whole (but for tags)" if metric.is_additive else "parts do not add up"


def _option(option: Option) -> str:
    choices = f" ({', '.join(option.choices)})" if option.choices else ""
    return f"{option.name} = {_number(option.default)}{choices}: {option.meaning}"


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
