"""Compiled life of a conversation: queue, acceptance, turns, transfer, parking, close, return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast_sample_data import engine as e
from staffcast_sample_data import floor as f
from staffcast_sample_data import layout as z
from staffcast_sample_data import timers as t
from staffcast_sample_data.reference import compiled

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Desk, Number, Tables, Whole

IDLE_NOTICE_MS = 120_000
SHORTEST_THINK_MS = 2_000
REROUTE_MS = 100


@compiled
def enqueue(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """The conversation enters its queue; the patience clock runs on the first entry only."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_QUEUED
    conversation[z.C_QUEUED] = at
    e.emit(s, c, at, z.QUEUED, z.NOBODY, z.NO_DETAIL)
    if conversation[z.C_FIRST_QUEUED] < 0:
        conversation[z.C_FIRST_QUEUED] = at
        conversation[z.C_QUEUE0] = conversation[z.C_QUEUE]
        patience = e.exponential_ms(s, x.patience_ms[conversation[z.C_QUEUE]])
        conversation[z.C_SILENT] = 1 if e.chance(s, x.knob[z.B_SILENT]) else 0
        e.set_timer(s, at + patience, t.ABANDON, c, t.ALWAYS)
    e.set_timer(s, at, t.ROUTE, c, t.AT_THE_END)


@compiled
def come_again(s: Tables, x: Desk, c: Whole, at: Whole, share: Number) -> None:
    """With a probability the same customer returns with the same issue, by chat, phone or email."""
    if not e.chance(s, share):
        return
    conversation = s.conversation[c]
    delay = e.lognormal_ms(s, x.knob[z.B_REPEAT_DELAY], x.knob[z.B_REPEAT_SIGMA])
    back = e.into_hours(s, x, conversation[z.C_QUEUE0], at + delay)
    draw = e.uniform(s)
    if draw >= x.knob[z.B_REPEAT_CHAT]:
        by_phone = draw < x.knob[z.B_REPEAT_CHAT] + x.knob[z.B_REPEAT_PHONE]
        if conversation[z.C_CUSTOMER] >= 0:
            e.add_contact(
                s,
                conversation[z.C_CUSTOMER],
                z.PHONE if by_phone else z.EMAIL,
                back,
                conversation[z.C_TOPIC],
                c,
            )
        return
    new = s.n[z.N_CONV]
    if new + 1 >= s.conversation.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_CONV] = new + 1
    for column in (z.C_CUSTOMER, z.C_TOPIC, z.C_MODE, z.C_PRIORITY):
        s.conversation[new, column] = conversation[column]
    s.conversation[new, z.C_QUEUE] = conversation[z.C_QUEUE0]
    s.conversation[new, z.C_QUEUE0] = conversation[z.C_QUEUE0]
    s.conversation[new, z.C_PARENT] = c
    s.conversation[new, z.C_KIND] = z.K_INBOUND
    e.set_timer(s, back, t.CREATE, new, t.ALWAYS)


@compiled
def finish(s: Tables, x: Desk, c: Whole, at: Whole, reason: Whole) -> None:
    """The conversation closes; what the customer thinks of it decides on a return."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_DONE
    conversation[z.C_VERSION] += 1
    conversation[z.C_CLOSED] = at
    conversation[z.C_REASON] = reason
    if conversation[z.C_FIRST_CLOSED] >= 0:
        return
    conversation[z.C_FIRST_CLOSED] = at
    if conversation[z.C_KIND] != z.K_INBOUND:
        return
    if conversation[z.C_ABANDONED] >= 0:
        come_again(s, x, c, at, x.knob[z.B_REPEAT_ABANDONED])
    elif conversation[z.C_RESOLVED] == 0 and conversation[z.C_ESCALATED] <= 0:
        come_again(s, x, c, at, x.knob[z.B_REPEAT_UNRESOLVED])
    else:
        come_again(s, x, c, at, x.knob[z.B_REPEAT_RESOLVED])


@compiled
def bot_done(s: Tables, x: Desk, c: Whole, at: Whole, to_human: Whole) -> None:
    """The bot dialogue is over: hand over to the queue, or close."""
    conversation = s.conversation[c]
    if to_human == 1:
        e.emit(s, c, at, z.BOT_HANDOFF, z.NOBODY, z.NO_DETAIL)
        e.set_timer(s, at + e.uniform_ms(s, 0.05, 0.4), t.ENQUEUE, c, t.ALWAYS)
        return
    outcome = conversation[z.C_OUTCOME]
    share = x.knob[z.B_RESOLVE_CONFIRMED + outcome - 1]
    conversation[z.C_RESOLVED] = 1 if e.chance(s, share) else 0
    e.emit(s, c, at, z.CLOSED, z.NOBODY, z.BY_BOT)
    finish(s, x, c, at, z.BY_BOT)


@compiled
def give_up(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """Patience ends: the customer leaves, or is gone without the desk knowing until a timeout."""
    conversation = s.conversation[c]
    state = conversation[z.C_STATE]
    if (state != z.S_QUEUED and state != z.S_RINGING) or conversation[z.C_ACCEPTED] >= 0:
        return
    if conversation[z.C_SILENT] == 1:
        conversation[z.C_SILENT] = 2
        conversation[z.C_GONE] = 1
        noticed = conversation[z.C_FIRST_QUEUED] + int(1000.0 * x.knob[z.B_SILENT_TIMEOUT])
        e.set_timer(s, max(noticed, at + 1000), t.ABANDON, c, t.ALWAYS)
        return
    reason = z.BY_TIMEOUT if conversation[z.C_GONE] == 1 else z.BY_CUSTOMER
    conversation[z.C_ABANDONED] = at
    conversation[z.C_RESOLVED] = 0
    e.emit(s, c, at, z.ABANDONED, z.NOBODY, reason)
    closed = at + e.uniform_ms(s, 0.1, 0.5)
    e.emit(s, c, closed, z.CLOSED, z.NOBODY, reason)
    finish(s, x, c, closed, reason)
    if state == z.S_RINGING:
        s.agent[conversation[z.C_AGENT], z.A_RING] -= 1
        e.call(s, conversation[z.C_AGENT], at)


@compiled
def ring_end(s: Tables, x: Desk, c: Whole, at: Whole, code: Whole) -> None:
    """An offer is accepted or missed."""
    conversation = s.conversation[c]
    if conversation[z.C_STATE] != z.S_RINGING or conversation[z.C_VERSION] != code // 2:
        return
    a = conversation[z.C_AGENT]
    s.agent[a, z.A_RING] -= 1
    if code % 2 == 0:
        accept(s, x, c, a, at)
        return
    e.emit(s, c, at, z.MISSED, a, z.NO_DETAIL)
    conversation[z.C_STATE] = z.S_QUEUED
    if f.is_idle(s, a) and s.agent[a, z.A_PENDING] < 0:
        s.agent[a, z.A_PENDING] = z.AWAY
        s.agent[a, z.A_PENDING_MS] = e.uniform_ms(s, 120.0, 600.0)
    e.set_timer(s, at + REROUTE_MS, t.ROUTE, c, t.IN_FRONT)
    e.call(s, a, at)


@compiled
def accept(s: Tables, x: Desk, c: Whole, a: Whole, at: Whole) -> None:
    """An agent takes the chat and owes it a reply."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_OPEN
    conversation[z.C_AGENT] = a
    if conversation[z.C_ACCEPTED] < 0:
        conversation[z.C_ACCEPTED] = at
    e.start_leg(s, c, a, at)
    e.emit(s, c, at, z.ACCEPTED, a, z.NO_DETAIL)
    e.take_slot(s, c, a, at)
    if e.chance(s, x.knob[z.B_AUTO_GREETING]):
        e.say_as(s, c, at + e.uniform_ms(s, 0.1, 0.4), a, z.W_AUTO_GREETING, z.F_AUTO)
    f.owe(s, a, z.JOB_REPLY, c, conversation[z.C_OWED], at)


@compiled
def release(s: Tables, c: Whole, at: Whole) -> Whole:
    """End the leg of the present agent and free its slot if it holds one; returns the agent."""
    conversation = s.conversation[c]
    a = conversation[z.C_AGENT]
    s.leg[conversation[z.C_LEG], z.L_RELEASED] = at
    if conversation[z.C_SPAN] >= 0:
        e.free_slot(s, c, a, at, 1)
    return int(a)


@compiled
def transfer(s: Tables, x: Desk, c: Whole, at: Whole, to_queue: Whole, detail: Whole) -> None:
    """The conversation leaves its agent for a queue."""
    conversation = s.conversation[c]
    a = conversation[z.C_AGENT]
    e.emit(s, c, at, z.TRANSFERRED, a, detail)
    e.aim(s, to_queue, z.NO_CHANNEL)
    release(s, c, at)
    conversation[z.C_VERSION] += 1
    conversation[z.C_QUEUE] = to_queue
    conversation[z.C_TRANSFERS] += 1
    enqueue(s, x, c, at)
    e.call(s, a, at)


@compiled
def close(s: Tables, x: Desk, c: Whole, at: Whole, reason: Whole) -> None:
    """The agent or the platform closes a conversation; the agent wraps up a settled one."""
    conversation = s.conversation[c]
    a = conversation[z.C_AGENT]
    held = conversation[z.C_SPAN] >= 0
    if conversation[z.C_FIRST_CLOSED] < 0:
        settled = x.topic[conversation[z.C_TOPIC], z.T_RESOLVE] + x.quality[a]
        if conversation[z.C_GONE] == 1 or conversation[z.C_ESCALATED] > 0:
            settled = 0.0
        conversation[z.C_RESOLVED] = 1 if e.chance(s, settled) else 0
    e.emit(s, c, at, z.CLOSED, a, reason)
    release(s, c, at)
    finish(s, x, c, at, reason)
    if not held:
        return
    if reason != z.BY_INACTIVITY and e.chance(s, x.knob[z.B_WRAP]):
        f.owe(s, a, z.JOB_WRAP, c, at, at)
    unanswered = conversation[z.C_OWED] >= 0
    if reason == z.BY_RESOLVED and not unanswered and e.chance(s, x.knob[z.B_REOPEN]):
        delay = e.lognormal_ms(s, x.knob[z.B_REOPEN_DELAY], 1.0)
        e.set_timer(
            s,
            e.into_hours(s, x, conversation[z.C_QUEUE], at + delay),
            t.REOPEN,
            c,
            conversation[z.C_VERSION],
        )
    e.call(s, a, at)


@compiled
def end(s: Tables, x: Desk, c: Whole, at: Whole, kind: Whole) -> None:
    """A close comes due: by the agent, or by the platform because of silence."""
    if kind == t.IDLE:
        e.say(s, c, at - IDLE_NOTICE_MS, z.SYSTEM, z.W_IDLE_NOTICE, z.F_AUTO)
    if kind != t.CLOSE:
        close(s, x, c, at, z.BY_INACTIVITY)
    elif s.conversation[c, z.C_ESCALATED] > 0:
        close(s, x, c, at, z.BY_ESCALATION)
    else:
        close(s, x, c, at, z.BY_RESOLVED)


@compiled
def expect_customer(s: Tables, x: Desk, c: Whole, at: Whole, phase: Whole) -> None:
    """The turn is the customer's: set the timers of the next message, of parking and of the close."""
    conversation = s.conversation[c]
    conversation[z.C_PHASE] = phase
    conversation[z.C_VERSION] += 1
    version = conversation[z.C_VERSION]
    messaging = conversation[z.C_MODE] == z.MESSAGING
    park_ms = int(1000.0 * x.knob[z.B_PARK])
    idle_ms = int(1000.0 * x.knob[z.B_LIVE_CLOSE])
    silent = conversation[z.C_GONE] == 1 or (phase == z.P_THANKS and not e.chance(s, x.knob[z.B_THANKS]))
    if not silent and messaging and e.chance(s, x.knob[z.B_LONG]):
        think = e.lognormal_ms(s, x.knob[z.B_LONG_THINK], x.knob[z.B_LONG_SIGMA])
    else:
        think = SHORTEST_THINK_MS + e.lognormal_ms(s, x.knob[z.B_THINK], x.knob[z.B_THINK_SIGMA])
        think = min(think, idle_ms - 1000)
    if not silent:
        e.set_timer(s, at + think, t.CUSTOMER, c, version)
    if messaging:
        if silent or think > park_ms:
            e.set_timer(s, at + park_ms, t.PARK, c, version)
    elif silent and phase == z.P_THANKS and conversation[z.C_GONE] == 0:
        e.set_timer(s, at + e.uniform_ms(s, 60.0, 180.0), t.CLOSE, c, version)
    elif silent:
        e.set_timer(s, at + idle_ms, t.IDLE, c, version)


@compiled
def customer_writes(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """A customer message arrives, with more to follow or not."""
    conversation = s.conversation[c]
    conversation[z.C_VERSION] += 1
    conversation[z.C_OWED] = at
    thanks = conversation[z.C_PHASE] == z.P_THANKS
    answers_outreach = conversation[z.C_KIND] == z.K_OUTBOUND and not thanks
    kind = z.W_OUTREACH_REPLY if answers_outreach else z.W_FOLLOW_UP
    e.say(s, c, at, z.CUSTOMER, z.W_THANKS if thanks else kind, z.PLAIN)
    if thanks and conversation[z.C_STATE] == z.S_OPEN and not e.chance(s, x.knob[z.B_FAREWELL]):
        e.set_timer(s, at + e.uniform_ms(s, 15.0, 60.0), t.CLOSE, c, conversation[z.C_VERSION])
        return
    if thanks:
        conversation[z.C_PHASE] = z.P_FAREWELL
    ready = at
    while not thanks and e.chance(s, x.knob[z.B_BURST]):
        ready += e.lognormal_ms(s, x.knob[z.B_BURST_GAP], 0.5)
        e.say(s, c, ready, z.CUSTOMER, z.W_MORE, z.PLAIN)
    e.set_timer(s, ready, t.READY, c, conversation[z.C_VERSION])


@compiled
def customer_ready(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """The customer has said all: the agent owes a reply, or a parked thread looks for one."""
    conversation = s.conversation[c]
    a = conversation[z.C_AGENT]
    if conversation[z.C_STATE] == z.S_OPEN:
        f.owe(s, a, z.JOB_REPLY, c, conversation[z.C_OWED], at)
    elif s.agent[a, z.A_STATUS] == z.OFFLINE or s.agent[a, z.A_PENDING] == z.OFFLINE:
        transfer(s, x, c, at, conversation[z.C_QUEUE], z.BY_OFFLINE)
    elif f.has_room(s, x, a):
        f.resume(s, c, a, at)
    else:
        f.wait_for_agent(s, c, a)


@compiled
def park(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """A silent thread gives its slot back and waits for the customer."""
    conversation = s.conversation[c]
    a = conversation[z.C_AGENT]
    e.emit(s, c, at, z.PARKED, a, z.NO_DETAIL)
    e.free_slot(s, c, a, at, 0)
    conversation[z.C_STATE] = z.S_PARKED
    s.leg[conversation[z.C_LEG], z.L_PARKED] += 1
    expire = int(1000.0 * x.knob[z.B_EXPIRE])
    e.set_timer(s, at + expire, t.EXPIRE, c, conversation[z.C_VERSION])
    e.call(s, a, at)


@compiled
def reopen(s: Tables, c: Whole, at: Whole) -> None:
    """The customer writes again in a closed conversation."""
    conversation = s.conversation[c]
    conversation[z.C_VERSION] += 1
    conversation[z.C_CLOSED] = -1
    conversation[z.C_STATE] = z.S_NEW
    conversation[z.C_REOPENS] += 1
    conversation[z.C_REOPENED_AT] = at
    conversation[z.C_PHASE] = z.P_ISSUE
    conversation[z.C_TURNS] = e.draw_turns(s, 1.6)
    conversation[z.C_OWED] = at
    e.emit(s, c, at, z.REOPENED, z.NOBODY, z.NO_DETAIL)
    e.say(s, c, at, z.CUSTOMER, z.W_COME_BACK, z.PLAIN)
    e.set_timer(s, at + e.uniform_ms(s, 0.1, 0.5), t.ENQUEUE, c, t.ALWAYS)
