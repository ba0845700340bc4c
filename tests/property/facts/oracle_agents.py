"""Agents' time and what it costs in plain Python, instant by instant.

Written from the definitions: time is cut wherever anything happens, and what holds between two cuts is asked
in the middle: which status and which activity, which chats, and what follows from them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.property.facts.oracle import Story
    from tests.unit.facts.desk import Desk

QUARTER = 900_000_000
DAY = 86_400_000_000
HOUR = 3_600_000_000
AVAILABLE = {"available", "online", "ready", "busy", "in_chat", "on_queue"}
CHAT_WORK = {
    "shift",
    "chat",
    "chats",
    "live_chat",
    "messaging",
    "work",
    "working",
    "available",
    "on_queue",
    "queue",
}

Row = dict[str, Any]
Held = tuple["Story", int, int, int]


@dataclass(frozen=True)
class Moment:
    """What is true of an agent between two cuts."""

    status: str | None
    activity: str | None
    category: str | None
    paid: str | None
    planned: str | None
    is_productive: bool
    is_presence_known: bool
    is_plan_known: bool
    is_adherent: bool
    k_open: int
    k_active: int
    slots: int

    @property
    def is_anything(self) -> bool:
        return self.status is not None or self.activity is not None or self.k_open > 0


@dataclass(frozen=True)
class Piece:
    start: int
    end: int
    moment: Moment


class Agents:
    """Everything that is known of the agents of a desk at ``as_of``."""

    def __init__(self, desk: Desk, told: dict[str, Story], as_of: int, recent_us: int) -> None:
        self.as_of, self.recent_us = as_of, recent_us
        self.settings = desk.settings
        self.listed = {row["agent_id"]: row for row in desk.tables.get("agents", [])}
        bots = {who for who, row in self.listed.items() if row.get("type") == "bot"}
        self.statuses = _by_agent(_with_ends(desk.tables.get("agent_status", []), as_of), bots)
        self.plans = _by_agent(desk.tables.get("schedules", []), bots)
        self.held: dict[str, list[Held]] = defaultdict(list)
        for story in told.values():
            for number, leg in enumerate(story.legs):
                for start, end in leg.spans:
                    if leg.agent is not None:
                        self.held[leg.agent].append((story, number, start, end))
        begun = min(story.row["created_at_us"] for story in told.values())
        self.calendar_from = begun - begun % DAY - 2 * DAY

    def names(self) -> set[str]:
        return {*self.statuses, *self.plans, *self.held}

    def elements(self, who: str) -> list[Piece]:
        """The agent's time, cut wherever anything happens, also where it changes nothing."""
        found = [
            Piece(start, end, self.moment(who, Fraction(start + end, 2)))
            for start, end in pairwise(self._cuts(who))
        ]
        return [piece for piece in found if piece.moment.is_anything]

    def pieces(self, who: str) -> list[Piece]:
        """The same as long stretches as nothing changes, cut at quarter-hours."""
        return joined(self.elements(who))

    def _cuts(self, who: str) -> list[int]:
        cuts = {self.as_of, self.calendar_from}
        for row in (*self.statuses.get(who, []), *self.plans.get(who, [])):
            cuts |= {row["started_at_us"], row["ended_at_us"]}
        for story, _, start, end in self.held.get(who, []):
            cuts |= {start, end}
            cuts |= {at + shift for at, _, _, _ in story.items() for shift in (0, self.recent_us)}
        cuts |= set(range(self.calendar_from, self.as_of, QUARTER))
        return sorted(cut for cut in cuts if self.calendar_from <= cut <= self.as_of)

    def chats(self, who: str, at: Fraction) -> list[tuple[Story, int]]:
        return [(story, number) for story, number, start, end in self.held.get(who, []) if start < at < end]

    def moment(self, who: str, at: Fraction) -> Moment:
        status = _holding(self.statuses.get(who, []), at, "status")
        plan = _holding(self.plans.get(who, []), at, "activity")
        label = status and status["status"]
        activity = plan and plan["activity"]
        productive = label is not None and label.lower() in AVAILABLE
        presence_known = any(row["started_at_us"] <= at for row in self.statuses.get(who, []))
        for_chats = activity is not None and activity.lower() in CHAT_WORK
        away = for_chats and presence_known and not productive
        category = "away" if away else None if activity is None or for_chats else activity.lower()
        now = self.chats(who, at)
        active = [story for story, _ in now if story.owed_at(at) or story.recent_at(at, self.recent_us)]
        return Moment(
            status=label,
            activity=activity,
            category=category,
            paid=None if plan is None else {True: "paid", False: "unpaid", None: None}[plan.get("paid")],
            planned=None if plan is None else _planned(plan, away=away),
            is_productive=productive,
            is_presence_known=presence_known,
            is_plan_known=any(row["started_at_us"] <= at for row in self.plans.get(who, [])),
            is_adherent=activity is not None and presence_known and for_chats == productive,
            k_open=len(now),
            k_active=len(active),
            slots=self.listed.get(who, {}).get("max_concurrency") or self.settings["concurrency_limit"],
        )

    def cost(self, who: str, piece: Piece) -> int | None:
        """Millionths of the currency for a piece of one agent's time."""
        hourly = self.listed.get(who, {}).get("hourly_cost") or self.settings["agent_hourly_cost"]
        if not hourly or not piece.moment.is_plan_known:
            return None
        if piece.moment.activity is None or piece.moment.paid == "unpaid":
            return 0
        return None if piece.moment.paid is None else (piece.end - piece.start) * round(hourly * 1e6) // HOUR

    def shares(self, who: str) -> dict[str, dict[tuple[str, int], Fraction]]:
        """By UTC date: what each leg took of the agent's busy time."""
        found: dict[str, dict[tuple[str, int], Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for piece in self.elements(who):
            now = self.chats(who, Fraction(piece.start + piece.end, 2))
            for story, number in now:
                found[date_of(piece.start)][story.key, number] += Fraction(piece.end - piece.start, len(now))
        return found

    def load(self, who: str, key: str, number: int) -> int:
        """The number of chats at once, integrated over one leg."""
        return sum(
            (piece.end - piece.start) * piece.moment.k_open
            for piece in self.elements(who)
            if any(
                (story.key, leg) == (key, number)
                for story, leg in self.chats(who, Fraction(piece.start + piece.end, 2))
            )
        )


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces between which nothing changes, but for quarter-hours, as one."""
    found: list[Piece] = []
    for piece in pieces:
        if (
            found
            and found[-1].end == piece.start
            and found[-1].moment == piece.moment
            and piece.start % QUARTER
        ):
            found[-1] = Piece(found[-1].start, piece.end, piece.moment)
        else:
            found.append(piece)
    return found


def activity_at(agents: Agents, who: str, start: int, end: int) -> str | None:
    """What an agent is scheduled for in the middle of a stretch."""
    plan = _holding(agents.plans.get(who, []), Fraction(start + end, 2), "activity")
    return plan and str(plan["activity"])


def date_of(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d")


def _planned(plan: Row, *, away: bool) -> str:
    return "unplanned" if away or plan.get("planned") is False else "planned"


def _with_ends(rows: Iterable[Row], as_of: int) -> list[Row]:
    """A status without an end lasts until the agent's next, the last one until now."""
    ended = []
    for row in rows:
        later = [other["started_at_us"] for other in rows if other is not row and _follows(other, row)]
        end = row["ended_at_us"] if row["ended_at_us"] is not None else min(later, default=as_of)
        ended.append(row | {"ended_at_us": end, "open": row["ended_at_us"] is None and not later})
    return ended


def _follows(other: Row, row: Row) -> bool:
    key = ("started_at_us", "status")
    return other["agent_id"] == row["agent_id"] and [other[k] for k in key] > [row[k] for k in key]


def _by_agent(rows: Iterable[Row], bots: set[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["agent_id"] not in bots and row["ended_at_us"] > row["started_at_us"]:
            found[row["agent_id"]].append(row)
    return found


def _holding(rows: list[Row], at: Fraction, name: str) -> Row | None:
    """Of the rows that cover an instant the one that began last; of these the one that ends first."""
    covering = [row for row in rows if row["started_at_us"] < at < row["ended_at_us"]]
    return min(covering, key=lambda row: (-row["started_at_us"], row["ended_at_us"], row[name]), default=None)
