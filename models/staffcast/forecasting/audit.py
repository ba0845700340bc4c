"""A second opinion: the same day levels by statsmodels' SARIMAX. As accurate, and far slower."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from staffcast.forecasting.calendar import Calendar
from staffcast.forecasting.day_level import level_design
from staffcast.forecasting.model import Fitted
from staffcast.forecasting.profile import DayShape, day_shape

if TYPE_CHECKING:
    from staffcast.forecasting.series import Days, FloatArray, Series

__all__ = ["Sarimax"]


@dataclass(frozen=True)
class FittedSarimax(Fitted):
    """A fitted state-space model of the square roots of day levels."""

    results: Any  # statsmodels carries no types
    names: tuple[str, ...]
    n_weeks: float
    calendar: Calendar
    shape: DayShape

    def mean(self, days: Days) -> FloatArray:
        """Expected contacts, shape (days, slots)."""
        design = level_design(days, self.calendar, self.n_weeks)
        known = {name: design.columns[:, k] for k, name in enumerate(design.names)}
        exog = np.column_stack([known.get(name, np.zeros(len(days))) for name in self.names])
        ahead = self.results.get_forecast(len(days), exog=exog)
        level = np.maximum(ahead.predicted_mean, 0.0) ** 2 + ahead.var_pred_mean
        uplift = self.calendar.effects(days.dates).uplift
        return np.asarray((level * uplift)[:, None] * self.shape.of(days))


@dataclass(frozen=True)
class Sarimax:
    """An autoregression with the calendar as regressors, by maximum likelihood, times the shape of the day.

    Not in the pool of the automatic choice: it audits the two-level model.

    Attributes:
        calendar: the special days.
        name: what a table calls it.
    """

    calendar: Calendar = field(default_factory=Calendar)
    name: str = "sarimax"

    def fit(self, series: Series) -> FittedSarimax:
        """Fit; days with nothing seen are missing to the model."""
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        shape = day_shape(series)
        levels, exposure = shape.levels(series)
        design = level_design(series.days, self.calendar, series.n_weeks)
        uplift = self.calendar.effects(series.dates).uplift
        root = np.where(exposure > 0, np.sqrt(levels / uplift), np.nan)
        used = (np.ptp(design.columns, axis=0) > 0) & (np.abs(design.columns).sum(axis=0) > 1)
        exog = design.columns[:, used]
        names = tuple(name for name, kept in zip(design.names, used, strict=True) if kept)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the optimiser says of short histories
            results = SARIMAX(root, exog=exog, order=(1, 0, 0)).fit(disp=False, maxiter=100)
        return FittedSarimax(results, names, series.n_weeks, self.calendar, shape)
