"""Arithmetic of half-open time intervals in whole arrays: merging, intersecting, counting and sharing.

Intervals of many owners (agents, conversations) are put on one axis by `on_axis`, which keeps owners apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Floats, Ints

AXIS_MS = 1 << 38


def on_axis(owner: Ints, at_ms: Ints, origin_ms: int) -> Ints:
    """Place of an owner's instant on the common axis."""
    return owner * AXIS_MS + (at_ms - origin_ms)


def merge(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Union of intervals as disjoint intervals in order.

    Example:
        >>> merge(np.array([0, 5, 20]), np.array([10, 12, 30]))
        (array([ 0, 20]), array([12, 30]))
    """
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    reach = np.maximum.accumulate(end) if len(end) else end
    first = np.ones(len(start), dtype=bool)
    first[1:] = start[1:] > reach[:-1]
    last = (
        np.append(np.flatnonzero(first)[1:] - 1, len(start) - 1)
        if len(start)
        else np.zeros(0, dtype=np.int64)
    )
    return start[first], reach[last]


@dataclass(frozen=True)
class Pieces:
    """Intervals cut out of others; `index` is the position of the interval they were cut from."""

    start: Ints
    end: Ints
    index: Ints


def intersect(start: Ints, end: Ints, frame_start: Ints, frame_end: Ints) -> Pieces:
    """Parts of disjoint intervals that lie within disjoint frames.

    Example:
        >>> pieces = intersect(np.array([0]), np.array([10]), np.array([5, 8]), np.array([7, 20]))
        >>> pieces.start.tolist(), pieces.end.tolist(), pieces.index.tolist()
        ([5, 8], [7, 10], [0, 1])
    """
    n, m = len(start), len(frame_start)
    at = np.concatenate([start, end, frame_start, frame_end])
    inside = np.concatenate([np.ones(n), -np.ones(n), np.zeros(2 * m)]).astype(np.int64)
    framed = np.concatenate([np.zeros(2 * n), np.ones(m), -np.ones(m)]).astype(np.int64)
    owner = np.concatenate([np.zeros(2 * n), np.arange(m) + 1, -(np.arange(m) + 1)]).astype(np.int64)
    order = np.argsort(at, kind="stable")
    at = at[order]
    both = (np.cumsum(inside[order]) > 0) & (np.cumsum(framed[order]) > 0)
    index = np.cumsum(owner[order]) - 1
    keep = np.flatnonzero(both[:-1] & (at[1:] > at[:-1]))
    return Pieces(at[keep], at[keep + 1], index[keep])


@dataclass(frozen=True)
class Load:
    """How many intervals run at once.

    Attributes:
        seconds_at: Seconds of owners with exactly k intervals running, by k from 0 (which stays 0).
        share_s: Per interval, the integral of 1 / k over it, in seconds.
    """

    seconds_at: Floats
    share_s: Floats


def load(start: Ints, end: Ints) -> Load:
    """Count intervals that run at once on the common axis.

    Example:
        >>> both = load(np.array([0, 4000]), np.array([10000, 8000]))
        >>> both.seconds_at.tolist(), both.share_s.tolist()
        ([0.0, 6.0, 4.0], [8.0, 2.0])
    """
    n = len(start)
    if n == 0:
        return Load(np.zeros(1), np.zeros(0))
    at = np.concatenate([start, end])
    order = np.argsort(at, kind="stable")
    k = np.cumsum(np.concatenate([np.ones(n), -np.ones(n)])[order]).astype(np.int64)
    seconds = np.diff(at[order], append=at[order[-1]]) / 1000.0
    running = k > 0
    seconds_at = np.bincount(k[running], weights=seconds[running], minlength=2)
    shared = np.concatenate([[0.0], np.cumsum(np.where(running, seconds / np.maximum(k, 1), 0.0))])
    place = np.empty(2 * n, dtype=np.int64)
    place[order] = np.arange(2 * n)
    return Load(np.asarray(seconds_at, dtype=np.float64), shared[place[n:]] - shared[place[:n]])


def level_at(start: Ints, end: Ints, at: Ints) -> Ints:
    """Number of intervals that run just before each instant."""
    begun = np.searchsorted(np.sort(start), at, side="left")
    over = np.searchsorted(np.sort(end), at, side="left")
    return np.asarray(begun - over, dtype=np.int64)
