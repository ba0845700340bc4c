"""The catalogue: TOML files, one family of metrics each, read once into records."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from staffcast.core.errors import MetricError, did_you_mean
from staffcast.metrics.record import Direction, Kind, Metric, Option

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["catalogue", "metric"]

STATISTICS: Mapping[str, tuple[Kind, float, str]] = MappingProxyType(
    {
        "median": (Kind.QUANTILE, 0.5, "median"),
        "p90": (Kind.QUANTILE, 0.9, "P90"),
        "mean": (Kind.MEAN, 0.0, "mean"),
    }
)
"""Statistics of a quantity: kind, quantile, words in the label."""


@cache
def catalogue() -> tuple[Metric, ...]:
    """All metrics, by file and order in it.

    Example:
        >>> [m.id for m in catalogue() if m.family == "queue_wait"]
        ['queue_wait', 'queue_wait_p90', 'queue_wait_mean']
    """
    folder = resources.files("staffcast.metrics").joinpath("catalogue")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(
        record
        for file in files
        for family, raw in tomllib.loads(file.read_text(encoding="utf-8")).items()
        for record in _family(family, raw)
    )


def metric(name: str) -> Metric:
    """Look up a metric by its id.

    Raises:
        MetricError: There is none of that name.

    Example:
        >>> metric("csat").unit
        'share'
    """
    found = _by_id().get(name)
    if found is None:
        raise MetricError(f"unknown metric '{name}'", hint=did_you_mean(name, _by_id()))
    return found


@cache
def _by_id() -> dict[str, Metric]:
    return {record.id: record for record in catalogue()}


def _family(family: str, raw: dict[str, Any]) -> list[Metric]:
    names = raw.pop("statistics", None)
    if names is None:
        return [_record(family, family, raw)]
    records = []
    for position, name in enumerate(names):
        kind, quantile, words = STATISTICS[name]
        own = raw | {"kind": kind, "quantile": quantile, "label": f"{raw['label']}, {words}"}
        records.append(_record(family if position == 0 else f"{family}_{name}", family, own))
    return records


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
        clocks=tuple((key, c["business"], c["calendar"]) for key, c in fields.pop("clocks", {}).items()),
        dimensions=tuple(fields.pop("dimensions", ())),
        options=tuple(_option(key, value) for key, value in fields.pop("options", {}).items()),
        definition=fields.pop("definition"),
        convention=fields.pop("convention"),
        caveats=tuple(fields.pop("caveats", ())),
        example=fields.pop("example"),
        rests_on_agents=fields.pop("rests_on_agents", True),
        **fields,
    )


def _option(name: str, raw: dict[str, Any]) -> Option:
    fields = {"variants": {}, "refused": {}} | raw
    return Option(name=name, **fields)
