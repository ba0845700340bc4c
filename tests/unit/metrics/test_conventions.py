"""Service level as vendors count it, by hand: the same twelve conversations, eleven answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.metrics.test_query import offered, one

from staffcast.core.units import US_PER_S
from staffcast.metrics import query

# 5 in time, 2 late, abandoned after 4 s and 20 s and 50 s, waiting for 20 s and for 90 s, 1 moved on.
DESK = [
    *(offered(10) for _ in range(5)),
    offered(40),
    offered(60),
    offered(left_s=4),
    offered(left_s=20),
    offered(left_s=50),
    offered(waiting_us=20 * US_PER_S),
    offered(waiting_us=90 * US_PER_S),
    offered() | {"is_waiting": False},
]


@pytest.mark.parametrize(
    ("convention", "numerator", "denominator", "n_censored"),
    [
        ("served_of_all", 5, 10, 2),  # 7 answered + 3 abandoned
        ("served_of_served", 5, 7, 2),
        ("ignore_abandons", 5, 7, 2),
        ("wait_within", 7, 10, 2),  # the two who left within 30 s count as met
        ("excluding_short_abandons", 5, 9, 2),  # without the one who left after 4 s
        ("drop_early_abandons", 5, 8, 2),  # without the two who left within 30 s
        ("pending_late_is_miss", 5, 10, 1),  # 9 + the one who has waited for 90 s
        ("offered", 5, 13, 0),  # everybody
        ("connect", 7, 13, 0),
        ("genesys", 5, 9, 2),
    ],
)
def test_each_convention(
    reader_of: Any, convention: str, numerator: int, denominator: int, n_censored: int
) -> None:
    options = {"convention": convention, "within_s": 30, "short_s": 10}
    row = one(query(reader_of(fact_conversation=DESK), "service_level", options=options))
    assert (row["numerator"], row["denominator"], row["n_censored"]) == (numerator, denominator, n_censored)
    assert row["convention"].startswith(f"{convention}: ")


@pytest.mark.parametrize(
    ("switches", "denominator", "left_out"),
    [
        ({"genesys_short_abandons": "yes"}, 10, {"left_otherwise": 1}),  # 7 answered + 3 abandoned
        ({"genesys_abandons": "no"}, 7, {"abandoned": 3, "left_otherwise": 1}),
        ({"genesys_flow_outs": "yes"}, 10, {"short_abandon": 1}),  # 7 + 2 not short + 1 who moved on
        ({"genesys_flow_outs": "yes", "genesys_short_abandons": "yes"}, 11, {}),
    ],
)
def test_the_three_switches_of_genesys(
    reader_of: Any, switches: dict[str, object], denominator: int, left_out: dict[str, int]
) -> None:
    options = {"convention": "genesys", "within_s": 30, "short_s": 10, **switches}
    row = one(query(reader_of(fact_conversation=DESK), "service_level", options=options))
    assert (row["numerator"], row["denominator"]) == (5, denominator)
    assert json.loads(row["n_excluded"]) == left_out


@pytest.mark.parametrize(
    ("convention", "numerator", "denominator"), [("connect", 2, 2), ("drop_early_abandons", 1, 1)]
)
def test_limits_include_their_bound(
    reader_of: Any, convention: str, numerator: int, denominator: int
) -> None:
    rows = [offered(30), offered(left_s=30)]
    options = {"convention": convention, "within_s": 30}
    row = one(query(reader_of(fact_conversation=rows), "service_level", options=options))
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)


def test_who_has_waited_exactly_the_limit_may_still_be_met(reader_of: Any) -> None:
    rows = [offered(5), offered(waiting_us=30 * US_PER_S)]
    options = {"convention": "pending_late_is_miss", "within_s": 30}
    row = one(query(reader_of(fact_conversation=rows), "service_level", options=options))
    assert (row["denominator"], row["n_censored"]) == (1, 1)


@pytest.mark.parametrize("convention", ["excluding_short_abandons", "connect", "genesys"])
@pytest.mark.parametrize(
    ("target", "words"),
    [("targets", "within the target of the targets table, else 20 s"), ("fixed", "within 20 s")],
)
def test_the_limit_named_is_the_one_that_decides(
    reader_of: Any, convention: str, target: str, words: str
) -> None:
    """A queue with a target of 45 s: its waits of 30 s are met, unless 20 s is to hold for all."""
    rows = [offered(30) | {"service_target_us": 45 * US_PER_S}]
    options = {"convention": convention, "within_s": 20, "target": target}
    row = one(query(reader_of(fact_conversation=rows), "service_level", options=options))
    assert row["value"] == (1.0 if target == "targets" else 0.0)
    assert f"{words} (limit included)" in row["convention"]
