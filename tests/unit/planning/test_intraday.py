"""The running day by hand: what is over, what is still to come, who is there; and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from tests.unit.planning.test_plan import AS_OF, FIRST, SLOT, S, slots, tables, us

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError, ForecastError
from staffcast.planning import TODAY_SCHEMA, Schedules, coming_volume, publish_forecast, today
from staffcast.reports.forecasts import today_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tests.unit.planning.conftest import FactReader

TEN = AS_OF + timedelta(hours=10)  # on the Monday after two weeks; open from 9 to 11


def settings(tmp_path: Path, model: str = "average") -> Settings:
    return Settings(
        data_dir=tmp_path, forecast_model=model, max_slot_occupancy_share=1.0, concurrency_limit=1
    )


def morning(
    reader_of: Callable[..., FactReader], *, per_slot: int, now: datetime = TEN, **more: list[dict[str, Any]]
) -> FactReader:
    """Two weeks at 2 contacts a quarter-hour, and a Monday at another pace until now."""
    facts = tables()
    for queue in ("support", "idle"):
        facts["fact_arrivals"] += [
            {name: row[name] for name in ("queue", "slot_at_us", "open_us")}
            | {"n_offered": per_slot if queue == "support" else 0}
            for row in slots(queue, AS_OF, 1)
            if row["open_us"] and row["slot_at_us"] < us(now)
        ]
    facts["dim_slot"] += slots("", FIRST, 21)
    info = [{"key": "as_of_us", "value": str(us(now))}, {"key": "timezone", "value": "UTC"}]
    return reader_of(**facts | {"build_info": info} | more)


def states(agents: int, *, first_hour: int, hours: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {"agent_id": f"a{agent}", "segment_at_us": us(at), "state_us": 900 * S, "is_plan_known": True} | more
        for agent in range(agents)
        for at in (AS_OF + timedelta(hours=first_hour) + SLOT * n for n in range(round(hours * 4)))
    ]


def test_what_is_over_and_what_is_to_come(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    found = today(morning(reader_of, per_slot=3), settings(tmp_path))
    assert found.frame.schema == TODAY_SCHEMA
    assert found.local_now == "2026-11-16 10:00"
    assert found.source == "forecast from the days before"
    own = found.frame.filter(queue="support")
    assert own["contacts"].to_list() == [12.0, None]
    assert own["forecast"].to_list() == pytest.approx([8.0, 8.0])
    assert own["updated"].to_list() == pytest.approx([12.0, 8.0])  # too few days to learn from
    assert own["lower"][0] == own["upper"][0] == 12.0
    assert own["lower"][1] < 8 < own["upper"][1]
    assert own["required_agents"][0] > own["required_agents"][1]
    whole = found.frame.filter(pl.col("queue").is_null())
    assert whole.height == 2
    assert whole["contacts"].to_list() == own["contacts"].to_list()
    assert whole["net_agents"].null_count() == 2


def test_part_of_an_interval_is_not_over(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    reader = morning(reader_of, per_slot=3, now=AS_OF + timedelta(hours=9, minutes=30))
    hourly, half = (today(reader, settings(tmp_path), every_min=every).frame for every in (60, 30))
    assert hourly["contacts"].null_count() == hourly.height
    assert half.filter(queue="support")["contacts"].to_list() == [6.0, None, None, None]


def test_an_earlier_time_of_the_day(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    reader = morning(reader_of, per_slot=3, now=AS_OF + timedelta(hours=11))
    assert today(reader, settings(tmp_path)).frame["contacts"].null_count() == 0
    before = today(reader, settings(tmp_path), at="10:00").frame
    now = today(morning(reader_of, per_slot=3), settings(tmp_path)).frame
    assert before.equals(now)
    assert today(reader, settings(tmp_path), at="2026-11-13 10:00").frame["local_date"][0] == "2026-11-13"


def test_a_day_that_ended_at_midnight_is_over(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    reader = morning(reader_of, per_slot=3, now=AS_OF + timedelta(days=1))
    found = today(reader, settings(tmp_path))
    assert found.frame["local_date"].unique().to_list() == ["2026-11-16"]
    assert found.frame["contacts"].null_count() == 0


def ahead(agents: int, *, first_hour: float, hours: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {"agent_id": f"a{agent}", "activity": "chat", "segment_at_us": us(at), "scheduled_us": 900 * S} | more
        for agent in range(agents)
        for at in (AS_OF + timedelta(hours=first_hour) + SLOT * n for n in range(round(hours * 4)))
    ]


def test_net_staffing_from_the_schedule(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    """Three are scheduled for chats until 10, two of them available."""
    work = states(3, first_hour=9, hours=1, is_chat_work=True, activity="chat")
    for row in work[:8]:
        row["is_productive"] = True
    found = today(morning(reader_of, per_slot=3, fact_agent_state=work), settings(tmp_path))
    whole = found.frame.filter(pl.col("queue").is_null())
    assert whole["scheduled_agents"].to_list() == [3.0, None]
    assert whole["net_agents"][0] == 3 - whole["required_agents"][0]
    assert found.frame.filter(queue="support")["scheduled_agents"].null_count() == 2
    assert found.schedules is Schedules.NONE
    for row in work:
        row["activity"], row["is_chat_work"] = None, False
    seen = today(morning(reader_of, per_slot=3, fact_agent_state=work), settings(tmp_path)).frame
    assert seen.filter(pl.col("queue").is_null())["scheduled_agents"].to_list() == [2.0, None]


def test_the_rest_of_the_day_from_the_schedules_ahead(
    reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    """At half past nine two are there; then they and a third until 10, and one of them until half past."""
    work = states(2, first_hour=9, hours=0.5, is_chat_work=True, activity="chat")
    plan = ahead(3, first_hour=9.5, hours=0.5, is_chat_work=True)
    plan += ahead(1, first_hour=10, hours=0.5, is_chat_work=True)
    plan += ahead(1, first_hour=10.5, hours=0.5, activity="training")
    now = AS_OF + timedelta(hours=9, minutes=30)
    reader = morning(reader_of, per_slot=3, now=now, fact_agent_state=work, fact_schedule_ahead=plan)
    found = today(reader, settings(tmp_path))
    whole = found.frame.filter(pl.col("queue").is_null())
    assert whole["scheduled_agents"].to_list() == [2.5, 0.5]
    assert whole["net_agents"].to_list() == [
        agents - needed for agents, needed in zip([2.5, 0.5], whole["required_agents"].to_list(), strict=True)
    ]
    assert found.schedules is Schedules.LOADED
    quarters = today(reader, settings(tmp_path), every_min=15).frame.filter(pl.col("queue").is_null())
    assert quarters["scheduled_agents"].to_list() == [2, 2, 3, 3, 1, 1, 0, 0]
    given = pl.DataFrame(
        {"queue": [None], "local_minute": [600], "agents": [7.0]}, schema_overrides={"queue": pl.String}
    )
    chosen = today(reader, settings(tmp_path), scheduled=given)
    assert chosen.frame.filter(pl.col("queue").is_null())["scheduled_agents"].to_list() == [None, 7.0]
    assert chosen.schedules is Schedules.GIVEN


def test_nobody_scheduled_is_none_and_tomorrow_is_another_day(
    reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    work = states(2, first_hour=9, hours=1, is_chat_work=True, activity="chat")
    later = ahead(2, first_hour=10, hours=0.25, activity="break")
    reader = morning(reader_of, per_slot=3, fact_agent_state=work, fact_schedule_ahead=later)
    whole = today(reader, settings(tmp_path)).frame.filter(pl.col("queue").is_null())
    assert whole["scheduled_agents"].to_list() == [2.0, 0.0]
    tomorrow = ahead(2, first_hour=33, hours=1, is_chat_work=True)
    reader = morning(reader_of, per_slot=3, fact_agent_state=work, fact_schedule_ahead=tomorrow)
    found = today(reader, settings(tmp_path))
    assert found.frame.filter(pl.col("queue").is_null())["scheduled_agents"].to_list() == [2.0, None]
    assert found.schedules is Schedules.NONE


def test_a_small_group_is_withheld(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    work = states(4, first_hour=9, hours=1, is_chat_work=True, activity="chat")
    plan = ahead(4, first_hour=10, hours=1, is_chat_work=True)
    reader = morning(reader_of, per_slot=3, fact_agent_state=work, fact_schedule_ahead=plan)
    assert today(reader, settings(tmp_path)).frame["scheduled_agents"].drop_nulls().to_list() == [4, 4]
    reader.min_group = 5
    found = today(reader, settings(tmp_path))
    assert found.frame["scheduled_agents"].is_null().all()
    assert list(today_words(found, None))[-1].startswith("scheduled agents are withheld")


def test_it_is_said_why_there_is_no_net_staffing(
    reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    found = today(morning(reader_of, per_slot=3), settings(tmp_path))
    assert list(today_words(found, None))[-1].startswith("no schedules of the rest of the day are loaded")
    plan = ahead(4, first_hour=10, hours=1, is_chat_work=True)
    loaded = today(morning(reader_of, per_slot=3, fact_schedule_ahead=plan), settings(tmp_path))
    assert not [words for words in today_words(loaded, None) if "schedule" in words]
    assert list(today_words(loaded, "support"))[-1].startswith("schedules name no queue")
    given = pl.DataFrame(schema={"queue": pl.String, "local_minute": pl.Int64, "agents": pl.Float64})
    empty = today(morning(reader_of, per_slot=3), settings(tmp_path), scheduled=given)
    assert list(today_words(empty, None))[-1].startswith("the file of --scheduled has no agents")


def test_agents_that_are_given(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    given = pl.DataFrame(
        {"queue": [None, None, "support"], "local_minute": [540, 600, 600], "agents": [4.0, 2.0, 1.0]}
    )
    frame = today(morning(reader_of, per_slot=3), settings(tmp_path), scheduled=given).frame
    assert frame.filter(pl.col("queue").is_null())["scheduled_agents"].to_list() == [4.0, 2.0]
    assert frame.filter(queue="support")["scheduled_agents"].to_list() == [None, 1.0]


def test_the_published_forecast_comes_first(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    outlook = coming_volume(reader_of(**tables()), settings(tmp_path, "best"))
    reader = reader_of(**tables())
    own = publish_forecast(reader, tmp_path, outlook, now=AS_OF)
    found = today(morning(reader_of, per_slot=3), settings(tmp_path, "best"))
    assert found.source == "published on 2026-11-16, version 1"
    promised = own.frame.filter(local_date="2026-11-16")["expected"].to_list()
    assert found.frame.filter(queue="support")["forecast"].to_list() == promised


def busy_and_quiet_days(reader_of: Callable[..., FactReader], now_level: int) -> FactReader:
    """Ten weeks of days that are busy or quiet as a whole, and a morning of one kind."""
    rng = np.random.default_rng(2)
    first = AS_OF - timedelta(weeks=10)
    calendar = slots("support", first, 77)
    rows = [row for row in calendar if row["open_us"] and row["slot_at_us"] < us(TEN)]
    dates = sorted({row["local_date"] for row in rows})
    levels = {weekday: rng.permutation([10, 30] * 6).tolist() for weekday in range(5)}
    days = {day: levels[n % 5].pop() for n, day in enumerate(dates)} | {"2026-11-16": now_level}
    facts = tables()
    facts["dim_slot"] = calendar + slots("", first, 77)
    facts["fact_arrivals"] = [
        {name: row[name] for name in ("queue", "slot_at_us", "open_us")}
        | {"n_offered": int(rng.poisson(days[row["local_date"]]))}
        for row in rows
    ]
    info = [{"key": "as_of_us", "value": str(us(TEN))}, {"key": "timezone", "value": "UTC"}]
    return reader_of(**facts | {"build_info": info})


@pytest.mark.parametrize("model", ["average", "best"])
def test_a_busy_morning_lifts_the_rest_and_narrows_it(
    reader_of: Callable[..., FactReader], tmp_path: Path, model: str
) -> None:
    """A quarter-hour has 10 or 30 contacts all day: 20 before the day, near 30 once the morning is seen."""
    found = today(busy_and_quiet_days(reader_of, 30), settings(tmp_path, model))
    [row] = found.frame.filter(pl.col("queue") == "support", pl.col("contacts").is_null()).to_dicts()
    assert found.updates["support"].gain > 0.3
    assert row["forecast"] == pytest.approx(80, rel=0.2)
    assert 98 < row["updated"] < 130
    assert row["lower"] < 120 < row["upper"] + 15
    quiet = today(busy_and_quiet_days(reader_of, 10), settings(tmp_path, model)).frame
    assert quiet.filter(pl.col("queue") == "support", pl.col("contacts").is_null())["updated"][0] < 60


@pytest.mark.parametrize(
    ("at", "error", "words"),
    [
        ("noon", ConfigError, "is no time"),
        ("2026-11-16 10:15", ConfigError, "after the data"),
        ("2026-11-15 10:00", ForecastError, "no queue is open on 2026-11-15"),
        ("2026-11-02 10:00", ForecastError, "history"),
    ],
)
def test_refusals(
    reader_of: Callable[..., FactReader], tmp_path: Path, at: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        today(morning(reader_of, per_slot=3), settings(tmp_path), at=at)
