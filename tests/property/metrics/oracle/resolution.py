"""Whether the matter was settled, how soon, and by how many hands."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.demand import CONVERSATION
from tests.property.metrics.oracle.judgement import (
    CENSORED,
    DAY,
    OUTSIDE,
    Ask,
    LeftOut,
    S,
    Used,
    Verdict,
    judged,
)

Row = dict[str, Any]


def came_back(row: Row, name: str, window: int) -> bool:
    """Whether another contact followed within the window, its last instant included."""
    gap = row[f"next_{name}_gap_us"]
    return gap is not None and gap <= window


def has_matured(row: Row, window: int) -> bool:
    """Whether contacts are known for the whole window after the first close."""
    return row["maturity_us"] is not None and row["maturity_us"] >= window


def by_humans(row: Row) -> bool:
    return row["is_inbound"] and row["is_human_handled"]


FCR = {"window_days": 7, "transfer_fails": 0, "repeat": "same_issue", "contacts": "first", "matured": "yes"}


@judged("fcr", "share", CONVERSATION, "close", options=FCR)
def fcr(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_days", DAY)
    if not by_humans(row):
        return OUTSIDE
    if row["customer_key"] is None:
        return LeftOut("no_customer")
    came_before = row["prev_issue_gap_us"] is not None and row["prev_issue_gap_us"] <= window
    if came_before and ask.chose("contacts", "first"):
        return LeftOut("follow_up")
    if not has_matured(row, window if ask.chose("matured", "yes") else 0):
        return CENSORED
    repeat = came_back(row, "issue" if ask.chose("repeat", "same_issue") else "any", window)
    passed_on = row["is_escalated"] or (ask.options["transfer_fails"] and row["n_transfers"])
    return Used(not (repeat or row["n_reopens"] or passed_on))


@judged("reopen_rate", "share", CONVERSATION, "close")
def reopen_rate(row: Row, _: Ask) -> Verdict:
    if not row["is_inbound"] or row["first_closed_at_us"] is None:
        return OUTSIDE
    return Used(row["n_reopens"] > 0)


@judged("resolution_time", "median p90", CONVERSATION, "close", per=S, options={"until": "last"})
def resolution_time(row: Row, ask: Ask) -> Verdict:
    if not by_humans(row):
        return OUTSIDE
    closed = row["closed_at_us"] if ask.chose("until", "last") else row["first_closed_at_us"]
    return LeftOut("no_value") if closed is None else Used(closed - row["start_at_us"])


@judged("transfer_rate", "share", CONVERSATION, "close")
def transfer_rate(row: Row, _: Ask) -> Verdict:
    return Used(row["n_transfers"] > 0) if by_humans(row) else OUTSIDE


@judged("escalated_out_rate", "share", CONVERSATION, "close")
def escalated_out_rate(row: Row, _: Ask) -> Verdict:
    return Used(row["is_escalated"]) if by_humans(row) else OUTSIDE
