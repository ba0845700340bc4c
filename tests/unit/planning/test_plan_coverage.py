"""Desks with known rates: as many intervals need agents within the plan's bounds as the plan says."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from staffcast.core.config import Settings
from staffcast.forecasting import VolumeForecast, forecast_queues
from staffcast.planning import HANDLE_SCHEMA, PATIENCE_SCHEMA, Calibration, Inputs, make_plan
from staffcast.planning.handle_paths import HandleFactors
from staffcast.planning.plan import QueueTarget
from staffcast.staffing import ChatQueue, Target, required_agents

START = date(2026, 6, 1)
HOURS = range(9, 18)
HOUR_US = 3_600_000_000
HANDLE_S = [300.0, 340.0, 400.0]
N_DESKS, N_WEEKS, N_AHEAD = 12, 12, 4
A_WEEK = 5 * len(HOURS)
SETTINGS = Settings(max_slot_occupancy_share=1.0)


def desk(seed: int, *, mean: float, day_sd: float) -> pl.DataFrame:
    """Hourly counts of known rates: a profile by weekday and hour, times a day factor with memory."""
    rng = np.random.default_rng(seed)
    profile = rng.uniform(0.6, 1.4, (5, len(HOURS)))
    error, rows = rng.standard_normal(), []
    for number in range((N_WEEKS + N_AHEAD) * 7):
        day = START + timedelta(days=number)
        if day.weekday() > 4:
            continue
        error = 0.4 * error + np.sqrt(1 - 0.4**2) * rng.standard_normal()
        rates = mean * profile[day.weekday()] * np.exp(day_sd * error - day_sd**2 / 2)
        at_us = (day - date(1970, 1, 1)).days * 24 * HOUR_US
        rows += [
            ("q", at_us + hour * HOUR_US, day.isoformat(), day.isoweekday(), hour * 60, HOUR_US, int(count))
            for hour, count in zip(HOURS, rng.poisson(rates), strict=True)
        ]
    names = ["queue", "interval_at_us", "local_date", "local_weekday", "local_minute", "open_us", "n_offered"]
    return pl.DataFrame(rows, schema=names, orient="row")


def inputs(forecast: VolumeForecast, factors: dict[str, HandleFactors] | None = None) -> Inputs:
    levels = [
        ("q", level, handle_s, handle_s, handle_s, 100, "measured")
        for level, handle_s in enumerate(HANDLE_S, 1)
    ]
    calibration = Calibration(
        pl.DataFrame(levels, schema=HANDLE_SCHEMA, orient="row"),
        pl.DataFrame([("q", 120.0, 100.0, 150.0, 50, "measured")], schema=PATIENCE_SCHEMA, orient="row"),
        {},
    )
    targets = {"q": QueueTarget(share=0.8, within_s=30.0, concurrency_limit=3)}
    return Inputs(forecast.frame, calibration, targets, SETTINGS, forecast.paths, factors or {})


def needed(counts: np.ndarray) -> np.ndarray:
    target = Target(service_level_share=0.8, threshold_s=30.0, max_slot_occupancy_share=1.0)
    return np.maximum(np.asarray(required_agents(ChatQueue(counts, HANDLE_S, 120.0), target)), 1)


def split(cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The weeks that the forecast sees and those that follow."""
    first = cells["interval_at_us"][N_WEEKS * A_WEEK]
    is_past = pl.col("interval_at_us") < first
    return cells.filter(is_past), cells.filter(~is_past)


def judged(mean: float, day_sd: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether the agents that the real contacts need lie within the bounds, their place among those that the
    paths need (a randomised PIT, as agents are whole), and how wide the bounds are."""
    inside, place, width = [], [], []
    for seed in range(N_DESKS):
        past, future = split(desk(seed, mean=mean, day_sd=day_sd))
        rng = np.random.default_rng(seed)
        forecast = forecast_queues(past, future.drop("n_offered"), rng=rng)
        plan = make_plan(inputs(forecast)).frame
        real = needed(future["n_offered"].to_numpy())
        low, high = plan["lower_agents"].to_numpy(), plan["upper_agents"].to_numpy()
        inside.append((real >= low) & (real <= high))
        width.append((high - low) / plan["required_agents"].to_numpy())
        paths = needed(forecast.paths["q"].ravel()).reshape(forecast.paths["q"].shape)
        below, equal = (paths < real).mean(axis=0), (paths == real).mean(axis=0)
        place.append(below + rng.random(real.shape) * equal)
    return np.array(inside), np.array(place), np.array(width)


@pytest.mark.parametrize(("mean", "day_sd"), [(60.0, 0.12), (200.0, 0.15)])
def test_the_bounds_hold_for_four_fifths_of_the_intervals(mean: float, day_sd: float) -> None:
    """2,160 intervals of 12 desks; the days of a desk go together, so a share is known to some 3 points."""
    inside, place, width = judged(mean, day_sd)
    is_covered = np.abs(place - 0.5) <= 0.4
    assert 0.74 < is_covered.mean() < 0.86
    by_week = [is_covered[:, week * A_WEEK : (week + 1) * A_WEEK].mean() for week in range(N_AHEAD)]
    assert 0.68 < min(by_week) <= max(by_week) < 0.9
    assert inside.mean() > 0.8  # whole people: the bounds hold for more than they promise
    assert width.mean() < 0.5


def test_the_bounds_widen_with_the_horizon() -> None:
    _, _, width = judged(200.0, 0.15)
    assert width[:, : len(HOURS)].mean() < 0.97 * width[:, -2 * A_WEEK :].mean()


def test_uncertain_handle_times_widen_the_bounds() -> None:
    past, future = split(desk(3, mean=200.0, day_sd=0.05))
    forecast = forecast_queues(past, future.drop("n_offered"), rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    factors = np.exp(0.15 * rng.standard_normal((500, 1))) * np.ones((1, future.height))
    known = make_plan(inputs(forecast)).frame
    unsure = make_plan(inputs(forecast, {"q": HandleFactors(np.ones(future.height), factors)})).frame
    assert known["required_agents"].equals(unsure["required_agents"])
    widths = [(plan["upper_agents"] - plan["lower_agents"]).sum() for plan in (known, unsure)]
    assert widths[1] > 1.3 * widths[0]
    slower = HandleFactors(np.full(future.height, 1.3), np.full((1, future.height), 1.3))
    more = make_plan(inputs(forecast, {"q": slower})).frame
    real = needed(np.array([more["expected_contacts"][0]]))
    assert more["required_agents"][0] > real[0]
    assert (more["lower_agents"] >= known["lower_agents"]).all()
