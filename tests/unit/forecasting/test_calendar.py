"""Holidays, the days around them, and events."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from staffcast.core.errors import ForecastError
from staffcast.forecasting.calendar import Calendar, Event


def days(first: str, last: str) -> np.ndarray:
    return np.arange(first, last, dtype="datetime64[D]")


def column(calendar: Calendar, name: str, first: str, last: str) -> list[str]:
    effects = calendar.effects(days(first, last))
    marked = effects.columns[:, effects.names.index(name)] > 0
    return [str(day) for day in days(first, last)[marked]]


def test_holiday_eve_and_day_after() -> None:
    germany = Calendar("DE")
    assert column(germany, "holiday", "2026-12-21", "2026-12-31") == ["2026-12-25", "2026-12-26"]
    assert column(germany, "eve", "2026-12-21", "2026-12-31") == ["2026-12-24", "2026-12-25"]
    # The 26th is a Saturday: the first working day after is Monday.
    assert column(germany, "day after", "2026-12-21", "2026-12-31")[-1] == "2026-12-28"
    assert column(germany, "holiday Christmas Day", "2026-12-21", "2026-12-31") == ["2026-12-25"]


def test_states_differ() -> None:
    epiphany = date(2026, 1, 6)
    assert Calendar("DE").holiday_name(epiphany) is None
    assert Calendar("DE", "BY").holiday_name(epiphany) is not None


@pytest.mark.parametrize(
    ("country", "subdivision", "words"), [("XX", None, "'XX'"), ("DE", "ZZ", "'ZZ' in DE")]
)
def test_unknown_places_are_refused(country: str, subdivision: str | None, words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        Calendar(country, subdivision)


def test_events_multiply_and_come_back() -> None:
    sale = Event("sale", date(2026, 11, 27), date(2026, 11, 30), uplift=1.5)
    winter = Event("winter", date(2025, 12, 30), date(2026, 1, 2), uplift=0.8, every_year=True)
    effects = Calendar(events=(sale, winter)).effects(days("2026-11-29", "2027-01-04"))
    assert effects.uplift[:3].tolist() == [1.5, 1.5, 1.0]
    assert effects.uplift[-5:].tolist() == [0.8, 0.8, 0.8, 0.8, 1.0]
    assert effects.names == ("event sale", "event winter")


def test_own_closures_have_eves() -> None:
    shut = Calendar(closed=frozenset({date(2026, 11, 11)}))
    assert column(shut, "eve", "2026-11-09", "2026-11-14") == ["2026-11-10"]
    assert column(shut, "day after", "2026-11-09", "2026-11-14") == ["2026-11-12"]


def test_nothing_special_without_a_calendar() -> None:
    effects = Calendar().effects(days("2026-12-21", "2026-12-31"))
    assert effects.columns.shape == (10, 0)
    assert effects.uplift.tolist() == [1.0] * 10


def test_events_that_cannot_be() -> None:
    with pytest.raises(ForecastError, match="no factor"):
        Event("x", date(2026, 1, 1), uplift=0.0)
    with pytest.raises(ForecastError, match="ends before"):
        Event("x", date(2026, 1, 2), date(2026, 1, 1))
