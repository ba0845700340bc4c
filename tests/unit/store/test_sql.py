from __future__ import annotations

import pytest

from staffcast.store.sql import fill


def test_several_names_are_separated_by_commas() -> None:
    assert fill("select {{columns}} from t", columns=("a", "b_2")) == "select a, b_2 from t"


def test_a_pattern_is_repeated_with_its_separator() -> None:
    assert fill("{{keys|o.@ = n.@| and }}", keys=("a", "b")) == "o.a = n.a and o.b = n.b"


def test_a_pattern_over_nothing_leaves_nothing() -> None:
    assert fill("order by {{newest|@ desc, |}}h", newest=()) == "order by h"


@pytest.mark.parametrize("name", ["a;", "a b", "A", "1a", "a'", "a-b", "", "a.b.c", '"a"', "a\n"])
def test_only_plain_names_are_filled_in(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        fill("from {{table}}", table=name)


@pytest.mark.parametrize("names", [{}, {"tabel": "t"}, {"table": "t", "other": "u"}])
def test_placeholders_and_arguments_must_agree(names: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="placeholders"):
        fill("from {{table}}", **names)
