"""What a metric is: one frozen record, read from the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from staffcast.core.enums import Cohort
from staffcast.core.units import MONEY

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Direction", "Duration", "Grain", "Kind", "Metric", "Option"]


class Kind(StrEnum):
    """How the rows of a fact become one number."""

    COUNT = "count"
    """Rows, or the sum of an integer column: additive."""
    SHARE = "share"
    """Rows for which a predicate holds, over all rows used."""
    RATIO = "ratio"
    """Sum of one integer column over the sum of another."""
    MEAN = "mean"
    """Sum of an integer column over the number of rows."""
    QUANTILE = "quantile"
    """Quantile of the raw rows, linear between neighbours (type 7)."""
    WEIGHTED = "weighted"
    """Smallest value that is not exceeded for the given share of the weight, such as of time."""
    MAXIMUM = "maximum"
    """Largest value."""
    SURVIVAL = "survival"
    """Quantile of durations of which some were cut short before their end was seen (Kaplan-Meier)."""
    DERIVED = "derived"
    """One count over another, each with its own rows."""


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEUTRAL = "neutral"


class Grain(StrEnum):
    """Length of the periods that a result is cut into."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Duration(NamedTuple):
    """A duration that two clocks measure.

    Attributes:
        name: What the expressions of the metric call it.
        business: Column of the business clock; null without opening hours.
        calendar: Column of the calendar clock.
        calendar_if: Predicate of the rows that the calendar clock measures unless a clock is asked for.
    """

    name: str
    business: str
    calendar: str
    calendar_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A choice that a metric leaves to the reader.

    Attributes:
        name: Its name.
        meaning: What it decides.
        default: Value when nothing is said; a number or one of ``choices``.
        parameter: Name of the SQL parameter that a number is bound to.
        scale: Multiplier from the number to the parameter, such as microseconds per second.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        variants: For each choice, the fields of the metric that it replaces.
        values: For each choice, the number that is bound to the parameter; instead of variants.
        words: For a choice, how the convention says it; other options may stand in it.
        refused: Choices that exist elsewhere but cannot be measured, with the reason.
        setting: Setting of the project that overrides the default.
    """

    name: str
    meaning: str
    default: float | str
    parameter: str = ""
    scale: int = 1
    minimum: float = 0
    maximum: float = 31_536_000
    variants: Mapping[str, Mapping[str, object]]
    values: Mapping[str, int]
    refused: Mapping[str, str]
    words: Mapping[str, str]
    setting: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """Allowed words; empty for a number."""
        return tuple(self.variants or self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric: what is counted, over which rows, and how to read it.

    SQL parts are expressions over one row of the fact, in the portable subset. A row that ``filter`` lets
    through is put in the first class that fits: an exclusion, censored, without a value, used.

    Attributes:
        id: Name.
        family: Name shared by the statistics of one quantity; the headline's id is the family.
        label: Name on screen.
        unit: ``conversations``, ``share``, ``s``, ``chats``, ``points``, ``score``.
        direction: Which way is better.
        fact: Fact table.
        cohort: Moment that decides the period of a row.
        kind: How rows become a number.
        filter: Predicate of the population.
        exclusions: Reason and predicate of rows left out, and counted, in order.
        censored: Predicate of rows whose outcome is not known yet.
        numerator: Predicate (share) or integer expression (count, ratio).
        denominator: Integer expression (ratio); the weight of a row (weighted).
        value: Integer expression (mean, quantile, weighted, maximum, survival).
        event: Predicate of the rows whose end was seen (survival).
        quantile: Which quantile, for those kinds.
        divisor: Units of the expression in one unit of the value: 1,000,000 from microseconds to seconds.
        multiplier: What the numerator is multiplied by (derived).
        parts: The counts of which one is divided by the other (derived).
        n_of: Which of the parts n, and what was left out, are told of: 0 the numerator, 1 the denominator.
        clocks: Each duration that has two clocks.
        dimensions: Columns beyond the fact's own dimensions that results may be grouped by.
        options: What the reader may choose.
        definition: One line.
        convention: Line printed beside each number; ``{option}`` stands for its value.
        caveats: What to know before acting on it.
        example: A worked example.
        rests_on_agents: Agents' work shows in it; False for demand and for what the bot does.
    """

    id: str
    family: str
    label: str
    unit: str
    direction: Direction
    fact: str
    cohort: str
    kind: Kind
    filter: str
    exclusions: tuple[tuple[str, str], ...]
    censored: str
    numerator: str
    denominator: str
    value: str
    quantile: float
    divisor: int
    clocks: tuple[Duration, ...]
    dimensions: tuple[str, ...]
    options: tuple[Option, ...]
    definition: str
    convention: str
    caveats: tuple[str, ...]
    example: str
    rests_on_agents: bool = True
    event: str = ""
    multiplier: int = 1
    parts: tuple[Metric, ...] = ()
    n_of: int = 0

    @property
    def facts(self) -> tuple[str, ...]:
        """The fact tables that it is counted from."""
        return tuple(dict.fromkeys(part.fact for part in self.parts or (self,)))

    def unit_in(self, currency: str) -> str:
        """The unit, with the name of the currency for money where it is known."""
        return currency if currency and self.unit == MONEY else self.unit

    @property
    def is_snapshot(self) -> bool:
        """Whether it is true for an instant: such a number is never summed over time."""
        return self.cohort == Cohort.SNAPSHOT

    @property
    def is_additive(self) -> bool:
        """Whether the parts of a grouping sum to the whole."""
        return self.kind is Kind.COUNT and not self.is_snapshot
