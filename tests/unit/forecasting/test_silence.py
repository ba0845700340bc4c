"""Days in a row without a contact: never a silent forecast of 0."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.unit.forecasting.desk import cells, coming

from staffcast.core.errors import ForecastError
from staffcast.forecasting import Calendar, Event, clean, forecast_queues, series_of
from staffcast.forecasting.silence import silent_runs


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def without(history: pl.DataFrame, first: str, last: str) -> pl.DataFrame:
    is_silent = pl.col("local_date").is_between(pl.lit(first), pl.lit(last))
    return history.with_columns(pl.when(is_silent).then(0).otherwise(pl.col("n_offered")).alias("n_offered"))


@pytest.mark.parametrize("first", ["2026-07-27", "2026-08-06"])
def test_zeros_at_the_end_are_an_outage_that_is_said(first: str) -> None:
    """A month, and two and a half weeks."""
    whole = cells("a", 12.0, seed=4)
    usual = forecast_queues(whole, coming("a"), rng=rng(), n_paths=0)
    found = forecast_queues(without(whole, first, "2026-08-30"), coming("a"), rng=rng(), n_paths=9)
    assert found.frame["expected"].sum() == pytest.approx(usual.frame["expected"].sum(), rel=0.1)
    width, before = ((one.frame["upper"] - one.frame["lower"]).mean() for one in (found, usual))
    assert width > 1.15 * before
    (note,) = found.notes["a"]
    assert f"no contact from {first} on: taken as an outage" in note
    (flag,) = found.flags["a"]
    assert flag.reason.startswith(f"{first} to 2026-08-21: no contact where ")


def test_undone_they_count() -> None:
    history = without(cells("a", 12.0, seed=4), "2026-07-27", "2026-08-30")
    keep = {"a": [date(2026, 7, 27)]}
    found = forecast_queues(history, coming("a"), rng=rng(), n_paths=0, keep_days=keep)
    assert found.frame["expected"].mean() < 3
    assert found.notes["a"] == ()


def test_after_six_weeks_a_queue_is_closed_and_that_is_said() -> None:
    closed = without(cells("a", 12.0, seed=4), "2026-07-06", "2026-08-30")
    with pytest.raises(ForecastError, match="no contact in the last 42 days of any queue"):
        forecast_queues(closed, coming("a"), rng=rng())
    both = pl.concat([closed, cells("b", 9.0, seed=6)])
    found = forecast_queues(both, pl.concat([coming("a"), coming("b")]), rng=rng(), n_paths=9)
    own = found.frame.filter(queue="a")["expected"]
    assert 0 < own.sum() < 1
    assert "no contact from 2026-07-06 on: taken as closed" in found.notes["a"][0]


def test_zeros_in_the_middle_are_left_out() -> None:
    whole = cells("a", 12.0, seed=4)
    series = series_of(without(whole, "2026-07-06", "2026-07-17"))
    cleaned, (flag,) = clean(series, Calendar())
    assert (flag.day, flag.last) == (date(2026, 7, 6), date(2026, 7, 17))
    assert not cleaned.seen[(series.dates >= np.datetime64("2026-07-06")) & (series.totals == 0)].any()
    own_closure = Calendar(events=(Event("works", date(2026, 7, 6), date(2026, 7, 17), uplift=0.01),))
    assert clean(series, own_closure)[1] == ()


def test_zeros_before_the_first_contact_are_no_history() -> None:
    whole = cells("a", 12.0, seed=4)
    young = forecast_queues(without(whole, "2026-06-01", "2026-07-17"), coming("a"), rng=rng(), n_paths=0)
    assert "no contact before 2026-07-20: taken as not open yet" in young.notes["a"]
    alone = forecast_queues(
        whole.filter(pl.col("local_date") >= "2026-07-20"), coming("a"), rng=rng(), n_paths=0
    )
    assert young.frame["expected"].to_list() == alone.frame["expected"].to_list()


def test_chance_is_no_silence() -> None:
    """Four days without a contact are usual where one comes every other day, whatever an old peak was."""
    counts = np.tile([1.0, 0, 0, 0, 0, 0, 1, 0], 10)[:, None]
    assert silent_runs(counts, np.ones_like(counts)) == []
    lone = np.zeros((85, 1))
    lone[40] = 1
    assert silent_runs(lone, np.ones_like(lone)) == []


def test_two_outages_with_a_test_contact_between_them() -> None:
    counts = np.full((60, 1), 30.0)
    counts[20:35] = counts[36:60] = 0
    counts[35] = 1
    assert silent_runs(counts, np.ones_like(counts)) == [slice(20, 35), slice(36, 60)]
    closed = np.where(np.arange(60)[:, None] % 7 < 5, 1.0, 0.0)
    assert silent_runs(np.where(closed > 0, counts, 0.0), np.zeros_like(counts)) == []
