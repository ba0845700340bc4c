"""Shifts of the agents: who works when, with breaks, lunch, meetings and training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data.arrivals import hourly_rate
from staffcast_sample_data.hours import clock_hours, spans_on

if TYPE_CHECKING:
    from datetime import date

    from staffcast_sample_data.hours import Period
    from staffcast_sample_data.parameters import Department, DeskParameters
    from staffcast_sample_data.people import Agents

SHIFT_HOURS = 8.5
DAYS_PER_WEEK = 5
HUMAN_SHARE_AFTER_BOT = 0.66
LOGIN, PAUSE, LOGOUT = range(3)
MINUTE = 1 / 60


@dataclass(frozen=True)
class Activity:
    """One row of the schedule: local clock hours on a date, paid or not, planned or not."""

    agent: int
    name: str
    start_ms: int
    end_ms: int
    paid: bool
    planned: bool


@dataclass(frozen=True)
class Roster:
    """The schedule, and the logins, pauses and log-offs that agents really make."""

    activities: tuple[Activity, ...]
    plan: z.Ints


def shift_hours(opens: float, closes: float) -> list[tuple[float, float]]:
    """Shifts that cover an opening span, in local hours: early and late first, then one between."""
    if closes - opens <= SHIFT_HOURS:
        return [(opens, closes)]
    early = (opens, opens + SHIFT_HOURS)
    late = (closes - SHIFT_HOURS, closes)
    middle = (opens + closes - SHIFT_HOURS) / 2
    between = (math.floor(middle * 2) / 2, math.floor(middle * 2) / 2 + SHIFT_HOURS)
    return [early, late, between]


def effort_hours(parameters: DeskParameters, index: int) -> float:
    """Expected agent work per new issue of a department, in hours, for conversations that reach a human."""
    department = parameters.departments[index]
    shares = np.array([topic.share for topic in department.topics])
    replies = np.array([topic.turns for topic in department.topics])
    medians = np.array([topic.work_s for topic in department.topics])
    mean_factor = math.exp(parameters.reply_sigma**2 / 2)
    reply_s = medians * (1 - parameters.canned_share) + parameters.canned_work_s * parameters.canned_share
    work_s = float(np.average(replies * reply_s, weights=shares)) * mean_factor
    rest_s = parameters.farewell_work_s + parameters.wrap_share * parameters.wrap_s * 1.3
    human = 1.0 - parameters.bot_share[index] * (1.0 - HUMAN_SHARE_AFTER_BOT)
    repeats = 1.1
    return (work_s + rest_s) * human * repeats / 3600


def shifts_wanted(parameters: DeskParameters, index: int, day: date, scale: float) -> int:
    """Shifts a department wants on a date, from its expected work."""
    department = parameters.departments[index]
    spans = spans_on(department, day)
    if not spans:
        return 0
    opens, closes = clock_hours(spans[0][0]), clock_hours(spans[-1][1])
    rates = hourly_rate(department)[day.weekday(), math.floor(opens) : math.ceil(closes)]
    length = min(SHIFT_HOURS, closes - opens)
    work = float(rates.sum()) * scale * effort_hours(parameters, index) / parameters.work_occupancy
    cover = 2 if closes - opens > SHIFT_HOURS else 1
    return max(cover, math.ceil(work / (length * parameters.productive_share)))


def team_sizes(parameters: DeskParameters, period: Period, scale: float) -> list[int]:
    """Agents each department needs so that nobody works more than five days a week."""
    sizes = []
    for index in range(len(parameters.departments)):
        wanted = [shifts_wanted(parameters, index, day, scale) for day in period.days]
        per_week = 7 * sum(wanted) / len(wanted)
        sizes.append(max(2, *wanted, math.ceil(per_week / DAYS_PER_WEEK / (1 - parameters.sick_share))))
    return sizes


def make_roster(
    parameters: DeskParameters, period: Period, agents: Agents, scale: float, rng: np.random.Generator
) -> Roster:
    """Draw up the shifts of all days."""
    activities: list[Activity] = []
    plan: list[tuple[int, int, int, int, int]] = []
    n_days_worked = np.zeros(len(agents.department), dtype=np.int64)
    rank = rng.permutation(len(agents.department))
    for number, day in enumerate(period.days):
        if day.weekday() == 0:
            n_days_worked[:] = 0
        for index, department in enumerate(parameters.departments):
            team = np.flatnonzero(agents.department == index)
            fresh = team[n_days_worked[team] < DAYS_PER_WEEK]
            turn = (rank[fresh] + number * 3) % len(agents.department)
            order = fresh[np.lexsort((turn, n_days_worked[fresh]))]
            wanted = shifts_wanted(parameters, index, day, scale)
            chosen = _with_german_first(order[:wanted], order[wanted:], agents)
            n_days_worked[chosen] += 1
            for place, agent in enumerate(chosen):
                shift = _shift_of(department, day, place)
                _fill_shift(parameters, period, day, int(agent), shift, rng, activities, plan)
    plan.sort()
    return Roster(tuple(activities), np.array(plan, dtype=np.int64).reshape(-1, z.N_PLAN))


def _with_german_first(chosen: np.ndarray, others: np.ndarray, agents: Agents) -> list[int]:
    """The chosen agents, bilingual ones first; one of the others steps in if none of them is."""
    speaks = [int(a) for a in chosen if agents.bilingual[a]]
    rest = [int(a) for a in chosen if not agents.bilingual[a]]
    spare = [int(a) for a in others if agents.bilingual[a]]
    while len(speaks) < min(2, len(chosen)) and spare and rest:
        speaks.append(spare.pop(0))
        rest.pop()
    return speaks + rest


def _shift_of(department: Department, day: date, place: int) -> tuple[float, float]:
    spans = spans_on(department, day)
    shifts = shift_hours(clock_hours(spans[0][0]), clock_hours(spans[-1][1]))
    return shifts[place % len(shifts)]


def _fill_shift(
    parameters: DeskParameters,
    period: Period,
    day: date,
    agent: int,
    shift: tuple[float, float],
    rng: np.random.Generator,
    activities: list[Activity],
    plan: list[tuple[int, int, int, int, int]],
) -> None:
    opens, closes = shift
    sick = rng.random() < parameters.sick_share
    late = float(rng.normal(1.0, 2.0))

    def note(name: str, start: float, length: float, *, paid: bool = True, planned: bool = True) -> None:
        activities.append(
            Activity(agent, name, period.at_ms(day, start), period.at_ms(day, start + length), paid, planned)
        )

    note("shift", opens, closes - opens)
    pauses = _pauses(parameters, day, opens, closes, rng)
    for _, name, start, length in pauses:
        note(name, start, length, paid=name != "lunch")
    if sick:
        note("sick", opens, closes - opens, planned=False)
        return
    login = period.at_ms(day, opens) + int(max(-6.0, min(late, 9.0)) * z.MINUTE_MS)
    plan.append((login, LOGIN, agent, z.AVAILABLE, 0))
    for status, _, start, length in pauses:
        at = period.at_ms(day, start) + int(rng.normal(0.0, 90_000))
        taken = int(length * z.HOUR_MS + rng.normal(20_000, 60_000))
        plan.append((at, PAUSE, agent, status, max(taken, 120_000)))
    plan.append((period.at_ms(day, closes) + int(rng.uniform(0, 120_000)), LOGOUT, agent, z.OFFLINE, 0))


def _pauses(
    parameters: DeskParameters, day: date, opens: float, closes: float, rng: np.random.Generator
) -> list[tuple[int, str, float, float]]:
    """Pauses of a shift as (status, name, local start hour, length in hours), in order of time."""
    length = closes - opens
    quarter = int(rng.integers(0, 4)) / 4
    if length < 6.0:
        return [(z.BREAK, "break", opens + 2.0 + quarter, 15 * MINUTE)]
    pauses = [
        (z.BREAK, "break", opens + 1.75 + quarter, 15 * MINUTE),
        (z.LUNCH, "lunch", opens + 3.5 + quarter, 30 * MINUTE),
        (z.BREAK, "break", opens + 6.0 + quarter, 15 * MINUTE),
    ]
    if day.weekday() == parameters.meeting_weekday:
        pauses.append((z.MEETING, "meeting", opens + 5.0, 30 * MINUTE))
    elif rng.random() < parameters.training_share:
        pauses.append((z.TRAINING, "training", opens + 4.75, 60 * MINUTE))
    return sorted(pauses, key=lambda pause: pause[2])
