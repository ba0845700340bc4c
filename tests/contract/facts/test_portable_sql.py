"""The SQL of facts and planning stays in the subset that DuckDB and Spark both run, unchanged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import staffcast.planning
import staffcast_pipelines
from staffcast_pipelines.build import STEPS

FILES = sorted(
    path
    for package in (staffcast_pipelines, staffcast.planning)
    for path in (Path(str(package.__file__)).parent / "sql").glob("*.sql")
)

FORBIDDEN = {
    "QUALIFY": r"\bqualify\b",
    "ASOF joins": r"\basof\b",
    "lambdas and JSON arrows": r"->",
    "integer division by engine": r"//|\bdiv\b",
    "interval arithmetic": r"\binterval\b",
    "engine date functions": r"\b(date_trunc|date_diff|datediff|date_add|date_part|extract|strftime)\b"
    r"|\bstrptime\b"
    r"|\b(to_timestamp|epoch\w*|make_timestamp|from_unixtime|unix_timestamp|at time zone)\b"
    r"|\b(now|current_date|current_timestamp)\b|\btimezone\s*\(",
    "decimal literals": r"(?<![\w.$])\d+\.\d*|(?<![\w.])\.\d+|\d[eE]\d",
    "ordinals in group or order by": r"\b(group|order) by\s+\d",
    "group by all": r"\bgroup by all\b|\border by all\b",
    "lists, structs and maps": r"\[|\{|\bunnest\b|\blist_\w+|\barray_agg\b|\bstruct_\w+",
    "varchar (the portable name is string)": r"\bvarchar\b",
    "double colons": r"::",
    "star modifiers": r"\*\s*(exclude|replace|except)\b",
    "pivots and macros": r"\b(pivot|unpivot|macro|positional|using)\b",
    "greatest and least, which skip nulls": r"\b(greatest|least)\b",
    "ilike": r"\bilike\b",
    "if(...) and ifnull": r"\b(if|ifnull|nvl)\s*\(",
    "distinct on": r"\bdistinct on\b",
    "any_value, first and last": r"\b(any_value|first|last|arg_max|arg_min|max_by|min_by)\s*\(",
    "semicolons": r";",
}

ALLOWED: dict[tuple[str, str], str] = {}
"""(file, rule) -> why it must. None is needed."""


def code(path: Path) -> str:
    """The text without comments and string literals."""
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    return re.sub(r"'[^']*'", "''", text).lower()


def function_before(text: str, end: int) -> str:
    """Name of the function whose call ends just before ``end``."""
    depth, position = 1, text.rindex(")", 0, end)
    while depth:
        position -= 1
        depth += {")": 1, "(": -1}.get(text[position], 0)
    return re.findall(r"\w+$", text[:position].rstrip())[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_the_portable_subset(path: Path) -> None:
    text = code(path)
    broken = {rule for rule, pattern in FORBIDDEN.items() if re.search(pattern, text)}
    assert broken == {rule for stem, rule in ALLOWED if stem == path.stem}


@pytest.mark.parametrize(
    "text",
    ["select 1.5", "select a // b", "group by 1", "x -> x + 1", "qualify n = 1", "interval 1 day",
     "select .5", "greatest(a, b)", "a::bigint", "date_trunc('day', t)", "asof join", "timezone('UTC', t)",
     "[1]"],
)  # fmt: skip
def test_the_rules_find_what_they_forbid(text: str) -> None:
    assert any(re.search(pattern, text) for pattern in FORBIDDEN.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_divisor_is_guarded(path: Path) -> None:
    for divisor in re.findall(r"/\s*(\w+)", code(path)):
        assert divisor == "nullif" or (divisor.isdigit() and int(divisor) > 0), divisor


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_casts_to_whole_numbers_state_their_rounding(path: Path) -> None:
    text = code(path)
    assert "as integer)" not in text
    for match in re.finditer(
        r"cast\((?!floor|sum|count|row_number|null)([^()]*(?:\([^()]*\))*[^()]*) as bigint\)", text
    ):
        assert "/" not in match[1], match[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_windows_that_pick_a_row_are_ordered(path: Path) -> None:
    for window in re.findall(r"\b(?:row_number|lead|lag)\([^)]*\) over \(([^)]*)\)", code(path)):
        assert "order by" in window


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_running_windows_state_their_frame(path: Path) -> None:
    text = code(path)
    for match in re.finditer(r"\bover \(([^)]*)\)", text):
        function = function_before(text, match.start())
        if function not in ("row_number", "lead", "lag") and "order by" in match[1]:
            assert "rows between" in match[1], f"{function} over ({match[1]})"
    for window in re.findall(r"\bwindow \w+ as \(([^)]*)\)", text):
        assert "rows between" in window


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_descending_orders_say_where_nulls_go(path: Path) -> None:
    for match in re.finditer(r"(\w+) desc(?! nulls)", code(path)):
        assert match[1].endswith(("_no", "at_us")), f"{match[1]} desc without nulls last"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_comment_says_what_a_row_is(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("-- ")
    if path.stem.startswith(("fact_", "stg_")):
        assert first.startswith("-- Grain: ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_layout(path: Path) -> None:
    raw = path.read_bytes()
    assert b"\r" not in raw
    assert b"\t" not in raw
    assert raw.endswith(b"\n")
    assert max(len(line) for line in raw.decode().splitlines()) <= 120


def test_every_step_has_its_file_and_every_fact_file_its_step() -> None:
    stems = {path.stem for path in FILES if path.parent.parent.name == "staffcast_pipelines"}
    assert set(STEPS) == {stem for stem in stems if stem.startswith(("fact_", "stg_"))}
