"""Random stretches of agents' time, costs, visits and slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.random_values import (
    AS_OF_US,
    FIRST_DAY_US,
    N_DAYS,
    SLOT_US,
    VALUES,
    filled,
    labels_of,
    maturity,
    seconds,
)

from staffcast.core.units import US_PER_DAY, US_PER_S

if TYPE_CHECKING:
    import random

Row = dict[str, Any]


def _stretch(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    k_open = rng.randint(0, 4)
    names = {"segment_at_us": at, "segment_end_at_us": at + seconds(rng, 900), "k_open": k_open}
    return names | labels_of("overlap", at) | {"k_active": rng.randint(0, k_open)}


def load(rng: random.Random) -> Row:
    row = _stretch(rng)
    row["k_open"] = max(row["k_open"], 1)
    busy = row["segment_end_at_us"] - row["segment_at_us"]
    known = row | {
        "busy_us": busy,
        "open_chat_us": row["k_open"] * busy,
        "active_chat_us": row["k_active"] * busy,
        "active_busy_us": busy if row["k_active"] else 0,
    }
    return filled(rng, "fact_agent_load", known)


def state(rng: random.Random) -> Row:
    row = _stretch(rng)
    length = row["segment_end_at_us"] - row["segment_at_us"]
    slots = rng.choice([1, 3, 4])
    known = (
        row
        | _plan(rng)
        | {
            "state_us": length,
            "slots": slots,
            "busy_us": length if row["k_open"] else 0,
            "active_busy_us": length if row["k_active"] else 0,
            "open_chat_us": row["k_open"] * length,
            "slot_us": slots * length,
        }
    )
    return filled(rng, "fact_agent_state", known)


def _plan(rng: random.Random) -> Row:
    """Status and schedule, and what follows from both."""
    activity, productive, known = rng.choice(VALUES["activity"]), rng.random() < 0.6, rng.random() < 0.9
    is_chat_work = activity == "chat"
    is_away = is_chat_work and known and not productive
    scheduled = activity is not None
    return {
        "activity": activity,
        "is_productive": productive,
        "is_presence_known": known,
        "is_plan_known": scheduled or rng.random() < 0.7,
        "is_chat_work": is_chat_work,
        "is_adherent": scheduled and known and is_chat_work == productive,
        "shrinkage_category": "away" if is_away else None if is_chat_work else activity,
        "paid": rng.choice(VALUES["paid"]) if scheduled else None,
        "planned": "unplanned" if is_away else rng.choice(VALUES["planned"]) if scheduled else None,
    }


def arrivals(rng: random.Random) -> Row:
    at = FIRST_DAY_US + rng.randrange(N_DAYS * 96) * SLOT_US
    open_us = rng.choice([0, SLOT_US, SLOT_US, 300 * US_PER_S])
    known = {"slot_at_us": at, "open_us": open_us, "queue": rng.choice(VALUES["queue"])}
    return filled(rng, "fact_arrivals", known | labels_of("queue", at))


def slot(number: int) -> Row:
    at = FIRST_DAY_US + number * SLOT_US
    labels = {name.replace("slot_", "local_"): value for name, value in labels_of("slot", at).items()}
    return labels | {"queue": "", "slot_at_us": at, "local_slot": number % 96, "open_us": SLOT_US}


def cost(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    known = {
        "spent_at_us": at,
        "conversation_key": rng.choice([None, f"test/main/{rng.randrange(50)}"]),
        "cost_micros": rng.choice([None, 0, 790_000, rng.randrange(10**8)]),
        "maturity_us": maturity(rng, at),
    }
    return filled(rng, "fact_cost", known | labels_of("overlap", at))


def help_session(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    hour = 3600 * US_PER_S
    known = {
        "begun_at_us": at,
        "ended_at_us": at,
        "next_contact_gap_us": rng.choice([None, 0, hour, 24 * hour, int(rng.random() * 100 * hour)]),
        "maturity_us": rng.choice([None, hour, 24 * hour, AS_OF_US - at]),
    }
    return filled(rng, "fact_help_session", known | labels_of("start", at))
