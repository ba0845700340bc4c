"""What the bot kept, answered, and is proven to have settled."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.demand import CONVERSATION
from tests.property.metrics.oracle.judgement import (
    CENSORED,
    DAY,
    OUTSIDE,
    Ask,
    LeftOut,
    Used,
    Verdict,
    judged,
)
from tests.property.metrics.oracle.resolution import came_back, has_matured

Row = dict[str, Any]


def with_bot(row: Row) -> bool:
    return row["is_inbound"] and row["is_bot_involved"]


@judged("escalation_rate", "share", CONVERSATION, "start")
def escalation_rate(row: Row, _: Ask) -> Verdict:
    if not with_bot(row):
        return OUTSIDE
    handed_over = row["handoff_at_us"] is not None
    return CENSORED if row["is_open"] and not handed_over else Used(handed_over)


@judged("containment", "share", CONVERSATION, "start")
def containment(row: Row, _: Ask) -> Verdict:
    if not with_bot(row):
        return OUTSIDE
    return Used(row["is_contained"]) if row["is_ended"] else CENSORED


@judged("answered_by_bot", "share", CONVERSATION, "start")
def answered_by_bot(row: Row, _: Ask) -> Verdict:
    if not with_bot(row):
        return OUTSIDE
    if row["is_bot_answered"] is None:
        return LeftOut("not_recorded")
    return Used(row["is_contained"] and row["is_bot_answered"]) if row["is_ended"] else CENSORED


@judged("bot_confirmed", "share", CONVERSATION, "start")
def bot_confirmed(row: Row, _: Ask) -> Verdict:
    if not with_bot(row):
        return OUTSIDE
    if row["is_bot_confirmed"] is None:
        return LeftOut("not_recorded")
    return Used(row["is_contained"] and row["is_bot_confirmed"]) if row["is_ended"] else CENSORED


@judged("verified_deflection", "share", CONVERSATION, "start", options={"window_days": 7})
def verified_deflection(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_days", DAY)
    if not with_bot(row):
        return OUTSIDE
    if row["is_bot_answered"] is None:
        return LeftOut("not_recorded")
    if row["customer_key"] is None:
        return LeftOut("no_customer")
    if not row["is_ended"] or not has_matured(row, window):
        return CENSORED
    settled = row["is_contained"] and row["is_bot_answered"] and not row["has_negative_survey"]
    return Used(settled and not came_back(row, "issue", window))
