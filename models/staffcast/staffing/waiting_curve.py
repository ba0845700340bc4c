"""The queue above a full desk where patience follows any curve: M/M/n+G, exactly.

With G(u) the share of customers who would still wait after u and H(u) its integral from 0, the virtual wait
has a density proportional to exp(lambda H(u) - s u). The exponent is concave whatever the curve, so it is
integrated from e^-42 of its peak to e^-42 of its peak, in panels that end at every jump of the curve.

Source: Zeltyn and Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the
M/M/n+G queue", 2005; Baccelli and Hebuterne, "On queues with impatient customers", 1981.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from staffcast.staffing.waiting import FALL, AfterTime, Waiting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.staffing.inputs import Array
    from staffcast.staffing.patience import PatienceCurve
    from staffcast.staffing.waiting import Times

__all__ = ["waiting_with_curve"]

_PANELS = np.concatenate([[0.0], 2.0 ** np.arange(-30, -4), np.linspace(1 / 16, 1, 16)])
"""Parts of the way, ever finer towards the start, where a curve may fall steeply or like a root."""
_NODES, _WEIGHTS = (0.5 * part for part in np.polynomial.legendre.leggauss(20))
_CELLS_AT_ONCE = 1 << 20
_HALVINGS = 60


class _Queue(NamedTuple):
    arrival_rate: Array
    full_rate: Array
    curve: PatienceCurve

    def exponent(self, u: Array) -> Array:
        return _across(self.arrival_rate, u) * self.curve.present_s(u) - _across(self.full_rate, u) * u


class _Tail(NamedTuple):
    """Integrals of the density from a time on."""

    log_mass: Array
    stay_share: Array
    mean_s: Array
    present_s: Array


def waiting_with_curve(
    arrival_rate: Array, full_rate: Array, curve: PatienceCurve, times_s: Times
) -> Waiting:
    """Solve rows with rates per second above 0 and arrival_rate x curve.final_share below full_rate."""
    at_once = max(1, _CELLS_AT_ONCE // ((_PANELS.size + curve.breaks_s.size) * _NODES.size))
    starts = range(0, max(arrival_rate.size, 1), at_once)
    parts = [
        _solved(
            _Queue(arrival_rate[start : start + at_once], full_rate[start : start + at_once], curve),
            tuple(time[start : start + at_once] for time in times_s),
        )
        for start in starts
    ]
    after = tuple(
        AfterTime(*map(np.concatenate, zip(*(part.after[i] for part in parts), strict=True)))
        for i in range(len(times_s))
    )
    joined = [np.concatenate([part[i] for part in parts]) for i in range(5)]
    return Waiting(joined[0], joined[1], joined[2], joined[3], joined[4], after)


def _solved(queue: _Queue, times_s: Times) -> Waiting:
    whole = _tail(queue, np.zeros_like(queue.arrival_rate))
    after = []
    for time in times_s:
        tail = _tail(queue, time)
        staying = queue.curve.staying(time)
        virtual = np.exp(np.minimum(tail.log_mass - whole.log_mass, 0))
        leaving = np.maximum(staying - tail.stay_share, 0)
        after.append(AfterTime(virtual, virtual * staying, virtual * tail.stay_share, virtual * leaving))
    log_load = np.log(queue.full_rate) + whole.log_mass
    leave_share = np.maximum(1 - whole.stay_share, 0)
    return Waiting(log_load, whole.stay_share, leave_share, whole.mean_s, whole.present_s, tuple(after))


def _tail(queue: _Queue, start: Array) -> _Tail:
    """Integrate over u > start, relative to the highest value there."""
    peak = _peak(queue, start)
    top = queue.exponent(peak)
    left, right = _left(queue, start, peak, top), _right(queue, peak, top)
    breaks = np.clip(queue.curve.breaks_s, left[:, None], right[:, None])
    even = left[:, None] + (right - left)[:, None] * _PANELS
    edges = np.sort(np.concatenate([even, breaks], axis=1), axis=1)
    width = np.diff(edges, axis=1)[..., None]
    u = (edges[:, :-1, None] + width * (0.5 + _NODES)).reshape(start.size, width.shape[1] * _NODES.size)
    # Nodes lie inside a panel, where a curve of steps is flat, and rounding never carries them across.
    density = np.exp(np.minimum(queue.exponent(u) - top[:, None], 0)) * (width * _WEIGHTS).reshape(u.shape)
    mass = density.sum(axis=1)
    staying, present = queue.curve.staying(u), queue.curve.present_s(u)
    means = ((density * part).sum(axis=1) / mass for part in (staying, u, present))
    return _Tail(top + np.log(mass), *means)


def _peak(queue: _Queue, start: Array) -> Array:
    """Where arrivals who stay so long equal the full rate, or the start if that is earlier."""
    share = queue.full_rate / queue.arrival_rate

    def falls(u: Array) -> NDArray[np.bool_]:
        return np.less_equal(queue.curve.staying(u), share)

    high = np.maximum(start, 1 / queue.full_rate)
    while not falls(high).all():
        high = np.where(falls(high), high, 2 * high)
    low = start
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        down = falls(middle)
        low, high = np.where(down, low, middle), np.where(down, middle, high)
    return np.where(falls(start), start, high)


def _left(queue: _Queue, start: Array, peak: Array, top: Array) -> Array:
    low, high = start, peak
    for _ in range(_HALVINGS // 2):
        middle = (low + high) / 2
        deep = queue.exponent(middle) < top - FALL
        low, high = np.where(deep, middle, low), np.where(deep, high, middle)
    return low


def _right(queue: _Queue, peak: Array, top: Array) -> Array:
    step = FALL / queue.full_rate
    low, high = peak, peak + step
    while (shallow := queue.exponent(high) > top - FALL).any():
        low, high = np.where(shallow, high, low), np.where(shallow, peak + 2 * (high - peak), high)
    for _ in range(_HALVINGS // 2):
        middle = (low + high) / 2
        deep = queue.exponent(middle) < top - FALL
        low, high = np.where(deep, low, middle), np.where(deep, middle, high)
    return high


def _across(rows: Array, like: Array) -> Array:
    return rows if rows.ndim == like.ndim else rows[:, None]
