"""Facts about time itself: slots, opening hours, arrivals per slot, and the build."""

from __future__ import annotations

from staffcast.store.fact_schema import FactColumn, FactTable, columns

__all__ = ["BUILD_INFO", "CALENDAR_SPAN", "DIM_SLOT", "FACT_ARRIVALS"]

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
