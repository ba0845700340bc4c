"""What holds for every desk, on the night on which clocks are set back, with opening hours of minutes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from tests.property.facts.desks import QUEUES, desks
from tests.property.metrics.test_from_raw_records import ZONE, to_the_long_night

from staffcast.metrics import catalogue, query
from staffcast.store.generations import open_generation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.facts.desk import Desk

Row = dict[str, Any]
HOURS = [["23:31", "23:33"], ["23:40", "23:58"], ["00:05", "00:30"], ["00:50", "02:05"], ["02:20", "08:00"]]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000_000
AS_OF_S = 50_000

few = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def is_open(minute: int) -> bool:
    """Whether the local clock shows a time at which the queue is open."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    shown = f"{moment.astimezone(ZoneInfo(ZONE)):%H:%M}"
    return any(opens <= shown < closes for opens, closes in HOURS)


def open_time(begin: int, end: int) -> int:
    """Open microseconds between two instants, counted minute by minute."""
    minutes = range(begin // MINUTE, -(-end // MINUTE))
    return sum(
        min(end, (minute + 1) * MINUTE) - max(begin, minute * MINUTE) for minute in minutes if is_open(minute)
    )


@few
@given(desks())
def test_time_adds_up(desk: Desk) -> None:
    for queue in filter(None, QUEUES):
        hours = {"timezone": ZONE, "weekly": dict.fromkeys(DAYS, HOURS)}
        desk.row("queues", queue=queue, timezone=ZONE, hours=json.dumps(hours))
    to_the_long_night(desk)
    with TemporaryDirectory() as folder:
        facts = desk.build(Path(folder), as_of=AS_OF_S, timezone=ZONE)
        for row in facts.tables["fact_conversation"]:
            check_business_clock(row)
            check_parts_of_the_first_response(row)
        with open_generation(Path(folder)) as reader:
            check_days(reader)
            check_concurrency(reader, facts.tables)


def check_business_clock(row: Row) -> None:
    spans = {
        "queue_wait": ("queued", "accepted"), "abandon_wait": ("queued", "abandoned"),
        "before_queue": ("start", "queued"), "frt_start": ("start", "first_human"),
        "pickup_to_reply": ("accepted", "first_human"),
    }  # fmt: skip
    for name, (begin, end) in spans.items():
        calendar, business = row[f"{name}_us"], row[f"{name}_business_us"]
        assert business is None or (calendar is not None and 0 <= business <= calendar)
        if calendar is not None and row["queue"] is not None:
            assert business == open_time(row[f"{begin}_at_us"], row[f"{end}_at_us"]), name


def check_parts_of_the_first_response(row: Row) -> None:
    """Before the queue, queue, pick-up to reply: together from the start to the first human message."""
    for clock in ("", "_business"):
        parts = [row[f"{name}{clock}_us"] for name in ("before_queue", "queue_wait", "pickup_to_reply")]
        total = row[f"frt_start{clock}_us"]
        if None not in parts and total is not None:
            assert sum(parts) == total


def check_days(reader: object) -> None:
    """Days put together are the whole, for all that is counted; the largest of the days is the largest."""
    for record in catalogue():
        if record.is_snapshot or record.kind not in ("count", "maximum"):
            continue
        whole = query(reader, record.id).row(0, named=True)  # type: ignore[arg-type]
        days = query(reader, record.id, grain="day")  # type: ignore[arg-type]
        assert days["n"].sum() == whole["n"]
        if whole["value"] is not None and record.kind == "count":
            assert days["numerator"].sum() == whole["numerator"]
        elif whole["value"] is not None:
            assert days["value"].max() == whole["value"]


def check_concurrency(reader: object, tables: Mapping[str, list[Row]]) -> None:
    """Peak, time at each number and mean tell of the same holds."""
    legs = tables["fact_leg"]
    by_k = query(reader, "seconds_at_k", by="k_open").rows(named=True)  # type: ignore[arg-type]
    named = [leg for leg in legs if leg["agent_id"] is not None]
    assert sum(row["k_open"] * row["numerator"] for row in by_k) == sum(leg["open_us"] for leg in named)
    peak = query(reader, "peak_concurrency")["value"].item()  # type: ignore[arg-type]
    assert (peak or 0) <= len(named)
    assert peak == max((row["k_open"] for row in by_k), default=None)
