from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from staffcast_sample_data import DeskParameters
from staffcast_sample_data import desk as module
from staffcast_sample_data import layout as z
from staffcast_sample_data.measures import measure
from staffcast_sample_data.truth import survey_draws
from staffcast_sample_data.world import make_world, run_traffic

if TYPE_CHECKING:
    from staffcast_sample_data.measures import Measures

    from .conftest import WrittenDesk


def measured(parameters: DeskParameters, days: int = 7, scale: float = 1.0) -> Measures:
    world = make_world(parameters, days, 1, scale)
    tables = run_traffic(world, 1)
    return measure(world, tables, survey_draws(world, tables, 1, 0))


def value(measures: Measures, name: str) -> float:
    found = measures.ratios[name].value
    assert found is not None
    return found


@pytest.fixture(scope="module")
def busy() -> Measures:
    return measured(replace(DeskParameters(), work_occupancy=0.85))


def test_handle_time_grows_with_concurrency(busy: Measures) -> None:
    levels = [value(busy, f"handle_at_open_{k}_s") for k in (1, 2, 3)]
    assert levels == sorted(levels)
    assert levels[2] > 1.3 * levels[0]


def test_handle_time_is_flat_when_replies_cost_nothing() -> None:
    nothing = tuple(
        replace(d, topics=tuple(replace(t, work_s=0.01, cobrowse_share=0.0) for t in d.topics))
        for d in DeskParameters().departments
    )
    quick = replace(
        DeskParameters(), departments=nothing, work_occupancy=0.002, canned_work_s=0.01, farewell_work_s=0.01,
        wrap_share=0.0,
    )  # fmt: skip
    measures = measured(quick)
    one, three = (value(measures, f"handle_at_open_{k}_s") for k in (1, 3))
    assert three == pytest.approx(one, rel=0.12)


def test_engaged_time_adds_up_to_busy_time(busy: Measures) -> None:
    by_level = sum(m.numerator for name, m in busy.ratios.items() if name.startswith("open_seconds_at_"))
    mean = busy.ratios["open_concurrency_mean"]
    assert by_level == pytest.approx(mean.denominator)
    assert (
        value(busy, "effort_time_mean_s")
        < value(busy, "engaged_time_mean_s")
        < value(busy, "handle_time_mean_s")
    )


def test_fewer_agents_mean_longer_waits(busy: Measures) -> None:
    calm = measured(replace(DeskParameters(), work_occupancy=0.45))
    assert value(calm, "service_level") > value(busy, "service_level")
    assert value(calm, "abandonment_rate") < value(busy, "abandonment_rate")


def test_patience_is_recovered_without_silent_abandonment() -> None:
    parameters = replace(DeskParameters(), silent_share=0.0, work_occupancy=0.95)
    measures = measured(parameters, days=14)
    for queue, truth in zip(parameters.queues, (210, 240, 300, 330, 360, 390), strict=True):
        n = measures.ratios[f"patience_naive_s@{queue}"].n
        assert value(measures, f"patience_naive_s@{queue}") == pytest.approx(truth, rel=4 / np.sqrt(n))


def test_silent_abandonment_biases_the_naive_patience_upwards() -> None:
    silent = measured(replace(DeskParameters(), silent_share=0.4, work_occupancy=0.95), days=14)
    assert value(silent, "patience_naive_s@support-en") > 1.25 * 300


def test_replications_share_people_but_not_traffic() -> None:
    world = make_world(DeskParameters(), 2, 1, 0.3)
    one, two, again = (run_traffic(world, 1, replication) for replication in (1, 2, 1))
    assert len(one.message) != len(two.message)
    assert np.array_equal(one.message, again.message)


def test_small_tables_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(DeskParameters(), 2, 1, 0.3)
    whole = run_traffic(world, 1)
    empty_tables = module.empty_tables
    rooms: list[float] = []

    def cramped(arrivals: z.Ints, n_agents: int, n_queues: int, seed: int, room: float) -> z.Tables:
        rooms.append(room)
        tables = empty_tables(arrivals, n_agents, n_queues, seed, room)
        return tables._replace(message=tables.message[: int(100 * room)])

    monkeypatch.setattr(module, "empty_tables", cramped)
    assert len(run_traffic(world, 1).message) == len(whole.message)
    assert len(rooms) > 1


def test_messages_are_answered_oldest_first_by_one_agent_at_a_time(desk: WrittenDesk) -> None:
    human = desk["messages"].filter(
        (pl.col("sender_type") == "agent") & ~pl.col("is_auto") & (pl.col("visibility") == "public")
    )
    gaps = human.sort("sender_id", "timestamp").select(
        same=pl.col("sender_id") == pl.col("sender_id").shift(),
        gap=pl.col("timestamp") - pl.col("timestamp").shift(),
    )
    assert (gaps.filter("same")["gap"].dt.total_milliseconds() >= 0).all()
    assert gaps.filter("same")["gap"].dt.total_milliseconds().eq(0).mean() < 0.001


def test_silent_customers_write_nothing_after_the_accept(desk: WrittenDesk) -> None:
    silent = desk.truth["realised"]["silent_abandoned"]["value"]
    accepted = (
        desk["events"]
        .filter(pl.col("event_type") == "accepted")
        .group_by("conversation_id")
        .agg(accepted=pl.col("timestamp").min())
    )
    spoke = (
        desk["messages"]
        .filter(pl.col("sender_type") == "customer")
        .join(accepted, on="conversation_id")
        .filter(pl.col("timestamp") > pl.col("accepted"))["conversation_id"]
    )
    mute = accepted.filter(~pl.col("conversation_id").is_in(spoke.implode())).height
    assert 0 < silent <= mute


def test_queues_are_entered_in_opening_hours_also_when_the_clock_goes_back(desk: WrittenDesk) -> None:
    entered = (
        desk["events"]
        .filter(pl.col("event_type") == "queued")
        .filter(pl.col("conversation_id").is_first_distinct())
    )
    local = entered.with_columns(at=pl.col("timestamp").dt.convert_time_zone("Europe/Berlin"))
    support = local.filter(pl.col("queue").str.starts_with("support"))
    assert support["at"].dt.hour().is_between(8, 21).all()
    change = support.filter(pl.col("at").dt.date() == date(2026, 10, 25))
    assert change["timestamp"].dt.hour().min() == 7
    day_before = support.filter(pl.col("at").dt.date() == date(2026, 10, 24))
    assert day_before["timestamp"].dt.hour().min() == 6
    billing = local.filter(pl.col("queue").str.starts_with("billing"))
    assert billing["at"].dt.weekday().is_between(1, 5).all()


def test_outage_stops_arrivals_and_is_echoed(desk: WrittenDesk) -> None:
    start, end, _ = desk.truth["outage_ms"]
    created = (
        desk["conversations"].filter(pl.col("parent_conversation_id").is_null())["created_at"].dt.epoch("ms")
    )
    assert created.is_between(start, end - 1).sum() <= 2
    topics = desk["conversations"].filter(pl.col("topic") == "service_outage")
    assert topics.height > 5
    assert (topics["created_at"].dt.epoch("ms") >= end).all()
