"""The speed and accuracy goals of the forecast; run `python -m tests.benchmark.bench_forecasting`.

Prints a line for each goal: what was measured (seconds of processor time), the goal, and whether it is met.
The peers are of the bench extra; without them their lines are left out. `--file COUNTS.csv` (ds,y) has all of
them forecast the last four weeks of that file, too. `--desks` prints the ratio to the best simple average for
every generated desk and history length (WAPE and pinball 2 weeks ahead, then 4 weeks ahead), and the worst of
each (a quarter of an hour); with `--file` also for that file and its thinnings to 10, 1.5 and 0.3 contacts an
interval, with the holidays of `--country`. `--only NAME --weeks 2 8` are some cells of that list.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from tests.benchmark.forecasting_desks import DESKS, desk, thinned

from staffcast.forecasting import Calendar, Series, evaluate_series, forecast_queues, series_of_counts
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
        f"{what:66}{measured:>12,.4g}{'>=' if at_least else '<=':>6} {goal:g}  {'met' if met else 'MISSED'}"
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
    series = desk("24x7", n_weeks=20).between(0, HISTORY_DAYS + HORIZON_DAYS)
    against_peers("24x7", series, own)


def against_peers(name: str, series: Series, own: float | None = None) -> None:
    """How much longer peers take for the last four weeks of a series; ``own`` is our time with the choice."""
    n_history = int(np.searchsorted(series.dates, series.dates[-1] - HORIZON_DAYS + 1))
    alone = best_seconds(lambda: one_model(series, n_history))
    every = cells(series, name).select(
        unique_id="queue", ds=pl.from_epoch("interval_at_us", time_unit="us"), y="n_offered"
    )
    begins = pl.lit(series.dates[n_history].item())
    counts, future = every.filter(pl.col("ds") < begins), every.filter(pl.col("ds") >= begins)
    for module, peer, goal in (("prophet", prophet, 15), ("statsforecast", mstl, 10)):
        if importlib.util.find_spec(module):
            other = best_seconds(lambda peer=peer: peer(counts, future), repeats=1)  # type: ignore[misc] # bound at once
            show(f"{name}: {module} takes times longer than one model", other / alone, goal, at_least=True)
            if own is not None:
                show(f"{name}: {module}, than ours with its choice", other / own, goal, at_least=True)


def one_model(series: Series, n_history: int) -> None:
    """What the peers do: fit one model, without choosing it, and draw 500 paths."""
    mean = TwoLevel().fit(series.between(0, n_history)).mean(series.days_between(n_history, len(series)))
    Prediction(mean, fit_spread([])).paths(N_PATHS, np.random.default_rng(0))


def prophet(counts: pl.DataFrame, future: pl.DataFrame) -> None:
    from prophet import Prophet

    model = Prophet(uncertainty_samples=N_PATHS)
    model.fit(counts.select("ds", "y").to_pandas())
    model.predictive_samples(future.select("ds").to_pandas())


def mstl(counts: pl.DataFrame, future: pl.DataFrame) -> None:
    """Open intervals one after the other, as if there were no nights: it knows no gaps."""
    from statsforecast import StatsForecast
    from statsforecast.models import MSTL, AutoETS

    n_days = counts["ds"].dt.date().n_unique()
    per_day = round(counts.height / n_days)
    per_week = round(per_day * n_days * 7 / ((counts["ds"][-1] - counts["ds"][0]).days + 1))
    joined = counts.with_columns(ds=pl.int_range(pl.len()))
    model = MSTL(season_length=[per_day, per_week], trend_forecaster=AutoETS(model="ZZN"))
    StatsForecast(models=[model], freq=1).forecast(df=joined, h=future.height, level=[80, 95])


def listed(file: Series | None) -> dict[str, Series]:
    """The fixed list: the generated desks, one of them thinned, and a real series as it is and thinned."""
    found = {name: desk(name) for name in DESKS}
    found["24x7, thinned to 0.3"] = thinned(found["24x7"], 0.3)
    if file is not None:
        found["file"] = file
        fuller = float(np.nanmean(file.rates))
        found |= {f"file, thinned to {mean}": thinned(file, mean) for mean in (10, 1.5, 0.3) if mean < fuller}
    return found


def desks(series: dict[str, Series], histories: list[int], calendar: Calendar) -> None:
    worst = dict.fromkeys(itertools.product(("2 weeks", "4 weeks"), ("wape", "pinball")), (0.0, "", 0))
    for name, one in series.items():
        known = calendar if name.startswith("file") else None
        for weeks in histories:
            found = evaluate_series(one, known, history_weeks=weeks)
            ratios = {key: found.versus_average(key[0], loss=key[1]) for key in worst}
            print(f"{name:26}{weeks:>4} weeks:", *(f"{ratio:.3f}" for ratio in ratios.values()), flush=True)
            worst = {key: max(worst[key], (ratio, name, weeks)) for key, ratio in ratios.items()}
    for (horizon, loss), (ratio, name, weeks) in worst.items():
        show(f"worst {loss} ratio {horizon} ahead: {name}, {weeks} weeks", ratio, 1.02)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--desks", action="store_true")
    arguments.add_argument(
        "--file", help="a CSV of ds,y: one more series, and the peers on its last four weeks"
    )
    arguments.add_argument("--country", default="", help="of the file's holidays, such as US")
    arguments.add_argument("--only", help="names of the list that contain this; no speed")
    arguments.add_argument(
        "--weeks", type=int, nargs="+", default=[2, 4, 8, 16], help="lengths of the histories"
    )
    given = arguments.parse_args()
    of_file = series_of_counts(pl.read_csv(given.file)) if given.file else None
    if not given.only:
        speed()
        if of_file is not None:
            against_peers("file", of_file)
    if given.desks or given.only:
        chosen = {name: one for name, one in listed(of_file).items() if (given.only or "") in name}
        desks(chosen, given.weeks, Calendar(given.country or None))
