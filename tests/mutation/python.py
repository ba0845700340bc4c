"""Mutants of the Python around the catalogue: first against the oracles, then against the unit tests."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from tests.mutation.mutants import Mutant, python_mutants
from tests.mutation.suite import unit_tests_fail
from tests.property.metrics.compare import answer_of, differences, expected_of
from tests.property.metrics.questions import questions
from tests.property.metrics.rows import Desk, desk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from tests.property.metrics.oracle.every import Figure, Question

    Case = tuple[Desk, Question, dict[tuple[Any, ...], Figure]]

__all__ = ["judge", "mutants"]

PACKAGE = "staffcast.metrics"
MODULES = ("compiler", "population", "results", "options", "filling", "suppression")
FOLDER = Path(__file__).parents[2] / "models" / "staffcast" / "metrics"
UNIT_TESTS = ("tests/unit/metrics", "tests/contract/metrics/test_catalogue.py")
N_QUESTIONS = 3


def mutants() -> list[Mutant]:
    """Every mutant of every module."""
    return [
        mutant
        for name in MODULES
        for mutant in python_mutants(f"{name}.py", (FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    ]


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module with another source."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        return importlib.machinery.ModuleSpec(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, f"<{self.name}>", "exec"), module.__dict__)  # noqa: S102 - the mutant itself


@contextlib.contextmanager
def _in_force(mutant: Mutant) -> Iterator[None]:
    """The package anew, with one module changed; afterwards as it was."""
    prefixes = (PACKAGE, "tests.unit.metrics", "tests.contract.metrics")
    kept = {name: module for name, module in sys.modules.items() if name.startswith(prefixes)}
    for name in kept:
        del sys.modules[name]
    finder = _Mutated(f"{PACKAGE}.{mutant.place.partition('.')[0]}", mutant.result)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(prefixes)]:
            del sys.modules[name]
        sys.modules.update(kept)
        sys.modules["staffcast"].metrics = kept[PACKAGE]  # type: ignore[attr-defined]


def judge() -> Callable[[Mutant], str]:
    """Judges a mutant by questions on all metrics, then by the unit tests."""
    desks = [desk_of(seed, 200) for seed in (21, 22, 23)]
    cases = [
        (desk, question, expected_of(desk.rows, question))
        for number, question in enumerate(questions(21, N_QUESTIONS))
        for desk in [desks[number % len(desks)]]
    ]
    cases.sort(key=lambda case: len(case[1].by) + bool(case[1].grain), reverse=True)

    def verdict(mutant: Mutant) -> str:
        with _in_force(mutant):
            try:
                query = importlib.import_module(PACKAGE).query
                if any(differences(q, answer_of(query, desk, q), right) for desk, q, right in cases):
                    return "killed by oracles"
            except duckdb.ParserException:
                return "invalid" if "text:" in mutant.change else "killed by errors"
            except Exception:  # noqa: BLE001 - a mutant may fail in any way
                return "killed by errors"
            return "killed by unit tests" if unit_tests_fail(UNIT_TESTS) else "survived"

    return verdict
