"""The day's chain against days played through one event at a time, waits across the intervals included."""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import pytest

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ChatQueue, PatienceCurve, day_performance

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLE_S = [480.0, 560.0, 680.0]
PATIENCE_S, THRESHOLD_S, INTERVAL_S = 180.0, 30.0, 1800.0
ARRIVALS, AGENTS = [60.0, 240.0, 60.0, 60.0], [5, 13, 5, 5]


def weibull(u: np.ndarray) -> np.ndarray:
    """Many leave soon, some wait for long; the mean is that of the exponential."""
    return np.asarray(np.exp(-np.sqrt(2 * np.asarray(u) / PATIENCE_S)))


def exponential_patience(rng: random.Random) -> float:
    return rng.expovariate(1 / PATIENCE_S)


def weibull_patience(rng: random.Random) -> float:
    return rng.expovariate(1) ** 2 * PATIENCE_S / 2


def played_day(
    rng: random.Random,
    patience: Callable[[random.Random], float],
    offered: np.ndarray,
    in_time: np.ndarray,
) -> None:
    """Chats spread evenly over the agents; who is left without a slot when agents go waits first of all."""
    now, n_open, waiting = 0.0, 0, deque[tuple[float, float, int]]()
    for i, (rate, agents) in enumerate(zip(ARRIVALS, AGENTS, strict=True)):
        end, slots = (i + 1) * INTERVAL_S, agents * len(HANDLE_S)
        while n_open > slots:
            n_open -= 1
            waiting.appendleft((-1.0, now + patience(rng), -1))
        while True:
            while waiting and n_open < slots:
                came, leaves, origin = waiting.popleft()
                if leaves > now:
                    n_open += 1
                    if origin >= 0:
                        in_time[origin] += now - came <= THRESHOLD_S
            level, ahead = divmod(n_open, agents)
            close = (agents - ahead) * level / HANDLE_S[level - 1] if level else 0.0
            close += ahead * (level + 1) / HANDLE_S[level] if ahead else 0.0
            now += rng.expovariate(close + rate / 3600)
            if now >= end:  # the rates change: draw anew from there, as nothing has a memory
                now = end
                break
            if rng.random() * (close + rate / 3600) < close:
                n_open -= 1
            else:
                offered[i] += 1
                waiting.append((now, now + patience(rng), i))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patience", "given"),
    [(exponential_patience, PATIENCE_S), (weibull_patience, PatienceCurve.smooth(weibull))],
    ids=["exponential", "weibull"],
)
def test_each_half_hour_is_as_predicted(
    patience: Callable[[random.Random], float], given: float | PatienceCurve
) -> None:
    rng = random.Random(20260801)  # noqa: S311 - a simulation, not a secret
    offered, in_time = np.zeros(4), np.zeros(4)
    for _ in range(3000):
        played_day(rng, patience, offered, in_time)
    day = day_performance(
        ChatQueue(ARRIVALS, HANDLE_S, given), AGENTS, interval_s=INTERVAL_S, threshold_s=THRESHOLD_S
    )
    predicted = day.service_level(ServiceLevelConvention.SERVED_OF_ALL)
    seen = in_time / offered
    print("points off", np.round(100 * (predicted - seen), 2))
    assert predicted == pytest.approx(seen, abs=0.008)
