"""Mutants of the catalogue against the oracles of the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from tests.mutation.mutants import Mutant, table_mutants
from tests.property.metrics.compare import answer_of, differences, expected_of, misread
from tests.property.metrics.questions import questions
from tests.property.metrics.rows import Desk, desk_of

from staffcast.metrics import catalogue, query
from staffcast.metrics.loader import builtin, definitions, use

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.property.metrics.oracle.every import Figure, Question

    Case = tuple[Desk, Question, dict[tuple[Any, ...], Figure]]

__all__ = ["judge", "mutants"]

N_QUESTIONS = 6


def mutants() -> list[Mutant]:
    """Every mutant of every table."""
    return [mutant for family, table in builtin().items() for mutant in table_mutants(family, table)]


def judge() -> Callable[[Mutant], str]:
    """Judges a mutant by the questions of its own metrics and of those derived from them."""
    desks = [desk_of(seed, 400) for seed in (11, 12, 13)]
    cases = _cases(desks)
    families = {record.id: record.family for record in catalogue()}
    users: dict[str, set[str]] = {}
    for record in catalogue():
        for part in (record, *record.parts):
            users.setdefault(families[part.id], set()).add(record.id)

    def verdict(mutant: Mutant) -> str:
        family = mutant.place.partition(".")[0]
        try:
            use(definitions(dict(builtin()) | {family: mutant.result}, {}))
            if any(map(misread, catalogue())):
                return "killed by oracles"
            asked = [case for name in sorted(users[family]) for case in cases[name]]
            return "killed by oracles" if any(map(_differs, asked)) else "survived"
        except duckdb.ParserException:
            return "invalid"
        except Exception:  # noqa: BLE001 - a mutant may fail in any way
            return "killed by errors"
        finally:
            use(None)

    return verdict


def _cases(desks: list[Desk]) -> dict[str, list[Case]]:
    cases: dict[str, list[Case]] = {}
    for number, question in enumerate(questions(11, N_QUESTIONS)):
        desk = desks[number % len(desks)]
        cases.setdefault(question.metric, []).append((desk, question, expected_of(desk.rows, question)))
    return cases


def _differs(case: Case) -> bool:
    desk, question, expected = case
    return bool(differences(question, answer_of(query, desk, question), expected))
