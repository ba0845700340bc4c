from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast_sample_data.layout import EVENT_TYPES

if TYPE_CHECKING:
    from .conftest import WrittenDesk

SYSTEM_DETAILS = ["agent_offline", "inactivity"]


def events(desk: WrittenDesk, *kinds: str) -> pl.DataFrame:
    return desk["events"].filter(pl.col("event_type").is_in(kinds))


def test_ids_are_unique(desk: WrittenDesk) -> None:
    for name in ("conversations", "messages", "events", "surveys", "contacts", "customers", "accounts"):
        frame = desk[name]
        assert frame[frame.columns[0]].is_unique().all(), name


def test_references_resolve(desk: WrittenDesk) -> None:
    conversations = desk["conversations"]["conversation_id"].implode()
    customers = desk["customers"]["customer_id"].implode()
    agents = desk["agents"]["agent_id"].implode()
    references = [
        *(
            (desk[name]["conversation_id"], conversations)
            for name in ("messages", "events", "surveys", "bot_sessions")
        ),
        (desk["conversations"]["parent_conversation_id"], conversations),
        *((desk[name]["customer_id"], customers) for name in ("conversations", "contacts", "page_views")),
        (desk["customers"]["account_id"], desk["accounts"]["account_id"].implode()),
        *((desk[name]["agent_id"], agents) for name in ("events", "agent_status", "schedules")),
        (desk["messages"].filter(pl.col("sender_type") == "agent")["sender_id"], agents),
        (desk["messages"]["reply_to"], desk["messages"]["message_id"].implode()),
    ]
    for values, known in references:
        assert values.drop_nulls().is_in(known).all()


def test_events_are_in_order_of_time_and_vocabulary(desk: WrittenDesk) -> None:
    order = pl.col("event_type").replace_strict({kind: i for i, kind in enumerate(EVENT_TYPES)})
    frame = desk["events"].with_columns(order.alias("order"))
    assert frame["event_id"].is_sorted()
    assert frame.equals(frame.sort("timestamp", "order", maintain_order=True))


def test_columns_agree_with_events(desk: WrittenDesk) -> None:
    firsts = events(desk, "created").select("conversation_id", created="timestamp")
    lasts = (
        events(desk, "closed", "reopened")
        .group_by("conversation_id")
        .agg(pl.col("timestamp").last(), pl.col("event_type").last())
        .filter(pl.col("event_type") == "closed")
        .select("conversation_id", closed="timestamp")
    )
    queue = (
        events(desk, "queued")
        .group_by("conversation_id", maintain_order=True)
        .agg(entered=pl.col("queue").first())
    )
    joined = desk["conversations"]
    for frame in (firsts, lasts, queue):
        joined = joined.join(frame, on="conversation_id", how="left")
    assert joined["created_at"].eq_missing(joined["created"]).all()
    assert joined["closed_at"].eq_missing(joined["closed"]).all()
    assert joined["queue"].eq_missing(joined["entered"]).all()
    assert joined.filter(pl.col("status") == "open")["closed_at"].is_null().all()


def test_every_conversation_ends_in_one_way(desk: WrittenDesk) -> None:
    def having(*kinds: str) -> pl.Expr:
        return pl.col("conversation_id").is_in(events(desk, *kinds)["conversation_id"].implode())

    ends = desk["conversations"].select(
        open=pl.col("closed_at").is_null(),
        test=pl.col("is_test"),
        abandoned=having("abandoned") & pl.col("closed_at").is_not_null(),
        contained=~having("queued", "accepted") & pl.col("closed_at").is_not_null(),
        handled=having("accepted") & pl.col("closed_at").is_not_null(),
    )
    assert ends.select(pl.sum_horizontal(pl.all())).to_series().eq(1).all()
    assert all(ends[column].any() for column in ends.columns)


def test_nobody_accepts_what_was_not_offered(desk: WrittenDesk) -> None:
    steps = events(desk, "queued", "assigned", "missed", "accepted", "abandoned", "created").with_columns(
        before=pl.col("event_type").shift().over("conversation_id"),
        offered_to=pl.col("agent_id").shift().over("conversation_id"),
    )
    accepted = steps.filter(pl.col("event_type") == "accepted")
    offered = accepted.filter(pl.col("before") == "assigned")
    assert (offered["agent_id"] == offered["offered_to"]).all()
    outreach = desk["conversations"].filter(pl.col("initiated_by") == "agent")["conversation_id"]
    assert accepted.filter(pl.col("before") != "assigned")["conversation_id"].is_in(outreach.implode()).all()
    assert steps.filter(pl.col("event_type") == "assigned")["before"].is_in(["queued", "missed"]).all()
    assert (
        steps.filter(pl.col("event_type") == "abandoned")["before"]
        .is_in(["queued", "assigned", "missed"])
        .all()
    )


def test_agents_hold_at_most_their_limit(desk: WrittenDesk) -> None:
    changes = (
        events(desk, "accepted", "resumed", "parked", "closed", "transferred")
        .filter(pl.col("agent_id").is_not_null())
        .with_columns(parked=(pl.col("event_type") == "parked").cum_sum().over("conversation_id"))
        .with_columns(before=pl.col("event_type").shift().over("conversation_id"))
        .filter(~((pl.col("before") == "parked") & pl.col("event_type").is_in(["closed", "transferred"])))
        .with_columns(step=pl.when(pl.col("event_type").is_in(["accepted", "resumed"])).then(1).otherwise(-1))
        .sort("agent_id", "timestamp", "step")
        .with_columns(k=pl.col("step").cum_sum().over("agent_id"))
    )
    limits = changes.join(desk["agents"].select("agent_id", "max_concurrency"), on="agent_id")
    assert (limits["k"] <= limits["max_concurrency"]).all()
    assert (limits["k"] >= 0).all()
    assert limits["k"].max() >= 3


def test_presence_has_no_gaps_or_overlaps(desk: WrittenDesk) -> None:
    rows = desk["agent_status"].sort("agent_id", "started_at", maintain_order=True)
    rows = rows.with_columns(next_start=pl.col("started_at").shift(-1).over("agent_id"))
    assert rows["ended_at"].eq_missing(rows["next_start"]).all()
    assert (rows["ended_at"].fill_null(rows["started_at"]) >= rows["started_at"]).all()


def test_agents_act_only_while_logged_in(desk: WrittenDesk) -> None:
    acts = pl.concat(
        [
            events(
                desk,
                "assigned",
                "accepted",
                "closed",
                "transferred",
                "resumed",
                "wrapup_started",
                "wrapup_ended",
            )
            .filter(~pl.col("detail").fill_null("").is_in(SYSTEM_DETAILS))
            .select("agent_id", at="timestamp"),
            desk["messages"]
            .filter(pl.col("sender_type") == "agent")
            .select(agent_id="sender_id", at="timestamp"),
        ]
    ).drop_nulls()
    presence = desk["agent_status"].select("agent_id", "status", at="started_at").sort("at")
    until = acts.sort("at").join_asof(
        presence, on="at", by="agent_id", allow_exact_matches=False, check_sortedness=False
    )
    since = acts.sort("at").join_asof(presence, on="at", by="agent_id", check_sortedness=False)
    working = ["available", "busy"]
    assert (until["status"].is_in(working) | since["status"].is_in(working)).all()


def test_messages_lie_within_their_conversation(desk: WrittenDesk) -> None:
    bounds = desk["conversations"].select("conversation_id", "created_at", "closed_at", "status")
    spoken = desk["messages"].filter(pl.col("visibility") == "public").join(bounds, on="conversation_id")
    assert (spoken["timestamp"] >= spoken["created_at"]).all()
    assert (spoken["timestamp"] <= spoken["closed_at"].fill_null(spoken["timestamp"])).all()
    assert desk["messages"]["timestamp"].is_sorted()


def test_surveys_match_their_events(desk: WrittenDesk) -> None:
    sent = events(desk, "survey_sent").select("conversation_id", "timestamp")
    assert sent.sort(pl.all()).equals(
        desk["surveys"].select("conversation_id", timestamp="sent_at").sort(pl.all())
    )
    answers = desk["surveys"].filter(pl.col("responded_at").is_not_null())
    assert answers["csat"].is_between(1, 5).all()
    assert desk["surveys"].filter(pl.col("responded_at").is_null())["csat"].is_null().all()
    assert 0.1 < answers.height / desk["surveys"].height < 0.5


def test_every_kind_of_event_happens(desk: WrittenDesk) -> None:
    never = {"snoozed"}
    assert set(desk["events"]["event_type"]) == set(EVENT_TYPES) - never


def test_nothing_lies_after_the_end(desk: WrittenDesk) -> None:
    for name, frame in desk.frames.items():
        if name in ("schedules",):
            continue
        for column, kind in frame.schema.items():
            if isinstance(kind, pl.Datetime):
                assert (frame[column].drop_nulls() < desk.generated.last_at).all(), (name, column)
