"""Compiled basics of the simulator: timers, random times, and one function for each kind of result row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data import timers as t
from staffcast_sample_data.reference import compiled

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Desk, Ints, Number, Tables, Truth, Whole


@compiled
def later(heap: Ints, i: Whole, j: Whole) -> Truth:
    """True if timer i is due after timer j; equal times keep the order of their setting."""
    if heap[i, 0] != heap[j, 0]:
        return bool(heap[i, 0] > heap[j, 0])
    return bool(heap[i, 1] > heap[j, 1])


@compiled
def swap(heap: Ints, i: Whole, j: Whole) -> None:
    """Exchange two timers."""
    for column in range(5):
        keep = heap[i, column]
        heap[i, column] = heap[j, column]
        heap[j, column] = keep


@compiled
def set_timer(s: Tables, at: Whole, kind: Whole, item: Whole, version: Whole) -> None:
    """Put a timer on the heap."""
    i = s.n[z.N_HEAP]
    if i + 2 >= s.heap.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_HEAP] = i + 1
    s.n[z.N_SEQ] += 1
    s.heap[i, 0] = at
    s.heap[i, 1] = s.n[z.N_SEQ]
    s.heap[i, 2] = kind
    s.heap[i, 3] = item
    s.heap[i, 4] = version
    while i > 0 and later(s.heap, (i - 1) // 2, i):
        swap(s.heap, i, (i - 1) // 2)
        i = (i - 1) // 2


@compiled
def drop_first(s: Tables) -> None:
    """Take the earliest timer off the heap."""
    n = s.n[z.N_HEAP] - 1
    s.n[z.N_HEAP] = n
    swap(s.heap, 0, n)
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            return
        if child + 1 < n and later(s.heap, child, child + 1):
            child += 1
        if not later(s.heap, i, child):
            return
        swap(s.heap, i, child)
        i = child


@compiled
def uniform(s: Tables) -> Number:
    """The next uniform number of the run."""
    i = s.n[z.N_UNIFORM]
    if i >= s.uniform.shape[0]:
        s.n[z.OVERFLOW] = 1
        return 0.5
    s.n[z.N_UNIFORM] = i + 1
    return float(s.uniform[i])


@compiled
def chance(s: Tables, share: Number) -> Truth:
    """True with the given probability."""
    return bool(uniform(s) < share)


@compiled
def uniform_ms(s: Tables, low_s: Number, high_s: Number) -> Whole:
    """A whole number of milliseconds between two limits in seconds."""
    return int(1000.0 * (low_s + (high_s - low_s) * uniform(s)))


@compiled
def lognormal_ms(s: Tables, median_s: Number, sigma: Number) -> Whole:
    """A lognormal time in whole milliseconds, at least one."""
    i = s.n[z.N_NORMAL]
    if i >= s.normal.shape[0]:
        s.n[z.OVERFLOW] = 1
        return 1
    s.n[z.N_NORMAL] = i + 1
    return max(1, int(1000.0 * median_s * np.exp(sigma * s.normal[i])))


@compiled
def exponential_ms(s: Tables, mean_ms: Number) -> Whole:
    """An exponential time in whole milliseconds, at least one."""
    return max(1, int(-mean_ms * np.log(1.0 - uniform(s))))


@compiled
def draw_turns(s: Tables, mean: Number) -> Whole:
    """Customer turns that need an answer: one, plus a negative binomial number (shape 2)."""
    rate = (mean - 1.0) / 2.0
    extra = 0
    for _ in range(2):
        while uniform(s) < rate / (1.0 + rate) and extra < 30:
            extra += 1
    return 1 + extra


@compiled
def call(s: Tables, a: Whole, at: Whole) -> None:
    """Ask an agent to look at the floor: owed work, free slots, a pause that is due."""
    if s.agent[a, z.A_CALLED] == 0:
        s.agent[a, z.A_CALLED] = 1
        set_timer(s, at, t.ATTEND, a, t.ALWAYS)


@compiled
def is_open(x: Desk, queue: Whole, at: Whole) -> Truth:
    """True if the queue is staffed at an instant."""
    slot = (at - x.start) // z.SLOT_MS
    if slot < 0 or slot >= x.open_slot.shape[1]:
        return False
    return bool(x.open_slot[queue, slot] == 1)


@compiled
def into_hours(s: Tables, x: Desk, queue: Whole, at: Whole) -> Whole:
    """The instant itself if the queue is open, else some time in the first two hours of its next opening."""
    if is_open(x, queue, at):
        return at
    slot = (at - x.start) // z.SLOT_MS
    if slot >= x.next_open.shape[1]:
        return x.end
    return int(x.next_open[queue, slot]) + uniform_ms(s, 60.0, 7200.0)


@compiled
def say_as(s: Tables, c: Whole, at: Whole, agent: Whole, kind: Whole, flags: Whole) -> None:
    """Write a message of an agent."""
    say(s, c, at, z.AGENT, kind, flags)
    s.message[s.n[z.N_MSG] - 1, z.M_AGENT] = agent


@compiled
def say(s: Tables, c: Whole, at: Whole, sender: Whole, kind: Whole, flags: Whole) -> None:
    """Write a message of a customer, the bot or the system."""
    i = s.n[z.N_MSG]
    if i + 1 >= s.message.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_MSG] = i + 1
    row = s.message[i]
    row[z.M_CONV] = c
    row[z.M_AT] = at
    row[z.M_SENDER] = sender
    row[z.M_AGENT] = -1
    row[z.M_KIND] = kind
    row[z.M_FLAGS] = flags


@compiled
def emit(s: Tables, c: Whole, at: Whole, kind: Whole, agent: Whole, detail: Whole) -> None:
    """Write an event; its queue is the one the conversation is in."""
    i = s.n[z.N_EV]
    if i + 1 >= s.event.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_EV] = i + 1
    row = s.event[i]
    row[z.E_CONV] = c
    row[z.E_AT] = at
    row[z.E_TYPE] = kind
    row[z.E_AGENT] = agent
    row[z.E_QUEUE] = s.conversation[c, z.C_QUEUE]
    row[z.E_TO_QUEUE] = -1
    row[z.E_TO_CHANNEL] = 0
    row[z.E_DETAIL] = detail


@compiled
def aim(s: Tables, to_queue: Whole, to_channel: Whole) -> None:
    """Say where the last event leads to."""
    row = s.event[s.n[z.N_EV] - 1]
    row[z.E_TO_QUEUE] = to_queue
    row[z.E_TO_CHANNEL] = to_channel


@compiled
def start_leg(s: Tables, c: Whole, a: Whole, at: Whole) -> None:
    """An agent takes a conversation."""
    i = s.n[z.N_LEGS]
    if i + 1 >= s.leg.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_LEGS] = i + 1
    for column in range(z.N_LEG):
        s.leg[i, column] = -1
    s.leg[i, z.L_CONV] = c
    s.leg[i, z.L_AGENT] = a
    s.leg[i, z.L_ACCEPTED] = at
    s.leg[i, z.L_QUEUE] = s.conversation[c, z.C_QUEUE]
    s.leg[i, z.L_PARKED] = 0
    s.conversation[c, z.C_LEG] = i


@compiled
def take_slot(s: Tables, c: Whole, a: Whole, at: Whole) -> None:
    """The conversation occupies one of the agent's slots from now on."""
    i = s.n[z.N_SPANS]
    if i + 1 >= s.span.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_SPANS] = i + 1
    for column in range(z.N_SPAN):
        s.span[i, column] = -1
    s.span[i, z.SP_LEG] = s.conversation[c, z.C_LEG]
    s.span[i, z.SP_AGENT] = a
    s.span[i, z.SP_START] = at
    s.conversation[c, z.C_SPAN] = i
    s.slot[a, s.agent[a, z.A_OPEN]] = c
    s.agent[a, z.A_OPEN] += 1


@compiled
def free_slot(s: Tables, c: Whole, a: Whole, at: Whole, released: Whole) -> None:
    """The conversation leaves its slot, released (closed, transferred) or parked."""
    i = s.conversation[c, z.C_SPAN]
    s.span[i, z.SP_END] = at
    s.span[i, z.SP_LEVEL_END] = s.agent[a, z.A_OPEN]
    s.span[i, z.SP_RELEASE] = released
    s.conversation[c, z.C_SPAN] = -1
    last = s.agent[a, z.A_OPEN] - 1
    for position in range(last + 1):
        if s.slot[a, position] == c:
            s.slot[a, position] = s.slot[a, last]
            break
    s.agent[a, z.A_OPEN] = last


@compiled
def set_status(s: Tables, a: Whole, status: Whole, at: Whole) -> None:
    """Close the agent's presence row and open the next."""
    row = s.agent[a, z.A_ROW]
    if row >= 0:
        s.status[row, z.ST_END] = at
    i = s.n[z.N_STAT]
    if i + 1 >= s.status.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_STAT] = i + 1
    s.status[i, z.ST_AGENT] = a
    s.status[i, z.ST_STATUS] = status
    s.status[i, z.ST_START] = at
    s.status[i, z.ST_END] = -1
    s.agent[a, z.A_ROW] = i
    s.agent[a, z.A_STATUS] = status


@compiled
def add_contact(s: Tables, customer: Whole, channel: Whole, at: Whole, topic: Whole, source: Whole) -> None:
    """Note a contact in another channel."""
    i = s.n[z.N_CONTACTS]
    if i + 1 >= s.contact.shape[0]:
        s.n[z.OVERFLOW] = 1
        return
    s.n[z.N_CONTACTS] = i + 1
    s.contact[i, z.X_CUSTOMER] = customer
    s.contact[i, z.X_CHANNEL] = channel
    s.contact[i, z.X_AT] = at
    s.contact[i, z.X_TOPIC] = topic
    s.contact[i, z.X_SOURCE] = source
