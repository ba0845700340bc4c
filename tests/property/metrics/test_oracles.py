"""Metrics against plain Python over the same rows, written from the definitions and not from the SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.metrics import query

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
SEEDS = [1, 2, 3]
PERIOD = ("2026-10-30", "2026-11-15")


def answer(desk: Any, name: str, **arguments: Any) -> Row:
    return query(desk, name, period=PERIOD, **arguments).row(0, named=True)


def in_period(rows: list[Row], cohort: str) -> list[Row]:
    dates = [(row, row[f"{cohort}_date"]) for row in rows]
    return [row for row, date in dates if date is not None and PERIOD[0] <= date < PERIOD[1]]


def wait_s(row: Row, name: str, clock: str | None) -> float | None:
    business, calendar = row[f"{name}_business_us"], row[f"{name}_us"]
    chosen = {"business": business, "calendar": calendar}.get(clock or "")
    if clock is None:
        chosen = calendar if business is None else business
    return None if chosen is None else chosen / US_PER_S


def share(hits: list[bool]) -> tuple[int, int]:
    return sum(hits), len(hits)


@pytest.mark.parametrize("seed", SEEDS)
def test_csat_is_positive_over_valid_ratings(desks: Any, seed: int) -> None:
    rows = in_period(desks[seed].rows["fact_survey"], "close")
    valid = [row["csat"] for row in rows if row["csat"] is not None and 1 <= row["csat"] <= 5]
    got = answer(desks[seed], "csat")
    assert (got["numerator"], got["denominator"]) == share([rating >= 4 for rating in valid])
    response = answer(desks[seed], "csat_response_rate")
    assert (response["numerator"], response["denominator"]) == (len(valid), len(rows))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("days", [1, 7, 14])
@pytest.mark.parametrize("repeat", ["same_issue", "any_topic"])
def test_fcr_is_matured_first_contacts_without_repeat(desks: Any, seed: int, days: int, repeat: str) -> None:
    window = days * US_PER_DAY
    gap_name = {"same_issue": "next_issue_gap_us", "any_topic": "next_any_gap_us"}[repeat]
    hits, immature = [], 0
    for row in in_period(desks[seed].rows["fact_conversation"], "close"):
        if not (row["is_inbound"] and row["is_human_handled"]) or row["customer_key"] is None:
            continue
        came_before = row["prev_issue_gap_us"] is not None and row["prev_issue_gap_us"] <= window
        if came_before:
            continue
        if row["maturity_us"] < window:
            immature += 1
            continue
        came_back = row[gap_name] is not None and row[gap_name] <= window
        hits.append(not (came_back or row["n_reopens"] or row["is_escalated"]))
    got = answer(desks[seed], "fcr", options={"window_days": days, "repeat": repeat})
    assert (got["numerator"], got["denominator"], got["n_censored"]) == (*share(hits), immature)


def served_of_all(row: Row, wait: float | None) -> bool | None:
    return row["is_answered"] and wait is not None and wait <= 30


def served_of_served(row: Row, wait: float | None) -> bool | None:
    return None if row["is_abandoned"] else served_of_all(row, wait)


def wait_within(row: Row, wait: float | None) -> bool | None:
    ended = row["abandon_wait_us"] / US_PER_S if row["is_abandoned"] else wait
    return ended is not None and ended <= 30


def excluding_short_abandons(row: Row, wait: float | None) -> bool | None:
    is_short = row["is_abandoned"] and row["abandon_wait_us"] < 10 * US_PER_S
    return None if is_short else served_of_all(row, wait)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("clock", [None, "calendar"])
@pytest.mark.parametrize(
    "convention", [served_of_all, served_of_served, wait_within, excluding_short_abandons]
)
def test_service_level_in_each_convention(
    desks: Any, seed: int, clock: str | None, convention: Callable[[Row, float | None], bool | None]
) -> None:
    rows = in_period(desks[seed].rows["fact_conversation"], "queue")
    decided = [row for row in rows if row["is_inbound"] and (row["is_answered"] or row["is_abandoned"])]
    judged = [convention(row, wait_s(row, "queue_wait", clock)) for row in decided]
    got = answer(
        desks[seed],
        "service_level",
        clock=clock,
        options={"convention": convention.__name__, "within_s": 30, "short_s": 10},
    )
    hits = [bool(hit) for hit in judged if hit is not None]
    assert (got["numerator"], got["denominator"]) == share(hits)
    assert got["n_censored"] == sum(row["is_waiting"] and row["is_inbound"] for row in rows)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("target", ["fixed", "targets"])
@pytest.mark.parametrize("unanswered", ["excluded", "missed"])
def test_replies_within_the_target(desks: Any, seed: int, target: str, unanswered: str) -> None:
    hits = []
    for row in in_period(desks[seed].rows["fact_turn"], "start"):
        limit = 90 if target == "fixed" or row["target_us"] is None else row["target_us"] / US_PER_S
        if row["is_censored"] or (not row["is_answered"] and unanswered == "excluded"):
            continue
        waited = wait_s(row, "reply", None)
        hits.append(waited is not None and waited <= limit)
    got = answer(desks[seed], "replies_within", options={"target": target, "unanswered": unanswered})
    assert (got["numerator"], got["denominator"]) == share(hits)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["open", "active"])
def test_concurrency_is_weighted_by_time(desks: Any, seed: int, name: str) -> None:
    rows = in_period(desks[seed].rows["fact_agent_load"], "overlap")
    busy = [row for row in rows if row[f"k_{name}"] > 0]
    weighted = sum(row[f"k_{name}"] * row["busy_us"] for row in busy) / sum(row["busy_us"] for row in busy)
    assert answer(desks[seed], f"{name}_concurrency")["value"] == pytest.approx(weighted, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_time_at_each_concurrency_gives_its_mean(desks: Any, seed: int) -> None:
    by_k = query(desks[seed], "seconds_at_k", by="k_open", period=PERIOD)
    weighted = sum(row["k_open"] * row["value"] for row in by_k.iter_rows(named=True)) / by_k["value"].sum()
    assert answer(desks[seed], "open_concurrency")["value"] == pytest.approx(weighted, rel=1e-12)
    assert answer(desks[seed], "peak_concurrency")["value"] == by_k["k_open"].max()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_four_steps_of_the_bot_are_nested(desks: Any, seed: int) -> None:
    names = ["escalation_rate", "containment", "answered_by_bot"]
    handed, contained, answered_ = (answer(desks[seed], name)["numerator"] for name in names)
    verified = answer(desks[seed], "verified_deflection")["numerator"]
    assert contained >= answered_ >= verified > 0
    assert handed > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_nps_is_promoters_minus_detractors(desks: Any, seed: int) -> None:
    rows = in_period(desks[seed].rows["fact_survey"], "close")
    valid = [row["nps"] for row in rows if row["nps"] is not None and row["nps"] <= 10]
    points = 100 * (sum(v >= 9 for v in valid) - sum(v <= 6 for v in valid)) / len(valid)
    assert answer(desks[seed], "nps")["value"] == pytest.approx(points, rel=1e-12)
