"""Random desks: fact tables filled with seeded rows that keep the contract's semantics."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.store.facts import CONVERSATION_DIMENSIONS, FACT_TABLES, TIME_LABELS, fact_table

Row = dict[str, Any]
FIRST_DAY_US = int(datetime(2026, 10, 28, tzinfo=UTC).timestamp()) * US_PER_S
N_DAYS = 21
AS_OF_US = FIRST_DAY_US + N_DAYS * US_PER_DAY

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
}


@dataclass
class Desk:
    """The rows, and a reader over the same rows in memory."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {table.name: [] for table in FACT_TABLES})
    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    min_group: int = 0

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


@pytest.fixture(scope="session")
def desks() -> dict[int, Desk]:
    return {seed: _desk(seed) for seed in (1, 2, 3)}


def _desk(seed: int) -> Desk:
    rng = random.Random(seed)  # noqa: S311 - test data
    desk = Desk()
    for number in range(120):
        row = _conversation(rng, number)
        desk.rows["fact_conversation"].append(row)
        desk.rows["fact_turn"] += [_turn(rng, row, position) for position in range(row["n_turns"])]
        if row["closed_at_us"] is not None and rng.random() < 0.6:
            desk.rows["fact_survey"].append(_survey(rng, row))
        if row["queued_at_us"] is not None:
            desk.rows["fact_offer"].append(_offer(rng, row))
    desk.rows["fact_agent_load"] = [_load(rng) for _ in range(150)]
    desk.store()
    return desk


def _pick(rng: random.Random, dimension: str) -> str | None:
    return rng.choice(VALUES.get(dimension, ["x"]))


def _labels(cohort: str, at_us: int | None) -> Row:
    names = [f"{cohort}_{name}" for name, _ in TIME_LABELS]
    if at_us is None:
        return dict.fromkeys(names)
    local = datetime.fromtimestamp(at_us // US_PER_S, UTC)
    monday = local - timedelta(days=local.weekday())
    values = (f"{local:%Y-%m-%d}", local.hour, local.isoweekday(), f"{monday:%Y-%m-%d}", f"{local:%Y-%m}")
    return dict(zip(names, values, strict=True))


def _seconds(rng: random.Random, most: float) -> int:
    """A duration that often falls on round limits, so that 'at most' and 'less than' differ."""
    return rng.choice([10, 30, 90]) * US_PER_S if rng.random() < 0.2 else int(rng.random() * most * US_PER_S)


def _gap(rng: random.Random, share: float) -> int | None:
    if rng.random() > share:
        return None
    return 7 * US_PER_DAY if rng.random() < 0.2 else int(rng.random() * 14 * US_PER_DAY)


def _conversation(rng: random.Random, number: int) -> Row:
    start = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    inbound = rng.random() < 0.9
    bot = rng.random() < 0.5
    queued = not bot or rng.random() < 0.5
    fate = rng.choice(["answered"] * 6 + ["abandoned", "waiting", "left"]) if queued else "none"
    answered = fate == "answered"
    open_ = fate == "waiting" or rng.random() < 0.05
    row = _path(rng, start, fate, open_=open_)
    closed = row["closed_at_us"]
    row |= {
        "conversation_key": f"test/main/{number}",
        "customer_key": rng.choice([None, "c1", "c2", "c3"]),
        "is_inbound": inbound,
        "is_test": False,
        "is_inferred": False,
        "is_wait_recorded": True,
        "is_offered": inbound and queued,
        "is_answered": answered,
        "is_abandoned": fate == "abandoned",
        "is_waiting": fate == "waiting",
        "is_ended": not open_,
        "is_open": open_,
        "is_bot_involved": bot,
        "is_bot_answered": bot and rng.random() < 0.7,
        "is_bot_confirmed": bot and rng.random() < 0.3,
        "is_bot_billed": False,
        "is_contained": bot and not queued and not open_,
        "is_human_handled": answered,
        "is_escalated": rng.random() < 0.1,
        "has_negative_survey": rng.random() < 0.1,
        "next_issue_gap_us": _gap(rng, 0.3),
        "next_any_gap_us": _gap(rng, 0.5),
        "prev_issue_gap_us": _gap(rng, 0.3),
        "maturity_us": None if closed is None else AS_OF_US - closed,
        "n_transfers": rng.choice([0, 0, 0, 1, 2]),
        "n_reopens": rng.choice([0] * 9 + [1]),
        "n_turns": rng.randrange(5) if answered else 0,
    }
    row |= {name: _pick(rng, name) for name in CONVERSATION_DIMENSIONS}
    row |= _labels("start", start) | _labels("queue", row["queued_at_us"]) | _labels("close", closed)
    return row


def _path(rng: random.Random, start: int, fate: str, *, open_: bool) -> Row:
    """Instants and durations of a conversation."""
    queued = None if fate == "none" else start + _seconds(rng, 60)
    wait = _seconds(rng, 60)
    accepted = queued + wait if fate == "answered" and queued is not None else None
    abandoned = queued + wait if fate == "abandoned" and queued is not None else None
    human = None if accepted is None or rng.random() < 0.1 else accepted + _seconds(rng, 40)
    closed = None if open_ else (human or accepted or abandoned or queued or start) + _seconds(rng, 4000)
    has_calendar = rng.random() < 0.6
    measured: Row = {
        "start_at_us": start,
        "queued_at_us": queued,
        "accepted_at_us": accepted,
        "first_human_at_us": human,
        "abandoned_at_us": abandoned,
        "first_closed_at_us": closed,
        "closed_at_us": closed,
        "handoff_at_us": queued,
        "queue_wait_us": None if accepted is None else wait,
        "abandon_wait_us": None if abandoned is None else wait,
        "pickup_to_reply_us": None if human is None or accepted is None else human - accepted,
        "frt_human_us": None if human is None or queued is None else human - queued,
        "frt_bot_us": rng.choice([None, _seconds(rng, 5)]),
        "resolution_us": None if closed is None else closed - start,
    }
    for name in ("queue_wait", "abandon_wait", "frt_human"):
        calendar = measured[f"{name}_us"]
        measured[f"{name}_business_us"] = None if calendar is None or not has_calendar else calendar // 2
    for name in ("handle", "engaged", "effort"):
        measured[f"{name}_us"] = None if closed is None or accepted is None else _seconds(rng, 900)
    return measured


def _carried(rng: random.Random, conversation: Row, cohort: str) -> Row:
    """Key, dimensions and one cohort's labels of the conversation, as its child facts carry them."""
    names = ("conversation_key", *CONVERSATION_DIMENSIONS, *(f"{cohort}_{name}" for name, _ in TIME_LABELS))
    return {name: conversation[name] for name in names} | {"agent_id": _pick(rng, "agent_id")}


def _turn(rng: random.Random, conversation: Row, position: int) -> Row:
    answered = rng.random() < 0.85
    reply = _seconds(rng, 200) if answered else None
    at = conversation["queued_at_us"] + position * 600 * US_PER_S
    return _carried(rng, conversation, "start") | _labels("start", at) | {
        "turn_key": f"{conversation['conversation_key']}#{position}",
        "is_first": position == 0,
        "is_answered": answered,
        "is_censored": not answered and conversation["is_open"],
        "turn_at_us": at,
        "reply_us": reply,
        "reply_business_us": None if reply is None or rng.random() < 0.5 else reply // 3,
        "target_us": rng.choice([None, 30 * US_PER_S, 60 * US_PER_S]),
    }  # fmt: skip


def _survey(rng: random.Random, conversation: Row) -> Row:
    responded = rng.random() < 0.6
    csat = rng.choice([None, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0]) if responded else None
    valid = csat is not None and 1 <= csat <= 5
    return _carried(rng, conversation, "close") | {
        "csat": csat,
        "nps": rng.choice([None, 0.0, 6.0, 7.0, 9.0, 10.0, 12.0]) if responded else None,
        "is_responded": responded,
        "is_csat_valid": valid,
        "is_csat_positive": valid and csat is not None and csat >= 4,
    }  # fmt: skip


def _offer(rng: random.Random, conversation: Row) -> Row:
    return _carried(rng, conversation, "queue") | {
        "offer_key": f"{conversation['conversation_key']}#1",
        "result": rng.choice(["accepted", "accepted", "missed", "open"]),
        "offered_at_us": conversation["queued_at_us"],
    }


def _load(rng: random.Random) -> Row:
    at = FIRST_DAY_US + int(rng.random() * N_DAYS * US_PER_DAY)
    busy, k_open = _seconds(rng, 900), rng.randint(1, 4)
    k_active = rng.randint(0, k_open)
    names = fact_table("fact_agent_load").dimensions
    return {name: _pick(rng, name) for name in names} | _labels("overlap", at) | {
        "segment_at_us": at,
        "segment_end_at_us": at + busy,
        "busy_us": busy,
        "k_open": k_open,
        "k_active": k_active,
        "k_owed": 0,
        "open_chat_us": k_open * busy,
        "active_chat_us": k_active * busy,
        "active_busy_us": busy if k_active else 0,
    }  # fmt: skip
