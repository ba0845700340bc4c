"""What conversations took of their agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.demand import CONVERSATION
from tests.property.metrics.oracle.judgement import CENSORED, OUTSIDE, Ask, LeftOut, S, Used, Verdict, judged
from tests.property.metrics.oracle.responses import timed

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]


def taken(column: str) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, _: Ask) -> Verdict:
        if not row["is_human_handled"]:
            return OUTSIDE
        return LeftOut("no_value") if row[column] is None else Used(row[column])

    return judge


for name in ("engaged", "effort", "idle"):
    judged(f"{name}_time", "mean median p90", CONVERSATION, "close", per=S)(taken(f"{name}_us"))
judged("idle_tail", "mean median p90", CONVERSATION, "close", per=S)(taken("idle_tail_us"))


@judged("handle_time", "mean median p90", CONVERSATION, "close", per=S,
        options={"tail_s": 120, "tail": "counted"})  # fmt: skip
def handle_time(row: Row, ask: Ask) -> Verdict:
    found = taken("handle_us")(row, ask)
    if ask.chose("tail", "counted") or not isinstance(found, Used):
        return found
    tail = row["idle_tail_us"]
    if tail is None:
        return LeftOut("no_value")
    counts = min(tail, ask.us("tail_s")) if ask.chose("tail", "capped") else 0
    return Used(found.value - tail + counts)


def was_parked(row: Row) -> bool:
    return row["parked_us"] is not None and row["parked_us"] > 0


def is_closed_by_humans(row: Row) -> bool:
    return row["is_human_handled"] and row["is_ended"]


@judged("parked_time", "mean median p90", CONVERSATION, "close", per=S)
def parked_time(row: Row, _: Ask) -> Verdict:
    return Used(row["parked_us"]) if is_closed_by_humans(row) and was_parked(row) else OUTSIDE


@judged("parked_share", "share", CONVERSATION, "close")
def parked_share(row: Row, _: Ask) -> Verdict:
    if not is_closed_by_humans(row):
        return OUTSIDE
    return Used(was_parked(row)) if row["is_course_recorded"] else LeftOut("not_recorded")


@judged("reply_after_parking", "median p90 mean", "fact_turn", "start", per=S)
def reply_after_parking(row: Row, ask: Ask) -> Verdict:
    if not row["is_after_parking"]:
        return OUTSIDE
    if row["is_censored"]:
        return CENSORED
    return timed(row, ask, "reply") if row["is_answered"] else LeftOut("ended_unanswered")
