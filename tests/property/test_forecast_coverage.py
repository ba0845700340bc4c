"""The forecast interval holds as many of the coming counts as it says, over simulated desks."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffcast.forecasting import SameSlotAverage

HOUR_US = 3_600_000_000
MONDAY = date(2026, 11, 2)
HOURS = range(8, 20)


def grid(n_weeks: int, counts: np.ndarray | None) -> pl.DataFrame:
    """Rows of weeks x 7 days x hours, with the counts of that shape."""
    rows = []
    for week in range(n_weeks):
        for day in range(7):
            when = MONDAY + timedelta(weeks=week, days=day)
            at_us = (when - date(1970, 1, 1)).days * 24 * HOUR_US
            rows += [
                ("q", at_us + hour * HOUR_US, when.isoformat(), day + 1, hour * 60, HOUR_US) for hour in HOURS
            ]
    schema = ["queue", "interval_at_us", "local_date", "local_weekday", "local_minute", "open_us"]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return (
        frame if counts is None else frame.with_columns(n_offered=pl.Series(counts.ravel(), dtype=pl.Int64))
    )


def coverage(rng: np.random.Generator, *, level: float, extra: float, n_weeks: int) -> tuple[float, float]:
    """Share of the coming week's counts below and within the 80 % interval, over 12 desks."""
    below, inside = [], []
    for _ in range(12):
        mean = level * rng.uniform(0.4, 1.6, size=(1, 7, len(HOURS)))
        mood = 1.0 if extra == 0 else rng.gamma(1 / extra, extra, size=(n_weeks + 1, 7, len(HOURS)))
        counts = rng.poisson(mean * mood, size=(n_weeks + 1, 7, len(HOURS)))
        full = grid(n_weeks + 1, None)
        future = full.tail(7 * len(HOURS))
        got = SameSlotAverage().forecast(grid(n_weeks, counts[:-1]), future)
        actual = counts[-1].ravel()
        below.append(np.mean(actual < got["lower"].to_numpy()))
        inside.append(np.mean((actual >= got["lower"].to_numpy()) & (actual <= got["upper"].to_numpy())))
    return float(np.mean(below)), float(np.mean(inside))


@pytest.mark.parametrize("n_weeks", [1, 2, 8])
@pytest.mark.parametrize(("level", "extra"), [(2.0, 0.0), (12.0, 0.0), (12.0, 0.15)])
def test_interval_covers(level: float, extra: float, n_weeks: int) -> None:
    """1,008 counts: the standard error of a share is about 1.3 %; discreteness only makes intervals wider."""
    below, inside = coverage(np.random.default_rng(5), level=level, extra=extra, n_weeks=n_weeks)
    assert 0.76 < inside < (1.0 if n_weeks == 1 else 0.96)  # after one week weekdays stand in for weeks
    assert below < 0.15


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=7 * len(HOURS) * 2, max_size=7 * len(HOURS) * 2),
    st.floats(0.05, 0.95),
)
def test_bounds_enclose_and_totals_agree(counts: list[int], confidence: float) -> None:
    history = grid(2, np.array(counts))
    got = SameSlotAverage(confidence=confidence).forecast(history, grid(3, None).tail(7 * len(HOURS)))
    assert got["expected"].sum() == pytest.approx(sum(counts) / 2)
    assert (got["lower"] <= got["upper"]).all()
    wide = SameSlotAverage(confidence=0.99).forecast(history, grid(3, None).tail(7 * len(HOURS)))
    assert (wide["lower"] <= got["lower"]).all()
    assert (wide["upper"] >= got["upper"]).all()
    assert got.select(pl.all_horizontal(pl.col("expected", "lower", "upper").is_finite())).to_series().all()
