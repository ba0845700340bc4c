"""Random desks: fact tables filled with seeded rows that keep the contract's semantics."""

from __future__ import annotations

import random
from typing import Any

import duckdb
import polars as pl
from tests.property.metrics import random_conversations as chats
from tests.property.metrics import random_time as of_time
from tests.property.metrics.random_values import AS_OF_US, N_DAYS

from staffcast.store.facts import FACT_TABLES

Row = dict[str, Any]
TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "BOOLEAN": pl.Boolean, "DOUBLE": pl.Float64}


class Desk:
    """The rows, and a reader over the same rows in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {table.name: [] for table in FACT_TABLES}
        self.con = duckdb.connect()
        self.min_group = 0
        self.currency = ""

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
    desk.rows["fact_agent_load"] = [of_time.load(rng) for _ in range(n_conversations)]
    desk.rows["fact_agent_state"] = [of_time.state(rng) for _ in range(n_conversations)]
    desk.rows["fact_arrivals"] = [of_time.arrivals(rng) for _ in range(n_conversations)]
    desk.rows["fact_cost"] = [of_time.cost(rng) for _ in range(n_conversations)]
    desk.rows["fact_help_session"] = [of_time.help_session(rng) for _ in range(n_conversations)]
    desk.rows["dim_slot"] = [of_time.slot(number) for number in range((N_DAYS + 2) * 96)]
    desk.rows["build_info"] = [{"key": "as_of_us", "value": str(AS_OF_US)}]
    desk.store()
    return desk


def _add_conversation(rng: random.Random, desk: Desk, number: int) -> None:
    row = chats.conversation(rng, number)
    desk.rows["fact_conversation"].append(row)
    desk.rows["fact_turn"] += [chats.turn(rng, row, position) for position in range(row["n_turns"])]
    if row["closed_at_us"] is not None and rng.random() < 0.6:
        desk.rows["fact_survey"].append(chats.survey(rng, row))
        desk.rows["fact_survey_leg"] += [chats.survey_leg(rng, row) for _ in range(rng.choice([1, 2]))]
    if row["queued_at_us"] is not None:
        desk.rows["fact_offer"] += [
            chats.offer(rng, row, position) for position in range(rng.choice([1, 1, 2]))
        ]
        desk.rows["fact_queue_entry"].append(chats.entry(rng, row))
    desk.rows["fact_open_span"] += chats.spans(rng, row)
    for position in range(row["n_legs"]):
        desk.rows["fact_leg"].append(chats.leg(rng, row, position))
    for tag in rng.sample(["vip", "late", "o'tag"], rng.choice([0, 0, 1, 2])):
        desk.rows["bridge_tag"].append({"conversation_key": row["conversation_key"], "tag": tag})
