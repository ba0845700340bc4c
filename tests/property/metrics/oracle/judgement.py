"""What an oracle says of one row of a fact, and what it may know of the question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

__all__ = [
    "CENSORED",
    "DAY",
    "ORACLES",
    "OUTSIDE",
    "Ask",
    "LeftOut",
    "Oracle",
    "S",
    "Used",
    "Verdict",
    "derived",
    "judged",
]

Row = dict[str, Any]
S = 1_000_000
DAY = 86_400 * S


@dataclass(frozen=True)
class Used:
    """A row that counts: its truth, amount or duration; its weight; whether its end was seen."""

    value: int | Fraction
    weight: int = 0
    ended: bool = True


@dataclass(frozen=True)
class LeftOut:
    """A row of the population that is left out, and counted under the reason."""

    reason: str


@dataclass(frozen=True)
class Fixed:
    """A verdict without more to say."""

    name: str


OUTSIDE = Fixed("outside")
"""Not of the population: not even counted."""
CENSORED = Fixed("censored")
"""What becomes of it is not known yet."""

Verdict = Used | LeftOut | Fixed


@dataclass(frozen=True)
class Ask:
    """The choices of the reader, and the instant of a snapshot."""

    clock: str | None
    options: Mapping[str, float | str]
    at_us: int = 0

    def us(self, option: str, unit: int = S) -> int:
        """A numeric option in microseconds."""
        return round(float(self.options[option]) * unit)

    def chose(self, option: str, word: str) -> bool:
        return self.options[option] == word

    def lacks_calendar(self, row: Row, name: str) -> bool:
        """Whether business time is asked of a duration that is known by the wall clock alone."""
        known = row[f"{name}_us"] is not None
        return self.clock == "business" and known and row[f"{name}_business_us"] is None

    def duration(self, row: Row, name: str, *, on_wall: bool = False) -> int | None:
        """Business time where there is a calendar and no wall rule, else wall time; or what was asked."""
        business: int | None = row[f"{name}_business_us"]
        calendar: int | None = row[f"{name}_us"]
        if on_wall and self.clock is None:
            return calendar
        if self.clock == "business":
            return business
        return calendar if self.clock == "calendar" or business is None else business


@dataclass(frozen=True)
class Oracle:
    """One metric in plain Python.

    Attributes:
        fact: Whose rows are judged.
        cohort: Which date of a row decides.
        how: What is made of the rows used: count, share, ratio, mean, quantile, maximum, survival, derived.
        judge: What becomes of a row.
        reasons: For which rows may be left out.
        options: Defaults.
        quantile: For quantiles and survivals.
        per: Raw units in one unit of the value.
        parts: Of a derived metric, numerator and denominator.
        times: Of a derived metric, what the numerator is multiplied by.
        n_of: Of a derived metric, which of the parts the counts tell of.
        counts_rows: A count of rows, not a sum.
    """

    fact: str
    cohort: str
    how: str
    judge: Callable[[Row, Ask], Verdict]
    options: Mapping[str, float | str] = field(default_factory=dict)
    quantile: float = 0.0
    per: int = 1
    parts: tuple[str, str] | None = None
    times: int = 1
    n_of: int = 0
    counts_rows: bool = False


ORACLES: dict[str, Oracle] = {}

STATISTICS = {"median": 0.5, "p90": 0.9, "p95": 0.95}


def judged(
    name: str,
    how: str,
    fact: str,
    cohort: str,
    *,
    options: Mapping[str, float | str] | None = None,
    per: int = 1,
    quantile: float = 0.0,
) -> Callable[[Callable[[Row, Ask], Verdict]], Callable[[Row, Ask], Verdict]]:
    """Register the oracle of a metric, or of a family by its statistics: ``median p90 mean``.

    A count is of rows, a sum of amounts: only the first has an interval.
    """

    def register(judge: Callable[[Row, Ask], Verdict]) -> Callable[[Row, Ask], Verdict]:
        words = how.split()
        if set(words) <= {*STATISTICS, "mean"}:
            for position, word in enumerate(words):
                kind = "mean" if word == "mean" else "quantile"
                at = STATISTICS.get(word, 0.0)
                own = name if position == 0 else f"{name}_{word}"
                ORACLES[own] = Oracle(fact, cohort, kind, judge, options or {}, at, per)
        else:
            kind = "count" if how == "sum" else how
            counts_rows = how == "count"
            ORACLES[name] = Oracle(
                fact, cohort, kind, judge, options or {}, quantile, per, counts_rows=counts_rows
            )
        return judge

    return register


def derived(
    name: str, numerator: str, denominator: str, *, times: int = 1, per: int = 1, n_of: int = 0
) -> None:
    """Register a count over a count; its options are those of both."""
    above, below = ORACLES[numerator], ORACLES[denominator]
    ORACLES[name] = Oracle(
        above.fact, above.cohort, "derived", above.judge, {**above.options, **below.options},
        per=per, parts=(numerator, denominator), times=times, n_of=n_of,
    )  # fmt: skip
