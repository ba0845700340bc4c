"""The 95 % bounds of a figure, from the rows behind it."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from staffcast.metrics import metric
from staffcast.statistics import (
    clustered_wilson,
    kaplan_meier,
    mean_interval,
    poisson_interval,
    quantile_interval,
    wilson,
)
from staffcast.store.facts import fact_table

if TYPE_CHECKING:
    from tests.property.metrics.oracle.arithmetic import Figure, Question
    from tests.property.metrics.oracle.judgement import Oracle

__all__ = ["bounds"]

NONE = (None, None)
Bounds = tuple[float | None, float | None]


def bounds(question: Question, oracle: Oracle, figure: Figure) -> Bounds:
    """Wilson's for shares, of two order statistics for quantiles, Student's for means, Poisson's for rows.

    Ratios are those of the days together, which are the clusters.
    """
    amounts = np.array([used.value for _, used in figure.used], dtype=np.float64)
    match oracle.how:
        case "count" if oracle.counts_rows and oracle.cohort != "snapshot":
            return poisson_interval(figure.numerator or 0)
        case "share" if fact_table(oracle.fact).cluster:
            return _of_clusters(figure, fact_table(oracle.fact).cluster)
        case "share":
            return wilson(figure.numerator or 0, figure.denominator or 0) or NONE
        case "mean":
            low, high = _in_units(mean_interval(amounts) or NONE, oracle.per)
            return (max(low, 0.0) if low is not None and oracle.per > 1 else low), high
        case "quantile":
            return _in_units(quantile_interval(amounts, oracle.quantile), oracle.per)
        case "survival":
            curve = kaplan_meier(amounts, np.array([used.ended for _, used in figure.used]))
            return _in_units(curve.quantile_interval(oracle.quantile), oracle.per)
        case "ratio" | "derived" if question.grain not in ("hour", "day") and "date" not in question.by:
            return _of_days(metric(question.metric).unit, oracle, figure)
        case _:
            return NONE


def _of_clusters(figure: Figure, cluster: str) -> Bounds:
    """Rows of one conversation resemble one another."""
    together: dict[str, list[bool]] = defaultdict(list)
    for row, used in figure.used:
        together[row[cluster]].append(bool(used.value))
    hits = np.array([sum(rows) for rows in together.values()], dtype=np.float64)
    return (
        clustered_wilson(hits, np.array([len(rows) for rows in together.values()], dtype=np.float64)) or NONE
    )


def _of_days(unit: str, oracle: Oracle, figure: Figure) -> Bounds:
    """Student's interval of what the days deviate by from the ratio of all of them."""
    days = [(above * oracle.times, below * oracle.per) for above, below in figure.days.values()]
    days = [(above, below) for above, below in days if above or below]
    whole = sum(below for _, below in days)
    if len(days) < 2 or not whole:
        return NONE
    ratio = Fraction(sum(above for above, _ in days), whole)
    off = [float(above - ratio * below) for above, below in days]
    variance = sum(number * number for number in off) * len(days) / (len(days) - 1)
    half = stats.t.ppf(0.975, len(days) - 1) * math.sqrt(variance) / float(whole)
    high = float(ratio) + half
    is_part = unit == "share" and all(above <= below for above, below in days)
    return max(float(ratio) - half, 0.0), min(high, 1.0) if is_part else high


def _in_units(found: Bounds, per: int) -> Bounds:
    low, high = found
    return (None if low is None else low / per), (None if high is None else high / per)
