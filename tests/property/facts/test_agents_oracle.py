"""Agents' time and costs of random desks against an oracle in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from math import floor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.facts.desks import AGENTS, desks
from tests.property.facts.oracle import stories
from tests.property.facts.oracle_agents import (
    CHAT_WORK,
    QUARTER,
    Agents,
    Moment,
    Piece,
    activity_at,
    date_of,
    joined,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from tests.unit.facts.desk import Desk, Facts, Row

RECENT_S = 300
few = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=100, derandomize=False)

instants = st.sampled_from((-250_000, -60, 0, 5, 60, 300, 900, 905, 1_800, 40_000, 60_000))
lengths = st.sampled_from((0, 5, 60, 900, 3_000, 86_400, 100_000))
presence = st.tuples(
    st.sampled_from((*AGENTS, "dora", "robo")),
    st.sampled_from(("available", "Busy", "break", "offline")),
    instants,
    lengths | st.none(),
)
plans = st.tuples(
    st.sampled_from((*AGENTS, "emil")),
    st.sampled_from(("shift", "Chat", "break", "training")),
    instants,
    lengths,
    st.sampled_from((True, True, False, None)),
    st.sampled_from((True, False, None)),
)


@st.composite
def staffed(draw: st.DrawFn) -> Desk:
    desk = draw(desks())
    desk.settings = {"concurrency_limit": 4, "agent_hourly_cost": draw(st.sampled_from((0.0, 30.0)))}
    seen = set()
    for who, status, start, length in draw(st.lists(presence, max_size=14)):
        if (who, start) not in seen:
            seen.add((who, start))
            desk.status(who, status, start, None if length is None else start + length)
    done = set()
    for who, activity, start, length, paid, planned in draw(st.lists(plans, max_size=14)):
        if (who, start, activity) not in done:
            done.add((who, start, activity))
            desk.row("schedules", agent_id=who, activity=activity, started_at_us=desk.us(start),
                     ended_at_us=desk.us(start + length), paid=paid, planned=planned)  # fmt: skip
    desk.row("agents", agent_id="robo", type="bot")
    desk.row("agents", agent_id="anna", max_concurrency=2, hourly_cost=20.5)
    return desk


def moment(row: Row) -> Moment:
    return Moment(
        row["status"], row["activity"], row["shrinkage_category"], row["paid"], row["planned"],
        row["is_productive"], row["is_presence_known"], row["is_plan_known"], row["is_adherent"],
        row["k_open"], row["k_active"], row["slots"],
    )  # fmt: skip


def piece(row: Row) -> Piece:
    start, end = row["segment_at_us"], row["segment_end_at_us"]
    assert start // QUARTER == (end - 1) // QUARTER
    return Piece(start, end, moment(row))


def check_states(facts: Facts, agents: Agents) -> None:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in facts.rows("fact_agent_state"):
        rows[row["agent_id"]].append(row)
        length = row["segment_end_at_us"] - row["segment_at_us"]
        assert row["state_us"] == length
        assert row["busy_us"] == (length if row["k_open"] else 0)
        assert row["active_busy_us"] == (length if row["k_active"] else 0)
        assert row["open_chat_us"] == row["k_open"] * length
        assert row["slot_us"] == row["slots"] * length
        assert row["cost_micros"] == agents.cost(row["agent_id"], piece(row))
    for who in agents.names() | rows.keys():
        found = sorted(map(piece, rows[who]), key=lambda part: part.start)
        assert joined(found) == agents.pieces(who), who


def check_ahead(facts: Facts, agents: Agents) -> None:
    """After as_of the activity that holds at each instant, in pieces that fit into quarter-hours."""
    for who in agents.names():
        bounds = {
            at for row in agents.plans.get(who, []) for at in (row["started_at_us"], row["ended_at_us"])
        }
        cuts = sorted({agents.as_of, *(at for at in bounds if at > agents.as_of)})
        told = {(one, end): activity_at(agents, who, one, end) for one, end in pairwise(cuts)}
        lengths: dict[tuple[int, int], int] = defaultdict(int)
        for row in facts.rows("fact_schedule_ahead", agent_id=who):
            start, end = row["segment_at_us"], row["segment_end_at_us"]
            assert start // QUARTER == (end - 1) // QUARTER
            assert row["is_chat_work"] == (row["activity"].lower() in CHAT_WORK)
            for one, stop in told:
                if start < stop and one < end:
                    assert row["activity"] == told[one, stop]
                    lengths[one, stop] += min(end, stop) - max(start, one)
        known = {part: part[1] - part[0] for part, activity in told.items() if activity is not None}
        assert lengths == known, who
    assert {row["agent_id"] for row in facts.rows("fact_schedule_ahead")} <= agents.names()


def check_costs(facts: Facts, agents: Agents) -> None:
    for who in agents.names():
        costs: dict[str, list[int]] = defaultdict(list)
        for row in facts.rows("fact_agent_state", agent_id=who):
            if row["cost_micros"] is not None:
                costs[row["overlap_date"]].append(row["cost_micros"])
        shares = agents.shares(who)
        for day, parts in costs.items():
            found = facts.rows("fact_cost", agent_id=who, overlap_date=day)
            assert sum(row["cost_micros"] for row in found) == sum(parts)
            if sum(parts) and day in shares:
                check_parts(found, sum(parts), shares[day])


def check_parts(found: list[Row], cost: int, shares: dict[tuple[str, int], Fraction]) -> None:
    """Cost by engaged time, each part within a millionth of its exact share."""
    by_leg = {row["cost_key"].rpartition("/")[2]: row["cost_micros"] for row in found}
    total = sum(shares.values())
    exact = {f"{key}#{number + 1}": cost * share / total for (key, number), share in shares.items()}
    assert by_leg.keys() == exact.keys()
    for leg, share in exact.items():
        assert abs(by_leg[leg] - floor(share)) <= 1


def check(desk: Desk, as_of_s: float) -> None:
    desk.chat("anchor", customer=None, initiated_by="customer", is_test=False).queued(0).accepted(
        0, "zoe"
    ).closed(0)
    told = stories(desk, desk.us(as_of_s))
    agents = Agents(desk, told, desk.us(as_of_s), RECENT_S * 1_000_000)
    with TemporaryDirectory() as folder:
        facts = desk.build(Path(folder), as_of=as_of_s)
    check_states(facts, agents)
    check_ahead(facts, agents)
    check_costs(facts, agents)
    for leg in facts.rows("fact_leg"):
        key, _, number = leg["leg_key"].rpartition("/")[2].partition("#")
        expected = None if leg["end_reason"] == "open" else agents.load(leg["agent_id"], key, int(number) - 1)
        assert leg["load_us"] == expected
    check_totals(facts)


def check_totals(facts: Facts) -> None:
    """Time with chats is the same, wherever it is asked."""
    states: dict[Any, int] = defaultdict(int)
    loads: dict[Any, int] = defaultdict(int)
    for row in facts.rows("fact_agent_state"):
        states[row["agent_id"], row["overlap_date"], row["k_open"]] += row["busy_us"]
    for row in facts.rows("fact_agent_load"):
        loads[row["agent_id"], date_of(row["segment_at_us"]), row["k_open"]] += row["busy_us"]
    assert {key: us for key, us in states.items() if us} == {key: us for key, us in loads.items() if us}


AS_OF = st.sampled_from((300, 905, 50_000, 100_000))


@few
@given(staffed(), AS_OF)
def test_agents_time_is_that_of_the_oracle(desk: Desk, as_of: int) -> None:
    check(desk, as_of)


def content(facts: Facts, table: str) -> Counter[str]:
    places = ("_date", "_week", "_weekday", "_month", "_at_us", "cost_key")
    return Counter(
        str({name: value for name, value in row.items() if not name.endswith(places)})
        for row in facts.rows(table)
    )


@settings(few, max_examples=2)
@given(staffed(), st.integers(-400, 400), st.integers(0, 99))
def test_neither_the_day_nor_the_order_of_rows_matters(desk: Desk, days: int, seed: int) -> None:
    with TemporaryDirectory() as folder:
        here = desk.build(Path(folder) / "here", as_of=50_000)
        moved = desk.shifted(days * 86_400).shuffled(seed).build(Path(folder) / "moved", as_of=50_000)
    for table in ("fact_agent_state", "fact_cost"):
        assert content(here, table) == content(moved, table), table


@pytest.mark.slow
@many
@given(staffed(), AS_OF)
def test_agents_time_is_that_of_the_oracle_many_times(desk: Desk, as_of: int) -> None:
    check(desk, as_of)
