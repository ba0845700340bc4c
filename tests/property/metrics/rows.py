"""Random desks: fact tables filled with seeded rows that keep the contract's semantics.

Every column of every fact gets a value of its type, nulls included; those that hang together are then put
right. Durations often fall on round limits, so that 'at most' and 'less than' differ.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.store.facts import CONVERSATION_DIMENSIONS, FACT_TABLES, TIME_LABELS, fact_table

Row = dict[str, Any]
FIRST_DAY_US = int(datetime(2026, 10, 28, tzinfo=UTC).timestamp()) * US_PER_S
N_DAYS = 21
AS_OF_US = FIRST_DAY_US + N_DAYS * US_PER_DAY
SLOT_US = 900 * US_PER_S
CLOCKED = (
    "queue_wait", "abandon_wait", "waiting", "before_queue", "pickup_to_reply",
    "frt_human", "frt_start", "frt_handoff",
)  # fmt: skip

TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "BOOLEAN": pl.Boolean, "DOUBLE": pl.Float64}

VALUES: dict[str, list[str | None]] = {
    "queue": ["sales", "o'neill; drop table fact_turn --", None],
    "topic": ["billing", "login :window_us ?", None],
    "language": ["en", "de"],
    "tier": ["gold", "basic", None],
    "agent_id": ["a1", "a2", "a3"],
    "team": ["blue", "red"],
    "site": ["north"],
    "channel": ["chat"],
    "result": ["accepted", "accepted", "missed", "open"],
    "status": ["online", "away", None],
    "activity": ["chat", "break", "training", None],
    "shrinkage_category": ["break", "away", None],
    "paid": ["paid", "unpaid", None],
    "planned": ["planned", "unplanned", None],
    "customer_key": ["c1", "c2", "c3", None],
    "cost_kind": ["agents", "agents", "bot", "other", "staff", "elsewhere"],
    "article": ["refund", "login", None],
}


class Desk:
    """The rows, and a reader over the same rows in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {table.name: [] for table in FACT_TABLES}
        self.con = duckdb.connect()
        self.min_group = 0

    def __repr__(self) -> str:
        return "Desk"

    def run(self, sql: str, params: list[Any], /) -> pl.DataFrame:
        return self.con.cursor().sql(sql, params=params).pl()

    def store(self) -> None:
        for table in FACT_TABLES:
            columns = table.all_columns
            self.con.execute(f"create table {table.name} ({', '.join(f'{n} {t}' for n, t in columns)})")
            schema = {name: TYPES[kind] for name, kind in columns}
            frame = pl.DataFrame(self.rows[table.name], schema=schema)
            self.con.register("incoming", frame)
            self.con.execute(f"insert into {table.name} by name select * from incoming")
            self.con.unregister("incoming")


def desk_of(seed: int, n_conversations: int = 160) -> Desk:
    """A desk with every fact, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - test data
    desk = Desk()
    for number in range(n_conversations):
        _add_conversation(rng, desk, number)
    desk.rows["fact_agent_load"] = [_load(rng) for _ in range(n_conversations)]
    desk.rows["fact_agent_state"] = [_state(rng) for _ in range(n_conversations)]
    desk.rows["fact_arrivals"] = [_arrivals(rng) for _ in range(n_conversations)]
    desk.rows["fact_cost"] = [_cost(rng) for _ in range(n_conversations)]
    desk.rows["fact_help_session"] = [_help_session(rng) for _ in range(n_conversations)]
    desk.rows["dim_slot"] = [_slot(number) for number in range((N_DAYS + 2) * 96)]
    desk.rows["build_info"] = [{"key": "as_of_us", "value": str(AS_OF_US)}]
    desk.store()
    return desk


def _add_conversation(rng: random.Random, desk: Desk, number: int) -> None:
    row = _conversation(rng, number)
    desk.rows["fact_conversation"].append(row)
    desk.rows["fact_turn"] += [_turn(rng, row, position) for position in range(row["n_turns"])]
    if row["closed_at_us"] is not None and rng.random() < 0.6:
        desk.rows["fact_survey"].append(_survey(rng, row))
        desk.rows["fact_survey_leg"] += [_survey_leg(rng, row) for _ in range(rng.choice([1, 2]))]
    if row["queued_at_us"] is not None:
        desk.rows["fact_offer"] += [_offer(rng, row, position) for position in range(rng.choice([1, 1, 2]))]
        desk.rows["fact_queue_entry"].append(_entry(rng, row))
    desk.rows["fact_open_span"] += _spans(rng, row)
    for position in range(row["n_legs"]):
        desk.rows["fact_leg"].append(_leg(rng, row, position))
    for tag in rng.sample(["vip", "late", "o'tag"], rng.choice([0, 0, 1, 2])):
        desk.rows["bridge_tag"].append({"conversation_key": row["conversation_key"], "tag": tag})


def filled(rng: random.Random, table: str, known: Row) -> Row:
    """A row of a fact: what is known, and for every other column a value of its type."""
    own = {name: known[name] if name in known else _any(rng, name, kind)
           for name, kind in fact_table(table).all_columns}  # fmt: skip
    assert set(known) <= set(own), f"{table} has no {set(known) - set(own)}"
    return own


def _any(rng: random.Random, name: str, kind: str) -> Any:
    if kind == "BOOLEAN":
        return rng.random() < 0.5
    if kind == "DOUBLE":
        return rng.choice([None, 0.0, 1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0])
    if kind == "VARCHAR":
        return rng.choice(VALUES.get(name, ["x"]))
    if name.endswith("_at_us"):
        return rng.choice([None, FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)])
    if name.endswith("_us"):
        return rng.choice([None, 0, seconds(rng, 600), seconds(rng, 600), seconds(rng, 600)])
    return rng.choice([0, 0, 1, 2, 3])


def labels_of(cohort: str, at_us: int | None) -> Row:
    names = [f"{cohort}_{name}" for name, _ in TIME_LABELS]
    if at_us is None:
        return dict.fromkeys(names)
    local = datetime.fromtimestamp(at_us // US_PER_S, UTC)
    monday = local - timedelta(days=local.weekday())
    values = (f"{local:%Y-%m-%d}", local.hour, local.isoweekday(), f"{monday:%Y-%m-%d}", f"{local:%Y-%m}")
    return dict(zip(names, values, strict=True))


def seconds(rng: random.Random, most: float) -> int:
    """A duration that often falls on round limits, or is none at all."""
    if rng.random() < 0.25:
        return rng.choice([0, 10, 30, 60, 90]) * US_PER_S
    return int(rng.random() * most * US_PER_S)


def _gap(rng: random.Random, share: float) -> int | None:
    if rng.random() > share:
        return None
    return rng.choice([1, 3, 7]) * US_PER_DAY if rng.random() < 0.3 else int(rng.random() * 14 * US_PER_DAY)


def _conversation(rng: random.Random, number: int) -> Row:
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
    n_reopens = 0 if closed is None else rng.choice([0] * 9 + [1, 2, 2])
    return {
        "customer_key": rng.choice(VALUES["customer_key"]),
        "next_issue_gap_us": None if closed is None else _gap(rng, 0.3),
        "next_any_gap_us": None if closed is None else _gap(rng, 0.5),
        "next_chat_gap_us": None if closed is None else _gap(rng, 0.3),
        "reopen_gap_us": _gap(rng, 0.9) if n_reopens else None,
        "prev_issue_gap_us": _gap(rng, 0.3),
        "maturity_us": _maturity(rng, closed),
        "n_reopens": n_reopens,
    }


def _maturity(rng: random.Random, closed: int | None) -> int | None:
    if closed is None or rng.random() < 0.05:
        return None
    return rng.choice([1, 3, 7]) * US_PER_DAY if rng.random() < 0.15 else AS_OF_US - closed


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
        "queue_wait_us": None if accepted is None else wait,
        "abandon_wait_us": None if abandoned is None else wait,
        "waiting_us": rng.choice([AS_OF_US - start, wait]) if fate == "waiting" else None,
        "pickup_to_reply_us": None if human is None or accepted is None else human - accepted,
        "frt_human_us": None if human is None or queued is None else human - queued,
        "frt_bot_us": rng.choice([None, seconds(rng, 5)]),
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


def _turn(rng: random.Random, conversation: Row, position: int) -> Row:
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


def _survey(rng: random.Random, conversation: Row) -> Row:
    responded = rng.random() < 0.6
    csat = rng.choice([None, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0]) if responded else None
    valid = csat is not None and 1 <= csat <= 5
    known = carried(rng, conversation, "close") | {
        "csat": csat,
        "nps": rng.choice([None, -1.0, 0.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]) if responded else None,
        "is_responded": responded,
        "is_csat_valid": valid,
        "is_csat_positive": valid and csat is not None and csat >= 4,
        "is_resolved": rng.choice([None, True, False]) if responded else None,
    }  # fmt: skip
    return filled(rng, "fact_survey", known)


def _offer(rng: random.Random, conversation: Row, position: int) -> Row:
    known = carried(rng, conversation, "queue") | {
        "offer_key": f"{conversation['conversation_key']}#{position}",
        "offered_at_us": conversation["queued_at_us"],
    }  # fmt: skip
    return filled(rng, "fact_offer", known)


def _survey_leg(rng: random.Random, conversation: Row) -> Row:
    survey = _survey(rng, conversation)
    names = {name for name, _ in fact_table("fact_survey_leg").all_columns}
    return {name: value for name, value in survey.items() if name in names}


def _entry(rng: random.Random, conversation: Row) -> Row:
    known = carried(rng, conversation, "queue") | {
        "entry_key": conversation["conversation_key"],
        "is_inbound": conversation["is_inbound"],
    }
    del known["agent_id"]
    return filled(rng, "fact_queue_entry", known)


def _spans(rng: random.Random, conversation: Row) -> list[Row]:
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


def _cost(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    known = {
        "spent_at_us": at,
        "conversation_key": rng.choice([None, f"test/main/{rng.randrange(50)}"]),
        "cost_micros": rng.choice([None, 0, 790_000, rng.randrange(10**8)]),
        "maturity_us": _maturity(rng, at),
    }
    return filled(rng, "fact_cost", known | labels_of("overlap", at))


def _help_session(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    hour = 3600 * US_PER_S
    known = {
        "begun_at_us": at,
        "ended_at_us": at,
        "next_contact_gap_us": rng.choice([None, 0, hour, 24 * hour, int(rng.random() * 100 * hour)]),
        "maturity_us": rng.choice([None, hour, 24 * hour, AS_OF_US - at]),
    }
    return filled(rng, "fact_help_session", known | labels_of("start", at))


def _leg(rng: random.Random, conversation: Row, position: int) -> Row:
    start = conversation["accepted_at_us"] + position * 60 * US_PER_S
    done = conversation["closed_at_us"] is not None
    known = carried(rng, conversation, "close") | labels_of("start", start) | {
        "leg_key": f"{conversation['conversation_key']}#{position}",
        "accepted_at_us": start,
        "released_at_us": start + 60 * US_PER_S,
        "end_reason": "closed" if done else "open",
    } | _costs(rng, is_done=done)  # fmt: skip
    return filled(rng, "fact_leg", known)


def _stretch(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    k_open = rng.randint(0, 4)
    names = {"segment_at_us": at, "segment_end_at_us": at + seconds(rng, 900), "k_open": k_open}
    return names | labels_of("overlap", at) | {"k_active": rng.randint(0, k_open)}


def _load(rng: random.Random) -> Row:
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


def _state(rng: random.Random) -> Row:
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


def _arrivals(rng: random.Random) -> Row:
    at = FIRST_DAY_US + rng.randrange(N_DAYS * 96) * SLOT_US
    open_us = rng.choice([0, SLOT_US, SLOT_US, 300 * US_PER_S])
    known = {"slot_at_us": at, "open_us": open_us, "queue": rng.choice(VALUES["queue"])}
    return filled(rng, "fact_arrivals", known | labels_of("queue", at))


def _slot(number: int) -> Row:
    at = FIRST_DAY_US + number * SLOT_US
    labels = {name.replace("slot_", "local_"): value for name, value in labels_of("slot", at).items()}
    return labels | {"queue": "", "slot_at_us": at, "local_slot": number % 96, "open_us": SLOT_US}
