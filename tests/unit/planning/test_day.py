"""Days with carry-over: what a queue that is open around midnight begins with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from staffcast.core.config import Settings
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.forecasting import FORECAST_SCHEMA
from staffcast.planning import DAY_SCHEMA, Calibration, Inputs, plan_days
from staffcast.planning.calibration import HANDLE_SCHEMA, PATIENCE_SCHEMA
from staffcast.planning.plan import QueueTarget
from staffcast.reports import day_note
from staffcast.staffing import ChatQueue, day_performance

if TYPE_CHECKING:
    import numpy as np

HOUR_US = 3_600_000_000
HANDLE_S = [480.0, 560.0, 680.0]
MONDAY = date(2026, 11, 16)
SETTINGS = Settings(service_level_convention="served_of_all", max_slot_occupancy_share=1.0)


def volume(rates: list[float], hours: list[int], days: int) -> pl.DataFrame:
    """The same open hours on every day."""
    rows = []
    for day in range(days):
        midnight = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(days=day)
        for hour, rate in zip(hours, rates, strict=True):
            rows.append(
                {
                    "queue": "q",
                    "interval_at_us": int(midnight.timestamp()) * 1_000_000 + hour * HOUR_US,
                    "local_date": (MONDAY + timedelta(days=day)).isoformat(),
                    "local_weekday": day + 1,
                    "local_minute": hour * 60,
                    "open_us": HOUR_US,
                    "expected": rate,
                    "lower": rate,
                    "upper": rate,
                }
            )
    columns = {name: kind for name, kind in FORECAST_SCHEMA.items() if name in rows[0]}
    return pl.DataFrame(rows, schema=columns)


def planned(rates: list[float], hours: list[int], days: int = 1) -> pl.DataFrame:
    handle = pl.DataFrame(
        [
            ("q", level + 1, seconds, seconds, seconds, 99, "measured")
            for level, seconds in enumerate(HANDLE_S)
        ],
        schema=HANDLE_SCHEMA,
        orient="row",
    )
    patience = pl.DataFrame(
        [("q", 180.0, 170.0, 190.0, 99, "measured")], schema=PATIENCE_SCHEMA, orient="row"
    )
    target = QueueTarget(share=0.8, within_s=30, concurrency_limit=3)
    inputs = Inputs(volume(rates, hours, days), Calibration(handle, patience, {}), {"q": target}, SETTINGS)
    return plan_days(inputs)


def levels(rates: list[float], agents: list[int]) -> np.ndarray:
    day = day_performance(ChatQueue(rates, HANDLE_S, 180), agents, interval_s=3600, threshold_s=30)
    return day.service_level(ServiceLevelConvention.SERVED_OF_ALL)


NIGHT = [200.0, 120.0, *[20.0] * 18, 40.0, 90.0, 220.0, 260.0]
"""Busiest around midnight."""


def test_a_desk_that_never_closes_begins_with_what_it_leaves() -> None:
    days = planned(NIGHT, list(range(24)))
    assert days.schema == DAY_SCHEMA
    assert days["is_carried_in"].all()
    agents = days["required_agents"].to_list()
    three = levels(NIGHT * 3, agents * 3)[-24:]
    assert days["service_level_share"].to_numpy() == pytest.approx(three, abs=1e-9)
    assert "begins with what the last one leaves" in day_note(days)


def test_days_that_repeat_are_planned_as_one() -> None:
    one, three = planned(NIGHT, list(range(24))), planned(NIGHT, list(range(24)), days=3)
    assert three["required_agents"].to_list() == 3 * one["required_agents"].to_list()


def test_the_last_evening_goes_on_after_midnight() -> None:
    hours = [0, 1, 2, 20, 21, 22, 23]
    rates = [200.0, 120.0, 20.0, 40.0, 90.0, 220.0, 260.0]
    days = planned(rates, hours, days=2)
    assert days["interval_at_us"].is_sorted()
    carried = days["is_carried_in"].to_list()
    assert carried == [True] * 3 + [False] * 7 + [True] * 4
    agents = days["required_agents"].to_list()
    evening = levels(rates[3:] + rates[:3], agents[-4:] + agents[:3])
    found = days["service_level_share"].to_list()
    assert found[-4:] + found[:3] == pytest.approx(evening, abs=1e-9)
    assert "where open around midnight" in day_note(days)


@pytest.mark.parametrize("hours", [list(range(8, 20)), list(range(1, 24)), list(range(23))])
def test_a_desk_that_closes_begins_empty(hours: list[int]) -> None:
    days = planned([60.0] * len(hours), hours)
    assert not days["is_carried_in"].any()
    agents = days["required_agents"].to_list()
    assert days["service_level_share"].to_numpy() == pytest.approx(
        levels([60.0] * len(hours), agents), abs=1e-9
    )
    assert day_note(days).endswith("each opening begins empty")
