"""The speed and accuracy goals of the forecast; run `python -m tests.benchmark.bench_forecasting [--desks]`.

Prints a line for each goal: what was measured (seconds of processor time), the goal, and whether it is met.
The peers are of the bench extra; without them their lines are left out. `--desks` prints the ratio to the
best simple average for every generated desk and history length, and the worst one (an hour).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from tests.benchmark.forecasting_desks import DESKS, desk, thinned

from staffcast.forecasting import Series, evaluate_series, forecast_queues
from staffcast.forecasting.spread import Prediction, fit_spread
from staffcast.forecasting.two_level import TwoLevel

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORY_DAYS, HORIZON_DAYS, N_PATHS = 112, 28, 500


def best_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """The best of some runs after a warm one."""
    work()
    return min(timed(work) for _ in range(repeats))


def timed(work: Callable[[], object]) -> float:
    """Processor time, also of programs that were started: Prophet fits in one."""
    start = processor_seconds()
    work()
    return processor_seconds() - start


def processor_seconds() -> float:
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


def show(what: str, measured: float, goal: float, *, at_least: bool = False) -> None:
    met = measured >= goal if at_least else measured <= goal
    print(
        f"{what:58}{measured:>12,.3g}{'>=' if at_least else '<=':>6} {goal:g}  {'met' if met else 'MISSED'}"
    )


def cells(series: Series, queue: str) -> pl.DataFrame:
    """A day matrix as cells of a queue."""
    row, column = np.nonzero(series.days.open_share > 0)
    day = series.dates[row].astype(int)
    minute = column * series.slot_min
    return pl.DataFrame(
        {
            "queue": queue,
            "interval_at_us": (day * 1440 + minute) * 60_000_000,
            "local_date": [str(series.dates[k]) for k in row],
            "local_weekday": (day + 3) % 7 + 1,
            "local_minute": minute.astype(np.int64),
            "open_us": series.slot_min * 60_000_000,
            "n_offered": series.counts[row, column],
        }
    )


def queues(n_queues: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """History and future of 24x7 queues of half-hours."""
    history, future = [], []
    for number in range(n_queues):
        series = desk("24x7", n_weeks=20, seed=number)
        history.append(cells(series.between(0, HISTORY_DAYS), f"q{number:03}"))
        future.append(cells(series.between(HISTORY_DAYS, HISTORY_DAYS + HORIZON_DAYS), f"q{number:03}"))
    return pl.concat(history), pl.concat(future).drop("n_offered")


def speed() -> None:
    history, future = queues(1)
    rng = np.random.default_rng(0)
    own = best_seconds(lambda: forecast_queues(history, future, rng=rng, n_paths=N_PATHS))
    show("one queue, choice and 500 paths, seconds", own, 0.3)
    many = queues(100)
    show(
        "100 queues x 28 days x 30 min, 500 paths, seconds",
        timed(lambda: forecast_queues(*many, rng=rng)),
        30,
    )
    counts = history.select(
        unique_id="queue", ds=pl.from_epoch("interval_at_us", time_unit="us"), y="n_offered"
    )
    alone = best_seconds(one_model)
    for module, peer, goal in (("prophet", prophet, 15), ("statsforecast", mstl, 10)):
        if importlib.util.find_spec(module):
            other = best_seconds(lambda peer=peer: peer(counts), repeats=1)  # type: ignore[misc] # bound at once
            show(f"{module}: times longer than one model of ours", other / alone, goal, at_least=True)
            show(f"{module}: times longer than ours with its choice", other / own, goal, at_least=True)


def one_model() -> None:
    """What the peers do: fit one model, without choosing it, and draw 500 paths."""
    series = desk("24x7", n_weeks=20)
    days = series.days_between(HISTORY_DAYS, HISTORY_DAYS + HORIZON_DAYS)
    mean = TwoLevel().fit(series.between(0, HISTORY_DAYS)).mean(days)
    Prediction(mean, fit_spread([])).paths(N_PATHS, np.random.default_rng(0))


def prophet(counts: pl.DataFrame) -> None:
    from prophet import Prophet

    model = Prophet(uncertainty_samples=N_PATHS)
    model.fit(counts.select("ds", "y").to_pandas())
    model.predictive_samples(
        model.make_future_dataframe(HORIZON_DAYS * 48, freq="30min", include_history=False)
    )


def mstl(counts: pl.DataFrame) -> None:
    from statsforecast import StatsForecast
    from statsforecast.models import MSTL, AutoETS

    model = MSTL(season_length=[48, 336], trend_forecaster=AutoETS(model="ZZN"))
    StatsForecast(models=[model], freq="30min").forecast(
        df=counts.to_pandas(), h=HORIZON_DAYS * 48, level=[80, 95]
    )


def desks() -> None:
    series = {name: desk(name) for name in DESKS}
    series["24x7, thinned to 0.3"] = thinned(series["24x7"], 0.3)
    worst = (0.0, "", 0)
    for name, one in series.items():
        for weeks in (2, 4, 8, 16):
            found = evaluate_series(one, history_weeks=weeks)
            ratio, loss = found.versus_average(), found.versus_average(loss="pinball")
            print(
                f"{name:26}{weeks:>4} weeks: WAPE {ratio:.3f}, pinball {loss:.3f} of the best simple average"
            )
            worst = max(worst, (ratio, name, weeks))
    show(f"worst WAPE ratio: {worst[1]}, {worst[2]} weeks", worst[0], 1.02)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--desks", action="store_true")
    speed()
    if arguments.parse_args().desks:
        desks()
