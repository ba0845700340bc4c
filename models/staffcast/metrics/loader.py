"""The catalogue: TOML files, one family of metrics each, and what the user's own file adds or changes."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from staffcast.core.errors import MetricError, did_you_mean
from staffcast.metrics.record import Direction, Duration, Kind, Metric, Option

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Definitions",
    "builtin",
    "catalogue",
    "definitions",
    "in_force",
    "metric",
    "own_dimensions",
    "packaged",
    "use",
]

STATISTICS: Mapping[str, tuple[Kind, float, str]] = MappingProxyType(
    {
        "median": (Kind.QUANTILE, 0.5, "median"),
        "p90": (Kind.QUANTILE, 0.9, "P90"),
        "p95": (Kind.QUANTILE, 0.95, "P95"),
        "mean": (Kind.MEAN, 0.0, "mean"),
    }
)
"""Statistics of a quantity: kind, quantile, words in the label."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """Metrics by id, in reading order, and the user's own dimensions: name and expression.

    Attributes:
        metrics: Every metric.
        dimensions: Dimensions that the user has added.
    """

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, str]


def catalogue() -> tuple[Metric, ...]:
    """All metrics in force, by file and order in it.

    Example:
        >>> [m.id for m in catalogue() if m.family == "queue_wait"]
        ['queue_wait', 'queue_wait_p90', 'queue_wait_mean']
    """
    return tuple(in_force().metrics.values())


def metric(name: str) -> Metric:
    """Look up a metric by its id.

    Raises:
        MetricError: There is none of that name.

    Example:
        >>> metric("csat").unit
        'share'
    """
    known = in_force().metrics
    if name not in known:
        raise MetricError(f"unknown metric '{name}'", hint=did_you_mean(name, known))
    return known[name]


def own_dimensions() -> Mapping[str, str]:
    """Dimensions that the user has added: name and expression over the columns of a fact."""
    return in_force().dimensions


class _Force:
    """The definitions that this process works with: those of one project."""

    current: Definitions | None = None


def use(found: Definitions | None) -> None:
    """Put definitions in force for this process; None brings back the built-in ones."""
    _Force.current = found


def in_force() -> Definitions:
    """The definitions in force."""
    return _Force.current or definitions(builtin(), {})


@cache
def builtin() -> Mapping[str, Mapping[str, Any]]:
    """The tables of the packaged files, by family."""
    folder = resources.files("staffcast.metrics").joinpath("catalogue")
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    files.sort(key=lambda file: int(file.name.partition("_")[0]))
    tables: dict[str, Mapping[str, Any]] = {}
    for file in files:
        tables |= tomllib.loads(file.read_text(encoding="utf-8"))
    return tables


def packaged() -> Mapping[str, Metric]:
    """The metrics as they come, whatever the user's own file says.

    Example:
        >>> packaged()["csat"].fact
        'fact_survey'
    """
    return _builtin_definitions().metrics


def definitions(tables: Mapping[str, Mapping[str, Any]], dimensions: Mapping[str, str]) -> Definitions:
    """Turn tables into records; a derived metric may stand before its parts.

    Raises:
        MetricError: A part of a derived metric is no count.
        KeyError: A table lacks a key.
        ValueError: A kind or direction is none.
        TypeError: A key is unknown.
    """
    if tables is builtin() and not dimensions:
        return _builtin_definitions()
    return _definitions(tables, dimensions)


@cache
def _builtin_definitions() -> Definitions:
    return _definitions(builtin(), {})


def _definitions(tables: Mapping[str, Mapping[str, Any]], dimensions: Mapping[str, str]) -> Definitions:
    simple = {family: raw for family, raw in tables.items() if raw.get("kind") != Kind.DERIVED}
    found = {record.id: record for family, raw in simple.items() for record in _family(family, raw)}
    derived = {family: _derived(family, tables[family], found) for family in tables if family not in simple}
    order = {family: number for number, family in enumerate(tables)}
    records = sorted((found | derived).values(), key=lambda record: order[record.family])
    return Definitions({record.id: record for record in records}, dict(dimensions))


def _family(family: str, table: Mapping[str, Any]) -> list[Metric]:
    raw = copy.deepcopy(dict(table))
    names = raw.pop("statistics", None)
    if names is None:
        return [_record(family, family, raw)]
    records = []
    for position, name in enumerate(names):
        kind, quantile, words = STATISTICS[name]
        own = raw | {"kind": kind, "quantile": quantile, "label": f"{raw['label']}, {words}"}
        records.append(_record(family if position == 0 else f"{family}_{name}", family, own))
    return records


def _derived(family: str, table: Mapping[str, Any], known: Mapping[str, Metric]) -> Metric:
    """A count over a count; its options are those of both."""
    raw = copy.deepcopy(dict(table))
    parts = []
    for key in ("numerator", "denominator"):
        name = raw.pop(key)
        part = known.get(name)
        if part is None or part.kind is not Kind.COUNT or part.is_snapshot:
            raise MetricError(f"{family}: its {key} '{name}' is no count", hint="name a metric of kind count")
        parts.append(part)
    options = {option.name: option for part in parts for option in part.options}
    record = _record(family, family, raw | {"fact": parts[0].fact, "cohort": parts[0].cohort})
    return replace(
        record,
        parts=tuple(parts),
        options=tuple(options.values()),
        rests_on_agents=record.rests_on_agents or any(part.rests_on_agents for part in parts),
    )


def _record(name: str, family: str, raw: dict[str, Any]) -> Metric:
    fields = dict(raw)
    return Metric(
        id=name,
        family=family,
        label=fields.pop("label"),
        unit=fields.pop("unit"),
        direction=Direction(fields.pop("direction", "neutral")),
        fact=fields.pop("fact"),
        cohort=fields.pop("cohort"),
        kind=Kind(fields.pop("kind")),
        filter=fields.pop("filter", ""),
        exclusions=tuple(fields.pop("exclusions", {}).items()),
        censored=fields.pop("censored", ""),
        numerator=fields.pop("numerator", ""),
        denominator=fields.pop("denominator", ""),
        value=fields.pop("value", ""),
        quantile=fields.pop("quantile", 0.0),
        divisor=fields.pop("divisor", 1),
        clocks=tuple(Duration(key, **columns) for key, columns in fields.pop("clocks", {}).items()),
        dimensions=tuple(fields.pop("dimensions", ())),
        options=tuple(_option(key, value) for key, value in fields.pop("options", {}).items()),
        definition=fields.pop("definition"),
        convention=fields.pop("convention"),
        caveats=tuple(fields.pop("caveats", ())),
        example=fields.pop("example"),
        rests_on_agents=fields.pop("rests_on_agents", True),
        **fields,
    )


def _option(name: str, raw: Mapping[str, Any]) -> Option:
    return Option(name=name, **({"variants": {}, "values": {}, "refused": {}, "words": {}} | dict(raw)))
