"""The fact tables: one grain each, as the build writes them and the metrics read them.

Conventions that hold for every fact:

- ``*_at_us`` are instants in UTC microseconds, ``*_us`` durations in microseconds, ``n_*`` counts,
  ``is_*`` booleans. A null duration means "not there", never zero.
- A cohort is a moment that decides the period of a row: ``start``, ``queue``, ``close``, ``overlap``.
  Each gives five label columns in the report time zone: ``<cohort>_date`` (``2026-11-02``),
  ``_hour`` (0-23), ``_weekday`` (1 = Monday), ``_week`` (its Monday), ``_month`` (``2026-11``).
- The conversation's dimensions stand on every fact below the conversation, as of its first queue.
"""

from __future__ import annotations

from staffcast.store.fact_schema import (
    CONVERSATION_DIMENSIONS,
    TIME_LABELS,
    FactColumn,
    FactTable,
    columns,
    labels,
)

__all__ = [
    "CONVERSATION_DIMENSIONS",
    "FACT_TABLES",
    "TIME_LABELS",
    "FactColumn",
    "FactTable",
    "fact_table",
    "labels",
]

_KEY = FactColumn("conversation_key", "VARCHAR", "source/account/id of the conversation")

FACT_CONVERSATION = FactTable(
    name="fact_conversation",
    grain="a conversation",
    cohorts=("start", "queue", "close"),
    dimensions=CONVERSATION_DIMENSIONS,
    columns=(
        _KEY,
        *columns(
            "VARCHAR",
            conversation_id="id in the source",
            customer_key="keyed hash of the customer; null = anonymous",
            last_queue="queue at the end",
            last_agent_id="agent of the last leg",
        ),
        *columns(
            "BOOLEAN",
            is_inbound="opened by a customer (or proactively), and no test",
            is_test="marked as a test",
            is_inferred="inferred from messages alone",
            is_wait_recorded="entry, accept or abandonment was recorded, not inferred",
            is_offered="inbound with at least one entry into a human queue",
            is_answered="accepted by a human at least once after queueing",
            is_abandoned="left the queue before anyone accepted",
            is_waiting="still in the queue at as_of",
            is_ended="closed, contained or abandoned by as_of",
            is_open="not ended at as_of",
            is_bot_involved="the bot wrote, or a bot outcome or session is known",
            is_bot_answered="the bot gave an answer that was no fallback; null = outcome not recorded",
            is_bot_confirmed="the customer confirmed the bot's answer; null = outcome not recorded",
            is_bot_billed="the bot vendor billed it as resolved",
            is_contained="bot-involved, never queued nor accepted, and ended",
            is_human_handled="a human accepted or wrote publicly",
            is_escalated="passed on to phone, email or another channel",
            has_negative_survey="latest answered survey below the positive limit, or resolved = no",
            ended_unanswered="ended with a customer message that no human answered",
        ),
        *columns(
            "BIGINT",
            start_at_us="created",
            first_customer_at_us="first customer message",
            first_bot_at_us="first bot message",
            handoff_at_us="bot hand-over",
            queued_at_us="first entry into a human queue",
            accepted_at_us="first accept",
            first_human_at_us="first public message of a human that is not automatic, after queueing",
            abandoned_at_us="left the queue",
            first_closed_at_us="first close",
            closed_at_us="last close; null while open",
            queue_wait_us="accepted - queued; null unless answered",
            queue_wait_business_us="the same on the business clock; null without a calendar",
            abandon_wait_us="abandoned - queued; null unless abandoned",
            abandon_wait_business_us="the same on the business clock",
            waiting_us="as_of - queued of those still waiting",
            pickup_to_reply_us="first human message - accepted",
            frt_human_us="first human message - queued",
            frt_human_business_us="the same on the business clock",
            frt_bot_us="first bot message - first customer message",
            resolution_us="last close - created",
            handle_us="sum over legs of release - accept without parked time, plus wrap-up; closed only",
            wrapup_us="wrap-up time; closed only",
            engaged_us="integral of 1 / k_open over the legs; closed only",
            effort_us="time with a message owed, shared over those that the agent owes; closed only",
            next_issue_gap_us="first close to the customer's next contact on the same topic, any channel",
            next_any_gap_us="first close to the next contact of the customer, any topic",
            prev_issue_gap_us="latest earlier contact about the same topic to this start",
            maturity_us="end of contact coverage - first close: how long a repeat could have been seen",
            n_legs="agent legs",
            n_transfers="human-to-human transfers",
            n_reopens="reopenings after a close",
            n_turns="customer turns that waited for a human",
            n_customer_messages="messages of the customer",
            n_human_messages="public human messages that are not automatic",
            n_canned_messages="of these, from a template",
            n_bot_messages="messages of the bot",
        ),
    ),
)

FACT_LEG = FactTable(
    name="fact_leg",
    grain="an agent's hold of a conversation, from accept to release",
    cohorts=("start", "close"),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        FactColumn("leg_key", "VARCHAR", "conversation_key#number"),
        _KEY,
        FactColumn("agent_id", "VARCHAR", "who held it"),
        FactColumn("end_reason", "VARCHAR", "closed, transferred or open"),
        *columns(
            "BIGINT",
            accepted_at_us="accept",
            released_at_us="release; as_of while open",
            parked_us="parked time inside",
            open_us="release - accept without parked time",
            wrapup_us="wrap-up after it",
            handle_us="open_us + wrapup_us; null while open",
            engaged_us="integral of 1 / k_open; null while open",
            effort_us="time with a message owed, shared over those owed; null while open",
        ),
    ),
)

FACT_OFFER = FactTable(
    name="fact_offer",
    cluster="conversation_key",
    grain="an offer of a conversation to an agent",
    cohorts=("queue",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        FactColumn("offer_key", "VARCHAR", "conversation_key#number"),
        _KEY,
        FactColumn("agent_id", "VARCHAR", "to whom"),
        FactColumn("result", "VARCHAR", "accepted, missed or open"),
        *columns("BIGINT", offered_at_us="offer", ended_at_us="accept or miss"),
    ),
)

FACT_TURN = FactTable(
    name="fact_turn",
    cluster="conversation_key",
    grain="a customer turn that waits for a human: first unanswered message to the next human reply",
    cohorts=("start",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        FactColumn("turn_key", "VARCHAR", "conversation_key#number"),
        _KEY,
        FactColumn("agent_id", "VARCHAR", "sender of the reply; null while unanswered"),
        FactColumn("is_first", "BOOLEAN", "the turn that first response time measures"),
        FactColumn("is_answered", "BOOLEAN", "a human replied"),
        FactColumn("is_censored", "BOOLEAN", "unanswered and the conversation is still open"),
        *columns(
            "BIGINT",
            turn_at_us="first unanswered customer message, or queue entry if later",
            replied_at_us="next public human message that is not automatic",
            reply_us="replied - turn",
            reply_business_us="the same on the business clock",
            target_us="reply target that holds for this turn (targets table); null = none",
        ),
    ),
)

FACT_LEG_LOAD = FactTable(
    name="fact_leg_load",
    grain="a stretch of a leg during which the agent's load does not change",
    cohorts=("overlap",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        FactColumn("leg_key", "VARCHAR", "the leg"),
        _KEY,
        FactColumn("agent_id", "VARCHAR", "the agent"),
        FactColumn("is_active", "BOOLEAN", "this chat is active: a message owed, or one sent recently"),
        FactColumn("ends_chat", "BOOLEAN", "the last active stretch of a leg that has ended"),
        *columns(
            "BIGINT",
            segment_at_us="begin",
            segment_end_at_us="end",
            chat_us="length",
            k_open="open chats of the agent, this one included",
            k_active="active chats of the agent",
        ),
    ),
)

FACT_AGENT_LOAD = FactTable(
    name="fact_agent_load",
    grain="a stretch of an agent's time with at least one open chat, cut at quarter-hours",
    cohorts=("overlap",),
    dimensions=("agent_id", "team", "site"),
    columns=(
        FactColumn("agent_id", "VARCHAR", "the agent"),
        *columns(
            "BIGINT",
            segment_at_us="begin",
            segment_end_at_us="end",
            busy_us="length",
            k_open="open chats",
            k_active="active chats",
            open_chat_us="k_open x length",
            active_chat_us="k_active x length",
            active_busy_us="length where k_active > 0, else 0",
        ),
    ),
)

FACT_AGENT_STATE = FactTable(
    name="fact_agent_state",
    grain="a stretch of presence under one status and one activity, cut at quarter-hours",
    cohorts=("overlap",),
    dimensions=("agent_id", "team", "site", "status", "activity"),
    columns=(
        FactColumn("agent_id", "VARCHAR", "the agent"),
        FactColumn("status", "VARCHAR", "presence; null = none recorded"),
        FactColumn("activity", "VARCHAR", "scheduled activity; null = none scheduled"),
        FactColumn("is_productive", "BOOLEAN", "the status takes chats"),
        *columns("BIGINT", segment_at_us="begin", segment_end_at_us="end", state_us="length"),
    ),
)

FACT_SURVEY = FactTable(
    name="fact_survey",
    grain="a surveyed conversation, with its latest answer",
    cohorts=("close",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        _KEY,
        FactColumn("agent_id", "VARCHAR", "agent of the last leg"),
        *columns("BIGINT", sent_at_us="survey sent", responded_at_us="answered"),
        *columns("DOUBLE", csat="rating as given", nps="0-10 as given", ces="as given"),
        *columns(
            "BOOLEAN",
            is_responded="the customer answered",
            is_csat_valid="a rating on the scale",
            is_csat_positive="rating at or above the positive limit",
            is_resolved="answer to 'was it resolved'",
        ),
    ),
)

FACT_CONTACT = FactTable(
    name="fact_contact",
    grain="a contact of a known customer on any channel, chat included",
    cohorts=("start",),
    dimensions=("channel", "topic"),
    columns=(
        FactColumn("contact_key", "VARCHAR", "source/account/id"),
        FactColumn("customer_key", "VARCHAR", "the customer"),
        FactColumn("is_chat", "BOOLEAN", "a conversation, not another channel"),
        *columns("BIGINT", start_at_us="begin", close_at_us="first close of a chat"),
        *columns("DOUBLE", handle_s="handle time of another channel", cost="its cost"),
    ),
)

FACT_ARRIVALS = FactTable(
    name="fact_arrivals",
    grain="a quarter-hour of a queue, with zeroes where it was open and nobody came",
    cohorts=("queue",),
    dimensions=("queue",),
    columns=(
        FactColumn("queue", "VARCHAR", "the queue"),
        *columns(
            "BIGINT",
            slot_at_us="begin of the slot",
            queue_slot="local quarter-hour of the day in the queue's zone, 0-95",
            open_us="open time of the queue in the slot",
            n_offered="conversations that first entered this queue",
            n_answered="of these, answered",
            n_abandoned="of these, abandoned",
        ),
    ),
)

DIM_SLOT = FactTable(
    name="dim_slot",
    grain="a quarter-hour of a queue's local calendar; queue '' is the report time zone",
    cohorts=(),
    dimensions=("queue",),
    columns=(
        FactColumn("queue", "VARCHAR", "the queue; '' = report time zone"),
        FactColumn("slot_at_us", "BIGINT", "begin of the slot"),
        FactColumn("local_date", "VARCHAR", "local date"),
        FactColumn("local_week", "VARCHAR", "Monday of the local week"),
        FactColumn("local_month", "VARCHAR", "local month"),
        *columns(
            "BIGINT",
            local_hour="local hour 0-23",
            local_weekday="1 = Monday",
            local_slot="quarter-hour of the local day 0-95",
            open_us="open time of the queue in the slot",
        ),
    ),
)

CALENDAR_SPAN = FactTable(
    name="calendar_span",
    grain="an open interval of a queue, with the open time before it: the business clock",
    cohorts=(),
    dimensions=("queue",),
    columns=(
        FactColumn("queue", "VARCHAR", "the queue"),
        *columns(
            "BIGINT",
            opens_at_us="opening",
            closes_at_us="closing",
            before_us="open time since the calendar began",
        ),
    ),
)

BRIDGE_TAG = FactTable(
    name="bridge_tag",
    grain="a tag of a conversation",
    cohorts=(),
    dimensions=("tag",),
    columns=(_KEY, FactColumn("tag", "VARCHAR", "one tag")),
)

BUILD_INFO = FactTable(
    name="build_info",
    grain="a fact about the build itself",
    cohorts=(),
    dimensions=(),
    columns=(
        FactColumn("key", "VARCHAR", "as_of_us, timezone, coverage_end_us, short_abandon_s, ..."),
        FactColumn("value", "VARCHAR", "its value as text"),
    ),
)

FACT_TABLES: tuple[FactTable, ...] = (
    FACT_CONVERSATION,
    FACT_LEG,
    FACT_OFFER,
    FACT_TURN,
    FACT_LEG_LOAD,
    FACT_AGENT_LOAD,
    FACT_AGENT_STATE,
    FACT_SURVEY,
    FACT_CONTACT,
    FACT_ARRIVALS,
    DIM_SLOT,
    CALENDAR_SPAN,
    BRIDGE_TAG,
    BUILD_INFO,
)

_BY_NAME = {table.name: table for table in FACT_TABLES}


def fact_table(name: str) -> FactTable:
    """Look up a fact table by name.

    Example:
        >>> fact_table("fact_turn").cohorts
        ('start',)
    """
    return _BY_NAME[name]
