"""Facts worked out in plain Python from the definitions, second by second where need be.

Written without a look at the SQL: conversations are walked through event by event, times are integers,
shares are exact fractions, and loads are read off in the middle of each elementary stretch.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.unit.facts.desk import Desk

ORDER = (
    "created", "parked", "snoozed", "transferred", "queued", "assigned", "missed", "accepted", "resumed",
    "reopened", "bot_handoff", "escalated", "wrapup_started", "wrapup_ended", "abandoned", "survey_sent",
)  # fmt: skip


@dataclass
class Leg:
    agent: str | None
    accepted: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    end: str = "open"
    passed: int | None = None
    """Place, among the events about who holds the conversation, where it was passed on."""
    wrapup: int = 0

    @property
    def open_us(self) -> int:
        return sum(end - start for start, end in self.spans)


@dataclass
class Story:
    """A conversation as it was known at as_of."""

    key: str
    row: dict[str, Any]
    events: list[tuple[int, str, str | None]]
    messages: list[dict[str, Any]]
    as_of: int
    legs: list[Leg] = field(default_factory=list)
    queue_inferred: bool = False

    def times(self, *kinds: str) -> list[int]:
        return [at for at, kind, _ in self.events if kind in kinds]

    def human(self, message: dict[str, Any]) -> bool:
        return (
            message["sender_type"] == "agent"
            and not message.get("is_auto")
            and message.get("visibility") != "private"
        )

    @property
    def queued(self) -> int | None:
        return min(self.times("queued"), default=None)

    @property
    def closed(self) -> int | None:
        """The last close, unless something happened after it."""
        closes = self.times("closed")
        if not closes:
            return None
        last = max(closes)
        alive = self.times("resumed", "accepted", "queued")
        if any(at > last for at in alive) or any(at >= last for at in self.times("reopened")):
            return None
        return last

    @property
    def returns(self) -> list[int]:
        """Instants at which a closed conversation was open again, by whatever happened."""
        found, is_closed = [], False
        for at, kind, _ in self.events:
            if kind == "closed":
                is_closed = True
            elif is_closed and kind in ("reopened", "resumed", "accepted", "queued"):
                found.append(at)
                is_closed = False
        return found

    @property
    def replies(self) -> list[int]:
        return [m["timestamp_us"] for m in self.messages if self.human(m)]

    @property
    def accepted_early(self) -> int | None:
        """An accept that another clock puts up to 5 s before the queue, where nothing else explains it."""
        queued = self.queued
        if queued is None or self.times("abandoned") or any(at >= queued for at in self.times("accepted")):
            return None
        others = self.times("closed", "reopened", "parked", "snoozed", "resumed", "transferred")
        early = [at for at in self.times("accepted") if queued - 5_000_000 <= at < queued]
        return None if any(at <= queued for at in others) else max(early, default=None)

    @property
    def left(self) -> int | None:
        """When the customer left the queue before anyone accepted or wrote."""
        queued = self.queued
        if queued is None or self.accepted_early is not None:
            return None
        kinds = ("abandoned",) if self.queue_inferred else ("abandoned", "closed")
        exits = [at for at in self.times(*kinds) if at >= queued]
        if not exits:
            return None
        served = [at for at in (*self.times("accepted"), *self.replies) if queued <= at <= min(exits)]
        return None if served else min(exits)

    @property
    def accepted(self) -> int | None:
        queued = self.queued
        if self.left is not None:
            return None
        if self.accepted_early is not None:
            return self.accepted_early
        return min((at for at in self.times("accepted") if queued is None or at >= queued), default=None)

    @property
    def ended(self) -> int | None:
        if self.closed is not None:
            return self.closed
        left = self.left
        if left is None or any(at > left for at in self.times("reopened", "resumed", "accepted", "queued")):
            return None
        return left

    @property
    def first_human(self) -> int | None:
        queued = self.queued
        return min((at for at in self.replies if queued is None or at >= queued), default=None)

    def items(self) -> list[tuple[int, int, str, str]]:
        """Customer messages, human replies and ends in order."""
        said = [
            (m["timestamp_us"], 0, m["message_id"], "reply" if self.human(m) else "customer")
            for m in self.messages
            if self.human(m) or (m["sender_type"] == "customer" and m.get("visibility") != "private")
        ]
        return sorted(
            said + [(at, 1, kind, "end") for at, kind, _ in self.events if kind in ("closed", "abandoned")]
        )

    def turns(self) -> list[dict[str, Any]]:
        """Turns that wait for a human: asked, since, replied, first."""
        found: list[dict[str, Any]] = []
        asked: int | None = None
        replies = 0
        queued = self.queued
        for at, _, _, item in [*self.items(), (self.as_of + 1, 2, "", "now")]:
            if item == "customer":
                asked = at if asked is None else asked
                continue
            if asked is not None:
                ended = self.ended if item == "now" else at
                in_queue = queued is not None and (ended is None or ended >= queued)
                if in_queue or item == "reply" or replies:
                    found.append({
                        "asked": asked,
                        "since": max(asked, queued) if in_queue and queued is not None else asked,
                        "replied": at if item == "reply" else None,
                        "ended": ended,
                        "in_queue": in_queue,
                        "open": item == "now" and self.ended is None,
                    })  # fmt: skip
            asked = None
            replies += item == "reply"
        firsts = [turn for turn in found if turn["in_queue"]]
        for turn in found:
            turn["first"] = bool(firsts) and turn is firsts[0]
        return found

    def owed_at(self, instant: Fraction) -> bool:
        """Whether the last thing said or done before an instant was a customer's message."""
        before = [item for item in self.items() if item[0] < instant]
        return bool(before) and before[-1][3] == "customer"

    def recent_at(self, instant: Fraction, recent_us: int) -> bool:
        return any(item[0] < instant < item[0] + recent_us for item in self.items() if item[3] != "end")


def stories(desk: Desk, as_of: int) -> dict[str, Story]:
    """Every conversation, with its legs walked through."""
    events, messages = defaultdict(list), defaultdict(list)
    for row in desk.tables.get("events", []):
        if row["timestamp_us"] <= as_of:
            events[row["conversation_id"]].append(
                (row["timestamp_us"], row["event_type"], row.get("agent_id"))
            )
    for row in desk.tables.get("messages", []):
        if row["timestamp_us"] <= as_of:
            messages[row["conversation_id"]].append(row)
    told = {}
    for row in desk.tables["conversations"]:
        name = row["conversation_id"]
        if row["created_at_us"] <= as_of:
            told[name] = Story(name, row, in_order(events[name]), messages[name], as_of)
            _walk(told[name])
    return told


def in_order(events: list[tuple[int, str, str | None]]) -> list[tuple[int, str, str | None]]:
    """A close comes last at its instant, unless the conversation is reopened at that instant."""
    reopened = {at for at, kind, _ in events if kind == "reopened"}

    def rank(event: tuple[int, str, str | None]) -> tuple[int, float, str]:
        at, kind, who = event
        if kind == "closed":
            return at, (0.5 if at in reopened else 99), who or ""
        return at, ORDER.index(kind), who or ""

    return sorted(events, key=rank)


def _walk(story: Story) -> None:
    leg: Leg | None = None
    since: int | None = None
    released = True
    wraps: dict[str | None, int] = {}
    place = -1
    for at, kind, who in story.events:
        place += kind in ("accepted", "resumed", "parked", "snoozed", "transferred", "closed")
        if kind in ("accepted", "resumed"):
            agent = who if kind == "accepted" or who is not None else (leg.agent if leg else None)
            _release(leg, since, at)
            if leg is None or released or agent != leg.agent:
                if leg is not None and leg.end == "open":
                    leg.end, leg.passed = "transferred", place - 1
                leg = Leg(agent, at)
                story.legs.append(leg)
            since, released = at, False
        elif kind in ("parked", "snoozed", "transferred", "closed"):
            _release(leg, since, at)
            since = None
            if kind in ("transferred", "closed"):
                released = True
                if leg is not None and leg.end == "open":
                    leg.end = kind
                    leg.passed = place if kind == "transferred" else None
        elif kind == "wrapup_started":
            wraps[who] = at
        elif kind == "wrapup_ended" and who in wraps:
            started = wraps.pop(who)
            own = [done for done in story.legs if done.agent == who and done.accepted <= started]
            if own:
                own[-1].wrapup += at - started
    _release(leg, since, story.as_of)


def _release(leg: Leg | None, since: int | None, at: int) -> None:
    if leg is not None and since is not None and at > since:
        leg.spans.append((since, at))


@dataclass
class Loads:
    """Seconds at each number of chats per agent, and what each leg got of it, in exact microseconds."""

    at_open: dict[tuple[str, int], int]
    at_active: dict[tuple[str, int], int]
    engaged: dict[tuple[str, int], Fraction]
    effort: dict[tuple[str, int], Fraction]
    active: dict[tuple[str, int], int]


def loads(told: dict[str, Story], recent_us: int) -> Loads:
    """Every agent's time, cut wherever anything happens."""
    result = Loads(
        defaultdict(int), defaultdict(int), defaultdict(Fraction), defaultdict(Fraction), defaultdict(int)
    )
    held: dict[str, list[tuple[Story, int, int, int]]] = defaultdict(list)
    for story in told.values():
        for number, leg in enumerate(story.legs):
            for start, end in leg.spans:
                if leg.agent is not None:
                    held[leg.agent].append((story, number, start, end))
    for agent, spans in held.items():
        cuts = {instant for _, _, start, end in spans for instant in (start, end)}
        for story, _, _, _ in spans:
            cuts |= {at + shift for at, _, _, _ in story.items() for shift in (0, recent_us)}
        for start, end in pairwise(sorted(cuts)):
            middle, length = Fraction(start + end, 2), end - start
            now = [(story, number) for story, number, s, e in spans if s < middle < e]
            owed = [(story, number) for story, number in now if story.owed_at(middle)]
            active = [pair for pair in now if pair in owed or pair[0].recent_at(middle, recent_us)]
            if now:
                result.at_open[agent, len(now)] += length
                result.at_active[agent, len(active)] += length
            for story, number in now:
                result.engaged[story.key, number] += Fraction(length, len(now))
            for story, number in owed:
                result.effort[story.key, number] += Fraction(length, len(owed))
            for story, number in active:
                result.active[story.key, number] += length
    return result


def gaps(
    told: dict[str, Story], contacts: list[dict[str, Any]], as_of: int
) -> dict[str, tuple[int | None, ...]]:
    """Per conversation: to the next contact on the issue, the next at all, the next chat, since the last."""
    known = [
        (story.row["created_at_us"], f"s/a/{name}", story.row["customer_key"], story.row.get("topic"))
        for name, story in told.items()
        if story.row["customer_key"]
        and not story.row.get("is_test")
        and story.row.get("initiated_by") != "agent"
    ]
    known += [
        (row["created_at_us"], f"s/a/{row['contact_id']}", row["customer_key"], row["topic"])
        for row in contacts
        if row["created_at_us"] <= as_of
    ]
    found: dict[str, tuple[int | None, ...]] = {}
    for name, story in told.items():
        start, key = story.row["created_at_us"], f"s/a/{name}"
        mine = [c for c in known if c[2] == story.row["customer_key"] and c[1] != key]
        if not any(c[1] == key for c in known):
            found[name] = (None, None, None, None)
            continue
        topic = story.row.get("topic")
        issue = [c for c in mine if topic is None or c[3] is None or c[3] == topic]
        closes = story.times("closed")
        first_close = min(closes, default=as_of)
        after = [
            min((c[0] - first_close for c in pool if c[0] > first_close), default=None)
            for pool in (issue, mine, [c for c in issue if c[1].removeprefix("s/a/") in told])
        ]
        before = min((start - c[0] for c in issue if (c[0], c[1]) < (start, key)), default=None)
        found[name] = (*after, before)
    return found
