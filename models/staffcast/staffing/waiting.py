"""What happens to the customers of a full desk: how long they wait and who gives up.

Once every slot is taken the desk releases chats at the full rate s and each of the waiting customers
leaves at rate theta. With x = s/theta, y = lambda/theta and time u counted in patiences, the virtual wait
(that of a customer with endless patience) has a density proportional to exp(g(u)),

    g(u) = y (1 - e^-u) - x u,

and all figures are integrals of it. g is concave with its peak at p = max(0, ln(y/x)), from which it
falls by A h + c (e^-h - 1 + h) at distance h, with c = min(x, y) and A = x - c. So one Gauss-Legendre
panel around the peak gives every integral to the last digits; for x < 16 the same figures come down from
x + 16 by recursions whose terms are all positive.

Source: Zeltyn and Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the
M/M/n+G queue", 2005, for exponential patience.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from scipy.special import xlogy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from staffcast.staffing.inputs import Array

__all__ = ["FALL", "AfterTime", "Times", "Waiting", "waiting"]

FALL = 42.0
"""Integrals go down to e^-42 of the peak."""
_NODES, _WEIGHTS = (0.5 * part for part in np.polynomial.legendre.leggauss(64))
_RECURSION_BELOW = 16
_ROWS_AT_ONCE = 4096
Times: TypeAlias = "tuple[Array, ...]"


class AfterTime(NamedTuple):
    """Of the customers who must wait: how many still would after a time, and what becomes of them."""

    virtual_share: Array
    """Virtual wait beyond the time."""
    present_share: Array
    """Virtual wait beyond the time, and not given up before it."""
    served_share: Array
    """Picked up after the time."""
    abandoned_share: Array
    """Give up after the time."""


class Waiting(NamedTuple):
    """The law of the wait of customers who must wait."""

    log_load: Array
    """Logarithm of s J(0): the waiting states' weight against that of the just-full state."""
    served_share: Array
    abandoned_share: Array
    """1 - served_share, kept apart since either may be too small to be a difference."""
    virtual_s: Array
    """Mean virtual wait."""
    present_s: Array
    """Mean wait until picked up or given up."""
    after: tuple[AfterTime, ...]
    """One for each time asked for."""


def waiting(arrival_rate: Array, full_rate: Array, patience_s: Array, times_s: Times) -> Waiting:
    """Solve the queue above a full desk, all rates per second and above 0.

    Rows with endless patience need an arrival rate below the full rate.
    """
    endless = np.isinf(patience_s)
    result = _exponential(arrival_rate, full_rate, endless, times_s)
    impatient = np.flatnonzero(~endless & (patience_s > 0))
    for start in range(0, impatient.size, _ROWS_AT_ONCE):
        rows = impatient[start : start + _ROWS_AT_ONCE]
        times = tuple(time[rows] for time in times_s)
        part = _impatient(arrival_rate[rows], full_rate[rows], patience_s[rows], times)
        for whole, piece in zip(_columns(result), _columns(part), strict=True):
            whole[rows] = piece
    return result


def _columns(law: Waiting) -> list[Array]:
    return [*law[:-1], *(column for after in law.after for column in after)]


def _exponential(
    arrival_rate: Array, full_rate: Array, endless: NDArray[np.bool_], times_s: Times
) -> Waiting:
    """Endless patience, or none: the virtual wait is exponential."""
    rate = np.where(endless, full_rate - arrival_rate, full_rate)
    stays = endless.astype(np.float64)
    tails = [np.exp(-rate * time) for time in times_s]
    after = tuple(AfterTime(tail, tail * stays, tail * stays, np.zeros_like(tail)) for tail in tails)
    return Waiting(np.log(full_rate / rate), stays, 1 - stays, 1 / rate, stays / rate, after)


def _impatient(arrival_rate: Array, full_rate: Array, patience_s: Array, times_s: Times) -> Waiting:
    """Customers with an exponential patience."""
    x, y = full_rate * patience_s, arrival_rate * patience_s
    integrals = _integrals(x, y)
    after = []
    for time in times_s:
        u = time / patience_s
        later = _integrals(x, y * np.exp(-u))
        virtual = np.exp(np.minimum(_log_fall(x, y, u) + later.log_mass - integrals.log_mass, 0))
        present = virtual * np.exp(-u)
        after.append(AfterTime(virtual, present, present * later.stay_share, present * later.leave_share))
    log_load = np.log(x) + _log_peak(x, y) + integrals.log_mass
    virtual_s, present_s = integrals.mean * patience_s, integrals.leave_share * patience_s
    return Waiting(log_load, integrals.stay_share, integrals.leave_share, virtual_s, present_s, tuple(after))


class _Integrals(NamedTuple):
    log_mass: Array
    """Of the integral of exp(g - g(p)) over u > 0."""
    stay_share: Array
    """Mean of e^-u."""
    leave_share: Array
    """Mean of 1 - e^-u."""
    mean: Array
    """Mean of u."""


def _integrals(x: Array, y: Array) -> _Integrals:
    """The three integrals from time 0 on, for any x > 0 and y >= 0."""
    low = x < _RECURSION_BELOW
    result = _by_quadrature(np.where(low, x + _RECURSION_BELOW, x), y)
    if low.any():
        lowered = _recursed(x[low], y[low], _Integrals(*(part[low] for part in result)))
        for whole, piece in zip(result, lowered, strict=True):
            whole[low] = piece
    return result


def _by_quadrature(x: Array, y: Array) -> _Integrals:
    """For x of 16 or more: one panel from e^-42 of the peak to e^-42 of the peak, or from 0."""
    peak = np.log(np.maximum(y, x) / x)
    c = np.minimum(x, y)
    slope = x - c
    # h - 1 + e^-h >= h^2 / (2 + h) bounds the fall to the right, c k^2 / 2 that to the left.
    excess = 2 * slope - FALL
    right = 4 * FALL / (excess + np.hypot(excess, np.sqrt(8 * FALL * x)))
    left = np.minimum(peak, np.sqrt(2 * FALL / x))
    width = left + right
    h = (0.5 * (right - left))[:, None] + width[:, None] * _NODES
    density = np.exp(-_fall(slope[:, None], c[:, None], h)) * _WEIGHTS
    mass = density.sum(axis=1)
    u = peak[:, None] + h
    stay, leave, mean = ((density * part).sum(axis=1) / mass for part in (np.exp(-u), -np.expm1(-u), u))
    return _Integrals(np.log(mass * width), stay, leave, mean)


def _recursed(x: Array, y: Array, above: _Integrals) -> _Integrals:
    """From x + 16 down to x: M(x) = (1 + y M(x+1)) / x, for the mass M and its derivative in x."""
    log_mass, stay_share, leave_share, mean = above
    for step in range(_RECURSION_BELOW - 1, -1, -1):
        below = x + step
        odds = y * leave_share
        stay_share = below / (below + 1 + odds)
        leave_share = (1 + odds) / (below + 1 + odds)
        mean = (1 + y * stay_share * mean) / below
        log_mass = log_mass - np.log(stay_share)
    return _Integrals(log_mass + _log_peak_change(x, y), stay_share, leave_share, mean)


def _fall(slope: Array, c: Array, h: Array) -> Array:
    """How far g lies below its peak at distance h."""
    return slope * h + c * (h + np.expm1(-h))


def _log_fall(x: Array, y: Array, u: Array) -> Array:
    """The highest g beyond u, less its peak."""
    c = np.minimum(x, y)
    return -_fall(x - c, c, np.maximum(u - np.log(np.maximum(y, x) / x), 0))


def _log_peak(x: Array, y: Array) -> Array:
    """The peak g(p)."""
    excess = np.maximum(y - x, 0)
    return excess - x * np.log1p(excess / x)


def _log_peak_change(x: Array, y: Array) -> Array:
    """The peak at x + 16 less that at x; without y itself where both are inside, since y may be huge."""
    n = _RECURSION_BELOW
    above = x + n
    inside = y > above
    by_logs = xlogy(above, above) - xlogy(x, x) - n - n * np.log(np.where(inside, y, 1.0))
    bounded = np.minimum(y, above)
    return np.where(inside, by_logs, _log_peak(above, bounded) - _log_peak(x, bounded))
