"""What stands open at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.judgement import OUTSIDE, Ask, LeftOut, S, Used, Verdict, judged

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
SPAN = "fact_open_span"


def is_backlog(row: Row) -> bool:
    return row["is_inbound"] and row["is_with_humans"]


def those(test: Callable[[Row], bool]) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, _: Ask) -> Verdict:
        return Used(1) if test(row) else OUTSIDE

    return judge


judged("backlog", "count", SPAN, "snapshot")(those(is_backlog))
judged("backlog_unassigned", "count", SPAN, "snapshot")(
    those(lambda row: is_backlog(row) and not row["is_assigned"])
)
judged("backlog_awaiting_agent", "count", SPAN, "snapshot")(
    those(lambda row: is_backlog(row) and row["is_awaiting_agent"])
)
judged("backlog_parked", "count", SPAN, "snapshot")(those(lambda row: is_backlog(row) and row["is_parked"]))
judged("assigned_threads", "count", SPAN, "snapshot")(those(lambda row: row["is_assigned"]))


@judged("backlog_oldest", "maximum", SPAN, "snapshot", per=S)
@judged("backlog_age", "median p90", SPAN, "snapshot", per=S)
def backlog_age(row: Row, ask: Ask) -> Verdict:
    return Used(ask.at_us - row["opened_at_us"]) if is_backlog(row) else OUTSIDE


@judged("backlog_past_target", "count", SPAN, "snapshot", options={"within_s": 90, "target": "targets"})
def backlog_past_target(row: Row, ask: Ask) -> Verdict:
    if not is_backlog(row) or not row["is_awaiting_agent"]:
        return OUTSIDE
    limit = row["reply_target_us"] if ask.chose("target", "targets") else None
    waited = ask.at_us - row["awaiting_since_at_us"]
    return LeftOut("within_target") if waited <= (ask.us("within_s") if limit is None else limit) else Used(1)
