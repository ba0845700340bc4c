"""From facts to required agents: targets, what-ifs, intervals, and what cannot be planned."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError, ForecastError, InfeasibleTargetError, ModelError
from staffcast.planning import (
    PLAN_SCHEMA,
    Assumptions,
    Knowledge,
    best_volume,
    calendar_of,
    coming_days,
    forecast_volume,
    make_plan,
    past_volume,
    plan_inputs,
    staff,
)
from staffcast.staffing import ChatQueue, Target, required_agents

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.planning.conftest import FactReader

S = 1_000_000
SLOT = timedelta(minutes=15)
FIRST = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday; the queue's zone is UTC
AS_OF = FIRST + timedelta(weeks=2)
SETTINGS = Settings(max_slot_occupancy_share=1.0, shrinkage_share=0.25, concurrency_limit=1)


def us(at: datetime) -> int:
    return int(at.timestamp()) * S


def slots(queue: str, first: datetime, days: int, *, half_day: str = "") -> list[dict[str, Any]]:
    """Open on weekdays from 09:00 to 11:00, on the half day until 10:00."""
    rows = []
    for number in range(days * 96):
        at = first + number * SLOT
        closes = 10 if at.date().isoformat() == half_day else 11
        is_open = at.isoweekday() <= 5 and 9 <= at.hour < closes
        rows.append(
            {"queue": queue, "slot_at_us": us(at), "local_date": at.date().isoformat(),
             "local_weekday": at.isoweekday(), "local_hour": at.hour,
             "local_slot": at.hour * 4 + at.minute // 15, "open_us": 900 * S * is_open}
        )  # fmt: skip
    return rows


def arrivals(queue: str, per_slot: int) -> list[dict[str, Any]]:
    return [
        {"queue": queue, "slot_at_us": row["slot_at_us"], "open_us": row["open_us"], "n_offered": per_slot}
        for row in slots(queue, FIRST, 14)
        if row["open_us"]
    ]


def tables(**more: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Two weeks at 2 contacts a quarter-hour, chats of 300 s, nobody ever impatient."""
    calendar = slots("support", FIRST, 21) + slots("idle", FIRST, 21)
    load = [
        {"queue": "support", "k_active": 1, "chat_us": 300 * S, "is_active": True, "ends_chat": True}
    ] * 100
    info = [{"key": "as_of_us", "value": str(us(AS_OF))}, {"key": "timezone", "value": "UTC"}]
    return {
        "dim_slot": calendar,
        "fact_arrivals": arrivals("support", 2) + arrivals("idle", 0),
        "fact_leg_load": load,
        "build_info": info,
        **more,
    }


@pytest.fixture
def reader(reader_of: Callable[..., FactReader]) -> FactReader:
    return reader_of(**tables())


def test_a_plan_by_hand(reader: FactReader) -> None:
    """8 contacts an hour of 300 s each: what Erlang C asks for, on 5 days of 2 hours, with shrinkage."""
    plan = staff(reader, SETTINGS)
    assert plan.frame.schema == PLAN_SCHEMA
    assert plan.frame.height == 10
    assert plan.frame["expected_contacts"].to_list() == [8.0] * 10
    target = Target(service_level_share=0.8, threshold_s=30.0, max_slot_occupancy_share=1.0)
    needed = required_agents(ChatQueue(8.0, [300.0]), target)
    assert plan.frame["required_agents"].to_list() == [needed] * 10
    assert plan.frame["scheduled_agents"].to_list() == pytest.approx([needed / 0.75] * 10)
    assert plan.frame["local_time"].to_list() == ["09:00", "10:00"] * 5
    assert plan.frame["local_date"][0] == "2026-11-16"
    assert (plan.frame["service_level_share"] >= 0.8).all()
    assert (plan.frame["lower_agents"] <= plan.frame["required_agents"]).all()
    assert (plan.frame["required_agents"] <= plan.frame["upper_agents"]).all()
    assert (plan.frame["abandon_share"] == 0).all()


@pytest.mark.parametrize(("every_min", "rows", "contacts"), [(15, 40, 2.0), (30, 20, 4.0), (60, 10, 8.0)])
def test_interval_lengths(reader: FactReader, every_min: int, rows: int, contacts: float) -> None:
    plan = staff(reader, SETTINGS, every_min=every_min)
    assert plan.frame.height == rows
    assert plan.frame["expected_contacts"].to_list() == [contacts] * rows
    assert plan.frame["required_agents"].n_unique() == 1  # the same load an hour


def test_days(reader: FactReader) -> None:
    assert staff(reader, SETTINGS, days=1).frame.height == 2
    assert coming_days(reader, days=2) == ("2026-11-16", "2026-11-18")  # as_of is a midnight: that day counts
    for days in (0, 29):
        with pytest.raises(ConfigError, match="days must be between"):
            staff(reader, SETTINGS, days=days)
    with pytest.raises(ConfigError, match="15, 30 or 60"):
        forecast_volume(reader, every_min=20)


def test_as_of_within_a_day_plans_from_the_next(reader_of: Callable[..., FactReader]) -> None:
    info = [{"key": "as_of_us", "value": str(us(AS_OF) + 1)}, {"key": "timezone", "value": "UTC"}]
    assert coming_days(reader_of(build_info=info), days=1) == ("2026-11-17", "2026-11-18")
    info[1]["value"] = "America/New_York"  # still Sunday there
    assert coming_days(reader_of(build_info=info), days=1) == ("2026-11-16", "2026-11-17")


def test_a_slot_that_as_of_cuts_is_no_history(reader_of: Callable[..., FactReader]) -> None:
    """As of Monday 09:20 of week 2: the slot 09:15 has 2 contacts so far, but is not over."""
    info = [{"key": "as_of_us", "value": str(us(FIRST + timedelta(days=7, hours=9, minutes=20)))}]
    info.append({"key": "timezone", "value": "UTC"})
    volume = forecast_volume(reader_of(**tables(build_info=info)), days=6)
    monday_weeks = volume.filter(pl.col("local_weekday") == 2, pl.col("local_minute") == 540)["n_weeks"]
    assert monday_weeks.to_list() == [1]


def test_a_half_day_is_planned_for_its_open_hours_only(reader_of: Callable[..., FactReader]) -> None:
    calendar = slots("support", FIRST, 21, half_day="2026-11-17")
    plan = staff(reader_of(**tables(dim_slot=calendar)), SETTINGS)
    assert plan.frame.filter(local_date="2026-11-17")["local_time"].to_list() == ["09:00"]
    assert plan.frame.height == 9


def test_a_queue_without_contacts_is_not_planned(reader: FactReader) -> None:
    assert staff(reader, SETTINGS).frame["queue"].unique().to_list() == ["support"]


def test_targets_of_the_table_win_over_settings(reader_of: Callable[..., FactReader]) -> None:
    common = {"metric": "service_level"}
    rows = [
        {"within_s": 60.0, "share": 0.7, **common},
        {"queue": "support", "within_s": 10.0, "share": 0.9, "to_date": "2026-11-16", **common},
        {"queue": "support", "within_s": 20.0, "share": 0.95, "from_date": "2026-11-16", **common},
        {"queue": "support", "within_s": 1.0, "share": 0.99, "channel": "web", **common},
        {"queue": "support", "within_s": 1.0, "share": 0.99, "priority": "high", **common},
        {"queue": "support", "within_s": 1.0, "share": 0.99, "metric": "reply_within"},
    ]
    plan = staff(reader_of(**tables(targets=rows)), SETTINGS)
    target = plan.targets["support"]
    assert (target.share, target.within_s, target.concurrency_limit) == (0.95, 20.0, 1)
    general = staff(reader_of(**tables(targets=rows[:1])), SETTINGS).targets["support"]
    assert (general.share, general.within_s) == (0.7, 60.0)
    channel_only = staff(reader_of(**tables(targets=rows[3:5])), SETTINGS).targets["support"]
    assert (channel_only.share, channel_only.within_s) == (0.8, 30.0)


def test_the_queue_brings_its_concurrency_limit(reader_of: Callable[..., FactReader]) -> None:
    queues = [{"queue": "support", "max_concurrency": 2, "source": "s", "source_account": "a"}]
    inputs = plan_inputs(reader_of(**tables(queues=queues)), SETTINGS)
    assert inputs.targets["support"].concurrency_limit == 2
    assert inputs.calibration.handle.height == 2
    assert plan_inputs(reader_of(**tables()), SETTINGS, longest_limit=4).calibration.handle.height == 4


def test_a_queue_cannot_ask_more_of_its_people_than_they_do(reader_of: Callable[..., FactReader]) -> None:
    queues = [{"queue": "support", "max_concurrency": 4, "source": "s", "source_account": "a"}]
    agents = [
        {"agent_id": name, "type": kind, "max_concurrency": most, "source": "s", "source_account": "a"}
        for name, kind, most in (("a", "human", 3), ("b", "human", 2), ("c", "human", 3), ("bot", "bot", 99))
    ]
    inputs = plan_inputs(reader_of(**tables(queues=queues, agents=agents)), SETTINGS)
    assert inputs.targets["support"].concurrency_limit == 2  # (3 + 2 + 3) / 3 = 2.67, rounded down


def test_what_ifs_move_the_right_way(reader: FactReader) -> None:
    inputs = plan_inputs(reader, SETTINGS, longest_limit=3)
    base = make_plan(inputs)

    def agents(**what: float) -> int:
        return int(make_plan(inputs, Assumptions(**what)).frame["required_agents"].sum())  # type: ignore[arg-type]

    needed = int(base.frame["required_agents"].sum())
    assert agents(volume_factor=3.0) > needed
    assert agents(volume_factor=0.0) == base.frame.height
    assert agents(service_level_share=0.99) > needed
    assert agents(within_s=600.0, volume_factor=5.0) < agents(volume_factor=5.0)
    assert agents(concurrency_limit=3, volume_factor=5.0) < agents(volume_factor=5.0)
    more = make_plan(inputs, Assumptions(shrinkage_share=0.5)).frame
    assert more["required_agents"].equals(base.frame["required_agents"])
    assert more["scheduled_agents"].to_list() == pytest.approx(
        [2.0 * n for n in base.frame["required_agents"]]
    )
    assert make_plan(inputs, Assumptions(service_level_share=0.9)).targets["support"].share == 0.9


def test_an_open_queue_is_never_left_alone_and_a_closed_one_has_no_row(reader: FactReader) -> None:
    plan = make_plan(plan_inputs(reader, SETTINGS), Assumptions(volume_factor=0.0, shrinkage_share=0.0))
    assert plan.frame["required_agents"].to_list() == [1] * 10
    assert plan.frame["scheduled_agents"].to_list() == [1.0] * 10
    assert plan.frame.select(pl.col("service_level_share", "asa_s").is_nan().any()).row(0) == (False, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_level_share": 0.0},
        {"service_level_share": 1.0},
        {"service_level_share": 80.0},
        {"concurrency_limit": 0},
        {"concurrency_limit": 11},
        {"volume_factor": -1.0},
        {"volume_factor": 101.0},
        {"shrinkage_share": 1.0},
        {"shrinkage_share": -0.1},
    ],
)
def test_assumptions_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Assumptions(**wrong)  # type: ignore[arg-type]


def test_a_negative_threshold_is_refused(reader: FactReader) -> None:
    with pytest.raises((ConfigError, ModelError)):
        make_plan(plan_inputs(reader, SETTINGS), Assumptions(within_s=-1.0))


def test_a_target_of_everybody_is_infeasible(reader_of: Callable[..., FactReader]) -> None:
    rows = [{"within_s": 60.0, "share": 1.0, "metric": "service_level"}]
    with pytest.raises(InfeasibleTargetError):
        staff(reader_of(**tables(targets=rows)), SETTINGS)


def test_nothing_to_plan_from(reader_of: Callable[..., FactReader]) -> None:
    with pytest.raises(ForecastError, match="no queue is open"):
        staff(reader_of(**tables(dim_slot=slots("support", FIRST, 14))), SETTINGS)
    with pytest.raises(ForecastError, match="no queue is open"):
        staff(reader_of(**tables(fact_arrivals=arrivals("support", 0))), SETTINGS)
    with pytest.raises(ModelError, match="no finished chats"):
        staff(reader_of(**tables(fact_leg_load=[])), SETTINGS)


def test_two_queues_are_planned_apart(reader_of: Callable[..., FactReader]) -> None:
    both = arrivals("support", 2) + arrivals("sales", 20)
    calendar = slots("support", FIRST, 21) + slots("sales", FIRST, 21)
    plan = staff(reader_of(**tables(fact_arrivals=both, dim_slot=calendar)), SETTINGS)
    by_queue = {str(queue): rows["required_agents"].sum() for (queue,), rows in plan.frame.group_by("queue")}
    alone = staff(reader_of(**tables()), SETTINGS).frame["required_agents"].sum()
    assert by_queue["support"] == alone
    assert by_queue["sales"] > 2 * alone


def test_paths_give_quantiles_of_the_agents_they_require(reader: FactReader) -> None:
    inputs = plan_inputs(reader, SETTINGS, days=7)
    (queue,) = inputs.volume["queue"].unique().to_list()
    expected = inputs.volume["expected"].to_numpy()
    factors = np.random.default_rng(5).gamma(20, 1 / 20, (400, 1))
    paths = expected * factors
    plan = make_plan(inputs, paths={queue: paths}, paths_share=0.9).frame
    usual = make_plan(inputs).frame
    assert plan["required_agents"].equals(usual["required_agents"])
    per_path = np.stack(
        [
            make_plan(inputs, Assumptions(volume_factor=float(factor))).frame["required_agents"].to_numpy()
            for factor in np.sort(factors.ravel())[[19, 379]]
        ]
    )
    assert plan["lower_agents"].to_list() == per_path[0].tolist()
    assert plan["upper_agents"].to_list() == per_path[1].tolist()
    assert (plan["lower_agents"] <= plan["upper_agents"]).all()


def test_paths_that_do_not_fit_are_refused(reader: FactReader) -> None:
    inputs = plan_inputs(reader, SETTINGS, days=7)
    (queue,) = inputs.volume["queue"].unique().to_list()
    with pytest.raises(ModelError, match="give paths by"):
        make_plan(inputs, paths={queue: np.ones((10, 1))})
    with pytest.raises(ModelError, match="paths_share: 1"):
        make_plan(inputs, paths_share=1)


def test_a_plan_from_the_paths_of_the_best_model(reader: FactReader) -> None:
    best = Settings(**{**vars_of(SETTINGS), "forecast_model": "best"})
    inputs = plan_inputs(reader, best)
    assert inputs.paths["support"].shape == (500, 10)  # type: ignore[union-attr]
    assert inputs.volume["expected"].to_list() == pytest.approx([8.0] * 10, rel=0.05)
    plan = make_plan(inputs).frame
    assert plan.equals(make_plan(plan_inputs(reader, best)).frame)  # drawn from one seed
    assert plan["upper_agents"].sum() > plan["lower_agents"].sum()
    at_the_ends = make_plan(inputs, paths={}).frame
    assert plan["required_agents"].equals(at_the_ends["required_agents"])
    demand, wanted = (
        ChatQueue(np.asarray(inputs.paths["support"]), [300.0]),
        Target(service_level_share=0.8, threshold_s=30.0, max_slot_occupancy_share=1.0),
    )
    required = np.maximum(np.asarray(required_agents(demand, wanted)), 1)
    upper = plan["upper_agents"].to_numpy()
    assert np.all((required <= upper).mean(axis=0) >= 0.9)
    assert np.all((required < upper).mean(axis=0) < 0.9)


def vars_of(settings: Settings) -> dict[str, Any]:
    return {field.name: getattr(settings, field.name) for field in fields(settings)}


def test_holidays_of_an_unknown_country_are_refused(reader: FactReader) -> None:
    with pytest.raises(ForecastError, match="ATLANTIS"):
        best_volume(reader, knowledge=Knowledge(calendar_of("Atlantis")))


def test_the_past_of_queues_that_had_contacts(reader: FactReader) -> None:
    past = past_volume(reader, every_min=30)
    assert list(past) == ["support"]
    assert len(past["support"]) == 10  # weekdays of two weeks
    assert past["support"].counts.sum() == 10 * 8 * 2
    with pytest.raises(ConfigError, match="15, 30 or 60"):
        past_volume(reader, every_min=20)
