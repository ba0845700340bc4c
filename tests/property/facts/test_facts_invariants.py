"""What must hold for every desk: time is conserved, and what is irrelevant changes nothing."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.facts.desks import desks
from tests.property.facts.test_facts_oracle import built

if TYPE_CHECKING:
    from tests.unit.facts.desk import Desk, Facts, Row

few = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
AS_OF = 200_000


def without_places_in_time(row: Row) -> dict[str, object]:
    labels = ("_date", "_hour", "_weekday", "_week", "_month", "_at_us")
    return {name: value for name, value in row.items() if not name.endswith(labels)}


def content(facts: Facts, table: str) -> Counter[str]:
    return Counter(str(without_places_in_time(row)) for row in facts.rows(table))


@few
@given(desks())
def test_conservation(desk: Desk) -> None:
    facts = built(desk, AS_OF)
    check_that_time_is_conserved(facts)
    check_that_parts_add_up(facts)


def check_that_time_is_conserved(facts: Facts) -> None:
    opened: Counter[str] = Counter()
    engaged: Counter[str] = Counter()
    n_legs: Counter[str] = Counter()
    for leg in facts.rows("fact_leg"):
        opened[leg["agent_id"]] += leg["open_us"]
        n_legs[leg["agent_id"]] += 1
        assert leg["released_at_us"] - leg["accepted_at_us"] == leg["open_us"] + leg["parked_us"]
    shared: Counter[str] = Counter()
    for segment in facts.rows("fact_leg_load"):
        shared[segment["agent_id"]] += segment["chat_us"]
        engaged[segment["agent_id"]] += segment["chat_us"] / segment["k_open"]
        assert 0 <= segment["k_active"] <= segment["k_open"]
    chats: Counter[str] = Counter()
    busy: Counter[str] = Counter()
    for row in facts.rows("fact_agent_load"):
        chats[row["agent_id"]] += row["open_chat_us"]
        busy[row["agent_id"]] += row["busy_us"]
        assert row["open_chat_us"] == row["k_open"] * row["busy_us"]
        assert row["active_busy_us"] == (row["busy_us"] if row["k_active"] else 0)
    assert +opened == chats == shared  # the sum of k x seconds at k is the sum of the holds
    for agent, us in busy.items():
        assert abs(engaged[agent] - us) < 1
        done = [leg for leg in facts.rows("fact_leg", agent_id=agent) if leg["engaged_us"] is not None]
        if len(done) == n_legs[agent]:
            assert 0 <= us - sum(leg["engaged_us"] for leg in done) <= len(done)  # each leg is rounded down


def check_spans(facts: Facts, row: Row) -> None:
    """The stretches of a conversation do not overlap, and the last one is open exactly when it is."""
    spans = sorted(facts.of("fact_open_span", row["conversation_id"]), key=lambda span: span["from_at_us"])
    for span, following in pairwise(spans):
        assert span["from_at_us"] < span["until_at_us"] <= following["from_at_us"]
    assert sum(span["until_at_us"] is None for span in spans) == row["is_open"]
    assert all(span["is_assigned"] for span in spans if span["agent_id"] is not None)


def check_that_parts_add_up(facts: Facts) -> None:
    for row in facts.rows("fact_conversation"):
        legs = facts.of("fact_leg", row["conversation_id"])
        assert row["n_legs"] == len(legs)
        if row["is_ended"] and legs:
            for name in ("handle_us", "wrapup_us", "engaged_us", "effort_us"):
                assert row[name] == sum(leg[name] for leg in legs if leg[name] is not None)
        turns = facts.of("fact_turn", row["conversation_id"])
        assert row["is_test"] or row["n_turns"] == len(turns)
        for name in (
            "queue_wait",
            "abandon_wait",
            "waiting",
            "pickup_to_reply",
            "frt_human",
            "frt_bot",
            "frt_any",
        ):
            assert row.s(name) is None or row.s(name) >= 0, name  # type: ignore[operator]
        if (
            row.s("frt_human") is not None
            and row.s("pickup_to_reply") is not None
            and row.s("queue_wait") is not None
        ):
            assert row["frt_human_us"] == row["queue_wait_us"] + row["pickup_to_reply_us"]
        if (
            row.s("before_queue") is not None
            and row.s("frt_human") is not None
            and row.s("frt_start") is not None
        ):
            assert row["frt_start_us"] == row["before_queue_us"] + row["frt_human_us"]
        assert row["n_queue_transfers"] <= row["n_transfers"]
        assert row["is_silent"] or not row["is_silent_noted"]
        for part in ("idle_us", "idle_tail_us"):
            assert row[part] is None or 0 <= row[part] <= row["handle_us"] - row["wrapup_us"]
        assert (row["reopen_gap_us"] is None) == (row["n_reopens"] == 0)
        gaps = [row[f"next_{name}_gap_us"] for name in ("any", "issue", "chat")]
        assert [gap for gap in gaps if gap is not None] == sorted(gap for gap in gaps if gap is not None)
        check_spans(facts, row)
    for turn in facts.rows("fact_turn"):
        assert turn["reply_us"] is None or turn["reply_us"] >= 0
    arrivals = sum(row["n_offered"] for row in facts.rows("fact_arrivals"))
    assert arrivals == sum(row["is_offered"] for row in facts.rows("fact_conversation"))


@few
@given(desks(), st.integers(-20_000, 20_000))
def test_shifting_all_times_by_quarter_hours_changes_no_duration(desk: Desk, quarters: int) -> None:
    there = built(desk, AS_OF)
    later = built(desk.shifted(quarters * 900), AS_OF)
    for table in (
        "fact_conversation",
        "fact_leg",
        "fact_turn",
        "fact_leg_load",
        "fact_agent_load",
        "fact_contact",
        "fact_queue_entry",
        "fact_open_span",
    ):
        assert content(there, table) == content(later, table), table


@few
@given(desks(), st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(desk: Desk, seed: int) -> None:
    given_order = built(desk, AS_OF)
    shuffled = built(desk.shuffled(seed), AS_OF)
    for table in given_order.tables:
        assert Counter(map(str, given_order.rows(table))) == Counter(map(str, shuffled.rows(table))), table


@few
@given(desks(), st.sampled_from((300, 905, 2_000)))
def test_the_past_stays_as_it_was_when_as_of_moves_on(desk: Desk, early: int) -> None:
    before, after = built(desk, early), built(desk, AS_OF)
    cut = desk.us(early)

    def known(facts: Facts) -> list[tuple[object, ...]]:
        pieces = [
            (
                row["agent_id"],
                row["segment_at_us"],
                min(row["segment_end_at_us"], cut),
                row["k_open"],
                row["k_active"],
            )
            for row in facts.rows("fact_agent_load")
            if row["segment_at_us"] < cut
        ]
        return sorted(_joined(pieces))

    assert known(before) == known(after)


def _joined(pieces: list[tuple[str, int, int, int, int]]) -> list[tuple[object, ...]]:
    """Adjoining stretches of equal load as one."""
    joined: list[tuple[str, int, int, int, int]] = []
    for agent, start, end, k_open, k_active in sorted(pieces):
        if (
            joined
            and joined[-1][0] == agent
            and joined[-1][2] == start
            and joined[-1][3:] == (k_open, k_active)
        ):
            joined[-1] = (agent, joined[-1][1], end, k_open, k_active)
        else:
            joined.append((agent, start, end, k_open, k_active))
    return list(joined)
