"""Compiled rules of the floor: who gets a chat, in which order an agent works, breaks and shift ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast_sample_data import engine as e
from staffcast_sample_data import layout as z
from staffcast_sample_data import timers as t
from staffcast_sample_data.reference import compiled

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Desk, Ints, Tables, Truth, Whole

N_PRIORITIES = 3


@compiled
def has_room(s: Tables, x: Desk, a: Whole) -> Truth:
    """True if the agent may be given another chat."""
    agent = s.agent[a]
    load = agent[z.A_OPEN] + agent[z.A_RING]
    return bool(agent[z.A_STATUS] == z.AVAILABLE and agent[z.A_PENDING] < 0 and load < x.limit[a])


@compiled
def ring(s: Tables, x: Desk, c: Whole, a: Whole, at: Whole) -> None:
    """Offer a conversation to an agent."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_RINGING
    conversation[z.C_AGENT] = a
    conversation[z.C_VERSION] += 1
    s.agent[a, z.A_RING] += 1
    s.agent[a, z.A_LAST] = at
    e.emit(s, c, at, z.ASSIGNED, a, z.NO_DETAIL)
    reaction = e.lognormal_ms(s, x.knob[z.B_RING], x.knob[z.B_RING_SIGMA])
    timeout = e.uniform_ms(s, x.knob[z.B_RING_TIMEOUT], x.knob[z.B_RING_TIMEOUT])
    missed = e.chance(s, x.knob[z.B_MISSED])
    if missed or reaction > timeout:
        reaction = timeout
    e.set_timer(
        s, at + reaction, t.RING, c, conversation[z.C_VERSION] * 2 + (1 if reaction == timeout else 0)
    )


@compiled
def stand_in_line(s: Tables, c: Whole, front: Whole) -> None:
    """Append a conversation to the line of its queue and priority, or put it first again."""
    row = s.line[s.conversation[c, z.C_QUEUE] * N_PRIORITIES + s.conversation[c, z.C_PRIORITY]]
    s.conversation[c, z.C_NEXT] = -1
    if row[0] < 0:
        row[0] = c
        row[1] = c
    elif front:
        s.conversation[c, z.C_NEXT] = row[0]
        row[0] = c
    else:
        s.conversation[row[1], z.C_NEXT] = c
        row[1] = c


@compiled
def route(s: Tables, x: Desk, c: Whole, at: Whole, front: Whole) -> None:
    """Give a queued conversation to the least loaded agent with room, the longest unassigned first."""
    conversation = s.conversation[c]
    if conversation[z.C_STATE] != z.S_QUEUED:
        return
    queue = conversation[z.C_QUEUE]
    best = -1
    for a in range(s.agent.shape[0]):
        if x.skill[a, queue] == 0 or not has_room(s, x, a):
            continue
        load = s.agent[a, z.A_OPEN] + s.agent[a, z.A_RING]
        if best >= 0:
            best_load = s.agent[best, z.A_OPEN] + s.agent[best, z.A_RING]
            if load > best_load or (load == best_load and s.agent[a, z.A_LAST] >= s.agent[best, z.A_LAST]):
                continue
        best = a
    if best >= 0:
        ring(s, x, c, best, at)
        return
    stand_in_line(s, c, front)
    if conversation[z.C_ACCEPTED] < 0 and front == 0 and e.chance(s, 0.5):
        e.say(s, c, at + 300, z.SYSTEM, z.W_QUEUE_NOTICE, z.F_AUTO)


@compiled
def first_in_line(s: Tables, row: Ints) -> Whole:
    """The first conversation of a line that still waits, or -1; the others are dropped."""
    while row[0] >= 0 and s.conversation[row[0], z.C_STATE] != z.S_QUEUED:
        row[0] = s.conversation[row[0], z.C_NEXT]
    return int(row[0])


@compiled
def next_for(s: Tables, x: Desk, a: Whole) -> Whole:
    """The most urgent conversation an agent may serve, then the longest waiting; taken off its line."""
    for priority in range(N_PRIORITIES):
        best: Whole = -1
        best_line = -1
        for queue in range(x.skill.shape[1]):
            if x.skill[a, queue] == 0:
                continue
            line = queue * N_PRIORITIES + priority
            c = first_in_line(s, s.line[line])
            if c >= 0 and (best < 0 or s.conversation[c, z.C_QUEUED] < s.conversation[best, z.C_QUEUED]):
                best = c
                best_line = line
        if best >= 0:
            s.line[best_line, 0] = s.conversation[best, z.C_NEXT]
            return best
    return -1


@compiled
def work_ms(s: Tables, x: Desk, a: Whole, c: Whole, kind: Whole) -> Whole:
    """Milliseconds an agent composes one reply or wraps up; a canned reply is marked on the agent."""
    agent = s.agent[a]
    agent[z.A_JOB_CANNED] = 0
    sigma = x.knob[z.B_REPLY_SIGMA]
    if kind == z.JOB_WRAP:
        return e.lognormal_ms(s, x.knob[z.B_WRAP_S] * x.speed[a], x.knob[z.B_WRAP_SIGMA])
    conversation = s.conversation[c]
    if conversation[z.C_PHASE] == z.P_FAREWELL:
        return e.lognormal_ms(s, x.knob[z.B_FAREWELL_WORK] * x.speed[a], sigma)
    if e.chance(s, x.knob[z.B_CANNED]):
        agent[z.A_JOB_CANNED] = 1
        return e.lognormal_ms(s, x.knob[z.B_CANNED_WORK] * x.speed[a], sigma)
    median = x.topic[conversation[z.C_TOPIC], z.T_WORK] * x.speed[a]
    if conversation[z.C_FIRST_REPLY] < 0:
        median *= x.knob[z.B_GREETING]
    conversation[z.C_COBROWSE] = 0
    if conversation[z.C_TURNS] == 2 and e.chance(s, x.topic[conversation[z.C_TOPIC], z.T_COBROWSE]):
        conversation[z.C_COBROWSE] = 1
        median *= 3.0
    return e.lognormal_ms(s, median, sigma)


@compiled
def work_on(s: Tables, x: Desk, a: Whole, at: Whole) -> None:
    """An idle agent turns to the oldest message owed."""
    agent = s.agent[a]
    n = agent[z.A_JOBS]
    if agent[z.A_BUSY] == 1 or n == 0:
        return
    oldest = 0
    for i in range(1, n):
        if s.job[a * z.MAX_JOBS + i, z.J_SINCE] < s.job[a * z.MAX_JOBS + oldest, z.J_SINCE]:
            oldest = i
    row = a * z.MAX_JOBS + oldest
    kind = s.job[row, z.J_KIND]
    c = s.job[row, z.J_CONV]
    agent[z.A_JOB_LEG] = s.job[row, z.J_LEG]
    for column in range(z.N_JOB):
        s.job[row, column] = s.job[a * z.MAX_JOBS + n - 1, column]
    agent[z.A_JOBS] = n - 1
    agent[z.A_BUSY] = 1
    agent[z.A_JOB_KIND] = kind
    agent[z.A_JOB_CONV] = c
    agent[z.A_JOB_START] = at
    if kind == z.JOB_WRAP:
        s.leg[agent[z.A_JOB_LEG], z.L_WRAP_START] = at
        e.emit(s, c, at, z.WRAPUP_STARTED, a, z.NO_DETAIL)
    e.set_timer(s, at + work_ms(s, x, a, c, kind), t.WORK, a, t.ALWAYS)


@compiled
def owe(s: Tables, a: Whole, kind: Whole, c: Whole, since: Whole, at: Whole) -> None:
    """Add a reply or a wrap-up to what the agent owes."""
    n = s.agent[a, z.A_JOBS]
    if n >= z.MAX_JOBS:
        s.n[z.OVERFLOW] = 2
        return
    row = a * z.MAX_JOBS + n
    s.job[row, z.J_KIND] = kind
    s.job[row, z.J_CONV] = c
    s.job[row, z.J_SINCE] = since
    s.job[row, z.J_LEG] = s.conversation[c, z.C_LEG]
    s.agent[a, z.A_JOBS] = n + 1
    e.call(s, a, at)


@compiled
def is_idle(s: Tables, a: Whole) -> Truth:
    """True if the agent holds no chat and owes nothing."""
    agent = s.agent[a]
    return bool(agent[z.A_OPEN] + agent[z.A_RING] + agent[z.A_BUSY] + agent[z.A_JOBS] == 0)


@compiled
def resume(s: Tables, c: Whole, a: Whole, at: Whole) -> None:
    """A parked thread goes on with its agent."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_OPEN
    conversation[z.C_VERSION] += 1
    e.emit(s, c, at, z.RESUMED, a, z.NO_DETAIL)
    e.take_slot(s, c, a, at)
    owe(s, a, z.JOB_REPLY, c, conversation[z.C_OWED], at)


@compiled
def wait_for_agent(s: Tables, c: Whole, a: Whole) -> None:
    """A customer who came back waits for a slot of the own agent."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_STICKY
    conversation[z.C_VERSION] += 1
    conversation[z.C_NEXT] = -1
    agent = s.agent[a]
    if agent[z.A_STICKY_HEAD] < 0:
        agent[z.A_STICKY_HEAD] = c
    else:
        s.conversation[agent[z.A_STICKY_TAIL], z.C_NEXT] = c
    agent[z.A_STICKY_TAIL] = c


@compiled
def fill(s: Tables, x: Desk, a: Whole, at: Whole) -> None:
    """Fill an agent's free slots: own returning customers first, then the queues."""
    while has_room(s, x, a):
        c = s.agent[a, z.A_STICKY_HEAD]
        if c >= 0:
            s.agent[a, z.A_STICKY_HEAD] = s.conversation[c, z.C_NEXT]
            resume(s, c, a, at)
            continue
        c = next_for(s, x, a)
        if c < 0:
            return
        ring(s, x, c, a, at)


@compiled
def attend(s: Tables, x: Desk, a: Whole, at: Whole) -> None:
    """An agent looks at the floor: the oldest owed message, then new chats, or a pause once all is done."""
    agent = s.agent[a]
    agent[z.A_CALLED] = 0
    work_on(s, x, a, at)
    if agent[z.A_PENDING] < 0:
        fill(s, x, a, at)
        return
    if not is_idle(s, a):
        return
    status = agent[z.A_PENDING]
    agent[z.A_PENDING] = -1
    agent[z.A_VERSION] += 1
    e.set_status(s, a, status, at)
    if status == z.OFFLINE:
        agent[z.A_FORCED] = 0
    else:
        e.set_timer(s, at + agent[z.A_PENDING_MS], t.PAUSE_END, a, agent[z.A_VERSION])
