"""The plan with everything carried over: open chats and those in line go from each interval into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import InfeasibleTargetError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.core.units import US_PER_DAY, US_PER_HOUR, US_PER_MINUTE
from staffcast.planning.demand import demand_of
from staffcast.planning.plan import Assumptions, assumed, local_time
from staffcast.staffing import (
    ChatQueue,
    StaffingRules,
    Target,
    day_performance,
    day_plan,
    performance,
    required_agents,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from staffcast.planning.demand import QueueDemand
    from staffcast.planning.plan import Inputs

__all__ = ["DAY_SCHEMA", "plan_days"]

DAY_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "interval_at_us": pl.Int64,
        "local_date": pl.String,
        "local_time": pl.String,
        "open_h": pl.Float64,
        "expected_contacts": pl.Float64,
        "required_agents": pl.Int64,
        "service_level_share": pl.Float64,
        "chats_left": pl.Float64,
        "is_carried_in": pl.Boolean,
        "hour_by_hour_agents": pl.Int64,
        "hour_by_hour_promised_share": pl.Float64,
        "hour_by_hour_share": pl.Float64,
        "is_missed": pl.Boolean,
    }
)
"""Columns of a plan with carry-over: one row per queue and open interval.

``chats_left`` are at the desk, open or in line, when the interval ends. ``is_carried_in`` where the opening
is one around midnight that begins with what the last day leaves. ``hour_by_hour_agents`` take each
interval by itself; ``hour_by_hour_share`` is the service level that they really give and
``hour_by_hour_promised_share`` the one that such a calculation promises. Where it ``is_missed``, the promise
met the target and the day does not.
"""
_AS_THEY_ARE, _FREE = Assumptions(), StaffingRules()


def plan_days(
    inputs: Inputs,
    assumptions: Assumptions = _AS_THEY_ARE,
    *,
    rules: StaffingRules = _FREE,
    on_average: bool = False,
) -> pl.DataFrame:
    """Smallest profiles that meet the target in every interval, or over each opening.

    An opening runs from the first interval after a closure to the last before the next one; it begins with an
    empty desk. Where a queue is open when the last day ends and when the first begins, the days are taken to
    repeat: what is left at the end stands at the desk at the beginning. An open queue has at least one agent.

    Args:
        inputs: From `plan_inputs`.
        assumptions: What differs from the data and the settings.
        rules: One minimum for all intervals, and how fast agents come and go.
        on_average: The service level need only hold over all chats of an opening; a cap on slot occupancy in
            the settings then does not count.

    Returns:
        Frame of ``DAY_SCHEMA``.

    Raises:
        InfeasibleTargetError: No number of agents meets a target.
    """
    targets, volume = assumed(inputs, assumptions)
    convention = ServiceLevelConvention(inputs.settings.service_level_convention)
    at_least = StaffingRules(np.maximum(rules.min_agents, 1), rules.max_rise, rules.max_fall)
    parts = []
    for (queue,), rows in volume.sort("queue", "interval_at_us").group_by("queue", maintain_order=True):
        demand = demand_of(rows, str(queue), targets[str(queue)], inputs, convention)
        for opening, cyclic in _openings(rows):
            try:
                figures = _opening(demand, opening, at_least, on_average=on_average, cyclic=cyclic)
            except InfeasibleTargetError as error:
                raise InfeasibleTargetError(f"{queue}: {error.message}", hint=error.hint) from None
            wrapped = cyclic or bool(np.any(np.diff(opening) < 0))
            part = rows[opening].with_columns(local_time(), *figures, pl.lit(wrapped).alias("is_carried_in"))
            parts.append(part.sort("interval_at_us"))
    frame = (
        pl.concat(parts)
        .sort("queue", "interval_at_us", maintain_order=True)
        .with_columns(
            pl.col("expected").alias("expected_contacts"), (pl.col("open_us") / US_PER_HOUR).alias("open_h")
        )
    )
    return frame.select(DAY_SCHEMA.names()).cast(DAY_SCHEMA)


def _openings(rows: pl.DataFrame) -> Iterator[tuple[NDArray[np.intp], bool]]:
    """Runs of intervals without a closure in between, and whether one follows itself.

    Where the desk is open at both ends of the plan, the last run goes on in the first.
    """
    starts, place = rows["interval_at_us"].to_numpy(), np.arange(len(rows))
    shortest = np.diff(starts).min(initial=US_PER_DAY)
    runs = np.split(place, np.flatnonzero(np.diff(starts) > shortest) + 1)
    if not _open_at_both_ends(rows, int(shortest)):
        yield from ((run, False) for run in runs)
    elif len(runs) == 1:
        yield runs[0], True
    else:
        yield np.concatenate([runs[-1], runs[0]]), False
        yield from ((run, False) for run in runs[1:-1])


def _open_at_both_ends(rows: pl.DataFrame, length_us: int) -> bool:
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    whole = min(first["open_us"], last["open_us"]) >= length_us
    until_us = last["local_minute"] * US_PER_MINUTE + length_us
    return bool(whole and first["local_minute"] == 0 and until_us == US_PER_DAY)


def _opening(
    demand: QueueDemand,
    opening: NDArray[np.intp],
    rules: StaffingRules,
    *,
    on_average: bool,
    cyclic: bool,
) -> list[pl.Series]:
    whole = demand.expected
    handle_s = demand.handle_s[opening] if demand.handle_s.ndim > 1 else demand.handle_s
    queue = ChatQueue(demand.per_hour[0][opening], handle_s, whole.patience_s)
    wanted, interval_s = demand.wanted, demand.open_h[opening] * 3600
    level = Target(
        service_level_share=wanted.service_level_share,
        threshold_s=wanted.threshold_s,
        convention=wanted.convention,
        short_s=wanted.short_s,
    )
    plan = day_plan(
        queue,
        level if on_average else wanted,
        interval_s=interval_s,
        rules=rules,
        on_average=on_average,
        cyclic=cyclic,
    )
    apart = np.maximum(np.asarray(required_agents(queue, wanted)), rules.min_agents)
    threshold_s, short_s = float(np.asarray(wanted.threshold_s)), float(np.asarray(wanted.short_s))
    alone = performance(queue, apart, threshold_s=threshold_s, short_s=short_s)
    carried = day_performance(
        queue, apart, interval_s=interval_s, threshold_s=threshold_s, short_s=short_s, cyclic=cyclic
    )
    promised, real = (np.asarray(part.service_level(wanted.convention)) for part in (alone, carried))
    has_chats = demand.per_hour[0][opening] > 0
    return [
        pl.Series("required_agents", plan.agents),
        pl.Series("service_level_share", plan.service_level(wanted.convention)),
        pl.Series("chats_left", plan.n_left_at_end),
        pl.Series("hour_by_hour_agents", apart.astype(np.int64)),
        pl.Series("hour_by_hour_promised_share", promised),
        pl.Series("hour_by_hour_share", real),
        pl.Series("is_missed", has_chats & (real < float(np.asarray(wanted.service_level_share)))),
    ]
