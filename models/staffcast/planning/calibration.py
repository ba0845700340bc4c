"""What the staffing model needs, estimated from the team's own facts, each with an interval.

Handle time at a concurrency level is exposure: active chat time spent at the level over the chats that
ended at it. Grouping chats by the level at their start, end or mean is biased (long chats meet more
levels). Patience is the censored exponential estimate: all waiting time over the number who gave up, with
those who were found gone at the accept (`silence`); where the waits show another shape, `patience_curve` fits
it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
from scipy.special import gammaincinv

from staffcast.core.errors import ModelError
from staffcast.core.units import US_PER_S
from staffcast.planning.patience import patience_curve
from staffcast.planning.silence import Silence, mean_patience
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from staffcast.staffing import PatienceCurve
    from staffcast.store.generations import Reader

__all__ = ["HANDLE_SCHEMA", "PATIENCE_SCHEMA", "Calibration", "calibrate", "rate_interval"]

HANDLE_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "level": pl.Int64,
        "handle_s": pl.Float64,
        "lower_s": pl.Float64,
        "upper_s": pl.Float64,
        "n_closures": pl.Int64,
        "origin": pl.String,
    }
)
"""Handle time of a queue's chats at a level; ``origin`` is measured, pooled (over all
queues, at this queue's pace) or extended (by the mean step between the levels before)."""

PATIENCE_SCHEMA = pl.Schema(
    {
        "queue": pl.String,
        "patience_s": pl.Float64,
        "lower_s": pl.Float64,
        "upper_s": pl.Float64,
        "n_abandoned": pl.Int64,
        "origin": pl.String,
    }
)
"""Mean patience; infinite where nobody gave up. Who was found gone at the accept counts as having left."""

MIN_CLOSURES = 30
MIN_ABANDONED = 10
_MOST_NOTED = 0.2
"""Found gone, over those who gave up by a sign, up to which a patience curve is told."""
_POOL = "*"


@dataclass(frozen=True)
class Calibration:
    """Estimated inputs of the staffing model.

    Attributes:
        handle: Frame of ``HANDLE_SCHEMA``.
        patience: Frame of ``PATIENCE_SCHEMA``.
        wrapup_s: Mean wrap-up time of a leg by queue.
        legs_per_chat: Mean legs of a chat by queue: the forecast counts chats, but a chat that is passed on
            or reopened is held more than once.
    """

    handle: pl.DataFrame
    patience: pl.DataFrame
    wrapup_s: Mapping[str, float]
    legs_per_chat: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, PatienceCurve] = field(default_factory=dict)
    silence: Mapping[str, Silence] = field(default_factory=dict)

    def handle_s_by_level(self, queue: str, limit: int) -> list[float]:
        """Handle time of a chat over all its legs, with wrap-up, at 1 .. ``limit`` chats."""
        levels = self.handle.filter((pl.col("queue") == queue) & (pl.col("level") <= limit)).sort("level")
        wrapup_s, legs = self.wrapup_s.get(queue, 0.0), self.legs_per_chat.get(queue, 1.0)
        return [(handle_s + wrapup_s) * legs for handle_s in levels["handle_s"]]

    def patience_s(self, queue: str) -> float:
        """Mean patience of a queue's customers."""
        found = self.patience.filter(pl.col("queue") == queue)["patience_s"]
        return float(found[0]) if len(found) else float("inf")

    def patience_of(self, queue: str) -> float | PatienceCurve:
        """Patience as the staffing model takes it: a curve where the mean would mislead."""
        return self.curves.get(queue, self.patience_s(queue))


def calibrate(reader: Reader, *, limits: Mapping[str, int], confidence: float = 0.95) -> Calibration:
    """Estimate handle times by level, wrap-up and patience of every queue.

    Args:
        reader: A published generation.
        limits: Concurrency limit by queue: how many levels are needed.
        confidence: Of the intervals.

    Raises:
        ModelError: No queue has any finished chat.
    """
    levels = reader.run(sql_text(__package__, "levels"))
    if levels.is_empty() or levels["n_closures"].sum() == 0:
        raise ModelError("no finished chats with an agent to learn handle times from", hint="load more data")
    small = _small_queues(reader)
    levels = _with_pool(levels, ["level"]).filter(~pl.col("queue").is_in(small))
    wrapups = _wrapups(_with_pool(reader.run(sql_text(__package__, "wrapups")), []), small)
    patience, silence = _patience(reader, sorted(limits), confidence)
    return Calibration(
        handle=_handle_times(levels, limits, confidence),
        patience=patience,
        wrapup_s={queue: row["wrapup_us"] / US_PER_S / row["n_legs"] for queue, row in wrapups.items()},
        legs_per_chat={
            queue: row["n_inbound_legs"] / row["n_inbound_chats"]
            for queue, row in wrapups.items()
            if row["n_inbound_chats"]
        },
        curves=_curves(reader, limits, silence),
        silence=silence,
    )


def _curves(
    reader: Reader, queues: Iterable[str], silence: Mapping[str, Silence]
) -> dict[str, PatienceCurve]:
    waits = reader.run(sql_text(__package__, "wait_times"))
    fitted = {}
    for queue in queues:
        own = waits.filter(pl.col("queue") == queue)
        n_abandoned = int(own["is_abandoned"].sum())
        if queue in silence and silence[queue].n_noted > _MOST_NOTED * n_abandoned:
            continue  # a curve takes those found gone for patient; the mean does not
        curve = patience_curve(own["wait_us"].to_numpy() / US_PER_S, own["is_abandoned"].to_numpy())
        if curve is not None:
            fitted[queue] = curve
    return fitted


def _small_queues(reader: Reader) -> list[str]:
    """Queues with too few agents to show their handle times under the works-council profile."""
    if not reader.min_group:
        return []
    found = reader.run(sql_text(__package__, "small_queues"), {"min_group": reader.min_group})
    small: list[str] = found["queue"].to_list()
    if _POOL in small:
        raise ModelError(
            f"fewer than {reader.min_group} agents: the works-council profile withholds their handle times",
            hint="there is no plan for a desk as small as this under the profile",
        )
    return small


def _wrapups(counts: pl.DataFrame, small: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Wrap-up and legs by queue; small queues take those of the whole desk."""
    found = {row["queue"]: row for row in counts.iter_rows(named=True)}
    pool = found.pop(_POOL)
    return found | {queue: pool for queue in small if queue in found}


def rate_interval(exposure_s: float, n_events: float, confidence: float) -> tuple[float, float]:
    """Interval of exposure per event when events are Poisson in exposure (exact gamma, Garwood 1936).

    Example:
        >>> low, high = rate_interval(1000.0, 10, 0.95)
        >>> round(low, 1), round(high, 1)
        (54.4, 208.5)
    """
    tail = (1 - confidence) / 2
    most = float(gammaincinv(n_events + 1, 1 - tail))
    fewest = float(gammaincinv(n_events, tail)) if n_events else 0.0
    return exposure_s / most, exposure_s / fewest if fewest else float("inf")


def _with_pool(counts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    sums = [pl.col(name).sum() for name in counts.columns if name not in ("queue", *by)]
    pooled = counts.group_by(by).agg(sums) if by else counts.select(sums)
    return pl.concat([counts, pooled.select(pl.lit(_POOL).alias("queue"), pl.all()).select(counts.columns)])


def _handle_times(levels: pl.DataFrame, limits: Mapping[str, int], confidence: float) -> pl.DataFrame:
    counts = {
        (row["queue"], row["level"]): (row["chat_us"] / US_PER_S, row["n_closures"])
        for row in levels.iter_rows(named=True)
    }
    rows: list[tuple[str, int, float, float, float, int, str]] = []
    for queue, limit in sorted(limits.items()):
        known: list[float] = []
        pace = _pace(counts, queue)
        for level in range(1, limit + 1):
            chat_s, n_closures, origin = _chosen(counts, queue, level)
            if origin == "extended":
                step = max(known[-1] - known[0], 0.0) / (len(known) - 1) if len(known) > 1 else 0.0
                handle_s = known[-1] + step if known else _overall(counts)
                low, high = 0.0, float("inf")
            else:
                chat_s *= pace if origin == "pooled" else 1.0
                handle_s = chat_s / n_closures
                low, high = rate_interval(chat_s, n_closures, confidence)
            known.append(handle_s)
            rows.append((queue, level, handle_s, low, high, n_closures, origin))
    return pl.DataFrame(rows, schema=HANDLE_SCHEMA, orient="row")


def _chosen(
    counts: Mapping[tuple[str, int], tuple[float, int]], queue: str, level: int
) -> tuple[float, int, str]:
    for name, origin in ((queue, "measured"), (_POOL, "pooled")):
        chat_s, n_closures = counts.get((name, level), (0.0, 0))
        if n_closures >= MIN_CLOSURES:
            return chat_s, n_closures, origin
    return 0.0, counts.get((queue, level), (0.0, 0))[1], "extended"


def _pace(counts: Mapping[tuple[str, int], tuple[float, int]], queue: str) -> float:
    """How long a queue's chats take beside those of all queues at the same levels; scales a pooled level."""
    own = [
        (level, value)
        for (name, level), value in counts.items()
        if name == queue and value[1] >= MIN_CLOSURES
    ]
    expected_s = sum(counts[_POOL, level][0] / counts[_POOL, level][1] * n for level, (_, n) in own)
    return sum(chat_s for _, (chat_s, _) in own) / expected_s if expected_s else 1.0


def _overall(counts: Mapping[tuple[str, int], tuple[float, int]]) -> float:
    pooled = [value for (queue, _), value in counts.items() if queue == _POOL]
    return sum(chat_s for chat_s, _ in pooled) / sum(n for _, n in pooled)


def _patience(
    reader: Reader, queues: list[str], confidence: float
) -> tuple[pl.DataFrame, dict[str, Silence]]:
    counts = {
        row["queue"]: (row["wait_us"] / US_PER_S, row["n_abandoned"])
        for row in _with_pool(reader.run(sql_text(__package__, "waits")), []).iter_rows(named=True)
    }
    silent = reader.run(sql_text(__package__, "silent_waits"))
    rows, silence = [], {}
    for queue in queues:
        wait_s, n_abandoned = counts.get(queue, (0.0, 0))
        own, origin = silent.filter(pl.col("queue") == queue), "measured"
        if n_abandoned < MIN_ABANDONED and counts[_POOL][1] > n_abandoned:
            (wait_s, n_abandoned), own, origin = counts[_POOL], silent, "pooled"
        possible_s = own["wait_us"].to_numpy() / US_PER_S
        noted_s = possible_s[own["is_silent_noted"].to_numpy()]
        found = mean_patience(wait_s, n_abandoned, noted_s)
        exposure_s = found.mean_s * found.n_worth if found.n_worth else wait_s
        low, high = rate_interval(exposure_s, found.n_worth, confidence)
        rows.append((queue, found.mean_s, low, high, n_abandoned, origin))
        if possible_s.size:
            none, every = (mean_patience(wait_s, n_abandoned, gone).mean_s for gone in ((), possible_s))
            silence[queue] = Silence(noted_s.size, possible_s.size, none, every)
    return pl.DataFrame(rows, schema=PATIENCE_SCHEMA, orient="row"), silence
