"""Uncertainty of observed numbers: intervals, quantiles, differences, survival with censoring."""

from __future__ import annotations

from staffcast.statistics.difference import Difference, Estimate, difference_interval
from staffcast.statistics.intervals import (
    clustered_wilson,
    mean_interval,
    poisson_interval,
    ratio_interval,
    wilson,
)
from staffcast.statistics.quantiles import quantile, quantile_interval
from staffcast.statistics.raking import Raked, rake
from staffcast.statistics.survival import KaplanMeier, kaplan_meier, kaplan_meier_of_counts

__all__ = [
    "Difference",
    "Estimate",
    "KaplanMeier",
    "Raked",
    "clustered_wilson",
    "difference_interval",
    "kaplan_meier",
    "kaplan_meier_of_counts",
    "mean_interval",
    "poisson_interval",
    "quantile",
    "quantile_interval",
    "rake",
    "ratio_interval",
    "wilson",
]
