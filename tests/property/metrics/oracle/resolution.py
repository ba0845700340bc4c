"""Whether the matter was settled, how soon, and by how many hands."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from collections.abc import Callable

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


def reopened(row: Row, window: int) -> bool:
    return row["reopen_gap_us"] is not None and row["reopen_gap_us"] <= window


def no_first_contact(row: Row, window: int, *, is_first: bool, is_silence_out: bool) -> str | None:
    """Why a conversation cannot be judged as a first contact."""
    if row["customer_key"] is None:
        return "no_customer"
    if row["is_silent_noted"] and is_silence_out:
        return "silent_abandonment"
    came_before = row["prev_issue_gap_us"] is not None and row["prev_issue_gap_us"] <= window
    return "follow_up" if is_first and came_before else None


def passes(row: Row, window: int, repeat: str = "issue", *, transfer_fails: bool = False) -> bool:
    """Not reopened, not passed on, no repeat within the window."""
    passed_on = row["is_escalated"] or (transfer_fails and row["n_transfers"] > 0)
    return not (came_back(row, repeat, window) or reopened(row, window) or passed_on)


FCR = {
    "window_days": 7, "transfer_fails": "no", "repeat": "same_issue", "contacts": "first", "matured": "yes",
    "silent": "left_out",
}  # fmt: skip
REPEATS = {"same_issue": "issue", "any_topic": "any", "chat_only": "chat"}


@judged("fcr", "share", CONVERSATION, "close", options=FCR)
def fcr(row: Row, ask: Ask) -> Verdict:
    window = ask.us("window_days", DAY)
    if not by_humans(row):
        return OUTSIDE
    is_first, is_silence_out = ask.chose("contacts", "first"), ask.chose("silent", "left_out")
    reason = no_first_contact(row, window, is_first=is_first, is_silence_out=is_silence_out)
    if reason:
        return LeftOut(reason)
    if not has_matured(row, window if ask.chose("matured", "yes") else 0):
        return CENSORED
    repeat = REPEATS[str(ask.options["repeat"])]
    return Used(passes(row, window, repeat, transfer_fails=ask.options["transfer_fails"] == "yes"))


@judged(
    "resolved_contacts",
    "sum",
    CONVERSATION,
    "close",
    options={"window_days": 7, "transfer_fails": "no", "silent": "left_out"},
)
def resolved_contacts(row: Row, ask: Ask) -> Verdict:
    return fcr(row, Ask(ask.clock, FCR | dict(ask.options)))


def by_both(row: Row, ask: Ask) -> tuple[bool, bool] | Verdict:
    """What fcr and what the customer say."""
    if not by_humans(row) or row["is_survey_resolved"] is None:
        return OUTSIDE
    found = fcr(row, Ask(ask.clock, FCR | dict(ask.options)))
    return (bool(found.value), row["is_survey_resolved"]) if isinstance(found, Used) else found


@judged("fcr_survey_agreement", "share", CONVERSATION, "close", options={"window_days": 7})
def fcr_survey_agreement(row: Row, ask: Ask) -> Verdict:
    found = by_both(row, ask)
    return Used(found[0] == found[1]) if isinstance(found, tuple) else found


def cell(wanted: tuple[bool, bool]) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, ask: Ask) -> Verdict:
        found = by_both(row, ask)
        return Used(found == wanted) if isinstance(found, tuple) else found

    return judge


for by_fcr, by_survey in product((True, False), repeat=2):
    name = f"fcr_{'yes' if by_fcr else 'no'}_survey_{'yes' if by_survey else 'no'}"
    judged(name, "sum", CONVERSATION, "close", options={"window_days": 7})(cell((by_fcr, by_survey)))


@judged("reopen_rate", "share", CONVERSATION, "close", options={"window_days": 7, "matured": "no"})
def reopen_rate(row: Row, ask: Ask) -> Verdict:
    if not row["is_inbound"] or row["first_closed_at_us"] is None:
        return OUTSIDE
    if not row["is_course_recorded"]:
        return LeftOut("not_recorded")
    if ask.chose("matured", "no"):
        return Used(row["n_reopens"] > 0)
    window = ask.us("window_days", DAY)
    return Used(reopened(row, window)) if has_matured(row, window) else CENSORED


@judged("resolution_time", "median p90", CONVERSATION, "close", per=S, options={"until": "last"})
def resolution_time(row: Row, ask: Ask) -> Verdict:
    if not by_humans(row):
        return OUTSIDE
    closed = row["first_closed_at_us"] if ask.chose("until", "first") else row["closed_at_us"]
    parked = row["parked_us"] if ask.chose("until", "last_without_parked") else 0
    return (
        LeftOut("no_value")
        if closed is None or parked is None
        else Used(closed - row["start_at_us"] - parked)
    )


@judged("bot_resolution_time", "median p90", CONVERSATION, "close", per=S)
def bot_resolution_time(row: Row, _: Ask) -> Verdict:
    if not row["is_inbound"] or not row["is_contained"]:
        return OUTSIDE
    return Used(row["closed_at_us"] - row["start_at_us"])


def transfers_to(row: Row, ask: Ask) -> int:
    """Transfers into a queue, straight to an agent, or both."""
    to_queue: int = row["n_queue_transfers"]
    every: int = row["n_transfers"]
    return {"anywhere": every, "queue": to_queue, "agent": every - to_queue}[str(ask.options["to"])]


@judged("transfer_rate", "share", CONVERSATION, "close", options={"to": "anywhere"})
def transfer_rate(row: Row, ask: Ask) -> Verdict:
    return Used(transfers_to(row, ask) > 0) if by_humans(row) else OUTSIDE


@judged("transfers", "sum", CONVERSATION, "close", options={"to": "anywhere"})
def transfers(row: Row, ask: Ask) -> Verdict:
    return Used(transfers_to(row, ask)) if by_humans(row) else OUTSIDE


@judged("ping_pong", "sum", CONVERSATION, "close")
def ping_pong(row: Row, _: Ask) -> Verdict:
    return Used(row["n_returns"]) if by_humans(row) else OUTSIDE


def silent(column: str) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, _: Ask) -> Verdict:
        if not (row["is_inbound"] and row["is_answered"] and row["is_ended"]):
            return OUTSIDE
        return Used(row[column])

    return judge


judged("silent_abandonment_lower", "share", CONVERSATION, "close")(silent("is_silent_noted"))
judged("silent_abandonment_upper", "share", CONVERSATION, "close")(silent("is_silent"))


@judged("ended_unanswered_rate", "share", CONVERSATION, "close")
def ended_unanswered_rate(row: Row, _: Ask) -> Verdict:
    return Used(row["ended_unanswered"]) if by_humans(row) else OUTSIDE


@judged("escalated_out_rate", "share", CONVERSATION, "close")
def escalated_out_rate(row: Row, _: Ask) -> Verdict:
    if not by_humans(row):
        return OUTSIDE
    return Used(row["is_escalated"]) if row["is_course_recorded"] else LeftOut("not_recorded")
