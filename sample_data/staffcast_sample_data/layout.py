"""Codes and table layouts that the simulator, the writers and the truth share.

Every table of the simulator is a two-dimensional int64 array; the names below are column numbers.
Times are milliseconds of UTC since 1970, so that sums are exact on every machine. -1 means "never" or "none".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# what an element of these arrays, or a plain number, is to a compiled function
Whole = int | np.int64
Number = float | np.float64
Truth = bool | np.bool

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
SLOT_MS = 900_000

# event types, in the interchange folder's order at equal instants
EVENT_TYPES = (
    "created", "closed", "parked", "snoozed", "transferred", "queued", "assigned", "missed", "accepted",
    "resumed", "reopened", "bot_handoff", "escalated", "cobrowse_started", "cobrowse_ended",
    "wrapup_started", "wrapup_ended", "abandoned", "survey_sent",
)  # fmt: skip
(
    CREATED, CLOSED, PARKED, SNOOZED, TRANSFERRED, QUEUED, ASSIGNED, MISSED, ACCEPTED, RESUMED, REOPENED,
    BOT_HANDOFF, ESCALATED, COBROWSE_STARTED, COBROWSE_ENDED, WRAPUP_STARTED, WRAPUP_ENDED, ABANDONED,
    SURVEY_SENT,
) = range(19)  # fmt: skip

# details of events
DETAILS = (
    "", "resolved", "inactivity", "customer_left", "bot", "escalated", "agent_offline", "department",
    "test", "timeout",
)  # fmt: skip
(
    NO_DETAIL, BY_RESOLVED, BY_INACTIVITY, BY_CUSTOMER, BY_BOT, BY_ESCALATION, BY_OFFLINE, BY_DEPARTMENT,
    BY_TEST, BY_TIMEOUT,
) = range(10)  # fmt: skip

# "none" of agents, queues and channels
NOBODY, NOWHERE, NO_CHANNEL = -1, -1, 0

# escalation and contact channels
CHANNELS = ("", "phone", "email")
PHONE, EMAIL = 1, 2

# columns of `conversation`
(
    C_CREATED, C_FIRST_QUEUED, C_QUEUED, C_ACCEPTED, C_FIRST_REPLY, C_CLOSED, C_FIRST_CLOSED, C_ABANDONED,
    C_QUEUE0, C_QUEUE, C_CUSTOMER, C_TOPIC, C_MODE, C_PRIORITY, C_PARENT, C_KIND, C_BOT, C_OUTCOME,
    C_BOT_TURNS, C_STATE, C_AGENT, C_TURNS, C_PHASE, C_RESOLVED, C_SILENT, C_GONE, C_VERSION, C_OWED,
    C_LEG, C_SPAN, C_NEXT, C_REOPENS, C_REOPENED_AT, C_ESCALATED, C_TRANSFERS, C_REASON, C_COBROWSE,
    C_TARGET,
) = range(38)  # fmt: skip
N_CONVERSATION = 38
START_AT_ZERO = (
    C_VERSION, C_BOT, C_OUTCOME, C_BOT_TURNS, C_PHASE, C_SILENT, C_GONE, C_REOPENS, C_ESCALATED, C_TRANSFERS,
    C_REASON, C_COBROWSE,
)  # fmt: skip

# states of a conversation
S_NEW, S_BOT, S_QUEUED, S_RINGING, S_OPEN, S_PARKED, S_STICKY, S_DONE, S_DROPPED = range(9)
# phases of the dialogue
P_ISSUE, P_THANKS, P_FAREWELL = range(3)
# kinds of conversation
K_INBOUND, K_OUTBOUND, K_TEST = range(3)
# modes
LIVE, MESSAGING = range(2)
# bot outcomes as exported
OUTCOMES = ("", "confirmed", "assumed", "none")
CONFIRMED, ASSUMED, FALLBACK = 1, 2, 3

# columns of `message`: sender is a sender type; agent is -1 but for agents
M_CONV, M_AT, M_SENDER, M_AGENT, M_KIND, M_FLAGS = range(6)
N_MESSAGE = 6
SENDERS = ("customer", "bot", "agent", "system")
CUSTOMER, BOT, AGENT, SYSTEM = range(4)
PLAIN, F_CANNED, F_AUTO, F_PRIVATE = 0, 1, 2, 4
# what a message says; the texts are chosen by it
MESSAGE_KINDS = (
    "opener", "more", "follow_up", "thanks", "ask_human", "bot_greeting", "bot_answer", "bot_fallback",
    "bot_handoff", "bot_closed", "bot_bye", "confirm", "rephrase", "queue_notice", "auto_greeting",
    "first_reply", "answer", "second_part", "canned", "final", "farewell", "transfer_notice",
    "transfer_ok", "escalation", "idle_notice", "note", "transfer_note", "outreach", "outreach_reply",
    "come_back",
)  # fmt: skip
(
    W_OPENER, W_MORE, W_FOLLOW_UP, W_THANKS, W_ASK_HUMAN, W_BOT_GREETING, W_BOT_ANSWER, W_BOT_FALLBACK,
    W_BOT_HANDOFF, W_BOT_CLOSED, W_BOT_BYE, W_CONFIRM, W_REPHRASE, W_QUEUE_NOTICE, W_AUTO_GREETING,
    W_FIRST_REPLY, W_ANSWER, W_SECOND_PART, W_CANNED, W_FINAL, W_FAREWELL, W_TRANSFER_NOTICE,
    W_TRANSFER_OK, W_ESCALATION, W_IDLE_NOTICE, W_NOTE, W_TRANSFER_NOTE, W_OUTREACH, W_OUTREACH_REPLY,
    W_COME_BACK,
) = range(30)  # fmt: skip

# columns of the other result tables
E_CONV, E_AT, E_TYPE, E_AGENT, E_QUEUE, E_TO_QUEUE, E_TO_CHANNEL, E_DETAIL = range(8)
N_EVENT = 8
L_CONV, L_AGENT, L_ACCEPTED, L_RELEASED, L_WRAP_START, L_WRAP_END, L_QUEUE, L_PARKED = range(8)
N_LEG = 8
SP_LEG, SP_AGENT, SP_START, SP_END, SP_LEVEL_END, SP_RELEASE = range(6)
N_SPAN = 6
ST_AGENT, ST_STATUS, ST_START, ST_END = range(4)
N_STATUS = 4
X_CUSTOMER, X_CHANNEL, X_AT, X_TOPIC, X_SOURCE = range(5)
N_CONTACT = 5

STATUSES = ("offline", "available", "busy", "break", "lunch", "meeting", "training", "away")
OFFLINE, AVAILABLE, BUSY, BREAK, LUNCH, MEETING, TRAINING, AWAY = range(8)

# columns of `agent`
(
    A_STATUS, A_ROW, A_OPEN, A_RING, A_BUSY, A_JOBS, A_LAST, A_PENDING, A_PENDING_MS, A_FORCED, A_VERSION,
    A_JOB_KIND, A_JOB_CONV, A_JOB_LEG, A_JOB_START, A_STICKY_HEAD, A_STICKY_TAIL, A_JOB_CANNED, A_CALLED,
) = range(19)  # fmt: skip
N_AGENT = 19
JOB_REPLY, JOB_WRAP = range(2)
J_KIND, J_CONV, J_SINCE, J_LEG = range(4)
N_JOB = 4
MAX_JOBS = 64
MAX_SLOTS = 8

# columns of the input tables
(
    T_TURNS, T_WORK, T_RESOLVE, T_BOT, T_TRANSFER, T_TRANSFER_TO, T_ESCALATE, T_COBROWSE,
) = range(8)  # fmt: skip
PL_AT, PL_KIND, PL_AGENT, PL_STATUS, PL_MS = range(5)
N_PLAN = 5

# counters
(
    N_HEAP, N_SEQ, N_CONV, N_MSG, N_EV, N_LEGS, N_SPANS, N_STAT, N_CONTACTS, N_UNIFORM, N_NORMAL,
    OVERFLOW,
) = range(12)  # fmt: skip
N_COUNTERS = 12


class Tables(NamedTuple):
    """Working and result tables of one run."""

    heap: Ints
    n: Ints
    conversation: Ints
    message: Ints
    event: Ints
    leg: Ints
    span: Ints
    status: Ints
    contact: Ints
    agent: Ints
    job: Ints
    slot: Ints
    line: Ints
    uniform: Floats
    normal: Floats


class Desk(NamedTuple):
    """What a run is given: calendar, staff and behaviour (see `parameters.DeskParameters`)."""

    start: int
    end: int
    open_slot: Ints
    next_open: Ints
    topic: Floats
    patience_ms: Floats
    bot_share: Floats
    bot_down: Ints
    skill: Ints
    limit: Ints
    speed: Floats
    quality: Floats
    plan: Ints
    knob: Floats


# numbers in `Desk.knob`, by name of the parameter
KNOBS = (
    "bot_confirm_share", "bot_leave_share", "bot_human_share", "bot_fallback_leave_share",
    "bot_fallback_human_share", "silent_share", "think_s", "think_sigma", "burst_share", "burst_gap_s",
    "vanish_share", "thanks_share", "long_think_share", "long_think_s", "long_think_sigma",
    "reopen_share", "reopen_delay_s", "repeat_unresolved_share", "repeat_abandoned_share",
    "repeat_resolved_share", "repeat_delay_s", "repeat_delay_sigma", "repeat_chat_share",
    "repeat_phone_share", "reply_sigma", "canned_share", "canned_work_s", "greeting_work_factor",
    "farewell_work_s", "farewell_share", "two_part_share", "ring_s", "ring_sigma", "ring_timeout_s",
    "missed_share", "auto_greeting_share", "wrap_share", "wrap_s", "wrap_sigma", "note_share",
    "long_drain_s", "live_close_s", "park_after_s", "expire_s", "silent_timeout_s",
)  # fmt: skip
(
    B_CONFIRM, B_LEAVE, B_HUMAN, B_FALLBACK_LEAVE, B_FALLBACK_HUMAN, B_SILENT, B_THINK, B_THINK_SIGMA,
    B_BURST, B_BURST_GAP, B_VANISH, B_THANKS, B_LONG, B_LONG_THINK, B_LONG_SIGMA, B_REOPEN,
    B_REOPEN_DELAY, B_REPEAT_UNRESOLVED, B_REPEAT_ABANDONED, B_REPEAT_RESOLVED, B_REPEAT_DELAY,
    B_REPEAT_SIGMA, B_REPEAT_CHAT, B_REPEAT_PHONE, B_REPLY_SIGMA, B_CANNED, B_CANNED_WORK, B_GREETING,
    B_FAREWELL_WORK, B_FAREWELL, B_TWO_PART, B_RING, B_RING_SIGMA, B_RING_TIMEOUT, B_MISSED,
    B_AUTO_GREETING, B_WRAP, B_WRAP_S, B_WRAP_SIGMA, B_NOTE, B_DRAIN, B_LIVE_CLOSE, B_PARK, B_EXPIRE,
    B_SILENT_TIMEOUT, B_RESOLVE_CONFIRMED, B_RESOLVE_ASSUMED, B_RESOLVE_FALLBACK,
) = range(48)  # fmt: skip
