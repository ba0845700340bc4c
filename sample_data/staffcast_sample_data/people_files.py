"""The files of people and other channels: agents, presence, schedules, customers, accounts, contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast_sample_data import layout as z
from staffcast_sample_data.frames import labels, numbered, offset_text, utc_text
from staffcast_sample_data.parameters import LANGUAGES
from staffcast_sample_data.people import PLANS, TIERS

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Tables
    from staffcast_sample_data.world import World

FIRST_NAMES = (
    "Alma", "Bela", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ida", "Jonas", "Kira", "Lenny",
    "Mira", "Nino", "Olga", "Piet", "Quinn", "Rosa", "Sami", "Tilda", "Udo", "Vera", "Wim", "Xenia",
    "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Sampleton", "Musterfeld", "Testmann", "Beispiel", "Mockford", "Placeholm", "Demoski", "Fixtura",
    "Probst-Muster", "Dummyson", "Specimen", "Formblatt", "Exemplar", "Vorlage", "Trialby", "Platzhalter",
)  # fmt: skip
HANDLE_S = {z.PHONE: 390.0, z.EMAIL: 520.0}
CONTACT_COST = {z.PHONE: 6.4, z.EMAIL: 4.1}


def person_name(code: int) -> str:
    """An invented name; neighbours differ."""
    return f"{FIRST_NAMES[code * 7 % len(FIRST_NAMES)]} {LAST_NAMES[code * 5 % len(LAST_NAMES)]}"


def phone_number(code: int, language: int) -> str:
    """A number from the ranges that are reserved for fiction."""
    return f"+49 30 23125 {code % 1000:03d}" if language else f"+44 20 7946 0{code % 1000:03d}"


def agents_frame(world: World) -> pl.DataFrame:
    """agents.csv, the bot included."""
    agents = world.agents
    names = [department.name for department in world.parameters.departments]
    queues = world.parameters.queues
    rows = [
        {
            "agent_id": f"a{code + 1:03d}",
            "name": person_name(code + 11),
            "type": "human",
            "team": names[agents.department[code]],
            "site": "Berlin" if agents.bilingual[code] else "Dublin",
            "timezone": "Europe/Berlin" if agents.bilingual[code] else "Europe/Dublin",
            "skills": ";".join(queue for q, queue in enumerate(queues) if agents.skill[code, q]),
            "languages": ";".join(LANGUAGES if agents.bilingual[code] else LANGUAGES[:1]),
            "max_concurrency": int(agents.limit[code]),
            "hourly_cost": world.parameters.hourly_cost,
        }
        for code in range(len(agents.department))
    ]
    bot = {"agent_id": "bot-1", "name": "Helper bot", "type": "bot", "languages": ";".join(LANGUAGES)}
    return pl.DataFrame([*rows, bot], infer_schema_length=None)


def agent_status_frame(tables: Tables) -> pl.DataFrame:
    """agent_status.csv in order of time; a state that lasts has no end."""
    rows = tables.status[np.lexsort((tables.status[:, z.ST_AGENT], tables.status[:, z.ST_START]))]
    return pl.DataFrame(
        {
            "agent_id": numbered("a", rows[:, z.ST_AGENT] + 1, 3),
            "status": labels(rows[:, z.ST_STATUS], z.STATUSES),
            "started_at": utc_text(rows[:, z.ST_START]),
            "ended_at": utc_text(rows[:, z.ST_END]),
        }
    )


def schedules_frame(world: World) -> pl.DataFrame:
    """schedules.csv, with local offsets."""
    activities = sorted(world.roster.activities, key=lambda a: (a.start_ms, a.agent, -a.end_ms, a.name))
    timezone = world.parameters.timezone
    return pl.DataFrame(
        {
            "agent_id": numbered("a", np.array([a.agent + 1 for a in activities], dtype=np.int64), 3),
            "activity": [a.name for a in activities],
            "started_at": offset_text(np.array([a.start_ms for a in activities], dtype=np.int64), timezone),
            "ended_at": offset_text(np.array([a.end_ms for a in activities], dtype=np.int64), timezone),
            "paid": [a.paid for a in activities],
            "planned": [a.planned for a in activities],
        }
    )


def customers_frame(world: World) -> pl.DataFrame:
    """customers.csv."""
    customers = world.customers
    codes = range(len(customers.language))
    names = [person_name(code) for code in codes]
    return pl.DataFrame(
        {
            "customer_id": numbered("u", np.arange(len(customers.language)), 5),
            "account_id": numbered("b", customers.account, 4),
            "name": names,
            "email": [
                f"{name.lower().replace(' ', '.')}.{code}@example.com" for code, name in enumerate(names)
            ],
            "phone": [phone_number(code, int(customers.language[code])) for code in codes],
            "segment": labels((customers.account >= 0).astype(np.int64), ("consumer", "business")),
            "tier": labels(customers.tier, TIERS),
            "language": labels(customers.language, LANGUAGES),
        }
    )


def accounts_frame(world: World) -> pl.DataFrame:
    """accounts.csv."""
    customers = world.customers
    return pl.DataFrame(
        {
            "account_id": numbered("b", np.arange(len(customers.plan)), 4),
            "plan": labels(customers.plan, PLANS),
            "size": customers.size,
        }
    )


def contacts_frame(world: World, tables: Tables, rng: np.random.Generator) -> pl.DataFrame:
    """contacts.csv: calls and emails, with local offsets."""
    rows = tables.contact[np.lexsort((tables.contact[:, z.X_CUSTOMER], tables.contact[:, z.X_AT]))]
    channel = rows[:, z.X_CHANNEL]
    median = np.where(channel == z.PHONE, HANDLE_S[z.PHONE], HANDLE_S[z.EMAIL])
    cost = np.where(channel == z.PHONE, CONTACT_COST[z.PHONE], CONTACT_COST[z.EMAIL])
    factor = np.exp(rng.normal(0.0, 0.5, len(rows)))
    return pl.DataFrame(
        {
            "contact_id": numbered("k", np.arange(1, len(rows) + 1), 6),
            "customer_id": numbered("u", rows[:, z.X_CUSTOMER], 5),
            "channel": labels(channel, z.CHANNELS),
            "created_at": offset_text(rows[:, z.X_AT], world.parameters.timezone),
            "topic": labels(rows[:, z.X_TOPIC], [topic.name for topic in world.parameters.topics]),
            "handle_s": np.round(median * factor, 1),
            "cost": np.round(cost * factor, 2),
        }
    )
