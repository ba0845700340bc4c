"""Days of a fan: totals of the past, quantiles of the totals of paths to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.unit.planning.test_plan import AS_OF, tables

from staffcast.core.config import Settings
from staffcast.planning import FAN_SCHEMA, coming_volume, fan_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.planning.conftest import FactReader


@pytest.mark.parametrize("model", ["best", "average"])
def test_past_and_coming_days(reader_of: Callable[..., FactReader], tmp_path: Path, model: str) -> None:
    reader = reader_of(**tables())
    forecast = coming_volume(reader, Settings(data_dir=tmp_path, forecast_model=model)).forecast
    frame = fan_frame(reader, forecast, queue="support", past_days=3)
    assert frame.schema == FAN_SCHEMA
    assert frame["contacts"].to_list() == [16.0] * 3 + [None] * 5
    assert frame["local_date"].to_list()[3] == AS_OF.date().isoformat()
    coming = frame.tail(5)
    assert coming["expected"].to_list() == pytest.approx([16.0] * 5, rel=0.05)
    if model == "average":
        assert coming["lower_80"].null_count() == 5
        return
    totals = forecast.paths["support"].reshape(-1, 5, 2).sum(axis=2)
    assert coming["upper_80"].to_list() == np.quantile(totals, 0.9, axis=0, method="inverted_cdf").tolist()
    assert coming["lower_95"].to_list() == np.quantile(totals, 0.025, axis=0, method="inverted_cdf").tolist()
    whole = fan_frame(reader, forecast, past_days=3)
    assert whole.equals(frame)  # the other queue never had a contact
