"""How long customers waited for somebody to take their chat."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.demand import CONVERSATION, is_short, offered
from tests.property.metrics.oracle.judgement import CENSORED, OUTSIDE, Ask, LeftOut, S, Used, Verdict, judged

Row = dict[str, Any]


@judged("queue_wait", "median p90 mean", CONVERSATION, "queue", per=S)
def queue_wait(row: Row, ask: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if row["is_answered"] and row["queue_wait_us"] is None:
        return LeftOut("clock_skew")
    if row["is_abandoned"]:
        return LeftOut("abandoned")
    if row["is_waiting"]:
        return CENSORED
    if not row["is_answered"]:
        return LeftOut("left_otherwise")
    if ask.lacks_calendar(row, "queue_wait"):
        return LeftOut("no_calendar")
    waited = ask.duration(row, "queue_wait")
    return LeftOut("no_value") if waited is None else Used(waited)


SERVICE_LEVEL = {
    "within_s": 30, "short_s": 10, "convention": "excluding_short_abandons",
    "genesys_abandons": "yes", "genesys_short_abandons": "no", "genesys_flow_outs": "no",
    "target": "targets",
}  # fmt: skip
COUNTS_WAITING = ("connect", "offered")
COUNTS_FLOW_OUTS = ("connect", "offered")


def target_of(row: Row, ask: Ask, *, is_fixed: bool) -> int:
    """The target of the conversation, or the limit that holds where there is none."""
    own: int | None = row["service_target_us"]
    return ask.us("within_s") if is_fixed or own is None else own


def measured(row: Row, ask: Ask, name: str) -> int | None:
    """The duration on the clock of the conversation's target, or on the one asked for."""
    has_wall_target = row["is_service_target_on_calendar"] and ask.options["target"] == "targets"
    return ask.duration(row, name, on_wall=has_wall_target)


@judged("service_level", "share", CONVERSATION, "queue", options=SERVICE_LEVEL)
def service_level(row: Row, ask: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if row["is_answered"] and row["queue_wait_us"] is None:
        return LeftOut("clock_skew")
    convention = str(ask.options["convention"])
    limit = target_of(row, ask, is_fixed=ask.options["target"] == "fixed")
    reason = why_left_out(row, ask, convention, limit)
    if reason:
        return LeftOut(reason)
    if any(ask.lacks_calendar(row, name) for name in ("waiting", "queue_wait", "abandon_wait")):
        return LeftOut("no_calendar")
    if row["is_waiting"]:
        pending = measured(row, ask, "waiting") or 0
        is_missed = convention == "pending_late_is_miss" and pending > limit
        return Used(0) if is_missed or convention in COUNTS_WAITING else CENSORED
    if row["is_answered"]:
        waited = measured(row, ask, "queue_wait")
        return LeftOut("no_value") if waited is None else Used(waited <= limit)
    left_after = measured(row, ask, "abandon_wait")
    in_time = row["is_abandoned"] and left_after is not None and left_after <= limit
    return Used(in_time and convention in ("connect", "wait_within"))


def why_left_out(row: Row, ask: Ask, convention: str, limit: int) -> str | None:
    """Who is in neither part of the share."""
    left = row["is_abandoned"]
    is_flow_out = not (left or row["is_answered"] or row["is_waiting"])
    if convention == "genesys":
        if left and ask.options["genesys_abandons"] == "no":
            return "abandoned"
        if is_short(row, ask) and ask.options["genesys_short_abandons"] == "no":
            return "short_abandon"
        return "left_otherwise" if is_flow_out and ask.options["genesys_flow_outs"] == "no" else None
    if is_flow_out and convention not in COUNTS_FLOW_OUTS:
        return "left_otherwise"
    if left and convention in ("served_of_served", "ignore_abandons"):
        return "abandoned"
    left_after = measured(row, ask, "abandon_wait")
    if left and convention == "drop_early_abandons" and left_after is not None and left_after <= limit:
        return "early_abandon"
    leaves_short_out = convention in ("excluding_short_abandons", "pending_late_is_miss")
    return "short_abandon" if leaves_short_out and is_short(row, ask) else None


def waited_until(row: Row, *, ended: bool) -> Verdict:
    """The wait however it ended, and whether it ended in the way that is asked for."""
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if row["is_answered"] and row["queue_wait_us"] is None:
        return LeftOut("clock_skew")
    if row["is_answered"]:
        waited = row["queue_wait_us"]
    elif row["is_abandoned"]:
        waited = row["abandon_wait_us"]
    elif row["is_waiting"]:
        waited = row["waiting_us"]
    else:
        return LeftOut("left_otherwise")
    return LeftOut("no_value") if waited is None else Used(waited, ended=ended)


@judged("wait_to_accept", "survival", CONVERSATION, "queue", per=S, quantile=0.5)
def wait_to_accept(row: Row, _: Ask) -> Verdict:
    return waited_until(row, ended=row["is_answered"])


@judged("patience", "survival", CONVERSATION, "queue", per=S, quantile=0.5)
def patience(row: Row, _: Ask) -> Verdict:
    return waited_until(row, ended=row["is_abandoned"])


@judged("waiting_past_target", "count", CONVERSATION, "queue", options={"within_s": 30, "target": "targets"})
def waiting_past_target(row: Row, ask: Ask) -> Verdict:
    if not offered(row) or not row["is_waiting"]:
        return OUTSIDE
    waited = measured(row, ask, "waiting")
    if waited is not None and waited <= target_of(row, ask, is_fixed=ask.chose("target", "fixed")):
        return LeftOut("within_target")
    return LeftOut("no_calendar") if ask.lacks_calendar(row, "waiting") else Used(1)
