"""From raw records to the rows of facts, by the oracle of the facts: no SQL on the way to a number.

Only columns that the stories of random desks tell are here; a metric that needs another cannot be asked.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.property.facts import oracle_states as states
from tests.property.facts.oracle import Loads, Story, gaps, loads, stories
from tests.property.facts.test_facts_oracle import check_inference

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tests.unit.facts.desk import Desk

__all__ = ["labels_of", "rows_of"]

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_CALENDAR = (
    "queue_wait", "abandon_wait", "waiting", "before_queue", "pickup_to_reply",
    "frt_human", "frt_start", "frt_handoff",
)  # fmt: skip


def labels_of(cohort: str, at_us: int | None, zone: ZoneInfo) -> Row:
    """Local date, hour and so on of an instant."""
    names = [f"{cohort}_{name}" for name in ("date", "hour", "weekday", "week", "month")]
    if at_us is None:
        return dict.fromkeys(names)
    local = (EPOCH + timedelta(microseconds=at_us)).astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    values = (f"{local:%Y-%m-%d}", local.hour, local.isoweekday(), str(monday), f"{local:%Y-%m}")
    return dict(zip(names, values, strict=True))


def rows_of(desk: Desk, as_of: int, *, recent_us: int, zone: ZoneInfo) -> dict[str, list[Row]]:
    """Conversations and turns of a desk with contacts up to as_of, without targets and calendar."""
    told = stories(desk, as_of)
    load = loads(told, recent_us)
    for story in told.values():
        check_inference(story)
    with_templates = any(m.get("is_canned") is not None for m in desk.tables.get("messages", []))
    following = gaps(told, desk.tables.get("contacts", []), as_of)
    tables: dict[str, list[Row]] = {"fact_conversation": [], "fact_turn": [], "bridge_tag": []}
    for name, story in told.items():
        row = _conversation(story, load, following[name])
        closed = row["first_closed_at_us"]
        row |= {"is_course_recorded": bool(desk.tables.get("events")), "is_template_recorded": with_templates}
        row["maturity_us"] = None if closed is None else as_of - closed
        for cohort, column in (("start", "start"), ("queue", "queued"), ("close", "closed")):
            row |= labels_of(cohort, row[f"{column}_at_us"], zone)
        tables["fact_conversation"].append(row)
        if not row["is_test"]:
            tables["fact_turn"] += [_turn(row, turn, story, zone) for turn in story.turns()]
    return tables


def _conversation(story: Story, load: Loads, following: tuple[int | None, ...]) -> Row:
    row = _instants(story) | _fate(story) | _work(story, load) | states.durations(story)
    issue, every, chat, before = following
    row |= {"next_issue_gap_us": issue, "next_any_gap_us": every, "next_chat_gap_us": chat}
    row |= {"prev_issue_gap_us": before, "conversation_key": f"s/a/{story.key}"}
    row |= {f"{name}_business_us": None for name in NO_CALENDAR}
    queued, accepted, left, human = (row[f"{name}_at_us"] for name in ("queued", "accepted", "abandoned",
                                                                      "first_human"))  # fmt: skip
    row["queue_wait_us"] = states.positive(accepted, queued)
    row["abandon_wait_us"] = None if queued is None or left is None else left - queued
    row["frt_human_us"] = None if queued is None or human is None or left is not None else human - queued
    return row | {"topic": story.row.get("topic"), "initiated_by": story.row["initiated_by"]}


def _instants(story: Story) -> Row:
    return {
        "start_at_us": story.row["created_at_us"],
        "queued_at_us": story.queued,
        "accepted_at_us": story.accepted,
        "abandoned_at_us": story.left,
        "first_human_at_us": story.first_human,
        "handoff_at_us": min(story.times("bot_handoff"), default=None),
        "first_closed_at_us": min(story.times("closed"), default=None),
        "closed_at_us": story.closed,
    }


def _fate(story: Story) -> Row:
    inbound = story.row["initiated_by"] != "agent" and not story.row["is_test"]
    queued, accepted, left, ended = story.queued, story.accepted, story.left, story.ended
    with_bot = any(message["sender_type"] == "bot" for message in story.messages)
    untouched = queued is None and accepted is None and not story.replies
    return {
        "is_test": story.row["is_test"],
        "customer_key": story.row["customer_key"],
        "is_inbound": inbound,
        "is_wait_recorded": bool(story.times("accepted", "abandoned"))
        or (queued is not None and not story.queue_inferred),
        "is_answered": inbound and queued is not None and accepted is not None,
        "is_abandoned": inbound and left is not None,
        "is_waiting": inbound and queued is not None and accepted is left is ended is None,
        "is_ended": ended is not None,
        "is_open": ended is None,
        "is_human_handled": accepted is not None or bool(story.replies),
        "is_escalated": bool(story.times("escalated")),
        "is_bot_involved": with_bot,
        "is_contained": with_bot and untouched and ended is not None,
        "is_silent": states.is_silent(story),
        "is_silent_noted": False,
        "ended_unanswered": ended is not None and _is_last_unanswered(story),
        "service_target_us": None,
        "is_service_target_on_calendar": False,
    }


def _is_last_unanswered(story: Story) -> bool:
    turns = story.turns()
    return bool(turns) and turns[-1]["replied"] is None


def _work(story: Story, load: Loads) -> Row:
    """What the legs took; known once the conversation has ended."""
    passed, to_queue = states.transfers(story)
    numbers = [number for number, leg in enumerate(story.legs) if leg.end != "open"]
    legs, keys = [story.legs[number] for number in numbers], [(story.key, number) for number in numbers]
    done = story.ended is not None and bool(legs)
    return {
        "n_reopens": len(story.returns),
        "n_transfers": passed,
        "n_queue_transfers": to_queue,
        "n_returns": states.returns(story),
        "handle_us": sum(leg.open_us + leg.wrapup for leg in legs) if done else None,
        "engaged_us": sum(int(load.engaged[key]) for key in keys) if done else None,
        "effort_us": sum(int(load.effort[key]) for key in keys) if done else None,
        "idle_us": sum(leg.open_us for leg in legs) - sum(load.active[key] for key in keys)
        if done else None,
        "idle_tail_us": sum(states.idle_tail(story, leg) for leg in legs) if done else None,
    }  # fmt: skip


def _turn(conversation: Row, turn: Row, story: Story, zone: ZoneInfo) -> Row:
    replied, since = turn["replied"], turn["since"]
    names = ("conversation_key", "topic", "initiated_by")
    return {name: conversation[name] for name in names} | labels_of("start", since, zone) | {
        "is_first": turn["first"],
        "is_answered": replied is not None,
        "is_censored": turn["open"],
        "reply_us": None if replied is None else replied - since,
        "reply_business_us": None,
        "lasted_us": states.lasted(turn, story),
        "lasted_business_us": None,
        "is_after_parking": any(begin <= since <= end for begin, end in states.pauses(story)),
        "target_us": None,
        "is_target_on_calendar": False,
    }  # fmt: skip
