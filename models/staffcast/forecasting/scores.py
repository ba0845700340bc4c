"""How good past forecasts were: WAPE, MASE, bias, pinball and coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ForecastError
from staffcast.forecasting.counts import randomised_pit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from staffcast.forecasting.series import FloatArray, Series
    from staffcast.forecasting.spread import Prediction

__all__ = ["QUANTILES", "Outcome", "Scores", "pinball", "scores", "seasonal_error"]

QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True)
class Outcome:
    """A forecast beside what came.

    Attributes:
        prediction: of the days.
        counts: what came, shape (days, slots).
        seen: intervals that were open and observed.
        seasonal: mean error of last week's value within the history, for MASE.
    """

    prediction: Prediction
    counts: FloatArray
    seen: NDArray[np.bool_]
    seasonal: float


@dataclass(frozen=True)
class Scores:
    """Quality over all origins, at one horizon.

    Attributes:
        wape: sum of absolute errors over the sum of contacts.
        mase: mean absolute error over that of last week's value within the history.
        bias: sum of forecasts less contacts, over contacts.
        pinball: mean over five quantiles, doubled, over the mean of contacts.
        coverage_80: share of contacts within the 80 % intervals (randomised PIT).
        coverage_95: the same for 95 %.
        n_intervals: how many were judged.
    """

    wape: float
    mase: float
    bias: float
    pinball: float
    coverage_80: float
    coverage_95: float
    n_intervals: int


def pinball(counts: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Twice the mean pinball loss over the five `QUANTILES`, in contacts, of the shape of ``counts``.

    Example:
        >>> float(pinball(np.array([10.0]), np.full((5, 1), 10.0))[0])
        0.0
    """
    shares = np.array(QUANTILES).reshape(-1, *[1] * counts.ndim)
    error = counts - quantiles
    return np.asarray(2 * np.maximum(shares * error, (shares - 1) * error).mean(axis=0))


def scores(outcomes: Sequence[Outcome], n_days: int, *, seed: int = 0) -> Scores:
    """Judge the first ``n_days`` of every forecast, pooled over origins.

    Args:
        outcomes: forecasts and what came.
        n_days: horizon in open days.
        seed: of the uniform numbers of the randomised PIT.
    """
    parts = [_judged(outcome, n_days, np.random.default_rng([seed, k])) for k, outcome in enumerate(outcomes)]
    mean, counts, loss, pit, scaled = (np.concatenate(column) for column in zip(*parts, strict=True))
    total = counts.sum()
    if not total > 0:
        raise ForecastError("no contact in the judged days", hint="give a longer history")
    return Scores(
        wape=float(np.abs(counts - mean).sum() / total),
        mase=float(scaled.mean()),
        bias=float((mean - counts).sum() / total),
        pinball=float(loss.sum() / total),
        coverage_80=float(np.mean(np.abs(pit - 0.5) <= 0.4)),
        coverage_95=float(np.mean(np.abs(pit - 0.5) <= 0.475)),
        n_intervals=len(counts),
    )


def seasonal_error(series: Series) -> float:
    """Mean absolute difference between an interval and the same one of the weekday before."""
    errors = []
    for weekday in range(7):
        same = series.days.weekdays == weekday
        both = series.seen[same][1:] & series.seen[same][:-1]
        errors.append(np.abs(np.diff(series.counts[same], axis=0))[both])
    joined = np.concatenate(errors)
    return float(joined.mean()) if len(joined) else float("nan")


def _judged(outcome: Outcome, n_days: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    seen = outcome.seen[:n_days]
    counts = outcome.counts[:n_days][seen]
    mean = outcome.prediction.mean[:n_days][seen]
    variance = np.broadcast_to(outcome.prediction.rate_variance, outcome.seen.shape)[:n_days][seen]
    loss = pinball(counts, outcome.prediction.quantiles(QUANTILES)[:, :n_days][:, seen])
    pit = randomised_pit(counts, mean, variance, rng.random(len(counts)))
    scale = outcome.seasonal if outcome.seasonal > 0 else float("nan")
    return mean, counts, loss, pit, np.abs(counts - mean) / scale
