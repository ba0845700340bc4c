"""``staffcast forecast --backtest``: every horizon of every queue, told what the forecast is told."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from tests.unit.forecasting.desk import cells

from staffcast import forecasting, planning
from staffcast.forecasting import series_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from staffcast.core.config import Settings

    Staffcast = Callable[..., Any]

DAY = date(2026, 7, 1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Twelve weeks of two queues, and a note of what their back-test was given."""
    given: dict[str, Any] = {"keep": []}

    def past(_reader: object, *, every_min: int, settings: Settings) -> dict[str, Any]:
        given.update(every=every_min, retries=settings.retries)
        return {name: series_of(cells(name, 9.0, seed=seed)) for seed, name in enumerate(("a", "b"))}

    def judged(*arguments: Any, keep: Any, **more: Any) -> Any:
        given["keep"].append(tuple(keep))
        return evaluate_series(*arguments, keep=keep, **more)

    evaluate_series = forecasting.evaluate_series
    monkeypatch.setattr(planning, "past_volume", past)
    monkeypatch.setattr(forecasting, "evaluate_series", judged)
    return given


def test_three_horizons_of_every_queue(
    staffcast: Staffcast, desk: Path, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFCAST_RETRIES", "leave_out")
    shown = staffcast("forecast", "--backtest", "-d", desk, "-f", "table", "--every", "30").out
    assert "1 day / 2 weeks / 4 weeks ahead" in shown
    rows = [line for line in shown.splitlines() if line.startswith((" a ", " b "))]
    assert len(rows) == 8  # the forecast, last week, and two means
    assert all(line.count(" / ") == 12 for line in rows)
    assert told == {"every": 30, "retries": "leave_out", "keep": [(), ()]}


def test_days_that_count_all_the_same_are_judged_so(
    staffcast: Staffcast, desk: Path, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning.knowledge, "kept_days", lambda _: {"b": (DAY,)})
    done = staffcast("forecast", "--backtest", "-d", desk, "-f", "csv")
    assert done.code == 0, done.err
    assert told["keep"] == [(), (DAY,)]


def test_a_queue_alone_has_its_horizons_below_one_another(
    staffcast: Staffcast, desk: Path, told: dict[str, Any]
) -> None:
    shown = staffcast("forecast", "--backtest", "--queue", "a", "-d", desk, "-f", "table").out
    assert sum(line.startswith(" a ") for line in shown.splitlines()) == 12
    assert len(told["keep"]) == 1
