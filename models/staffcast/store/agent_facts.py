"""Facts about agents' time: what they held, how much at once, and under which status and plan."""

from __future__ import annotations

from staffcast.store.fact_schema import (
    CONVERSATION_DIMENSIONS,
    CONVERSATION_KEY,
    FactColumn,
    FactTable,
    columns,
)

__all__ = ["FACT_AGENT_LOAD", "FACT_AGENT_STATE", "FACT_LEG_LOAD", "FACT_SCHEDULE_AHEAD"]

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
    grain="a stretch of an agent's time in which status, scheduled activity and chats held stay the same, "
    "cut at quarter-hours",
    cohorts=("overlap",),
    dimensions=("agent_id", "team", "site", "status", "activity", "shrinkage_category", "paid", "planned"),
    columns=(
        FactColumn("agent_id", "VARCHAR", "the agent"),
        *columns(
            "VARCHAR",
            status="presence; of overlapping rows the one that began last; null = none recorded",
            activity="scheduled activity, chosen likewise; null = none scheduled",
            shrinkage_category="what takes scheduled time from chats: the activity, unless it is chat "
            "work, or 'away' where an agent is not available for scheduled chat work; null = nothing does",
            paid="paid or unpaid, as scheduled; null = not said",
            planned="planned or unplanned, as scheduled; being away is unplanned; null = not scheduled",
        ),
        *columns(
            "BOOLEAN",
            is_productive="the status takes chats",
            is_presence_known="at or after the agent's first recorded status: a gap means signed off",
            is_plan_known="at or after the agent's first scheduled activity: a gap means not scheduled",
            is_chat_work="the scheduled activity is chat work",
            is_adherent="scheduled and, presence being known, available exactly if scheduled for chat work",
        ),
        *columns(
            "BIGINT",
            segment_at_us="begin",
            segment_end_at_us="end",
            state_us="length",
            k_open="open chats",
            k_active="active chats",
            slots="chats that the agent may hold at once, as of now",
            busy_us="length where k_open > 0, else 0",
            active_busy_us="length where k_active > 0, else 0",
            open_chat_us="k_open x length",
            slot_us="slots x length",
            cost_micros="paid time x hourly cost, in millionths of the currency, rounded down; 0 where "
            "unpaid or not scheduled, null where the plan, its pay or the hourly cost is unknown",
        ),
    ),
)

FACT_SCHEDULE_AHEAD = FactTable(
    name="fact_schedule_ahead",
    grain="a stretch of an agent's time after as_of under one scheduled activity, cut at quarter-hours, "
    "as far as schedules were loaded and the calendar reaches",
    cohorts=("overlap",),
    dimensions=("agent_id", "activity"),
    columns=(
        FactColumn("agent_id", "VARCHAR", "the agent"),
        FactColumn("activity", "VARCHAR", "scheduled activity; of overlapping rows the one that began last"),
        FactColumn("is_chat_work", "BOOLEAN", "the scheduled activity is chat work"),
        *columns("BIGINT", segment_at_us="begin", segment_end_at_us="end", scheduled_us="length"),
    ),
)
