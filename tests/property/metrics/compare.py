"""An answer of query() against the figures of the oracle: exact, but for the last bit of quantiles."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.every import ORACLES, Question, figures
from tests.property.metrics.oracle.intervals import NONE, bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.property.metrics.oracle.every import Figure

    from staffcast.metrics import Metric

__all__ = ["answer_of", "differences", "expected_of", "misread"]

Row = dict[str, Any]


def answer_of(query: Callable[..., Any], reader: object, question: Question) -> list[Row]:
    """What query() says."""
    rows: list[Row] = query(reader, question.metric, **question.arguments).rows(named=True)
    return rows


def expected_of(tables: Mapping[str, list[Row]], question: Question) -> dict[tuple[Any, ...], Figure]:
    """What the oracle says."""
    return figures(tables, question)


def differences(
    question: Question, answer: list[Row], expected: Mapping[tuple[Any, ...], Figure]
) -> list[str]:
    """Everything in which they differ; empty when they agree."""
    keys = [tuple(row[name] for name in question.by) for row in answer]
    wanted = [_by(question, key) for key in expected]
    if keys != wanted:
        return [f"groups {keys} instead of {wanted}"]
    found = []
    for row, (key, figure) in zip(answer, expected.items(), strict=True):
        found += [f"{key} {part}" for part in _differing(question, row, figure)]
    return found


def misread(record: Metric) -> list[str]:
    """What the oracle and the record do not say alike: rows, moment, kind, defaults."""
    oracle = ORACLES[record.id]
    defaults = {option.name: option.default for option in record.options}
    pairs = {"fact": (oracle.fact, record.fact), "cohort": (oracle.cohort, record.cohort),
             "kind": (oracle.how, record.kind), "options": (dict(oracle.options), defaults)}  # fmt: skip
    return [f"{name}: {ours} but {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]


def _by(question: Question, key: tuple[Any, ...]) -> tuple[Any, ...]:
    named = dict(zip(question.groups, key, strict=True))
    return tuple(named[name] for name in question.by)


def _differing(question: Question, row: Row, figure: Figure) -> list[str]:
    shown = figure.null_reason != "no_column"
    pairs = {
        "numerator": (row["numerator"], figure.numerator if shown else None),
        "denominator": (row["denominator"], figure.denominator if shown else None),
        "n": (row["n"], figure.n),
        "n_censored": (row["n_censored"], figure.censored),
        "n_excluded": (json.loads(row["n_excluded"]), {k: v for k, v in figure.left_out.items() if v}),
        "null_reason": (row["null_reason"], figure.null_reason),
        "period": ((row["period_start"], row["period_end"]), figure.period),
    }
    found = [f"{name}: {got} instead of {right}" for name, (got, right) in pairs.items() if got != right]
    right = NONE if figure.null_reason else bounds(question, ORACLES[question.metric], figure)
    if not all(map(_close, (row["ci_low"], row["ci_high"]), right)):
        found.append(f"interval: {row['ci_low'], row['ci_high']} instead of {right}")
    value = None if figure.value is None or not shown else float(figure.value)
    if not _same(question, row["value"], value):
        found.append(f"value: {row['value']} instead of {value}")
    return found


def _same(question: Question, got: float | None, right: float | None) -> bool:
    if got is None or right is None or ORACLES[question.metric].how not in ("quantile", "survival"):
        return got == right
    return math.isclose(got, right, rel_tol=1e-12)


def _close(got: float | None, right: float | None) -> bool:
    if got is None or right is None:
        return got is right
    return math.isclose(got, right, rel_tol=1e-9, abs_tol=1e-12)
