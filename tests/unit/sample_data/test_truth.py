from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from .conftest import WrittenDesk


def realised(desk: WrittenDesk, name: str) -> float:
    return float(desk.truth["realised"][name]["value"])


def first(desk: WrittenDesk, kind: str) -> pl.DataFrame:
    rows = desk["events"].filter(pl.col("event_type") == kind)
    return rows.group_by("conversation_id").agg(pl.col("timestamp").min().alias(kind))


@pytest.fixture(scope="module")
def offered(desk: WrittenDesk) -> pl.DataFrame:
    inbound = desk["conversations"].filter((pl.col("initiated_by") == "customer") & ~pl.col("is_test"))
    frame = inbound.join(first(desk, "queued"), on="conversation_id")
    for kind in ("accepted", "abandoned"):
        frame = frame.join(first(desk, kind), on="conversation_id", how="left")
    return frame.with_columns(
        wait=(pl.col("accepted") - pl.col("queued")).dt.total_milliseconds() / 1000,
        left=(pl.col("abandoned") - pl.col("queued")).dt.total_milliseconds() / 1000,
    )


def test_queue_figures_follow_from_the_files(desk: WrittenDesk, offered: pl.DataFrame) -> None:
    assert offered.height == realised(desk, "offered")
    assert offered["wait"].count() == realised(desk, "answered")
    assert offered["left"].count() == realised(desk, "abandoned")
    counted = offered["wait"].count() + (offered["left"] >= 10).sum()
    assert (offered["wait"] <= 45).sum() / counted == pytest.approx(realised(desk, "service_level"), abs=1e-6)
    assert offered["wait"].mean() == pytest.approx(realised(desk, "queue_wait_mean_s"), abs=1e-4)
    median = offered["wait"].quantile(0.5, interpolation="linear")
    assert median == pytest.approx(realised(desk, "queue_wait_median_s"), abs=1e-4)


def test_queue_figures_per_queue_follow_from_the_files(desk: WrittenDesk, offered: pl.DataFrame) -> None:
    for queue in desk["queues"]["queue"]:
        mine = offered.filter(pl.col("queue") == queue)
        assert mine.height == realised(desk, f"offered@{queue}")
        assert mine["wait"].mean() == pytest.approx(realised(desk, f"queue_wait_mean_s@{queue}"), abs=1e-4)


def test_first_response_follows_from_the_files(desk: WrittenDesk, offered: pl.DataFrame) -> None:
    human = desk["messages"].filter(
        (pl.col("sender_type") == "agent") & ~pl.col("is_auto") & (pl.col("visibility") == "public")
    )
    replied = offered.join(
        human.group_by("conversation_id").agg(reply=pl.col("timestamp").min()), on="conversation_id"
    )
    took = (replied["reply"] - replied["queued"]).dt.total_milliseconds() / 1000
    assert took.mean() == pytest.approx(realised(desk, "frt_human_mean_s"), abs=1e-4)


def test_response_time_follows_from_the_files(desk: WrittenDesk) -> None:
    counted = desk["messages"].filter(
        (pl.col("sender_type") == "customer")
        | ((pl.col("sender_type") == "agent") & ~pl.col("is_auto") & (pl.col("visibility") == "public"))
    )
    waits: list[float] = []
    for _, rows in counted.group_by("conversation_id", maintain_order=True):
        opened, turns = None, []
        for sender, at in rows.select("sender_type", "timestamp").iter_rows():
            if sender == "customer":
                opened = opened or at
            elif opened is not None:
                turns.append((at - opened).total_seconds())
                opened = None
        waits += turns[1:]
    assert len(waits) == desk.truth["realised"]["response_time_mean_s"]["n"]
    assert sum(waits) / len(waits) == pytest.approx(realised(desk, "response_time_mean_s"), abs=1e-4)


def test_satisfaction_and_containment_follow_from_the_files(desk: WrittenDesk, offered: pl.DataFrame) -> None:
    scores = desk["surveys"]["csat"].drop_nulls()
    assert (scores >= 4).mean() == pytest.approx(realised(desk, "csat"), abs=1e-6)
    ended = desk["conversations"].filter(
        pl.col("closed_at").is_not_null()
        & pl.col("conversation_id").is_in(desk["bot_sessions"]["conversation_id"].implode())
    )
    contained = ~ended["conversation_id"].is_in(offered["conversation_id"].implode())
    assert contained.mean() == pytest.approx(realised(desk, "containment"), abs=1e-6)


def test_first_contact_resolution_follows_from_the_files(desk: WrittenDesk, offered: pl.DataFrame) -> None:
    week = 7 * 86_400_000
    contacts = pl.concat(
        [
            desk["conversations"]
            .filter((pl.col("initiated_by") == "customer") & ~pl.col("is_test"))
            .select("customer_id", "topic", at=pl.col("created_at").dt.epoch("ms")),
            desk["contacts"].select("customer_id", "topic", at=pl.col("created_at").dt.epoch("ms")),
        ]
    ).drop_nulls()
    closed = first(desk, "closed")
    base = (
        offered.filter(pl.col("accepted").is_not_null() & pl.col("customer_id").is_not_null())
        .join(closed, on="conversation_id")
        .with_columns(pl.col("closed").dt.epoch("ms"), created=pl.col("created_at").dt.epoch("ms"))
    )
    end = int(desk.generated.last_at.timestamp() * 1000)
    near = base.join(contacts, on=["customer_id", "topic"])
    later = near.filter((pl.col("at") > pl.col("closed")) & (pl.col("at") <= pl.col("closed") + week))
    earlier = near.filter((pl.col("at") < pl.col("created")) & (pl.col("at") >= pl.col("created") - week))
    bad = desk["events"].filter(pl.col("event_type").is_in(["reopened", "escalated"]))
    cohort = base.filter(
        (pl.col("closed") + week <= end)
        & ~pl.col("conversation_id").is_in(earlier["conversation_id"].implode())
    )
    failed = pl.concat([later["conversation_id"], bad["conversation_id"]])
    settled = ~cohort["conversation_id"].is_in(failed.implode())
    assert cohort.height == desk.truth["realised"]["fcr_7d"]["n"]
    assert settled.mean() == pytest.approx(realised(desk, "fcr_7d"), abs=1e-6)


def test_handle_time_follows_from_the_files(desk: WrittenDesk) -> None:
    steps = (
        desk["events"]
        .filter(pl.col("event_type").is_in(["accepted", "resumed", "parked", "transferred", "closed"]))
        .with_columns(
            following=pl.col("timestamp").shift(-1).over("conversation_id"),
        )
        .filter(pl.col("event_type").is_in(["accepted", "resumed"]))
    )
    held = steps.group_by("conversation_id").agg(
        held=(pl.col("following") - pl.col("timestamp")).dt.total_milliseconds().sum()
    )
    wraps = (
        desk["events"]
        .filter(pl.col("event_type").is_in(["wrapup_started", "wrapup_ended"]))
        .sort(
            "conversation_id", "agent_id", "timestamp", "event_type", descending=[False, False, False, True]
        )
    )
    done = wraps.with_columns(
        following=pl.col("timestamp").shift(-1).over("conversation_id", "agent_id"),
        then=pl.col("event_type").shift(-1).over("conversation_id", "agent_id"),
    ).filter((pl.col("event_type") == "wrapup_started") & (pl.col("then") == "wrapup_ended"))
    wrap = done.group_by("conversation_id").agg(
        wrap=(pl.col("following") - pl.col("timestamp")).dt.total_milliseconds().sum()
    )
    closed = desk["conversations"].filter(pl.col("closed_at").is_not_null())
    total = closed.join(held, on="conversation_id").join(wrap, on="conversation_id", how="left")
    handle = (total["held"] + total["wrap"].fill_null(0)).mean() / 1000
    assert handle == pytest.approx(realised(desk, "handle_time_mean_s"), abs=1e-4)


def test_every_value_has_a_definition_and_expectations_an_error(desk: WrittenDesk) -> None:
    for part in ("realised", "expected"):
        assert all(entry["definition"] for entry in desk.truth[part].values())
    assert all(entry["n_replications"] <= 2 for entry in desk.truth["expected"].values())
    level = desk.truth["expected"]["service_level"]
    assert level["mc_standard_error"] > 0
    assert level["estimator_sd"] > level["mc_standard_error"]


def test_parameters_are_all_there(desk: WrittenDesk) -> None:
    assert desk.truth["parameters"]["silent_share"] == 0.25
    assert len(desk.truth["parameters"]["departments"]) == 3
    assert desk.truth["true_patience_mean_s"]["sales-en"] == 210


def test_arrival_profile_is_the_demand(desk: WrittenDesk) -> None:
    arrivals = desk.truth["arrivals"]
    hours = arrivals["exposure_hours"]
    assert sum(hours) == 9 * 24 + 1
    new = sum(
        rate * h for q in arrivals["new_issues_per_hour"].values() for rate, h in zip(q, hours, strict=True)
    )
    assert desk["conversations"].height == pytest.approx(new * 1.13, rel=0.12)
    night = arrivals["offered_per_hour"]["billing-en"][3]
    assert night == 0
