"""A desk through the day where patience follows any curve.

The front of the line (`line`) tells every wait: a customer who came at t' would still wait after v if and
only if the front is older than v at t' + v. So P(V > v) of those who come in an interval is a mean over the
states from the interval on, and every other figure follows from it and the curve. As in `transient`, the wait
after the end of an interval is told by the agents of the interval in which the customer came.

Each day is solved twice, with steps of h and h / 2, and extrapolated to h = 0 (Richardson).
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.line import Line, Stepper
from staffcast.staffing.transient import desk_figures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.performance import Figures, Thresholds
    from staffcast.staffing.transient import Interval

__all__ = ["Lines", "age_step_s", "extrapolated", "passed"]

_TICKS_PER_S = 10
"""Intervals are in tenths of a second."""
_LONGEST_STEP_S = 10.0
_SHORTEST_PART_S = 1.0
_ARRIVALS_A_STEP = 0.5
_SETTLED = 1e-9
_MOST_STEPS_AFTER = 100_000


class Lines(NamedTuple):
    """One desk on two grids of ages, the second twice as fine."""

    step_s: float
    coarse: Line
    fine: Line

    @classmethod
    def of_chats(cls, n_chats: int, step_s: float) -> Lines:
        """A desk that holds so many chats."""
        return cls(step_s, Line.of_chats(n_chats), Line.of_chats(n_chats))


def extrapolated(
    interval: Interval, agents: int, start: Lines, thresholds: Thresholds
) -> tuple[Figures, Lines]:
    """Carry a desk through an interval on both grids: figures without their error of second order."""
    coarse = passed(interval, agents, start.coarse, thresholds, start.step_s)
    fine = passed(interval, agents, start.fine, thresholds, start.step_s / 2)
    figures = {}
    for name, near in fine.figures.items():
        value = near + (near - coarse.figures[name]) / 3 if np.isfinite(near) else near
        figures[name] = np.array([max(value, 0.0)])
        if name.endswith("_share") or name in list(ServiceLevelConvention):
            figures[name] = np.minimum(figures[name], 1)
    return figures, Lines(start.step_s, coarse.end, fine.end)


def age_step_s(intervals: Iterable[Interval], threshold_s: float) -> float:
    """Step that divides every interval, short beside the threshold and the time between two chats.

    Raises:
        ModelError: an interval is not in tenths of a second.
    """
    rows = tuple(intervals)
    lengths = [round(row.length_s * _TICKS_PER_S) for row in rows]
    if any(abs(n / _TICKS_PER_S - row.length_s) > 1e-9 for n, row in zip(lengths, rows, strict=True)):
        raise ModelError("interval_s: not in tenths of a second", hint="round it, or give patience as a mean")
    most = max(row.arrival_rate for row in rows)
    longest_s = min(_LONGEST_STEP_S, _ARRIVALS_A_STEP / most if most else _LONGEST_STEP_S)
    if threshold_s > 0:
        longest_s = min(longest_s, max(threshold_s / 3, _SHORTEST_PART_S))
    common_s = gcd(*lengths) / _TICKS_PER_S
    return float(common_s / np.ceil(common_s / longest_s - 1e-9))


class Passed(NamedTuple):
    """An interval on one grid."""

    figures: dict[str, float]
    end: Line


def passed(interval: Interval, agents: int, start: Line, thresholds: Thresholds, step_s: float) -> Passed:
    """Carry a desk through an interval: what its customers meet, and the desk at its end."""
    walk = _Walk(interval, agents, step_s)
    walk.walk(start)
    figures = desk_figures(interval, agents, walk.open_shares, thresholds) | walk.waits(thresholds)
    n_start, n_end = walk.n_chats(walk.start), walk.n_chats(walk.end)
    n_arrivals = interval.arrival_rate * interval.length_s
    n_closed = float(walk.close_rates @ walk.open_shares) * interval.length_s
    figures |= {
        "n_arrivals": n_arrivals,
        "n_closed": n_closed,
        "n_abandoned": n_start + n_arrivals - n_closed - n_end,
        "n_left_at_end": n_end,
    }
    return Passed(figures, walk.end)


class _Walk:
    """Through an interval step by step, and on until all who came in it are picked up."""

    def __init__(self, interval: Interval, agents: int, step_s: float) -> None:
        if interval.curve is None:
            raise ModelError("patience_s: no curve", hint="use transient.passage")
        self.curve, self.step_s, self.arrival_rate = interval.curve, step_s, interval.arrival_rate
        self.n_steps = round(interval.length_s / step_s)
        self.close_rates = interval.close_rates(agents, np.arange(interval.n_slots(agents) + 1.0))
        self.virtual = np.zeros(self.n_steps + 2)
        self.open_shares = np.zeros(self.close_rates.size)
        self.mean_waiting = 0.0
        self._staying = np.empty(0)

    def staying(self, n_ages: int) -> Array:
        """Share still there, mean over each step of age."""
        if self._staying.size < n_ages:
            edges = np.arange(2 * n_ages + 257) * self.step_s
            self._staying = np.diff(self.curve.present_s(edges)) / self.step_s
        return self._staying

    def walk(self, start: Line) -> None:
        """Through the interval, then on without arrivals."""
        line = self.start = start.with_slots(self.close_rates.size - 1, self.staying(start.came.size))
        stepper = Stepper(self.arrival_rate, self.close_rates, self.step_s)
        for step in range(self.n_steps + 1):
            if step:
                line = self._stepped(line, stepper, self.arrival_rate)
            share = (0.5 if step in (0, self.n_steps) else 1.0) / self.n_steps
            self.open_shares += share * np.append(line.below, line.full.sum())
            self.mean_waiting += share * self.n_waiting(line)
            self._seen(line, step)
        self.end = line
        if self.close_rates[-1] == 0 or self.arrival_rate == 0:
            return
        stepper, last = Stepper(0.0, self.close_rates, self.step_s), self.n_steps + _MOST_STEPS_AFTER
        while step < last and line.by_age[step - self.n_steps + 1 :].sum() > _SETTLED:
            step += 1
            line = self._stepped(line, stepper, 0.0)
            self._seen(line, step)

    def n_chats(self, line: Line) -> float:
        """Mean number at the desk, open or waiting."""
        n_slots = line.below.size
        return float(line.below @ np.arange(n_slots) + n_slots * line.full.sum()) + self.n_waiting(line)

    def n_waiting(self, line: Line) -> float:
        """Mean number waiting."""
        behind = float(line.by_age @ line.in_line(self.staying(line.came.size)))
        return behind + float(line.full.sum(axis=1) @ np.arange(line.full.shape[0]))

    def _stepped(self, line: Line, stepper: Stepper, rate: float) -> Line:
        line = stepper.changed(line, self.staying(line.came.size))
        line = line.older(rate * self.step_s, self.curve, self.step_s)
        return stepper.changed(line, self.staying(line.came.size))

    def _seen(self, line: Line, step: int) -> None:
        """Who came in the middle of each step before this one, and is behind the front."""
        beyond = np.cumsum(line.by_age[::-1])[::-1]
        first, last = max(step - self.n_steps + 1, 1), min(step, beyond.size - 1)
        if last >= self.virtual.size:
            self.virtual = np.pad(self.virtual, (0, last))
        self.virtual[first : last + 1] += beyond[first : last + 1] / self.n_steps

    def waits(self, thresholds: Thresholds) -> dict[str, float]:
        """Waits of those who come in the interval; without any, whether every chat has a slot."""
        if self.arrival_rate == 0:
            line = self.start
            alone = np.exp(-line.in_line(self.staying(line.came.size)))
            settled = float(line.below.sum() + line.full[0] @ alone)
            levels = dict.fromkeys(map(str, ServiceLevelConvention), settled)
            return levels | {"asa_s": 0.0, "abandon_share": 0.0, "mean_waiting": self.mean_waiting}
        never = self.close_rates[-1] == 0
        late = np.ones_like(self.virtual) if never else self.virtual
        late[0] = self.open_shares[-1]
        times_s = np.maximum(np.arange(late.size) - 0.5, 0) * self.step_s
        width_s = np.diff(times_s)
        picked = np.diff(self.curve.present_s(times_s)) / width_s * -np.diff(late)
        at_once, waited = 1 - float(late[0]), (late[1:] + late[:-1]) / 2
        service_s, short_s = (float(time[0]) for time in thresholds[:2])
        served = at_once + float(picked.sum())
        in_time = at_once + _at(service_s, times_s, _so_far(picked))
        left_soon = _at(short_s, times_s, _so_far(waited * -np.diff(self.curve.staying(times_s))))
        beyond = _at(service_s, times_s, late)
        still = float(self.curve.staying(service_s))
        return {
            str(ServiceLevelConvention.VIRTUAL): 1 - beyond,
            str(ServiceLevelConvention.SERVED_OF_ALL): in_time,
            str(ServiceLevelConvention.SERVED_OF_SERVED): in_time / served if served > _SETTLED else 0.0,
            str(ServiceLevelConvention.WAIT_WITHIN): 1 - beyond * still,
            str(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS): in_time / (1 - left_soon),
            "abandon_share": 1 - served,
            "asa_s": np.inf if never else float(waited @ width_s),
            "mean_waiting": self.mean_waiting,
        }


def _at(time_s: float, times_s: Array, values: Array) -> float:
    """Value at a time between the steps."""
    return float(PchipInterpolator(times_s, values)(min(time_s, times_s[-1])))


def _so_far(parts: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(parts)])
