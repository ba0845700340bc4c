"""A back-test seen from three sides: were the intervals honest, when do errors happen, was it always so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.forecasting.counts import randomised_pit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.forecasting.evaluate import Evaluation
    from staffcast.forecasting.scores import Outcome
    from staffcast.forecasting.series import FloatArray, Series

__all__ = [
    "CALIBRATION_SCHEMA",
    "ERRORS_SCHEMA",
    "ORIGINS_SCHEMA",
    "calibration_frame",
    "errors_frame",
    "origins_frame",
]

CALIBRATION_SCHEMA = pl.Schema(
    {"horizon": pl.String, "promised": pl.Float64, "covered": pl.Float64, "n_intervals": pl.Int64}
)
"""Share of contacts within central intervals of each promised share."""

ERRORS_SCHEMA = pl.Schema(
    {
        "weekday": pl.Int64,
        "local_minute": pl.Int64,
        "bias": pl.Float64,
        "wape": pl.Float64,
        "contacts": pl.Float64,
        "n_intervals": pl.Int64,
    }
)
"""Errors by weekday (Monday 1) and time of day, as shares of contacts; contacts of a mean interval."""

ORIGINS_SCHEMA = pl.Schema(
    {
        "first_day": pl.Date,
        "horizon": pl.String,
        "wape": pl.Float64,
        "average_wape": pl.Float64,
        "bias": pl.Float64,
    }
)
"""Errors of the forecast made before each first day, and of the 4-week mean."""

_PROMISED = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def calibration_frame(evaluation: Evaluation, *, seed: int = 0) -> pl.DataFrame:
    """How many contacts lay within intervals of which many were promised to.

    Args:
        evaluation: a back-test.
        seed: of the uniform numbers that spread counts over their jumps (randomised PIT).

    Returns:
        A frame of `CALIBRATION_SCHEMA`.
    """
    rows = []
    for horizon, n_days in evaluation.n_days.items():
        parts = [
            _pit(outcome, n_days, np.random.default_rng([seed, number]))
            for number, outcome in enumerate(evaluation.outcomes)
        ]
        distance = 2 * np.abs(np.concatenate(parts) - 0.5)
        rows += [(horizon, share, float(np.mean(distance <= share)), len(distance)) for share in _PROMISED]
    return pl.DataFrame(rows, schema=CALIBRATION_SCHEMA, orient="row")


def errors_frame(series: Series, evaluation: Evaluation) -> pl.DataFrame:
    """Errors by weekday and time of day over all days and origins of a back-test.

    Args:
        series: the history that was evaluated.
        evaluation: of it.

    Returns:
        A frame of `ERRORS_SCHEMA`; times without a contact are left out.
    """
    shape = (7, series.rates.shape[1])
    error, size, came, seen = (np.zeros(shape) for _ in range(4))
    for origin, outcome in zip(evaluation.origins, evaluation.outcomes, strict=True):
        weekdays = series.days.weekdays[origin : origin + len(outcome.counts)]
        for row, weekday in enumerate(weekdays):
            at = outcome.seen[row]
            gap = np.where(at, outcome.prediction.mean[row] - outcome.counts[row], 0.0)
            error[weekday] += gap
            size[weekday] += np.abs(gap)
            came[weekday] += np.where(at, outcome.counts[row], 0.0)
            seen[weekday] += at
    rows = [
        (int(weekday) + 1, int(column) * series.slot_min, error[weekday, column] / came[weekday, column],
         size[weekday, column] / came[weekday, column], came[weekday, column] / seen[weekday, column],
         int(seen[weekday, column]))
        for weekday, column in zip(*np.nonzero(came > 0), strict=True)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ERRORS_SCHEMA, orient="row")


def origins_frame(series: Series, evaluation: Evaluation) -> pl.DataFrame:
    """Errors of the forecasts made at each origin, beside those of the 4-week mean.

    Args:
        series: the history that was evaluated.
        evaluation: of it.

    Returns:
        A frame of `ORIGINS_SCHEMA`; errors are null where no contact came.
    """
    rows = []
    for number, origin in enumerate(evaluation.origins):
        for horizon, n_days in evaluation.n_days.items():
            own, average = (
                _totals(outcomes[number], n_days) for outcomes in (evaluation.outcomes, evaluation.averages)
            )
            came = own[2]
            errors = (own[0] / came, average[0] / came, own[1] / came) if came > 0 else (None, None, None)
            rows.append((series.dates[origin].item(), horizon, *errors))
    return pl.DataFrame(rows, schema=ORIGINS_SCHEMA, orient="row")


def _pit(outcome: Outcome, n_days: int, rng: np.random.Generator) -> FloatArray:
    seen = outcome.seen[:n_days]
    variance = np.broadcast_to(outcome.prediction.rate_variance, outcome.seen.shape)[:n_days][seen]
    mean, counts = outcome.prediction.mean[:n_days][seen], outcome.counts[:n_days][seen]
    return randomised_pit(counts, mean, variance, rng.random(len(counts)))


def _totals(outcome: Outcome, n_days: int) -> tuple[float, float, float]:
    """Sums of absolute errors, of errors and of contacts."""
    seen: NDArray[np.bool_] = outcome.seen[:n_days]
    gap = (outcome.prediction.mean[:n_days] - outcome.counts[:n_days])[seen]
    return float(np.abs(gap).sum()), float(gap.sum()), float(outcome.counts[:n_days][seen].sum())
