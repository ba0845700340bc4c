"""Which team names a day keeps, worked out by hand."""

from __future__ import annotations

import duckdb
import pytest

from staffcast.store.sql import statement


def small_teams(sizes: dict[str | None, int], min_group: int = 5) -> set[str]:
    con = duckdb.connect()
    con.execute("attach ':memory:' as facts")
    for table in ("fact_agent_load", "fact_agent_state"):
        con.execute(f"create table facts.{table} (overlap_date varchar, team varchar, agent_id varchar)")
    for team, size in sizes.items():
        for number in range(size):
            table = ("fact_agent_load", "fact_agent_state")[number % 2]
            row = ["2026-11-02", team, f"{team}{number}"]
            con.execute(f"insert into facts.{table} values (?, ?, ?)", row)
            con.execute("insert into facts.fact_agent_load values (?, ?, ?)", row)
    text = statement("staffcast_pipelines.works_council", "small_groups", label="team")
    return {label for _, label in con.execute(text, {"min_group": min_group}).fetchall()}


@pytest.mark.parametrize(
    ("sizes", "dropped"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4}, {"a"}),
        ({"a": 4, "b": 9}, {"a", "b"}),  # alone, a is the total minus b
        ({"a": 2, "b": 3, "c": 9}, {"a", "b"}),
        ({"a": 2, "b": 6, "c": 7}, {"a", "b"}),
        ({None: 3, "b": 6, "c": 7}, {"b"}),  # who has no team is as alone as a small one
        ({None: 5, "b": 6}, set()),
    ],
)
def test_names_of_small_teams_are_dropped(sizes: dict[str | None, int], dropped: set[str]) -> None:
    assert small_teams(sizes) == dropped
