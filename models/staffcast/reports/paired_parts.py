"""A metric in two periods, whole and by the parts of a dimension: sums to be set against one another."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from staffcast.core.enums import NullReason
from staffcast.metrics import Kind, query
from staffcast.statistics import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from staffcast.metrics import Metric
    from staffcast.reports.named_periods import Days
    from staffcast.store.generations import Reader

__all__ = ["Pair", "PairedQuestion", "Side", "left_over", "paired_parts", "paired_whole"]


@dataclass(frozen=True)
class PairedQuestion:
    """What both periods are asked.

    Attributes:
        reader: A published generation.
        metric: The record.
        period: The later period.
        versus: The earlier period.
        min_n: Parts of fewer rows in both periods are taken together.
        shared: Arguments of query() that are the same for both.
    """

    reader: Reader
    metric: Metric
    period: Days
    versus: Days
    min_n: int
    shared: Mapping[str, Any]

    @property
    def is_count(self) -> bool:
        """Whether it is a number of things, not a ratio of sums."""
        return self.metric.kind is Kind.COUNT

    @property
    def lengths(self) -> tuple[int, int]:
        """Days of the periods, later first; what stands at an instant has no length."""
        if self.metric.is_snapshot:
            return 1, 1
        later, earlier = ((end - first).days for first, end in (self.period, self.versus))
        return later, earlier

    @property
    def unit(self) -> Fraction:
        """What numerator / denominator is divided by to give the value."""
        return Fraction(self.metric.divisor, self.metric.multiplier)


@dataclass(frozen=True)
class Side:
    """A part in one period.

    Attributes:
        numerator: Whole number; 0 where the part does not occur.
        denominator: Whole number; the days of the period for a count.
        n: Rows.
        value: In the unit of the metric; None where there is none.
        estimate: Value with its interval; per day for a count.
        is_withheld: The works-council profile keeps it back.
    """

    numerator: int = 0
    denominator: int = 0
    n: int = 0
    value: float | None = None
    estimate: Estimate | None = None
    is_withheld: bool = False


Pair = tuple[Side, Side]
"""A part in the later and in the earlier period."""


def paired_whole(asked: PairedQuestion) -> tuple[Pair, Mapping[str, Any], Mapping[str, Any]]:
    """The whole in both periods, and the result rows that it was read from."""
    [now], [earlier] = _rows(asked)
    return (_side(asked, now, 0), _side(asked, earlier, 1)), now, earlier


def paired_parts(asked: PairedQuestion, dimension: str) -> dict[str | None, Pair]:
    """Each part in both periods, by its name; those too small in both are taken together.

    Args:
        asked: The question.
        dimension: What the whole is taken apart by.
    """
    sides: list[dict[str | None, Side]] = [
        {_name(row[dimension]): _side(asked, row, i) for row in rows}
        for i, rows in enumerate(_rows(asked, (dimension,)))
    ]
    absent = _absent(asked, 0), _absent(asked, 1)
    keys = sorted(sides[0].keys() | sides[1].keys(), key=lambda key: (key is None, key or ""))
    pairs = {key: (sides[0].get(key, absent[0]), sides[1].get(key, absent[1])) for key in keys}
    small = {key for key, pair in pairs.items() if _is_small(asked, pair)}
    if len(small) < 2:
        return pairs
    kept = {key: pair for key, pair in pairs.items() if key not in small}
    together = [pairs[key] for key in small]
    kept[f"(fewer than {asked.min_n})"] = _sum([p[0] for p in together]), _sum([p[1] for p in together])
    return kept


def left_over(whole: Pair, parts: Sequence[Pair]) -> Pair:
    """What remains of the whole in each period without some of its parts."""
    return _minus(whole[0], [pair[0] for pair in parts]), _minus(whole[1], [pair[1] for pair in parts])


def _rows(asked: PairedQuestion, by: Sequence[str] = ()) -> tuple[list[dict[str, Any]], ...]:
    return tuple(
        query(asked.reader, asked.metric.id, period=period, by=by, **asked.shared).to_dicts()
        for period in (asked.period, asked.versus)
    )


def _side(asked: PairedQuestion, row: Mapping[str, Any], i: int) -> Side:
    if row["null_reason"] == NullReason.SUPPRESSED:
        return Side(is_withheld=True)
    length = asked.lengths[i] if asked.is_count else 1
    bounds = (row["value"], row["ci_low"], row["ci_high"])
    return Side(
        numerator=row["numerator"] or 0,
        denominator=length if asked.is_count else row["denominator"] or 0,
        n=row["n"],
        value=row["value"],
        estimate=None if None in bounds else Estimate(*(bound / length for bound in bounds)),
    )


def _absent(asked: PairedQuestion, i: int) -> Side:
    """A part that does not occur: a count of none, or nothing to take a ratio of."""
    if not asked.is_count:
        return Side()
    return Side(denominator=asked.lengths[i], value=0.0, estimate=Estimate(0, 0, 0))


def _is_small(asked: PairedQuestion, pair: Pair) -> bool:
    is_withheld = any(side.is_withheld for side in pair)
    return not asked.is_count and not is_withheld and max(side.n for side in pair) < asked.min_n


def _sum(sides: Sequence[Side]) -> Side:
    return Side(
        sum(side.numerator for side in sides),
        sum(side.denominator for side in sides),
        sum(side.n for side in sides),
    )


def _minus(whole: Side, parts: Sequence[Side]) -> Side:
    known = _sum(parts)
    return Side(whole.numerator - known.numerator, whole.denominator - known.denominator, whole.n - known.n)


def _name(value: object) -> str | None:
    return None if value is None else str(value)
