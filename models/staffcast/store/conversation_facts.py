"""Facts about conversations: what happened in them, turn by turn, and what customers said of them."""

from __future__ import annotations

from staffcast.store.fact_schema import (
    CONVERSATION_DIMENSIONS,
    CONVERSATION_KEY,
    FactColumn,
    FactTable,
    columns,
)

__all__ = [
    "BRIDGE_TAG",
    "FACT_CONTACT",
    "FACT_CONVERSATION",
    "FACT_LEG",
    "FACT_OFFER",
    "FACT_SURVEY",
    "FACT_TURN",
]

FACT_CONVERSATION = FactTable(
    name="fact_conversation",
    grain="a conversation",
    cohorts=("start", "queue", "close"),
    dimensions=CONVERSATION_DIMENSIONS,
    columns=(
        CONVERSATION_KEY,
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
        CONVERSATION_KEY,
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
        CONVERSATION_KEY,
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
        CONVERSATION_KEY,
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

FACT_SURVEY = FactTable(
    name="fact_survey",
    grain="a surveyed conversation, with its latest answer",
    cohorts=("close",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        CONVERSATION_KEY,
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

BRIDGE_TAG = FactTable(
    name="bridge_tag",
    grain="a tag of a conversation",
    cohorts=(),
    dimensions=("tag",),
    columns=(CONVERSATION_KEY, FactColumn("tag", "VARCHAR", "one tag")),
)
