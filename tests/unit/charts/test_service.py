from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from staffcast.charts import alt_text, daily_chart, hours_chart
from staffcast.charts.theme import COLORWAY

if TYPE_CHECKING:
    import plotly.graph_objects as go

DAYS = pl.DataFrame(
    {
        "date": ["2026-11-02", "2026-11-03", "2026-11-04"],
        "offered": [10.0, 0.0, 20.0],
        "answered": [8.0, 0.0, 15.0],
        "abandoned": [2.0, 0.0, 5.0],
        "service_level": [0.9, None, 0.5],
        "ci_low": [0.6, None, 0.3],
        "ci_high": [0.98, None, 0.7],
        "n": [10, 0, 20],
    }
)


def trace(figure: go.Figure, name: str) -> Any:
    return next(item for item in figure.data if item.name and item.name.startswith(name))


def test_volume_and_service_level_share_the_days() -> None:
    figure = daily_chart(DAYS, target_share=0.8)
    assert list(trace(figure, "Answered").y) == [8, 0, 15]
    assert list(trace(figure, "Abandoned").y) == [2, 0, 5]
    assert list(trace(figure, "Accepted in time").y) == [0.9, None, 0.5]
    drawn = [trace(figure, name) for name in ("Answered", "Abandoned", "Accepted")]
    assert {tuple(item.x) for item in drawn} == {tuple(DAYS["date"])}
    assert figure.layout.xaxis.matches == "x2"


def test_the_target_runs_from_end_to_end() -> None:
    target = trace(daily_chart(DAYS, target_share=0.8), "Target 80%")
    assert (list(target.x), list(target.y)) == (["2026-11-02", "2026-11-04"], [0.8, 0.8])


def test_the_band_does_not_reach_over_a_day_without_one() -> None:
    band = next(
        item for item in daily_chart(DAYS, target_share=0.8).data if getattr(item, "fill", "") == "toself"
    )
    assert list(band.x) == ["2026-11-02", "2026-11-02", None, "2026-11-04", "2026-11-04", None]
    assert list(band.y) == [0.98, 0.6, None, 0.7, 0.3, None]


def test_the_scale_of_the_shares_shows_interval_and_target() -> None:
    low, high = daily_chart(DAYS, target_share=0.8).layout.yaxis2.range
    assert 0 <= low < 0.3
    assert high >= 1


def test_the_daily_words_name_the_worst_day() -> None:
    words = alt_text(daily_chart(DAYS, target_share=0.8))
    assert "30 offered, 7 abandoned" in words
    assert "below the target of 80% on 1 of 2 days; the lowest was 50% on 2026-11-04" in words


@pytest.mark.parametrize("days", [DAYS.clear(), DAYS.slice(1, 1)])
def test_without_conversations_the_reason(days: pl.DataFrame) -> None:
    assert "No conversations" in alt_text(daily_chart(days, target_share=0.8))


def test_days_without_a_service_level_are_drawn_all_the_same() -> None:
    days = DAYS.with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("service_level", "ci_low", "ci_high")
    )
    assert alt_text(daily_chart(days, target_share=0.8)).endswith("No day has a service level.")


HOURS = pl.DataFrame({"weekday": [1, 1, 3], "hour": [9, 10, 12], "value": [4.0, 0.0, 8.0]})


def test_open_hours_are_cells_and_closed_ones_hatched() -> None:
    closed, cells = hours_chart(HOURS).data
    assert list(cells.x) == [9, 10, 11, 12]
    assert list(cells.z[0]) == [4.0, 0.0, None, None]
    assert list(cells.z[2]) == [None, None, None, 8.0]
    assert len(closed.x) == 7 * 4 - 3
    assert closed.marker.pattern.shape == "/"
    spots = {(round(base + 0.46), hour) for base, hour in zip(closed.base, closed.x, strict=True)}
    assert (1, 9) not in spots
    assert {(1, 11), (1, 12), (3, 9), (7, 12)} <= spots


def test_an_open_hour_without_contacts_is_not_closed() -> None:
    closed, _ = hours_chart(HOURS).data
    assert (1, 10) not in {
        (round(base + 0.46), hour) for base, hour in zip(closed.base, closed.x, strict=True)
    }


def test_an_hour_tells_how_far_its_weeks_lie_apart() -> None:
    weeks = HOURS.with_columns(p50=pl.Series([3.0, 0.0, None]), p90=pl.Series([9.5, 0.0, None]))
    _, cells = hours_chart(weeks).data
    assert cells.customdata[0][0] == "<br>median week 3.0, one in ten above 9.5"
    assert cells.customdata[2][3] == ""
    assert "%{customdata}" in cells.hovertemplate


def test_the_hour_words_name_the_busiest_hour() -> None:
    assert alt_text(hours_chart(HOURS, unit="chats")) == "Busiest hour of the week: Wed 12:00 with 8.0 chats."


def test_hours_without_any_value() -> None:
    withheld = HOURS.with_columns(pl.lit(None, pl.Float64).alias("value"))
    assert alt_text(hours_chart(withheld)) == "No hour has enough data to show."
    assert "No opening hours" in alt_text(hours_chart(HOURS.clear()))


@pytest.mark.parametrize("figure", [daily_chart(DAYS, target_share=0.8), hours_chart(HOURS)])
def test_the_house_style_is_explicit(figure: go.Figure) -> None:
    assert tuple(figure.layout.colorway) == COLORWAY
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
