"""Several queues at once."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.unit.forecasting.desk import cells, coming

from staffcast.core.errors import ForecastError
from staffcast.forecasting import FORECAST_SCHEMA, forecast_queues

RNG_SEED = 5


def rng() -> np.random.Generator:
    return np.random.default_rng(RNG_SEED)


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    return pl.concat([cells("a", 12.0, seed=1), cells("b", 5.0, seed=2), cells("thin", 0.1, seed=3)])


@pytest.fixture(scope="module")
def future() -> pl.DataFrame:
    return pl.concat([coming(name) for name in ("a", "b", "new", "thin")])


def test_frame_paths_and_choices(history: pl.DataFrame, future: pl.DataFrame) -> None:
    forecast = forecast_queues(history, future, rng=rng(), n_paths=200)
    assert forecast.frame.schema == FORECAST_SCHEMA
    assert forecast.frame.height == future.height
    assert set(forecast.paths) == {"a", "b", "new", "thin"}
    for queue, paths in forecast.paths.items():
        own = forecast.frame.filter(pl.col("queue") == queue)
        assert paths.shape == (200, own.height)
        assert np.all(paths >= 0)
        assert np.array_equal(paths, np.rint(paths))
        assert own["interval_at_us"].is_sorted()
    assert forecast.choices["a"].pinball
    assert forecast.choices["new"].name == "pooled"
    assert any("no contact so far" in note for note in forecast.notes["new"])


def test_expected_is_near_the_truth(history: pl.DataFrame, future: pl.DataFrame) -> None:
    whole = forecast_queues(history, future, rng=rng(), n_paths=0).frame
    assert (whole["lower"] <= whole["expected"]).all()
    assert (whole["upper"] >= whole["expected"].floor()).all()
    frame = whole.filter(pl.col("queue") == "a")
    truth = (
        12.0
        * np.where(frame["local_weekday"] == 1, 1.5, 1.0)
        * (1 + 0.5 * np.sin(frame["local_minute"] / 60))
    )
    assert frame["expected"].to_numpy() == pytest.approx(truth, rel=0.25)


def test_queues_sum_to_the_total_path_by_path(history: pl.DataFrame, future: pl.DataFrame) -> None:
    forecast = forecast_queues(history, future, rng=rng(), n_paths=50)
    instants, total = forecast.total_paths()
    assert len(instants) == coming("a").height
    assert np.array_equal(total, sum(forecast.paths.values()))


def test_paths_agree_with_the_frame(history: pl.DataFrame, future: pl.DataFrame) -> None:
    forecast = forecast_queues(history, future, rng=rng(), n_paths=2000)
    own = forecast.frame.filter(pl.col("queue") == "a")
    assert forecast.paths["a"].mean(axis=0) == pytest.approx(own["expected"].to_numpy(), rel=0.05)
    inside = (forecast.paths["a"] >= own["lower"].to_numpy()) & (
        forecast.paths["a"] <= own["upper"].to_numpy()
    )
    assert 0.76 < inside.mean() < 0.92


def test_same_seed_same_paths(history: pl.DataFrame, future: pl.DataFrame) -> None:
    one, two = (forecast_queues(history, future, rng=rng(), n_paths=5) for _ in range(2))
    assert all(np.array_equal(one.paths[name], two.paths[name]) for name in one.paths)


def test_a_new_queue_takes_after_its_sibling(history: pl.DataFrame, future: pl.DataFrame) -> None:
    young = cells("new", 3.0, first_day=77, n_days=84, seed=9)
    frame = forecast_queues(
        pl.concat([history, young]), future, rng=rng(), n_paths=0, like={"new": "b"}
    ).frame.filter(pl.col("queue") == "new")
    assert frame["expected"].mean() == pytest.approx(3.5, rel=0.3)


@pytest.mark.parametrize("n_days", [3, 4, 8, 14])
def test_short_histories_get_wider_answers(n_days: int) -> None:
    history = cells("a", 12.0, first_day=84 - n_days, seed=4)
    short = forecast_queues(history, coming("a"), rng=rng(), n_paths=20)
    long = forecast_queues(cells("a", 12.0, seed=4), coming("a"), rng=rng(), n_paths=20)
    assert np.isfinite(short.frame["expected"].to_numpy()).all()
    assert (short.frame["upper"] - short.frame["lower"]).mean() > (
        long.frame["upper"] - long.frame["lower"]
    ).mean()


def test_constant_history_is_forecast_as_it_is() -> None:
    constant = cells("a", 12.0).with_columns(n_offered=pl.lit(7))
    assert forecast_queues(constant, coming("a"), rng=rng(), n_paths=9).frame[
        "expected"
    ].to_numpy() == pytest.approx(7)


def test_a_spike_is_flagged_left_out_and_can_be_kept() -> None:
    history = cells("a", 12.0, seed=4)
    spike = (
        pl.when(pl.col("local_date") == "2026-08-19").then(100 * pl.col("n_offered")).otherwise("n_offered")
    )
    spoilt = history.with_columns(n_offered=spike)
    plain = forecast_queues(history, coming("a"), rng=rng(), n_paths=0)
    robust = forecast_queues(spoilt, coming("a"), rng=rng(), n_paths=0)
    (flag,) = robust.flags["a"]
    assert "2026-08-19" in flag.reason
    assert robust.frame["expected"].to_numpy() == pytest.approx(plain.frame["expected"].to_numpy(), rel=0.3)
    kept = forecast_queues(spoilt, coming("a"), rng=rng(), n_paths=0, keep_days={"a": [flag.day]})
    assert not np.allclose(kept.frame["expected"], robust.frame["expected"])


def test_a_driver_explains_the_level_of_days() -> None:
    plain = pl.concat([cells("a", 30.0), cells("a", 30.0, first_day=84, n_days=98)])
    orders = pl.col("local_date").str.to_date().dt.ordinal_day().mul(37).mod(11) / 10
    driven = plain.with_columns(
        driver_orders=orders, n_offered=pl.col("n_offered") * (1 + orders)
    ).with_columns(n_offered=pl.col("n_offered").round())
    first = coming("a")["interval_at_us"].min()
    past, truth = (
        driven.filter(pl.col("interval_at_us") < first),
        driven.filter(pl.col("interval_at_us") >= first),
    )
    known = forecast_queues(past, truth.drop("n_offered"), rng=rng(), n_paths=0)
    blind = forecast_queues(
        past.drop("driver_orders"), truth.drop("n_offered", "driver_orders"), rng=rng(), n_paths=0
    )
    errors = [(f.frame["expected"] - truth["n_offered"]).abs().sum() for f in (known, blind)]
    assert errors[0] < 0.75 * errors[1]


def test_a_driver_without_a_plan_is_refused(history: pl.DataFrame, future: pl.DataFrame) -> None:
    driven = history.with_columns(driver_orders=pl.lit(1.0))
    with pytest.raises(ForecastError, match="'driver_orders' is in the history only"):
        forecast_queues(driven, future, rng=rng())
    with pytest.raises(ForecastError, match="no value of 'driver_orders'"):
        forecast_queues(driven, future.with_columns(driver_orders=pl.lit(None, pl.Float64)), rng=rng())


def test_refusals(history: pl.DataFrame, future: pl.DataFrame) -> None:
    with pytest.raises(ForecastError, match="no open interval to forecast"):
        forecast_queues(history, future.clear(), rng=rng())
    with pytest.raises(ForecastError, match="no contact in the history of any queue"):
        forecast_queues(history.with_columns(n_offered=pl.lit(0)), future, rng=rng())
    with pytest.raises(ForecastError, match="which is no queue"):
        forecast_queues(history, future, rng=rng(), like={"new": "bb"})


def test_cells_that_cannot_be(history: pl.DataFrame, future: pl.DataFrame) -> None:
    longer = pl.when(pl.col("local_date") > "2026-07-01").then(2).otherwise(1)
    half_hours = future.with_columns(open_us=pl.col("open_us") // 2)
    halves = pl.concat([half_hours, half_hours.with_columns(pl.col("local_minute", "interval_at_us") + 30)])
    for wrong, words in (
        ((pl.concat([history, history.head(3)]), future), "history: 2026-06-01 09:00 of queue 'a' is there"),
        ((history, pl.concat([future, future.tail(1)])), r"future: .* more than once \(2 such rows\)"),
        ((history.with_columns(open_us=pl.col("open_us") * longer), future), "is longer than"),
        ((history, halves), "09:00 is longer than 30 minutes"),
        ((pl.DataFrame(), future), "history: no column 'queue'"),
        ((pl.DataFrame(schema=history.columns), future), "no contact in the history of any queue"),
        ((history, future.drop("open_us")), "future: no column 'open_us'"),
        ((history.with_columns(n_offered=pl.lit("many")), future), "'n_offered' is no Float64"),
        ((history.with_columns(local_date=pl.lit("soon")), future), "'local_date' is no String"),
    ):
        with pytest.raises(ForecastError, match=words):
            forecast_queues(*wrong, rng=rng())


def test_a_contact_a_month_is_forecast_as_that() -> None:
    """A robust level of such a queue is 0; its mean is not."""
    rare = cells("rare", 12.0).with_columns(
        n_offered=(pl.col("local_date").is_in(["2026-06-15", "2026-07-14", "2026-08-12"])
                   & (pl.col("local_minute") == 600)).cast(pl.Int64)
    )  # fmt: skip
    found = forecast_queues(rare, coming("rare"), rng=rng(), n_paths=0)
    assert found.frame["expected"].sum() == pytest.approx(3 / 6, rel=0.1)
    assert "few contacts" in found.notes["rare"][0]
