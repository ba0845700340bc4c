from __future__ import annotations

from typing import Any

import pytest

from staffcast.core.errors import MetricError
from staffcast.metrics import compare

PERIOD = ("2026-11-09", "2026-11-16")


def surveys(day: str, n_good: int, n_bad: int) -> list[dict[str, Any]]:
    base = {"close_date": day, "is_responded": True, "is_csat_valid": True, "csat": 3.0, "queue": "sales"}
    return [base | {"is_csat_positive": True}] * n_good + [base | {"is_csat_positive": False}] * n_bad


def conversations(day: str, n: int) -> list[dict[str, Any]]:
    return [{"queue_date": day, "start_date": day, "is_inbound": True, "is_offered": True}] * n


def csat(reader_of: Any, before: tuple[int, int], now: tuple[int, int], **arguments: Any) -> dict[str, Any]:
    rows = surveys("2026-11-03", *before) + surveys("2026-11-10", *now)
    frame = compare(reader_of(fact_survey=rows), "csat", period=PERIOD, **arguments)
    return frame.row(0, named=True)


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ((10, 10), (19, 1), "better"),
        ((19, 1), (10, 10), "worse"),
        ((12, 8), (13, 7), "no detectable change"),
        ((0, 0), (13, 7), "no earlier data"),
        ((13, 7), (0, 0), "no data"),
    ],
)
def test_a_share_is_judged_by_the_interval_of_its_change(
    reader_of: Any, before: tuple[int, int], now: tuple[int, int], verdict: str
) -> None:
    assert csat(reader_of, before, now)["verdict"] == verdict


def test_the_change_of_two_shares_has_newcombes_interval(reader_of: Any) -> None:
    row = csat(reader_of, (48, 32), (56, 14))
    assert row["change"] == pytest.approx(0.2)
    assert (row["change_low"], row["change_high"]) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_the_period_before_is_as_long(reader_of: Any) -> None:
    row = csat(reader_of, (1, 1), (1, 1))
    assert (row["previous_start"], row["previous_end"]) == ("2026-11-02", "2026-11-09")
    assert (row["previous"], row["previous_n"]) == (0.5, 2)


def test_groups_are_compared_with_themselves(reader_of: Any) -> None:
    row = csat(reader_of, (10, 10), (19, 1), by="queue")
    assert (row["queue"], row["verdict"]) == ("sales", "better")


@pytest.mark.parametrize(
    ("n_before", "n_now", "verdict"),
    [(100, 160, "higher"), (160, 100, "lower"), (100, 105, "no detectable change")],
)
def test_demand_is_neither_better_nor_worse(reader_of: Any, n_before: int, n_now: int, verdict: str) -> None:
    rows = conversations("2026-11-02", n_before) + conversations("2026-11-09", n_now)
    frame = compare(reader_of(fact_conversation=rows), "offered", period=PERIOD)
    assert frame["verdict"].to_list() == [verdict]


def test_a_count_before_the_data_began_is_not_zero(reader_of: Any) -> None:
    rows = conversations("2026-11-05", 3) + conversations("2026-11-09", 100)
    row = compare(reader_of(fact_conversation=rows), "offered", period=PERIOD).row(0, named=True)
    assert (row["previous"], row["change"], row["verdict"]) == (None, None, "no earlier data")


def test_what_has_no_interval_is_not_judged(reader_of: Any) -> None:
    rows = [{"overlap_date": day, "k_open": k} for day, k in (("2026-11-03", 2), ("2026-11-10", 5))]
    row = compare(reader_of(fact_agent_load=rows), "peak_concurrency", period=PERIOD).row(0, named=True)
    assert (row["change"], row["change_low"], row["verdict"]) == (3.0, None, "not judged")


def test_a_period_is_checked(reader_of: Any) -> None:
    with pytest.raises(MetricError, match="not a date"):
        compare(reader_of(), "csat", period=("monday", "friday"))
