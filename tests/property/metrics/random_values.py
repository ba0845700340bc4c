"""What random rows are made of: values with nulls, durations on round limits, labels of instants.

Every column of every fact gets a value of its type; those that hang together are put right by the caller.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.store.facts import TIME_LABELS, fact_table

if TYPE_CHECKING:
    import random

Row = dict[str, Any]
FIRST_DAY_US = int(datetime(2026, 10, 28, tzinfo=UTC).timestamp()) * US_PER_S
N_DAYS = 21
AS_OF_US = FIRST_DAY_US + N_DAYS * US_PER_DAY
SLOT_US = 900 * US_PER_S
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


def gap(rng: random.Random, share: float) -> int | None:
    if rng.random() > share:
        return None
    return rng.choice([1, 3, 7]) * US_PER_DAY if rng.random() < 0.5 else int(rng.random() * 14 * US_PER_DAY)


def maturity(rng: random.Random, closed: int | None) -> int | None:
    if closed is None or rng.random() < 0.05:
        return None
    return rng.choice([1, 3, 7]) * US_PER_DAY if rng.random() < 0.15 else AS_OF_US - closed
