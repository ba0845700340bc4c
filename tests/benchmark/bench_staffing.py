"""Rows of required agents a second; run `python tests/benchmark/bench_staffing.py [--million]`."""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

from staffcast.staffing import ChatQueue, Target, performance, required_agents

HANDLE_S = [480, 560, 680]
TARGET = Target(service_level_share=0.8, threshold_s=30)
REPEATS = 5


def day_shape(n_rows: int, mean_per_hour: float) -> np.ndarray:
    """Hours from a fifth to nearly twice the mean, all different."""
    return np.random.default_rng(1).uniform(0.2, 1.8, n_rows) * mean_per_hour


def show(name: str, queue: ChatQueue, *, repeats: int = REPEATS) -> None:
    """Print the best of some warm runs."""
    required_agents(queue, TARGET)
    seconds = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        agents = required_agents(queue, TARGET)
        seconds = min(seconds, time.perf_counter() - start)
    n_rows = np.size(agents)
    print(f"{name:44}{n_rows:>10,}{seconds:>10.4f}{n_rows / seconds:>14,.0f}{np.max(agents):>10,}")


def main() -> None:
    """Print one line for each model and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="also a million rows of Erlang C")
    million = parser.parse_args().million
    print(f"{'required agents, 80 % within 30 s':44}{'rows':>10}{'seconds':>10}{'rows/s':>14}{'most':>10}")
    for mean in (60, 300, 1500):
        show(f"Erlang Chat, 3 chats, patience, {mean}/h", ChatQueue(day_shape(672, mean), HANDLE_S, 180))
    show("Erlang Chat, 3 chats, no abandonment, 300/h", ChatQueue(day_shape(672, 300), HANDLE_S))
    show("Erlang A, 300/h", ChatQueue(day_shape(672, 300), 480, 180))
    show("Erlang C, 300/h", ChatQueue(day_shape(672, 300), 480))
    show("Erlang C, 3000/h", ChatQueue(day_shape(672, 3000), 480))
    show("Erlang Chat, 300/h", ChatQueue(day_shape(20_000, 300), HANDLE_S, 180), repeats=1)
    show("Erlang C, 0 to 1500 erlangs", ChatQueue(day_shape(100_000, 8000), 375), repeats=2)
    show("Erlang Chat, one desk of 100,000 erlangs", ChatQueue([642_857.0], HANDLE_S, 180), repeats=1)
    if million:
        show("Erlang C, 0 to 1500 erlangs", ChatQueue(day_shape(1_000_000, 8000), 375), repeats=1)
    start = time.perf_counter()
    performance(ChatQueue(day_shape(20_000, 300), HANDLE_S, 180), 19, threshold_s=30, short_s=5)
    seconds = time.perf_counter() - start
    print(f"{'all figures, Erlang Chat, 300/h':44}{20_000:>10,}{seconds:>10.4f}{20_000 / seconds:>14,.0f}")


if __name__ == "__main__":
    main()
