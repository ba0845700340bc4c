from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.core.calendars import to_us
from staffcast_pipelines.times import read_times


def us(*moment: int) -> int:
    return to_us(datetime(*moment, tzinfo=UTC))  # type: ignore[misc,arg-type]


def one(text: str, format_: str = "iso", zone: str | None = None) -> int | str:
    times = read_times(pl.Series([text]), format=format_, timezone=zone)
    reason = times.reasons[0]
    return str(reason) if reason is not None else int(times.us[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T09:00:00Z", us(2026, 11, 2, 9)),
        ("2026-11-02 09:00:00+00:00", us(2026, 11, 2, 9)),
        ("2026-11-02T09:00Z", us(2026, 11, 2, 9)),
        ("2026-11-02T09:00:00 UTC", us(2026, 11, 2, 9)),
        (" 2026-11-02T09:00:00z ", us(2026, 11, 2, 9)),
        ("2026-11-02T09:00:00.123456789Z", us(2026, 11, 2, 9) + 123456),
        ("2026-11-02T09:00:00,5Z", us(2026, 11, 2, 9) + 500_000),
        ("2026-11-02T09:00:00-0330", us(2026, 11, 2, 12, 30)),
        ("2026-11-02T09:00:00+05:45", us(2026, 11, 2, 3, 15)),
        ("2026-11-02T09:00:00+02", us(2026, 11, 2, 7)),
        ("2028-02-29T00:00:00Z", us(2028, 2, 29)),
    ],
)
def test_iso_times(text: str, expected: int) -> None:
    assert one(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-11-02T24:00:00Z",
        "2026-11-02T09:00:60Z",
        "2026-13-02T09:00:00Z",
        "2026-11-02",
        "2026-11-02T09:00:00+15:00",
        "2026-11-02T09:00:00+02:60",
        "２０２６-11-02T09:00:00Z",
        "2026-11-02T09:00:00+０２:00",
        "0000-00-00T00:00:00Z",
        "yesterday",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert one(text) == "not a time"


@pytest.mark.parametrize("text", ["46328.5", "1793610000", "1793610000000", "-5", "0"])
def test_a_number_is_never_guessed_to_be_a_time(text: str) -> None:
    assert one(text) == "a number, not a time: declare its unit in a mapping, such as epoch_ms"


@pytest.mark.parametrize("text", ["03/04/2026 09:00", "3.4.26", "31.12.2026 09:00"])
def test_the_order_of_day_and_month_is_never_guessed(text: str) -> None:
    assert one(text) == "day or month may come first: declare the format in a mapping"


@pytest.mark.parametrize("text", ["1989-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_years_out_of_range(text: str) -> None:
    assert one(text) == "a time before 1990 or after 2099"


def test_a_naive_time_needs_a_zone() -> None:
    assert one("2026-11-02T09:00:00") == "a time without a zone"
    assert one("2026-11-02T09:00:00", zone="Europe/Berlin") == us(2026, 11, 2, 8)


def test_an_offset_wins_over_the_declared_zone() -> None:
    assert one("2026-11-02T09:00:00Z", zone="Asia/Tokyo") == us(2026, 11, 2, 9)


def test_the_hour_that_comes_twice_is_its_first() -> None:
    assert one("2026-10-25T02:30:00", zone="Europe/Berlin") == us(2026, 10, 25, 0, 30)
    cells = ["2026-10-25T01:59:59", "2026-10-25T02:00:00", "2026-10-25T02:59:59", "2026-10-25T03:00:00"]
    cells += ["2026-10-25T02:30:00+01:00", "2026-03-29T02:30:00", "x", ""]
    times = read_times(pl.Series(cells), timezone="Europe/Berlin")
    assert times.is_ambiguous.to_list() == [False, True, True, False, False, False, False, False]
    assert not read_times(pl.Series(cells)).is_ambiguous.any()


def test_the_hour_that_never_comes_is_refused() -> None:
    assert one("2026-03-29T02:30:00", zone="Europe/Berlin") == (
        "does not exist in Europe/Berlin: clocks went forward"
    )


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("epoch_s", "1793610000"),
        ("epoch_s", "1793610000.0"),
        ("epoch_ms", "1793610000000"),
        ("epoch_us", "1793610000000000"),
        ("epoch_ns", "1793610000000000999"),
    ],
)
def test_epochs(unit: str, text: str) -> None:
    assert one(text, unit) == us(2026, 11, 2, 9)


def test_epoch_fractions() -> None:
    assert one("1793610000.25", "epoch_s") == us(2026, 11, 2, 9) + 250_000


@pytest.mark.parametrize("text", ["nan", "inf", "0x1", "abc"])
def test_what_is_no_epoch(text: str) -> None:
    assert one(text, "epoch_s") == "not a time"


@pytest.mark.parametrize("text", ["1e400", "1.79361E+12", "17e8"])
def test_what_a_spreadsheet_rounded_is_no_time(text: str) -> None:
    assert one(text, "epoch_ms") == "a number that lost its last digits"


def test_a_wrong_epoch_unit_is_out_of_range() -> None:
    for text in ("1793610000000", "-5", "9" * 20, "9" * 300 + ".5"):
        assert one(text, "epoch_s") == "a time before 1990 or after 2099", text


def test_formats() -> None:
    assert one("Tue Oct 31 22:10:47 +0000 2017", "%a %b %d %H:%M:%S %z %Y") == us(2017, 10, 31, 22, 10, 47)
    assert one("31.10.2017 23:10", "%d.%m.%Y %H:%M", "Europe/Berlin") == us(2017, 10, 31, 22, 10)
    assert one("31.10.2017 23:10", "%d.%m.%Y %H:%M") == "a time without a zone"


def test_empty_cells_are_no_failures() -> None:
    times = read_times(pl.Series([None, "", " "], dtype=pl.String))
    assert times.us.to_list() == times.reasons.to_list() == [None, None, None]


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - the zone follows
    st.integers(-14 * 60, 14 * 60),
)
def test_iso_times_agree_with_python(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert one(aware.isoformat()) == to_us(aware)
