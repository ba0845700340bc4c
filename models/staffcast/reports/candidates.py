"""The ways in which a vendor may have counted: conventions, options, clocks, statistics of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from staffcast.metrics import Kind, catalogue, options_from_settings
from staffcast.metrics.options import choose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from staffcast.core.config import Settings
    from staffcast.metrics import Metric

    _Changes = tuple[tuple[str, object], ...]

__all__ = ["Candidate", "Subject", "candidates"]

_CLOCKS = ("business", "calendar")
_MOST_CHANGES = 2
_FREE = "convention"
"""Each convention is tried with every change: they are what vendors differ in most."""

_ALTERNATIVES: Mapping[str, tuple[float, ...]] = {"short_s": (0, 5, 10, 20, 30)}
"""Numbers that vendors set otherwise, by option; the other numbers are as asked."""


class Subject(StrEnum):
    """What can be reconciled."""

    FIRST_RESPONSE = "first_response"
    SERVICE_LEVEL = "service_level"
    CSAT = "csat"
    VOLUME = "volume"
    RESOLUTION = "resolution"


_FAMILIES: Mapping[Subject, tuple[str, ...]] = {
    Subject.FIRST_RESPONSE: (
        "first_response", "queue_wait", "pickup_to_reply", "first_bot_response", "reply_time",
    ),
    Subject.SERVICE_LEVEL: ("service_level",),
    Subject.CSAT: ("csat", "csat_all_legs", "csat_lower", "csat_upper"),
    Subject.VOLUME: ("offered", "conversations", "answered"),
    Subject.RESOLUTION: ("resolution_time", "bot_resolution_time", "handle_time", "engaged_time"),
}  # fmt: skip
"""Families of metrics that a vendor may mean, the likeliest first."""


@dataclass(frozen=True)
class Candidate:
    """One way to count.

    Attributes:
        metric: The record.
        changes: What differs from the catalogue and the settings: option (or ``clock``) and value.
        options: As query() takes them.
        clock: As query() takes it.
        convention: The line printed beside the number.
    """

    metric: Metric
    changes: _Changes
    options: Mapping[str, object] = field(hash=False)
    clock: str | None
    convention: str

    @property
    def words(self) -> str:
        """The changes in words; empty for the definition as it stands."""
        return ", ".join(f"{name} {value:g}" if isinstance(value, float | int) else f"{name} {value}"
                         for name, value in self.changes)  # fmt: skip


def candidates(
    subject: Subject, settings: Settings, options: Mapping[str, object] | None = None
) -> list[Candidate]:
    """Every way to count a subject that the catalogue knows, each definition once, our own first.

    Up to two options are changed at a time, beside the convention of the service level.

    Args:
        subject: What is to be reconciled.
        settings: Defaults of the options.
        options: Beats the settings, and is not varied.
    """
    given = dict(options or {})
    families = _FAMILIES[subject]
    records = [record for family in families for record in catalogue() if record.family == family]
    if subject is Subject.VOLUME:
        records += [
            record
            for record in catalogue()
            if record.kind is Kind.COUNT and record.unit == "conversations" and not record.is_snapshot
            if record not in records
        ]
    found: dict[tuple[str, str, str], Candidate] = {}
    for record in records:
        for candidate, definition in _ways(record, settings, given):
            # Vendors know equal conventions by different names: each name is worth a row.
            name = str(candidate.options.get(_FREE, ""))
            found.setdefault((record.id, name, definition), candidate)
    return list(found.values())


def _ways(record: Metric, settings: Settings, given: Mapping[str, object]) -> Iterator[tuple[Candidate, str]]:
    fixed = options_from_settings(settings, given)
    own = _own_options(record, fixed)
    for clock, changes in _changes(record, own, given):
        chosen_options = own | dict(changes)
        [chosen] = choose([record], chosen_options, clock or "")
        named = [("clock", clock)] if clock else []
        candidate = Candidate(record, (*changes, *named), chosen_options, clock, chosen.convention)
        yield candidate, _definition(chosen.metric, chosen.parameters, clock)


def _own_options(record: Metric, fixed: Mapping[str, object]) -> dict[str, Any]:
    """The options of the record as they stand, by their bare names."""
    [chosen] = choose([record], {key: value for key, value in fixed.items() if _is_of(record, key)}, "")
    return dict(chosen.options)


def _is_of(record: Metric, key: str) -> bool:
    owner, _, name = key.rpartition(".")
    return owner in ("", record.id, record.family) and name in {option.name for option in record.options}


def _changes(
    record: Metric, own: Mapping[str, object], given: Mapping[str, object]
) -> Iterator[tuple[str | None, _Changes]]:
    """Clock and changed options, fewest first."""
    others: dict[str, list[object]] = {}
    for option in record.options:
        if _is_given(record, option.name, given):
            continue
        values: tuple[object, ...] = option.choices or _ALTERNATIVES.get(option.name, ())
        others[option.name] = [value for value in values if value != own[option.name]]
    free: list[_Changes] = [(), *(((_FREE, value),) for value in others.pop(_FREE, []))]
    clocks: list[str | None] = [None, *(_CLOCKS if record.clocks else ())]
    for size in range(_MOST_CHANGES + 1):
        for names in combinations(others, size):
            for values in product(*(others[name] for name in names)):
                for convention, clock in product(free, clocks):
                    yield clock, (*convention, *zip(names, values, strict=True))


def _is_given(record: Metric, name: str, given: Mapping[str, object]) -> bool:
    return bool({name, f"{record.family}.{name}", f"{record.id}.{name}"} & set(given))


def _definition(decided: Metric, parameters: Mapping[str, object], clock: str | None) -> str:
    """Equal for equal definitions: a parameter that no predicate names makes no difference."""
    texts = [
        decided.filter, decided.numerator, decided.denominator, decided.value, decided.censored,
        *(predicate for _, predicate in decided.exclusions),
    ]  # fmt: skip
    used = {name: value for name, value in parameters.items() if any(f":{name}" in text for text in texts)}
    return repr((texts, sorted(used.items()), clock, decided.cohort, decided.fact))
