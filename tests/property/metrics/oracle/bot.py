"""What the bot kept, answered, and is proven to have settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.demand import CONVERSATION, HOUR_US
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

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]


def with_bot(row: Row) -> bool:
    return row["is_inbound"] and row["is_bot_involved"]


def is_verified(row: Row, window: int) -> bool:
    """Kept and answered by the bot, no complaint, no repeat within the window."""
    answered = row["is_contained"] and row["is_bot_answered"] is True
    return answered and not row["has_negative_survey"] and not came_back(row, "issue", window)


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
    return Used(is_verified(row, window))


@judged("verified_resolutions", "sum", CONVERSATION, "start", options={"window_days": 7})
def verified_resolutions(row: Row, ask: Ask) -> Verdict:
    return verified_deflection(row, ask)


@judged("channel_deflection", "share", CONVERSATION, "start", options={"window_days": 7, "step": "verified"})
def channel_deflection(row: Row, ask: Ask) -> Verdict:
    if not row["is_inbound"]:
        return OUTSIDE
    if ask.chose("step", "contained"):
        return Used(row["is_contained"]) if row["is_ended"] else CENSORED
    window = ask.us("window_days", DAY)
    if row["is_bot_involved"] and row["is_bot_answered"] is None:
        return LeftOut("not_recorded")
    if row["customer_key"] is None:
        return LeftOut("no_customer")
    if not row["is_ended"] or not has_matured(row, window):
        return CENSORED
    return Used(is_verified(row, window))


@judged("team_contact_rate", "share", CONVERSATION, "start", options={"window_days": 7})
def team_contact_rate(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_days", DAY)
    if not row["is_inbound"]:
        return OUTSIDE
    if row["customer_key"] is None:
        return LeftOut("no_customer")
    if not row["is_ended"] or not has_matured(row, window):
        return CENSORED
    return Used(row["is_offered"] or row["is_human_handled"] or came_back(row, "issue", window))


def billed(*flags: str) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, _: Ask) -> Verdict:
        return Used(1) if row["is_bot_billed"] and all(row[flag] for flag in flags) else OUTSIDE

    return judge


for step, flags in {
    "": (), "_contained": ("is_contained",), "_answered": ("is_contained", "is_bot_answered"),
    "_confirmed": ("is_contained", "is_bot_confirmed"),
}.items():  # fmt: skip
    judged(f"bot_billed{step}", "count", CONVERSATION, "start")(billed(*flags))


@judged("bot_billed_unverifiable", "count", CONVERSATION, "start")
def bot_billed_unverifiable(row: Row, _: Ask) -> Verdict:
    return Used(1) if row["is_bot_billed"] and row["customer_key"] is None else OUTSIDE


def after_billing(row: Row, window: int, *, is_hit: bool) -> Verdict:
    if not row["is_bot_billed"]:
        return OUTSIDE
    if row["customer_key"] is None:
        return LeftOut("no_customer")
    return Used(is_hit) if row["is_ended"] and has_matured(row, window) else CENSORED


@judged("bot_billed_verified", "sum", CONVERSATION, "start", options={"window_days": 7})
def bot_billed_verified(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_days", DAY)
    return after_billing(row, window, is_hit=is_verified(row, window))


@judged("bot_billed_came_back", "sum", CONVERSATION, "start", options={"window_days": 7})
def bot_billed_came_back(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_days", DAY)
    return after_billing(row, window, is_hit=came_back(row, "issue", window))


@judged("self_service", "share", "fact_help_session", "start", options={"window_hours": 24})
def self_service(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_hours", HOUR_US)
    if row["customer_key"] is None:
        return LeftOut("no_customer")
    if not has_matured(row, window):
        return CENSORED
    gap = row["next_contact_gap_us"]
    return Used(gap is None or gap > window)


@judged("help_visits", "count", "fact_help_session", "start")
def help_visits(_row: Row, _: Ask) -> Verdict:
    return Used(1)
