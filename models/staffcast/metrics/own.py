"""The user's own metrics and dimensions: tables of ``staffcast.toml``, checked when they are read.

``[metrics.<id>]`` with the id of a packaged metric changes that metric, key by key; with another id it adds
one. ``[dimensions]`` names expressions over the columns of a fact, as texts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from staffcast.core.config import read_config_file
from staffcast.core.enums import Cohort
from staffcast.core.errors import ConfigError, MetricError, did_you_mean
from staffcast.metrics.loader import Definitions, builtin, definitions, use
from staffcast.metrics.own_expressions import (
    NAME,
    ProblemError,
    check_dimension_expression,
    check_expressions,
)
from staffcast.metrics.record import Direction, Kind
from staffcast.metrics.request import dimensions_of
from staffcast.store.facts import FACT_TABLES, TIME_LABELS, fact_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from staffcast.metrics.record import Metric

__all__ = ["read_definitions"]

_KEYS = {
    "label", "unit", "direction", "fact", "cohort", "kind", "filter", "exclusions", "censored", "numerator",
    "denominator", "value", "event", "quantile", "divisor", "multiplier", "n_of", "clocks", "dimensions",
    "options", "definition", "convention", "caveats", "example", "statistics",
}  # fmt: skip
_WORDS = {"label", "unit", "direction", "definition", "convention", "caveats", "example"}
_REQUIRED = ("label", "unit", "kind", "definition")
_DEFAULTS: dict[str, Any] = {"convention": "own definition", "example": "", "caveats": []}


def read_definitions(path: Path | None) -> Definitions | None:
    """Read and check the user's metrics and dimensions.

    Args:
        path: A ``staffcast.toml``; None, or one without such tables, leaves the packaged definitions.

    Returns:
        The packaged definitions with the user's, or None.

    Raises:
        ConfigError: A definition is malformed; the message names the file and the line.
    """
    if path is None:
        return None
    tables = read_config_file(path)
    metrics, dimensions = tables.get("metrics", {}), tables.get("dimensions", {})
    if not metrics and not dimensions:
        return None
    text = path.read_text(encoding="utf-8")
    if not isinstance(metrics, dict) or not isinstance(dimensions, dict):
        name = "metrics" if not isinstance(metrics, dict) else "dimensions"
        raise ConfigError(f"{path}: {name} must be a table", hint=f"write [{name}.NAME] or [{name}]")
    for name, expression in dimensions.items():
        try:
            _check_dimension(name, expression)
        except ProblemError as problem:
            raise _error(path, text, "dimensions", name, problem) from problem
    merged = dict(builtin())
    for name, table in sorted(metrics.items(), key=_is_derived):
        try:
            merged[name] = _merged(name, table, merged)
            _check_records(name, definitions(merged, dimensions))
        except ProblemError as problem:
            raise _error(path, text, f"metrics.{name}", problem.key, problem) from problem
        except MetricError as problem:
            raise _error(path, text, f"metrics.{name}", "", ProblemError(str(problem))) from problem
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            malformed = ProblemError(f"malformed: {problem}", hint="see docs/guides/own-metrics.md")
            raise _error(path, text, f"metrics.{name}", "", malformed) from problem
    found = definitions(merged, dimensions)
    _check_binding(path, text, found, metrics)
    return found


def _check_binding(path: Path, text: str, found: Definitions, own: Mapping[str, object]) -> None:
    """Let the engine look at what the words alone do not tell, such as types."""
    from staffcast.metrics.explanation import explain
    from staffcast.store.binding import binding_errors

    use(found)
    try:
        names = [record.id for record in found.metrics.values() if record.family in own]
        plain = [explain(name).sql for name in names]
        by = {
            d: next((n for n in found.metrics if d in dimensions_of(found.metrics[n])), "")
            for d in found.dimensions
        }
        grouped = [explain(name, by=dimension).sql for dimension, name in by.items()]
    finally:
        use(None)
    for name, error in zip([*names, *by], binding_errors([*plain, *grouped]), strict=True):
        if error:
            is_metric = name in names
            table = f"metrics.{found.metrics[name].family}" if is_metric else "dimensions"
            raise _error(path, text, table, "" if is_metric else name, ProblemError(error))


def _is_derived(item: tuple[str, object]) -> bool:
    """Derived metrics come after the counts that they may be made of."""
    return isinstance(item[1], dict) and item[1].get("kind") == Kind.DERIVED


def _merged(name: str, table: object, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ProblemError("a metric must be a table", hint=f"write [metrics.{name}]")
    if not NAME.fullmatch(name):
        raise ProblemError("a name has small letters, digits and _ only")
    own = dict(builtin().get(name, _DEFAULTS)) | table
    for key in table:
        if key not in _KEYS:
            raise ProblemError(f"unknown key '{key}'", key, did_you_mean(key, _KEYS))
    if not table.keys() <= _WORDS:
        # What a definition of the user's own counts is not known: the works-council profile must guard it.
        own["rests_on_agents"] = True
    for key in (*_REQUIRED, *(() if own.get("kind") == Kind.DERIVED else ("fact", "cohort"))):
        if key not in own and not (key == "kind" and "statistics" in own):
            raise ProblemError(f"'{key}' is missing")
    _check_words(own)
    _check_numbers(own)
    if own.get("kind") == Kind.DERIVED:
        _check_counts(own, known)
    else:
        check_expressions(own)
    return own


def _check_words(own: Mapping[str, Any]) -> None:
    for key in sorted(_WORDS - {"caveats"}):
        if not isinstance(own.get(key, ""), str):
            raise ProblemError(f"{key} must be a text", key, f'write {key} = "..."')
    facts = [table.name for table in FACT_TABLES if table.cohorts or table.name.startswith("fact_")]
    choices = {"kind": [*Kind], "direction": [*Direction], "fact": facts}
    for key, known in choices.items():
        if key in own and own[key] not in [str(word) for word in known]:
            raise ProblemError(
                f"{key} '{own[key]}' is none", key, did_you_mean(str(own[key]), map(str, known))
            )
    if "fact" in own:
        cohorts = fact_table(own["fact"]).cohorts or (Cohort.SNAPSHOT,)
        if own["cohort"] not in cohorts:
            raise ProblemError(
                f"{own['fact']} has no cohort '{own['cohort']}'", "cohort", "one of: " + ", ".join(cohorts)
            )


def _check_numbers(own: Mapping[str, Any]) -> None:
    for key in ("divisor", "multiplier"):
        if key in own and not (type(own[key]) is int and own[key] > 0):
            raise ProblemError(f"{key} must be a whole number above 0, not {own[key]!r}", key)
    quantile = own.get("quantile", 0.5)
    if not (type(quantile) is float and 0 < quantile < 1):
        raise ProblemError(
            f"quantile must be between 0 and 1, not {quantile!r}", "quantile", "0.5: the median"
        )


def _check_counts(own: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    """The parts of a derived metric are counts over a time."""
    for key in ("numerator", "denominator"):
        name = own.get(key, "")
        part = known.get(name, {})
        if part.get("kind") != Kind.COUNT or part.get("cohort") == Cohort.SNAPSHOT:
            counts = [family for family, table in known.items() if table.get("kind") == Kind.COUNT]
            raise ProblemError(f"its {key} '{name}' is no count", key, did_you_mean(str(name), counts))


def _check_dimension(name: str, expression: object) -> None:
    if not NAME.fullmatch(name):
        raise ProblemError("a name has small letters, digits and _ only", name)
    if not isinstance(expression, str):
        raise ProblemError("a dimension is an expression, as a text", name, f'{name} = "case when ... end"')
    taken = {label for label, _ in TIME_LABELS}
    taken |= {column for table in FACT_TABLES for column, _ in table.all_columns}
    if name in taken:
        raise ProblemError(f"'{name}' is a column already", name, "choose another name")
    check_dimension_expression(name, expression)


def _check_records(name: str, found: Definitions) -> None:
    for record in found.metrics.values():
        if record.family == name:
            _check_parts(record)
            _check_convention(record)


def _check_convention(record: Metric) -> None:
    """Only options may stand in braces."""
    texts = [record.convention, *(text for option in record.options for text in option.words.values())]
    texts += [
        str(variant.get("convention", ""))
        for option in record.options
        for variant in option.variants.values()
    ]
    for text in texts:
        try:
            text.format(**{option.name: "" for option in record.options})
        except (AttributeError, IndexError, KeyError, ValueError) as error:
            raise ProblemError(f"'{text}' has braces around what is no option", "convention") from error


def _check_parts(record: Metric) -> None:
    needed = {
        Kind.SHARE: ("numerator",),
        Kind.RATIO: ("numerator", "denominator"),
        Kind.MEAN: ("value",),
        Kind.QUANTILE: ("value", "quantile"),
        Kind.WEIGHTED: ("value", "denominator", "quantile"),
        Kind.MAXIMUM: ("value",),
        Kind.SURVIVAL: ("value", "event", "quantile"),
    }.get(record.kind, ())
    for key in needed:
        if not getattr(record, key):
            raise ProblemError(f"a {record.kind} needs '{key}'")
    for option in record.options:
        if not option.variants and not option.parameter:
            raise ProblemError(f"option {option.name} needs a 'parameter' or 'variants'", option.name)


def _error(path: Path, text: str, table: str, key: str, problem: ProblemError) -> ConfigError:
    line = _line_of(text, table, key)
    return ConfigError(f"{path}:{line}: [{table}] {problem}", hint=problem.hint)


def _line_of(text: str, table: str, key: str) -> int:
    """Line of a key, else of the one that it stands in, else of its table, else the first."""
    header = re.compile(rf"\s*\[\s*{re.escape(table)}[\].]")
    is_inside = False
    inside = []
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[[^,]*\]\s*(#.*)?$", line):
            is_inside = header.match(line) is not None
        if is_inside:
            inside.append((number, line))
    for name in reversed(key.split(".")):
        named = re.compile(rf"\s*(\"{re.escape(name)}\"|{re.escape(name)})\s*=")
        found = [number for number, line in inside if named.match(line)]
        if name and found:
            return found[0]
    return inside[0][0] if inside else 1
