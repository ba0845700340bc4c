"""Options: from what the reader chose to a metric without choices left in it."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from staffcast.core.errors import MetricError, did_you_mean
from staffcast.metrics.loader import catalogue, metric
from staffcast.metrics.record import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from staffcast.metrics.record import Metric, Option

__all__ = ["Chosen", "choose", "options_from_settings"]

_SHOWN_ONLY = (
    "label", "definition", "convention", "caveats", "example", "options", "direction", "family",
    "rests_on_agents", "parts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """A metric with its options decided.

    Attributes:
        metric: The record with the chosen variants put in.
        options: Every option and its value.
        parameters: SQL parameters of the numeric options.
        convention: The line printed beside the number.
        definition_hash: Changes when anything does that can change the number, except filters.
        parts: Of a derived metric, its counts with the same options.
    """

    metric: Metric
    options: dict[str, float | str]
    parameters: dict[str, int | str]
    convention: str
    definition_hash: str
    parts: tuple[Chosen, ...] = ()


def choose(metrics: Iterable[Metric], options: Mapping[str, object] | None, clock: str) -> list[Chosen]:
    """Decide the options of each metric.

    Args:
        metrics: Records of the catalogue.
        options: Values by ``option``, for every metric that has it, or ``metric.option``, for that metric
            (or family) alone and stronger.
        clock: Part of the hash.

    Raises:
        MetricError: An option, a choice or a number is not one of the metric's.

    Example:
        >>> from staffcast.metrics.loader import metric
        >>> [chosen] = choose([metric("fcr")], {"window_days": 14}, "calendar")
        >>> chosen.convention
        'repeat = same_issue, within 14 days after the first close; first contacts, matured = yes'
    """
    records = list(metrics)
    given = dict(options or {})
    for name in given:
        _require_known(name, records)
    return [_decide(record, given, clock) for record in records]


def options_from_settings(settings: object, given: Mapping[str, object] | None = None) -> dict[str, object]:
    """Merge the options that the project's settings override with those given for one question.

    Args:
        settings: Any object with the settings as attributes.
        given: Options as query() takes them; each beats the setting of every metric that it names.

    Example:
        >>> from types import SimpleNamespace
        >>> settings = SimpleNamespace(fcr_window_days=14)
        >>> options_from_settings(settings)["fcr.window_days"]
        14
        >>> options_from_settings(settings, {"window_days": 3})
        {'window_days': 3}
    """
    asked = dict(given or {})
    overridden = {
        f"{record.id}.{option.name}": getattr(settings, option.setting)
        for record in catalogue()
        for option in record.options
        if option.setting and hasattr(settings, option.setting) and not _names(record, option) & set(asked)
    }
    return overridden | asked


def _names(record: Metric, option: Option) -> set[str]:
    """The keys under which an option of a metric may be given."""
    return {option.name, f"{record.family}.{option.name}", f"{record.id}.{option.name}"}


def _require_known(name: str, records: list[Metric]) -> None:
    owner, _, option = name.rpartition(".")
    asked = [metric(owner)] if owner else records
    known = {option.name for record in asked for option in record.options}
    if option not in known:
        of = " of " + ", ".join(record.id for record in asked)
        hint = did_you_mean(option, known) if known else "it has no options"
        raise MetricError(f"unknown option '{option}'{of}", hint=hint)


def _decide(record: Metric, given: Mapping[str, object], clock: str) -> Chosen:
    values: dict[str, float | str] = {}
    parameters: dict[str, int | str] = {}
    decided = record
    for option in record.options:
        value = _value(record, option, given)
        values[option.name] = value
        if option.values:
            parameters[option.parameter] = option.values[str(value)]
        elif isinstance(value, str):
            decided = _vary(decided, option.variants[value])
        else:
            parameters[option.parameter] = round(value * option.scale)
    decided = replace(decided, options=())
    parts = tuple(_decide(part, _given_to(part, values), clock) for part in record.parts)
    convention = decided.convention.format(**_words(record, values))
    definition_hash = _hash(decided, parameters, (clock, *(part.definition_hash for part in parts)))
    return Chosen(decided, values, parameters, convention, definition_hash, parts)


def _words(record: Metric, values: Mapping[str, float | str]) -> dict[str, str]:
    """How the convention says each option's value."""
    shown = {name: _shown(value) for name, value in values.items()}
    said = {
        option.name: option.words[shown[option.name]].format(**shown)
        for option in record.options
        if shown[option.name] in option.words
    }
    return shown | said


def _given_to(part: Metric, values: Mapping[str, float | str]) -> dict[str, object]:
    """What a derived metric has decided, for one of its counts."""
    return {f"{part.id}.{option.name}": values[option.name] for option in part.options}


def _value(record: Metric, option: Option, given: Mapping[str, object]) -> float | str:
    raw = option.default
    for name in (option.name, f"{record.family}.{option.name}", f"{record.id}.{option.name}"):
        raw = given.get(name, raw)  # type: ignore[assignment]  # checked just below
    where = f"option {option.name} of {record.id}"
    if option.choices:
        return _choice(option, raw, where)
    number = _number(raw)
    if number is None or not option.minimum <= number <= option.maximum:
        limits = f"from {_shown(option.minimum)} to {_shown(option.maximum)}"
        raise MetricError(f"{where} must be a number {limits}, not {raw!r}", hint=option.meaning)
    return number


def _choice(option: Option, raw: object, where: str) -> str:
    word = str(raw)
    if word in option.refused:
        raise MetricError(f"{where}: '{word}' cannot be measured: {option.refused[word]}",
                          hint="choose one of " + ", ".join(option.choices))  # fmt: skip
    if word not in option.choices:
        raise MetricError(f"{where}: unknown value '{word}'", hint=did_you_mean(word, option.choices))
    return word


def _number(raw: object) -> float | None:
    if isinstance(raw, bool):
        return None
    try:
        number = float(str(raw))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number == int(number) else number


def _vary(record: Metric, variant: Mapping[str, Any]) -> Metric:
    """Put a variant in: its exclusions come after the metric's own, other fields are replaced."""
    changes = dict(variant)
    if "exclusions" in changes:
        changes["exclusions"] = record.exclusions + tuple(changes["exclusions"].items())
    if "clocks" in changes:
        changes["clocks"] = tuple(Duration(*columns) for columns in changes["clocks"])
    return replace(record, **changes)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _hash(record: Metric, parameters: Mapping[str, int | str], context: tuple[str, ...]) -> str:
    """The parts of a derived metric are in the context, by their own hashes."""
    fields = {key: value for key, value in asdict(record).items() if key not in _SHOWN_ONLY}
    text = json.dumps([fields, dict(parameters), context], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
