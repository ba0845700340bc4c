"""The second opinion agrees, and costs nothing to those who do not ask for it."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from tests.unit.forecasting.desk import cells

from staffcast.forecasting import Days, series_of
from staffcast.forecasting.two_level import TwoLevel


def test_sarimax_agrees_with_the_two_level_model() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what statsmodels warns of on import is not ours
        from staffcast.forecasting.audit import Sarimax

        series = series_of(cells("a", 20.0, n_days=84))
        days = Days(series.dates[-5:] + 7, series.days.open_share[-5:])
        second = Sarimax().fit(series).mean(days)
    assert second.sum(axis=1) == pytest.approx(TwoLevel().fit(series).mean(days).sum(axis=1), rel=0.04)
    assert np.all(second >= 0)


def test_the_package_loads_no_statsmodels_and_no_holidays() -> None:
    code = "import sys, staffcast.forecasting; print('statsmodels' in sys.modules, 'holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
