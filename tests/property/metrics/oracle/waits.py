"""How long customers waited for somebody to take their chat."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.demand import CONVERSATION, is_short, offered
from tests.property.metrics.oracle.judgement import CENSORED, OUTSIDE, S, Ask, LeftOut, Used, Verdict, judged

Row = dict[str, Any]


@judged("queue_wait", "median p90 mean", CONVERSATION, "queue", per=S)
def queue_wait(row: Row, ask: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
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


@judged("service_level", "share", CONVERSATION, "queue",
        options={"within_s": 30, "short_s": 10, "convention": "excluding_short_abandons"})  # fmt: skip
def service_level(row: Row, ask: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if row["is_waiting"]:
        return CENSORED
    if not row["is_answered"] and not row["is_abandoned"]:
        return LeftOut("left_otherwise")
    if ask.chose("convention", "excluding_short_abandons") and is_short(row, ask):
        return LeftOut("short_abandon")
    if ask.chose("convention", "served_of_served") and row["is_abandoned"]:
        return LeftOut("abandoned")
    if ask.lacks_calendar(row, "queue_wait"):
        return LeftOut("no_calendar")
    limit = ask.us("within_s")
    if row["is_answered"]:
        waited = ask.duration(row, "queue_wait")
        return LeftOut("no_value") if waited is None else Used(waited <= limit)
    within = ask.chose("convention", "wait_within") and row["abandon_wait_us"] <= limit
    return Used(within)
