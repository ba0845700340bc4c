"""A desk through the day where patience follows any curve.

The front of the line (`line`) tells every wait: a customer who came at t' would still wait after v if and
only if the front is older than v at t' + v. So P(V > v) of those who come in an interval is a mean over the
states from the interval on, and every other figure follows from it and the curve. As in `transient`, the wait
after the end of an interval is told by the agents of the interval in which the customer came.

Each day is solved three times, with steps of h, h / 2 and h / 3, and extrapolated to h = 0 (Richardson): the
errors of second and fourth order cancel. That leaves 1e-6 for a smooth curve, up to 1e-5 where it falls like
a root at the start. Where a curve jumps between two points of the grid, at a part p of the way, the error
would be proportional to p (1 - p) h^2, and p is another one on each grid. So h divides the times of the jumps
if they have a common measure of at least half the step. If they have not, the finest step is h / 4, and the
jump of a curve of steps is put on the grid as four (`line.jumps_on_grid`): that leaves 2e-6 for the many
small jumps of observed patience, 5e-6 for a few large ones, and up to 4e-5 for a large one within a step or
two of a threshold.
"""

from __future__ import annotations

import itertools
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from staffcast.core.errors import ModelError
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.line import Line, displaced_of, events_of, jumps_on_grid, patience_of
from staffcast.staffing.transient import desk_figures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.line import Patience
    from staffcast.staffing.patience import PatienceCurve
    from staffcast.staffing.performance import Figures, Thresholds
    from staffcast.staffing.transient import Interval

__all__ = ["Lines", "age_steps_s", "extrapolated", "passed"]

_FINER, _FINER_OFF_GRID = (1, 2, 3), (1, 2, 4)
_TICKS_PER_S = 10
"""Intervals are in tenths of a second."""
_LONGEST_STEP_S = 8.0
_SHORTEST_PART_S = 1.0
_ARRIVALS_A_STEP = 0.6
_SETTLED = 1e-9
_STEPS_AFTER = 500


class Lines(NamedTuple):
    """One desk on three grids of ages."""

    steps_s: tuple[float, ...]
    """The coarsest first."""
    grids: tuple[Line, ...]

    @classmethod
    def of_chats(cls, n_chats: int, steps_s: tuple[float, ...]) -> Lines:
        """A desk that holds so many chats."""
        return cls(steps_s, (Line.of_chats(n_chats),) * len(steps_s))

    @property
    def coarsest(self) -> Lines:
        """The first grid alone: fast, with errors of some 1e-3."""
        return Lines(self.steps_s[:1], self.grids[:1])


def extrapolated(
    interval: Interval, agents: int, start: Lines, thresholds: Thresholds
) -> tuple[Figures, Lines]:
    """Carry a desk through an interval on all grids: figures without errors of second and fourth order."""
    parts = [
        passed(interval, agents, line, thresholds, step_s)
        for step_s, line in zip(start.steps_s, start.grids, strict=True)
    ]
    figures = {}
    for name in parts[0].figures:
        values = [part.figures[name] for part in parts]
        for order in range(1, len(parts)) if np.isfinite(values).all() else ():
            steps = zip(start.steps_s, start.steps_s[order:], strict=False)
            gains = [(coarse / fine) ** 2 - 1 for coarse, fine in steps]
            pairs = zip(itertools.pairwise(values), gains, strict=True)
            values = [near + (near - far) / gain for (far, near), gain in pairs]
        figures[name] = np.array([max(values[-1], 0.0)])
        if name.endswith("_share") or name in list(ServiceLevelConvention):
            figures[name] = np.minimum(figures[name], 1)
    return figures, Lines(start.steps_s, tuple(part.end for part in parts))


def age_steps_s(intervals: Iterable[Interval], threshold_s: float) -> tuple[float, ...]:
    """Steps that divide every interval, short beside the threshold and the time between two chats.

    They divide the times of jumps too where that takes none of less than half the length.

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
    common_s, with_jumps_s = (gcd(*lengths, *jumps) / _TICKS_PER_S for jumps in ((), _jumps(rows[0].curve)))
    on_grid = with_jumps_s >= longest_s / 2
    common_s = with_jumps_s if on_grid else common_s
    step_s = float(common_s / np.ceil(common_s / longest_s - 1e-9))
    return tuple(step_s / finer for finer in (_FINER if on_grid else _FINER_OFF_GRID))


def _jumps(curve: PatienceCurve | None) -> list[int]:
    """Where a curve is not smooth, in ticks; a single one where it fits no tick."""
    ticks = curve.breaks_s * _TICKS_PER_S if curve is not None else np.empty(0)
    whole = np.round(ticks)
    return whole.astype(np.int64).tolist() if np.allclose(ticks, whole, rtol=0, atol=1e-6) else [1]


class Passed(NamedTuple):
    """An interval on one grid."""

    figures: dict[str, float]
    end: Line


def passed(interval: Interval, agents: int, start: Line, thresholds: Thresholds, step_s: float) -> Passed:
    """Carry a desk through an interval: what its customers meet, and the desk at its end."""
    if interval.curve is None:
        raise ModelError("patience_s: no curve", hint="use transient.passage")
    from staffcast.staffing.line_walk import walk

    rate, n_steps = interval.arrival_rate, round(interval.length_s / step_s)
    close_rates = interval.close_rates(agents, np.arange(interval.n_slots(agents) + 1.0))
    curve, n_slots = interval.curve, interval.n_slots(agents)
    patience = patience_of(curve, step_s, start.came.size + n_steps + _STEPS_AFTER)
    first = start.with_slots(n_slots, patience)
    went = walk(
        first.below,
        first.full,
        first.came,
        patience,
        displaced_of(first, curve, step_s, n_steps + _STEPS_AFTER),
        events_of(rate, close_rates, step_s),
        events_of(0.0, close_rates, step_s),
        rate * step_s,
        n_steps,
    )
    told = float(went.below.sum() + went.full.sum())  # what is too rare to tell would add up over the days
    end = Line(went.below / told, went.full / told, went.came, first.since_s + interval.length_s)
    figures = desk_figures(interval, agents, went.open_shares, thresholds)
    figures |= {"mean_waiting": went.mean_waiting}
    if rate == 0:
        figures |= _nobody_comes(first, patience)
    else:
        late = np.ones_like(went.virtual) if close_rates[-1] == 0 else went.virtual
        late[0] = went.open_shares[-1]
        figures |= _waits(curve, late, step_s, thresholds, never=bool(close_rates[-1] == 0))
    n_closed = float(close_rates @ went.open_shares) * interval.length_s
    n_arrivals, n_end = rate * interval.length_s, end.n_chats(patience.staying)
    figures |= {
        "n_arrivals": n_arrivals,
        "n_closed": n_closed,
        "n_abandoned": first.n_chats(patience.staying) + n_arrivals - n_closed - n_end,
        "n_left_at_end": n_end,
    }
    return Passed(figures, end)


def _nobody_comes(start: Line, patience: Patience) -> dict[str, float]:
    """Without arrivals: whether every chat at the desk has a slot."""
    alone = np.exp(-start.in_line(patience.staying))
    settled = min(float(start.below.sum() + start.full[0] @ alone), 1.0)
    return dict.fromkeys(map(str, ServiceLevelConvention), settled) | {"asa_s": 0.0, "abandon_share": 0.0}


def _waits(
    curve: PatienceCurve, late: Array, step_s: float, thresholds: Thresholds, *, never: bool
) -> dict[str, float]:
    """Waits of those who come in the interval.

    Args:
        curve: patience.
        late: share that would wait longer than 0 and than 1/2, 3/2, .. steps.
        step_s: length of a step.
        thresholds: the times asked about.
        never: whether nobody is ever picked up.
    """
    seen_s = np.maximum(np.arange(late.size) - 0.5, 0) * step_s
    asked_s = np.minimum([float(time[0]) for time in thresholds[:2]], seen_s[-1])
    late_then, still = np.asarray(PchipInterpolator(seen_s, late)(asked_s)), curve.staying(asked_s)
    if curve.is_steps:
        picked = _picked_by_jumps(
            curve, late, step_s, np.append(asked_s, np.inf), np.append(late_then, late[-1])
        )
    else:
        picked = _picked_by_curve(curve, late, seen_s, asked_s)
    at_once, beyond = 1 - float(late[0]), float(late_then[0])
    in_time, served = at_once + float(picked[0]), at_once + float(picked[2])
    counted = 1 - float(late[0] - late_then[1] * still[1] - picked[1])
    return {
        str(ServiceLevelConvention.VIRTUAL): 1 - beyond,
        str(ServiceLevelConvention.SERVED_OF_ALL): in_time,
        str(ServiceLevelConvention.SERVED_OF_SERVED): in_time / served if served > _SETTLED else 0.0,
        str(ServiceLevelConvention.WAIT_WITHIN): 1 - beyond * float(still[0]),
        str(ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS): in_time / counted
        if counted > _SETTLED
        else 0.0,
        "abandon_share": 1 - served,
        "asa_s": np.inf if never else float((late[1:] + late[:-1]) / 2 @ np.diff(seen_s)),
    }


def _picked_by_jumps(
    curve: PatienceCurve, late: Array, step_s: float, times_s: Array, late_then: Array
) -> Array:
    """Picked up by each time: who no longer waits, less those who left at the jumps before it."""
    ages, falls = jumps_on_grid(curve, step_s)
    at_age = np.concatenate([late[:1], (late[1:-1] + late[2:]) / 2, late[-1:]])
    left = (at_age[np.minimum(ages, at_age.size - 1)] * falls).sum(axis=1)
    jumped = curve.breaks_s[:, None] <= times_s
    return np.asarray(late[0] - late_then * curve.staying(times_s) - left @ jumped)


def _picked_by_curve(curve: PatienceCurve, late: Array, seen_s: Array, asked_s: Array) -> Array:
    """Picked up by each time, and by the end."""
    nodes_s = np.unique(np.concatenate([seen_s, curve.breaks_s[curve.breaks_s < seen_s[-1]], asked_s]))
    late = np.asarray(PchipInterpolator(seen_s, late)(nodes_s))
    parts = np.diff(curve.present_s(nodes_s)) / np.diff(nodes_s) * -np.diff(late)
    picked = np.concatenate([[0.0], np.cumsum(parts)])
    return np.append(picked[np.searchsorted(nodes_s, asked_s)], picked[-1])
