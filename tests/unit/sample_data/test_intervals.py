from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from staffcast_sample_data import intervals as iv

Intervals = list[tuple[int, int]]
some = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1])), max_size=8
)


def arrays(intervals: Intervals) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array(intervals, dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def cover(intervals: Intervals) -> set[int]:
    return {t for start, end in intervals for t in range(start, end)}


def pairs(start: np.ndarray, end: np.ndarray) -> Intervals:
    return list(zip(start.tolist(), end.tolist(), strict=True))


@given(some)
def test_merging_keeps_the_union_and_leaves_it_disjoint(intervals: Intervals) -> None:
    merged = pairs(*iv.merge(*arrays(intervals)))
    assert cover(merged) == cover(intervals)
    assert sum(end - start for start, end in merged) == len(cover(intervals))


@given(some, some)
def test_intersection_is_the_common_part(first: Intervals, second: Intervals) -> None:
    frames = iv.merge(*arrays(second))
    pieces = iv.intersect(*iv.merge(*arrays(first)), *frames)
    assert cover(pairs(pieces.start, pieces.end)) == cover(first) & cover(second)
    assert (pieces.start >= frames[0][pieces.index]).all()
    assert (pieces.end <= frames[1][pieces.index]).all()


@given(some)
def test_load_counts_each_instant(intervals: Intervals) -> None:
    load = iv.load(*arrays(intervals))
    at = [sum(start <= t < end for start, end in intervals) for t in range(100)]
    for k in range(1, len(load.seconds_at)):
        assert np.isclose(load.seconds_at[k], at.count(k) / 1000)
    assert np.isclose(load.share_s.sum(), len(cover(intervals)) / 1000)
    for share, (start, end) in zip(load.share_s, intervals, strict=True):
        assert np.isclose(share, sum(1 / at[t] for t in range(start, end)) / 1000)


def test_level_counts_the_interval_that_ends() -> None:
    start, end = arrays([(0, 10), (5, 20), (10, 12)])
    assert iv.level_at(start, end, np.array([10, 12, 20])).tolist() == [2, 2, 1]
