"""Day level times day shape, and its relatives: singular vectors, SARIMAX, the mean of several."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.calendar import Calendar
from staffcast.forecasting.day_level import DayLevelModel, Scale, fit_day_level
from staffcast.forecasting.model import Fitted, Model
from staffcast.forecasting.profile import DayShape, day_shape

if TYPE_CHECKING:
    from staffcast.forecasting.series import Days, FloatArray, Series

__all__ = ["Combination", "SingularVectors", "TwoLevel"]

_ANSCOMBE = 3 / 8
"""Square roots of counts plus this have a variance of nearly 1/4, whatever the mean (Anscombe 1948)."""


@dataclass(frozen=True)
class FittedTwoLevel(Fitted):
    """A level for each day and a shape for each weekday."""

    level: DayLevelModel
    shape: DayShape

    def mean(self, days: Days) -> FloatArray:
        """Expected contacts, shape (days, slots)."""
        return np.asarray(self.level.predict(days)[:, None] * self.shape.of(days))


@dataclass(frozen=True)
class TwoLevel:
    """Contacts as day level times day shape (Weinberg, Brown and Stroud 2007).

    Attributes:
        scale: on which day levels are linear.
        calendar: the special days.
    """

    scale: Scale = Scale.SQRT
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"two-level {self.scale}"

    def fit(self, series: Series) -> FittedTwoLevel:
        """Fit the shape, then the level of the days given the shape."""
        shape = day_shape(series)
        levels, exposure = shape.levels(series)
        return FittedTwoLevel(fit_day_level(levels, exposure, series.days, self.calendar, self.scale), shape)


@dataclass(frozen=True)
class FittedVectors(Fitted):
    """Score of each singular vector by day, and the vectors."""

    scores: tuple[DayLevelModel, ...]
    signs: tuple[float, ...]
    vectors: FloatArray
    scale: FloatArray
    calendar: Calendar

    def mean(self, days: Days) -> FloatArray:
        """Expected contacts, shape (days, slots)."""
        parts = [
            sign * model.linear(days)[:, None] * vector
            for model, sign, vector in zip(self.scores, self.signs, self.vectors, strict=True)
        ]
        uplift = self.calendar.effects(days.dates).uplift[:, None]
        return np.asarray(_rates(np.sum(parts, axis=0)) * self.scale * days.open_share * uplift)


@dataclass(frozen=True)
class SingularVectors:
    """Three singular vectors of the square roots, each score a day level (Shen and Huang 2008).

    Attributes:
        n_vectors: how many vectors are kept.
        calendar: the special days.
    """

    n_vectors: int = 3
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"svd-{self.n_vectors}"

    def fit(self, series: Series) -> FittedVectors:
        """Decompose the matrix of days; what was not seen is filled by day level times shape."""
        shape = day_shape(series)
        levels, _ = shape.levels(series)
        uplift = self.calendar.effects(series.dates).uplift[:, None]
        filled = np.where(series.seen, series.rates, levels[:, None] * shape.shares[series.days.weekdays])
        root = np.sqrt(filled / uplift + _ANSCOMBE)
        root[:, ~series.seen.any(axis=0)] = 0.0
        # Eigenvectors of the small square matrix are the right singular vectors, at a fraction of the time.
        vectors = np.linalg.eigh(root.T @ root)[1][:, ::-1].T[: min(self.n_vectors, *root.shape)]
        weights = root @ vectors.T
        signs = np.where(weights.sum(axis=0) < 0, -1.0, 1.0)
        ones = np.ones(len(series))
        models = tuple(
            fit_day_level(weights[:, k] * signs[k], ones, series.days, self.calendar, Scale.LINEAR)
            for k in range(len(vectors))
        )
        fitted = _rates(weights @ vectors) * np.where(series.seen, uplift, 0.0)
        total, rates = fitted.sum(axis=0), np.where(series.seen, series.rates, 0.0).sum(axis=0)
        scale = np.divide(rates, total, out=np.ones_like(total), where=total > 0)
        return FittedVectors(models, tuple(signs.tolist()), vectors, scale, self.calendar)


def _rates(root: FloatArray) -> FloatArray:
    """Back from the square roots of single intervals."""
    return np.asarray(np.maximum(np.maximum(root, 0.0) ** 2 - _ANSCOMBE + 0.25, 0.0))


@dataclass(frozen=True)
class FittedCombination(Fitted):
    """Several fitted models with one voice."""

    parts: tuple[Fitted, ...]

    def mean(self, days: Days) -> FloatArray:
        """The mean of what they expect, shape (days, slots)."""
        return np.asarray(np.mean([part.mean(days) for part in self.parts], axis=0))


@dataclass(frozen=True)
class Combination:
    """The mean of several models: errors that differ cancel out.

    Attributes:
        parts: the models.
        name: what the table calls it.
    """

    parts: tuple[Model, ...]
    name: str = "mean of three"

    def fit(self, series: Series) -> FittedCombination:
        """Fit every part."""
        return FittedCombination(tuple(part.fit(series) for part in self.parts))
