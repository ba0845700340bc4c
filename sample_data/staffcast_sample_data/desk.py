"""The simulator: one pass over the timers of a desk, at the level of single messages."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from staffcast_sample_data import botflow, reference
from staffcast_sample_data import dialogue as d
from staffcast_sample_data import engine as e
from staffcast_sample_data import floor as f
from staffcast_sample_data import layout as z
from staffcast_sample_data import reply as r
from staffcast_sample_data.layout import Desk, Ints, Tables, Whole
from staffcast_sample_data.reference import compiled, refer_desk, refer_tables

if TYPE_CHECKING:
    from collections.abc import Callable


LONGEST_ENTRY_MS = 900


@compiled
def create(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """A conversation begins: test chat, outreach by an agent, bot, or straight to the queue."""
    conversation = s.conversation[c]
    topic = conversation[z.C_TOPIC]
    queue = conversation[z.C_QUEUE]
    conversation[z.C_CREATED] = at
    conversation[z.C_STATE] = z.S_NEW
    for column in z.START_AT_ZERO:
        conversation[column] = 0
    conversation[z.C_TURNS] = e.draw_turns(s, x.topic[topic, z.T_TURNS])
    if conversation[z.C_KIND] == z.K_OUTBOUND:
        reach_out(s, x, c, at)
        return
    if conversation[z.C_KIND] == z.K_TEST:
        run_test_chat(s, x, c, at)
        return
    e.emit(s, c, at, z.CREATED, -1, -1, 0, 0)
    down = x.bot_down[0] <= at < x.bot_down[1]
    if not e.is_open(x, queue, at + LONGEST_ENTRY_MS) or (not down and e.chance(s, x.bot_share[queue])):
        botflow.bot_dialogue(s, x, c, at)
        return
    e.say(s, c, at, z.CUSTOMER, -1, z.W_OPENER, 0)
    conversation[z.C_OWED] = at
    e.set_timer(s, at + e.uniform_ms(s, 0.1, 0.001 * LONGEST_ENTRY_MS), e.T_ENQUEUE, c, 0)


@compiled
def run_test_chat(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """Staff try the widget in opening hours: queued and closed again within seconds."""
    if not e.is_open(x, s.conversation[c, z.C_QUEUE], at + LONGEST_ENTRY_MS):
        s.conversation[c, z.C_STATE] = z.S_DROPPED
        return
    e.emit(s, c, at, z.CREATED, -1, -1, 0, 0)
    e.say(s, c, at, z.CUSTOMER, -1, z.W_OPENER, 0)
    s.conversation[c, z.C_FIRST_QUEUED] = at + 200
    e.emit(s, c, at + 200, z.QUEUED, -1, -1, 0, 0)
    closed = at + e.uniform_ms(s, 4.0, 20.0)
    e.emit(s, c, closed, z.CLOSED, -1, -1, 0, z.BY_TEST)
    s.conversation[c, z.C_STATE] = z.S_DONE
    s.conversation[c, z.C_CLOSED] = closed
    s.conversation[c, z.C_FIRST_CLOSED] = closed


@compiled
def reach_out(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """An agent with at most one chat writes to a customer; nobody free means no such chat."""
    conversation = s.conversation[c]
    conversation[z.C_STATE] = z.S_DROPPED
    for a in range(s.agent.shape[0]):
        if x.skill[a, conversation[z.C_QUEUE]] == 1 and f.has_room(s, x, a) and s.agent[a, z.A_OPEN] <= 1:
            e.emit(s, c, at, z.CREATED, a, -1, 0, 0)
            conversation[z.C_ACCEPTED] = at
            conversation[z.C_OWED] = at
            conversation[z.C_AGENT] = a
            conversation[z.C_STATE] = z.S_OPEN
            e.start_leg(s, c, a, at)
            e.emit(s, c, at, z.ACCEPTED, a, -1, 0, 0)
            e.take_slot(s, c, a, at)
            f.owe(s, a, f.JOB_REPLY, c, at, at)
            return


@compiled
def conversation_timer(s: Tables, x: Desk, kind: Whole, c: Whole, at: Whole, version: Whole) -> None:
    """Timers that hold only while nothing else has happened in the conversation."""
    if s.conversation[c, z.C_VERSION] != version:
        return
    if kind == e.T_CUSTOMER:
        d.customer_writes(s, x, c, at)
    elif kind == e.T_READY:
        d.customer_ready(s, x, c, at)
    elif kind == e.T_PARK:
        d.park(s, x, c, at)
    elif kind == e.T_IDLE:
        e.say(s, c, at - d.IDLE_NOTICE_MS, z.SYSTEM, -1, z.W_IDLE_NOTICE, z.F_AUTO)
        d.close(s, x, c, at, z.BY_INACTIVITY)
    elif kind == e.T_EXPIRE:
        d.close(s, x, c, at, z.BY_INACTIVITY)
    elif kind == e.T_CLOSE:
        d.close(s, x, c, at, z.BY_ESCALATION if s.conversation[c, z.C_ESCALATED] > 0 else z.BY_RESOLVED)
    elif kind == e.T_TRANSFER:
        d.transfer(s, x, c, at, s.conversation[c, z.C_TARGET], s.conversation[c, z.C_REASON])
    elif kind == e.T_REOPEN:
        d.reopen(s, c, at)


@compiled
def dispatch(s: Tables, x: Desk, kind: Whole, item: Whole, at: Whole, version: Whole) -> None:
    """Run one timer."""
    if kind == e.T_CREATE:
        create(s, x, item, at)
    elif kind == e.T_BOT_DONE:
        d.bot_done(s, x, item, at, version)
    elif kind == e.T_ENQUEUE:
        d.enqueue(s, x, item, at)
    elif kind == e.T_ABANDON:
        d.give_up(s, x, item, at)
    elif kind == e.T_RING:
        d.ring_end(s, x, item, at, version)
    elif kind == e.T_WORK:
        r.work_done(s, x, item, at)
    elif kind == e.T_PLAN:
        r.follow_plan(s, x, item, at)
    elif kind == e.T_PAUSE_END:
        r.pause_ends(s, item, at, version)
    elif kind == e.T_DRAIN:
        r.force_out(s, item)
    elif kind == e.T_ROUTE:
        f.route(s, x, item, at, version)
    elif kind == e.T_ATTEND:
        f.attend(s, x, item, at)
    else:
        conversation_timer(s, x, kind, item, at, version)


def _source_digest() -> int:
    """A number that changes with any of the compiled modules."""
    digest = hashlib.sha256()
    for module in (z, reference, e, f, botflow, d, r, sys.modules[__name__]):
        digest.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(digest.digest()[:6], "big")


def _compiled_run(digest: int) -> Callable[[Tables, Desk], int]:
    """The loop over the timers; the digest in its closure renews its cache when a source changes."""

    @njit(cache=True, error_model="numpy")
    def run(tables: Tables, desk: Desk) -> int:
        s = refer_tables(*tables)
        x = refer_desk(*desk)
        for c in range(s.n[z.N_CONV]):
            e.set_timer(s, s.conversation[c, z.C_CREATED], e.T_CREATE, c, 0)
        for row in range(x.plan.shape[0]):
            e.set_timer(s, x.plan[row, z.PL_AT], e.T_PLAN, row, 0)
        while s.n[z.N_HEAP] > 0 and s.n[z.OVERFLOW] == 0 and s.heap[0, 0] < x.end:
            at = s.heap[0, 0]
            kind = s.heap[0, 2]
            item = s.heap[0, 3]
            version = s.heap[0, 4]
            e.drop_first(s)
            dispatch(s, x, kind, item, at, version)
        return digest

    return run


run = _compiled_run(_source_digest())


def empty_tables(arrivals: Ints, n_agents: int, n_queues: int, seed: int, room: float) -> Tables:
    """Tables with the given arrivals and random numbers, `room` times as large as usual."""
    n = len(arrivals)
    n_conversations = int(room * (1.5 * n + 200))

    def table(rows: float, columns: int) -> Ints:
        return np.zeros((int(rows), columns), dtype=np.int64)

    conversation = np.full((n_conversations, z.N_CONVERSATION), -1, dtype=np.int64)
    conversation[:n] = arrivals
    counters = np.zeros(z.N_COUNTERS, dtype=np.int64)
    counters[z.N_CONV] = n
    agent = np.zeros((n_agents, z.N_AGENT), dtype=np.int64)
    for column in (z.A_ROW, z.A_PENDING, z.A_STICKY_HEAD, z.A_STICKY_TAIL):
        agent[:, column] = -1
    return Tables(
        heap=table(room * (4 * n + 200) + n_agents * 2400, 5),
        n=counters,
        conversation=conversation,
        message=table(n_conversations * 16, z.N_MESSAGE),
        event=table(n_conversations * 12, z.N_EVENT),
        leg=table(n_conversations * 2, z.N_LEG),
        span=table(n_conversations * 3, z.N_SPAN),
        status=table(n_conversations + n_agents * 2000, z.N_STATUS),
        contact=table(n_conversations, z.N_CONTACT),
        agent=agent,
        job=table(n_agents * z.MAX_JOBS, z.N_JOB),
        slot=table(n_agents, z.MAX_SLOTS),
        line=np.full((n_queues * f.N_PRIORITIES, 2), -1, dtype=np.int64),
        uniform=np.random.default_rng([seed, 0]).random(n_conversations * 30),
        normal=np.random.default_rng([seed, 1]).standard_normal(n_conversations * 18),
    )


def simulate(arrivals: Ints, desk: Desk, seed: int) -> Tables:
    """Run a desk over its arrivals and return the tables, cut to the rows written.

    Args:
        arrivals: Rows of the conversation table, with the columns that are known beforehand.
        desk: Calendar, staff and behaviour.
        seed: Seed of everything random after the arrivals.
    """
    room = 1.0
    while True:
        tables = empty_tables(arrivals, len(desk.limit), len(desk.patience_ms), seed, room)
        run(tables, desk)
        if tables.n[z.OVERFLOW] == 0:
            return _cut(tables)
        room *= 2.0


def _cut(tables: Tables) -> Tables:
    n = tables.n
    return tables._replace(
        conversation=tables.conversation[: n[z.N_CONV]],
        message=tables.message[: n[z.N_MSG]],
        event=tables.event[: n[z.N_EV]],
        leg=tables.leg[: n[z.N_LEGS]],
        span=tables.span[: n[z.N_SPANS]],
        status=tables.status[: n[z.N_STAT]],
        contact=tables.contact[: n[z.N_CONTACTS]],
    )
