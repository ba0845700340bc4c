"""The checks: what each asks the data, and the share above which the data are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHECKS", "Check", "Group"]


class Group(StrEnum):
    """What is the matter with the rows that a check finds."""

    LATE = "late"
    SKEWED = "skewed"
    INFERRED = "inferred"
    CONTRADICTORY = "contradictory"
    ORPHANED = "orphaned"
    OUTLIER = "outlier"
    PUT_ASIDE = "put aside"


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the data.

    Attributes:
        name: Its name in the result and for its threshold.
        group: What is the matter with the rows that it finds.
        meaning: What is counted.
        tables: Tables that it reads; without them it is left out.
        text: Name of its SQL file, which yields ``is_bad``, ``n_rows`` and a conversation as ``sample``.
        fail_above: Share above which the data are refused; a smaller one above 0 warns.
        names: Tables and columns filled into the text.
        values: Values bound to it, beside those of the data.
    """

    name: str
    group: Group
    meaning: str
    tables: tuple[str, ...]
    text: str
    fail_above: float
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


_FACTS = ("fact_conversation", "build_info")


def _late(table: str, instant: str) -> Check:
    return Check(
        f"late_{table}",
        Group.LATE,
        f"{table} that came after rows 30 days younger had been loaded",
        (table,),
        "late",
        fail_above=0.05,
        names={"table": table, "at": instant},
    )


def _orphans(table: str) -> Check:
    return Check(
        f"orphan_{table}",
        Group.ORPHANED,
        f"{table} of a conversation that is not in the data",
        (table, "conversations"),
        "orphans",
        fail_above=0.05,
        names={"table": table},
    )


def _backwards(table: str, first: str, last: str) -> Check:
    is_of_agents = table in ("agent_status", "schedules")
    return Check(
        f"{table}_end_before_start",
        Group.CONTRADICTORY,
        f"rows of {table} that end before they begin",
        (table,),
        "stretch_before_start" if is_of_agents else "end_before_start",
        fail_above=0.01,
        names={"table": table} if is_of_agents else {"table": table, "first": first, "last": last},
    )


def _inferred(event: str, instant: str) -> Check:
    return Check(
        f"inferred_{event}",
        Group.INFERRED,
        f"chats without an event that says when they were {event}",
        ("events", *_FACTS),
        "inferred_event",
        fail_above=1.0,
        names={"instant": instant},
        values={"event_type": event},
    )


def _differing(event: str, pick: str) -> Check:
    return Check(
        f"{event}_differs",
        Group.CONTRADICTORY,
        f"chats whose column and whose event say {event} more than a second apart",
        ("conversations", "events"),
        "instants_differ",
        fail_above=0.05,
        names={"instant": f"{event}_at", "pick": pick},
        values={"event_type": event},
    )


def _outlier(name: str, meaning: str, tables: tuple[str, ...], fail_above: float = 0.01) -> Check:
    return Check(name, Group.OUTLIER, meaning, tables, name, fail_above)


CHECKS: tuple[Check, ...] = (
    _late("conversations", "created_at"),
    _late("messages", "timestamp"),
    _late("events", "timestamp"),
    Check(
        "messages_after_close",
        Group.LATE,
        "customer messages after the close of a chat not opened again: the close holds, the wait counts",
        ("messages", "conversations", "events"),
        "after_close",
        fail_above=0.05,
        names={"table": "messages", "kind": "sender_type"},
    ),
    Check(
        "events_after_close",
        Group.LATE,
        "events after the close of a chat that was not opened again: the close holds",
        ("events", "conversations"),
        "after_close",
        fail_above=0.05,
        names={"table": "events", "kind": "event_type"},
    ),
    Check(
        "surveys_answered_late",
        Group.LATE,
        "surveys answered more than 30 days later",
        ("surveys", "conversations"),
        "surveys_answered_late",
        fail_above=0.05,
    ),
    Check(
        "future_rows",
        Group.SKEWED,
        "rows from after the moment of their load and after the data's as_of",
        ("messages", "events", "conversations", "loads", "source_config"),
        "future_rows",
        fail_above=0.01,
    ),
    Check(
        "messages_before_start",
        Group.SKEWED,
        "messages more than a second before their conversation was created",
        ("messages", "conversations"),
        "messages_before_start",
        fail_above=0.01,
    ),
    Check(
        "replies_before_question",
        Group.SKEWED,
        "replies older than the message that they answer",
        ("messages",),
        "replies_before_question",
        fail_above=0.01,
    ),
    Check(
        "agent_before_customer",
        Group.SKEWED,
        "chats opened by a customer in which a person wrote first: two clocks, or unmarked greetings",
        ("messages", "conversations"),
        "agent_before_customer",
        fail_above=0.2,
    ),
    Check(
        "accepted_before_queue",
        Group.SKEWED,
        "chats accepted up to 5 s before they were queued: two clocks; their wait is unknown",
        ("events",),
        "accepted_before_queue",
        fail_above=0.01,
    ),
    Check(
        "one_second",
        Group.SKEWED,
        "chats of four messages or more that all carry the same second",
        ("messages",),
        "one_second",
        fail_above=0.01,
    ),
    Check(
        "inferred_conversations",
        Group.INFERRED,
        "conversations known from their messages alone",
        _FACTS,
        "inferred",
        fail_above=1.0,
    ),
    _inferred("queued", "queued_at_us"),
    _inferred("accepted", "accepted_at_us"),
    _inferred("closed", "first_closed_at_us"),
    _backwards("conversations", "created_at", "closed_at"),
    _backwards("surveys", "sent_at", "responded_at"),
    _backwards("agent_status", "started_at", "ended_at"),
    _backwards("schedules", "started_at", "ended_at"),
    Check(
        "overlapping_statuses",
        Group.CONTRADICTORY,
        "statuses that begin before an earlier one of the agent has ended: while both last, the later holds",
        ("agent_status",),
        "overlapping_statuses",
        fail_above=0.05,
    ),
    Check(
        "overlapping_schedules",
        Group.CONTRADICTORY,
        "scheduled activities that begin within an earlier one and end after it: the later holds",
        ("schedules",),
        "overlapping_schedules",
        fail_above=0.05,
    ),
    Check(
        "overlapping_targets",
        Group.CONTRADICTORY,
        "targets that begin while another for the same conversations holds: the one that began later holds",
        ("targets",),
        "overlapping_targets",
        fail_above=0.5,
    ),
    Check(
        "gaps_in_targets",
        Group.CONTRADICTORY,
        "targets that begin days after the last one ended: meanwhile a more general one holds, or none",
        ("targets",),
        "gaps_in_targets",
        fail_above=0.5,
    ),
    Check(
        "costs_without_use",
        Group.CONTRADICTORY,
        "recorded costs without a readable period, or with neither amount nor unit price: counted nowhere",
        ("costs",),
        "costs_without_use",
        fail_above=0.01,
    ),
    _differing("created", "min"),
    _differing("closed", "max"),
    Check(
        "accepted_by_nobody",
        Group.CONTRADICTORY,
        "accepts that name no agent",
        ("events",),
        "accepted_by_nobody",
        fail_above=0.01,
    ),
    Check(
        "accepted_after_abandoned",
        Group.CONTRADICTORY,
        "chats accepted after their customer had left: abandoned, and what was done for them is handled work",
        ("events",),
        "accepted_after_abandoned",
        fail_above=0.01,
    ),
    Check(
        "csat_off_scale",
        Group.CONTRADICTORY,
        "ratings outside the scale: they count in no metric",
        ("surveys",),
        "csat_off_scale",
        fail_above=0.05,
    ),
    Check(
        "surveys_before_chat",
        Group.CONTRADICTORY,
        "surveys sent or answered before their chat began: the answers count",
        ("surveys", "conversations"),
        "surveys_before_chat",
        fail_above=0.01,
    ),
    Check(
        "replaced_rows",
        Group.CONTRADICTORY,
        "stored rows that a newer version of the same identifier replaced",
        ("loads",),
        "replaced_rows",
        fail_above=0.5,
    ),
    _orphans("messages"),
    _orphans("events"),
    _orphans("surveys"),
    Check(
        "surveys_without_chat",
        Group.ORPHANED,
        "surveys that name a customer but no chat: they count in no metric",
        ("surveys",),
        "surveys_without_chat",
        fail_above=0.1,
    ),
    _orphans("bot_sessions"),
    Check(
        "unknown_agents",
        Group.ORPHANED,
        "agents who wrote or took a chat but are not in the agents table",
        ("messages", "events", "agents"),
        "unknown_agents",
        fail_above=0.1,
    ),
    Check(
        "unknown_queues",
        Group.ORPHANED,
        "queues that chats entered but that are not in the queues table",
        ("conversations", "events", "queues"),
        "unknown_queues",
        fail_above=0.1,
    ),
    _outlier("long_conversations", "chats open for more than 30 days", _FACTS, fail_above=0.05),
    _outlier("long_waits", "chats that waited for more than a day", _FACTS),
    _outlier("long_handling", "chats handled for more than a day", _FACTS),
    Check(
        "over_assigned",
        Group.OUTLIER,
        "stretches in which an agent held more chats than the limit allows",
        ("fact_agent_state", *_FACTS),
        "over_assigned",
        fail_above=0.2,
    ),
    Check(
        "chats_without_messages",
        Group.OUTLIER,
        "chats without a message, of sources that record messages: they count by their events and columns",
        ("conversations", "messages"),
        "chats_without_messages",
        fail_above=0.2,
    ),
    _outlier("many_messages", "chats of a thousand messages or more", ("messages",)),
    _outlier("long_identifiers", "chats with an identifier of more than 128 characters", ("conversations",)),
    Check(
        "quarantined_rows",
        Group.PUT_ASIDE,
        "rows that could not be loaded",
        ("quarantine", "loads"),
        "quarantined_rows",
        fail_above=0.01,
    ),
)
