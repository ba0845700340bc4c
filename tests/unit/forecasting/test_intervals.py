"""Tables of counts: what is refused, what is assumed and said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from staffcast.core.calendars import OpeningHours
from staffcast.core.errors import ForecastError
from staffcast.forecasting.intervals import cells_of_counts, series_of_counts

MONDAY = datetime.fromisoformat("2026-11-02T09:00")


def table(n_days: int = 14, n_slots: int = 8, step_min: int = 60, start: datetime = MONDAY) -> pl.DataFrame:
    times = [start + timedelta(days=d, minutes=s * step_min) for d in range(n_days) for s in range(n_slots)]
    return pl.DataFrame({"ds": times, "y": [float(k % 5) for k in range(len(times))]})


def test_plain_table() -> None:
    series = series_of_counts(table())
    assert len(series) == 14
    assert series.slot_min == 60
    assert series.notes == ()
    assert series.counts[0, 9:17].tolist() == [0, 1, 2, 3, 4, 0, 1, 2]


def test_text_times_and_other_order() -> None:
    frame = table()
    text = frame.with_columns(pl.col("ds").dt.to_string("%Y-%m-%d %H:%M:%S")).reverse()
    series = series_of_counts(text)
    assert np.array_equal(series.counts, series_of_counts(frame).counts)
    assert series.notes == ("the intervals were not in order of time: sorted",)


def test_instants_are_read_in_the_zone_of_the_desk() -> None:
    frame = table().with_columns(pl.col("ds").dt.replace_time_zone("UTC"))
    cells = cells_of_counts(frame, timezone="Europe/Berlin").cells
    assert cells["local_minute"][0] == 600
    assert cells["interval_at_us"][0] == int(datetime(2026, 11, 2, 9, tzinfo=UTC).timestamp()) * 1_000_000


def test_the_repeated_hour_of_instants_is_averaged() -> None:
    first = datetime(2026, 10, 19, tzinfo=UTC)
    times = [first + timedelta(hours=k) for k in range(24 * 14)]
    frame = pl.DataFrame({"ds": times, "y": [1.0] * len(times)})
    series = series_of_counts(frame, timezone="Europe/Berlin")
    assert np.nanmax(series.rates) == 1
    assert series.rates[6, 2] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.rename({"y": "count"}), "no column 'y' among ds, count"),
        (lambda f: f.clear(), "no rows"),
        (lambda f: f.head(8), "1 days of history are too few"),
        (lambda f: f.head(24), "3 days of history are too few"),
        (lambda f: f.with_columns(y=pl.lit(0)), "no contact in 14 open days"),
        (lambda f: f.with_columns(y=pl.col("y") - 1), "2026-11-02 09:00:00: -1 contacts"),
        (lambda f: f.with_columns(y=pl.lit(float("nan"))), "nan contacts"),
        (lambda f: pl.concat([f, f.head(1)]), "2026-11-02 09:00:00 is there more than once"),
        (lambda f: f.with_columns(ds=pl.lit("soon")), "row 1: 'soon' is no time"),
        (lambda f: f.with_columns(y=pl.lit("many")), "'many' is no count"),
        (lambda f: f.with_columns(y=pl.lit(None, pl.Float64)), "no count in column y"),
        (lambda f: f.with_columns(ds=pl.lit(3)), "not a time"),
        (lambda f: f.with_columns(pl.col("ds") + timedelta(seconds=7)), "seconds"),
        (
            lambda f: pl.concat([f, table(10, 16, 30, MONDAY + timedelta(days=14))]),
            "intervals of 60 minutes, but of 30",
        ),
        (
            lambda f: pl.concat([f, table(1, 2, 60, MONDAY + timedelta(days=14, minutes=20))]),
            "intervals of different lengths",
        ),
    ],
)
def test_refusals(change: object, words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        series_of_counts(change(table()))  # type: ignore[operator] # a lambda from the table above


def test_short_history_and_gaps_are_said() -> None:
    assert series_of_counts(table(8)).notes == ("1.1 weeks of history: the intervals are wide",)
    gap = pl.concat([table(14), table(14, start=MONDAY + timedelta(days=45))])
    assert series_of_counts(gap).notes == ("31 days without data after 2026-11-15",)


def test_opening_hours_fill_zeros_and_leave_out_what_is_outside() -> None:
    hours = OpeningHours.from_rules({"mon-fri": ["09:00", "16:30"]}, timezone="UTC")
    frame = table(14).filter(~((pl.col("ds").dt.hour() == 11) & (pl.col("ds").dt.day() == 3)))
    series = series_of_counts(frame, hours=hours)
    assert len(series) == 10
    assert series.seen[1, 11]
    assert series.counts[1, 11] == 0
    assert series.days.open_share[0, 16] == 0.5
    assert any("1 open intervals without a row" in note for note in series.notes)
    assert any("outside the opening hours" in note for note in series.notes)


def test_a_table_without_zeros_gets_them_back() -> None:
    frame = table().filter(pl.col("y") > 0)
    series = series_of_counts(frame)
    assert (series.counts[series.seen] == 0).any()
    assert "are taken as 0" in series.notes[0]
