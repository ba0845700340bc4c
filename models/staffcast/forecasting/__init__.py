"""Contact volume forecasts: history and calendar in, expected contacts, intervals and paths out.

`forecast_queues` forecasts the queues of a desk; `evaluate_series` shows how good that would have been.
"""

from __future__ import annotations

from staffcast.forecasting.backtest import Choice, model_pool, past_folds
from staffcast.forecasting.calendar import Calendar, Event
from staffcast.forecasting.cleaning import Flag, clean
from staffcast.forecasting.demand import RetryRate, first_contacts, retry_rate
from staffcast.forecasting.evaluate import Evaluation, evaluate_series
from staffcast.forecasting.handle_time import HandleTime, fit_handle_time
from staffcast.forecasting.intervals import series_of_counts
from staffcast.forecasting.intraday import IntradayUpdate, learn_update, past_forecasts
from staffcast.forecasting.model import Fitted, Model
from staffcast.forecasting.same_slot import FORECAST_SCHEMA, SameSlotAverage
from staffcast.forecasting.scenarios import Factor, deflection, with_factors
from staffcast.forecasting.scores import QUANTILES, Scores, pinball
from staffcast.forecasting.series import Days, Series, series_of
from staffcast.forecasting.spread import Prediction
from staffcast.forecasting.tables import SCORES_SCHEMA, evaluate, scores_frame, worst_days
from staffcast.forecasting.thin import summed
from staffcast.forecasting.views import (
    CALIBRATION_SCHEMA,
    ERRORS_SCHEMA,
    ORIGINS_SCHEMA,
    calibration_frame,
    errors_frame,
    origins_frame,
)
from staffcast.forecasting.volume import VolumeForecast, forecast_queues

__all__ = [
    "CALIBRATION_SCHEMA",
    "ERRORS_SCHEMA",
    "FORECAST_SCHEMA",
    "ORIGINS_SCHEMA",
    "QUANTILES",
    "SCORES_SCHEMA",
    "Calendar",
    "Choice",
    "Days",
    "Evaluation",
    "Event",
    "Factor",
    "Fitted",
    "Flag",
    "HandleTime",
    "IntradayUpdate",
    "Model",
    "Prediction",
    "RetryRate",
    "SameSlotAverage",
    "Scores",
    "Series",
    "VolumeForecast",
    "calibration_frame",
    "clean",
    "deflection",
    "errors_frame",
    "evaluate",
    "evaluate_series",
    "first_contacts",
    "fit_handle_time",
    "forecast_queues",
    "learn_update",
    "model_pool",
    "origins_frame",
    "past_folds",
    "past_forecasts",
    "pinball",
    "retry_rate",
    "scores_frame",
    "series_of",
    "series_of_counts",
    "summed",
    "with_factors",
    "worst_days",
]
