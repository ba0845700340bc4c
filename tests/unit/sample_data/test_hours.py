from __future__ import annotations

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest

from staffcast_sample_data import DeskParameters
from staffcast_sample_data.hours import Period, hours_json, open_slots
from staffcast_sample_data.roster import shift_hours

PARAMETERS = DeskParameters()
SALES, SUPPORT, BILLING = PARAMETERS.departments


def test_day_of_the_clock_change_has_25_hours() -> None:
    period = Period(date(2026, 10, 25), 1, "Europe/Berlin")
    assert period.end_ms - period.start_ms == 25 * 3_600_000
    assert np.bincount(period.slots.hour).tolist() == [4, 4, 8] + [4] * 21


def test_opening_hours_move_in_utc_at_the_clock_change() -> None:
    period = Period(date(2026, 10, 24), 2, "Europe/Berlin")
    opens = [
        datetime.fromtimestamp(period.open_ms(SUPPORT, day)[0][0] / 1000, UTC).hour for day in period.days
    ]
    assert opens == [6, 7]


def test_holiday_and_half_days_are_in_the_calendar() -> None:
    period = Period(date(2026, 10, 2), 3, "Europe/Berlin")
    is_open, next_open = open_slots(PARAMETERS, period)
    hours = is_open.reshape(6, 3, 96).sum(axis=2) / 4
    assert hours[0].tolist() == [11, 0, 0]
    assert hours[2].tolist() == [14, 8, 14]
    assert hours[4].tolist() == [8, 0, 0]
    first_closed = np.flatnonzero(is_open[2] == 0)[0]
    assert next_open[2, first_closed] == period.at_ms(date(2026, 10, 2), 8)


def test_hours_cell_names_weekdays_and_dates() -> None:
    cell = json.loads(hours_json(SALES, "Europe/Berlin"))
    assert cell["timezone"] == "Europe/Berlin"
    assert cell["weekly"]["sat"] == [["09:00", "14:00"]]
    assert cell["weekly"]["sun"] == []
    assert cell["dates"] == {"2026-10-03": [], "2026-10-31": [["10:00", "14:00"]]}


@pytest.mark.parametrize(("opens", "closes"), [(8, 22), (9, 20), (9, 17), (9, 14), (10, 18)])
def test_shifts_cover_the_opening_hours(opens: float, closes: float) -> None:
    shifts = shift_hours(opens, closes)
    assert min(start for start, _ in shifts) == opens
    assert max(end for _, end in shifts) == closes
    assert shifts[0][1] >= shifts[-1][0]
