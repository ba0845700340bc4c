"""Kinds of timers: of conversations, of conversations until something newer happens, of agents."""

from __future__ import annotations

# timers of conversations that check by themselves whether they still mean anything
CREATE, BOT_DONE, ENQUEUE, ROUTE, ABANDON, RING = range(6)
# timers of conversations that are void once the conversation's version has moved on
CUSTOMER, READY, PARK, IDLE, EXPIRE, CLOSE, REOPEN, TRANSFER = range(6, 14)
# timers of agents
WORK, PLAN, PAUSE_END, DRAIN, ATTEND = range(14, 19)

FIRST_WITH_VERSION = CUSTOMER
FIRST_OF_AGENT = WORK

# versions of timers that have none, or say something else with it
ALWAYS = 0
TO_CLOSE, TO_HUMAN = 0, 1
AT_THE_END, IN_FRONT = 0, 1
