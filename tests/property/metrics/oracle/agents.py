"""Agents' time: under which status, on which plan, with how many chats."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.concurrency import length
from tests.property.metrics.oracle.demand import CONVERSATION, HOUR_US
from tests.property.metrics.oracle.judgement import OUTSIDE, Ask, LeftOut, S, Used, Verdict, derived, judged

Row = dict[str, Any]
STATE = "fact_agent_state"


def is_away(row: Row) -> bool:
    """Scheduled for chat work, known not to be available."""
    return row["is_chat_work"] and row["is_presence_known"] and not row["is_productive"]


def is_lost(row: Row) -> bool:
    """Scheduled, but for something else than chat work, or away from chat work."""
    return row["activity"] is not None and (not row["is_chat_work"] or is_away(row))


def planned_as(row: Row) -> str | None:
    return "unplanned" if is_away(row) else row["planned"]


def is_pay_unknown(row: Row) -> bool:
    return not row["is_plan_known"] or (row["activity"] is not None and row["paid"] is None)


@judged("available_time", "sum", STATE, "overlap", per=S)
def available_time(row: Row, _: Ask) -> Verdict:
    if not row["is_presence_known"]:
        return LeftOut("not_recorded")
    return Used(length(row) if row["is_productive"] else 0)


@judged("busy_time", "sum", STATE, "overlap", per=S)
def busy_time(row: Row, _: Ask) -> Verdict:
    return Used(length(row)) if row["k_open"] else OUTSIDE


@judged("off_status_work", "sum", STATE, "overlap", per=S)
def off_status_work(row: Row, _: Ask) -> Verdict:
    if not row["k_open"]:
        return OUTSIDE
    if not row["is_presence_known"]:
        return LeftOut("not_recorded")
    return Used(0 if row["is_productive"] else length(row))


def of_available(row: Row, amount: int, of: int) -> Verdict:
    if not row["is_presence_known"]:
        return LeftOut("not_recorded")
    return Used(amount, of) if row["is_productive"] else LeftOut("not_available")


@judged("occupancy", "ratio", STATE, "overlap")
def occupancy(row: Row, _: Ask) -> Verdict:
    return of_available(row, length(row) if row["k_open"] else 0, length(row))


@judged("work_occupancy", "ratio", STATE, "overlap")
def work_occupancy(row: Row, _: Ask) -> Verdict:
    return of_available(row, length(row) if row["k_active"] else 0, length(row))


@judged("capacity_utilisation", "ratio", STATE, "overlap")
def capacity_utilisation(row: Row, _: Ask) -> Verdict:
    return of_available(row, row["k_open"] * length(row), row["slots"] * length(row))


@judged("scheduled_time", "sum", STATE, "overlap", per=S)
def scheduled_time(row: Row, _: Ask) -> Verdict:
    if not row["is_plan_known"]:
        return LeftOut("not_recorded")
    return Used(length(row) if row["activity"] is not None else 0)


@judged("paid_time", "sum", STATE, "overlap", per=S)
def paid_time(row: Row, _: Ask) -> Verdict:
    if is_pay_unknown(row):
        return LeftOut("not_recorded")
    return Used(length(row) if row["paid"] == "paid" else 0)


@judged("adherence", "ratio", STATE, "overlap")
def adherence(row: Row, _: Ask) -> Verdict:
    if not row["is_plan_known"] or not row["is_presence_known"]:
        return LeftOut("not_recorded")
    if row["activity"] is None:
        return LeftOut("not_scheduled")
    return Used(length(row) if row["is_productive"] == row["is_chat_work"] else 0, length(row))


@judged("conformance", "ratio", STATE, "overlap")
def conformance(row: Row, _: Ask) -> Verdict:
    if not row["is_plan_known"] or not row["is_presence_known"]:
        return LeftOut("not_recorded")
    return Used(length(row) if row["is_productive"] else 0, length(row) if row["is_chat_work"] else 0)


@judged("shrinkage", "ratio", STATE, "overlap", options={"part": "all", "time": "paid"})
def shrinkage(row: Row, ask: Ask) -> Verdict:
    whole = str(ask.options["time"])
    if not row["is_plan_known"] if whole == "scheduled" else is_pay_unknown(row):
        return LeftOut("not_recorded")
    if row["activity"] is None or (whole != "scheduled" and row["paid"] != whole):
        return LeftOut(f"not_{whole}")
    part = ask.options["part"]
    return Used(length(row) if is_lost(row) and part in ("all", planned_as(row)) else 0, length(row))


@judged("shrinkage_time", "sum", STATE, "overlap", per=S)
def shrinkage_time(row: Row, _: Ask) -> Verdict:
    if not row["is_plan_known"]:
        return LeftOut("not_recorded")
    return Used(length(row) if is_lost(row) else 0)


@judged("handled", "count", CONVERSATION, "close")
def handled(row: Row, _: Ask) -> Verdict:
    return Used(1) if row["is_human_handled"] and row["closed_at_us"] is not None else OUTSIDE


@judged("handled_legs", "count", "fact_leg", "close")
def handled_legs(row: Row, _: Ask) -> Verdict:
    return OUTSIDE if row["end_reason"] == "open" else Used(1)


derived("productivity", "handled", "available_time", times=HOUR_US, n_of=1)
derived("productivity_per_chat", "handled", "chat_time", times=HOUR_US, n_of=1)
derived("legs_per_hour", "handled_legs", "available_time", times=HOUR_US, n_of=1)
