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
from staffcast_sample_data import timers as t
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
    e.emit(s, c, at, z.CREATED, z.NOBODY, z.NO_DETAIL)
    down = x.bot_down[0] <= at < x.bot_down[1]
    if not e.is_open(x, queue, at + LONGEST_ENTRY_MS) or (not down and e.chance(s, x.bot_share[queue])):
        botflow.bot_dialogue(s, x, c, at)
        return
    e.say(s, c, at, z.CUSTOMER, z.W_OPENER, z.PLAIN)
    conversation[z.C_OWED] = at
    e.set_timer(s, at + e.uniform_ms(s, 0.1, 0.001 * LONGEST_ENTRY_MS), t.ENQUEUE, c, t.ALWAYS)


@compiled
def run_test_chat(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """Staff try the widget in opening hours: queued and closed again within seconds."""
    if not e.is_open(x, s.conversation[c, z.C_QUEUE], at + LONGEST_ENTRY_MS):
        s.conversation[c, z.C_STATE] = z.S_DROPPED
        return
    e.emit(s, c, at, z.CREATED, z.NOBODY, z.NO_DETAIL)
    e.say(s, c, at, z.CUSTOMER, z.W_OPENER, z.PLAIN)
    s.conversation[c, z.C_FIRST_QUEUED] = at + 200
    e.emit(s, c, at + 200, z.QUEUED, z.NOBODY, z.NO_DETAIL)
    closed = at + e.uniform_ms(s, 4.0, 20.0)
    e.emit(s, c, closed, z.CLOSED, z.NOBODY, z.BY_TEST)
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
            e.emit(s, c, at, z.CREATED, a, z.NO_DETAIL)
            conversation[z.C_ACCEPTED] = at
            conversation[z.C_OWED] = at
            conversation[z.C_AGENT] = a
            conversation[z.C_STATE] = z.S_OPEN
            e.start_leg(s, c, a, at)
            e.emit(s, c, at, z.ACCEPTED, a, z.NO_DETAIL)
            e.take_slot(s, c, a, at)
            f.owe(s, a, z.JOB_REPLY, c, at, at)
            return


@compiled
def conversation_timer(s: Tables, x: Desk, kind: Whole, c: Whole, at: Whole, version: Whole) -> None:
    """Run a timer of a conversation."""
    if kind >= t.FIRST_WITH_VERSION and s.conversation[c, z.C_VERSION] != version:
        return
    if kind == t.CREATE:
        create(s, x, c, at)
    elif kind == t.BOT_DONE:
        d.bot_done(s, x, c, at, version)
    elif kind == t.ENQUEUE:
        d.enqueue(s, x, c, at)
    elif kind == t.ROUTE:
        f.route(s, x, c, at, version)
    elif kind == t.ABANDON:
        d.give_up(s, x, c, at)
    elif kind == t.RING:
        d.ring_end(s, x, c, at, version)
    elif kind == t.CUSTOMER:
        d.customer_writes(s, x, c, at)
    elif kind == t.READY:
        d.customer_ready(s, x, c, at)
    elif kind == t.PARK:
        d.park(s, x, c, at)
    elif kind == t.TRANSFER:
        d.transfer(s, x, c, at, s.conversation[c, z.C_TARGET], s.conversation[c, z.C_REASON])
    elif kind == t.REOPEN:
        d.reopen(s, c, at)
    else:
        d.end(s, x, c, at, kind)


@compiled
def agent_timer(s: Tables, x: Desk, kind: Whole, item: Whole, at: Whole, version: Whole) -> None:
    """Run a timer of an agent; that of the plan carries a row of the plan."""
    if kind == t.WORK:
        r.work_done(s, x, item, at)
    elif kind == t.ATTEND:
        f.attend(s, x, item, at)
    elif kind == t.PLAN:
        r.follow_plan(s, x, item, at)
    elif kind == t.PAUSE_END:
        r.pause_ends(s, item, at, version)
    else:
        r.force_out(s, item)


def _source_digest() -> int:
    """A number that changes with any of the compiled modules."""
    digest = hashlib.sha256()
    for module in (z, t, reference, e, f, botflow, d, r, sys.modules[__name__]):
        digest.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(digest.digest()[:6], "big")


def _compiled_run(digest: int) -> Callable[[Tables, Desk], int]:
    """The loop over the timers; the digest in its closure renews its cache when a source changes."""

    @njit(cache=True, error_model="numpy", nogil=True)
    def run(tables: Tables, desk: Desk) -> int:
        s = refer_tables(*tables)
        x = refer_desk(*desk)
        for c in range(s.n[z.N_CONV]):
            e.set_timer(s, s.conversation[c, z.C_CREATED], t.CREATE, c, t.ALWAYS)
        for row in range(x.plan.shape[0]):
            e.set_timer(s, x.plan[row, z.PL_AT], t.PLAN, row, t.ALWAYS)
        while s.n[z.N_HEAP] > 0 and s.n[z.OVERFLOW] == 0 and s.heap[0, 0] < x.end:
            at = s.heap[0, 0]
            kind = s.heap[0, 2]
            item = s.heap[0, 3]
            version = s.heap[0, 4]
            e.drop_first(s)
            if kind >= t.FIRST_OF_AGENT:
                agent_timer(s, x, kind, item, at, version)
            else:
                conversation_timer(s, x, kind, item, at, version)
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
