from __future__ import annotations

from types import SimpleNamespace

import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import MetricError
from staffcast.metrics import explain, options_from_settings

SETTINGS = SimpleNamespace(fcr_window_days=14, service_level_within_s=20.5)


def test_settings_replace_defaults() -> None:
    explained = explain("service_level", options=options_from_settings(SETTINGS))
    assert "20500000" in explained.sql


@pytest.mark.parametrize("name", ["within_s", "service_level.within_s"])
def test_what_is_asked_beats_the_settings(name: str) -> None:
    explained = explain("service_level", options=options_from_settings(SETTINGS, {name: 60}))
    assert explained.options["within_s"] == 60


def test_an_option_of_one_metric_beats_the_general_one() -> None:
    explained = explain("service_level", options={"service_level.within_s": 10, "within_s": 60})
    assert explained.options["within_s"] == 10


def test_an_option_of_a_family_holds_for_each_statistic() -> None:
    explained = explain("reply_time_p90", options={"reply_time.turns": "all"})
    assert explained.convention.startswith("all turns")


def test_options_of_other_metrics_are_checked_and_ignored() -> None:
    assert "window_us" not in explain("offered", options=options_from_settings(Settings())).sql
    with pytest.raises(MetricError, match="unknown option 'window'"):
        explain("offered", options={"fcr.window": 3})


def test_variants_add_exclusions_and_narrow_the_population() -> None:
    later = explain("replies_within", options={"turns": "later", "target": "targets"})
    assert [reason for reason, _ in later.exclusions] == ["ended_unanswered"]
    assert "not is_first" in later.sql
    assert "target_us" in later.sql
