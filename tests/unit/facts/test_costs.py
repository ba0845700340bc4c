"""What conversations cost: paid days given to legs by engaged time, the bot's price, recorded costs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.facts.desk import Desk

from staffcast_pipelines.cost_days import cost_days

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.facts.desk import Facts


def shift(desk: Desk, who: str, start: float, end: float, *, paid: bool | None = True) -> None:
    desk.row(
        "schedules", agent_id=who, activity="shift", started_at_us=desk.us(start), ended_at_us=desk.us(end),
        paid=paid,
    )  # fmt: skip


def cost(desk: Desk, channel: str, kind: str, start: str, end: str | None = None, **amounts: float) -> None:
    desk.row("costs", channel=channel, kind=kind, period_start=start, period_end=end, **amounts)


def money(facts: Facts, **where: object) -> dict[str | None, int | None]:
    """Cost by conversation, without its source and account."""
    found: dict[str | None, int | None] = {}
    for row in facts.rows("fact_cost", **where):
        key = row["conversation_key"]
        assert key not in found
        found[key and key.removeprefix("s/a/")] = row["cost_micros"]
    return found


def test_a_paid_day_is_given_to_its_legs_by_engaged_time(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})  # 10,000 millionths a second
    shift(desk, "anna", 0, 900)
    # Engaged: a 100 alone and 50 of the 100 shared, b 50 of them and 100 alone. Half of 9,000,000 each.
    desk.chat("a").queued(0).accepted(0, "anna").closed(200)
    desk.chat("b").queued(0).accepted(100, "anna").closed(300)
    facts = desk.build(tmp_path, as_of=2000)
    assert money(facts) == {"a": 4_500_000, "b": 4_500_000}
    assert [row["paid_us"] for row in facts.rows("fact_cost")] == [450_000_000, 450_000_000]
    assert {row.at("spent") for row in facts.rows("fact_cost")} == {0, 100}


def test_wall_time_gives_nothing(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    shift(desk, "anna", 0, 400)
    # long is held for 300 s, 200 of them beside another: engaged 100 + 100; short 100.
    desk.chat("long").queued(0).accepted(0, "anna").closed(300)
    desk.chat("short").queued(0).accepted(0, "anna").closed(200)
    assert money(desk.build(tmp_path, as_of=2000)) == {"long": 2_666_666, "short": 1_333_334}


def test_what_cannot_be_halved_is_given_to_the_last_millionth(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 3.6})
    shift(desk, "anna", 0, 1)  # 1,000 millionths over seven equal legs
    for number in range(7):
        desk.chat(f"c{number}").queued(0).accepted(0, "anna").closed(700)
    found = money(desk.build(tmp_path, as_of=2000))
    assert sum(value or 0 for value in found.values()) == 1_000
    assert set(found.values()) == {142, 143}


def test_a_day_without_chats_goes_to_no_conversation(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    shift(desk, "anna", 0, 100)
    shift(desk, "bea", 0, 50)
    desk.chat("a").queued(0).accepted(0, "anna").closed(10)
    facts = desk.build(tmp_path, as_of=2000)
    assert money(facts) == {"a": 1_000_000, None: 500_000}


def test_a_night_shift_is_given_day_by_day(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    shift(desk, "anna", 53_400, 55_200)  # 23:50 to 00:20
    desk.chat("a").queued(53_400).accepted(53_400, "anna").closed(54_600)  # 600 s on each day
    found = {
        row["overlap_date"]: row["cost_micros"]
        for row in desk.build(tmp_path, as_of=60_000).rows("fact_cost")
    }
    assert found == {"2026-11-02": 6_000_000, "2026-11-03": 12_000_000}


def test_whose_cost_is_unknown_has_a_row_without_it(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    shift(desk, "anna", 0, 100)
    shift(desk, "bea", 0, 100, paid=None)
    desk.chat("a").queued(0).accepted(0, "anna").closed(10)
    desk.chat("b").queued(0).accepted(0, "bea").closed(10)
    desk.chat("c").queued(0).accepted(0, "cleo").closed(10)
    facts = desk.build(tmp_path, as_of=2000)
    assert money(facts, agent_id="anna") == {"a": 1_000_000}
    assert money(facts, agent_id="bea") == money(facts, agent_id="cleo") == {None: None}


def test_dimensions_are_the_conversations(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    desk.row("agents", agent_id="anna", team="blue", site="north")
    shift(desk, "anna", 0, 100)
    desk.chat("a", topic="login").queued(0, "support").accepted(0, "anna").closed(10)
    row = desk.build(tmp_path, as_of=2000).one("fact_cost")
    assert (row["queue"], row["topic"], row["team"], row["site"]) == ("support", "login", "blue", "north")


def test_the_bot_costs_its_price_where_it_was_billed(tmp_path: Path) -> None:
    desk = Desk()
    cost(desk, "bot", "per_resolution", "2026-11-01", "2026-12-01", unit_price=0.79)
    desk.chat("billed", bot_billed=True).customer(0).bot(5).closed(60)
    desk.chat("not billed", bot_billed=False).customer(0).bot(5).closed(60)
    desk.chat("human").customer(0).queued(0).accepted(0, "anna").closed(60)
    assert money(desk.build(tmp_path, as_of=2000), cost_kind="bot") == {"billed": 790_000, "not billed": 0}


@pytest.mark.parametrize(("billed", "start"), [(None, "2026-11-01"), (True, "2026-12-01")])
def test_a_bot_without_price_or_bills_has_no_cost_and_no_zero(
    tmp_path: Path, billed: Any, start: str
) -> None:
    desk = Desk()
    cost(desk, "bot", "per_resolution", start, unit_price=0.79)
    desk.chat("a", bot_billed=billed).customer(0).bot(5).closed(60)
    assert money(desk.build(tmp_path, as_of=2000), cost_kind="bot") == {"a": None}


def test_recorded_costs_are_spread_over_their_days(tmp_path: Path) -> None:
    desk = Desk()
    cost(desk, "chat", "licences", "2026-11-01", "2026-12-01", amount=300.0)
    cost(desk, "chat", "Staff", "2026-11-02", "2026-11-03", amount=99.0)
    cost(desk, "phone", "lines", "2026-11-02", "2026-11-03", amount=5.0)
    cost(desk, "bot", "licence", "2026-11-02", "2026-11-03", amount=7.0)
    desk.chat("a").queued(0).accepted(0, "anna").closed(10)
    facts = desk.build(tmp_path, as_of=86_400)
    found = {
        (row["cost_kind"], row["cost_item"], row["overlap_date"]): row["cost_micros"]
        for row in facts.rows("fact_cost")
        if row["cost_kind"] != "agents"
    }
    assert found == {
        ("other", "licences", "2026-11-01"): 10_000_000,
        ("other", "licences", "2026-11-02"): 10_000_000,
        ("other", "licences", "2026-11-03"): 10_000_000,  # not beyond as_of
        ("staff", "Staff", "2026-11-02"): 99_000_000,
        ("elsewhere", "lines", "2026-11-02"): 5_000_000,
        ("bot", "licence", "2026-11-02"): 7_000_000,
    }


def test_maturity_runs_from_the_spending(tmp_path: Path) -> None:
    desk = Desk(settings={"agent_hourly_cost": 36.0})
    shift(desk, "anna", 0, 100)
    desk.chat("a").queued(0).accepted(20, "anna").closed(60)
    desk.chat("late", at=86_400).queued(86_400)
    assert desk.build(tmp_path).one("fact_cost").s("maturity") == 86_400 - 20


RECORDED = {
    "source": "s",
    "source_account": "a",
    "channel": "web",
    "kind": None,
    "amount": 10.0,
    "unit_price": None,
    "is_billing_recorded": False,
}


def days(*periods: tuple[str, str | None], **more: Any) -> dict[str, int]:
    rows = [RECORDED | {"period_start": start, "period_end": end} | more for start, end in periods]
    found = cost_days(rows, ["web"], date(2026, 1, 1), date(2027, 12, 31))
    return {row["local_date"]: row["amount_micros"] for row in found}


@pytest.mark.parametrize(
    ("periods", "last", "n_days"),
    [
        ([("2026-02-01", None)], "2026-02-28", 28),  # a calendar month
        ([("2026-01-31", None)], "2026-02-27", 28),  # the month after has no 31st
        ([("2026-12-15", None)], "2027-01-14", 31),
        ([("2026-02-01", None), ("2026-02-05", "2026-02-06")], "2026-02-05", 5),  # until the next begins
        ([("2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z")], "2026-02-02", 2),
        ([("soon", "2026-02-03")], None, 0),
        ([("2026-02-03", "2026-02-03")], None, 0),
        ([("2026-02-05", "2026-02-03")], None, 0),
    ],
)
def test_the_days_of_a_period(periods: list[tuple[str, str | None]], last: str | None, n_days: int) -> None:
    found = days(*periods)
    assert max(found, default=None) == last
    assert len(found) == n_days


def test_the_days_of_a_period_add_up() -> None:
    found = days(("2026-02-01", "2026-02-08"))
    assert sum(found.values()) == 10_000_000
    assert set(found.values()) == {1_428_571, 1_428_572}


def test_a_cost_without_amount_and_price_is_left_out() -> None:
    assert days(("2026-02-01", None), amount=None) == {}
