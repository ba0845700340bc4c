"""Every record of the catalogue: complete, portable, and over columns that the facts have."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from staffcast.core.config import Settings
from staffcast.core.enums import Cohort
from staffcast.core.service_level import ServiceLevelConvention, VendorConvention
from staffcast.metrics import Kind, catalogue, dimensions_of, explain, metric, options_from_settings, query
from staffcast.metrics.portable import FUNCTIONS, WORDS
from staffcast.store.facts import FACT_TABLES, TIME_LABELS, fact_table

if TYPE_CHECKING:
    import polars as pl

    from staffcast.metrics import Metric

METRICS = [pytest.param(record, id=record.id) for record in catalogue()]
OWN_NAMES = {
    "a",
    "as_of_us",
    "at_us",
    "b",
    "base",
    "build_info",
    "c",
    "classified",
    "cross",
    "dim_slot",
    "e",
    "end_us",
    "f",
    "i",
    "instants",
    "key",
    "log_left",
    "n_ended",
    "n_left",
    "n_rows",
    "part",
    "part_0",
    "part_1",
    "parts",
    "queue",
    "r",
    "ranked",
    "raw_value",
    "row_denominator",
    "row_event",
    "row_key",
    "row_status",
    "row_value",
    "row_weight",
    "s",
    "slot_at_us",
    "slot_ends",
    "behind",
    "numerator_rows",
    "denominator_rows",
    "survived",
    "t",
    "tallied",
    "totals",
    "weight_all",
    "weight_to",
    "weighted",
}
RESULTS = {"numerator", "denominator", "n", "n_censored", "value"}
FAMILIES_REQUIRED = {
    "offered", "answered", "abandoned", "abandonment_rate", "queue_wait", "first_response", "pickup_to_reply",
    "first_bot_response", "service_level", "replies_within", "reply_time", "handle_time", "engaged_time",
    "effort_time", "open_concurrency", "active_concurrency", "peak_concurrency", "seconds_at_k", "csat",
    "csat_response_rate", "nps", "fcr", "containment", "answered_by_bot", "verified_deflection",
    "transfer_rate", "escalation_rate", "reopen_rate", "resolution_time",
}  # fmt: skip


class EmptyDatabase:
    min_group = 0
    currency = ""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        for table in FACT_TABLES:
            columns = ", ".join(f"{name} {kind}" for name, kind in table.all_columns)
            self.con.execute(f"create table {table.name} ({columns})")

    def run(self, sql: str, params: list[Any], /) -> pl.DataFrame:
        return self.con.cursor().sql(sql, params=params).pl()


@pytest.fixture(scope="module")
def empty() -> EmptyDatabase:
    return EmptyDatabase()


def variations(record: Metric) -> list[dict[str, object]]:
    """Every combination of the words that the metric's options may have."""
    worded = [option for option in record.options if option.choices]
    return [
        {option.name: word for option, word in zip(worded, words, strict=True)}
        for words in itertools.product(*(option.choices for option in worded))
    ]


def statements(record: Metric) -> list[str]:
    return [
        explained
        for options in variations(record)
        for clock in (None, "business", "calendar")
        for explained in _texts(record.id, options, clock)
    ]


def _texts(name: str, options: dict[str, object], clock: str | None) -> tuple[str, str]:
    explained = explain(name, options=options, clock=clock, grain="hour", period=("2026-11-02", "2026-11-09"))
    return explained.sql, explained.rows_sql


@pytest.mark.parametrize("record", METRICS)
def test_a_record_is_complete(record: Metric) -> None:
    fact = fact_table(record.fact)
    assert record.cohort in fact.cohorts or record.is_snapshot
    assert record.cohort in set(Cohort)
    texts = (record.label, record.unit, record.definition, record.convention, record.example, *record.caveats)
    assert record.caveats
    assert all(text.strip() == text != "" for text in texts)
    assert "\n" not in record.definition
    assert record.definition.endswith(".")


@pytest.mark.parametrize("record", METRICS)
def test_a_record_has_the_parts_of_its_kind(record: Metric) -> None:
    parts = {name for name in ("numerator", "denominator", "value") if getattr(record, name)}
    allowed = {
        Kind.COUNT: [set(), {"numerator"}],
        Kind.SHARE: [{"numerator"}],
        Kind.RATIO: [{"numerator", "denominator"}],
        Kind.MEAN: [{"value"}],
        Kind.QUANTILE: [{"value"}],
        Kind.MAXIMUM: [{"value"}],
        Kind.WEIGHTED: [{"value", "denominator"}],
        Kind.SURVIVAL: [{"value"}],
        Kind.DERIVED: [set()],
    }
    assert parts in allowed[record.kind]
    assert (0 < record.quantile < 1) == (record.kind in {Kind.QUANTILE, Kind.SURVIVAL, Kind.WEIGHTED})
    assert bool(record.event) == (record.kind is Kind.SURVIVAL)
    assert len(record.parts) == (2 if record.kind is Kind.DERIVED else 0)
    assert record.is_additive == (record.kind is Kind.COUNT and not record.is_snapshot)


@pytest.mark.parametrize("record", METRICS)
def test_the_options_of_a_record_are_usable(record: Metric) -> None:
    for option in record.options:
        assert option.meaning
        if option.choices:
            assert option.default in option.choices
        else:
            assert option.parameter
            assert option.minimum <= float(option.default) <= option.maximum
        assert not option.setting or hasattr(Settings(), option.setting)
        assert record.id in explain(record.id, options={option.name: option.default}).metric.id


def violations(sql: str) -> list[str]:
    """What a statement uses beyond the portable subset."""
    code = re.sub(r"'[^']*'", "''", sql.lower())
    code = re.sub(r"percentile_cont\(0\.\d+\)", "percentile_cont(p)", code)
    forbidden = r"\d\.\d|//|::|\bqualify\b|\basof\b|\binterval\b|\bdiv\b|;|\?|--|(?:group|order) by \d"
    called = set(re.findall(r"\b([a-z_]+) ?\(", code)) - WORDS - FUNCTIONS
    divisors = [found for found in re.findall(r"/ *(\w+)", code) if found != "nullif" and not found.isdigit()]
    return [*re.findall(forbidden, code), *sorted(called), *(f"/ {divisor}" for divisor in divisors)]


@pytest.mark.parametrize("record", METRICS)
def test_the_sql_of_a_record_is_portable(record: Metric) -> None:
    assert [found for text in statements(record) for found in violations(text)] == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select x / n from t", "/ n"),
        ("select x * 1.5 from t", "1.5"),
        ("select x // 2 from t", "//"),
        ("select date_diff('hour', a, b) from t", "date_diff"),
        ("select x from t qualify x = 1", "qualify"),
        ("select x from t group by 1", "group by 1"),
        ("select x::bigint from t", "::"),
        ("select a + interval 1 day from t", "interval"),
    ],
)
def test_what_is_not_portable_is_found(sql: str, found: str) -> None:
    assert found in violations(sql)


@pytest.mark.parametrize("record", METRICS)
def test_the_columns_of_a_record_are_in_the_contract(record: Metric) -> None:
    known = {name for fact in record.facts for name, _ in fact_table(fact).all_columns} | {*record.facts}
    known |= {duration.name for duration in record.clocks} | {name for name, _ in TIME_LABELS}
    known |= {f"{prefix}_{name}" for prefix in ("local", "snapshot") for name, _ in TIME_LABELS}
    for text in statements(record):
        words = set(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"'[^']*'", "", text.lower())))
        unknown = words - known - WORDS - FUNCTIONS - OWN_NAMES - RESULTS
        assert {word for word in unknown if not word.startswith("excluded_")} == set()


@pytest.mark.parametrize("record", METRICS)
def test_names_of_durations_hide_no_column(record: Metric) -> None:
    columns = {name for name, _ in fact_table(record.fact).all_columns}
    assert not columns & {duration.name for duration in record.clocks}


@pytest.mark.parametrize("record", METRICS)
def test_an_empty_database_gives_null_with_a_reason(empty: EmptyDatabase, record: Metric) -> None:
    for options in variations(record):
        row = query(empty, record.id, options=options).row(0, named=True)
        assert (row["value"], row["numerator"], row["null_reason"]) == (None, None, "no_column")
    assert query(empty, record.id, by=dimensions_of(record), grain="day").is_empty()


def test_the_catalogue_covers_the_main_job() -> None:
    assert {record.family for record in catalogue()} >= FAMILIES_REQUIRED


@pytest.mark.parametrize("family", ["queue_wait", "first_response", "pickup_to_reply", "reply_time"])
def test_a_wait_is_never_shown_by_its_mean_alone(family: str) -> None:
    ids = [record.id for record in catalogue() if record.family == family]
    assert ids == [family, f"{family}_p90", f"{family}_mean"]


def test_service_level_knows_each_convention_of_the_staffing_model_and_of_vendors() -> None:
    [option] = [option for option in metric("service_level").options if option.name == "convention"]
    assert {*option.choices, *option.refused} == {*ServiceLevelConvention, *VendorConvention}


def test_defaults_are_those_of_the_settings() -> None:
    given = options_from_settings(Settings())
    defaults = {
        f"{record.id}.{option.name}": option.default
        for record in catalogue()
        for option in record.options
        if option.setting
    }
    assert given == defaults
    assert given["fcr.window_days"] == 7
