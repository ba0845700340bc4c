"""Small generated desks taken through ingest and build, each beside what its simulator knows of it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from staffcast.core.config import Settings, resolve
from staffcast.core.units import US_PER_S
from staffcast.metrics import query
from staffcast.planning import calibrate, staff
from staffcast.planning.calibration import rate_interval
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.generations import open_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_sample_data.generate import generate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.store.generations import Reader

DAYS, SCALE = 9, 0.25
BUSY_QUEUES = ("support-en", "support-de")


@dataclass(frozen=True)
class ProvenDesk:
    """A desk as staffcast sees it, and as it was."""

    seed: int
    reader: Reader
    settings: Settings
    truth: dict[str, Any]
    releases: pl.DataFrame

    def realised(self, name: str) -> dict[str, Any]:
        return dict(self.truth["realised"][name])

    def expected(self, name: str) -> float:
        return float(self.truth["expected"][name]["value"])


def proven_desk(folder: Path, seed: int) -> ProvenDesk:
    """Generate, ingest, build and publish a desk of nine days at a quarter of the usual volume."""
    generate(folder / "export", days=DAYS, seed=seed, scale=SCALE)
    ingest([folder / "export"], data_dir=folder / "data")
    with Warehouse.open(folder / "data") as warehouse:
        settings, _ = resolve(data=data_defaults(warehouse.con.sql(DATA_DEFAULTS_SQL).fetchall()))
        build(warehouse, settings, now=datetime(2026, 12, 1, tzinfo=UTC))
    truth = json.loads((folder / "export" / "truth.json").read_text(encoding="utf-8"))
    return ProvenDesk(seed, open_generation(folder / "data"), settings, truth, _releases(folder / "export"))


def _releases(export: Path) -> pl.DataFrame:
    """Conversation and instant of every close and transfer."""
    events = pl.read_csv(export / "events.csv", infer_schema_length=0)
    at_us = pl.col("timestamp").str.to_datetime(time_zone="UTC").dt.epoch("us").alias("segment_end_at_us")
    return events.filter(pl.col("event_type").is_in(["closed", "transferred"])).select(
        "conversation_id", at_us
    )


@dataclass(frozen=True)
class Estimate:
    """An interval at 95 %, and the name in truth.json of what it should cover."""

    name: str
    value: float
    low: float
    high: float


def estimates(desk: ProvenDesk) -> Iterator[Estimate]:
    """Every estimate that the proof looks at."""
    metrics = {
        "csat": ("csat", {}),
        "containment": ("containment", {}),
        "answered_by_bot": ("answered_by_bot", {}),
        "abandonment_rate": ("abandonment_rate", {}),
        "service_level": ("service_level", {"within_s": 45, "target": "fixed"}),
        "fcr": ("fcr_7d", {"silent": "counted"}),
        "replies_within": ("replies_within_target", {"turns": "later", "target": "fixed", "within_s": 120}),
    }
    for metric, (name, options) in metrics.items():
        row = query(desk.reader, metric, clock=_calendar(metric), options=options).row(0, named=True)
        yield Estimate(name, row["value"], row["ci_low"], row["ci_high"])
    yield from _patience(desk)
    yield from _handle_by_level(desk)


def _calendar(metric: str) -> str | None:
    return "calendar" if metric in ("service_level", "replies_within") else None


def _patience(desk: ProvenDesk) -> Iterator[Estimate]:
    found = calibrate(desk.reader, limits=dict.fromkeys(BUSY_QUEUES, 1))
    for row in found.patience.filter(origin="measured").iter_rows(named=True):
        naive_s, n = found.silence[row["queue"]].if_none_s, row["n_abandoned"]
        yield Estimate(f"patience_naive_s@{row['queue']}", naive_s, *rate_interval(naive_s * n, n, 0.95))


def _handle_by_level(desk: ProvenDesk) -> Iterator[Estimate]:
    """Open chat-seconds at a level over the releases of chats held there (parking is no release)."""
    segments = desk.reader.query("""
        select k_open as level, split_part(conversation_key, '/', 3) as conversation_id, segment_end_at_us,
            chat_us
        from fact_leg_load
    """)
    released = segments.join(desk.releases, on=["conversation_id", "segment_end_at_us"], how="semi")
    for level in (1, 2):
        exposure_s = segments.filter(level=level)["chat_us"].sum() / US_PER_S
        n = released.filter(level=level).height
        low, high = rate_interval(exposure_s, n, 0.95)
        yield Estimate(f"handle_at_open_{level}_s", exposure_s / n, low, high)


def plan_against_arrivals(desk: ProvenDesk) -> tuple[float, int]:
    """Correlation of required agents with true arrivals by hour of the week, and agents out of hours."""
    plan = staff(desk.reader, desk.settings).frame.with_columns(
        ((pl.col("local_weekday") - 1) * 24 + pl.col("local_time").str.slice(0, 2).cast(pl.Int64)).alias(
            "hour"
        )
    )
    true = desk.truth["arrivals"]["offered_per_hour"]
    hours = desk.reader.query("select queue, hours from queues")
    closed = 0
    for queue, text in hours.iter_rows():
        weekly = list(json.loads(text)["weekly"].values())
        is_open = np.zeros(168, dtype=bool)
        for day, spans in enumerate(weekly):
            for start, end in spans:
                is_open[
                    day * 24 + int(start[:2]) : day * 24 + math.ceil(int(end[:2]) + int(end[3:]) / 60)
                ] = True
        own = plan.filter(queue=queue)
        closed += int(
            own.filter(~pl.col("hour").is_in(np.flatnonzero(is_open).tolist()))["required_agents"].sum()
        )
    agents, arriving = np.zeros(168), np.zeros(168)
    np.add.at(agents, plan["hour"].to_numpy(), plan["required_agents"].to_numpy())
    for rates in true.values():
        arriving += np.array(rates)
    staffed = np.isin(np.arange(168), plan["hour"].to_numpy())
    return float(np.corrcoef(agents[staffed], arriving[staffed])[0, 1]), closed
