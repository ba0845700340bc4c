"""The metrics of a run, computed from the simulator's own tables and from nothing that was written to files.

Names ending in `@queue` hold for one queue: the first one of the conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import history as h
from staffcast_sample_data import intervals as iv
from staffcast_sample_data import layout as z

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast_sample_data.layout import Floats, Ints, Tables
    from staffcast_sample_data.surveys import Surveys
    from staffcast_sample_data.world import World

Mask = np.ndarray
QUANTILES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Measure:
    """A ratio of sums (`denominator` 1 for a count), with the number of rows behind it."""

    numerator: float
    denominator: float
    n: int

    @property
    def value(self) -> float | None:
        """The ratio, None without a denominator."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Measures:
    """All measures of a run, and the raw values behind its quantiles, by name."""

    ratios: dict[str, Measure]
    samples: dict[str, Floats]


def share(hits: Mask, cohort: Mask) -> Measure:
    """Hits within a cohort over the cohort."""
    n = int(cohort.sum())
    return Measure(float((hits & cohort).sum()), float(n), n)


def count(cohort: Mask) -> Measure:
    """A number of rows."""
    n = int(cohort.sum())
    return Measure(float(n), 1.0, n)


def mean(values: Floats, cohort: Mask) -> Measure:
    """Mean of the values of a cohort."""
    n = int(cohort.sum())
    return Measure(float(values[cohort].sum()), float(n), n)


def measure(world: World, tables: Tables, surveys: Surveys) -> Measures:
    """All measures of a run."""
    ratios: dict[str, Measure] = {}
    samples: dict[str, Floats] = {}
    exists = tables.conversation[:, z.C_STATE] >= 0
    rows = h.spoken(tables)
    turns = h.turns_of(rows)
    work = _work_of(world, tables, turns, rows)
    scopes = [("", exists)]
    queue_of = np.where(tables.conversation[:, z.C_FIRST_QUEUED] >= 0, tables.conversation[:, z.C_QUEUE0], -1)
    scopes += [
        (f"@{queue}", exists & (queue_of == code)) for code, queue in enumerate(world.parameters.queues)
    ]
    for scope, members in scopes:
        ratios |= {name + scope: m for name, m in _queue_measures(world, tables, members)}
        ratios |= {name + scope: m for name, m in _reply_measures(world, turns, members)}
        ratios |= {name + scope: m for name, m in _work_measures(tables, work, members)}
        ratios |= {name + scope: m for name, m in _survey_measures(surveys, members)}
        ratios |= {name + scope: m for name, m in _fcr_measures(world, tables, members)}
        samples |= {name + scope: values for name, values in _samples(tables, turns, members)}
    ratios |= dict(_bot_measures(world, tables, surveys, exists))
    ratios |= dict(_concurrency_measures(work))
    return Measures(ratios, samples)


def _inbound(tables: Tables, members: Mask) -> Mask:
    c = tables.conversation
    return np.asarray(members & (c[:, z.C_KIND] == z.K_INBOUND) & (c[:, z.C_FIRST_QUEUED] >= 0))


def _queue_measures(world: World, tables: Tables, members: Mask) -> Iterator[tuple[str, Measure]]:
    p, c = world.parameters, tables.conversation
    offered = _inbound(tables, members)
    answered = offered & (c[:, z.C_ACCEPTED] >= 0)
    abandoned = offered & (c[:, z.C_ABANDONED] >= 0)
    wait_s = (c[:, z.C_ACCEPTED] - c[:, z.C_FIRST_QUEUED]) / 1000.0
    left_s = (c[:, z.C_ABANDONED] - c[:, z.C_FIRST_QUEUED]) / 1000.0
    short = abandoned & (left_s < p.short_abandon_s)
    counted = answered | (abandoned & ~short)
    yield "offered", count(offered)
    yield "answered", count(answered)
    yield "abandoned", count(abandoned)
    yield "short_abandoned", count(short)
    yield "abandonment_rate", share(abandoned, counted)
    yield "queue_wait_mean_s", mean(wait_s, answered)
    yield "service_level", share(answered & (wait_s <= p.target_s), counted)
    replied = offered & (c[:, z.C_FIRST_REPLY] >= 0)
    yield "frt_human_mean_s", mean((c[:, z.C_FIRST_REPLY] - c[:, z.C_FIRST_QUEUED]) / 1000.0, replied)
    waited = float(wait_s[answered].sum() + left_s[abandoned].sum())
    yield "patience_naive_s", Measure(waited, float(abandoned.sum()), int(abandoned.sum()))
    closed = answered & (c[:, z.C_FIRST_CLOSED] >= 0)
    yield "reopen_rate", share(c[:, z.C_REOPENS] > 0, closed)
    yield "silent_abandoned", count(answered & (c[:, z.C_SILENT] == 2))


def _reply_measures(world: World, turns: h.Turns, members: Mask) -> Iterator[tuple[str, Measure]]:
    answered = members[turns.conversation] & (turns.reply_ms >= 0)
    later = answered & ~turns.first
    took_s = (turns.reply_ms - turns.start_ms) / 1000.0
    yield "response_time_mean_s", mean(took_s, later)
    yield "replies_within_target", share(took_s <= world.parameters.reply_target_s, later)


@dataclass(frozen=True)
class _Work:
    """Times per leg in seconds, and the loads of all agents."""

    handle_s: Floats
    with_parked_s: Floats
    wrap_s: Floats
    engaged_s: Floats
    effort_s: Floats
    open: iv.Load
    active: iv.Load
    open_level: Ints
    released: Mask


def _sums(group: Ints, values: Floats, n_groups: int) -> Floats:
    return np.asarray(np.bincount(group, weights=values, minlength=n_groups), dtype=np.float64)


def _work_of(world: World, tables: Tables, turns: h.Turns, rows: Ints) -> _Work:
    leg, span = tables.leg, tables.span
    n, end_ms = len(leg), world.period.end_ms
    wrap_s = np.where(leg[:, z.L_WRAP_END] >= 0, leg[:, z.L_WRAP_END] - leg[:, z.L_WRAP_START], 0) / 1000.0
    held = h.open_slots_of(world, tables)
    owed = h.owed_of(world, tables, turns)
    active = h.active_of(world, tables, turns, rows, round(world.parameters.active_s * 1000))
    loads = iv.load(held.start, held.end), iv.load(active.start, active.end)
    seconds = _sums(held.leg, (held.end - held.start) / 1000.0, n)
    released = np.where(leg[:, z.L_RELEASED] < 0, end_ms, leg[:, z.L_RELEASED])
    done = span[:, z.SP_RELEASE] == 1
    return _Work(
        handle_s=seconds + wrap_s,
        with_parked_s=(released - leg[:, z.L_ACCEPTED]) / 1000.0 + wrap_s,
        wrap_s=wrap_s,
        engaged_s=_sums(held.leg, loads[0].share_s, n),
        effort_s=_sums(owed.leg, iv.load(owed.start, owed.end).share_s, n),
        open=loads[0],
        active=loads[1],
        open_level=iv.level_at(held.start, held.end, held.end[done]),
        released=done,
    )


def _work_measures(tables: Tables, work: _Work, members: Mask) -> Iterator[tuple[str, Measure]]:
    c, leg = tables.conversation, tables.leg
    handled = np.bincount(leg[:, z.L_CONV], minlength=len(c)) > 0
    closed = members & handled & (c[:, z.C_CLOSED] >= 0)

    def per_conversation(values: Floats) -> Measure:
        return mean(_sums(leg[:, z.L_CONV], values, len(c)), closed)

    yield "handle_time_mean_s", per_conversation(work.handle_s)
    yield "handle_time_with_parked_mean_s", per_conversation(work.with_parked_s)
    yield "wrap_up_mean_s", per_conversation(work.wrap_s)
    yield "engaged_time_mean_s", per_conversation(work.engaged_s)
    yield "effort_time_mean_s", per_conversation(work.effort_s)
    yield "transfer_rate", share(c[:, z.C_TRANSFERS] > 0, closed)
    yield "escalated_out_rate", share(c[:, z.C_ESCALATED] > 0, closed)


def _survey_measures(surveys: Surveys, members: Mask) -> Iterator[tuple[str, Measure]]:
    sent = members[surveys.conversation]
    valid = sent & (surveys.csat >= 1)
    yield "csat", share(surveys.csat >= 4, valid)
    yield "csat_response_rate", share(surveys.csat >= 1, sent)


def _fcr_measures(world: World, tables: Tables, members: Mask) -> Iterator[tuple[str, Measure]]:
    c = tables.conversation
    window_ms = world.parameters.fcr_window_days * z.DAY_MS
    near = h.returns_of(world, tables)
    closed_ms = c[:, z.C_FIRST_CLOSED]
    cohort = (
        _inbound(tables, members)
        & (c[:, z.C_ACCEPTED] >= 0)
        & (c[:, z.C_CUSTOMER] >= 0)
        & (closed_ms >= 0)
        & (closed_ms + window_ms <= world.period.end_ms)
        & ((near.before_ms < 0) | (near.before_ms > window_ms))
    )
    back = (near.after_ms >= 0) & (near.after_ms <= window_ms)
    settled = ~back & (c[:, z.C_REOPENS] == 0) & (c[:, z.C_ESCALATED] <= 0)
    yield "fcr_7d", share(settled, cohort)


def _bot_measures(
    world: World, tables: Tables, surveys: Surveys, exists: Mask
) -> Iterator[tuple[str, Measure]]:
    c = tables.conversation
    window_ms = world.parameters.fcr_window_days * z.DAY_MS
    ended = exists & (c[:, z.C_KIND] == z.K_INBOUND) & (c[:, z.C_BOT] > 0) & (c[:, z.C_CLOSED] >= 0)
    contained = c[:, z.C_FIRST_QUEUED] < 0
    answered = contained & np.isin(c[:, z.C_OUTCOME], (z.CONFIRMED, z.ASSUMED))
    near = h.returns_of(world, tables)
    back = (near.after_ms >= 0) & (near.after_ms <= window_ms)
    unhappy = np.zeros(len(c), dtype=bool)
    unhappy[surveys.conversation[(surveys.csat >= 1) & (surveys.csat <= 3)]] = True
    mature = ended & (c[:, z.C_FIRST_CLOSED] + window_ms <= world.period.end_ms)
    known = c[:, z.C_CUSTOMER] >= 0
    good = answered & ~back & ~unhappy
    yield "containment", share(contained, ended)
    yield "answered_by_bot", share(answered, ended)
    yield "bot_billed", count(exists & np.isin(c[:, z.C_OUTCOME], (z.CONFIRMED, z.ASSUMED)))
    yield "verified_deflection_7d", share(good, mature)
    yield "verified_deflection_known_7d", share(good, mature & known)


def _concurrency_measures(work: _Work) -> Iterator[tuple[str, Measure]]:
    n_released = int(work.released.sum())
    for name, load in (("open", work.open), ("active", work.active)):
        levels = np.arange(len(load.seconds_at))
        chat_s = float((levels * load.seconds_at).sum())
        yield f"{name}_concurrency_mean", Measure(chat_s, float(load.seconds_at.sum()), n_released)
        for k in np.flatnonzero(load.seconds_at > 0).tolist():
            yield f"{name}_seconds_at_{k}", Measure(float(load.seconds_at[k]), 1.0, n_released)
    for k in np.flatnonzero(work.open.seconds_at > 0).tolist():
        closures = int((work.open_level == k).sum())
        yield f"handle_at_open_{k}_s", Measure(k * float(work.open.seconds_at[k]), float(closures), closures)


def _samples(tables: Tables, turns: h.Turns, members: Mask) -> Iterator[tuple[str, Floats]]:
    c = tables.conversation
    offered = _inbound(tables, members)
    answered = offered & (c[:, z.C_ACCEPTED] >= 0)
    replied = offered & (c[:, z.C_FIRST_REPLY] >= 0)
    yield "queue_wait", (c[answered, z.C_ACCEPTED] - c[answered, z.C_FIRST_QUEUED]) / 1000.0
    yield "frt_human", (c[replied, z.C_FIRST_REPLY] - c[replied, z.C_FIRST_QUEUED]) / 1000.0
    later = members[turns.conversation] & (turns.reply_ms >= 0) & ~turns.first
    yield "response_time", (turns.reply_ms - turns.start_ms)[later] / 1000.0
