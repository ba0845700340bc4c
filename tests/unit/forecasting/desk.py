"""Cells of small generated queues."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

SLOT_US = 3_600_000_000
START = date(2026, 6, 1)
HOURS = range(9, 17)


def cells(queue: str, mean: float, *, first_day: int = 0, n_days: int = 84, seed: int = 0) -> pl.DataFrame:
    """Hourly Poisson counts, Monday to Friday from 9 to 17; Mondays are half as busy again."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(first_day, n_days):
        day = START + timedelta(days=number)
        if day.weekday() < 5:
            level = mean * (1.5 if day.weekday() == 0 else 1.0)
            for hour in HOURS:
                at_us = ((day - date(1970, 1, 1)).days * 24 + hour) * SLOT_US
                count = int(rng.poisson(level * (1 + 0.5 * np.sin(hour))))
                rows.append((queue, at_us, day.isoformat(), day.isoweekday(), hour * 60, SLOT_US, count))
    names = ("queue", "interval_at_us", "local_date", "local_weekday", "local_minute", "open_us", "n_offered")
    return pl.DataFrame(rows, schema=list(names), orient="row")


def coming(queue: str, *, after_days: int = 84, n_days: int = 14) -> pl.DataFrame:
    """The open intervals that follow."""
    return cells(queue, 1.0, first_day=after_days, n_days=after_days + n_days).drop("n_offered")
