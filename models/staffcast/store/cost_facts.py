"""Facts about money: what agents' paid time, the bot and all else cost, by conversation where it can be."""

from __future__ import annotations

from staffcast.store.fact_schema import CONVERSATION_DIMENSIONS, FactColumn, FactTable, columns

__all__ = ["FACT_COST"]

FACT_COST = FactTable(
    name="fact_cost",
    grain="money spent: an agent's paid day given to one leg or to none, what the bot took for a "
    "conversation, or a day's part of a recorded cost",
    cohorts=("overlap",),
    dimensions=(*CONVERSATION_DIMENSIONS, "agent_id", "team", "site", "cost_kind", "cost_item"),
    columns=(
        *columns(
            "VARCHAR",
            cost_key="what it is for",
            cost_kind="agents (paid time), bot, other (recorded for chat), staff (recorded pay of those "
            "whose paid time is counted as agents), elsewhere (recorded for another channel)",
            cost_item="kind of a recorded cost, as given",
            conversation_key="the conversation that bears it; null = none",
            agent_id="whose paid time it is",
        ),
        *columns(
            "BIGINT",
            spent_at_us="begin of the leg's work that day, of the agent's day without chats, of the "
            "conversation with the bot, or of the day",
            cost_micros="money in millionths of the currency; null = not known",
            paid_us="paid time that it stands for",
            maturity_us="end of contact coverage - spent (with the bot: - first close): how long a repeat "
            "could have been seen",
        ),
        *(
            FactColumn(name, "VARCHAR", "of the conversation; null where none bears it")
            for name in CONVERSATION_DIMENSIONS
        ),
    ),
)
