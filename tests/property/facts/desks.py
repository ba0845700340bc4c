"""Random small desks: few agents, a coarse grid of instants, every kind of event, so that edges meet."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.unit.facts.desk import Chat, Desk

STEPS = (0, 0, 5, 5, 20, 60, 300, 905)
AGENTS = ("anna", "bea", "cleo")
QUEUES = ("support", "sales", None)
TOPICS = ("login", "billing", None)

step = st.sampled_from(STEPS)
agent = st.sampled_from(AGENTS)


def _wait_in_queue(draw: st.DrawFn, chat: Chat, at: int) -> tuple[int, str]:
    if draw(st.integers(0, 5)) == 0:
        chat.accepted(at - draw(st.sampled_from((2, 5, 6))), draw(agent))
    chat.queued(at, draw(st.sampled_from(QUEUES)))
    for _ in range(draw(st.integers(0, 2))):
        at += draw(step)
        draw(st.sampled_from((chat.customer, chat.bot)))(at)
    at += draw(step)
    match draw(st.sampled_from(("accept", "accept", "accept", "abandon", "close", "wait", "miss"))):
        case "accept":
            chat.accepted(at, draw(agent))
            return at, "held"
        case "miss":
            who = draw(agent)
            chat.offered(at, who).missed(at + 5, who).offered(at + 5, who).accepted(at + 10, who)
            return at + 10, "held"
        case "abandon":
            chat.abandoned(at)
            if draw(st.booleans()):
                chat.closed(at)
            return at, "closed"
        case "close":
            chat.closed(at)
            return at, "closed"
    return at, "stop"


def _hold(draw: st.DrawFn, chat: Chat, at: int) -> tuple[int, str]:
    at += draw(step)
    match draw(st.sampled_from(("customer", "customer", "agent", "agent", "auto", "note", "park", "transfer",
                                "close",
                                "close", "other", "again", "stop"))):  # fmt: skip
        case "customer":
            chat.customer(at)
        case "agent":
            chat.agent(at)
        case "auto":
            chat.agent(at, auto=True)
        case "note":
            chat.agent(at, private=True)
        case "other":
            chat.accepted(at, draw(agent))
        case "again":
            chat.accepted(at, chat.holder)
        case "park":
            chat.parked(at)
            return at, "parked"
        case "transfer":
            chat.transferred(at)
            return at, "transferred"
        case "close":
            chat.closed(at)
            return at, "closed"
        case "stop":
            return at, "stop"
    return at, "held"


def _move(draw: st.DrawFn, chat: Chat, at: int, state: str) -> tuple[int, str]:
    if state == "queue":
        return _wait_in_queue(draw, chat, at)
    if state == "held":
        return _hold(draw, chat, at)
    if state == "transferred" and draw(st.booleans()):
        chat.wrapup(at, at + draw(step), chat.holder)
    at += draw(step)
    if state == "parked":
        match draw(st.sampled_from(("resume", "resume", "other", "unnamed", "close"))):
            case "resume":
                chat.resumed(at, chat.holder)
            case "other":
                chat.resumed(at, draw(agent))
            case "unnamed":
                chat.resumed(at)
            case "close":
                chat.closed(at)
                return at, "closed"
        return at, "held"
    if state == "transferred":
        return at, "queue"
    return _after_close(draw, chat, at)


def _after_close(draw: st.DrawFn, chat: Chat, at: int) -> tuple[int, str]:
    if chat.holder and draw(st.booleans()):
        start = at + draw(step)
        chat.wrapup(start, start + draw(st.sampled_from((5, 20, 60))), chat.holder)
    if draw(st.integers(0, 3)):
        return at, "stop"
    at += draw(st.sampled_from((0, 5, 300, 86_400)))
    if draw(st.booleans()):
        chat.customer(at)
    chat.reopened(at)
    if draw(st.booleans()):
        return at, "queue"
    chat.accepted(at + draw(step), draw(agent))
    return at + 905, "held"


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    desk = Desk()
    for number in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, 60)) * 5
        chat = desk.chat(
            f"c{number}",
            at,
            customer=draw(st.sampled_from(("carl", "dora", None))),
            topic=draw(st.sampled_from(TOPICS)),
            initiated_by=draw(st.sampled_from(("customer", "customer", "customer", "proactive", "agent"))),
            is_test=draw(st.integers(0, 9)) == 0,
        ).created(at)
        if draw(st.booleans()):
            chat.customer(at)
        if draw(st.booleans()):
            chat.bot(at + draw(step))
        state = draw(st.sampled_from(("queue", "queue", "queue", "closed", "direct")))
        if state == "closed":
            chat.closed(at)
        if state == "direct":
            chat.accepted(at, draw(agent))
            state = "held"
        for _ in range(draw(st.integers(1, 14))):
            at, state = _move(draw, chat, at, state)
            if state == "stop":
                break
    for number in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, 400)) * 5
        desk.contact(
            f"p{number}",
            at,
            topic=draw(st.sampled_from(TOPICS)),
            customer=draw(st.sampled_from(("carl", "dora"))),
        )
    return desk
