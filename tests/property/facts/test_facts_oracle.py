"""The facts of random desks against an oracle in plain Python, to the microsecond."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.facts import oracle_states as states
from tests.property.facts.desks import desks
from tests.property.facts.oracle import Loads, Story, gaps, in_order, loads, stories

if TYPE_CHECKING:
    from tests.unit.facts.desk import Desk, Facts

RECENT_S = 300
# Every example builds a warehouse, so examples are few and rich, and are not shrunk.
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=300, derandomize=False)


def built(desk: Desk, as_of: float) -> Facts:
    with TemporaryDirectory() as folder:
        return desk.build(Path(folder), as_of=as_of)


def check(desk: Desk, as_of_s: float) -> None:
    # A source that records no queueing at all is completed by inference, which is tested elsewhere.
    desk.chat("anchor", customer=None, initiated_by="customer", is_test=False).queued(0).accepted(
        0, "zoe"
    ).closed(0)
    as_of = desk.us(as_of_s)
    facts = built(desk, as_of_s)
    told = stories(desk, as_of)
    load = loads(told, RECENT_S * 1_000_000)
    for name, story in told.items():
        check_inference(story)
        check_conversation(facts, name, story)
        check_turns(facts, name, story)
        check_legs(facts, name, story, load)
        check_parts(facts, name, story, load)
        check_entries(facts, name, story)
        check_states(facts, name, story)
    check_loads(facts, load)
    found = {
        row["conversation_id"]: (
            row["next_issue_gap_us"],
            row["next_any_gap_us"],
            row["next_chat_gap_us"],
            row["prev_issue_gap_us"],
        )
        for row in facts.rows("fact_conversation")
    }
    assert found == gaps(told, desk.tables.get("contacts", []), as_of)


def check_inference(story: Story) -> None:
    """Desks here record every accept; who is taken directly waits from the start or the last return."""
    if (
        story.queued is None
        and story.row["initiated_by"] != "agent"
        and (story.times("accepted") or story.replies)
    ):
        human = min(story.times("accepted") or story.replies)
        begun = [at for at in (story.row["created_at_us"], *story.times("reopened")) if at <= human]
        story.events = in_order([*story.events, (max(begun, default=human), "queued", None)])
        story.queue_inferred = True


def check_conversation(facts: Facts, name: str, story: Story) -> None:
    row = facts.conversation(name)
    inbound = story.row["initiated_by"] != "agent" and not story.row["is_test"]
    queued, accepted, left, ended = story.queued, story.accepted, story.left, story.ended
    assert row["queued_at_us"] == queued
    assert row["is_offered"] == (inbound and queued is not None)
    assert row["is_answered"] == (inbound and queued is not None and accepted is not None)
    assert row["is_abandoned"] == (inbound and left is not None)
    assert row["is_ended"] == (ended is not None)
    assert row["is_open"] == (ended is None)
    assert row["closed_at_us"] == story.closed
    assert row["is_waiting"] == (
        inbound and queued is not None and accepted is None and left is None and ended is None
    )
    assert row["queue_wait_us"] == states.positive(accepted, queued)
    assert row["abandon_wait_us"] == (None if queued is None or left is None else left - queued)
    human = story.first_human
    assert row["frt_human_us"] == (
        None if queued is None or human is None or left is not None else human - queued
    )
    assert row["n_reopens"] == len(story.returns)
    talked = bool([m for m in story.messages if m["sender_type"] == "bot"])
    assert row["is_contained"] == (
        talked and queued is None and accepted is None and not story.replies and ended is not None
    )


def check_turns(facts: Facts, name: str, story: Story) -> None:
    expected = [] if story.row["is_test"] else story.turns()
    rows = sorted(facts.of("fact_turn", name), key=lambda row: int(row["turn_key"].split("#")[1]))
    assert [
        (row["turn_at_us"], row["replied_at_us"], row["is_first"], row["is_censored"], row["reply_us"])
        for row in rows
    ] == [
        (turn["since"], turn["replied"], turn["first"], turn["open"],
         None if turn["replied"] is None else turn["replied"] - turn["since"])
        for turn in expected
    ]  # fmt: skip
    assert [row["lasted_us"] for row in rows] == [states.lasted(turn, story) for turn in expected]
    pauses = states.pauses(story)
    assert [row["is_after_parking"] for row in rows] == [
        any(begin <= turn["since"] <= end for begin, end in pauses) for turn in expected
    ]


def check_legs(facts: Facts, name: str, story: Story, load: Loads) -> None:
    rows = sorted(facts.of("fact_leg", name), key=lambda row: int(row["leg_key"].split("#")[1]))
    assert [(row["agent_id"], row["open_us"], row["wrapup_us"], row["end_reason"]) for row in rows] == [
        (leg.agent, leg.open_us, leg.wrapup, leg.end) for leg in story.legs
    ]
    for number, (row, leg) in enumerate(zip(rows, story.legs, strict=True)):
        done = leg.end != "open"
        assert row["handle_us"] == (leg.open_us + leg.wrapup if done else None)
        assert row["engaged_us"] == (int(load.engaged[name, number]) if done else None)
        assert row["effort_us"] == (int(load.effort[name, number]) if done else None)
        active = [seg for seg in facts.rows("fact_leg_load", leg_key=row["leg_key"]) if seg["is_active"]]
        assert sum(seg["chat_us"] for seg in active) == load.active[name, number]
        ends = [seg["segment_at_us"] for seg in active if seg["ends_chat"]]
        assert ends == ([max(seg["segment_at_us"] for seg in active)] if active and done else [])


def check_parts(facts: Facts, name: str, story: Story, load: Loads) -> None:
    row = facts.conversation(name)
    for column, expected in states.durations(story).items():
        assert row[column] == expected, column
    assert (row["n_transfers"], row["n_queue_transfers"]) == states.transfers(story)
    assert row["n_returns"] == states.returns(story)
    assert row["is_silent"] == states.is_silent(story)
    assert not row["is_silent_noted"]
    legs = {int(leg["leg_key"].split("#")[1]) - 1: leg for leg in facts.of("fact_leg", name)}
    for number, leg in enumerate(story.legs):
        if leg.end != "open" and leg.agent is not None:
            assert legs[number]["idle_us"] == leg.open_us - load.active[name, number]
            assert legs[number]["idle_tail_us"] == states.idle_tail(story, leg)
    for column in ("idle_us", "idle_tail_us"):
        known = [leg[column] for leg in legs.values() if leg[column] is not None]
        assert row[column] == (sum(known) if row["is_ended"] and known else None)


def check_entries(facts: Facts, name: str, story: Story) -> None:
    rows = sorted(facts.of("fact_queue_entry", name), key=lambda row: int(row["entry_key"].split("#")[1]))
    assert [(row["entered_at_us"], row["left_at_us"], row["result"]) for row in rows] == states.entries(story)


def check_states(facts: Facts, name: str, story: Story) -> None:
    """At every instant between two events: what the row that covers it says, or that none does."""
    rows = facts.of("fact_open_span", name)
    instants = {story.row["created_at_us"], story.as_of, *(at for at, _, _ in story.events)}
    instants |= {message["timestamp_us"] for message in story.messages}
    for begin, end in pairwise(sorted(instants)):
        middle = Fraction(begin + end, 2)
        covering = [
            row
            for row in rows
            if row["from_at_us"] < middle and (row["until_at_us"] is None or row["until_at_us"] > middle)
        ]
        state = states.state_at(story, middle)
        assert len(covering) == state.is_open, (begin, end)
        for row in covering:
            found = states.State(
                is_open=True,
                is_with_humans=row["is_with_humans"],
                agent=row["agent_id"],
                is_assigned=row["is_assigned"],
                is_parked=row["is_parked"],
                awaiting_since=row["awaiting_since_at_us"],
            )
            assert found == state, (begin, end)
            assert row["is_awaiting_agent"] == (row["awaiting_since_at_us"] is not None)
    assert sum(row["until_at_us"] is None for row in rows) == (story.ended is None)


def check_loads(facts: Facts, load: Loads) -> None:
    at_open: Counter[tuple[str, int]] = Counter()
    at_active: Counter[tuple[str, int]] = Counter()
    for row in facts.rows("fact_agent_load"):
        at_open[row["agent_id"], row["k_open"]] += row["busy_us"]
        at_active[row["agent_id"], row["k_active"]] += row["busy_us"]
    assert at_open == load.at_open
    assert at_active == {key: us for key, us in load.at_active.items() if us}


AS_OF = st.sampled_from((300, 905, 2_000, 200_000))


@few
@given(desks(), AS_OF)
def test_facts_equal_the_oracle(desk: Desk, as_of: int) -> None:
    check(desk, as_of)


@pytest.mark.slow
@many
@given(desks(), AS_OF)
def test_facts_equal_the_oracle_on_many_desks(desk: Desk, as_of: int) -> None:
    check(desk, as_of)
