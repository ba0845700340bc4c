"""Seeded questions: every choice of every option; random numbers, groups, filters, periods, clocks."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.every import Question

from staffcast.metrics import catalogue, dimensions_of, metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast.metrics import Metric, Option

__all__ = ["questions", "words_of"]

EDGES = ("2026-10-01", "2026-10-28", "2026-11-01", "2026-11-05", "2026-11-09", "2026-11-30")
FILTERS: dict[str, list[Any]] = {
    "queue": ["sales", "o'neill; drop table fact_turn --", None, "nobody"],
    "topic": ["billing", "login :window_us ?", None],
    "language": ["en", "de"],
    "tier": ["gold", None],
    "agent_id": ["a1", "a2"],
    "tag": ["vip", "late", None],
    "weekday": [1, 2, 3, 6],
    "hour": [0, 9, 17, 23],
}
LIMITS = {"days": (1, 3, 7, 14), "hours": (1, 24), "s": (10, 30, 60, 90)}


def words_of(record: Metric) -> list[dict[str, str]]:
    """Every combination of the words that change what a metric is."""
    worded = [option for option in record.options if option.variants]
    combined = product(*(option.variants for option in worded))
    return [{o.name: word for o, word in zip(worded, words, strict=True)} for words in combined]


def questions(seed: int, times: int, names: list[str] | None = None) -> Iterator[Question]:
    """For every metric and combination of words: a plain question, then ``times`` random ones."""
    for name in names or [record.id for record in catalogue()]:
        rng = random.Random(f"{seed} {name}")  # noqa: S311 - test data
        yield Question(name)
        for words in words_of(metric(name)):
            for number in range(times):
                yield _question(rng, name, words, is_plain=number == 0)


def _question(rng: random.Random, name: str, words: dict[str, str], *, is_plain: bool) -> Question:
    record = metric(name)
    switches = {o.name: rng.choice(o.choices) for o in record.options if o.values}
    numbers = {o.name: _number(rng, o) for o in record.options if not o.choices and rng.random() < 0.7}
    clock = rng.choice([None, "business", "calendar"])
    if is_plain:
        return Question(name, clock=clock, options={**words, **switches, **numbers})
    dimensions = dimensions_of(record)
    filters = [key for key in FILTERS if key in dimensions]
    first, last = sorted(rng.sample(EDGES, 2))
    return Question(
        name,
        by=tuple(rng.sample(dimensions, rng.choice([0, 1, 1, 2]))),
        where={key: rng.sample(FILTERS[key], rng.randint(1, 2))
               for key in rng.sample(filters, min(len(filters), rng.choice([0, 0, 1, 2])))},
        period=rng.choice([None, (first, last)]),
        grain=rng.choice([None, None, "hour", "day", "week", "month"]),
        clock=clock,
        options={**words, **switches, **numbers},
    )  # fmt: skip


def _number(rng: random.Random, option: Option) -> float:
    """A number on which durations fall, and any other; within the limits of the option."""
    unit = {86_400_000_000: "days", 3_600_000_000: "hours"}.get(option.scale, "s")
    found = rng.choice([*LIMITS[unit], rng.randint(1, 60)])
    return min(max(found, option.minimum), option.maximum)
