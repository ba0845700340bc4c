"""The backlog at the end of a day, by hand: six conversations, two evenings and the instant of as_of."""

from __future__ import annotations

from typing import Any

import pytest

from staffcast.core.errors import MetricError
from staffcast.core.units import US_PER_S
from staffcast.metrics import query

HOUR = 3_600 * US_PER_S
DAY = 24 * HOUR
# Instants count from the first midnight. The data end on the second day at 12:00.
AS_OF = DAY + 12 * HOUR


def slots() -> list[dict[str, Any]]:
    return [
        {
            "queue": "",
            "slot_at_us": at,
            "local_date": "2026-11-02" if at < DAY else "2026-11-03",
            "local_hour": at % DAY // HOUR,
            "local_week": "2026-11-02",
            "local_month": "2026-11",
        }
        for at in range(0, 2 * DAY, 900 * US_PER_S)
    ]


def span(name: str, start_h: float, end_h: float | None, opened_h: float = 0, **more: Any) -> dict[str, Any]:
    return {
        "span_key": f"{name}#1",
        "conversation_key": name,
        "queue": "sales",
        "is_inbound": True,
        "is_with_humans": True,
        "opened_at_us": round(opened_h * HOUR),
        "from_at_us": round(start_h * HOUR),
        "until_at_us": None if end_h is None else round(end_h * HOUR),
        **more,
    }


SPANS = [
    span("over midnight", 20, 26, opened_h=20),
    span("ends at midnight", 22, 24),  # half-open: no longer there at 24:00
    span("begins at midnight", 24, None, opened_h=24, is_assigned=True, agent_id="anna"),
    span("waits", 23, None, opened_h=12, is_awaiting_agent=True, awaiting_since_at_us=23 * HOUR),
    span("parked", 10, None, opened_h=10, is_assigned=True, is_parked=True, agent_id="bea"),
    span("with the bot", 10, None, is_with_humans=False),
    span("outreach", 10, None, is_inbound=False, is_assigned=True, agent_id="anna"),
    span("later", 36.5, None),  # after as_of
]


@pytest.fixture
def reader(reader_of: Any) -> Any:
    info = [{"key": "as_of_us", "value": str(AS_OF)}]
    return reader_of(fact_open_span=SPANS, dim_slot=slots(), build_info=info)


@pytest.mark.parametrize(
    ("name", "evening", "now"),
    [
        ("backlog", 4, 3),  # over midnight, begins, waits, parked; the first is gone at 26:00
        ("backlog_unassigned", 2, 1),
        ("backlog_awaiting_agent", 1, 1),
        ("backlog_parked", 1, 1),
        ("assigned_threads", 3, 3),  # outreach is work
        ("backlog_oldest", 14 * 3600, 26 * 3600),  # parked since 10:00
        ("backlog_age", 8 * 3600, 24 * 3600),  # ages 0, 4, 12, 14 h; then 12, 24, 26 h
    ],
)
def test_at_the_end_of_the_first_day_and_at_as_of(reader: Any, name: str, evening: float, now: float) -> None:
    found = query(reader, name, grain="day")
    assert found.select("period_start", "value").rows() == [("2026-11-02", evening), ("2026-11-03", now)]
    assert query(reader, name)["value"].to_list() == [now]


@pytest.mark.parametrize(
    ("options", "n"),
    [
        ({}, 1),  # 13 h against 90 s
        ({"within_s": 13 * 3600}, 0),  # the limit itself is met
        ({"within_s": 13 * 3600 - 1}, 1),
    ],
)
def test_who_has_waited_past_the_target(reader: Any, options: dict[str, object], n: int) -> None:
    assert query(reader, "backlog_past_target", options=options)["value"].item() == n


def test_a_target_of_the_table_comes_first(reader_of: Any) -> None:
    own = span(
        "waits", 35, None, is_awaiting_agent=True, awaiting_since_at_us=35 * HOUR, reply_target_us=HOUR
    )
    info = [{"key": "as_of_us", "value": str(AS_OF)}]
    reader = reader_of(fact_open_span=[own], dim_slot=slots(), build_info=info)
    found = [
        query(reader, "backlog_past_target", options={"target": target})["value"].item()
        for target in ("targets", "fixed")
    ]
    assert found == [0, 1]


def test_threads_of_each_agent(reader: Any) -> None:
    found = query(reader, "assigned_threads", by="agent_id")
    assert found.select("agent_id", "value").rows() == [("anna", 2.0), ("bea", 1.0)]


def test_a_backlog_is_never_grouped_by_a_label_of_time(reader: Any) -> None:
    with pytest.raises(MetricError, match="true for an instant"):
        query(reader, "backlog", by="weekday")
