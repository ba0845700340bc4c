"""Facts about agents' time: what they held, how much at once, and under which status and plan."""

from __future__ import annotations

from staffcast.store.fact_schema import (
    CONVERSATION_DIMENSIONS,
    CONVERSATION_KEY,
    FactColumn,
    FactTable,
    columns,
)

__all__ = ["FACT_AGENT_LOAD", "FACT_AGENT_STATE", "FACT_LEG_LOAD"]

FACT_LEG_LOAD = FactTable(
    name="fact_leg_load",
    grain="a stretch of a leg during which the agent's load does not change",
    cohorts=("overlap",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id"),
    columns=(
        FactColumn("leg_key", "VARCHAR", "the leg"),
        CONVERSATION_KEY,
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
