"""The mutator itself: which small faults it makes."""

from __future__ import annotations

import ast

import pytest
from tests.mutation.mutants import Mutant, python_mutants, sql_mutants, table_mutants
from tests.mutation.suite import judge_all, sampled


def results(text: str) -> list[str]:
    return [" ".join(mutant.result.split()) for mutant in sql_mutants("x", text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <= 3", ["a < 3", "a <= 4"]),
        ("a = b", ["a <> b"]),
        ("a and not b", ["a or not b", "a", "not b", "a and b"]),
        ("a is null", ["a is not null"]),
        ("a is not null", ["a is null"]),
        ("coalesce(a, b)", ["coalesce(b, a)", "coalesce(a)"]),
        ("case when a then b when c then d end", ["case when c then d end", "case when a then b end"]),
        ("min(a)", ["max(a)"]),
        ("a - b", ["a + b"]),
        ("order by a desc", ["order by a asc"]),
        ("'a and b <= 3'", []),
        ("-- a and b", []),
    ],
)
def test_mutants_of_an_expression(text: str, expected: list[str]) -> None:
    assert results(text) == expected


def test_bounds_of_a_window_are_no_conditions() -> None:
    assert results("rows between unbounded preceding and current row") == []


def test_an_operand_ends_where_its_bracket_does() -> None:
    assert "x where (a ) group by c" in results("x where (a or b) group by c")
    assert "x where (a or b) group by c" in results("x where (a or b) and d group by c")


def test_mutants_of_a_table() -> None:
    table = {"filter": "a", "divisor": 1000, "label": "a < b", "exclusions": {"late": "a < b"}}
    found = [mutant.result for mutant in table_mutants("m", table)]
    assert {**table, "divisor": 500.0} in found
    assert {**table, "exclusions": {"late": "a <= b"}} in found
    assert {**table, "exclusions": {}} in found
    assert all(one["label"] == "a < b" for one in found)


def test_mutants_of_python_are_python() -> None:
    source = 'def f(a, b):\n    """If a < b."""\n    return [x for x in a if x < 3 and not b]\n'
    found = list(python_mutants("f.py", source))
    assert {mutant.change.partition(" in ")[0] for mutant in found} == {
        "And -> Or", "operand dropped", "Lt -> LtE", "3 -> 4", "not dropped",
    }  # fmt: skip
    assert all(ast.parse(mutant.result) and '"""If a < b."""' in mutant.result for mutant in found)


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    mutants = [Mutant(str(number), "", number) for number in range(50)]
    assert sampled(mutants, 10, 1) == sampled(mutants, 10, 1) != sampled(mutants, 10, 2)
    assert sampled(mutants, 60, 1) == mutants


def test_the_outcome_counts_those_that_could_be_judged() -> None:
    verdicts = {"a": "killed by oracles", "b": "survived", "c": "invalid", "d": "killed by errors"}
    mutants = [Mutant(place, "", None) for place in verdicts]
    outcome = judge_all("test", mutants, lambda mutant: verdicts[mutant.place])
    assert outcome.share == pytest.approx(2 / 3)
    assert [mutant.place for mutant in outcome.survivors] == ["b"]
