"""Compiled dialogue with the bot: greeting, answers and fallbacks, containment or hand-over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast_sample_data import engine as e
from staffcast_sample_data import layout as z
from staffcast_sample_data import timers as t
from staffcast_sample_data.reference import compiled

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Desk, Tables, Truth, Whole

BOT_ROUNDS = 4
LEAVES, CONFIRMS, ASKS_HUMAN, GOES_ON = range(4)


@compiled
def typing_ms(s: Tables, x: Desk) -> Whole:
    """Time a customer reads and types."""
    return e.lognormal_ms(s, 0.6 * x.knob[z.B_THINK], x.knob[z.B_THINK_SIGMA])


@compiled
def reaction_to(s: Tables, x: Desk, understood: Truth) -> Whole:
    """What the customer does after a bot message."""
    draw = e.uniform(s)
    if understood:
        confirm = x.knob[z.B_CONFIRM]
        leave = confirm + x.knob[z.B_LEAVE]
        human = leave + x.knob[z.B_HUMAN]
    else:
        confirm = 0.0
        leave = x.knob[z.B_FALLBACK_LEAVE]
        human = leave + x.knob[z.B_FALLBACK_HUMAN]
    if draw < confirm:
        return CONFIRMS
    if draw < leave:
        return LEAVES
    return ASKS_HUMAN if draw < human else GOES_ON


@compiled
def contain(s: Tables, c: Whole, at: Whole, outcome: Whole) -> None:
    """The bot dialogue ends without a human."""
    s.conversation[c, z.C_OUTCOME] = outcome
    e.set_timer(s, at, t.BOT_DONE, c, t.TO_CLOSE)


@compiled
def hand_over(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """The bot passes the customer on, or says that nobody is there."""
    s.conversation[c, z.C_OUTCOME] = z.FALLBACK
    answer = at + e.uniform_ms(s, 0.9, 2.2)
    if e.is_open(x, s.conversation[c, z.C_QUEUE], answer + 1000):
        e.say(s, c, answer, z.BOT, z.W_BOT_HANDOFF, z.PLAIN)
        e.set_timer(s, answer + e.uniform_ms(s, 0.1, 0.6), t.BOT_DONE, c, t.TO_HUMAN)
    else:
        e.say(s, c, answer, z.BOT, z.W_BOT_CLOSED, z.PLAIN)
        e.set_timer(s, answer + e.uniform_ms(s, 60.0, 300.0), t.BOT_DONE, c, t.TO_CLOSE)


@compiled
def bot_dialogue(s: Tables, x: Desk, c: Whole, at: Whole) -> None:
    """Write the whole bot dialogue and set the timer of its end (version 1 = hand over)."""
    conversation = s.conversation[c]
    conversation[z.C_BOT] = 1
    conversation[z.C_STATE] = z.S_BOT
    e.say(s, c, at + e.uniform_ms(s, 0.2, 0.6), z.BOT, z.W_BOT_GREETING, z.F_AUTO)
    now = at + 700 + typing_ms(s, x)
    e.say(s, c, now, z.CUSTOMER, z.W_OPENER, z.PLAIN)
    answered = False
    for turn in range(BOT_ROUNDS):
        conversation[z.C_OWED] = now
        conversation[z.C_BOT_TURNS] = turn + 1
        now += e.uniform_ms(s, 1.0, 3.5)
        understood = e.chance(s, x.topic[conversation[z.C_TOPIC], z.T_BOT])
        if understood:
            answered = True
        e.say(s, c, now, z.BOT, z.W_BOT_ANSWER if understood else z.W_BOT_FALLBACK, z.PLAIN)
        reaction = reaction_to(s, x, understood)
        if reaction == LEAVES:
            contain(s, c, now + e.uniform_ms(s, 180.0, 300.0), z.ASSUMED if answered else z.FALLBACK)
            return
        now += typing_ms(s, x)
        if reaction == CONFIRMS:
            e.say(s, c, now, z.CUSTOMER, z.W_CONFIRM, z.PLAIN)
            e.say(s, c, now + e.uniform_ms(s, 0.8, 2.0), z.BOT, z.W_BOT_BYE, z.PLAIN)
            contain(s, c, now + e.uniform_ms(s, 3.0, 20.0), z.CONFIRMED)
            return
        if reaction == ASKS_HUMAN or turn == BOT_ROUNDS - 1:
            break
        e.say(s, c, now, z.CUSTOMER, z.W_FOLLOW_UP if understood else z.W_REPHRASE, z.PLAIN)
    e.say(s, c, now, z.CUSTOMER, z.W_ASK_HUMAN, z.PLAIN)
    conversation[z.C_OWED] = now
    hand_over(s, x, c, now)
