"""A forecast is locked, time goes by, and the locked one is judged: by hand-computed errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from tests.unit.planning.test_plan import AS_OF, FIRST, S, slots, tables, us

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.planning import (
    JUDGED_SCHEMA,
    Override,
    Published,
    add_override,
    coming_volume,
    judged,
    publish_forecast,
    published,
    published_table,
)
from staffcast.planning.ledger import add_record
from staffcast.planning.published import PUBLISHED_SCHEMA
from staffcast.reports.forecasts import judged_table, value_added

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.planning.conftest import FactReader

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


@pytest.fixture
def reader(reader_of: Callable[..., FactReader]) -> FactReader:
    return reader_of(**tables())


def settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings(data_dir=tmp_path, forecast_model="best", **more)


def later(reader_of: Callable[..., FactReader], *, days: int, per_slot: int) -> FactReader:
    """The same desk some days on, with so many contacts a quarter-hour in them."""
    as_of = AS_OF + timedelta(days=days)
    facts = tables()
    came = [
        {"queue": "support", "n_offered": per_slot} | {name: row[name] for name in ("slot_at_us", "open_us")}
        for row in slots("support", AS_OF, days) if row["open_us"]
    ]  # fmt: skip
    facts["fact_arrivals"] += came
    info = [{"key": "as_of_us", "value": str(us(as_of))}, {"key": "timezone", "value": "UTC"}]
    return reader_of(**facts | {"build_info": info})


def test_published_forecasts_stay_as_they_are(reader: FactReader, tmp_path: Path) -> None:
    outlook = coming_volume(reader, settings(tmp_path))
    first = publish_forecast(reader, tmp_path, outlook, now=NOW)
    assert (first.first_date, first.end_date, first.version) == ("2026-11-16", "2026-11-23", 1)
    assert first.frame.height == 10
    assert first.frame["expected"].equals(first.frame["plain_expected"])
    assert first.frame["average_expected"].to_list() == pytest.approx([8.0] * 10)
    for row, counts in zip(
        first.frame.iter_rows(named=True), outlook.forecast.paths["support"].T, strict=True
    ):
        assert row["quantiles"][2] == np.quantile(counts, 0.5, method="inverted_cdf")
    with pytest.raises(ConfigError, match="was published on 2026-11-16"):
        publish_forecast(reader, tmp_path, outlook, now=NOW)
    add_override(tmp_path, Override("support", "2026-11-16T00:00", "2026-11-17T00:00", "sale", 2.0), now=NOW)
    second = publish_forecast(
        reader, tmp_path, coming_volume(reader, settings(tmp_path)), now=NOW, reason="a sale"
    )
    assert second.version == 2
    assert second.frame["plain_expected"].equals(first.frame["expected"])
    assert second.frame["expected"][0] == pytest.approx(2 * first.frame["expected"][0])
    kept = published(tmp_path)
    assert [own.reason for own in kept] == ["", "a sale"]
    assert kept[0].frame.equals(first.frame)
    assert published_table(kept)["period"].to_list() == ["2026-11-16/2026-11-22"] * 2


def test_another_period_needs_no_reason(reader: FactReader, tmp_path: Path) -> None:
    for days in (7, 6):
        outlook = coming_volume(
            reader,
            settings(
                tmp_path,
            ),
            days=days,
        )
        assert publish_forecast(reader, tmp_path, outlook, now=NOW).version == 1


def test_judged_by_hand(reader: FactReader, reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    """8 expected an hour; on Monday and Tuesday 4 a quarter-hour come: 32 contacts in each two hours."""
    add_override(tmp_path, Override("support", "2026-11-16T00:00", "2026-11-17T00:00", "sale", 1.5), now=NOW)
    outlook = coming_volume(
        reader,
        settings(
            tmp_path,
        ),
    )
    exact = outlook.plain.frame.with_columns(expected=8.0)
    lifted = exact.with_columns(
        expected=exact["expected"] * np.where(exact["local_date"] == "2026-11-16", 1.5, 1.0)
    )
    outlook = replace(
        outlook, plain=replace(outlook.plain, frame=exact), forecast=replace(outlook.forecast, frame=lifted)
    )
    publish_forecast(reader, tmp_path, outlook, now=NOW)
    found = judged(later(reader_of, days=2, per_slot=4), published(tmp_path))
    assert found.schema == JUDGED_SCHEMA
    assert found["queue"].to_list() == [None, "support"]
    [row] = found.filter(queue="support").to_dicts()
    assert (row["n_intervals"], row["contacts"], row["expected"]) == (4, 64.0, 40.0)
    assert row["wape"] == pytest.approx((4 + 4 + 8 + 8) / 64)
    assert row["plain_wape"] == pytest.approx(32 / 64)
    assert row["average_wape"] == pytest.approx(32 / 64)
    assert row["bias"] == pytest.approx(-24 / 64)
    assert (row["n_overridden"], row["overridden_contacts"]) == (2, 32.0)
    assert row["overridden_wape"] == pytest.approx(8 / 32)
    assert row["overridden_plain_wape"] == pytest.approx(16 / 32)
    assert row["pinball"] < row["plain_pinball"]
    assert 0 <= row["coverage_80"] <= 1
    [said] = value_added(found)
    assert said.endswith("WAPE 25.0% with them, 50.0% without: they helped")
    assert judged_table(found)["WAPE"].to_list() == ["37.5 %"] * 2


def own_frame(number: int, published_at: datetime, *, per_hour: float, every_min: int = 60) -> Published:
    """A promise of the two hours from 9 on of two days: so much in each interval of an hour."""
    starts = [
        AS_OF + timedelta(days=day, hours=9, minutes=every_min * part)
        for day in range(2)
        for part in range(120 // every_min)
    ]
    rows = [
        {
            "queue": "support",
            "interval_at_us": us(at),
            "local_date": at.date().isoformat(),
            "local_weekday": 1,
        }
        | {"local_minute": at.hour * 60 + at.minute, "open_us": every_min * 60 * S, "n_weeks": 2}
        | dict.fromkeys(
            ("expected", "plain_expected", "average_expected", "lower", "upper"), per_hour * every_min / 60
        )
        for at in starts
    ]
    frame = pl.DataFrame(rows, schema=PUBLISHED_SCHEMA)
    period = (AS_OF.date().isoformat(), (AS_OF.date() + timedelta(days=2)).isoformat())
    return Published(
        number, *period, number, published_at.isoformat(), us(AS_OF), every_min, "best", "", frame
    )


def counted(found: pl.DataFrame) -> list[tuple[int, int, float, float]]:
    own = found.drop_nulls("queue")
    return own.select("number", "n_intervals", "expected", "contacts").rows()


def test_an_interval_counts_in_the_latest_version_before_it(
    reader_of: Callable[..., FactReader],
) -> None:
    """16 contacts an hour on two days; 10 were promised on Sunday, 15 at 9:30 on Monday, 20 on Wednesday."""
    versions = [
        own_frame(1, AS_OF - timedelta(days=1), per_hour=10),
        own_frame(2, AS_OF + timedelta(hours=9, minutes=30), per_hour=15),
        own_frame(3, AS_OF + timedelta(days=2), per_hour=20),
    ]
    later_on = later(reader_of, days=2, per_slot=4)
    found = judged(later_on, versions)
    assert counted(found) == [(1, 1, 10.0, 16.0), (2, 3, 45.0, 48.0)]
    assert found.drop_nulls("queue")["wape"].to_list() == pytest.approx([6 / 16, 3 / 48])
    assert counted(judged(later_on, versions[2:])) == []


def test_at_the_very_begin_of_an_interval_a_version_still_counts(
    reader_of: Callable[..., FactReader],
) -> None:
    versions = [
        own_frame(1, AS_OF - timedelta(days=1), per_hour=10),
        own_frame(2, AS_OF + timedelta(hours=10), per_hour=15),
    ]
    found = judged(later(reader_of, days=1, per_slot=4), versions)
    assert counted(found) == [(1, 1, 10.0, 16.0), (2, 1, 15.0, 16.0)]


def test_half_hours_replace_hours(reader_of: Callable[..., FactReader]) -> None:
    """Half-hours published at 9:30 hold from then on; hours published at 10 replace those from 10 on."""
    hours, halves = (
        own_frame(number, AS_OF + at, per_hour=10, every_min=every)
        for number, at, every in ((1, timedelta(0), 60), (2, timedelta(hours=9, minutes=30), 30))
    )
    later_on = later(reader_of, days=1, per_slot=4)
    assert counted(judged(later_on, [hours, halves])) == [(1, 1, 10.0, 16.0), (2, 3, 15.0, 24.0)]
    again = own_frame(3, AS_OF + timedelta(hours=10), per_hour=10)
    assert counted(judged(later_on, [hours, halves, again])) == [
        (1, 1, 10.0, 16.0), (2, 1, 5.0, 8.0), (3, 1, 10.0, 16.0),
    ]  # fmt: skip


def test_overrides_that_did_harm_are_called_so(
    reader: FactReader, reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    add_override(tmp_path, Override("support", "2026-11-16T00:00", "2026-11-17T00:00", "sale", 3.0), now=NOW)
    outlook = coming_volume(reader, settings(tmp_path))
    publish_forecast(reader, tmp_path, outlook, now=NOW)
    [said] = value_added(judged(later(reader_of, days=1, per_slot=2), published(tmp_path)))
    assert said.endswith("they did not help")


def test_nothing_to_judge_yet(reader: FactReader, tmp_path: Path) -> None:
    publish_forecast(reader, tmp_path, coming_volume(reader, settings(tmp_path)), now=NOW)
    found = judged(reader, published(tmp_path))
    assert found.is_empty()
    assert list(value_added(found)) == []


def test_the_average_has_no_quantiles(
    reader: FactReader, reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    plain = Settings(data_dir=tmp_path, forecast_model="average")
    publish_forecast(reader, tmp_path, coming_volume(reader, plain), now=NOW)
    [own] = published(tmp_path)
    assert own.model == "average"
    assert own.frame["quantiles"].null_count() == own.frame.height
    assert judged(later(reader_of, days=1, per_slot=2), [own])["pinball"].to_list() == [None, None]


def test_a_foreign_record_is_named(tmp_path: Path) -> None:
    add_record(tmp_path, "published", {"first_date": FIRST.isoformat()})
    with pytest.raises(WarehouseError, match="is no published forecast"):
        published(tmp_path)
