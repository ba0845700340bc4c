"""Generated desks with known rates for judging forecasts: trends, outages, short days, thin queues."""

from __future__ import annotations

import numpy as np

from staffcast.forecasting.series import Days, Series

__all__ = ["DESKS", "desk", "thinned"]

DESKS: dict[str, dict[str, float]] = {
    "steady": {"mean": 20},
    "growing 2 %/week": {"mean": 20, "trend": 0.02},
    "shrinking 2 %/week": {"mean": 20, "trend": -0.02},
    "level shift": {"mean": 30, "shift": 1.5},
    "outages": {"mean": 20, "outages": 0.04},
    "short days": {"mean": 20, "short": 0.12},
    "24x7": {"mean": 8, "always": 1},
    "six days, half saturday": {"mean": 12, "saturday": 1},
    "busy month starts": {"mean": 40, "paydays": 0.25},
    "noisy days": {"mean": 25, "day_sd": 0.25},
    "quarter zero": {"mean": 1.6, "saturday": 1, "short": 0.05},
    "thin": {"mean": 0.3},
}
"""Names and properties of the desks; what is not given is the usual."""


def desk(name: str, *, n_weeks: int = 32, seed: int = 0) -> Series:
    """A desk of half-hours whose contacts are drawn from known rates."""
    how = DESKS[name]
    rng = np.random.default_rng([seed, sorted(DESKS).index(name)])
    dates = np.datetime64("2025-09-01") + np.arange(n_weeks * 7)
    weekday = (dates.astype(int) + 3) % 7
    week = np.arange(len(dates)) / 7
    n_open = 7 if how.get("always") else 6 if how.get("saturday") else 5
    share = np.zeros((len(dates), 48))
    share[:, slice(0, 48) if how.get("always") else slice(16, 40)] = 1.0
    if how.get("saturday"):
        share[weekday == 5, 28:] = 0.0
    share[rng.random(len(dates)) < how.get("short", 0.0), 30:] = 0.0
    time = np.arange(48) / 48
    shape = 0.25 + np.exp(-(((time - 0.44) / 0.07) ** 2)) + 0.8 * np.exp(-(((time - 0.63) / 0.09) ** 2))
    tilt = 1 + 0.15 * np.sin(2 * np.pi * time + weekday[:, None])
    weekly = np.array([1.25, 1.1, 1.0, 0.95, 0.9, 0.6, 0.45])[weekday]
    level = (
        weekly * (1 + how.get("trend", 0.0)) ** week * _day_errors(len(dates), how.get("day_sd", 0.08), rng)
    )
    level *= np.where(week > n_weeks * 0.6, how.get("shift", 1.0), 1.0)
    level *= 1 + how.get("paydays", 0.0) * (dates.astype("datetime64[M]").astype("datetime64[D]") + 3 > dates)
    level *= np.where(rng.random(len(dates)) < how.get("outages", 0.0), 0.15, 1.0)
    rates = level[:, None] * shape * tilt
    rates *= how["mean"] / rates[share > 0].mean() * rng.gamma(400, 1 / 400, rates.shape)
    counts = np.where(share > 0, rng.poisson(rates * share), np.nan)
    kept = weekday < n_open
    return Series(Days(dates[kept], share[kept]), counts[kept], 30)


def thinned(series: Series, mean: float, *, seed: int = 0) -> Series:
    """Each contact kept by chance, so that an open interval has this mean."""
    rng = np.random.default_rng(seed)
    keep = mean / float(np.nanmean(series.rates))
    counts = np.where(series.seen, rng.binomial(np.nan_to_num(series.rates).astype(int), keep), np.nan)
    return Series(series.days, counts, series.slot_min)


def _day_errors(n_days: int, sd: float, rng: np.random.Generator) -> np.ndarray:
    error = rng.standard_normal(n_days)
    for day in range(1, n_days):
        error[day] = 0.5 * error[day - 1] + np.sqrt(0.75) * error[day]
    return np.exp(sd * error - sd**2 / 2)
