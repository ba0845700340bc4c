"""How far handle times may be from the calibrated ones: as paths, so that plans carry that uncertainty too.

What a day's chats took is set beside what they should have at that day's levels of concurrency (the time
spent at each level over its calibrated handle time): busy days do not count as slow ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ForecastError
from staffcast.forecasting import fit_handle_time
from staffcast.planning.changes import is_within
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from staffcast.forecasting import VolumeForecast
    from staffcast.forecasting.series import FloatArray
    from staffcast.planning.calibration import Calibration
    from staffcast.planning.changes import Change
    from staffcast.store.generations import Reader

__all__ = ["HandleFactors", "handle_factors"]

_LEAST_CELLS = 20
_BOUNDS = (0.5, 2.0)


@dataclass(frozen=True, eq=False)
class HandleFactors:
    """Factors on the calibrated handle times of a queue.

    Attributes:
        expected: of each interval; 1 without a scenario.
        paths: as they may be, shape (paths, intervals).
    """

    expected: FloatArray
    paths: FloatArray


def handle_factors(
    reader: Reader,
    calibration: Calibration,
    forecast: VolumeForecast,
    *,
    changes: Sequence[Change] = (),
    seed: int = 1,
) -> dict[str, HandleFactors]:
    """How handle times may differ from the calibrated ones, by queue, path and interval.

    Days differ, and the past shows the mean of days only so well (`forecasting.HandleTime`); a scenario
    changes the expected factors as well.

    Args:
        reader: a published generation.
        calibration: handle times by queue and level.
        forecast: of which queues, intervals and how many paths.
        changes: of the handle time, in the scenario that is asked for.
        seed: of the draws.

    Returns:
        By queue, those left out whose handle time is taken as known: no paths, fewer than 20 cells of a day
        and four hours, or withheld by the works-council profile; and no scenario.
    """
    cells = _cells(reader, calibration) if forecast.paths else None
    found = {}
    for place, queue in enumerate(forecast.frame["queue"].unique().sort()):
        rows = forecast.frame.filter(queue=queue)
        rng = np.random.default_rng([seed, place])
        expected, paths = np.ones(rows.height), np.ones((1, rows.height))
        if cells is not None and queue in forecast.paths:
            paths = _of_days(cells.filter(queue=queue), rows, len(forecast.paths[queue]), rng)
        for change in changes:
            if change.queue in (None, queue) and change.factor is not None:
                inside = rows.select(is_within(change.first, change.end)).to_series().to_numpy()
                drawn = _drawn(change.factor, change.sd, len(paths), rng)
                expected = expected * np.where(inside, change.factor, 1.0)
                paths = paths * np.where(inside, drawn[:, None], 1.0)
        if np.any(paths != 1.0):
            found[queue] = HandleFactors(expected, paths)
    return found


def _cells(reader: Reader, calibration: Calibration) -> pl.DataFrame:
    """Ratio of the handle time of each queue, day and four hours to the calibrated one."""
    raw = reader.run(sql_text(__package__, "handle_cells"))
    withheld = []
    if reader.min_group:
        params = {"min_group": reader.min_group}
        withheld = reader.run(sql_text(__package__, "small_queues"), params)["queue"].to_list()
    usual = calibration.handle.select("queue", "level", "handle_s")
    return (
        raw.filter(~pl.col("queue").is_in(withheld))
        .join(usual, on=["queue", "level"], how="inner")
        .group_by("queue", "local_date", "hour")
        .agg((pl.col("chat_us") / 1e6 / pl.col("handle_s")).sum().alias("usual"), pl.col("n_closures").sum())
        .filter((pl.col("n_closures") > 0) & (pl.col("usual") > 0))
        .with_columns((pl.col("usual") / pl.col("n_closures")).clip(*_BOUNDS).alias("ratio"))
        .sort("queue", "local_date", "hour")
    )


def _of_days(cells: pl.DataFrame, rows: pl.DataFrame, n_paths: int, rng: np.random.Generator) -> FloatArray:
    nothing = np.ones((n_paths, rows.height))
    if cells.height < _LEAST_CELLS:
        return nothing
    try:
        fitted = fit_handle_time(
            _day_numbers(cells), cells["hour"].to_numpy() * 60, cells["ratio"].to_numpy(),
            cells["n_closures"].to_numpy(),
        )  # fmt: skip
    except ForecastError:  # no usable cell
        return nothing
    drawn = fitted.paths_s(_day_numbers(rows), rows["local_minute"].to_numpy(), n_paths, rng)
    return np.asarray(np.clip(drawn / drawn.mean(axis=0), *_BOUNDS))


def _drawn(factor: float, sd: float, n_paths: int, rng: np.random.Generator) -> FloatArray:
    """An uncertain factor of a scenario, drawn once for each path."""
    if not (sd > 0 and factor > 0):
        return np.full(n_paths, factor)
    size = (factor / sd) ** 2
    return np.asarray(factor * rng.standard_gamma(size, n_paths) / size)


def _day_numbers(frame: pl.DataFrame) -> NDArray[np.int64]:
    return np.asarray(frame["local_date"].str.to_date().to_physical().to_numpy(), dtype=np.int64)
