from __future__ import annotations

from typing import Any

from staffcast.metrics import explain, query

ROW = {
    "conversation_key": "s/a/1",
    "queue": "o'neill",
    "is_offered": True,
    "is_answered": True,
    "queue_wait_us": 5_000_000,
    "queue_date": "2026-11-02",
}
WAITING = ROW | {"conversation_key": "s/a/2", "is_answered": False, "is_waiting": True, "queue_wait_us": None}
QUESTION: dict[str, Any] = {"where": {"queue": "o'neill"}, "period": ("2026-11-02", "2026-11-03")}


def test_the_sql_has_its_values_written_out() -> None:
    sql = explain("service_level", **QUESTION, options={"within_s": 20}).sql
    assert "f.queue in ('o''neill')" in sql
    assert "f.queue_date >= '2026-11-02' and f.queue_date < '2026-11-03'" in sql
    assert "then 20000000 else coalesce(service_target_us, 20000000)" in sql
    assert "?" not in sql


def test_the_rows_behind_a_number_tell_why_they_count(reader_of: Any) -> None:
    rows = explain("service_level", **QUESTION, reader=reader_of(fact_conversation=[ROW, WAITING])).rows
    assert rows is not None
    assert rows.rows() == [("s/a/1", "used", 1), ("s/a/2", "censored", 0)]


def test_the_statement_that_lists_the_rows_lists_the_same(reader_of: Any) -> None:
    reader = reader_of(fact_conversation=[ROW, WAITING])
    explained = explain("queue_wait", **QUESTION, by="queue", reader=reader)
    assert explained.rows is not None
    assert reader.con.sql(explained.rows_sql).pl().rows() == explained.rows.rows()


def test_rows_of_agents_are_known_by_agent_and_time(reader_of: Any) -> None:
    row = {"agent_id": "a1", "segment_at_us": 5, "k_open": 2, "overlap_date": "2026-11-02"}
    rows = explain("peak_concurrency", reader=reader_of(fact_agent_load=[row])).rows
    assert rows is not None
    assert rows.columns == ["agent_id", "segment_at_us", "row_status", "row_value"]


def test_rows_of_slots_tell_which_slot_and_what_it_is_divided_by(reader_of: Any) -> None:
    row = {"queue": "q", "slot_at_us": 900_000_000, "open_us": 450_000_000, "n_offered": 3}
    rows = explain("arrival_rate", reader=reader_of(fact_arrivals=[row | {"queue_date": "2026-11-02"}])).rows
    assert rows is not None
    assert rows.to_dicts() == [
        {
            "queue": "q",
            "slot_at_us": 900_000_000,
            "row_status": "used",
            "row_value": 3 * 3_600_000_000,
            "row_denominator": 450_000_000,
        }
    ]


def test_an_explanation_carries_definition_and_hash_of_the_result(reader_of: Any) -> None:
    explained = explain("service_level", **QUESTION, clock="calendar")
    row = query(reader_of(fact_conversation=[ROW]), "service_level", **QUESTION, clock="calendar").row(
        0, named=True
    )
    assert explained.definition_hash == row["definition_hash"]
    assert (explained.convention, explained.clock) == (row["convention"], row["clock"])
    chosen = {"within_s": 30, "short_s": 10, "convention": "excluding_short_abandons"}
    assert {name: explained.options[name] for name in chosen} == chosen
    assert [reason for reason, _ in explained.exclusions] == [
        "not_recorded",
        "clock_skew",
        "left_otherwise",
        "short_abandon",
    ]


def test_the_clock_is_part_of_the_definition() -> None:
    hashes = {explain("queue_wait", clock=clock).definition_hash for clock in (None, "business", "calendar")}
    assert len(hashes) == 3
