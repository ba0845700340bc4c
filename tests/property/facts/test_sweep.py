"""The sweep in arrays gives the rows of the SQL that defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from staffcast.store.sql import sql_text
from staffcast_pipelines import sweep

if TYPE_CHECKING:
    import pytest

DAY = 86_400_000_000
N_DAYS = 3
FROM = 20_000 * DAY

Stretch = tuple[int, int, int, int, bool]
"""Agent, day (-1 = before the calendar), begin and length in minutes, open or only active."""

STRETCHES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(-1, N_DAYS - 1),
        st.integers(0, 1439),
        st.integers(1, 200),
        st.booleans(),
    ),
    max_size=25,
)


def rows(stretches: list[Stretch], write: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as work")
        con.execute("use work.main")
        con.execute("create table build_params as select $1::bigint as calendar_from_us", [FROM])
        con.execute(
            "create table dim_slot as"
            " select '' as queue, $1 + i * 900000000 as slot_at_us from range($2) r(i)",
            [FROM, N_DAYS * 96],
        )
        columns = dict.fromkeys(("kind", "leg_key", "conversation_key", "agent_id"), pl.String)
        columns |= dict.fromkeys(("day_us", "from_us", "to_us"), pl.Int64)  # type: ignore[arg-type]
        made = []
        for agent, day, minute, length, is_open in stretches:
            at = FROM + day * DAY + minute * 60_000_000
            end = min(at + length * 60_000_000, FROM + (day + 1) * DAY)
            names = {"leg_key": "l", "conversation_key": "c", "agent_id": f"a{agent}"}
            span = {"day_us": FROM + day * DAY, "from_us": at, "to_us": end}
            made.append({"kind": "active", **names, **span})
            made += [{"kind": "open", **names, **span}] if is_open else [{"kind": "owed", **names, **span}]
        con.register("made", pl.DataFrame(made, schema=columns).to_arrow())
        con.execute("create table stg_stretch as select * from made")
        if write == "sql":
            con.execute("create table stg_load as " + sql_text("staffcast_pipelines", "stg_load"))
        else:
            sweep.write_load(con)
        return con.sql("select * from stg_load order by all").fetchall()


@settings(max_examples=60, deadline=None)
@given(STRETCHES)
@example([])
@example([(0, 0, 1439, 200, True), (0, 1, 0, 30, True)])
@example([(0, -1, 10, 30, True), (0, -1, 20, 30, True)])
@example([(0, 0, 15, 15, True), (0, 0, 30, 15, True)])
def test_the_sweep_in_arrays_gives_the_rows_of_the_sql(stretches: list[Stretch]) -> None:
    assert rows(stretches, "arrays") == rows(stretches, "sql")


def test_what_does_not_fit_one_number_is_left_to_the_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    stretches: list[Stretch] = [(0, 0, 15, 20, True), (1, 0, 20, 40, True)]
    expected = rows(stretches, "arrays")
    monkeypatch.setattr(sweep, "_MOST", 1)
    assert rows(stretches, "arrays") == expected
