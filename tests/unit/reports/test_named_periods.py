from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from staffcast.core.errors import ConfigError
from staffcast.reports.named_periods import (
    covered_part,
    just_before,
    latest_half,
    month,
    named_period,
    require_apart,
)
from staffcast.reports.periods import DataRange

COVERED = DataRange(date(2026, 9, 21), date(2026, 11, 16), datetime(2026, 11, 16, tzinfo=UTC), "UTC")


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        (" 2026-10-25 ", "2026-10-25", "2026-10-26"),
        ("2026-10-25..2026-10-25", "2026-10-25", "2026-10-26"),
        ("2026-10-25..2026-11-07", "2026-10-25", "2026-11-08"),
    ],
)
def test_periods_have_names(text: str, first: str, end: str) -> None:
    assert [day.isoformat() for day in named_period(text)] == [first, end]


@pytest.mark.parametrize(
    "text",
    ["", "october", "2026", "2026-13", "2026-W54", "2025-W53", "2026-10-32", "2026-10-05..", "..2026-10-05",
     "2026-10-05..2026-10-04", "9999-12-31", "2026-10..2026-11"],
)  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        named_period(text)


def test_a_month_is_a_month() -> None:
    with pytest.raises(ConfigError, match="no month"):
        month("2026-W43")


def test_the_period_before_is_as_long() -> None:
    assert just_before((date(2026, 10, 3), date(2026, 10, 10))) == (date(2026, 9, 26), date(2026, 10, 3))


@pytest.mark.parametrize(
    ("period", "versus"),
    [
        ("2026-10", "2026-10"),
        ("2026-10", "2026-10-31..2026-11-02"),
        ("2026-W43", "2026-10"),
        ("2026-10", "2026-W43"),
    ],
)
def test_periods_that_share_a_day_are_no_comparison(period: str, versus: str) -> None:
    with pytest.raises(ConfigError, match=r"^the periods share \d+ days"):
        require_apart(named_period(period), named_period(versus))


def test_periods_may_touch_in_either_order() -> None:
    require_apart(named_period("2026-10"), named_period("2026-11"))
    require_apart(named_period("2026-11"), named_period("2026-10"))


def test_days_without_data_are_cut_off() -> None:
    assert covered_part(named_period("2026-09"), COVERED) == (date(2026, 9, 21), date(2026, 10, 1))
    assert covered_part(named_period("2026-11"), COVERED) == (date(2026, 11, 1), date(2026, 11, 16))
    for text in ("2026-08", "2026-12"):
        with pytest.raises(ConfigError, match="no data"):
            covered_part(named_period(text), COVERED)


@pytest.mark.parametrize(
    ("first_day", "n_days"), [(date(2026, 9, 21), 28), (date(2026, 11, 11), 2), (date(2026, 11, 14), 1)]
)
def test_the_latest_half_leaves_as_many_days_before(first_day: date, n_days: int) -> None:
    covered = DataRange(first_day, date(2026, 11, 16), datetime(2026, 11, 16, tzinfo=UTC), "UTC")
    assert latest_half(covered) == (
        date(2026, 11, 16 - n_days) if n_days < 16 else date(2026, 10, 19),
        date(2026, 11, 16),
    )


@pytest.mark.parametrize("first_day", [None, date(2026, 11, 15), date(2026, 11, 16)])
def test_one_day_has_nothing_before(first_day: date | None) -> None:
    covered = DataRange(first_day, date(2026, 11, 16), datetime(2026, 11, 16, tzinfo=UTC), "UTC")
    with pytest.raises(ConfigError, match="too few days"):
        latest_half(covered)
