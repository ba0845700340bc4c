"""Back-tests as frames: for printing, files and charts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.forecasting.calendar import Calendar
from staffcast.forecasting.evaluate import evaluate_series
from staffcast.forecasting.intervals import series_of_counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.core.calendars import OpeningHours
    from staffcast.forecasting.evaluate import Evaluation
    from staffcast.forecasting.series import Series

__all__ = ["SCORES_SCHEMA", "evaluate", "scores_frame", "worst_days"]

SCORES_SCHEMA = pl.Schema(
    {
        "model": pl.String,
        "horizon": pl.String,
        "wape": pl.Float64,
        "mase": pl.Float64,
        "bias": pl.Float64,
        "pinball": pl.Float64,
        "coverage_80": pl.Float64,
        "coverage_95": pl.Float64,
        "n_intervals": pl.Int64,
    }
)
"""Columns of a back-test: one row per model and horizon, all errors as shares of contacts."""


def evaluate(
    frame: pl.DataFrame,
    *,
    calendar: Calendar | None = None,
    timezone: str | None = None,
    hours: OpeningHours | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Evaluation:
    """Back-test a table of counts.

    Args:
        frame: ``ds`` and ``y``, one row per interval.
        calendar: special days, known ahead.
        timezone: zone of the desk, where ``ds`` has one.
        hours: opening hours.
        progress: told the number of origins done, and of all.

    Raises:
        ForecastError: the table cannot be used, or is too short.
    """
    series = series_of_counts(frame, timezone=timezone, hours=hours)
    return evaluate_series(series, calendar, progress=progress)


def scores_frame(evaluation: Evaluation) -> pl.DataFrame:
    """Scores of the forecast and of every model, a frame of `SCORES_SCHEMA`; null without a scale."""
    rows = [
        {"model": name, "horizon": horizon, **asdict(scores)}
        for name, by_horizon in evaluation.table.items()
        for horizon, scores in by_horizon.items()
    ]
    return pl.DataFrame(rows, schema=SCORES_SCHEMA).fill_nan(None)


def worst_days(
    series: Series, evaluation: Evaluation, calendar: Calendar | None = None, *, n_days: int = 5
) -> pl.DataFrame:
    """The days that were forecast worst, the latest forecast of each, with a reason where one is known.

    Args:
        series: the history that was evaluated.
        evaluation: of it.
        calendar: special days, for the reasons.
        n_days: how many days.
    """
    known, found = calendar or Calendar(), {}
    for origin, outcome in zip(evaluation.origins, evaluation.outcomes, strict=True):
        for ahead in range(len(outcome.counts)):
            expected = float(outcome.prediction.mean[ahead][outcome.seen[ahead]].sum())
            contacts = float(outcome.counts[ahead][outcome.seen[ahead]].sum())
            found[origin + ahead] = (ahead + 1, expected, contacts)
    days = [series.dates[row].item() for row in found]
    effects = known.effects(np.array(days, dtype="datetime64[D]"))
    reasons = []
    for number, (_, expected, contacts) in enumerate(found.values()):
        names = [name for name, on in zip(effects.names, effects.columns[number], strict=True) if on]
        odd = (
            "outage or closure" if contacts < 0.5 * expected else "peak" if contacts > 1.5 * expected else ""
        )
        reasons.append(", ".join(names) or odd or "none known")
    table = pl.DataFrame(
        {
            "day": days,
            "days_ahead": [ahead for ahead, _, _ in found.values()],
            "expected": [expected for _, expected, _ in found.values()],
            "contacts": [contacts for _, _, contacts in found.values()],
            "reason": reasons,
        }
    )
    size = (pl.col("contacts") - pl.col("expected")).abs()
    return table.sort(size, descending=True).head(n_days)
