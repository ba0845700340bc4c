"""The same-slot average by hand, and what its intervals cover."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from staffcast.core.errors import ForecastError
from staffcast.forecasting import FORECAST_SCHEMA, SameSlotAverage

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR_US = 3_600_000_000
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 2)


def cell(
    day: date, hour: int, n: int | None = None, *, open_h: float = 1.0, queue: str = "q"
) -> dict[str, object]:
    at = datetime.combine(day, time(hour), BERLIN)
    row: dict[str, object] = {
        "queue": queue,
        "interval_at_us": int(at.timestamp()) * 1_000_000,
        "local_date": day.isoformat(),
        "local_weekday": day.isoweekday(),
        "local_minute": hour * 60,
        "open_us": round(open_h * HOUR_US),
    }
    return row if n is None else row | {"n_offered": n}


def frame(rows: Iterable[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows))


def weeks(counts: list[int], hour: int = 9, first: date = MONDAY) -> list[dict[str, object]]:
    return [cell(first + timedelta(weeks=week), hour, n) for week, n in enumerate(counts)]


def only(history: list[dict[str, object]], future: dict[str, object], **model: object) -> dict[str, object]:
    result = SameSlotAverage(**model).forecast(frame(history), frame([future]))  # type: ignore[arg-type]
    assert result.schema == FORECAST_SCHEMA
    return result.row(0, named=True)


def test_average_of_the_same_weekday_and_hour() -> None:
    history = [*weeks([8, 12]), cell(MONDAY, 10, 100), cell(MONDAY + timedelta(days=1), 9, 50)]
    got = only(history, cell(MONDAY + timedelta(weeks=2), 9))
    assert (got["expected"], got["n_weeks"]) == (10.0, 2)


def test_only_the_last_eight_weeks_count() -> None:
    history = weeks([1000, 1000] + [10] * 8)
    got = only(history, cell(MONDAY + timedelta(weeks=10), 9))
    assert (got["expected"], got["n_weeks"]) == (10.0, 8)
    assert only(history, cell(MONDAY + timedelta(weeks=10), 9), weeks=10)["expected"] == 208.0


def test_rates_are_per_open_hour() -> None:
    """A half-open slot with 5 contacts and a full one with 10: 15 in 1.5 h, so 10 an hour."""
    history = [cell(MONDAY, 9, 5, open_h=0.5), cell(MONDAY + timedelta(weeks=1), 9, 10)]
    future = MONDAY + timedelta(weeks=2)
    assert only(history, cell(future, 9))["expected"] == 10.0
    assert only(history, cell(future, 9, open_h=0.25))["expected"] == 2.5


def test_a_holiday_has_no_part_in_the_average_and_gets_its_own_hours() -> None:
    """Closed all day on the second Monday: no exposure, so the average is that of the other two."""
    history = weeks([8, 0, 12])
    history[1]["open_us"] = 0
    got = only(history, cell(MONDAY + timedelta(weeks=3), 9))
    assert (got["expected"], got["n_weeks"]) == (10.0, 2)
    shut = only(history, cell(MONDAY + timedelta(weeks=3), 9, open_h=0.0))
    assert (shut["expected"], shut["lower"], shut["upper"]) == (0.0, 0.0, 0.0)


def test_the_hour_that_is_repeated_or_missing() -> None:
    """02:00 on 25 October 2026 lasts two hours in Berlin: 20 contacts are 10 an hour."""
    sunday = date(2026, 10, 25)
    history = [cell(sunday - timedelta(weeks=1), 2, 10), cell(sunday, 2, 20, open_h=2.0)]
    assert only(history, cell(sunday + timedelta(weeks=1), 2))["expected"] == 10.0
    ordinary = [cell(sunday - timedelta(weeks=1), 2, 10)]
    assert only(ordinary, cell(sunday, 2, open_h=2.0))["expected"] == 20.0


def test_two_days_of_history_lend_their_hours_to_other_weekdays() -> None:
    history = [cell(MONDAY, 9, 8), cell(MONDAY + timedelta(days=1), 9, 12), cell(MONDAY, 10, 4)]
    wednesday = MONDAY + timedelta(days=2)
    got = only(history, cell(wednesday, 9))
    assert (got["expected"], got["n_weeks"]) == (10.0, 0)
    unseen = only(history, cell(wednesday, 15))
    assert unseen["expected"] == 8.0  # the queue's own average: 24 contacts in 3 hours


def test_a_queue_never_seen_is_expected_to_be_empty() -> None:
    got = only(weeks([5]), cell(MONDAY + timedelta(weeks=1), 9, queue="new"))
    assert (got["expected"], got["n_weeks"]) == (0.0, 0)


def test_queues_do_not_mix() -> None:
    history = [*weeks([10]), cell(MONDAY, 9, 99, queue="other")]
    assert only(history, cell(MONDAY + timedelta(weeks=1), 9))["expected"] == 10.0


def test_one_week_of_history_is_less_certain_than_eight() -> None:
    future = cell(MONDAY + timedelta(weeks=8), 9)
    one, eight = only(weeks([16], first=MONDAY + timedelta(weeks=7)), future), only(weeks([16] * 8), future)
    assert one["expected"] == eight["expected"] == 16.0
    assert one["lower"] < eight["lower"] < 16 < eight["upper"] < one["upper"]  # type: ignore[operator]


def test_interval_of_a_poisson_mean_by_hand() -> None:
    """Eight equal weeks: dispersion 1, variance 16 x (1 + 1/8) = 18: negative binomial, n = 128, p = 8/9."""
    got = only(weeks([16] * 8), cell(MONDAY + timedelta(weeks=8), 9))
    assert (got["lower"], got["upper"]) == (11.0, 22.0)
    draws = np.random.default_rng(1).negative_binomial(128, 8 / 9, 200_000)
    assert (np.quantile(draws, 0.1), np.quantile(draws, 0.9)) == (11.0, 22.0)


def test_dispersion_widens_the_interval() -> None:
    future = cell(MONDAY + timedelta(weeks=8), 9)
    calm, wild = only(weeks([16] * 8), future), only(weeks([2, 30] * 4), future)
    assert calm["expected"] == wild["expected"]
    assert wild["lower"] < calm["lower"]  # type: ignore[operator]
    assert wild["upper"] > calm["upper"]  # type: ignore[operator]


def test_all_zeroes_do_not_promise_zero() -> None:
    got = only(weeks([0] * 4) + weeks([6] * 4, hour=10), cell(MONDAY + timedelta(weeks=4), 9))
    assert (got["expected"], got["lower"]) == (0.0, 0.0)
    assert got["upper"] <= 1.0  # type: ignore[operator]


def test_no_history_is_refused() -> None:
    future = frame([cell(MONDAY, 9)])
    with pytest.raises(ForecastError, match="no open hours"):
        SameSlotAverage().forecast(frame([cell(MONDAY, 9, 5, open_h=0.0)]), future)
    with pytest.raises(ForecastError, match="no open hours"):
        SameSlotAverage().forecast(frame([cell(MONDAY, 9, 5)]).head(0), future)


def test_history_that_is_too_old_is_refused() -> None:
    with pytest.raises(ForecastError, match="no open hours"):
        SameSlotAverage().forecast(frame(weeks([5])), frame([cell(MONDAY + timedelta(weeks=40), 9)]))


@pytest.mark.parametrize("model", [{"weeks": 0}, {"confidence": 0.0}, {"confidence": 1.0}])
def test_options_out_of_range(model: dict[str, float]) -> None:
    with pytest.raises(ForecastError):
        SameSlotAverage(**model)  # type: ignore[arg-type]


def test_order_of_rows_changes_nothing() -> None:
    history = frame(weeks([3, 9, 4]) + weeks([7, 1, 2], hour=10))
    future = frame([cell(MONDAY + timedelta(weeks=3), hour) for hour in (10, 9)])
    there = SameSlotAverage().forecast(history, future)
    back = SameSlotAverage().forecast(history.reverse(), future.reverse())
    assert there.equals(back)
    assert there["local_minute"].to_list() == [540, 600]
