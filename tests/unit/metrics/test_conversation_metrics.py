"""Metrics of conversations by hand: waits, first response by its start, silence, repeats, the bot's bill."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.metrics.test_query import closed, offered, one

from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.metrics import query

HOUR = 3_600 * US_PER_S


def value(reader: Any, name: str, **options: object) -> tuple[int | None, int | None, int]:
    row = one(query(reader, name, options=options))
    return row["numerator"], row["denominator"], row["n_censored"]


def test_a_wait_that_was_cut_short_still_counts(reader_of: Any) -> None:
    rows = [offered(10), offered(left_s=20), offered(30), offered(40), offered(waiting_us=50 * US_PER_S)]
    # Not yet accepted: 4/5 after 10 s, 4/5 x 2/3 = 8/15 after 30 s, 8/15 x 1/2 = 4/15 after 40 s.
    found = one(query(reader_of(fact_conversation=rows), "wait_to_accept"))
    assert (found["value"], found["n"], found["n_censored"]) == (40.0, 5, 2)
    # Still there: 3/4 after 20 s; nobody else left.
    found = one(query(reader_of(fact_conversation=rows), "patience"))
    assert (found["value"], found["null_reason"]) == (None, "window_censored")
    left = [offered(left_s=20), offered(30), offered(left_s=40)]
    assert one(query(reader_of(fact_conversation=left), "patience"))["value"] == 40.0


def waiting(seconds: float, **more: Any) -> dict[str, Any]:
    return offered(waiting_us=round(seconds * US_PER_S), **more)


@pytest.mark.parametrize(("target", "n"), [("targets", 2), ("fixed", 3)])
def test_who_waits_past_the_target(reader_of: Any, target: str, n: int) -> None:
    rows = [waiting(10), waiting(30), waiting(30.5), waiting(90, service_target_us=60 * US_PER_S),
            waiting(50, service_target_us=60 * US_PER_S), offered(99)]  # fmt: skip
    row = one(query(reader_of(fact_conversation=rows), "waiting_past_target", options={"target": target}))
    assert row["value"] == n
    assert json.loads(row["n_excluded"]) == {"within_target": 5 - n}


def test_a_conversation_is_served_by_its_own_target(reader_of: Any) -> None:
    rows = [offered(40), offered(40, service_target_us=60 * US_PER_S),
            offered(20, service_target_us=10 * US_PER_S)]  # fmt: skip
    reader = reader_of(fact_conversation=rows)
    assert value(reader, "service_level", within_s=30)[:2] == (1, 3)  # 40 <= 60 alone
    assert value(reader, "service_level", within_s=30, target="fixed")[:2] == (1, 3)  # 20 <= 30 alone
    assert value(reader, "service_level", within_s=40, target="fixed")[:2] == (3, 3)


@pytest.mark.parametrize(
    ("asked", "hits"),
    [
        # 3 s of business time, 300 of wall time, 60 allowed: the first is judged by the wall clock
        ({}, 2),
        ({"options": {"target": "fixed"}}, 3),
        ({"clock": "business"}, 3),
        ({"clock": "calendar"}, 0),
    ],
)
def test_a_target_is_met_on_its_own_clock(reader_of: Any, asked: dict[str, Any], hits: int) -> None:
    seconds = {"queue_wait_us": 300 * US_PER_S, "queue_wait_business_us": 3 * US_PER_S}
    chats = [
        offered(300, is_service_target_on_calendar=True, service_target_us=60 * US_PER_S) | seconds,
        offered(300, service_target_us=60 * US_PER_S) | seconds,
        offered(300) | seconds,
    ]
    turns = [
        {"start_date": "2026-10-05", "is_answered": True, "reply_us": 300 * US_PER_S,
         "reply_business_us": 3 * US_PER_S, "lasted_us": 300 * US_PER_S, "lasted_business_us": 3 * US_PER_S,
         "target_us": chat.get("service_target_us"),
         "is_target_on_calendar": chat.get("is_service_target_on_calendar", False)}
        for chat in chats
    ]  # fmt: skip
    reader = reader_of(fact_conversation=chats, fact_turn=turns)
    for name in ("service_level", "replies_within"):
        row = one(query(reader, name, **asked))
        assert (row["numerator"], row["denominator"]) == (hits, 3), name


def answered(**seconds: float) -> dict[str, Any]:
    """Offered, replied to at ``human`` seconds; other keywords are instants in seconds, or durations."""
    instants = {
        f"{name}_at_us": round(at * US_PER_S)
        for name, at in seconds.items()
        if name in ("queued", "handoff", "accepted", "first_human", "first_closed")
    }
    others = {
        f"{name}_us": round(s * US_PER_S) for name, s in seconds.items() if f"{name}_at_us" not in instants
    }
    return offered(5) | {"start_date": "2026-11-02"} | instants | others


FIRST = answered(queued=20, handoff=15, accepted=45, first_human=60, first_closed=300,
                 frt_human=40, frt_start=60, frt_handoff=45, pickup_to_reply=15)  # fmt: skip
BACK = answered(queued=500, accepted=510, first_human=530, first_closed=90,
                frt_human=30, frt_start=530, pickup_to_reply=20)  # fmt: skip
LATE = answered(queued=20, handoff=15, accepted=45, first_human=900, first_closed=300,
                frt_human=880, frt_start=900, frt_handoff=885, pickup_to_reply=855)  # fmt: skip


@pytest.mark.parametrize(
    ("start", "mean", "left_out"),
    [
        ("queue", (40 + 30) / 2, {"later_episode": 1}),  # LATE was closed unanswered before
        ("start", 60, {"later_episode": 2}),  # BACK would show the days that it was closed
        ("handoff", 45, {"later_episode": 1, "no_handoff": 1}),
        ("accept", (15 + 20) / 2, {"later_episode": 1}),
    ],
)
def test_first_response_is_that_of_the_first_episode(
    reader_of: Any, start: str, mean: float, left_out: dict[str, int]
) -> None:
    reader = reader_of(fact_conversation=[FIRST, BACK, LATE])
    row = one(query(reader, "first_response_mean", options={"from": start}))
    assert (row["value"], json.loads(row["n_excluded"])) == (mean, left_out)
    assert row["convention"].endswith(f"from {start}")


def test_each_part_has_two_clocks(reader_of: Any) -> None:
    business = {"pickup_to_reply": 5, "before_queue": 8, "frt_start": 33}
    row = FIRST | {f"{name}_business_us": seconds * US_PER_S for name, seconds in business.items()}
    reader = reader_of(fact_conversation=[row | {"before_queue_us": 20 * US_PER_S}])
    found = {
        (name, clock): one(query(reader, name, clock=clock, options=options))["value"]
        for name, options in [
            ("pickup_to_reply", {}),
            ("time_before_queue", {}),
            ("first_response", {"from": "start"}),
        ]
        for clock in ("business", "calendar")
    }
    assert found == {
        ("pickup_to_reply", "business"): 5, ("pickup_to_reply", "calendar"): 15,
        ("time_before_queue", "business"): 8, ("time_before_queue", "calendar"): 20,
        ("first_response", "business"): 33, ("first_response", "calendar"): 60,
    }  # fmt: skip


def turn(lasted_s: float, *, is_answered: bool, **more: Any) -> dict[str, Any]:
    lasted = round(lasted_s * US_PER_S)
    return {"turn_key": "t", "conversation_key": "s/a/1", "start_date": "2026-11-02", "lasted_us": lasted,
            "reply_us": lasted if is_answered else None, "is_answered": is_answered, **more}  # fmt: skip


def test_the_longest_wait_may_be_one_that_nobody_ended(reader_of: Any) -> None:
    rows = [turn(30, is_answered=True), turn(90, is_answered=True), turn(400, is_answered=False)]
    reader = reader_of(fact_turn=rows)
    assert one(query(reader, "longest_wait"))["value"] == 400
    assert one(query(reader, "reply_time", options={"turns": "all"}))["value"] == 60
    # 2/3 wait longer than 30 s, 1/3 longer than 90 s.
    assert one(query(reader, "reply_wait"))["value"] == 90


def test_a_reply_to_a_parked_conversation(reader_of: Any) -> None:
    rows = [turn(30, is_answered=True), turn(240, is_answered=True, is_after_parking=True),
            turn(9, is_answered=False, is_after_parking=True)]  # fmt: skip
    row = one(query(reader_of(fact_turn=rows), "reply_after_parking"))
    assert (row["value"], json.loads(row["n_excluded"])) == (240, {"ended_unanswered": 1})


@pytest.mark.parametrize(
    ("options", "mean"),
    [
        ({}, (900 + 300) / 2),
        ({"tail": "without"}, (300 + 240) / 2),
        ({"tail": "capped", "tail_s": 100}, (400 + 300) / 2),  # 600 s of silence count as 100, 60 as 60
    ],
)
def test_the_idle_tail_may_be_left_out_of_handle_time(
    reader_of: Any, options: dict[str, object], mean: float
) -> None:
    rows = [
        closed(handle_us=handle * US_PER_S, idle_tail_us=tail * US_PER_S)
        for handle, tail in ((900, 600), (300, 60))
    ]
    assert one(query(reader_of(fact_conversation=rows), "handle_time", options=options))["value"] == mean


def test_parked_time_is_that_of_parked_conversations(reader_of: Any) -> None:
    rows = [closed(parked_us=0), closed(parked_us=2 * HOUR), closed(parked_us=HOUR)]
    reader = reader_of(fact_conversation=rows)
    assert one(query(reader, "parked_time"))["value"] == 5400
    assert value(reader, "parked_share")[:2] == (2, 3)


def test_resolution_without_the_parked_time(reader_of: Any) -> None:
    rows = [closed(resolution_us=3 * HOUR, parked_us=2 * HOUR, start_at_us=0, first_closed_at_us=HOUR // 2)]
    reader = reader_of(fact_conversation=rows)
    found = [
        one(query(reader, "resolution_time", options={"until": until}))["value"]
        for until in ("last", "first", "last_without_parked")
    ]
    assert found == [10_800, 1_800, 3_600]


TRANSFERS = [
    closed(n_transfers=0, n_queue_transfers=0, n_returns=0),
    closed(n_transfers=3, n_queue_transfers=1, n_returns=2),
    closed(n_transfers=1, n_queue_transfers=1, n_returns=0),
]


@pytest.mark.parametrize(
    ("to", "share", "count"), [("anywhere", (2, 3), 4), ("queue", (2, 3), 2), ("agent", (1, 3), 2)]
)
def test_transfers_by_where_they_went(reader_of: Any, to: str, share: tuple[int, int], count: int) -> None:
    reader = reader_of(fact_conversation=TRANSFERS)
    assert value(reader, "transfer_rate", to=to)[:2] == share
    assert value(reader, "transfers", to=to)[0] == count
    assert value(reader, "ping_pong")[0] == 2


def test_silent_abandonment_lies_between_two_bounds(reader_of: Any) -> None:
    rows = [
        closed(is_answered=True),
        closed(is_answered=True, is_silent=True),
        closed(is_answered=True, is_silent=True, is_silent_noted=True),
        closed(is_answered=False, is_silent=True),
    ]
    reader = reader_of(fact_conversation=rows)
    assert value(reader, "silent_abandonment_lower")[:2] == (1, 3)
    assert value(reader, "silent_abandonment_upper")[:2] == (2, 3)


@pytest.mark.parametrize(
    ("options", "numerator", "denominator", "n_censored"),
    [
        ({}, 1, 5, 1),
        ({"silent": "lower"}, 2, 5, 1),
        ({"silent": "upper"}, 3, 5, 1),
        ({"of": "offered"}, 1, 7, 0),  # with the one who waits and the one who moved on
    ],
)
def test_the_abandonment_rate_with_those_who_left_without_a_sign(
    reader_of: Any, options: dict[str, object], numerator: int, denominator: int, n_censored: int
) -> None:
    silent = offered(5, is_silent=True)
    rows = [offered(5), offered(5), silent, silent | {"is_silent_noted": True},
            offered(left_s=40), offered(left_s=3), offered(), offered() | {"is_waiting": False}]  # fmt: skip
    found = value(reader_of(fact_conversation=rows), "abandonment_rate", **options)
    assert found == (numerator, denominator, n_censored)


def test_a_silent_customer_is_no_first_contact(reader_of: Any) -> None:
    rows = [closed(), closed(is_silent=True), closed(is_silent=True, is_silent_noted=True)]
    row = one(query(reader_of(fact_conversation=rows), "fcr"))
    assert (row["numerator"], row["denominator"]) == (2, 2)
    assert json.loads(row["n_excluded"]) == {"silent_abandonment": 1}


WEEK = 7 * US_PER_DAY


def test_only_a_reopening_within_the_window_fails_it(reader_of: Any) -> None:
    rows = [closed(n_reopens=1, reopen_gap_us=WEEK), closed(n_reopens=1, reopen_gap_us=WEEK + 1), closed()]
    assert value(reader_of(fact_conversation=rows), "fcr")[:2] == (2, 3)


def test_a_call_is_no_repeat_by_chat(reader_of: Any) -> None:
    called = closed(next_issue_gap_us=US_PER_DAY, next_any_gap_us=US_PER_DAY)
    rows = [called, called | {"next_chat_gap_us": WEEK}]
    reader = reader_of(fact_conversation=rows)
    assert value(reader, "fcr", repeat="chat_only")[:2] == (1, 2)
    assert value(reader, "fcr", repeat="same_issue")[:2] == (0, 2)


def test_reopened_so_far_and_within_a_matured_window(reader_of: Any) -> None:
    rows = [
        closed(first_closed_at_us=1),
        closed(first_closed_at_us=1, n_reopens=1, reopen_gap_us=US_PER_DAY),
        closed(first_closed_at_us=1, n_reopens=1, reopen_gap_us=WEEK + 1),
        closed(first_closed_at_us=1, n_reopens=1, reopen_gap_us=US_PER_DAY, maturity_us=WEEK - 1),
    ]
    reader = reader_of(fact_conversation=rows)
    assert value(reader, "reopen_rate") == (3, 4, 0)
    assert value(reader, "reopen_rate", matured="yes") == (1, 3, 1)


def test_the_two_ways_to_call_it_resolved_agree_or_not(reader_of: Any) -> None:
    back = {"next_issue_gap_us": US_PER_DAY}
    rows = [
        *(closed(is_survey_resolved=True) for _ in range(6)),
        closed(is_survey_resolved=False),
        *(closed(is_survey_resolved=True, **back) for _ in range(2)),
        *(closed(is_survey_resolved=False, **back) for _ in range(3)),
        closed(is_survey_resolved=None),
        closed(is_survey_resolved=True, customer_key=None),
        closed(is_survey_resolved=True, maturity_us=0),
    ]
    reader = reader_of(fact_conversation=rows)
    cells = {(f, s): value(reader, f"fcr_{f}_survey_{s}")[0] for f in ("yes", "no") for s in ("yes", "no")}
    assert cells == {("yes", "yes"): 6, ("yes", "no"): 1, ("no", "yes"): 2, ("no", "no"): 3}
    assert value(reader, "fcr_survey_agreement") == (6 + 3, 6 + 1 + 2 + 3, 1)


def bot(**more: Any) -> dict[str, Any]:
    base = {"conversation_key": "s/a/1", "customer_key": "c", "start_date": "2026-11-02", "is_inbound": True,
            "is_bot_involved": True, "is_bot_billed": True, "is_contained": True, "is_bot_answered": True,
            "is_ended": True, "maturity_us": 30 * US_PER_DAY}  # fmt: skip
    return base | more


BILL = [
    bot(),
    bot(is_bot_confirmed=True),
    bot(next_issue_gap_us=WEEK),  # came back on the last day of the window
    bot(next_issue_gap_us=WEEK + 1),
    bot(has_negative_survey=True),
    bot(is_bot_answered=False),  # fallbacks only
    bot(is_contained=False),  # handed over, and billed all the same
    bot(customer_key=None),
    bot(maturity_us=US_PER_DAY),
    bot(is_bot_billed=False),
    bot(is_bot_answered=None),
]


def test_what_was_billed_and_what_it_was(reader_of: Any) -> None:
    reader = reader_of(fact_conversation=BILL)
    steps = ("", "_contained", "_answered", "_confirmed", "_verified", "_came_back", "_unverifiable")
    assert {step: value(reader, f"bot_billed{step}")[0] for step in steps} == {
        "": 10,
        "_contained": 9,
        "_answered": 7,  # without the fallback and the one not recorded
        "_confirmed": 1,
        "_verified": 3,  # the first, the confirmed, and the one back after the window
        "_came_back": 1,
        "_unverifiable": 1,
    }
    row = one(query(reader, "bot_billed_verified"))
    assert (row["n_censored"], json.loads(row["n_excluded"])["no_customer"]) == (1, 1)


def test_what_the_bot_kept_from_the_team_of_all_who_came(reader_of: Any) -> None:
    rows = [*BILL, bot(is_bot_involved=False, is_bot_answered=None, is_contained=False)]
    reader = reader_of(fact_conversation=rows)
    # Matured with a customer and a recorded outcome: 12 less anonymous, immature and unrecorded.
    assert value(reader, "channel_deflection") == (4, 9, 1)
    assert value(reader, "channel_deflection", step="contained") == (10, 12, 0)


def test_what_took_the_team(reader_of: Any) -> None:
    alone = {"is_offered": False, "is_human_handled": False, "next_issue_gap_us": None}
    rows = [
        bot(**alone),
        bot(**alone | {"is_offered": True}),  # queued, then gone
        bot(**alone | {"is_human_handled": True}),
        bot(**alone | {"next_issue_gap_us": 7 * US_PER_DAY}),  # back on the last day
        bot(**alone | {"next_issue_gap_us": 7 * US_PER_DAY + 1}),
        bot(**alone | {"customer_key": None}),
        bot(**alone | {"maturity_us": 6 * US_PER_DAY}),
        bot(**alone | {"is_inbound": False}),
    ]
    assert value(reader_of(fact_conversation=rows), "team_contact_rate") == (3, 5, 1)


def visit(gap_h: float | None, **more: Any) -> dict[str, Any]:
    gap = None if gap_h is None else round(gap_h * HOUR)
    return {"session_key": "v", "customer_key": "c", "start_date": "2026-11-02", "next_contact_gap_us": gap,
            "maturity_us": 100 * HOUR, **more}  # fmt: skip


def test_who_read_and_did_not_ask(reader_of: Any) -> None:
    rows = [visit(None), visit(24), visit(24.1), visit(0), visit(None, customer_key=None),
            visit(None, maturity_us=HOUR)]  # fmt: skip
    reader = reader_of(fact_help_session=rows)
    assert value(reader, "self_service") == (2, 4, 1)
    assert value(reader, "self_service", window_hours=1) == (4, 5, 0)
    assert value(reader, "help_visits")[0] == 6


def test_entries_and_agents_of_surveys(reader_of: Any) -> None:
    entry = {"entry_key": "e", "conversation_key": "s/a/1", "is_inbound": True, "queue_date": "2026-11-02"}
    rating = {"conversation_key": "s/a/1", "close_date": "2026-11-02", "is_responded": True, "csat": 5.0,
              "is_csat_valid": True, "is_csat_positive": True, "agent_id": "anna"}  # fmt: skip
    bad = rating | {"csat": 2.0, "is_csat_positive": False}
    reader = reader_of(
        fact_queue_entry=[entry, entry, entry | {"is_inbound": False}],
        fact_survey_leg=[rating, rating | {"agent_id": "bea"}, bad],
    )
    assert value(reader, "queue_entries")[0] == 2
    by_agent = query(reader, "csat_all_legs", by="agent_id")
    assert by_agent.select("agent_id", "numerator", "denominator").rows() == [("anna", 1, 2), ("bea", 1, 1)]
