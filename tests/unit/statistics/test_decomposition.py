"""Mix and rate, by hand and by their sums."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.statistics.decomposition import Part, length_and_rate, mix_and_rate

COUNTS = st.integers(0, 10**9)
PARTS = st.lists(st.builds(Part, COUNTS, COUNTS, COUNTS, COUNTS), min_size=1, max_size=8).filter(
    lambda parts: sum(p.denominator for p in parts) > 0 and sum(p.previous_denominator for p in parts) > 0
)


def change(parts: list[Part]) -> Fraction:
    now = Fraction(sum(p.numerator for p in parts), sum(p.denominator for p in parts))
    before = Fraction(sum(p.previous_numerator for p in parts), sum(p.previous_denominator for p in parts))
    return now - before


def test_parts_that_keep_their_ratio_move_the_whole_by_their_mix() -> None:
    # Sales 90 % of 80 -> of 20, support 50 % of 20 -> of 80: whole 82 % -> 58 %, mean 70 %.
    sales, support = mix_and_rate([Part(18, 20, 72, 80), Part(40, 80, 10, 20)])
    assert sales.rate == support.rate == 0
    assert sales.mix == Fraction(-6, 10) * (Fraction(9, 10) - Fraction(7, 10))
    assert support.mix == Fraction(6, 10) * (Fraction(5, 10) - Fraction(7, 10))
    assert sales.mix + support.mix == Fraction(58 - 82, 100)


def test_a_part_that_changes_itself_moves_the_whole_by_its_weight() -> None:
    # A quarter of the rows goes from 40 % to 60 %, the others stay at 80 %: 1/4 x 20 points.
    changed, same = mix_and_rate([Part(15, 25, 10, 25), Part(60, 75, 60, 75)])
    assert (changed.mix, changed.rate) == (0, Fraction(5, 100))
    assert (same.mix, same.rate) == (0, 0)


def test_both_at_once() -> None:
    # a: 6/10 -> 27/30, b: 45/90 -> 35/70. Whole 51/100 -> 62/100, mean 56.5 %.
    # a: rate 0.2 x 0.3 = 0.06, mix 0.2 x (0.75 - 0.565) = 0.037; b: mix -0.2 x (0.5 - 0.565) = 0.013.
    a, b = mix_and_rate([Part(27, 30, 6, 10), Part(35, 70, 45, 90)])
    assert (float(a.rate), float(a.mix)) == pytest.approx((0.06, 0.037))
    assert (float(b.rate), float(b.mix)) == pytest.approx((0.0, 0.013))
    assert a.contribution + b.contribution == Fraction(11, 100)


def test_a_part_of_one_period_only_is_mix() -> None:
    # Old 50/100; now a new queue has 10/100 beside it: whole 50 % -> 30 %, mean 40 %, new part 10 %.
    old, new = mix_and_rate([Part(50, 100, 50, 100), Part(10, 100, 0, 0)])
    assert new.rate == 0
    assert new.mix == Fraction(1, 2) * (Fraction(1, 10) - Fraction(4, 10))
    assert old.mix == Fraction(-1, 2) * (Fraction(5, 10) - Fraction(4, 10))
    assert old.contribution + new.contribution == Fraction(-2, 10)


def test_a_count_splits_into_length_and_rate() -> None:
    # 300 in 30 days -> 341 in 31 days: 10 -> 11 a day; a day more x 10.5 = 10.5, and 30.5 days x 1 = 30.5.
    [effect] = length_and_rate([Part(341, 31, 300, 30)])
    assert (effect.mix, effect.rate) == (Fraction(21, 2), Fraction(61, 2))


@given(PARTS)
def test_the_parts_add_up_exactly(parts: list[Part]) -> None:
    assert sum(effect.contribution for effect in mix_and_rate(parts)) == change(parts)


@given(PARTS)
def test_swapping_the_periods_turns_every_effect_around(parts: list[Part]) -> None:
    swapped = [Part(p.previous_numerator, p.previous_denominator, p.numerator, p.denominator) for p in parts]
    for there, back in zip(mix_and_rate(parts), mix_and_rate(swapped), strict=True):
        assert (there.mix, there.rate) == (-back.mix, -back.rate)


@given(PARTS)
def test_no_change_has_no_parts(parts: list[Part]) -> None:
    same = [Part(p.numerator, p.denominator, p.numerator, p.denominator) for p in parts]
    if sum(p.denominator for p in same):
        assert all(effect.mix == effect.rate == 0 for effect in mix_and_rate(same))


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1), st.integers(1, 400), st.integers(1, 400))
def test_counts_add_up_exactly(counts: list[tuple[int, int]], days: int, previous_days: int) -> None:
    parts = [Part(now, days, before, previous_days) for now, before in counts]
    together = sum(effect.contribution for effect in length_and_rate(parts))
    assert together == sum(now - before for now, before in counts)


def test_a_period_without_rows_has_no_change() -> None:
    with pytest.raises(ValueError, match="denominator"):
        mix_and_rate([Part(1, 2, 0, 0)])
    with pytest.raises(ValueError, match="length"):
        length_and_rate([Part(1, 0, 1, 1)])
