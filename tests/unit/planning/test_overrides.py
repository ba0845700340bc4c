"""Overrides: what they change, in the mean, the bounds and every path; and that the log forgets nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.forecasting import FORECAST_SCHEMA, VolumeForecast
from staffcast.planning import Change, Override, add_override, changed, overrides, span_of, undo_override
from staffcast.planning.ledger import add_record
from staffcast.planning.overrides import changes_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
HOUR_US = 3_600_000_000


def forecast(n_paths: int = 4000) -> VolumeForecast:
    """Two queues, two days of three hours at 20 contacts."""
    rows = [
        (queue, (day * 24 + hour) * HOUR_US, f"2026-11-{16 + day}", day + 1, hour * 60, HOUR_US, 20.0, 14.0,
         26.0, 8)
        for queue in ("chat", "sales") for day in range(2) for hour in (9, 10, 11)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=FORECAST_SCHEMA, orient="row")
    rng = np.random.default_rng(3)
    paths = {queue: rng.poisson(20.0, (n_paths, 6)).astype(float) for queue in ("chat", "sales")}
    return VolumeForecast(frame, paths, {}, {})


def override(**more: Any) -> Override:
    given = {"queue": "chat", "first": "2026-11-16T10:00", "end": "2026-11-17T00:00", "reason": "sale"}
    return Override(**(given | {"uplift": 1.5} | more))


def test_an_uplift_is_of_its_queue_and_time_only() -> None:
    before = forecast()
    after = changed(before, [override().change])
    assert after.frame.filter(queue="chat")["expected"].to_list() == [20, 30, 30, 20, 20, 20]
    assert after.frame.filter(queue="chat")["upper"].to_list() == [26, 39, 39, 26, 26, 26]
    assert after.frame.filter(queue="sales").equals(before.frame.filter(queue="sales"))
    assert np.array_equal(after.paths["sales"], before.paths["sales"])
    chat = after.paths["chat"]
    assert np.array_equal(chat[:, [0, 3, 4, 5]], before.paths["chat"][:, [0, 3, 4, 5]])
    assert chat[:, 1:3].mean() == pytest.approx(30, rel=0.02)
    assert np.array_equal(chat, np.rint(chat))
    assert np.all(chat >= before.paths["chat"])


def test_a_value_is_spread_as_the_forecast_is() -> None:
    after = changed(forecast(), [override(uplift=None, contacts=10.0).change])
    assert after.frame.filter(queue="chat")["expected"].to_list() == [20, 5, 5, 20, 20, 20]
    assert after.paths["chat"][:, 1].mean() == pytest.approx(5, rel=0.05)


def test_changes_multiply_and_zero_closes() -> None:
    twice = changed(forecast(), [override().change, override(queue=None, uplift=2.0).change])
    assert twice.frame["expected"].to_list()[:3] == [20, 60, 60]
    assert twice.frame.filter(queue="sales")["expected"].to_list()[:3] == [20, 40, 40]
    none = changed(forecast(), [override(uplift=0.0).change])
    assert not none.paths["chat"][:, 1:3].any()


def test_what_lies_elsewhere_changes_nothing() -> None:
    before = forecast()
    after = changed(before, [override(first="2027-01-01T00:00", end="2027-01-02T00:00").change])
    assert after.frame.equals(before.frame)
    nothing = VolumeForecast(before.frame.with_columns(expected=0.0), {}, {}, {})
    assert changed(nothing, [override(uplift=None, contacts=9.0).change]).frame["expected"].sum() == 0


def test_an_uncertain_change_widens_the_bounds() -> None:
    sure, unsure = (
        changed(forecast(), [Change("s", "chat", "2026-11-16T09:00", "2026-11-16T10:00", 1.5, None, sd)])
        for sd in (1e-9, 0.6)
    )
    widths = [own.frame["upper"][0] - own.frame["lower"][0] for own in (sure, unsure)]
    assert widths[1] > 1.7 * widths[0]
    assert unsure.paths["chat"][:, 0].mean() == pytest.approx(30, rel=0.05)
    assert sure.frame["upper"][1] == 26


def test_the_log_keeps_everything(tmp_path: Path) -> None:
    first = add_override(tmp_path, override(), now=NOW)
    second = add_override(tmp_path, override(queue=None, reason="storm"), now=NOW)
    assert (first.number, second.number) == (1, 2)
    undo_override(tmp_path, 1, reason="cancelled", now=NOW)
    log = overrides(tmp_path)
    assert [(own.number, own.reason, own.is_undone) for own in log] == [
        (1, "sale", True),
        (2, "storm", False),
    ]
    assert [change.name for change in changes_of(log)] == ["override 2: storm"]
    assert log[0].made_at == NOW.isoformat()
    for number in (1, 3):
        with pytest.raises(ConfigError, match=rf"no override {number} is in force \(in force: 2\)"):
            undo_override(tmp_path, number, reason="", now=NOW)


def test_a_foreign_record_is_named(tmp_path: Path) -> None:
    add_record(tmp_path, "overrides", {"something": 1})
    with pytest.raises(WarehouseError, match="is no override"):
        overrides(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"uplift": None}, "an uplift or a value"),
        ({"contacts": 3.0}, "an uplift or a value"),
        ({"uplift": -1.0}, "no uplift"),
        ({"uplift": float("nan")}, "no uplift"),
        ({"uplift": 101.0}, "no uplift"),
        ({"uplift": None, "contacts": 3.0, "queue": None}, "of one queue"),
        ({"reason": " "}, "needs a reason"),
        ({"end": "2026-11-16T10:00"}, "is empty"),
    ],
)
def test_refusals(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        override(**wrong)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-16 25:00", "", "16.11.2026"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="no local date or time"):
        span_of(text, "2026-11-16")
