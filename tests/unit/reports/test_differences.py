"""Every change is the sum of its parts, and the parts are what the catalogue says of them."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from staffcast.core.errors import ConfigError, MetricError
from staffcast.metrics import Kind, catalogue, compare, dimensions_of, options_from_settings, query
from staffcast.metrics import metric as find
from staffcast.reports.difference_words import difference_note, difference_table, difference_title
from staffcast.reports.differences import WITHHELD, difference

if TYPE_CHECKING:
    from staffcast.reports.differences import DifferenceReport
    from staffcast.reports.session import Session

NOW = (date(2026, 11, 9), date(2026, 11, 16))
BEFORE = (date(2026, 11, 2), date(2026, 11, 9))
ADDITIVE = (Kind.COUNT, Kind.SHARE, Kind.RATIO, Kind.MEAN, Kind.DERIVED)
SUMS = [m.id for m in catalogue() if m.kind in ADDITIVE]


def diff(session: Session, metric: str, **asked: Any) -> DifferenceReport:
    period, versus = asked.pop("period", NOW), asked.pop("versus", BEFORE)
    return difference(session.reader, session.settings, metric, period=period, versus=versus, **asked)


@pytest.mark.parametrize("metric", SUMS)
def test_parts_add_up_to_the_change(session: Session, metric: str) -> None:
    fitting = [name for name in ("queue", "weekday", "team") if name in dimensions_of(find(metric))]
    rows = diff(session, metric, by=fitting[:2]).rows
    whole = rows.row(0, named=True)
    asked = {"options": options_from_settings(session.settings)}
    now, before = (
        query(session.reader, metric, period=period, **asked)["value"].item() for period in (NOW, BEFORE)
    )
    assert (whole["value"], whole["previous"]) == (now, before)
    if now is None or before is None:
        assert whole["contribution"] is None
        assert rows.height == 1
        return
    assert math.isclose(whole["contribution"], now - before, rel_tol=1e-9, abs_tol=1e-9)
    for dimension in rows["dimension"].drop_nulls().unique():
        parts = rows.filter(pl.col("dimension") == dimension)
        sums = parts.select(pl.col("mix", "rate", "contribution", "share", "previous_share").sum()).row(0)
        scale = 1e-9 * (1 + abs(now) + abs(before))
        assert math.isclose(sums[0] + sums[1], now - before, abs_tol=scale)
        assert math.isclose(sums[2], now - before, abs_tol=scale)
        assert math.isclose(sums[3], 1, abs_tol=1e-9) or now == 0
        assert math.isclose(sums[4], 1, abs_tol=1e-9) or before == 0


def test_the_whole_is_judged_as_a_comparison_is(session: Session) -> None:
    for metric in ("csat", "service_level", "handle_time", "offered", "reply_time_mean"):
        whole = diff(session, metric).rows.row(0, named=True)
        [row] = compare(
            session.reader, metric, period=NOW, previous=BEFORE,
            options=options_from_settings(session.settings),
        ).to_dicts()  # fmt: skip
        assert whole["verdict"] == row["verdict"]
        for name in ("change_low", "change_high"):
            assert math.isclose(whole[name.replace("change", "contribution")], row[name], rel_tol=1e-9)


@pytest.mark.parametrize("versus", [NOW, (date(2026, 11, 2), date(2026, 11, 10))])
def test_periods_that_share_days_are_refused(session: Session, versus: tuple[date, date]) -> None:
    with pytest.raises(ConfigError, match="the periods share"):
        diff(session, "service_level", versus=versus)


def test_a_longer_period_explains_a_higher_count(session: Session) -> None:
    few, many = (date(2026, 11, 2), date(2026, 11, 5)), (date(2026, 11, 5), date(2026, 11, 16))
    report = diff(session, "offered", period=many, versus=few, by=["queue"])
    parts = report.rows.filter(pl.col("dimension") == "queue")
    n_few, n_many = (
        query(session.reader, "offered", period=period)["numerator"].item() for period in (few, many)
    )
    # 8 days more at the mean of both daily numbers.
    assert math.isclose(parts["mix"].sum(), 8 * (n_few / 3 + n_many / 11) / 2)
    assert math.isclose(parts["contribution"].sum(), n_many - n_few)


def test_the_usual_dimensions_are_taken_if_none_is_named(session: Session) -> None:
    found = diff(session, "csat").rows["dimension"].drop_nulls().unique(maintain_order=True).to_list()
    assert found == ["queue", "topic", "language", "tier", "weekday", "hour"]


def test_one_dimension_at_a_time(session: Session) -> None:
    rows = diff(session, "csat", by=["queue", "language"]).rows
    assert rows["dimension"].unique(maintain_order=True).to_list() == [None, "queue", "language"]


def test_days_beyond_the_data_are_cut_off(session: Session) -> None:
    report = diff(session, "csat", period=(date(2026, 11, 9), date(2026, 12, 1)))
    assert report.period == NOW
    with pytest.raises(ConfigError, match="no data"):
        diff(session, "csat", versus=(date(2020, 1, 1), date(2020, 2, 1)))


def test_what_does_not_add_up_is_refused(session: Session) -> None:
    with pytest.raises(MetricError, match="ask for queue_wait_mean"):
        diff(session, "queue_wait_p90")
    with pytest.raises(MetricError, match="ask for a count"):
        diff(session, "peak_concurrency")
    with pytest.raises(MetricError, match="cannot be grouped"):
        diff(session, "csat", by=["status"])
    with pytest.raises(MetricError, match="by tag overlap"):
        diff(session, "offered", by=["tag"])


def test_the_words_add_up_too(session: Session) -> None:
    report = diff(session, "service_level", by=["topic"])
    table = difference_table(report, n_parts=3)
    assert table["part"][0] == "all"
    assert table["part"][1].startswith("all ")
    assert table["part"][-1].endswith("others")
    assert table.height == 6

    def points(column: str, row: int) -> float:
        return float(table[column][row].split()[0])

    assert points("contribution", 1) == points("contribution", 0)
    own = sum(points("contribution", row) for row in range(2, 6))
    assert abs(own - points("contribution", 0)) < 0.03
    assert "2026-11-09 to 2026-11-15 against 2026-11-02 to 2026-11-08" in difference_title(report)
    assert "one in twenty" in difference_note(report)


def test_small_groups_of_agents_are_withheld(guarded: Session, session: Session) -> None:
    withheld = False
    for metric in ("csat", "service_level", "answered", "handle_time", "open_concurrency", "containment"):
        dimension = "queue" if metric != "open_concurrency" else "hour"
        rows = diff(guarded, metric, by=[dimension]).rows
        for row in rows.filter(pl.col("part") == WITHHELD).to_dicts():
            withheld = True
            assert row["null_reason"] == "suppressed"
            names = ("value", "previous", "n", "previous_n", "share", "mix", "rate", "contribution")
            assert {row[name] for name in names} == {None}
        shown = rows.filter(pl.col("part").is_not_null() & (pl.col("part") != WITHHELD))
        open_parts = {
            (row["dimension"], row["part"]): row["contribution"]
            for row in diff(session, metric, by=[dimension]).rows.to_dicts()
        }
        for row in shown.to_dicts():
            if not row["part"].startswith("("):
                expected = open_parts[row["dimension"], row["part"]]
                assert math.isclose(row["contribution"], expected, abs_tol=1e-6)
    assert withheld


def test_nobody_is_named_under_the_profile(guarded: Session) -> None:
    record = next(m for m in catalogue() if "agent_id" in dimensions_of(m) and m.kind in (Kind.RATIO,))
    with pytest.raises(MetricError, match="works-council profile"):
        diff(guarded, record.id, by=["agent_id"])
