"""truth.json: parameters, what this run realised, and what each estimator is expected to give."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data.definitions import definition_of
from staffcast_sample_data.measures import QUANTILES, Measures, measure
from staffcast_sample_data.surveys import draw_surveys
from staffcast_sample_data.world import SURVEYS, run_traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast_sample_data.layout import Floats, Tables
    from staffcast_sample_data.parameters import DeskParameters
    from staffcast_sample_data.surveys import Surveys
    from staffcast_sample_data.world import World

CONVERSATIONS_TO_SIMULATE = 60_000
MIN_REPLICATIONS, MAX_REPLICATIONS = 3, 40
DECIMALS = 6
HOURS_PER_WEEK = 168
ARRIVALS_DEFINITION = (
    "per real hour, mean over the period with trend, holidays and outage; index = weekday * 24 + local hour, "
    "Monday = 0; new_issues counts conversations of all kinds before repeats, by intended queue; offered is "
    "the expected number of offered conversations (repeats included) by first queue and hour of queue entry"
)


def n_replications(parameters: DeskParameters, n_expected: float) -> int:
    """Replications behind the expected values: few of a large desk, many of a small one."""
    if parameters.replications is not None:
        return parameters.replications
    return max(
        MIN_REPLICATIONS, min(MAX_REPLICATIONS, round(CONVERSATIONS_TO_SIMULATE / max(n_expected, 1.0)))
    )


def survey_draws(world: World, tables: Tables, seed: int, replication: int) -> Surveys:
    """Surveys of a replication."""
    rng = np.random.default_rng([seed, SURVEYS, replication])
    return draw_surveys(world.parameters, tables, world.period.end_ms, rng)


def truth_of(world: World, tables: Tables, surveys: Surveys, seed: int) -> dict[str, Any]:
    """The content of truth.json."""
    realised = measure(world, tables, surveys)
    n = n_replications(world.parameters, float(world.demand.base.sum()))
    replications = []
    offered = np.zeros((len(world.parameters.queues), HOURS_PER_WEEK))
    for replication in range(1, n + 1):
        other = run_traffic(world, seed, replication)
        replications.append(measure(world, other, survey_draws(world, other, seed, replication)))
        offered += offered_by_hour(world, other)
    return {
        "parameters": _plain(asdict(world.parameters)),
        "period": {
            "days": world.period.n_days,
            "start_ms": world.period.start_ms,
            "end_ms": world.period.end_ms,
        },
        "true_patience_mean_s": dict(
            zip(world.parameters.queues, (world.desk.patience_ms / 1000).tolist(), strict=True)
        ),
        "outage_ms": world.demand.outage,
        "agents": _agents(world),
        "realised": dict(_realised(realised)),
        "expected": {} if not replications else dict(_expected(replications)),
        "arrivals": _arrivals(world, offered, n),
    }


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _agents(world: World) -> list[dict[str, Any]]:
    agents = world.agents
    return [
        {"agent_id": f"a{code + 1:03d}", "speed": round(float(agents.speed[code]), DECIMALS),
         "quality": round(float(agents.quality[code]), DECIMALS), "limit": int(agents.limit[code])}
        for code in range(len(agents.limit))
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, DECIMALS)


def _quantile_names(name: str) -> Iterator[tuple[str, float]]:
    base, _, queue = name.partition("@")
    for label, level in QUANTILES.items():
        yield f"{base}_{label}_s" + (f"@{queue}" if queue else ""), level


def _realised(measures: Measures) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, ratio in measures.ratios.items():
        yield (
            name,
            {
                "value": _rounded(ratio.value),
                "numerator": _rounded(ratio.numerator),
                "denominator": _rounded(ratio.denominator),
                "n": ratio.n,
                "definition": definition_of(name),
            },
        )
    for name, values in measures.samples.items():
        for label, level in _quantile_names(name):
            value = float(np.quantile(values, level)) if len(values) else None
            yield label, {"value": _rounded(value), "n": len(values), "definition": definition_of(label)}


def _expected(replications: list[Measures]) -> Iterator[tuple[str, dict[str, Any]]]:
    names = sorted(set().union(*(r.ratios for r in replications)))
    for name in names:
        parts = [r.ratios[name] for r in replications if name in r.ratios]
        numerators = np.array([part.numerator for part in parts])
        denominators = np.array([part.denominator for part in parts])
        if denominators.sum() == 0:
            continue
        value = float(numerators.sum() / denominators.sum())
        spread = _spread(numerators - value * denominators) / float(denominators.mean())
        yield name, _expectation(name, value, spread, len(parts))
    for name in sorted(replications[0].samples):
        parts_of_sample = [r.samples[name] for r in replications if len(r.samples[name])]
        if not parts_of_sample:
            continue
        pooled = np.concatenate(parts_of_sample)
        for label, level in _quantile_names(name):
            each = np.array([np.quantile(values, level) for values in parts_of_sample])
            value = float(np.quantile(pooled, level))
            yield label, _expectation(label, value, _spread(each - each.mean()), len(each))


def _spread(deviations: Floats) -> float:
    """Standard deviation of one replication's estimate."""
    n = len(deviations)
    return float(np.sqrt((deviations**2).sum() / (n - 1))) if n > 1 else math.nan


def _expectation(name: str, value: float, spread: float, n: int) -> dict[str, Any]:
    return {
        "value": _rounded(value),
        "mc_standard_error": _rounded(spread / math.sqrt(n)),
        "estimator_sd": _rounded(spread),
        "n_replications": n,
        "definition": definition_of(name),
    }


def offered_by_hour(world: World, tables: Tables) -> Floats:
    """Offered conversations per queue and local hour of the week (0 = Monday 0 h)."""
    c = tables.conversation
    offered = (c[:, z.C_STATE] >= 0) & (c[:, z.C_KIND] == z.K_INBOUND) & (c[:, z.C_FIRST_QUEUED] >= 0)
    slots = world.period.slots
    slot = (c[offered, z.C_FIRST_QUEUED] - world.period.start_ms) // z.SLOT_MS
    hour = slots.weekday[slot] * 24 + slots.hour[slot]
    counts = np.zeros((len(world.parameters.queues), HOURS_PER_WEEK))
    np.add.at(counts, (c[offered, z.C_QUEUE0], hour), 1)
    return counts


def _arrivals(world: World, offered: Floats, n: int) -> dict[str, Any]:
    """True profiles by local hour of the week: new issues (all, the bot's too) and expected offered ones."""
    slots = world.period.slots
    hour = slots.weekday * 24 + slots.hour
    exposure = np.bincount(hour, minlength=HOURS_PER_WEEK) * (z.SLOT_MS / z.HOUR_MS)
    hours = np.maximum(exposure, 1e-9)
    new = np.array([np.bincount(hour, weights=row, minlength=HOURS_PER_WEEK) for row in world.demand.base])
    queues = world.parameters.queues
    return {
        "definition": ARRIVALS_DEFINITION,
        "exposure_hours": exposure.tolist(),
        "new_issues_per_hour": {q: np.round(new[i] / hours, 4).tolist() for i, q in enumerate(queues)},
        "offered_per_hour": {
            q: np.round(offered[i] / hours / max(n, 1), 4).tolist() for i, q in enumerate(queues)
        },
    }
