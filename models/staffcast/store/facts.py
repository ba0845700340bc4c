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

from staffcast.store.agent_facts import (
    FACT_AGENT_LOAD,
    FACT_AGENT_STATE,
    FACT_LEG_LOAD,
    FACT_SCHEDULE_AHEAD,
)
from staffcast.store.conversation_facts import (
    BRIDGE_TAG,
    FACT_CONTACT,
    FACT_CONVERSATION,
    FACT_LEG,
    FACT_OFFER,
    FACT_SURVEY,
    FACT_SURVEY_LEG,
    FACT_TURN,
)
from staffcast.store.cost_facts import FACT_COST
from staffcast.store.fact_schema import CONVERSATION_DIMENSIONS, TIME_LABELS, FactColumn, FactTable, labels
from staffcast.store.slot_facts import BUILD_INFO, CALENDAR_SPAN, DIM_SLOT, FACT_ARRIVALS
from staffcast.store.span_facts import FACT_HELP_SESSION, FACT_OPEN_SPAN, FACT_QUEUE_ENTRY

__all__ = [
    "CONVERSATION_DIMENSIONS",
    "FACT_TABLES",
    "TIME_LABELS",
    "FactColumn",
    "FactTable",
    "fact_table",
    "labels",
]

FACT_TABLES: tuple[FactTable, ...] = (
    FACT_CONVERSATION,
    FACT_LEG,
    FACT_OFFER,
    FACT_TURN,
    FACT_LEG_LOAD,
    FACT_AGENT_LOAD,
    FACT_AGENT_STATE,
    FACT_SCHEDULE_AHEAD,
    FACT_COST,
    FACT_SURVEY,
    FACT_SURVEY_LEG,
    FACT_QUEUE_ENTRY,
    FACT_OPEN_SPAN,
    FACT_HELP_SESSION,
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
