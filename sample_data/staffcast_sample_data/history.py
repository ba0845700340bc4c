"""What happened, as arrays the measures need: turns, slots in use, messages owed, contacts of customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import intervals as iv
from staffcast_sample_data import layout as z

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Ints, Tables
    from staffcast_sample_data.world import World

Bools = np.ndarray


@dataclass(frozen=True)
class Turns:
    """Runs of customer messages and the human reply that ends each of them.

    Attributes:
        conversation: Code of the conversation.
        start_ms: First message of the run.
        reply_ms: First public, non-automatic agent message after it, -1 if there is none.
        first: True for the first run of its conversation.
    """

    conversation: Ints
    start_ms: Ints
    reply_ms: Ints
    first: Bools


def spoken(tables: Tables) -> Ints:
    """Customer messages and public, non-automatic agent messages, by conversation and time."""
    m = tables.message
    by_agent = (m[:, z.M_SENDER] == z.AGENT) & (m[:, z.M_FLAGS] & (z.F_AUTO | z.F_PRIVATE) == 0)
    rows: Ints = m[(m[:, z.M_SENDER] == z.CUSTOMER) | by_agent]
    order = np.lexsort((rows[:, z.M_AT], rows[:, z.M_CONV]))
    return np.asarray(rows[order], dtype=np.int64)


def turns_of(rows: Ints) -> Turns:
    """Turns of spoken messages."""
    n = len(rows)
    customer = rows[:, z.M_SENDER] == z.CUSTOMER
    new = np.ones(n, dtype=bool)
    new[1:] = rows[1:, z.M_CONV] != rows[:-1, z.M_CONV]
    opens = customer.copy()
    opens[1:] &= new[1:] | ~customer[:-1]
    answers = np.zeros(n, dtype=bool)
    answers[1:] = ~customer[1:] & ~new[1:] & customer[:-1]
    start = np.flatnonzero(opens)
    answer = np.flatnonzero(answers)
    place = np.searchsorted(answer, start)
    candidate = (
        answer[np.minimum(place, len(answer) - 1)] if len(answer) else np.zeros(len(start), dtype=np.int64)
    )
    answered = (place < len(answer)) & (rows[candidate, z.M_CONV] == rows[start, z.M_CONV])
    conversation = rows[start, z.M_CONV]
    first = np.ones(len(start), dtype=bool)
    first[1:] = conversation[1:] != conversation[:-1]
    return Turns(conversation, rows[start, z.M_AT], np.where(answered, rows[candidate, z.M_AT], -1), first)


@dataclass(frozen=True)
class Occupation:
    """Stretches of time that chats spend with agents, each with its leg.

    Attributes:
        leg: Code of the leg.
        start: Begin on the agents' axis.
        end: End on the agents' axis.
    """

    leg: Ints
    start: Ints
    end: Ints


def open_slots_of(world: World, tables: Tables) -> Occupation:
    """Times a chat holds a slot: from accept to release without parked time, cut at the period's end."""
    span = tables.span
    end_ms = np.where(span[:, z.SP_END] < 0, world.period.end_ms, span[:, z.SP_END])
    agent, origin = span[:, z.SP_AGENT], world.period.start_ms
    start = iv.on_axis(agent, span[:, z.SP_START], origin)
    return Occupation(span[:, z.SP_LEG], start, iv.on_axis(agent, end_ms, origin))


def _within_slots(
    world: World, tables: Tables, conversation: Ints, start_ms: Ints, end_ms: Ints
) -> Occupation:
    """Parts of stretches of conversations during which the conversation holds a slot."""
    span = tables.span
    origin = world.period.start_ms
    start, end = iv.merge(
        iv.on_axis(conversation, start_ms, origin), iv.on_axis(conversation, end_ms, origin)
    )
    span_end = np.where(span[:, z.SP_END] < 0, world.period.end_ms, span[:, z.SP_END])
    owner = tables.leg[span[:, z.SP_LEG], z.L_CONV]
    pieces = iv.intersect(
        start, end, iv.on_axis(owner, span[:, z.SP_START], origin), iv.on_axis(owner, span_end, origin)
    )
    shift = (span[pieces.index, z.SP_AGENT] - owner[pieces.index]) * iv.AXIS_MS
    return Occupation(span[pieces.index, z.SP_LEG], pieces.start + shift, pieces.end + shift)


def owed_of(world: World, tables: Tables, turns: Turns) -> Occupation:
    """Times at which a customer message waits for a reply while the chat holds a slot."""
    reply = np.where(turns.reply_ms < 0, world.period.end_ms, turns.reply_ms)
    return _within_slots(world, tables, turns.conversation, turns.start_ms, reply)


def active_of(world: World, tables: Tables, turns: Turns, rows: Ints, recent_ms: int) -> Occupation:
    """Times at which a message is owed, or the last one of either side is recent, while a slot is held."""
    end_ms = world.period.end_ms
    reply = np.where(turns.reply_ms < 0, end_ms, turns.reply_ms)
    conversation = np.concatenate([turns.conversation, rows[:, z.M_CONV]])
    start = np.concatenate([turns.start_ms, rows[:, z.M_AT]])
    end = np.concatenate([reply, np.minimum(rows[:, z.M_AT] + recent_ms, end_ms)])
    return _within_slots(world, tables, conversation, start, end)


@dataclass(frozen=True)
class Returns:
    """Neighbouring contacts of the same customer on the same topic, per conversation.

    Attributes:
        after_ms: Time from the first close to the next contact in any channel, -1 if none follows.
        before_ms: Time from the last contact before to the creation, -1 if there is none.
    """

    after_ms: Ints
    before_ms: Ints


def returns_of(world: World, tables: Tables) -> Returns:
    """Look up each conversation's neighbours among chats (the bot's too), calls and emails."""
    c = tables.conversation
    n_topics = len(world.parameters.topics)
    is_contact = (c[:, z.C_STATE] >= 0) & (c[:, z.C_KIND] == z.K_INBOUND) & (c[:, z.C_CUSTOMER] >= 0)
    key = np.concatenate(
        [
            c[is_contact, z.C_CUSTOMER] * n_topics + c[is_contact, z.C_TOPIC],
            tables.contact[:, z.X_CUSTOMER] * n_topics + tables.contact[:, z.X_TOPIC],
        ]
    )
    at = np.concatenate([c[is_contact, z.C_CREATED], tables.contact[:, z.X_AT]])
    origin = world.period.start_ms
    line = np.sort(iv.on_axis(key, at, origin))
    own = c[:, z.C_CUSTOMER] * n_topics + c[:, z.C_TOPIC]
    known = (c[:, z.C_CUSTOMER] >= 0) & (c[:, z.C_STATE] >= 0)
    closed = iv.on_axis(own, c[:, z.C_FIRST_CLOSED], origin)
    created = iv.on_axis(own, c[:, z.C_CREATED], origin)
    following = np.searchsorted(line, closed, side="right")
    previous = np.searchsorted(line, created, side="left") - 1
    padded = np.concatenate([line, [np.iinfo(np.int64).max]])
    after = padded[following] - closed
    before = created - padded[previous]
    same_next = known & (c[:, z.C_FIRST_CLOSED] >= 0) & (padded[following] // iv.AXIS_MS == own)
    same_last = known & (previous >= 0) & (padded[previous] // iv.AXIS_MS == own)
    return Returns(np.where(same_next, after, -1), np.where(same_last, before, -1))
