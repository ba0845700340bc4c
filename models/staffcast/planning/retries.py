"""Demand without retries: who gave up and came back was counted more than once.

A desk that meets its target has few who give up, and nobody who comes back: planned for all contacts of a
short-staffed past, it gets too many agents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.units import US_PER_HOUR
from staffcast.forecasting import RetryRate, first_contacts, retry_rate
from staffcast.planning.changes import Change
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from staffcast.store.generations import Reader

__all__ = ["retry_rates", "uncertain_retries", "without_retries"]

_WITHIN_US = US_PER_HOUR
"""Who is back within an hour has come back for the same matter."""


def retry_rates(reader: Reader) -> dict[str, RetryRate]:
    """How many of the known customers who gave up came back within an hour, by queue.

    Args:
        reader: a published generation.
    """
    rows = reader.run(sql_text(__package__, "retries"), {"within_us": _WITHIN_US})
    return {queue: retry_rate(n_abandoned, n_returned) for queue, n_abandoned, n_returned in rows.iter_rows()}


def without_retries(cells: pl.DataFrame, rates: Mapping[str, RetryRate]) -> pl.DataFrame:
    """Past cells whose ``n_offered`` are first contacts only.

    Args:
        cells: of `planning.volume.past_cells`, with ``n_abandoned``.
        rates: of `retry_rates`; a queue that is not there keeps its contacts.
    """
    share = np.array([rates[queue].share if queue in rates else 0.0 for queue in cells["queue"]])
    offered = cells["n_offered"].to_numpy().astype(np.float64)
    abandoned = np.minimum(cells["n_abandoned"].to_numpy().astype(np.float64), offered)
    return cells.with_columns(pl.Series("n_offered", first_contacts(offered, abandoned, share)))


def uncertain_retries(
    cells: pl.DataFrame, rates: Mapping[str, RetryRate], first_date: str, end_date: str
) -> Iterator[Change]:
    """What is not known about the share that comes back, as a factor of 1 on each queue's contacts.

    By the delta method: first contacts are offered - abandoned x share.

    Args:
        cells: of the past, retries included.
        rates: of `retry_rates`.
        first_date: first local date of the forecast.
        end_date: the date after the last.
    """
    totals = cells.group_by("queue").agg(pl.col("n_offered", "n_abandoned").sum()).sort("queue")
    for queue, offered, abandoned in totals.iter_rows():
        rate = rates.get(queue)
        if rate is None or not offered or not abandoned:
            continue
        n = rate.alpha + rate.beta
        sd = float(np.sqrt(rate.alpha * rate.beta / (n + 1))) / n
        left = abandoned / offered
        name = f"retries left out: {rate.share:.0%} of those who gave up"
        yield Change(
            name,
            queue,
            f"{first_date}T00:00",
            f"{end_date}T00:00",
            1.0,
            None,
            left * sd / (1 - left * rate.share),
        )
