"""Who gave up and came back: counted by hand, taken out of the demand, and uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.planning.test_plan import tables

from staffcast.core.config import Settings, resolve
from staffcast.core.errors import ConfigError
from staffcast.planning import coming_volume, past_volume
from staffcast.planning.retries import retry_rates, uncertain_retries, without_retries
from staffcast.planning.volume import past_cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.planning.conftest import FactReader

MINUTE_US = 60_000_000


def lost(gap_min: int | None, **more: Any) -> dict[str, Any]:
    gap = None if gap_min is None else gap_min * MINUTE_US
    row = {"queue": "support", "is_offered": True, "is_abandoned": True, "customer_key": "k"}
    return row | {"maturity_us": 600 * MINUTE_US, "next_any_gap_us": gap} | more


def facts() -> dict[str, list[dict[str, Any]]]:
    """Half of 80 who gave up came back within the hour; half of all contacts gave up."""
    given = tables()
    for row in given["fact_arrivals"]:
        row["n_abandoned"] = row["n_offered"] // 2
    given["fact_conversation"] = [
        *[lost(30)] * 40, *[lost(61)] * 20, *[lost(None)] * 20,
        lost(5, customer_key=None), lost(5, maturity_us=5 * MINUTE_US), lost(5, is_abandoned=False),
        lost(5, is_offered=False),
    ]  # fmt: skip
    return given


def test_rates_by_hand(reader_of: Callable[..., FactReader]) -> None:
    rates = retry_rates(reader_of(**facts()))
    assert list(rates) == ["support"]
    assert rates["support"].share == pytest.approx((40 + 0.3 * 20) / (80 + 20))


def test_first_contacts_are_forecast_and_uncertain(
    reader_of: Callable[..., FactReader], tmp_path: Path
) -> None:
    """Of 8 an hour 4 gave up, and 46 % of these came back: 6.16 are first contacts."""
    reader = reader_of(**facts())
    for model in ("average", "best"):
        counted, left_out = (
            coming_volume(reader, Settings(data_dir=tmp_path, forecast_model=model, retries=how))
            for how in ("count", "leave_out")
        )
        assert counted.forecast.frame["expected"].to_list() == pytest.approx([8.0] * 10, rel=0.02)
        assert left_out.forecast.frame["expected"].to_list() == pytest.approx([6.16] * 10, rel=0.02)
        [change] = left_out.changes
        assert change.factor == 1.0
        assert 0.01 < change.sd < 0.05
        assert "46%" in change.words


def test_a_back_test_judges_first_contacts_too(reader_of: Callable[..., FactReader], tmp_path: Path) -> None:
    reader = reader_of(**facts())
    plain = past_volume(reader)["support"]
    for how, factor in (("count", 1.0), ("leave_out", 6.16 / 8)):
        found = past_volume(reader, settings=Settings(data_dir=tmp_path, retries=how))["support"]
        assert found.counts.sum() == pytest.approx(factor * plain.counts.sum())


def test_queues_without_losses_stay_as_they_are(reader_of: Callable[..., FactReader]) -> None:
    reader = reader_of(**tables())
    cells = past_cells(reader, 60)
    assert retry_rates(reader) == {}
    assert without_retries(cells, {})["n_offered"].to_list() == cells["n_offered"].to_list()
    assert list(uncertain_retries(cells, {}, "2026-11-16", "2026-11-23")) == []


def test_another_word_is_refused() -> None:
    with pytest.raises(ConfigError, match="'ignore' of retries"):
        resolve(flags={"retries": "ignore"})
