"""Why a total moved: what each part of it contributed, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Effect", "Part", "length_and_rate", "mix_and_rate"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a total in two periods; whole numbers, so that nothing is lost in adding.

    Attributes:
        numerator: Of the part in the later period.
        denominator: Of the part in the later period.
        previous_numerator: Of the part in the earlier period.
        previous_denominator: Of the part in the earlier period.
    """

    numerator: int
    denominator: int
    previous_numerator: int
    previous_denominator: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a part contributed to the change of the total.

    Attributes:
        mix: Because the part makes up more or less of the whole.
        rate: Because the part itself changed.
        weight: Mean share of the part in the whole: the factor between its own change and ``rate``.
        lever: How far the part lies from the whole: the factor between the change of its share and ``mix``.
    """

    mix: Fraction
    rate: Fraction
    weight: Fraction
    lever: Fraction

    @property
    def contribution(self) -> Fraction:
        """Both together: over all parts these add up to the change of the total."""
        return self.mix + self.rate


def mix_and_rate(parts: Sequence[Part]) -> list[Effect]:
    """Split the change of a ratio of sums into mix and rate of its parts.

    A part with share ``w`` of the denominators and ratio ``r`` has the rate effect ``mean(w) * change(r)``
    and the mix effect ``change(w) * (mean(r) - mean(R))``, where ``R`` is the ratio of the whole and means
    are over the two periods. A part that only one period has counts as mix alone. Mix and rate of all parts
    add up to the change of ``R`` exactly: the arithmetic is rational.

    Args:
        parts: Disjoint parts of the whole.

    Returns:
        An effect for each part.

    Raises:
        ValueError: One of the periods has no denominator at all.

    Source: E. M. Kitagawa, J. Am. Stat. Assoc. 50 (1955) 1168.

    Example:
        >>> shift = [Part(9, 10, 18, 20), Part(10, 20, 5, 10)]  # 90 % and 50 % as before, other shares
        >>> [(float(e.mix), float(e.rate)) for e in mix_and_rate(shift)]
        [(-0.06666666666666667, 0.0), (-0.06666666666666667, 0.0)]
    """
    whole, previous_whole = sum(p.denominator for p in parts), sum(p.previous_denominator for p in parts)
    if not whole or not previous_whole:
        raise ValueError("both periods need a denominator")
    total = Fraction(sum(p.numerator for p in parts), whole)
    previous_total = Fraction(sum(p.previous_numerator for p in parts), previous_whole)
    middle = (total + previous_total) / 2
    return [_effect(part, whole, previous_whole, middle) for part in parts]


def length_and_rate(parts: Sequence[Part]) -> list[Effect]:
    """Split the change of a count into the length of the periods and the count per unit of it.

    Args:
        parts: The counts as numerators, the lengths of the periods (days) as denominators.

    Returns:
        For each part ``mix``, what the longer or shorter period explains, and ``rate``, what it does not.

    Raises:
        ValueError: A period has no length.

    Example:
        >>> [effect] = length_and_rate([Part(62, 31, 30, 30)])
        >>> float(effect.mix), float(effect.rate)
        (1.5, 30.5)
    """
    return [_of_length(part) for part in parts]


def _of_length(part: Part) -> Effect:
    if not part.denominator or not part.previous_denominator:
        raise ValueError("a period needs a length")
    rate = Fraction(part.numerator, part.denominator)
    previous = Fraction(part.previous_numerator, part.previous_denominator)
    lever = (rate + previous) / 2
    weight = Fraction(part.denominator + part.previous_denominator, 2)
    mix = (part.denominator - part.previous_denominator) * lever
    return Effect(mix, weight * (rate - previous), weight, lever)


def _effect(part: Part, whole: int, previous_whole: int, middle: Fraction) -> Effect:
    share, previous_share = (
        Fraction(part.denominator, whole),
        Fraction(part.previous_denominator, previous_whole),
    )
    weight = (share + previous_share) / 2
    change = Fraction(part.numerator, whole) - Fraction(part.previous_numerator, previous_whole)
    together = change - middle * (share - previous_share)
    ratios = [
        Fraction(numerator, denominator)
        for numerator, denominator in (
            (part.numerator, part.denominator),
            (part.previous_numerator, part.previous_denominator),
        )
        if denominator
    ]
    rate = weight * (ratios[0] - ratios[1]) if len(ratios) == 2 else Fraction(0)
    lever = sum(ratios, Fraction(0)) / max(len(ratios), 1) - middle
    return Effect(together - rate, rate, weight, lever)
