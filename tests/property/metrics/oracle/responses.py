"""How long customers waited for an answer."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.demand import CONVERSATION, offered
from tests.property.metrics.oracle.judgement import CENSORED, OUTSIDE, Ask, LeftOut, S, Used, Verdict, judged

Row = dict[str, Any]
TURN = "fact_turn"


def timed(row: Row, ask: Ask, name: str) -> Verdict:
    if ask.lacks_calendar(row, name):
        return LeftOut("no_calendar")
    waited = ask.duration(row, name)
    return LeftOut("no_value") if waited is None else Used(waited)


def closed_between(row: Row, begin: str) -> bool:
    """Whether it was closed after the clock began and before a person wrote: a later episode."""
    closed, since, human = row["first_closed_at_us"], row[begin], row["first_human_at_us"]
    if closed is None or human is None or since is None:
        return False
    return since <= closed < human


FROM = {
    "queue": ("queued_at_us", "frt_human"), "start": ("start_at_us", "frt_start"),
    "handoff": ("handoff_at_us", "frt_handoff"), "accept": ("accepted_at_us", "pickup_to_reply"),
}  # fmt: skip


@judged("first_response", "median p90 mean", CONVERSATION, "start", per=S, options={"from": "queue"})
def first_response(row: Row, ask: Ask) -> Verdict:
    begin, duration = FROM[str(ask.options["from"])]
    if not offered(row):
        return OUTSIDE
    if row["is_abandoned"]:
        return LeftOut("abandoned")
    if row["first_human_at_us"] is None and not row["is_open"]:
        return LeftOut("never_answered")
    if ask.chose("from", "handoff") and row["handoff_at_us"] is None:
        return LeftOut("no_handoff")
    if closed_between(row, begin):
        return LeftOut("later_episode")
    return CENSORED if row["first_human_at_us"] is None else timed(row, ask, duration)


@judged("time_before_queue", "median p90 mean", CONVERSATION, "start", per=S)
def time_before_queue(row: Row, ask: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if row["first_closed_at_us"] is not None and row["first_closed_at_us"] < row["queued_at_us"]:
        return LeftOut("later_episode")
    return timed(row, ask, "before_queue")


@judged("pickup_to_reply", "median p90 mean", CONVERSATION, "queue", per=S)
def pickup_to_reply(row: Row, ask: Ask) -> Verdict:
    if not offered(row) or not row["is_answered"]:
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if row["first_human_at_us"] is None:
        return CENSORED if row["is_open"] else LeftOut("never_answered")
    return timed(row, ask, "pickup_to_reply")


@judged("first_bot_response", "median p90", CONVERSATION, "start", per=S)
def first_bot_response(row: Row, _: Ask) -> Verdict:
    if not row["is_inbound"] or not row["is_bot_involved"]:
        return OUTSIDE
    return LeftOut("no_value") if row["frt_bot_us"] is None else Used(row["frt_bot_us"])


@judged("first_any_response", "median p90", CONVERSATION, "start", per=S)
def first_any_response(row: Row, _: Ask) -> Verdict:
    if not row["is_inbound"]:
        return OUTSIDE
    return LeftOut("no_value") if row["frt_any_us"] is None else Used(row["frt_any_us"])


@judged("reply_time", "median p90 mean", TURN, "start", per=S, options={"turns": "later"})
def reply_time(row: Row, ask: Ask) -> Verdict:
    if ask.chose("turns", "later") and row["is_first"]:
        return OUTSIDE
    if row["is_censored"]:
        return CENSORED
    if not row["is_answered"]:
        return LeftOut("ended_unanswered")
    return timed(row, ask, "reply")


@judged("replies_within", "share", TURN, "start",
        options={"within_s": 90, "target": "targets", "turns": "all", "unanswered": "excluded"})  # fmt: skip
def replies_within(row: Row, ask: Ask) -> Verdict:
    if ask.chose("turns", "later") and row["is_first"]:
        return OUTSIDE
    if not row["is_answered"] and not row["is_censored"] and ask.chose("unanswered", "excluded"):
        return LeftOut("ended_unanswered")
    if ask.lacks_calendar(row, "lasted"):
        return LeftOut("no_calendar")
    if row["is_censored"]:
        return CENSORED
    if not row["is_answered"]:
        return Used(0)
    if ask.lacks_calendar(row, "reply"):
        return LeftOut("no_calendar")
    has_targets = ask.chose("target", "targets")
    own = row["target_us"] if has_targets else None
    waited = ask.duration(row, "reply", on_wall=has_targets and row["is_target_on_calendar"])
    if waited is None:
        return LeftOut("no_value")
    return Used(waited <= (ask.us("within_s") if own is None else own))


@judged("canned_share", "ratio", CONVERSATION, "close")
def canned_share(row: Row, _: Ask) -> Verdict:
    if not row["is_template_recorded"]:
        return LeftOut("not_recorded")
    return Used(row["n_canned_messages"], row["n_human_messages"])


@judged("longest_wait", "maximum", TURN, "start", per=S)
def longest_wait(row: Row, ask: Ask) -> Verdict:
    return timed(row, ask, "lasted")


@judged("reply_wait", "survival", TURN, "start", per=S, quantile=0.5)
def reply_wait(row: Row, ask: Ask) -> Verdict:
    found = timed(row, ask, "lasted")
    return Used(found.value, ended=row["is_answered"]) if isinstance(found, Used) else found
