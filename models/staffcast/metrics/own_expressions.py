"""Expressions of the user's own: portable, over one row of one fact, of the type that their place needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from staffcast.core.errors import did_you_mean
from staffcast.metrics.portable import columns_in, violations
from staffcast.metrics.record import Kind
from staffcast.store.binding import tried
from staffcast.store.facts import FACT_TABLES, fact_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["NAME", "ProblemError", "check_dimension_expression", "check_expressions"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""What things of the user's may be called."""

_GUIDE = "see docs/guides/own-metrics.md"
_BEYOND_A_ROW = {
    "count", "filter", "from", "group", "join", "max", "min", "over", "partition", "percentile_cont",
    "row_number", "select", "sum", "union", "window", "with", "within",
}  # fmt: skip
_PARAMETER = re.compile(r"(?<!:):[a-z_][a-z0-9_]*")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))")
_PREDICATE = {"filter", "censored", "event"}


class ProblemError(Exception):
    """What is wrong with a table, and at which key."""

    def __init__(self, message: str, key: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.hint = hint


def check_expressions(own: Mapping[str, Any]) -> None:
    """Check every expression of a metric.

    Args:
        own: Its table, with what it takes over from a packaged metric.

    Raises:
        ProblemError: One is malformed; it names the key.
    """
    columns = dict(fact_table(own["fact"]).all_columns)
    _check_names(own, columns)
    seen = columns | dict.fromkeys(own.get("clocks", {}), "BIGINT") | {"at_us": "BIGINT"}
    found = [(key, text, _wanted(key, own)) for key, text in _expressions(own) if text]
    for key, text, _ in found:
        _check_text(text, key, f"{own['fact']} has", seen)
    # Options are whole numbers once they are bound.
    trials = tried([_PARAMETER.sub("0", text) for _, text, _ in found], seen)
    for (key, text, wanted), trial in zip(found, trials, strict=True):
        if trial.error:
            raise ProblemError(f"{key}: {trial.error}", key, _GUIDE)
        if wanted == "predicate" and trial.type != "BOOLEAN":
            raise ProblemError(f"{key}: '{text}' is no predicate, but {trial.type}", key, "compare it")
        if wanted == "number" and not _NUMBER.fullmatch(trial.type):
            raise ProblemError(f"{key}: '{text}' is no number, but {trial.type}", key, _GUIDE)


def check_dimension_expression(name: str, text: str) -> None:
    """Check the expression of a dimension: some fact has its columns, and it runs there.

    Raises:
        ProblemError: It is malformed.
    """
    _check_row(text, name, "")
    facts = [dict(table.all_columns) for table in FACT_TABLES]
    fitting = [columns for columns in facts if columns_in(text) <= columns.keys()]
    if not columns_in(text) or not fitting:
        raise ProblemError("no fact has all of its columns: " + ", ".join(sorted(columns_in(text))), name)
    [trial] = tried([text], fitting[0])
    if trial.error:
        raise ProblemError(trial.error, name, _GUIDE)


def _check_names(own: Mapping[str, Any], columns: Mapping[str, str]) -> None:
    """Names that become part of a statement must be names, and those of columns must exist."""
    for key in ("exclusions", "clocks"):
        for name in own.get(key, {}):
            if not NAME.fullmatch(name):
                raise ProblemError(f"'{name}': a name has small letters, digits and _ only", f"{key}.{name}")
    wanted = [("dimensions", column) for column in own.get("dimensions", ())]
    for name, clock in own.get("clocks", {}).items():
        wanted += [(f"clocks.{name}", clock[side]) for side in ("business", "calendar")]
    for key, column in wanted:
        if column not in columns:
            hint = did_you_mean(str(column), columns)
            raise ProblemError(f"{key}: {own['fact']} has no column '{column}'", key, hint)


def _check_text(text: str, key: str, whose: str, columns: Mapping[str, str]) -> None:
    _check_row(text, key, f"{key}: ")
    for name in sorted(columns_in(text) - columns.keys()):
        raise ProblemError(f"{key}: {whose} no column '{name}'", key, did_you_mean(name, columns))


def _check_row(text: str, key: str, where: str) -> None:
    for found in violations(text):
        raise ProblemError(f"{where}'{found}' is not in the portable SQL", key, _GUIDE)
    words = set(re.findall(r"[a-z_]+", _TEXT.sub("", text.lower())))
    for word in sorted(words & _BEYOND_A_ROW):
        raise ProblemError(f"{where}'{word}' looks beyond one row", key, "an expression tells of one row")


def _wanted(key: str, own: Mapping[str, Any]) -> str:
    """What an expression has to be, by its place: predicate or number."""
    place = key.split(".")[-1]
    is_reason = "exclusions" in key
    is_share = place == "numerator" and own.get("kind") == Kind.SHARE
    is_clock = place == "calendar_if"
    return "predicate" if place in _PREDICATE or is_reason or is_share or is_clock else "number"


def _expressions(own: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    """Key and text of each expression, in the variants of options too."""
    for key in ("filter", "censored", "numerator", "denominator", "value", "event"):
        if key in own:
            yield at + key, str(own[key])
    yield from ((f"{at}exclusions.{reason}", str(text)) for reason, text in own.get("exclusions", {}).items())
    if not at:
        for name, clock in own.get("clocks", {}).items():
            yield f"clocks.{name}.calendar_if", str(clock.get("calendar_if", ""))
    for name, option in own.get("options", {}).items():
        for choice, variant in option.get("variants", {}).items():
            yield from _expressions(variant, f"options.{name}.variants.{choice}.")
