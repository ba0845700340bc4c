"""The speed goals of the staffing engine; run `python tests/benchmark/bench_staffing.py [--million]`.

Prints a line for each goal: what was measured (seconds of processor time), the goal, and whether it is met.
The peer is pyworkforce, from the bench extra; without it its lines are left out.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.staffing import (
    ChatQueue,
    ParkedThreads,
    PatienceCurve,
    ReplyModel,
    Routing,
    ServiceLevelConvention,
    Target,
    best_concurrency,
    check_routing,
    day_performance,
    day_plan,
    fewest_agent_hours,
    performance,
    required_agents,
    required_agents_sticky,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLE_S = [480, 560, 680]
TARGET = Target(service_level_share=0.8, threshold_s=30)
CALLS = Target(service_level_share=0.8, threshold_s=20, convention=ServiceLevelConvention.VIRTUAL)
CALL_S = 180.0


def rates(n_rows: int, mean_per_hour: float) -> np.ndarray:
    """Hours from a fifth to nearly twice the mean, all different."""
    return np.random.default_rng(1).uniform(0.2, 1.8, n_rows) * mean_per_hour


def best_seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The best of some warm runs."""
    work()
    return min(timed(work) for _ in range(repeats))


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@dataclass(frozen=True)
class Line:
    what: str
    measured: float
    goal: float
    unit: str
    at_least: bool = False

    def show(self) -> None:
        met = self.measured >= self.goal if self.at_least else self.measured <= self.goal
        goal = f"{'>=' if self.at_least else '<='} {self.goal:g} {self.unit}"
        print(f"{self.what:88}{self.measured:>14,.4g} {self.unit:3}{goal:>16}  {'met' if met else 'MISSED'}")


def peer_agents(rate: float, handle_s: float) -> int:
    """Required agents by pyworkforce."""
    from pyworkforce.queuing import ErlangC

    erlang = ErlangC(transactions=rate, asa=20 / 60, aht=handle_s / 60, interval=60, shrinkage=0.0)
    return int(erlang.required_positions(service_level=0.8, max_occupancy=1.0)["positions"])


def calls(load: np.ndarray, *, own_handle_s: bool) -> ChatQueue:
    """Rows of calls with one handle time, or each with its own."""
    handle_s = np.random.default_rng(4).uniform(150, 210, load.size) if own_handle_s else CALL_S
    return ChatQueue(load / handle_s * 3600, handle_s[:, None] if own_handle_s else handle_s)


def compare_with_peer(what: str, load: np.ndarray, goal: float, n_peer: int) -> None:
    """Time by row of all rows at once, against the peer's by call."""
    for own_handle_s in (False, True):
        queue = calls(load, own_handle_s=own_handle_s)
        ours = best_seconds(lambda queue=queue: required_agents(queue, CALLS), 3) / load.size
        handle_s = np.broadcast_to(np.ravel(queue.handle_s_by_level), load.shape)
        some = list(
            zip(np.asarray(queue.arrivals_per_hour)[:n_peer].tolist(), handle_s.tolist(), strict=False)
        )
        peer = best_seconds(lambda some=some: [peer_agents(*row) for row in some], 3) / len(some)
        answers = np.asarray(required_agents(queue, CALLS))[:n_peer].tolist()
        differ = sum(mine != peer_agents(*row) for mine, row in zip(answers, some, strict=True))
        times = "each its handle time" if own_handle_s else "one handle time"
        name = f"Erlang C, {what}, {times}, times pyworkforce ({differ} of {n_peer} differ)"
        Line(name, peer / ours, goal, "x", at_least=True).show()


def compare_single_calls(erlangs: float) -> None:
    """One call for one row: what a loop in Python pays. No goal."""
    rate = erlangs / CALL_S * 3600
    ours = best_seconds(lambda: [required_agents(ChatQueue(rate, CALL_S), CALLS) for _ in range(500)]) / 500
    peer = best_seconds(lambda: [peer_agents(rate, CALL_S) for _ in range(500)]) / 500
    Line(f"One row at a time, {erlangs:g} erlangs: ours", ours * 1e6, math.inf, "us").show()
    Line(f"One row at a time, {erlangs:g} erlangs: pyworkforce", peer * 1e6, math.inf, "us").show()


def peer_lines(*, million: bool) -> None:
    rng = np.random.default_rng(2)
    compare_with_peer("10 erlangs", rng.uniform(9, 11, 100_000), 10, 200)
    compare_with_peer("100 erlangs", rng.uniform(90, 110, 100_000), 100, 200)
    for most in (800, 1500) if million else ():
        compare_with_peer(f"1e6 rows to {most} erlangs", rng.uniform(0.01, most, 1_000_000), 1000, 300)
    compare_single_calls(10)
    compare_single_calls(100)


def chat_lines() -> None:
    for mean in (60, 300, 1500):
        queue = ChatQueue(rates(672, mean), HANDLE_S, 180)
        seconds = best_seconds(lambda queue=queue: required_agents(queue, TARGET))
        Line(f"Erlang Chat, 672 quarter-hours, {mean}/h", seconds, 0.2, "s").show()
    model = ReplyModel(work_s=40, think_s=60, turns=6)
    queue = ChatQueue.of_replies(120, model, concurrency_limit=3, patience_s=180)
    both = Target(service_level_share=0.8, threshold_s=30, reply_share=0.8, reply_within_s=90)
    seconds = best_seconds(lambda: best_concurrency(queue, both, range(2, 7)))
    Line("Service level and replies over limits 2 to 6, one hour", seconds, 0.1, "s").show()


def day_lines() -> None:
    hour = np.arange(96) / 4
    rate = np.where((hour >= 8) & (hour < 20), 150 + 150 * np.sin((hour - 8) / 6 * math.pi) ** 2, 0)
    day = ChatQueue(rate, HANDLE_S, 180)
    Line(
        "Day of 96 quarter-hours, 150 to 300/h", timed(lambda: day_plan(day, TARGET, interval_s=900)), 5, "s"
    ).show()
    half_hours = ChatQueue(60 + 240 * np.exp(-(((np.arange(48) / 2 - 9) / 2.5) ** 2)), HANDLE_S, 180)
    Line(
        "48 half-hours of 60 to 300/h, target on their average",
        timed(lambda: day_plan(half_hours, TARGET, interval_s=1800, on_average=True)),
        30,
        "s",
    ).show()
    Line(
        "The bound of that day",
        timed(lambda: fewest_agent_hours(half_hours, TARGET, interval_s=1800)),
        30,
        "s",
    ).show()
    observed = np.sort(np.random.default_rng(5).exponential(180, 90))
    curves = {
        "observed patience, 90 steps": PatienceCurve.steps(observed, np.linspace(1, 0, 91)[1:]),
        "Weibull patience": PatienceCurve.smooth(lambda u: np.exp(-np.sqrt(2 * np.asarray(u) / 180))),
    }
    for name, curve in curves.items():
        curved = ChatQueue(rate, HANDLE_S, curve)
        day_performance(curved, 20, interval_s=900, threshold_s=30)  # loads the compiled loops
        seconds = timed(lambda curved=curved: day_plan(curved, TARGET, interval_s=900))
        Line(f"The same day, {name}", seconds, 5, "s").show()
    seconds = timed(
        lambda: check_routing(
            ChatQueue(1207, HANDLE_S, 120), 80, threshold_s=30, routing=Routing.LEAST_LOADED
        )
    )
    Line("Exact chain of 91,881 states", seconds, 60, "s").show()


FIRST_DAY = """
import math
import numpy as np
from staffcast.staffing import ChatQueue, PatienceCurve, Target, day_plan
hour = np.arange(96) / 4
rate = np.where((hour >= 8) & (hour < 20), 150 + 150 * np.sin((hour - 8) / 6 * math.pi) ** 2, 0)
times = np.sort(np.random.default_rng(5).exponential(180, 90))
curve = PatienceCurve.steps(times, np.linspace(1, 0, 91)[1:])
day_plan(
    ChatQueue(rate, [480, 560, 680], curve), Target(service_level_share=0.8, threshold_s=30), interval_s=900
)
"""
"""The day of `day_lines` with observed patience, as the first thing that a process does."""


def cold_lines() -> None:
    """Wall time of a whole process, imports and all: the first after an installation, and the next."""
    with tempfile.TemporaryDirectory() as empty:
        for name in ("first after an installation: compiles", "next"):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", FIRST_DAY], check=True, env=os.environ | {"NUMBA_CACHE_DIR": empty}
            )
            seconds = time.perf_counter() - start
            goal = math.inf if "compiles" in name else 5
            Line(f"A process with that day, observed patience, the {name}", seconds, goal, "s").show()


def parked_lines() -> None:
    replies = ReplyModel(work_s=40, think_s=60, turns=6)
    threads = ParkedThreads(replies=replies, park_after_s=300, long_share=0.08, long_think_s=3600)
    for per_hour in (120, 600):
        seconds = best_seconds(
            lambda per_hour=per_hour: required_agents_sticky(
                threads, per_hour, TARGET, concurrency_limit=3, patience_s=180
            ),
            1,
        )
        Line(f"Sticky parked threads, {per_hour}/h, required agents", seconds, 30, "s").show()


def path_lines() -> None:
    """A week of hours by 500 paths of the forecast: what a plan with paths asks for."""
    paths = np.random.default_rng(6).gamma(9, rates(168, 120) / 9, (500, 168))
    queue = ChatQueue(paths, HANDLE_S, 180)
    seconds = best_seconds(lambda: required_agents(queue, TARGET), 1)
    Line("500 paths of a week of hours, required agents", seconds, 5, "s").show()


def million_chat_rows() -> None:
    queue = ChatQueue(rates(1_000_000, 300), HANDLE_S, 180)
    agents = np.random.default_rng(4).integers(5, 40, 1_000_000)
    seconds = timed(lambda: performance(queue, agents, threshold_s=30))
    Line("Erlang Chat, 1e6 what-if rows, all figures", seconds, 60, "s").show()


def main() -> None:
    """Print the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="also the goals over a million rows")
    million = parser.parse_args().million
    chat_lines()
    day_lines()
    cold_lines()
    parked_lines()
    path_lines()
    try:
        import pyworkforce.queuing  # noqa: F401 - is the peer there at all?
    except ImportError:
        print("pyworkforce is not installed: its comparison is left out (install the bench extra)")
    else:
        peer_lines(million=million)
    if million:
        million_chat_rows()


if __name__ == "__main__":
    main()
