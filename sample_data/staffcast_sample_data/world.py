"""A desk before the first customer: people, roster, calendar, behaviour; and one run of its traffic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data.arrivals import Demand, demand_of, draw_arrivals, draw_other_contacts
from staffcast_sample_data.desk import simulate
from staffcast_sample_data.hours import Period, open_slots
from staffcast_sample_data.layout import Desk, Floats, Tables
from staffcast_sample_data.people import Agents, Customers, make_agents, make_customers
from staffcast_sample_data.roster import Roster, make_roster, team_sizes

if TYPE_CHECKING:
    from staffcast_sample_data.parameters import DeskParameters

PEOPLE, TRAFFIC, TEXTS, SURVEYS = range(4)


@dataclass(frozen=True)
class World:
    """Everything about a desk that a replication of its traffic keeps."""

    parameters: DeskParameters
    period: Period
    demand: Demand
    customers: Customers
    agents: Agents
    roster: Roster
    desk: Desk


def make_world(parameters: DeskParameters, days: int, seed: int, scale: float) -> World:
    """Set up a desk; the seed draws its people and their shifts."""
    rng = np.random.default_rng([seed, PEOPLE])
    period = Period(parameters.end_date - timedelta(days=days), days, parameters.timezone)
    demand = demand_of(parameters, period, scale)
    customers = make_customers(parameters, float(demand.base.sum()), rng)
    agents = make_agents(parameters, team_sizes(parameters, period, scale), rng)
    roster = make_roster(parameters, period, agents, scale, rng)
    is_open, next_open = open_slots(parameters, period)
    down = (demand.outage[0], demand.outage[2]) if demand.outage is not None else (0, 0)
    desk = Desk(
        start=period.start_ms,
        end=period.end_ms,
        open_slot=is_open,
        next_open=next_open,
        topic=_topic_table(parameters),
        patience_ms=np.array([1000.0 * s for d in parameters.departments for s in d.patience_s]),
        bot_share=np.repeat(np.array(parameters.bot_share, dtype=np.float64), 2),
        bot_down=np.array(down, dtype=np.int64),
        skill=agents.skill,
        limit=agents.limit,
        speed=agents.speed,
        quality=agents.quality,
        plan=roster.plan,
        knob=np.array(
            [*(getattr(parameters, k) for k in z.KNOBS), *parameters.bot_resolve_shares], dtype=np.float64
        ),
    )
    return World(parameters, period, demand, customers, agents, roster, desk)


def _topic_table(parameters: DeskParameters) -> Floats:
    names = [department.name for department in parameters.departments]
    return np.array(
        [
            (
                t.turns, t.work_s, t.resolve_share, t.bot_share, t.transfer_share,
                names.index(t.transfer_to) if t.transfer_to else -1, t.escalate_share, t.cobrowse_share,
            )
            for t in parameters.topics
        ],
        dtype=np.float64,
    )  # fmt: skip


def run_traffic(world: World, seed: int, replication: int = 0) -> Tables:
    """Simulate the traffic of a desk; replication 0 is the desk that is written."""
    rng = np.random.default_rng([seed, TRAFFIC, replication])
    arrivals = draw_arrivals(world.parameters, world.period, world.demand, world.customers, rng)
    others = draw_other_contacts(world.parameters, arrivals, world.customers, rng)
    tables = simulate(arrivals, world.desk, int(rng.integers(2**31)))
    return _truncate(tables._replace(contact=np.concatenate([others, tables.contact])), world.period)


def _truncate(tables: Tables, period: Period) -> Tables:
    """Cut off what lies after the end of the period, as an export of that instant would."""
    conversation = tables.conversation.copy()
    for column in (z.C_CLOSED, z.C_FIRST_CLOSED, z.C_FIRST_QUEUED):
        conversation[conversation[:, column] >= period.end_ms, column] = -1
    message = tables.message[tables.message[:, z.M_AT] < period.end_ms]
    event = tables.event[tables.event[:, z.E_AT] < period.end_ms]
    contact = tables.contact[
        (tables.contact[:, z.X_AT] < period.end_ms) & (tables.contact[:, z.X_AT] >= period.start_ms)
    ]
    return tables._replace(conversation=conversation, message=message, event=event, contact=contact)
