"""Tables of what people know: read, refused with the place, and honoured by the forecast."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.unit.planning.test_plan import AS_OF, slots, tables

from staffcast.core.config import Settings
from staffcast.core.errors import ConfigError, ForecastError
from staffcast.forecasting import Event, evaluate_series
from staffcast.planning import coming_volume, judge_flag, kept_days, knowledge_of, past_volume

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.planning.conftest import FactReader

NOW = datetime(2026, 11, 16, tzinfo=UTC)


def written(folder: Path, text: str) -> str:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_events(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "name,first,last,uplift,sd,every_year,queue\n"
        "sale,2026-11-17,2026-11-18,1.5,0.2,,chat; sales\nbirthday,2026-11-20,,,,yes,\n",
    )
    sale, birthday = knowledge_of(Settings(data_dir=tmp_path, events=table, country="DE/BY")).calendar.events
    first, last = date(2026, 11, 17), date(2026, 11, 18)
    assert sale == Event("sale", first, last, 1.5, sd=0.2, queues=frozenset({"chat", "sales"}))
    assert birthday == Event("birthday", date(2026, 11, 20), every_year=True)


def test_an_event_lifts_its_days_and_widens_them(
    reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    reader = reader_of(**tables())
    usual = coming_volume(reader, Settings(data_dir=tmp_path)).forecast.frame
    for sd, queue in ((0.0, "support"), (0.4, "support"), (0.0, "other")):
        table = written(tmp_path, f"name,first,uplift,sd,queue\nsale,2026-11-17,1.5,{sd},{queue}\n")
        frame = coming_volume(reader, Settings(data_dir=tmp_path, events=table)).forecast.frame
        factor = (frame["expected"] / usual["expected"]).to_numpy()
        is_on = (frame["local_date"] == "2026-11-17").to_numpy()
        assert factor[~is_on] == pytest.approx(1.0)
        assert factor[is_on] == pytest.approx(1.5 if queue == "support" else 1.0)
        width = (frame["upper"] - frame["lower"]).to_numpy()
        is_wide = width[is_on].mean() > 1.6 * width[~is_on].mean()
        assert is_wide == (sd > 0)


def test_drivers_move_the_forecast_and_their_spread_its_width(
    reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    """Contacts are a tenth of the orders; 300 are planned where 100 or 200 are usual."""
    rng = np.random.default_rng(1)
    facts, first = tables(), AS_OF - timedelta(weeks=12)
    rows = [row for row in slots("support", first, 84) if row["open_us"]]
    orders = {day: int(rng.choice([100, 200])) for day in sorted({row["local_date"] for row in rows})}
    facts["fact_arrivals"] = [
        {name: row[name] for name in ("queue", "slot_at_us", "open_us")}
        | {"n_offered": int(rng.poisson(orders[row["local_date"]] / 10))}
        for row in rows
    ]
    facts["dim_slot"] = slots("support", first, 91)
    reader = reader_of(**facts)
    widths = []
    for sd in (0, 60):
        planned = {(AS_OF + timedelta(days=n)).date().isoformat(): 300 for n in range(7)}
        lines = [f"{day},{count},{sd}" for day, count in (orders | planned).items()]
        table = written(tmp_path, "\n".join(["date,orders,orders_sd", *lines]) + "\n")
        frame = coming_volume(reader, Settings(data_dir=tmp_path, drivers=table)).forecast.frame
        assert frame["expected"].mean() > 90  # 120 an hour would be right, 60 is usual
        widths.append((frame["upper"] - frame["lower"]).mean())
    assert widths[1] > 1.3 * widths[0]
    errors = [
        evaluate_series(past_volume(reader, settings=settings)["support"]).table["staffcast"]["2 weeks"].wape
        for settings in (Settings(data_dir=tmp_path, drivers=table), None)
    ]
    assert errors[0] < 0.8 * errors[1]
    table = written(tmp_path, "date,orders\n2026-11-02,100\n")
    with pytest.raises(ForecastError, match="no value of 'driver_orders'"):
        coming_volume(reader, Settings(data_dir=tmp_path, drivers=table))


def test_scenarios(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "name,what,from,to,factor,share,effective_share,sd,queue\n"
        "bot,,2026-11-16,2026-11-17,,0.5,0.4,0.1,chat\n"
        "bot,handle_time,2026-11-16 09:00,2026-11-16 12:00,1.2,,,,\n"
        "storm,,2026-11-20,2026-11-20,3,,,,\n",
    )
    known = knowledge_of(Settings(data_dir=tmp_path, scenarios=table, scenario="bot"))
    [bot], [slower] = known.scenario, known.handle_time
    assert (bot.factor, bot.sd, bot.queue) == (0.8, 0.1, "chat")
    assert (bot.first, bot.end) == ("2026-11-16T00:00", "2026-11-18T00:00")
    assert (slower.factor, slower.queue, slower.end) == (1.2, None, "2026-11-16T12:00")
    assert knowledge_of(Settings(data_dir=tmp_path, scenarios=table)).scenario == ()
    with pytest.raises(ConfigError, match="unknown scenario 'bott'"):
        knowledge_of(Settings(data_dir=tmp_path, scenarios=table, scenario="bott"))
    with pytest.raises(ConfigError, match="without a table"):
        knowledge_of(Settings(data_dir=tmp_path, scenario="bot"))


def test_a_new_queue_starts_as_its_sibling_did(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    """The sibling grew for eight weeks and stayed; the new queue, half its size, is two weeks old."""
    first = AS_OF - timedelta(weeks=24)
    facts = tables()
    facts["dim_slot"] = slots("support", first, 24 * 7 + 28) + slots("new", first, 24 * 7 + 28)
    rng, rows = np.random.default_rng(3), []
    for queue, size, age_weeks in (("support", 24.0, 22), ("new", 12.0, 2)):
        birth = AS_OF - timedelta(weeks=age_weeks)
        for row in slots(queue, birth, age_weeks * 7):
            week = (date.fromisoformat(row["local_date"]) - birth.date()).days // 7
            if row["open_us"]:
                came = int(rng.poisson(size * min(1.0, (week + 1) / 8)))
                rows.append({n: row[n] for n in ("queue", "slot_at_us", "open_us")} | {"n_offered": came})
    facts["fact_arrivals"] = rows
    reader = reader_of(**facts)
    alone, like = (
        coming_volume(reader, Settings(data_dir=tmp_path, like=text), days=28).forecast.frame.filter(
            queue="new"
        )
        for text in ("", "new=support, absent=support")
    )
    truth = np.array(
        [
            48 * min(1.0, ((date.fromisoformat(day) - AS_OF.date()).days // 7 + 3) / 8)
            for day in like["local_date"]
        ]
    )
    errors = [np.abs(frame["expected"].to_numpy() - truth).sum() / truth.sum() for frame in (alone, like)]
    assert errors[1] < 0.15
    assert errors[1] < 0.4 * errors[0]


def test_flagged_days_that_count_all_the_same(tmp_path: Path) -> None:
    for day, is_kept in ((3, True), (4, True), (3, False)):
        judge_flag(tmp_path, "chat", date(2026, 11, day), is_kept=is_kept, reason="r", now=NOW)
    assert kept_days(tmp_path) == {"chat": (date(2026, 11, 4),)}


@pytest.mark.parametrize(
    ("setting", "text", "words"),
    [
        ("events", "name\nsale\n", "no column 'first'"),
        ("events", "name,first,uplfit\nsale,2026-11-17,2\n", "unknown column 'uplfit'"),
        ("events", "name,first\nsale,soon\n", "table.csv:2"),
        ("events", "name,first,uplift\nsale,2026-11-17,0\n", "table.csv:2: .*no factor"),
        ("events", "name,first,sd\nsale,2026-11-17,-1\n", "table.csv:2"),
        ("events", "name,first\n", "no rows"),
        ("drivers", "date,orders\n2026-11-17,many\n", "table.csv:2"),
        ("drivers", "day,orders\n2026-11-17,5\n", "no column 'date'"),
        ("scenarios", "name,from,to,factor\ns,2026-11-17,2026-11-16,2\n", "table.csv:2: .*before it starts"),
        ("scenarios", "name,from,to,factor,share\ns,2026-11-17,2026-11-18,2,0.5\n", "a factor, or share"),
        ("scenarios", "name,from,to,share,effective_share\ns,2026-11-17,2026-11-18,2,0.5\n", "at most 1"),
        ("scenarios", "name,what,from,to,factor\ns,volume,2026-11-17,2026-11-18,2\n", "neither contacts"),
        ("scenarios", "name,from,to,factor\ns,2026-11-17,2026-11-18,nan\n", "0 or more"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, setting: str, text: str, words: str) -> None:
    chosen: dict[str, Any] = {
        setting: written(tmp_path, text),
        "scenario": "s" if setting == "scenarios" else "",
    }
    with pytest.raises(ConfigError, match=words):
        knowledge_of(Settings(data_dir=tmp_path, **chosen))


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no CSV"):
        knowledge_of(Settings(data_dir=tmp_path, events=str(tmp_path / "absent.csv")))
    with pytest.raises(ConfigError, match="is no pair"):
        knowledge_of(Settings(data_dir=tmp_path, like="new"))
    assert knowledge_of(Settings(data_dir=tmp_path, like=" a = b ,c=d")).like == {"a": "b", "c": "d"}
