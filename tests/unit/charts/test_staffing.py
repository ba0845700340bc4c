from __future__ import annotations

import math
from datetime import UTC, datetime

import polars as pl

from staffcast.charts import alt_text, handle_time_chart, queues_chart, week_chart
from staffcast.core.units import US_PER_HOUR

MONDAY_US = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp()) * 1_000_000


def plan(queue: str, hours: list[int], required: list[int], *, spread: int = 1) -> pl.DataFrame:
    """Rows of a plan; hours count from Monday 00:00."""
    return pl.DataFrame(
        {
            "queue": queue,
            "interval_at_us": [MONDAY_US + hour * US_PER_HOUR for hour in hours],
            "local_date": [f"2026-11-{16 + hour // 24}" for hour in hours],
            "local_time": [f"{hour % 24:02d}:00" for hour in hours],
            "expected_contacts": [10.0 * agents for agents in required],
            "required_agents": required,
            "lower_agents": [max(agents - spread, 0) for agents in required],
            "upper_agents": [agents + spread for agents in required],
        }
    )


SALES = plan("sales", [9, 10, 33], [2, 5, 3])
SUPPORT = plan("support", [10, 11], [1, 4])


def test_steps_end_with_their_hour_and_break_where_it_is_closed() -> None:
    band, steps = week_chart(SALES).data
    assert list(steps.x) == [
        "2026-11-16T09:00", "2026-11-16T10:00", "2026-11-16T11:00", None,
        "2026-11-17T09:00", "2026-11-17T10:00", None,
    ]  # fmt: skip
    assert list(steps.y) == [2, 5, 5, None, 3, 3, None]
    assert steps.line.shape == "hv"
    assert band.fill == "toself"


def test_the_band_goes_there_on_top_and_back_below() -> None:
    band, _ = week_chart(SALES.head(1)).data
    assert list(band.x) == [
        "2026-11-16T09:00",
        "2026-11-16T10:00",
        "2026-11-16T10:00",
        "2026-11-16T09:00",
        None,
    ]
    assert list(band.y) == [3, 3, 1, 1, None]


def test_the_plan_before_is_dotted_and_in_scale() -> None:
    before = plan("sales", [9, 10, 33], [9, 9, 9])
    figure = week_chart(SALES, before=before)
    assert [item.name for item in figure.data][1:] == ["plan", "what if"]
    assert figure.data[1].line.dash == "dot"
    assert figure.layout.yaxis.range[1] > 9


def test_the_axis_covers_whole_days() -> None:
    assert list(week_chart(SALES).layout.xaxis.range) == ["2026-11-16T00:00", "2026-11-18T00:00"]


def test_the_words_name_the_peak() -> None:
    assert alt_text(week_chart(SALES)) == (
        "Required agents of sales from 2026-11-16 to 2026-11-17: at most 5 on 2026-11-16 at 10:00, "
        "with 50 contacts expected then."
    )


def test_queues_are_stacked_in_one_scale() -> None:
    figure = queues_chart(pl.concat([SALES, SUPPORT]))
    assert [item.name for item in figure.data] == ["sales", "support"]
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.range[1] >= 6
    assert alt_text(figure) == ("Required agents of 2 queues together: at most 6 on 2026-11-16 at 10:00.")


def test_the_total_before_is_a_dotted_line() -> None:
    both = pl.concat([SALES, SUPPORT])
    line = queues_chart(both, before=both).data[-1]
    assert line.line.dash == "dot"
    assert list(line.y) == [2, 6, 4, 4, None, 3, 3, None]


def test_a_plan_without_open_hours() -> None:
    assert "closed" in alt_text(week_chart(SALES.clear()))
    assert "No queue" in alt_text(queues_chart(SALES.clear()))


HANDLE = pl.DataFrame(
    {
        "queue": ["sales", "sales", "support"],
        "level": [1, 2, 1],
        "handle_s": [300.0, 420.0, 600.0],
        "lower_s": [240.0, 0.0, 540.0],
        "upper_s": [390.0, math.inf, 720.0],
        "n_closures": [100, 0, 50],
        "origin": ["measured", "extended", "pooled"],
    }
)


def test_handle_times_are_minutes_with_their_intervals() -> None:
    sales, support = handle_time_chart(HANDLE).data
    assert list(sales.y) == [5, 7]
    assert list(sales.error_y.array) == [1.5, 0]
    assert list(sales.error_y.arrayminus) == [1, 0]
    assert (list(support.error_y.array), list(support.error_y.arrayminus)) == ([2], [1])


def test_only_measured_points_are_filled() -> None:
    sales, support = handle_time_chart(HANDLE).data
    assert list(sales.marker.symbol) == ["circle", "circle-open"]
    assert list(support.marker.symbol) == ["circle-open"]


def test_handle_words() -> None:
    assert "measured from 5.0 to 5.0 minutes" in alt_text(handle_time_chart(HANDLE))
    assert "none could be measured" in alt_text(handle_time_chart(HANDLE.tail(1)))
    assert "No finished chats" in alt_text(handle_time_chart(HANDLE.clear()))
