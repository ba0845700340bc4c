"""Facts about queues, the backlog and the help pages: entries, open stretches, visits."""

from __future__ import annotations

from staffcast.store.fact_schema import (
    CONVERSATION_DIMENSIONS,
    CONVERSATION_KEY,
    FactColumn,
    FactTable,
    columns,
)

__all__ = ["FACT_HELP_SESSION", "FACT_OPEN_SPAN", "FACT_QUEUE_ENTRY"]

FACT_QUEUE_ENTRY = FactTable(
    name="fact_queue_entry",
    cluster="conversation_key",
    grain="an entry of a conversation into a human queue",
    cohorts=("queue",),
    dimensions=(*CONVERSATION_DIMENSIONS, "entered_queue"),
    columns=(
        FactColumn("entry_key", "VARCHAR", "conversation_key#number"),
        CONVERSATION_KEY,
        FactColumn("entered_queue", "VARCHAR", "the queue that it entered"),
        FactColumn("result", "VARCHAR", "accepted, abandoned, closed, moved (another entry) or waiting"),
        FactColumn("is_inbound", "BOOLEAN", "as in fact_conversation"),
        FactColumn("is_first_entry", "BOOLEAN", "the first entry of the conversation"),
        *columns(
            "BIGINT",
            entered_at_us="entry",
            left_at_us="accept, leaving, close or next entry; as_of while waiting",
            entry_wait_us="left - entered",
            entry_wait_business_us="the same on the business clock of the queue entered",
        ),
    ),
)

FACT_OPEN_SPAN = FactTable(
    name="fact_open_span",
    cluster="conversation_key",
    grain="a stretch of an open conversation in which its state does not change",
    cohorts=("start",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        FactColumn("span_key", "VARCHAR", "conversation_key#number"),
        CONVERSATION_KEY,
        FactColumn("agent_id", "VARCHAR", "who holds it, parked or not; null = nobody, or unnamed"),
        *columns(
            "BOOLEAN",
            is_inbound="as in fact_conversation",
            is_with_humans="it has entered a human queue, or was accepted, by then",
            is_assigned="an agent holds it, parked or not",
            is_parked="parked or snoozed",
            is_awaiting_agent="a customer message waits for a human",
        ),
        *columns(
            "BIGINT",
            opened_at_us="begin of the conversation",
            awaiting_since_at_us="begin of the turn that waits for a human",
            reply_target_us="reply target of that turn (targets table); null = none",
            from_at_us="begin of the stretch",
            until_at_us="its end; null = lasts to as_of and beyond",
        ),
    ),
)

FACT_HELP_SESSION = FactTable(
    name="fact_help_session",
    grain="a visit of the help pages: articles read less than half an hour apart",
    cohorts=("start",),
    dimensions=("article", "device"),
    columns=(
        FactColumn("session_key", "VARCHAR", "source/account/id of the first view"),
        FactColumn("customer_key", "VARCHAR", "the customer; null = anonymous"),
        FactColumn("is_helpful", "BOOLEAN", "an article of the visit was called helpful"),
        *columns(
            "BIGINT",
            begun_at_us="first view",
            ended_at_us="last view",
            next_contact_gap_us="last view to the customer's next contact; 0 if that came during the visit",
            maturity_us="end of contact coverage - last view",
            n_views="articles viewed",
        ),
    ),
)
