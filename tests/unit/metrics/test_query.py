from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import polars as pl
import pytest

from staffcast.core.errors import MetricError
from staffcast.core.units import US_PER_DAY, US_PER_S
from staffcast.metrics import catalogue, query


def offered(wait_s: float | None = None, *, left_s: float | None = None, **more: Any) -> dict[str, Any]:
    """A conversation that was answered after ``wait_s``, left after ``left_s``, or still waits."""
    day = more.pop("day", "2026-11-02")
    return {
        "conversation_key": "s/a/1",
        "queue": "sales",
        "is_inbound": True,
        "is_offered": True,
        "is_answered": wait_s is not None,
        "is_abandoned": left_s is not None,
        "is_waiting": wait_s is None and left_s is None,
        "queue_wait_us": None if wait_s is None else round(wait_s * US_PER_S),
        "abandon_wait_us": None if left_s is None else round(left_s * US_PER_S),
        "queue_date": day,
        "queue_hour": 9,
        "queue_week": "2026-11-02",
        "queue_month": "2026-11",
        **more,
    }


def closed(**more: Any) -> dict[str, Any]:
    base = {
        "conversation_key": "s/a/1",
        "customer_key": "c1",
        "is_inbound": True,
        "is_human_handled": True,
        "is_ended": True,
        "maturity_us": 30 * US_PER_DAY,
        "n_reopens": 0,
        "close_date": "2026-11-02",
    }
    return base | more


def one(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1
    return frame.row(0, named=True)


WAITS = [offered(10), offered(20), offered(30), offered(100)]


@pytest.mark.parametrize(
    ("name", "value", "numerator", "denominator"),
    [
        ("queue_wait", 25.0, None, None),
        ("queue_wait_p90", 79.0, None, None),
        ("queue_wait_mean", 40.0, 160 * US_PER_S, 4),
        ("offered", 4.0, 4, None),
    ],
)
def test_statistics_of_four_waits(
    reader_of: Any, name: str, value: float, numerator: int | None, denominator: int | None
) -> None:
    row = one(query(reader_of(fact_conversation=WAITS), name))
    assert row["value"] == pytest.approx(value, rel=1e-14)
    assert (row["numerator"], row["denominator"], row["n"]) == (numerator, denominator, 4)


CONVENTIONS = [
    *(offered(5) for _ in range(7)),
    offered(31),
    offered(45),
    offered(left_s=4),
    offered(left_s=20),
]


@pytest.mark.parametrize(
    ("convention", "numerator", "denominator"),
    [
        ("served_of_all", 7, 11),
        ("served_of_served", 7, 9),
        ("wait_within", 9, 11),
        ("excluding_short_abandons", 7, 10),
    ],
)
def test_service_level_by_convention(
    reader_of: Any, convention: str, numerator: int, denominator: int
) -> None:
    reader = reader_of(fact_conversation=CONVENTIONS)
    row = one(
        query(reader, "service_level", options={"convention": convention, "within_s": 30, "short_s": 10})
    )
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert row["convention"].startswith(
        f"{convention}: accepted within the target of the targets table, else 30 s"
    )


def test_the_service_limit_includes_its_bound_and_the_short_limit_does_not(reader_of: Any) -> None:
    reader = reader_of(fact_conversation=[offered(30), offered(30.000001), offered(left_s=10)])
    row = one(query(reader, "service_level", options={"within_s": 30, "short_s": 10}))
    assert (row["numerator"], row["denominator"]) == (1, 3)


def test_a_conversation_that_still_waits_is_censored(reader_of: Any) -> None:
    row = one(query(reader_of(fact_conversation=[offered(5), offered()]), "service_level"))
    assert (row["value"], row["n"], row["n_censored"]) == (1.0, 1, 1)


def test_the_rows_left_out_are_counted_by_reason(reader_of: Any) -> None:
    rows = [offered(5), offered(left_s=3), offered(left_s=4), offered(5, queue_wait_us=None)]
    row = one(query(reader_of(fact_conversation=rows), "queue_wait"))
    assert json.loads(row["n_excluded"]) == {"abandoned": 2, "clock_skew": 1}


@pytest.mark.parametrize(
    ("clock", "value", "left_out", "name"),
    [
        (None, 35.0, {}, "business_else_calendar"),
        ("calendar", 80.0, {}, "calendar"),
        ("business", 10.0, {"no_calendar": 1}, "business"),
    ],
)
def test_the_clock_decides_which_seconds_count(
    reader_of: Any, clock: str | None, value: float, left_out: dict[str, int], name: str
) -> None:
    rows = [offered(100, queue_wait_business_us=10 * US_PER_S), offered(60)]
    row = one(query(reader_of(fact_conversation=rows), "queue_wait_mean", clock=clock))
    assert (row["value"], json.loads(row["n_excluded"]), row["clock"]) == (value, left_out, name)


FIRST_CONTACTS = [
    closed(),
    closed(next_issue_gap_us=7 * US_PER_DAY),
    closed(next_issue_gap_us=7 * US_PER_DAY + 1),
    closed(n_reopens=1, reopen_gap_us=7 * US_PER_DAY),
    closed(is_escalated=True),
    closed(prev_issue_gap_us=7 * US_PER_DAY),
    closed(customer_key=None),
    closed(maturity_us=7 * US_PER_DAY - 1, next_issue_gap_us=US_PER_DAY),
    closed(is_human_handled=False),
]


def test_first_contact_resolution_of_nine_conversations(reader_of: Any) -> None:
    row = one(query(reader_of(fact_conversation=FIRST_CONTACTS), "fcr"))
    assert (row["numerator"], row["denominator"], row["n_censored"]) == (2, 5, 1)
    assert json.loads(row["n_excluded"]) == {"follow_up": 1, "no_customer": 1}


def test_a_longer_window_is_another_definition(reader_of: Any) -> None:
    reader = reader_of(fact_conversation=FIRST_CONTACTS)
    week, fortnight = (one(query(reader, "fcr", options={"window_days": days})) for days in (7, 14))
    assert (fortnight["numerator"], fortnight["denominator"]) == (1, 5)
    assert week["definition_hash"] != fortnight["definition_hash"]


def test_concurrency_is_a_ratio_of_sums(reader_of: Any) -> None:
    hour = 3600 * US_PER_S
    rows = [
        {"overlap_date": "2026-11-02", "k_open": 1, "busy_us": 2 * hour, "open_chat_us": 2 * hour},
        {"overlap_date": "2026-11-02", "k_open": 3, "busy_us": hour, "open_chat_us": 3 * hour},
    ]
    reader = reader_of(fact_agent_load=rows)
    assert one(query(reader, "open_concurrency"))["value"] == 5 / 3
    assert query(reader, "seconds_at_k", by="k_open")["value"].to_list() == [7200.0, 3600.0]


@pytest.mark.parametrize(
    ("rows", "name", "reason"),
    [
        ([], "csat", "no_column"),
        ([], "offered", "no_column"),
        ([offered(5, is_offered=False)], "service_level", "denominator_zero"),
        ([offered()], "service_level", "window_censored"),
        ([offered(5, queue_wait_us=None)], "queue_wait", "denominator_zero"),
        ([offered(5, first_human_at_us=9)], "pickup_to_reply", "all_null"),
    ],
)
def test_without_a_value_there_is_a_reason(reader_of: Any, rows: Any, name: str, reason: str) -> None:
    row = one(query(reader_of(fact_conversation=rows), name))
    assert (row["value"], row["null_reason"]) == (None, reason)


def test_without_a_calendar_there_is_no_business_time(reader_of: Any) -> None:
    row = one(query(reader_of(fact_conversation=WAITS), "queue_wait", clock="business"))
    assert (row["value"], row["null_reason"]) == (None, "no_calendar")


def test_a_count_of_nothing_is_zero_where_there_are_data(reader_of: Any) -> None:
    row = one(query(reader_of(fact_conversation=WAITS), "abandoned"))
    assert (row["value"], row["null_reason"]) == (0.0, None)


def test_small_groups_are_withheld(reader_of: Any) -> None:
    row = one(query(reader_of(fact_conversation=WAITS), "service_level", min_n=5))
    assert (row["value"], row["numerator"], row["ci_low"], row["n"]) == (None, None, None, 4)
    assert row["null_reason"] == "below_min_n"


def test_a_share_has_wilsons_interval(reader_of: Any) -> None:
    rows = [*(offered(5) for _ in range(8)), offered(99), offered(99)]
    row = one(query(reader_of(fact_conversation=rows), "service_level"))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.490162, 0.943318), abs=1e-6)


def test_a_median_lies_between_two_order_statistics(reader_of: Any) -> None:
    rows = [offered(second) for second in range(1, 11)]
    row = one(query(reader_of(fact_conversation=rows), "queue_wait"))
    assert (row["ci_low"], row["ci_high"]) == (2.0, 9.0)


def test_days_between_the_first_and_the_last_are_filled(reader_of: Any) -> None:
    rows = [offered(5, day="2026-11-02"), offered(5, day="2026-11-04"), offered(5, day="2026-11-04")]
    frame = query(reader_of(fact_conversation=rows), ["offered", "service_level"], grain="day")
    counts = frame.filter(pl.col("metric") == "offered")
    assert counts["period_start"].to_list() == ["2026-11-02", "2026-11-03", "2026-11-04"]
    assert counts["period_end"].to_list() == ["2026-11-03", "2026-11-04", "2026-11-05"]
    assert counts["value"].to_list() == [1.0, 0.0, 2.0]
    shares = frame.filter(pl.col("metric") == "service_level")
    assert shares["null_reason"].to_list() == [None, "denominator_zero", None]


def test_hours_are_not_filled_and_end_with_the_next_hour(reader_of: Any) -> None:
    rows = [offered(5, queue_hour=hour) for hour in (9, 23)]
    frame = query(reader_of(fact_conversation=rows), "offered", grain="hour")
    assert frame["period_start"].to_list() == ["2026-11-02T09:00", "2026-11-02T23:00"]
    assert frame["period_end"].to_list() == ["2026-11-02T10:00", "2026-11-03T00:00"]


def test_a_week_cut_by_the_period_says_so(reader_of: Any) -> None:
    row = one(
        query(
            reader_of(fact_conversation=WAITS), "offered", grain="week", period=("2026-11-01", "2026-11-05")
        )
    )
    assert (row["period_start"], row["period_end"]) == ("2026-11-02", "2026-11-05")


def test_months_run_over_the_year(reader_of: Any) -> None:
    rows = [offered(5, queue_month=month) for month in ("2026-11", "2027-01")]
    frame = query(reader_of(fact_conversation=rows), "offered", grain="month")
    assert frame["period_end"].to_list() == ["2026-12-01", "2027-01-01", "2027-02-01"]
    assert frame["value"].to_list() == [1.0, 0.0, 1.0]


def test_a_missing_dimension_value_is_a_group_and_can_be_filtered(reader_of: Any) -> None:
    reader = reader_of(fact_conversation=[offered(5), offered(5, queue=None)])
    assert query(reader, "offered", by="queue")["queue"].to_list() == ["sales", None]
    assert one(query(reader, "offered", where={"queue": None}))["value"] == 1.0
    assert one(query(reader, "offered", where={"queue": ["sales", None]}))["value"] == 2.0


def test_metrics_of_two_facts_are_stacked(reader_of: Any) -> None:
    survey = {"queue": "sales", "close_date": "2026-11-03", "is_responded": True, "csat": 5.0}
    rated = survey | {"is_csat_valid": True, "is_csat_positive": True}
    reader = reader_of(
        fact_conversation=[offered(5)], fact_survey=[rated, rated | {"close_date": "2026-11-09"}]
    )
    frame = query(reader, ["offered", "csat"], by="queue", period=("2026-11-02", "2026-11-09"))
    assert frame.select("metric", "queue", "n", "cohort").rows() == [
        ("offered", "sales", 1, "queue"),
        ("csat", "sales", 1, "close"),
    ]


def test_values_never_reach_the_text_of_a_statement(reader_of: Any) -> None:
    reader = reader_of(fact_conversation=WAITS)
    query(reader, "offered", where={"queue": "x'; drop table fact_conversation; --"})
    assert not any("drop" in statement for statement in reader.statements)


def test_options_from_the_command_line_are_text(reader_of: Any) -> None:
    row = one(query(reader_of(fact_conversation=WAITS), "service_level", options={"within_s": "20"}))
    assert row["numerator"] == 2


def test_an_option_of_one_metric_leaves_the_others(reader_of: Any) -> None:
    names = ["service_level", "replies_within"]
    frame = query(reader_of(fact_conversation=WAITS), names, options={"service_level.within_s": 12})
    assert "else 12 s" in frame["convention"][0]
    assert "90 s" in frame["convention"][1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metrics": "csta"}, "unknown metric 'csta' (did you mean 'csat'?)"),
        ({"metrics": []}, "no metric asked for"),
        ({"by": "que"}, "cannot be grouped or filtered by 'que'"),
        ({"metrics": "open_concurrency", "by": "queue"}, "possible: agent_id, team, site"),
        ({"where": {"1=1; --": "x"}}, "cannot be grouped or filtered by '1=1; --'"),
        ({"where": {"queue": 3}}, "queue is compared with a text, not 3"),
        ({"where": {"hour": "nine"}}, "hour is compared with a whole number, not 'nine'"),
        ({"grain": "year"}, "unknown grain 'year'"),
        ({"clock": "lunar"}, "unknown clock 'lunar'"),
        ({"period": ("2026-11-02", "2026-11-02")}, "holds no day"),
        ({"period": ("2026-11-02", "tomorrow")}, "not a date: 'tomorrow' (write YYYY-MM-DD)"),
        ({"options": {"within_s": 3}}, "unknown option 'within_s' of offered (it has no options)"),
        ({"metrics": "fcr", "options": {"windw_days": 3}}, "did you mean 'window_days'?"),
        ({"metrics": "fcr", "options": {"window_days": 0}}, "must be a number from 1 to 90, not 0"),
        ({"metrics": "fcr", "options": {"window_days": "nan"}}, "must be a number"),
        ({"metrics": "fcr", "options": {"window_days": "soon"}}, "must be a number"),
        ({"metrics": "fcr", "options": {"window_days": True}}, "must be a number"),
        ({"metrics": "fcr", "options": {"repeat": "any"}}, "unknown value 'any'"),
        ({"metrics": "service_level", "options": {"convention": "virtual"}}, "cannot be measured"),
        ({"options": {"fcrr.window_days": 3}}, "unknown metric 'fcrr'"),
    ],
)
def test_what_does_not_fit_is_refused(reader_of: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(MetricError) as error:
        query(reader_of(), **({"metrics": "offered"} | arguments))
    assert message in str(error.value)


def test_every_result_has_the_declared_columns(reader_of: Any) -> None:
    frame = query(reader_of(), "offered", by=["queue", "hour"])
    assert frame.is_empty()
    assert frame.schema["hour"] == pl.Int64
    assert frame.columns == [
        "metric", "label", "period_start", "period_end", "queue", "hour", "value", "numerator", "denominator",
        "n", "n_excluded", "n_censored", "ci_low", "ci_high", "unit", "clock", "cohort", "convention",
        "definition_hash", "null_reason",
    ]  # fmt: skip


def test_listing_the_catalogue_loads_nothing_heavy() -> None:
    heavy = "{'duckdb', 'polars', 'numpy', 'scipy', 'pyarrow'}"
    code = (
        f"import sys; from staffcast.metrics import catalogue; catalogue(); print({heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_facade_exports_what_it_says() -> None:
    import staffcast.metrics as facade

    assert facade.__all__ == sorted(facade.__all__)
    assert all(getattr(facade, name) is not None for name in facade.__all__)
    with pytest.raises(AttributeError):
        facade.nothing  # noqa: B018 - the look-up is the test
    assert len({record.id for record in catalogue()}) == len(catalogue())


def test_what_a_source_cannot_know_is_no_zero(reader_of: Any) -> None:
    rows = [
        {
            "queue_date": "2026-11-02",
            "start_date": "2026-11-02",
            "is_inbound": True,
            "is_offered": True,
            "is_answered": True,
            "is_ended": True,
            "is_bot_involved": True,
            "is_wait_recorded": False,
            "is_bot_answered": None,
            "is_bot_confirmed": None,
            "customer_key": "k",
            "maturity_us": 10**15,
            "queue_wait_us": 5_000_000,
        }
    ]
    names = ["abandoned", "abandonment_rate", "service_level", "queue_wait", "answered_by_bot"]
    found = query(reader_of(fact_conversation=rows), [*names, "bot_confirmed", "verified_deflection"])
    assert found["value"].to_list() == [None] * 7
    assert set(found["null_reason"]) == {"no_column"}
    assert query(reader_of(fact_conversation=rows), "offered")["value"].to_list() == [1.0]
