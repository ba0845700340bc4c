"""Costs by hand, and that what is divided by is what fcr and verified deflection count."""

from __future__ import annotations

from typing import Any

import pytest

from staffcast.core.units import US_PER_DAY
from staffcast.metrics import metric, query
from staffcast.metrics.options import choose

Row = dict[str, Any]
WEEKDAY = {"hour": 9, "weekday": 1, "week": "2026-11-02", "month": "2026-11"}
LONG_AGO = 30 * US_PER_DAY
MILLION = 1_000_000


def labels(cohort: str, day: str = "2026-11-02") -> Row:
    return {f"{cohort}_{name}": value for name, value in ({"date": day} | WEEKDAY).items()}


def spent(kind: str, micros: int | None, **more: Any) -> Row:
    return (
        {"cost_key": "k", "cost_kind": kind, "cost_micros": micros, "maturity_us": LONG_AGO}
        | labels("overlap")
        | more
    )


def contact(**more: Any) -> Row:
    own = {"conversation_key": "s/a/1", "customer_key": "c", "is_inbound": True, "is_human_handled": True,
           "is_ended": True, "n_transfers": 0, "maturity_us": LONG_AGO}  # fmt: skip
    return own | labels("close") | labels("start") | more


COSTS = [
    spent("agents", 100 * MILLION, queue="sales"),
    spent("agents", 40 * MILLION, queue="support", agent_id="a2"),
    spent("agents", 10 * MILLION, agent_id="a3"),
    spent("agents", None, agent_id="a4"),
    spent("other", 50 * MILLION),
    spent("staff", 150 * MILLION),
    spent("elsewhere", 7 * MILLION),
]


@pytest.mark.parametrize(
    ("name", "options", "value"),
    [
        ("agent_cost", {}, 150.0),
        ("agent_cost", {"costs": "loaded"}, 200.0),
        ("recorded_cost", {}, 207.0),
        ("cost_per_contact", {}, 150 / 3),
        ("cost_per_contact", {"costs": "loaded"}, 200 / 3),
    ],
)
def test_costs_and_contacts(reader_of: Any, name: str, options: dict[str, str], value: float) -> None:
    reader = reader_of(fact_cost=COSTS, fact_conversation=[contact(), contact(), contact(is_inbound=False)])
    row = query(reader, name, options=options).row(0, named=True)
    assert row["value"] == pytest.approx(value, rel=1e-14)


def test_cost_per_contact_by_queue(reader_of: Any) -> None:
    reader = reader_of(
        fact_cost=COSTS,
        fact_conversation=[contact(queue="sales"), contact(queue="sales"), contact(queue="support")],
    )
    found = query(reader, "cost_per_contact", by="queue")
    assert dict(found.select("queue", "value").iter_rows()) == {"sales": 50.0, "support": 40.0, None: None}


@pytest.mark.parametrize("name", ["agent_cost", "cost_per_contact", "cost_per_resolution"])
def test_unknown_pay_is_no_cost_of_zero(reader_of: Any, name: str) -> None:
    reader = reader_of(fact_cost=[spent("agents", None)], fact_conversation=[contact()])
    row = query(reader, name).row(0, named=True)
    assert (row["value"], row["null_reason"]) == (None, "no_column")


def test_recent_costs_wait_for_their_resolutions(reader_of: Any) -> None:
    reader = reader_of(
        fact_cost=[spent("agents", 90 * MILLION), spent("agents", 500 * MILLION, maturity_us=6 * US_PER_DAY)],
        fact_conversation=[
            contact(),
            contact(),
            contact(next_issue_gap_us=US_PER_DAY),
            contact(maturity_us=6 * US_PER_DAY),
            contact(customer_key=None),
        ],
    )
    row = query(reader, "cost_per_resolution").row(0, named=True)
    assert (row["value"], row["n"], row["n_censored"]) == (45.0, 1, 1)
    wide = query(reader, "cost_per_resolution", options={"window_days": 1}).row(0, named=True)
    assert wide["value"] == (90 + 500) / 3


def bot_chat(**more: Any) -> Row:
    return contact(
        is_human_handled=False, is_bot_involved=True, is_contained=True, is_bot_answered=True, **more
    )


def test_the_bot_costs_more_per_verified_resolution_than_it_bills(reader_of: Any) -> None:
    reader = reader_of(
        fact_cost=[spent("bot", 790_000) for _ in range(4)] + [spent("bot", 790_000, maturity_us=None)],
        fact_conversation=[
            bot_chat(),
            bot_chat(next_issue_gap_us=US_PER_DAY),
            bot_chat(has_negative_survey=True),
            bot_chat(customer_key=None),
            bot_chat(maturity_us=None),
        ],
    )
    row = query(reader, "cost_per_verified_resolution").row(0, named=True)
    assert (row["value"], row["denominator"]) == (pytest.approx(4 * 0.79, rel=1e-14), 1)
    assert query(reader, "bot_cost")["value"].item() == pytest.approx(5 * 0.79, rel=1e-14)


@pytest.mark.parametrize(
    ("count", "share"), [("resolved_contacts", "fcr"), ("verified_resolutions", "verified_deflection")]
)
def test_a_resolution_is_what_the_share_counts(count: str, share: str) -> None:
    [counted], [shared] = (choose([metric(name)], {}, "calendar") for name in (count, share))
    assert counted.metric.numerator == f"case when {shared.metric.numerator} then 1 else 0 end"
    for field in ("fact", "cohort", "filter", "exclusions", "censored"):
        assert getattr(counted.metric, field) == getattr(shared.metric, field), field
    assert counted.parameters == shared.parameters


def test_costs_are_told_in_the_currency_of_the_data(reader_of: Any) -> None:
    reader = reader_of(fact_cost=[spent("bot", 790_000)], fact_conversation=[bot_chat()])
    assert query(reader, ["bot_cost", "handled"])["unit"].to_list() == ["money", "conversations"]
    reader.currency = "EUR"
    assert query(reader, ["bot_cost", "handled"])["unit"].to_list() == ["EUR", "conversations"]
