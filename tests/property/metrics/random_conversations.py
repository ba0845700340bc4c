"""Random conversations and what hangs on them: turns, offers, surveys, legs, entries, open stretches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.random_values import (
    AS_OF_US,
    FIRST_DAY_US,
    N_DAYS,
    VALUES,
    filled,
    gap,
    labels_of,
    maturity,
    seconds,
)

from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.store.facts import CONVERSATION_DIMENSIONS, TIME_LABELS, fact_table

if TYPE_CHECKING:
    import random

Row = dict[str, Any]
CLOCKED = (
    "queue_wait", "abandon_wait", "waiting", "before_queue", "pickup_to_reply",
    "frt_human", "frt_start", "frt_handoff",
)  # fmt: skip


def conversation(rng: random.Random, number: int) -> Row:
    start = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    is_test = rng.random() < 0.05
    inbound = not is_test and rng.random() < 0.9
    bot = rng.random() < 0.5
    queued = not bot or rng.random() < 0.5
    fate = (
        rng.choice(["answered"] * 6 + ["abandoned", "abandoned", "waiting", "waiting", "left"])
        if queued
        else "none"
    )
    answered = fate == "answered"
    open_ = fate == "waiting" or (fate != "abandoned" and rng.random() < 0.1)
    row = _path(rng, start, fate, open_=open_)
    row |= _flags(rng, fate, bot=bot, inbound=inbound, open_=open_) | _repeats(rng, row)
    row |= {
        "conversation_key": f"test/main/{number}",
        "is_test": is_test,
        "n_turns": rng.randrange(5) if answered else 0,
        "n_legs": rng.choice([1, 1, 2]) if answered else 0,
        "n_transfers": rng.choice([0, 0, 0, 1, 2]),
        "n_queue_transfers": 0,
        "n_returns": rng.choice([0, 0, 1]),
        "service_target_us": rng.choice([None, None, 30 * US_PER_S, 60 * US_PER_S]),
    }
    row["n_queue_transfers"] = rng.randint(0, row["n_transfers"])
    row |= {name: rng.choice(VALUES.get(name, ["x"])) for name in CONVERSATION_DIMENSIONS}
    row |= labels_of("start", start) | labels_of("queue", row["queued_at_us"])
    return filled(rng, "fact_conversation", row | labels_of("close", row["closed_at_us"]))


def _flags(rng: random.Random, fate: str, *, bot: bool, inbound: bool, open_: bool) -> Row:
    queued, answered = fate != "none", fate == "answered"
    silent = answered and not open_ and rng.random() < 0.2
    return {
        "is_inbound": inbound,
        "is_inferred": False,
        "is_wait_recorded": rng.random() < 0.9,
        "is_course_recorded": rng.random() < 0.9,
        "is_template_recorded": rng.random() < 0.9,
        "is_offered": inbound and queued,
        "is_answered": answered,
        "is_abandoned": fate == "abandoned",
        "is_waiting": fate == "waiting",
        "is_ended": not open_,
        "is_open": open_,
        "is_bot_involved": bot,
        "is_bot_answered": rng.choice([None, False, True, True]) if bot else rng.choice([None, False]),
        "is_bot_confirmed": rng.choice([None, False, True]) if bot else False,
        "is_contained": bot and not queued and not open_,
        "is_human_handled": answered,
        "is_escalated": rng.random() < 0.1,
        "has_negative_survey": rng.random() < 0.1,
        "is_bot_billed": bot and rng.random() < 0.7,
        "is_survey_resolved": rng.choice([None, True, True, False]),
        "is_silent": silent,
        "is_silent_noted": silent and rng.random() < 0.5,
    }


def _repeats(rng: random.Random, row: Row) -> Row:
    """What is known of the customer's other contacts; a reopened chat may be open again."""
    closed = row["first_closed_at_us"]
    n_reopens = 0 if closed is None else rng.choice([0] * 6 + [1, 1, 2, 2])
    return {
        "customer_key": rng.choice(VALUES["customer_key"]),
        "next_issue_gap_us": None if closed is None else gap(rng, 0.3),
        "next_any_gap_us": None if closed is None else gap(rng, 0.5),
        "next_chat_gap_us": None if closed is None else gap(rng, 0.3),
        "reopen_gap_us": gap(rng, 0.9) if n_reopens else None,
        "prev_issue_gap_us": gap(rng, 0.3),
        "maturity_us": maturity(rng, closed),
        "n_reopens": n_reopens,
    }


def _path(rng: random.Random, start: int, fate: str, *, open_: bool) -> Row:
    """Instants and durations of a conversation."""
    queued = None if fate == "none" else start + seconds(rng, 60)
    wait = seconds(rng, 60)
    accepted = queued + wait if fate == "answered" and queued is not None else None
    abandoned = queued + wait if fate == "abandoned" and queued is not None else None
    human = None if accepted is None or rng.random() < 0.1 else accepted + seconds(rng, 40)
    end = (human or accepted or abandoned or queued or start) + seconds(rng, 4000)
    closed = None if open_ else end
    first_closed = end if open_ and rng.random() < 0.3 else closed
    if closed is not None and rng.random() < 0.1:
        closed += seconds(rng, 4000)
    if first_closed is not None and rng.random() < 0.1:
        first_closed = rng.choice([start, start + seconds(rng, 60), queued or start, accepted or start])
    handoff = rng.choice([queued, start, None])
    measured: Row = {
        "start_at_us": start,
        "queued_at_us": queued,
        "accepted_at_us": accepted,
        "first_human_at_us": human,
        "abandoned_at_us": abandoned,
        "first_closed_at_us": first_closed,
        "closed_at_us": closed,
        "handoff_at_us": handoff,
        "before_queue_us": None if queued is None else queued - start,
        "frt_start_us": None if human is None else human - start,
        "frt_handoff_us": None if human is None or handoff is None else human - handoff,
        "queue_wait_us": None if accepted is None or rng.random() < 0.05 else wait,
        "abandon_wait_us": None if abandoned is None else wait,
        "waiting_us": rng.choice([AS_OF_US - start, wait]) if fate == "waiting" else None,
        "pickup_to_reply_us": None if human is None or accepted is None else human - accepted,
        "frt_human_us": None if human is None or queued is None else human - queued,
        "frt_bot_us": rng.choice([None, seconds(rng, 5)]),
        "frt_any_us": rng.choice([None, seconds(rng, 50)]),
        "resolution_us": None if closed is None else closed - start,
        "parked_us": rng.choice([0, 0, (end - start) // 3]),
    }
    return (
        measured | _clocks(rng, measured) | _costs(rng, is_done=closed is not None and accepted is not None)
    )


def _clocks(rng: random.Random, measured: Row) -> Row:
    """The business clock of each wait; now and then clocks ran apart and a wait is not known at all."""
    has_calendar = rng.random() < 0.6
    found: Row = {}
    for name in CLOCKED:
        calendar = measured[f"{name}_us"]
        if name not in ("abandon_wait", "waiting") and rng.random() < 0.04:
            calendar = found[f"{name}_us"] = None
        found[f"{name}_business_us"] = None if calendar is None or not has_calendar else calendar // 2
    return found


def _costs(rng: random.Random, *, is_done: bool) -> Row:
    names = ("handle", "engaged", "effort", "idle")
    took = {f"{name}_us": seconds(rng, 900) if is_done else None for name in names}
    handle = took["handle_us"]
    return took | {"idle_tail_us": None if handle is None else min(handle, seconds(rng, 200))}


def carried(rng: random.Random, conversation: Row, *cohorts: str) -> Row:
    """Key, dimensions and labels of the conversation, as its child facts carry them."""
    labels = [f"{cohort}_{name}" for cohort in cohorts for name, _ in TIME_LABELS]
    names = ("conversation_key", *CONVERSATION_DIMENSIONS, *labels)
    return {name: conversation[name] for name in names} | {"agent_id": rng.choice(VALUES["agent_id"])}


def turn(rng: random.Random, conversation: Row, position: int) -> Row:
    answered = rng.random() < 0.85
    reply = seconds(rng, 200) if answered and rng.random() < 0.95 else None
    lasted = reply if answered else rng.choice([None, seconds(rng, 400), seconds(rng, 400)])
    at = conversation["queued_at_us"] + position * 600 * US_PER_S
    known = carried(rng, conversation, "start") | labels_of("start", at) | {
        "turn_key": f"{conversation['conversation_key']}#{position}",
        "is_first": position == 0,
        "is_answered": answered,
        "is_censored": not answered and conversation["is_open"],
        "turn_at_us": at,
        "replied_at_us": at + (reply or 0) if answered else None,
        "reply_us": reply,
        "reply_business_us": None if reply is None or rng.random() < 0.5 else reply // 3,
        "is_after_parking": rng.random() < 0.3,
        "lasted_us": lasted,
        "lasted_business_us": None if lasted is None or rng.random() < 0.5 else lasted // 2,
        "target_us": rng.choice([None, 30 * US_PER_S, 60 * US_PER_S]),
    }  # fmt: skip
    return filled(rng, "fact_turn", known)


def survey(rng: random.Random, conversation: Row) -> Row:
    responded = rng.random() < 0.6
    csat = rng.choice([None, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0]) if responded else None
    valid = csat is not None and 1 <= csat <= 5
    closed = conversation["closed_at_us"]
    answered = closed + seconds(rng, 300_000) if responded and closed is not None else None
    known = carried(rng, conversation, "close") | labels_of("response", answered) | {
        "response_at_us": answered,
        "csat": csat,
        "nps": rng.choice([None, -1.0, 0.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]) if responded else None,
        "is_responded": responded,
        "is_csat_valid": valid,
        "is_csat_positive": valid and csat is not None and csat >= 4,
        "is_resolved": rng.choice([None, True, False]) if responded else None,
    }  # fmt: skip
    return filled(rng, "fact_survey", known)


def offer(rng: random.Random, conversation: Row, position: int) -> Row:
    known = carried(rng, conversation, "queue") | {
        "offer_key": f"{conversation['conversation_key']}#{position}",
        "offered_at_us": conversation["queued_at_us"],
    }  # fmt: skip
    return filled(rng, "fact_offer", known)


def survey_leg(rng: random.Random, conversation: Row) -> Row:
    answer = survey(rng, conversation)
    names = {name for name, _ in fact_table("fact_survey_leg").all_columns}
    return {name: value for name, value in answer.items() if name in names}


def entry(rng: random.Random, conversation: Row) -> Row:
    known = carried(rng, conversation, "queue") | {
        "entry_key": conversation["conversation_key"],
        "is_inbound": conversation["is_inbound"],
    }
    del known["agent_id"]
    return filled(rng, "fact_queue_entry", known)


def spans(rng: random.Random, conversation: Row) -> list[Row]:
    """Open stretches, end to end from the start of a conversation; the last may go on."""
    at, rows = conversation["start_at_us"], []
    for position in range(rng.choice([1, 2, 3])):
        until = at + rng.choice([3600, 7200, 86_400, 7 * 86_400]) * US_PER_S
        awaiting = rng.random() < 0.6
        rows.append(filled(rng, "fact_open_span", carried(rng, conversation, "start") | {
            "span_key": f"{conversation['conversation_key']}#{position}",
            "is_inbound": conversation["is_inbound"],
            "is_awaiting_agent": awaiting,
            "awaiting_since_at_us": at - rng.choice([0, 86_400 * US_PER_S]) if awaiting else None,
            "reply_target_us": rng.choice([None, 3600 * US_PER_S, US_PER_DAY]),
            "opened_at_us": conversation["start_at_us"],
            "from_at_us": at,
            "until_at_us": None if until > AS_OF_US and rng.random() < 0.8 else until,
        }))  # fmt: skip
        at = until
    return [*rows, _waiting_at_the_end(rng, conversation)]


def _waiting_at_the_end(rng: random.Random, conversation: Row) -> Row:
    """A message that has waited for a round time when a day, or the data, ends."""
    end = AS_OF_US - rng.choice([0, 0, 1, 2]) * US_PER_DAY
    since = end - rng.choice([0, 30, 60, 90, 120]) * US_PER_S
    return filled(rng, "fact_open_span", carried(rng, conversation, "start") | {
        "span_key": f"{conversation['conversation_key']}#last",
        "is_inbound": conversation["is_inbound"],
        "is_with_humans": True,
        "is_awaiting_agent": True,
        "awaiting_since_at_us": since,
        "reply_target_us": rng.choice([None, 30 * US_PER_S, 60 * US_PER_S]),
        "opened_at_us": conversation["start_at_us"],
        "from_at_us": since,
        "until_at_us": end + rng.choice([0, 1]),
    })  # fmt: skip


def leg(rng: random.Random, conversation: Row, position: int) -> Row:
    start = conversation["accepted_at_us"] + position * 60 * US_PER_S
    done = conversation["closed_at_us"] is not None
    known = carried(rng, conversation, "close") | labels_of("start", start) | {
        "leg_key": f"{conversation['conversation_key']}#{position}",
        "accepted_at_us": start,
        "released_at_us": start + 60 * US_PER_S,
        "end_reason": "closed" if done else "open",
    } | _costs(rng, is_done=done)  # fmt: skip
    return filled(rng, "fact_leg", known)
