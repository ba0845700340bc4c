"""Numbers as people read them."""

from __future__ import annotations

import pytest

from staffcast.metrics import metric
from staffcast.reports.wording import format_interval, format_value


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("ces", 4.6, "4.60"),  # 23 / 5
        ("nps", 30.4, "30"),
        ("csat", 0.8241, "82.4 %"),
    ],
)
def test_each_survey_figure_has_its_decimals(name: str, value: float, shown: str) -> None:
    assert format_value(value, metric(name).unit) == shown


def test_the_interval_of_an_effort_score_is_no_single_number() -> None:
    assert format_interval(4.512, 4.688, metric("ces").unit) == "4.51 to 4.69"
