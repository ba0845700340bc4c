"""Demand: who came, who was served, who left, who was asked to serve."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.judgement import CENSORED, OUTSIDE, Ask, LeftOut, Used, Verdict, judged

Row = dict[str, Any]
CONVERSATION = "fact_conversation"
HOUR_US = 3_600_000_000


def offered(row: Row) -> bool:
    return row["is_inbound"] and row["queued_at_us"] is not None


def is_short(row: Row, ask: Ask) -> bool:
    """An abandonment before the limit, by the wall clock."""
    waited = row["abandon_wait_us"]
    return row["is_abandoned"] and waited is not None and waited < ask.us("short_s")


@judged("conversations", "count", CONVERSATION, "start")
def conversations(row: Row, _: Ask) -> Verdict:
    return Used(1) if row["is_inbound"] else OUTSIDE


@judged("offered", "count", CONVERSATION, "queue")
def offered_once(row: Row, _: Ask) -> Verdict:
    return Used(1) if offered(row) else OUTSIDE


@judged("answered", "count", CONVERSATION, "queue")
def answered(row: Row, _: Ask) -> Verdict:
    return Used(1) if offered(row) and row["is_answered"] else OUTSIDE


@judged("abandoned", "count", CONVERSATION, "queue")
def abandoned(row: Row, _: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    return Used(1) if row["is_abandoned"] else LeftOut("stayed")


@judged(
    "abandonment_rate",
    "share",
    CONVERSATION,
    "queue",
    options={"short_s": 10, "of": "decided", "silent": "uncounted"},
)
def abandonment_rate(row: Row, ask: Ask) -> Verdict:
    if not offered(row):
        return OUTSIDE
    if not row["is_wait_recorded"]:
        return LeftOut("not_recorded")
    if is_short(row, ask):
        return LeftOut("short_abandon")
    was_gone = {"uncounted": False, "lower": row["is_silent_noted"], "upper": row["is_silent"]}
    left = row["is_abandoned"] or was_gone[str(ask.options["silent"])]
    if ask.chose("of", "offered") or row["is_answered"] or row["is_abandoned"]:
        return Used(left)
    return CENSORED if row["is_waiting"] else LeftOut("left_otherwise")


@judged("missed_offer_rate", "share", "fact_offer", "queue")
def missed_offer_rate(row: Row, _: Ask) -> Verdict:
    return CENSORED if row["result"] == "open" else Used(row["result"] != "accepted")


@judged("arrival_rate", "ratio", "fact_arrivals", "queue")
def arrival_rate(row: Row, _: Ask) -> Verdict:
    return Used(row["n_offered"] * HOUR_US, row["open_us"]) if row["open_us"] else OUTSIDE


@judged("queue_entries", "count", "fact_queue_entry", "queue")
def queue_entries(row: Row, _: Ask) -> Verdict:
    return Used(1) if row["is_inbound"] else OUTSIDE
