"""The files that describe the desk: queues, targets, costs, page views and config.json."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from staffcast_sample_data import layout as z
from staffcast_sample_data.frames import labels, numbered, utc_text
from staffcast_sample_data.hours import hours_json
from staffcast_sample_data.traffic_files import DEVICES

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Tables
    from staffcast_sample_data.traffic_files import Numbering
    from staffcast_sample_data.world import World

VIEWS_WITHOUT_CHAT = 1.2
LICENCE_PRICE = 49.0
CURRENCY = "EUR"


def queues_frame(world: World) -> pl.DataFrame:
    """queues.csv."""
    parameters = world.parameters
    rows = [
        {
            "queue": queue,
            "timezone": parameters.timezone,
            "hours": hours_json(parameters.queue_hours(code), parameters.timezone),
            "channels": "web;app;whatsapp",
            "skills": queue,
            "max_concurrency": max(parameters.limits),
        }
        for code, queue in enumerate(parameters.queues)
    ]
    return pl.DataFrame(rows)


def targets_frame(world: World) -> pl.DataFrame:
    """targets.csv; the first row that fits a conversation counts."""
    p = world.parameters
    columns = [
        "queue",
        "channel",
        "priority",
        "tier",
        "metric",
        "within_s",
        "share",
        "clock",
        "from_date",
        "to_date",
    ]
    rows = [
        (None, None, "urgent", None, "service_level", 20.0, 0.9, "calendar", None, None),
        (None, None, None, "premium", "service_level", 30.0, 0.85, "calendar", None, None),
        ("billing-en", None, None, None, "service_level", 90.0, 0.8, "calendar", None, None),
        ("billing-de", None, None, None, "service_level", 90.0, 0.8, "calendar", None, None),
        (None, None, None, None, "service_level", p.target_s, p.target_share, "calendar", None, None),
        (None, "whatsapp", None, None, "reply_within", 900.0, 0.8, "business", None, None),
        (None, None, None, None, "reply_within", p.reply_target_s, 0.8, "business", None, None),
    ]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def costs_frame(world: World) -> pl.DataFrame:
    """costs.csv: what a channel costs per month; paid agent hours and a price per bot resolution."""
    parameters, days = world.parameters, world.period.days
    months = sorted({day.replace(day=1) for day in days})
    paid_hours = sum(
        (a.end_ms - a.start_ms) / z.HOUR_MS for a in world.roster.activities if a.name == "shift"
    )
    unpaid = sum((a.end_ms - a.start_ms) / z.HOUR_MS for a in world.roster.activities if not a.paid)
    rows = []
    for month in months:
        following = (month + timedelta(days=32)).replace(day=1)
        share = sum(month <= day < following for day in days) / len(days)
        staff = round((paid_hours - unpaid) * share * parameters.hourly_cost, 2)
        period = {
            "period_start": month.isoformat(),
            "period_end": following.isoformat(),
            "currency": CURRENCY,
        }
        rows.append({"channel": "chat", "kind": "staff", "amount": staff, "unit_price": None, **period})
        rows.append(
            {
                "channel": "bot",
                "kind": "per_resolution",
                "amount": None,
                "unit_price": parameters.bot_price,
                **period,
            }
        )
        licences = LICENCE_PRICE * len(world.agents.limit)
        rows.append({"channel": "chat", "kind": "licences", "amount": licences, "unit_price": None, **period})
    return pl.DataFrame(rows, infer_schema_length=None)


def page_views_frame(
    world: World, tables: Tables, numbering: Numbering, rng: np.random.Generator
) -> pl.DataFrame:
    """page_views.csv: help pages read, some of them shortly before a chat."""
    c = tables.conversation[numbering.codes]
    topics = [topic.name for topic in world.parameters.topics]
    led_to_chat = np.flatnonzero((rng.random(len(c)) < 0.22) & (c[:, z.C_KIND] == z.K_INBOUND))
    alone = rng.integers(0, len(c), size=int(VIEWS_WITHOUT_CHAT * len(c)))
    source = np.concatenate([led_to_chat, alone])
    shift = np.concatenate(
        [
            -rng.integers(20_000, 900_000, size=len(led_to_chat)),
            rng.integers(-z.DAY_MS // 2, z.DAY_MS // 2, size=len(alone)),
        ]
    )
    at = c[source, z.C_CREATED] + shift
    inside = (at >= world.period.start_ms) & (at < world.period.end_ms)
    customer = c[source, z.C_CUSTOMER].copy()
    stranger = np.arange(len(source)) >= len(led_to_chat)
    known = world.customers.draw(rng, c[source, z.C_QUEUE] % 2)
    customer[stranger] = np.where(rng.random(int(stranger.sum())) < 0.35, known[stranger], -1)
    order = np.flatnonzero(inside)[np.argsort(at[inside], kind="stable")]
    article = labels(c[source[order], z.C_TOPIC], topics).str.replace_all("_", "-")
    return pl.DataFrame(
        {
            "view_id": numbered("v", np.arange(1, len(order) + 1), 7),
            "customer_id": numbered("u", customer[order], 5),
            "viewed_at": utc_text(at[order]),
            "page_url": "https://www.example.com/help/" + article,
            "article": article,
            "seconds": np.round(np.exp(rng.normal(3.8, 0.8, len(order))), 1),
            "helpful": labels(rng.choice(3, len(order), p=(0.8, 0.14, 0.06)), ("", "yes", "no")),
            "device": labels(rng.choice(3, len(order), p=(0.5, 0.44, 0.06)), DEVICES),
        }
    )


def config(world: World) -> dict[str, Any]:
    """config.json: defaults of this data."""
    p = world.parameters
    return {
        "as_of": _iso(world.period.end_ms),
        "timezone": p.timezone,
        "business_hours": {"mon-sun": ["08:00", "22:00"]},
        "holidays": [day for day, spans in p.departments[0].dates if not spans],
        "fcr_window_days": p.fcr_window_days,
        "service_level_target_seconds": p.target_s,
        "short_abandon_seconds": p.short_abandon_s,
        "csat_scale": [1, 5],
        "csat_positive_min": 4,
        "agent_hourly_cost": p.hourly_cost,
        "currency": CURRENCY,
    }


def _iso(at_ms: int) -> str:
    return str(utc_text(np.array([at_ms], dtype=np.int64))[0])
