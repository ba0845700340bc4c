"""The staffing plan: forecast volume and calibrated handle times in, required agents per interval out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ConfigError, ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.planning.calibration import Calibration, calibrate
from staffcast.planning.demand import demand_of
from staffcast.planning.handle_paths import handle_factors
from staffcast.planning.possible import Possible
from staffcast.planning.volume import coming_volume
from staffcast.staffing import performance, required_agents, scheduled_agents
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from staffcast.core.config import Settings
    from staffcast.forecasting import VolumeForecast
    from staffcast.planning.changes import Change
    from staffcast.planning.handle_paths import HandleFactors
    from staffcast.store.generations import Reader

__all__ = [
    "PLAN_SCHEMA",
    "Assumptions",
    "Inputs",
    "Plan",
    "assumed",
    "inputs_for",
    "local_time",
    "make_plan",
    "plan_inputs",
    "staff",
]

PLAN_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "interval_at_us": pl.Int64,
        "local_date": pl.String,
        "local_weekday": pl.Int64,
        "local_time": pl.String,
        "open_h": pl.Float64,
        "expected_contacts": pl.Float64,
        "lower_contacts": pl.Float64,
        "upper_contacts": pl.Float64,
        "required_agents": pl.Int64,
        "lower_agents": pl.Int64,
        "upper_agents": pl.Int64,
        "scheduled_agents": pl.Float64,
        "service_level_share": pl.Float64,
        "asa_s": pl.Float64,
        "abandon_share": pl.Float64,
        "slot_occupancy_share": pl.Float64,
    }
)
"""Columns of a plan: one row per queue and open interval.

``open_h`` are the open hours in the interval: less than its length at opening and closing, more in the
hour that the clock repeats. ``required_agents`` are at work, for the expected contacts; ``lower`` and
``upper`` for the ends of the forecast interval; an open queue has at least one. ``scheduled_agents``
include shrinkage. The shares are what the model predicts with the required agents.
"""


@dataclass(frozen=True)
class QueueTarget:
    """What one queue must achieve, and how many chats an agent may hold there."""

    share: float
    within_s: float
    concurrency_limit: int


@dataclass(frozen=True)
class Assumptions:
    """What a planner may change. ``None`` keeps what the data or the settings say.

    Attributes:
        service_level_share: Share of chats to be answered in time, for every queue.
        within_s: The time they are to be answered in.
        concurrency_limit: Most chats per agent.
        shrinkage_share: Share of paid time not available for chats.
        volume_factor: Multiplies the forecast.
    """

    service_level_share: float | None = None
    within_s: float | None = None
    concurrency_limit: int | None = None
    shrinkage_share: float | None = None
    volume_factor: float = 1.0

    def __post_init__(self) -> None:
        if self.service_level_share is not None and not 0 < self.service_level_share < 1:
            raise ConfigError(
                f"the service level must be above 0 and below 1, not {self.service_level_share:g}",
                hint="write 80/30 for 80 % within 30 s",
            )
        if self.concurrency_limit is not None and not 1 <= self.concurrency_limit <= MAX_CONCURRENCY:
            raise ConfigError(
                f"the concurrency limit must be between 1 and {MAX_CONCURRENCY}, not {self.concurrency_limit}"
            )
        if not 0 <= self.volume_factor <= MAX_VOLUME_FACTOR:
            raise ConfigError(f"the volume factor must be between 0 and {MAX_VOLUME_FACTOR:g}")
        if self.shrinkage_share is not None and not 0 <= self.shrinkage_share < 1:
            raise ConfigError(
                f"shrinkage must be at least 0 and below 1, not {self.shrinkage_share:g}",
                hint="write a share such as 0.3",
            )


MAX_CONCURRENCY = 10
MAX_VOLUME_FACTOR = 100.0


@dataclass(frozen=True)
class Inputs:
    """All that a plan rests on; what-ifs reuse it.

    Attributes:
        volume: Forecast, of ``forecasting.FORECAST_SCHEMA``.
        calibration: Handle times and patience.
        targets: Target by queue.
        settings: Everything else.
        paths: Possible volumes by queue, paths by its intervals; none of the 8-week average.
        handle_factors: How handle times may differ from those calibrated, by queue.
    """

    volume: pl.DataFrame
    calibration: Calibration
    targets: Mapping[str, QueueTarget]
    settings: Settings
    paths: Mapping[str, ArrayLike] = field(default_factory=dict)
    handle_factors: Mapping[str, HandleFactors] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A staffing plan.

    Attributes:
        frame: Of ``PLAN_SCHEMA``.
        targets: Target by queue that it meets.
        convention: How the service level counts abandoned chats.
        shrinkage_share: Included in ``scheduled_agents``.
    """

    frame: pl.DataFrame
    targets: Mapping[str, QueueTarget]
    convention: ServiceLevelConvention
    shrinkage_share: float


def plan_inputs(
    reader: Reader,
    settings: Settings,
    *,
    days: int = 7,
    every_min: int = 60,
    longest_limit: int | None = None,
) -> Inputs:
    """Forecast the coming days and calibrate the model.

    Args:
        reader: A published generation.
        settings: Defaults where the data bring no target or limit.
        days: Local days after ``as_of``.
        every_min: Interval length: 15, 30 or 60 minutes.
        longest_limit: Calibrate at least up to this concurrency limit, for what-ifs.

    Raises:
        ForecastError: No history, or nothing open.
        ModelError: No finished chats to learn from.
    """
    outlook = coming_volume(reader, settings, days=days, every_min=every_min)
    return inputs_for(
        reader, settings, outlook.forecast, outlook.knowledge.handle_time, longest_limit=longest_limit
    )


def inputs_for(
    reader: Reader,
    settings: Settings,
    forecast: VolumeForecast,
    handle_changes: Sequence[Change] = (),
    *,
    longest_limit: int | None = None,
) -> Inputs:
    """Calibrate the model for a forecast that is there already.

    Args:
        reader: A published generation.
        settings: Defaults where the data bring no target or limit.
        forecast: What is expected, with paths or without.
        handle_changes: Of the handle time, in a scenario.
        longest_limit: Calibrate at least up to this concurrency limit, for what-ifs.

    Raises:
        ModelError: No finished chats to learn from.
    """
    volume = forecast.frame
    targets = _targets(reader, settings, sorted(volume["queue"].unique()), min(volume["local_date"]))
    limits = {name: max(target.concurrency_limit, longest_limit or 0) for name, target in targets.items()}
    calibration = calibrate(reader, limits=limits)
    factors = handle_factors(reader, calibration, forecast, changes=handle_changes)
    return Inputs(volume, calibration, targets, settings, forecast.paths, factors)


def make_plan(
    inputs: Inputs,
    assumptions: Assumptions = Assumptions(),
    *,
    paths: Mapping[str, ArrayLike] | None = None,
    paths_share: float = 0.8,
) -> Plan:
    """Required agents per queue and interval under the given assumptions.

    Args:
        inputs: From `plan_inputs`.
        assumptions: What differs from the data and the settings.
        paths: Instead of those of ``inputs``: possible volumes by queue, paths by that queue's intervals in
            the order of ``inputs.volume``, contacts an interval. Where a queue has them, ``lower_agents`` and
            ``upper_agents`` are quantiles of the agents that its paths require, instead of the agents at the
            ends of the forecast interval.
        paths_share: Share of the paths between the two quantiles, above 0 and below 1.

    Raises:
        ModelError: Paths of a queue do not fit its intervals, or the share is out of range.
        InfeasibleTargetError: No number of agents meets a target.
    """
    if not 0 < paths_share < 1:
        raise ModelError(f"paths_share: {paths_share:g}", hint="give a share above 0 and below 1, as 0.8")
    settings = inputs.settings
    targets, volume = assumed(inputs, assumptions)
    convention = ServiceLevelConvention(settings.service_level_convention)
    shrinkage = settings.shrinkage_share
    if assumptions.shrinkage_share is not None:
        shrinkage = assumptions.shrinkage_share
    possible = inputs.paths if paths is None else paths
    parts = [
        _staff_queue(
            rows,
            str(queue),
            targets[str(queue)],
            inputs,
            convention,
            Possible.of(
                possible.get(str(queue)),
                assumptions.volume_factor,
                paths_share,
                inputs.handle_factors.get(str(queue)),
            ),
        )
        for (queue,), rows in volume.group_by("queue", maintain_order=True)
    ]
    frame = pl.concat(parts).with_columns(
        pl.Series(
            "scheduled_agents",
            np.asarray(scheduled_agents(pl.concat(parts)["required_agents"].to_numpy(), shrinkage)),
        )
    )
    return Plan(frame.select(PLAN_SCHEMA.names()).cast(PLAN_SCHEMA), targets, convention, shrinkage)


def staff(
    reader: Reader,
    settings: Settings,
    *,
    days: int = 7,
    every_min: int = 60,
    assumptions: Assumptions = Assumptions(),
) -> Plan:
    """Forecast, calibrate and plan in one call: what ``staffcast staff`` prints."""
    inputs = plan_inputs(
        reader, settings, days=days, every_min=every_min, longest_limit=assumptions.concurrency_limit
    )
    return make_plan(inputs, assumptions)


def assumed(inputs: Inputs, assumptions: Assumptions) -> tuple[dict[str, QueueTarget], pl.DataFrame]:
    """Targets by queue and volume, under the given assumptions."""
    contacts = ("expected", "lower", "upper")
    volume = inputs.volume.with_columns(pl.col(name) * assumptions.volume_factor for name in contacts)
    return {name: _assumed(target, assumptions) for name, target in inputs.targets.items()}, volume


def _assumed(target: QueueTarget, assumptions: Assumptions) -> QueueTarget:
    share, within_s, limit = (
        assumptions.service_level_share,
        assumptions.within_s,
        assumptions.concurrency_limit,
    )
    return QueueTarget(
        share=target.share if share is None else share,
        within_s=target.within_s if within_s is None else within_s,
        concurrency_limit=target.concurrency_limit if limit is None else limit,
    )


def _targets(
    reader: Reader, settings: Settings, queues: list[str], first_date: str
) -> dict[str, QueueTarget]:
    given = {
        row["queue"]: row
        for row in reader.run(sql_text(__package__, "queue_limits"), {"first_date": first_date}).iter_rows(
            named=True
        )
    }
    targets = {}
    for queue in queues:
        row = given.get(queue, {})
        limits = (row.get("concurrency_limit"), row.get("agents_limit"))
        own = row.get("share") is not None and row.get("within_s") is not None
        targets[queue] = QueueTarget(
            share=row["share"] if own else settings.service_level_share,
            within_s=row["within_s"] if own else settings.service_level_within_s,
            concurrency_limit=int(
                min((limit for limit in limits if limit), default=settings.concurrency_limit)
            ),
        )
    return targets


def _staff_queue(
    rows: pl.DataFrame,
    queue: str,
    target: QueueTarget,
    inputs: Inputs,
    convention: ServiceLevelConvention,
    paths: Possible | None,
) -> pl.DataFrame:
    demand = demand_of(rows, queue, target, inputs, convention)
    # An open queue is never left alone, however unlikely a contact: an average of zero is no promise.
    agents = np.maximum(np.asarray(required_agents(demand.all_bounds, demand.wanted)), 1)
    if paths is not None:
        as_measured = replace(demand.all_bounds, handle_s_by_level=demand.calibrated_s)
        agents[1:] = paths.agents(queue, as_measured, demand.wanted, demand.open_h)
    met = performance(
        demand.expected,
        agents[0],
        threshold_s=target.within_s,
        short_s=inputs.settings.short_abandon_s,
    )
    return rows.select(
        "queue",
        "interval_at_us",
        "local_date",
        "local_weekday",
        local_time(),
        pl.Series("open_h", demand.open_h),
        pl.col("expected").alias("expected_contacts"),
        pl.col("lower").alias("lower_contacts"),
        pl.col("upper").alias("upper_contacts"),
        *(
            pl.Series(name, agents[row])
            for row, name in enumerate(("required_agents", "lower_agents", "upper_agents"))
        ),
        pl.Series("service_level_share", np.asarray(met.service_level(convention))),
        pl.Series("asa_s", np.asarray(met.asa_s)),
        pl.Series("abandon_share", np.asarray(met.abandon_share)),
        pl.Series("slot_occupancy_share", np.asarray(met.slot_occupancy_share)),
    )


def local_time() -> pl.Expr:
    """``08:30``: the local time of an interval of ``forecasting.FORECAST_SCHEMA``."""
    minute = pl.col("local_minute")
    hours, minutes = (part.cast(pl.String).str.zfill(2) for part in (minute // 60, minute % 60))
    return pl.format("{}:{}", hours, minutes).alias("local_time")
