"""What every forecaster of one queue can do: learn from a history, then expect, scatter and draw."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from staffcast.forecasting.spread import Prediction, fit_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast.forecasting.series import Days, FloatArray, Series
    from staffcast.forecasting.spread import Fold

__all__ = ["Fitted", "Model"]


class Fitted(ABC):
    """A model that has seen a history."""

    @abstractmethod
    def mean(self, days: Days) -> FloatArray:
        """Expected contacts of the days that follow, shape (days, slots)."""

    def predict(self, days: Days, past: Sequence[Fold] = ()) -> Prediction:
        """Expected contacts, their quantiles, and paths.

        Args:
            days: that follow the history.
            past: forecasts of this model beside what came, of `past_folds`: they give the bias that is taken
                out and the spread, which is a cautious guess without them.

        Example:
            >>> import numpy as np
            >>> from staffcast.forecasting import Days, Series, model_pool
            >>> dates = np.arange("2026-11-02", "2026-11-30", dtype="datetime64[D]")
            >>> series = Series(Days(dates, np.ones((28, 1))), np.full((28, 1), 40.0), 1440)
            >>> fitted = model_pool()[1].fit(series)  # the 4-week mean
            >>> forecast = fitted.predict(Days(dates[:7] + 28, np.ones((7, 1))))
            >>> forecast.quantiles([0.1, 0.5, 0.9])[:, 0, 0].tolist()
            [29.0, 40.0, 51.0]
            >>> forecast.paths(500, np.random.default_rng(1)).shape
            (500, 7, 1)
        """
        return Prediction.corrected(self.mean(days), fit_spread(past))


class Model(Protocol):
    """A way to forecast one queue."""

    @property
    def name(self) -> str:
        """What the table calls it."""
        ...

    def fit(self, series: Series) -> Fitted:
        """Learn from a history."""
        ...
