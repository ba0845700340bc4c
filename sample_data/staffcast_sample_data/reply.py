"""Compiled end of an agent's piece of work: what is sent, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast_sample_data import dialogue as d
from staffcast_sample_data import engine as e
from staffcast_sample_data import floor as f
from staffcast_sample_data import layout as z
from staffcast_sample_data import timers as t
from staffcast_sample_data.reference import compiled

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Desk, Tables, Whole

N_LANGUAGES = 2
TRANSFER_MARGIN_MS = 45 * z.MINUTE_MS


@compiled
def transfer_target(x: Desk, s: Tables, c: Whole, a: Whole, at: Whole) -> Whole:
    """Queue of the department that takes over this topic, or -1 if none is open or the agent has it too."""
    conversation = s.conversation[c]
    department = int(x.topic[conversation[z.C_TOPIC], z.T_TRANSFER_TO])
    if department < 0:
        return -1
    queue = department * N_LANGUAGES + conversation[z.C_QUEUE] % N_LANGUAGES
    if queue == conversation[z.C_QUEUE] or x.skill[a, queue] == 1:
        return -1
    return queue if e.is_open(x, queue, at) and e.is_open(x, queue, at + TRANSFER_MARGIN_MS) else -1


@compiled
def reply_kind(s: Tables, c: Whole, a: Whole) -> Whole:
    """Which sort of text the finished reply is."""
    conversation = s.conversation[c]
    if conversation[z.C_PHASE] == z.P_FAREWELL:
        return z.W_FAREWELL
    if s.agent[a, z.A_JOB_CANNED] == 1:
        return z.W_CANNED
    if conversation[z.C_FIRST_REPLY] < 0:
        return z.W_OUTREACH if conversation[z.C_KIND] == z.K_OUTBOUND else z.W_FIRST_REPLY
    return z.W_FINAL if conversation[z.C_TURNS] <= 1 else z.W_ANSWER


@compiled
def send_reply(s: Tables, x: Desk, c: Whole, a: Whole, started: Whole, at: Whole) -> None:
    """Write the reply, sometimes in two parts, and the co-browsing around it."""
    conversation = s.conversation[c]
    flags = z.F_CANNED if s.agent[a, z.A_JOB_CANNED] == 1 else 0
    kind = reply_kind(s, c, a)
    first = at
    if kind != z.W_FAREWELL and flags == 0 and at - started > 8000 and e.chance(s, x.knob[z.B_TWO_PART]):
        first = started + int(0.7 * (at - started))
        e.say_as(s, c, at, a, z.W_SECOND_PART, z.PLAIN)
    e.say_as(s, c, first, a, kind, flags)
    if conversation[z.C_FIRST_REPLY] < 0:
        conversation[z.C_FIRST_REPLY] = first
    if conversation[z.C_COBROWSE] == 1 and flags == 0:
        e.emit(s, c, started + 500, z.COBROWSE_STARTED, a, z.NO_DETAIL)
        e.emit(s, c, at, z.COBROWSE_ENDED, a, z.NO_DETAIL)
        conversation[z.C_COBROWSE] = 0
    conversation[z.C_OWED] = -1


@compiled
def pass_on(s: Tables, c: Whole, a: Whole, at: Whole, to_queue: Whole, detail: Whole) -> None:
    """Announce a transfer and set its timer."""
    e.say_as(s, c, at + 200, a, z.W_TRANSFER_NOTICE, z.F_CANNED)
    if e.chance(s, 0.6):
        e.say_as(s, c, at + 400, a, z.W_TRANSFER_NOTE, z.F_PRIVATE)
    if detail == z.BY_DEPARTMENT and e.chance(s, 0.5):
        e.say(s, c, at + e.uniform_ms(s, 2.0, 8.0), z.CUSTOMER, z.W_TRANSFER_OK, z.PLAIN)
    conversation = s.conversation[c]
    conversation[z.C_OWED] = at
    conversation[z.C_TARGET] = to_queue
    conversation[z.C_REASON] = detail
    conversation[z.C_VERSION] += 1
    e.set_timer(s, at + 500, t.TRANSFER, c, conversation[z.C_VERSION])


@compiled
def escalate(s: Tables, x: Desk, c: Whole, a: Whole, at: Whole) -> None:
    """Promise a call or an email; the other channel follows, the chat ends."""
    conversation = s.conversation[c]
    channel = z.PHONE if e.chance(s, 0.55) else z.EMAIL
    conversation[z.C_ESCALATED] = channel
    conversation[z.C_VERSION] += 1
    e.say_as(s, c, at + 300, a, z.W_ESCALATION, z.PLAIN)
    e.emit(s, c, at + 600, z.ESCALATED, a, z.NO_DETAIL)
    e.aim(s, z.NOWHERE, channel)
    if conversation[z.C_CUSTOMER] >= 0:
        follow_up = e.into_hours(s, x, conversation[z.C_QUEUE], at + e.lognormal_ms(s, 5400.0, 0.9))
        e.add_contact(s, conversation[z.C_CUSTOMER], channel, follow_up, conversation[z.C_TOPIC], c)
    e.set_timer(s, at + e.uniform_ms(s, 5.0, 30.0), t.CLOSE, c, conversation[z.C_VERSION])


@compiled
def after_reply(s: Tables, x: Desk, c: Whole, a: Whole, at: Whole) -> None:
    """Decide how the conversation goes on."""
    conversation = s.conversation[c]
    topic = conversation[z.C_TOPIC]
    if conversation[z.C_PHASE] == z.P_FAREWELL:
        conversation[z.C_VERSION] += 1
        e.set_timer(s, at + e.uniform_ms(s, 1.0, 6.0), t.CLOSE, c, conversation[z.C_VERSION])
        return
    conversation[z.C_TURNS] -= 1
    if conversation[z.C_GONE] == 1:
        d.expect_customer(s, x, c, at, z.P_ISSUE)
        return
    if conversation[z.C_TURNS] <= 0:
        if conversation[z.C_KIND] == z.K_INBOUND and e.chance(s, x.topic[topic, z.T_ESCALATE]):
            escalate(s, x, c, a, at)
        else:
            d.expect_customer(s, x, c, at, z.P_THANKS)
        return
    if s.agent[a, z.A_FORCED] == 1:
        pass_on(s, c, a, at, conversation[z.C_QUEUE], z.BY_OFFLINE)
        return
    if conversation[z.C_TRANSFERS] == 0 and e.chance(s, x.topic[topic, z.T_TRANSFER]):
        to_queue = transfer_target(x, s, c, a, at)
        if to_queue >= 0:
            pass_on(s, c, a, at, to_queue, z.BY_DEPARTMENT)
            return
    if e.chance(s, x.knob[z.B_VANISH]):
        conversation[z.C_GONE] = 1
    d.expect_customer(s, x, c, at, z.P_ISSUE)


@compiled
def work_done(s: Tables, x: Desk, a: Whole, at: Whole) -> None:
    """An agent has finished a piece of work and turns to the next."""
    agent = s.agent[a]
    c = agent[z.A_JOB_CONV]
    agent[z.A_BUSY] = 0
    if agent[z.A_JOB_KIND] == z.JOB_WRAP:
        e.emit(s, c, at, z.WRAPUP_ENDED, a, z.NO_DETAIL)
        s.leg[agent[z.A_JOB_LEG], z.L_WRAP_END] = at
        if e.chance(s, x.knob[z.B_NOTE]):
            e.say_as(s, c, at - 1, a, z.W_NOTE, z.F_PRIVATE)
    else:
        send_reply(s, x, c, a, agent[z.A_JOB_START], at)
        after_reply(s, x, c, a, at)
    e.call(s, a, at)


@compiled
def shift_ends(s: Tables, x: Desk, a: Whole, at: Whole) -> None:
    """The agent is to log off: no new chats, returning customers go to the pool."""
    agent = s.agent[a]
    status = agent[z.A_STATUS]
    if status == z.OFFLINE:
        return
    agent[z.A_PENDING] = z.OFFLINE
    agent[z.A_VERSION] += 1
    c = agent[z.A_STICKY_HEAD]
    agent[z.A_STICKY_HEAD] = -1
    while c >= 0:
        following = s.conversation[c, z.C_NEXT]
        d.transfer(s, x, c, at, s.conversation[c, z.C_QUEUE], z.BY_OFFLINE)
        c = following
    if not f.is_idle(s, a):
        e.set_status(s, a, z.BUSY, at)
        e.set_timer(s, at + int(1000.0 * x.knob[z.B_DRAIN]), t.DRAIN, a, agent[z.A_VERSION])
    e.call(s, a, at)


@compiled
def force_out(s: Tables, a: Whole) -> None:
    """Half an hour after the end of the shift each chat is passed on after its next reply."""
    if s.agent[a, z.A_STATUS] != z.OFFLINE:
        s.agent[a, z.A_FORCED] = 1


@compiled
def follow_plan(s: Tables, x: Desk, row: Whole, at: Whole) -> None:
    """A planned login, pause or log-off comes due."""
    a = x.plan[row, z.PL_AGENT]
    kind = x.plan[row, z.PL_KIND]
    agent = s.agent[a]
    if kind == 0:
        agent[z.A_PENDING] = -1
        agent[z.A_FORCED] = 0
        e.set_status(s, a, z.AVAILABLE, at)
        e.call(s, a, at)
    elif kind == 2:
        shift_ends(s, x, a, at)
    elif agent[z.A_STATUS] == z.AVAILABLE and agent[z.A_PENDING] < 0:
        agent[z.A_PENDING] = x.plan[row, z.PL_STATUS]
        agent[z.A_PENDING_MS] = x.plan[row, z.PL_MS]
        if not f.is_idle(s, a):
            e.set_status(s, a, z.BUSY, at)
        e.call(s, a, at)


@compiled
def pause_ends(s: Tables, a: Whole, at: Whole, version: Whole) -> None:
    """Back from a pause."""
    if s.agent[a, z.A_VERSION] != version:
        return
    e.set_status(s, a, z.AVAILABLE, at)
    e.call(s, a, at)
