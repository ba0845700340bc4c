"""Demand: true rates per slot and queue, and the conversations drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data.hours import open_slots
from staffcast_sample_data.layout import SLOT_MS, Floats, Ints

if TYPE_CHECKING:
    from staffcast_sample_data.hours import Period
    from staffcast_sample_data.parameters import Department, DeskParameters
    from staffcast_sample_data.people import Customers

SLOTS_PER_HOUR = 4
MIN_DAYS_FOR_OUTAGE = 3
PRIORITY_URGENT, PRIORITY_HIGH, PRIORITY_NORMAL = range(3)


@dataclass(frozen=True)
class Demand:
    """True demand: new issues expected per slot.

    Attributes:
        base: Expected new conversations, queue x slot, with trend and outage, without day factors.
        outage: UTC milliseconds of the outage and of the end of its echo (three instants), or None.
    """

    base: Floats
    outage: tuple[int, int, int] | None


def outage_of(parameters: DeskParameters, period: Period) -> tuple[int, int, int] | None:
    """Start, end and end of the echo of the outage; none in a period of one or two days."""
    if period.n_days < MIN_DAYS_FOR_OUTAGE:
        return None
    day = period.days[int(period.n_days * parameters.outage_day_share)]
    start = parameters.outage_start_hour
    marks = (
        start,
        start + parameters.outage_hours,
        start + parameters.outage_hours + parameters.outage_echo_hours,
    )
    first, second, third = (period.at_ms(day, hour) for hour in marks)
    return first, second, third


def hourly_rate(department: Department) -> Floats:
    """New issues per hour at scale 1 without trend, weekday x local hour."""
    shape = np.outer(department.weekday, department.hourly)
    return np.asarray(department.conversations_per_week * shape / shape.sum(), dtype=np.float64)


def demand_of(parameters: DeskParameters, period: Period, scale: float) -> Demand:
    """True demand of a period."""
    slots = period.slots
    is_open, _ = open_slots(parameters, period)
    outage = outage_of(parameters, period)
    trend = 1.0 + parameters.weekly_trend_share * (slots.day - (period.n_days - 1) / 2) / 7
    rows = []
    for queue in range(len(parameters.queues)):
        department = parameters.queue_hours(queue)
        share = department.german_share if queue % 2 else 1.0 - department.german_share
        rate = hourly_rate(department)[slots.weekday, slots.hour] / SLOTS_PER_HOUR * share * scale * trend
        if not department.night_bot:
            rate = rate * is_open[queue]
        if outage is not None:
            down = (slots.start_ms >= outage[0]) & (slots.start_ms < outage[1])
            echo = (slots.start_ms >= outage[1]) & (slots.start_ms < outage[2])
            rate = np.where(down, 0.0, rate)
            if department.name == "support":
                rate = np.where(echo, rate * parameters.outage_echo_factor, rate)
        rows.append(rate)
    return Demand(base=np.array(rows), outage=outage)


def draw_arrivals(
    parameters: DeskParameters, period: Period, demand: Demand, customers: Customers, rng: np.random.Generator
) -> Ints:
    """Conversations that begin by themselves, in order of time, as rows of the conversation table."""
    n_queues, n_slots = demand.base.shape
    shape = 1.0 / parameters.day_factor_cv**2
    factors = rng.gamma(shape, 1.0 / shape, size=(n_queues // 2, period.n_days))
    rate = demand.base * factors[np.arange(n_queues) // 2][:, period.slots.day]
    counts = rng.poisson(rate)
    queue = np.repeat(np.arange(n_queues), counts.sum(axis=1))
    slot = np.concatenate([np.repeat(np.arange(n_slots), counts[q]) for q in range(n_queues)])
    at = period.slots.start_ms[slot] + rng.integers(0, SLOT_MS, size=len(slot))
    order = np.argsort(at, kind="stable")
    return _with_attributes(parameters, demand, customers, rng, at[order], queue[order])


def _with_attributes(
    parameters: DeskParameters,
    demand: Demand,
    customers: Customers,
    rng: np.random.Generator,
    at: Ints,
    queue: Ints,
) -> Ints:
    n = len(at)
    rows = np.full((n, z.N_CONVERSATION), -1, dtype=np.int64)
    rows[:, z.C_CREATED] = at
    rows[:, z.C_QUEUE] = rows[:, z.C_QUEUE0] = queue
    rows[:, z.C_TOPIC] = _topics(parameters, demand, rng, at, queue)
    customer = customers.draw(rng, queue % 2)
    customer[rng.random(n) < parameters.anonymous_share] = -1
    rows[:, z.C_CUSTOMER] = customer
    rows[:, z.C_MODE] = (rng.random(n) < parameters.messaging_share) & (customer >= 0)
    urgent = rng.random(n) < customers.urgent_share(customer)
    high = rng.random(n) < customers.high_share(customer)
    rows[:, z.C_PRIORITY] = np.where(urgent, PRIORITY_URGENT, np.where(high, PRIORITY_HIGH, PRIORITY_NORMAL))
    draw = rng.random(n)
    test = draw < parameters.test_share
    outbound = ~test & (draw < parameters.test_share + parameters.outbound_share) & (customer >= 0)
    rows[:, z.C_KIND] = np.where(test, z.K_TEST, np.where(outbound, z.K_OUTBOUND, z.K_INBOUND))
    rows[test, z.C_CUSTOMER] = -1
    rows[test | outbound, z.C_MODE] = z.LIVE
    return rows


def _topics(
    parameters: DeskParameters, demand: Demand, rng: np.random.Generator, at: Ints, queue: Ints
) -> Ints:
    topic = np.zeros(len(at), dtype=np.int64)
    first = 0
    for d, department in enumerate(parameters.departments):
        shares = np.array([t.share for t in department.topics])
        mine = queue // 2 == d
        topic[mine] = first + rng.choice(len(shares), size=int(mine.sum()), p=shares / shares.sum())
        if department.name == "support" and demand.outage is not None:
            echo = mine & (at >= demand.outage[1]) & (at < demand.outage[2])
            excess = 1.0 - 1.0 / parameters.outage_echo_factor
            topic[echo & (rng.random(len(at)) < excess)] = first + len(shares) - 1
        first += len(shares)
    return topic


def draw_other_contacts(
    parameters: DeskParameters, arrivals: Ints, customers: Customers, rng: np.random.Generator
) -> Ints:
    """Calls and emails that have nothing to do with the chats, as rows of the contact table."""
    inbound = np.flatnonzero(arrivals[:, z.C_KIND] == z.K_INBOUND)
    chosen = inbound[rng.random(len(inbound)) < parameters.other_contacts_share]
    rows = np.full((len(chosen), z.N_CONTACT), -1, dtype=np.int64)
    rows[:, z.X_AT] = arrivals[chosen, z.C_CREATED] + rng.integers(-SLOT_MS, SLOT_MS, size=len(chosen))
    rows[:, z.X_CUSTOMER] = customers.draw(rng, arrivals[chosen, z.C_QUEUE] % 2)
    rows[:, z.X_CHANNEL] = np.where(rng.random(len(chosen)) < 0.6, z.PHONE, z.EMAIL)
    rows[:, z.X_TOPIC] = arrivals[chosen, z.C_TOPIC]
    return rows
