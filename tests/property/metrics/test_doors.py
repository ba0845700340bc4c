"""query() and the SQL that explain() prints give the same bits, and parts add up to the whole."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.core.enums import NullReason
from staffcast.metrics import Kind, catalogue, dimensions_of, explain, metric, query
from staffcast.statistics import quantile

METRICS = [record.id for record in catalogue()]
SUMMABLE = [record.id for record in catalogue() if not record.is_snapshot]
VALUES: dict[str, list[Any]] = {
    "queue": ["sales", "o'neill; drop table fact_turn --", None, "nobody"],
    "topic": ["billing", "login :window_us ?", None],
    "language": ["en", "de"],
    "agent_id": ["a1", "a2"],
    "weekday": [1, 2, 3, 6],
    "hour": [0, 9, 17, 23],
}
EDGES = [f"2026-{day}" for day in ("10-01", "10-28", "11-01", "11-05", "11-09", "11-30", "12-01")]


@st.composite
def questions(
    draw: st.DrawFn, names: list[str] = METRICS, *, tags: bool = True
) -> tuple[str, dict[str, Any]]:
    name = draw(st.sampled_from(names))
    record = metric(name)
    dimensions = [name for name in dimensions_of(record) if tags or name != "tag"]
    filters = [d for d in VALUES if d in dimensions]
    where = draw(st.dictionaries(st.sampled_from(filters), st.none(), max_size=2))
    arguments: dict[str, Any] = {
        "by": draw(st.lists(st.sampled_from(dimensions), max_size=2, unique=True)),
        "where": {d: draw(st.lists(st.sampled_from(VALUES[d]), min_size=1, max_size=2)) for d in where},
        "period": draw(st.none() | st.lists(st.sampled_from(EDGES), min_size=2, max_size=2, unique=True)),
        "grain": draw(st.sampled_from([None, None, "hour", "day", "week", "month"])),
        "clock": draw(st.sampled_from([None, "business", "calendar"])),
    }
    if arguments["period"] is not None:
        arguments["period"] = tuple(sorted(arguments["period"]))
    numbers = [option for option in record.options if not option.choices]
    arguments["options"] = {
        option.name: draw(st.integers(max(int(option.minimum), 0), min(int(option.maximum), 60)))
        for option in numbers
    }
    return name, arguments


def has_rows(row: dict[str, Any], kind: Kind) -> bool:
    """Whether anything stands behind an answer; of a derived one, behind either of its parts."""
    if kind is Kind.DERIVED and (row["numerator"] is not None or row["denominator"] is not None):
        return True
    return bool(row["n"] or row["n_censored"] or row["n_excluded"] != "{}")


@settings(max_examples=150, deadline=None)
@given(seed=st.sampled_from([1, 2, 3]), question=questions())
def test_explained_sql_gives_the_bits_of_query(desks: Any, seed: int, question: Any) -> None:
    name, arguments = question
    desk = desks[seed]
    behind = desk.con.cursor().sql(explain(name, **arguments).sql).pl()
    answers = query(desk, name, **arguments).rows(named=True)
    if arguments["by"] or arguments["grain"]:  # periods without rows are filled in after the SQL
        answers = [row for row in answers if has_rows(row, metric(name).kind)]
    assert len(answers) == behind.height
    for answer, row in zip(answers, behind.iter_rows(named=True), strict=True):
        assert [answer[d] for d in arguments["by"]] == [row[d] for d in arguments["by"]]
        shown = ("n", "n_censored")
        if answer["null_reason"] != "no_column":  # of what is not recorded not even the parts are told
            shown += ("numerator", "denominator", "value")
        for part in shown:
            assert answer[part] == row[part]


@settings(max_examples=100, deadline=None)
@given(seed=st.sampled_from([1, 2, 3]), question=questions(SUMMABLE, tags=False))
def test_parts_add_up_to_the_whole(desks: Any, seed: int, question: Any) -> None:
    name, arguments = question
    parts = query(desks[seed], name, **arguments)
    whole = query(desks[seed], name, **(arguments | {"by": (), "grain": None})).row(0, named=True)
    excluded: Counter[str] = Counter()
    for text in parts["n_excluded"]:
        excluded.update(json.loads(text))
    assert parts["n"].sum() == whole["n"]
    assert parts["n_censored"].sum() == whole["n_censored"]
    assert dict(excluded) == json.loads(whole["n_excluded"])
    if NullReason.NO_COLUMN not in parts["null_reason"]:  # then they are withheld
        for part in ("numerator", "denominator"):
            assert parts[part].sum() == (whole[part] or 0)


@settings(max_examples=100, deadline=None)
@given(seed=st.sampled_from([1, 2, 3]), question=questions())
def test_every_number_is_finite_and_lies_in_its_interval(desks: Any, seed: int, question: Any) -> None:
    name, arguments = question
    for row in query(desks[seed], name, **arguments).iter_rows(named=True):
        numbers = [row[column] for column in ("value", "ci_low", "ci_high")]
        assert all(number is None or math.isfinite(number) for number in numbers)
        assert (row["value"] is None) == (row["null_reason"] is not None)
        value, low, high = numbers
        if value is not None:
            tolerance = 1e-9 * abs(value)
            assert low is None or low <= value + tolerance
            assert high is None or high >= value - tolerance


QUANTILES = [record.id for record in catalogue() if record.kind is Kind.QUANTILE]


@settings(max_examples=60, deadline=None)
@given(seed=st.sampled_from([1, 2, 3]), question=questions(QUANTILES))
def test_quantiles_are_those_of_the_rows_behind_them(desks: Any, seed: int, question: Any) -> None:
    name, arguments = question
    arguments = arguments | {"grain": None}
    rows = explain(name, **arguments, reader=desks[seed]).rows
    assert rows is not None
    for row in query(desks[seed], name, **arguments).iter_rows(named=True):
        behind = [
            one["row_value"] / metric(name).divisor
            for one in rows.iter_rows(named=True)
            if one["row_status"] == "used" and all(one[d] == row[d] for d in arguments["by"])
        ]
        assert row["n"] == len(behind)
        expected = quantile(behind, metric(name).quantile)
        assert row["value"] == (None if expected is None else pytest.approx(expected, rel=1e-12))


@settings(max_examples=40, deadline=None)
@given(seed=st.sampled_from([1, 2, 3]), question=questions())
def test_each_row_behind_a_number_is_listed_once(desks: Any, seed: int, question: Any) -> None:
    name, arguments = question
    arguments = arguments | {"by": (), "grain": None}
    rows = explain(name, **arguments, reader=desks[seed]).rows
    assert rows is not None
    answer = query(desks[seed], name, **arguments).row(0, named=True)
    record = metric(name)
    if record.parts:
        rows = rows.filter(pl.col("part") == ("numerator", "denominator")[record.n_of])
    found = Counter(rows["row_status"].to_list())
    expected = Counter(json.loads(answer["n_excluded"]))
    is_survival = record.kind is Kind.SURVIVAL  # its censored rows are used, up to where they were cut
    expected.update({"used": answer["n"], "censored": 0 if is_survival else answer["n_censored"]})
    assert found == +expected
