"""Waits, pauses, transfers and the backlog of a story in plain Python, instant by instant.

As the rest of the oracle it is written from the definitions: what holds at an instant is read off the events
before it, and no interval is computed that could be looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from tests.property.facts.oracle import Leg, Story

HOLDS = ("accepted", "resumed", "parked", "snoozed", "transferred", "closed")
LEAVES = {
    "accepted": "accepted",
    "resumed": "accepted",
    "queued": "moved",
    "abandoned": "abandoned",
    "closed": "closed",
}


@dataclass(frozen=True)
class State:
    """What a conversation is at an instant between events."""

    is_open: bool
    is_with_humans: bool
    agent: str | None
    is_assigned: bool
    is_parked: bool
    awaiting_since: int | None


def positive(later: int | None, earlier: int | None) -> int | None:
    """A duration, unless it is unknown or runs backwards."""
    if later is None or earlier is None or later < earlier:
        return None
    return later - earlier


def durations(story: Story) -> dict[str, int | None]:
    """The parts of the first response and other durations, by column."""
    start, queued, accepted = story.row["created_at_us"], story.queued, story.accepted
    human = None if story.left is not None else story.first_human
    handoff = min(story.times("bot_handoff"), default=None)
    customer, bot = (
        min((m["timestamp_us"] for m in story.messages if m["sender_type"] == who and not m.get("is_auto")),
            default=None) for who in ("customer", "bot")
    )  # fmt: skip
    anybody = min((at for at in (bot, story.first_human) if at is not None), default=None)
    closes = story.times("closed")
    is_waiting = queued is not None and accepted is None and story.left is None and story.ended is None
    return {
        "before_queue_us": positive(queued, start),
        "frt_bot_us": positive(bot, customer),
        "frt_any_us": positive(anybody, customer),
        "frt_start_us": positive(human, start),
        "frt_handoff_us": positive(human, handoff),
        "pickup_to_reply_us": positive(story.first_human, accepted),
        "waiting_us": positive(story.as_of, queued) if is_waiting else None,
        "reopen_gap_us": min(story.returns) - min(closes) if story.returns else None,
        "parked_us": sum(end - begin for begin, end in pauses(story)),
    }


def holds(story: Story) -> list[tuple[int, str, str | None]]:
    return [event for event in story.events if event[1] in HOLDS]


def pauses(story: Story) -> list[tuple[int, int]]:
    """Parked from the event until the next one about who holds the conversation."""
    events = holds(story)
    last = story.as_of if story.ended is None else story.ended
    ends = [*(at for at, _, _ in events[1:]), last]
    return [
        (at, end)
        for (at, kind, _), end in zip(events, ends, strict=False)
        if kind in ("parked", "snoozed") and end > at
    ]


def transfers(story: Story) -> tuple[int, int]:
    """Legs that passed the conversation on, and how many of them into a queue."""
    events = holds(story)
    ends: list[int | None] = [*(at for at, _, _ in events[1:]), None]
    passed = [(*events[leg.passed][:2], ends[leg.passed]) for leg in story.legs if leg.passed is not None]
    queued = [
        any(
            at <= q and (end is None or q <= end) and not (kind in ("accepted", "resumed") and q == at)
            for q in story.times("queued")
        )
        for at, kind, end in passed
    ]
    return len(passed), sum(queued)


def returns(story: Story) -> int:
    """Legs that came by transfer to an agent who had held the conversation before another did."""
    named = [leg for leg in story.legs if leg.agent is not None]
    return sum(
        named[i - 1].end == "transferred"
        and named[i - 1].agent != leg.agent
        and any(earlier.agent == leg.agent for earlier in named[: i - 1])
        for i, leg in enumerate(named)
        if i
    )


def is_silent(story: Story) -> bool:
    """Accepted and closed, and the customer wrote nothing after the accept."""
    accepted = story.accepted
    said = [
        m["timestamp_us"]
        for m in story.messages
        if m["sender_type"] == "customer" and m.get("visibility") != "private"
    ]
    return accepted is not None and story.closed is not None and all(at <= accepted for at in said)


def idle_tail(story: Story, leg: Leg) -> int:
    """Held time after the last message, where a close ended the leg."""
    if leg.end != "closed":
        return 0
    released = max((end for _, end in leg.spans), default=leg.accepted)
    said = [at for at, _, _, item in story.items() if item != "end" and leg.accepted <= at <= released]
    silence = max(said, default=leg.accepted)
    return sum(max(0, end - max(begin, silence)) for begin, end in leg.spans)


def entries(story: Story) -> list[tuple[int, int, str]]:
    """Each entry into a queue: when, until when, and how it ended."""
    events = [event for event in story.events if event[1] in LEAVES]
    found = []
    for position, (at, kind, _) in enumerate(events):
        if kind == "queued" and at == story.queued and story.accepted_early is not None:
            found.append((at, at, "accepted"))
        elif kind == "queued":
            after = events[position + 1] if position + 1 < len(events) else None
            found.append((at, after[0], LEAVES[after[1]]) if after else (at, story.as_of, "waiting"))
    return found


def lasted(turn: dict[str, Any], story: Story) -> int | None:
    """How long a turn waited: to the reply, else to its end, else until as_of."""
    end = turn["replied"] if turn["replied"] is not None else turn["ended"]
    return positive(story.as_of if end is None else end, turn["since"])


def state_at(story: Story, instant: Fraction) -> State:
    """What the conversation is just at an instant at which nothing happens."""
    before = [event for event in story.events if event[0] < instant]
    begun = story.row["created_at_us"] < instant or bool(before)
    is_open = begun
    for at, kind, _ in before:
        if kind == "closed":
            is_open = False
        elif kind in ("reopened", "resumed", "accepted", "queued"):
            is_open = True
        is_open = is_open and not _has_left(story, at, before, instant)
    agent, is_assigned, is_parked = None, False, False
    for _, kind, who in [event for event in before if event[1] in HOLDS]:
        is_parked = kind in ("parked", "snoozed")
        if kind in ("accepted", "resumed"):
            agent = who if kind == "accepted" or who is not None else agent
            is_assigned = True
        elif kind in ("transferred", "closed"):
            is_assigned = False
    reached = [at for at in (story.queued, story.accepted) if at is not None]
    waiting = [t["since"] for t in story.turns() if t["since"] < instant and _is_owed(t, instant)]
    return State(
        is_open=is_open,
        is_with_humans=bool(reached) and min(reached) < instant,
        agent=agent if is_assigned else None,
        is_assigned=is_assigned,
        is_parked=is_parked,
        awaiting_since=max(waiting, default=None),
    )


def _has_left(story: Story, at: int, before: list[Any], instant: Fraction) -> bool:
    """The customer has left the queue, and nothing happened after that by the instant."""
    left = story.left
    if left is None or left >= instant or at > left:
        return False
    return not any(
        when > left for when, kind, _ in before if kind in ("reopened", "resumed", "accepted", "queued")
    )


def _is_owed(turn: dict[str, Any], instant: Fraction) -> bool:
    end = turn["replied"] if turn["replied"] is not None else turn["ended"]
    return turn["open"] or (end is not None and end > instant)
