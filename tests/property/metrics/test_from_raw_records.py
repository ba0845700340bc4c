"""From raw records to numbers: build() and query() against plain Python all the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.property.facts.test_agents_oracle import staffed
from tests.property.metrics.compare import answer_of, differences, expected_of
from tests.property.metrics.oracle.every import ORACLES, Question
from tests.property.metrics.oracle.raw import labels_of, rows_of
from tests.property.metrics.questions import words_of

from staffcast.metrics import catalogue, dimensions_of, metric, query
from staffcast.store.generations import open_generation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.unit.facts.desk import Desk, Facts

    from staffcast.store.generations import Reader

Row = dict[str, Any]

TOLD_BY_STORIES = [
    name
    for name, oracle in ORACLES.items()
    if oracle.fact in ("fact_conversation", "fact_turn") and not oracle.parts
]
NOT_TOLD = {
    "canned_share", "escalation_rate", "answered_by_bot", "bot_confirmed", "verified_deflection",
    "verified_resolutions", "channel_deflection", "fcr_survey_agreement", "fcr_yes_survey_yes",
    "fcr_yes_survey_no", "fcr_no_survey_yes", "fcr_no_survey_no", "bot_billed", "bot_billed_contained",
    "bot_billed_answered", "bot_billed_confirmed", "bot_billed_unverifiable", "bot_billed_verified",
    "bot_billed_came_back", "team_contact_rate",
}  # fmt: skip
"""What random desks have no records of: surveys, bot outcomes, templates; their facts have other tests."""

ZONE = "America/New_York"
NIGHT_OF_25_HOURS = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
RECENT_US = 300_000_000

few = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=60, derandomize=False)


def asked(name: str) -> Iterator[Question]:
    """Every choice of every option, for the whole and by day and topic."""
    by = tuple({"topic"} & set(dimensions_of(metric(name))))
    numbers = {o.name: 1 for o in metric(name).options if not o.choices}
    for number, words in enumerate(words_of(metric(name))):
        yield Question(name, options=words)
        if number % 3 == 0:
            yield Question(name, by=by, grain="day", options=words | numbers)


def to_the_long_night(desk: Desk) -> None:
    """Move a desk to the night on which clocks are set back."""
    later = round((NIGHT_OF_25_HOURS - desk.start).total_seconds() * 1e6)
    for row in [row for rows in desk.tables.values() for row in rows]:
        for name in [key for key in row if key.endswith("_us") and row[key] is not None]:
            row[name] += later
    desk.start = NIGHT_OF_25_HOURS


def check(desk: Desk, as_of_s: float) -> None:
    desk.chat("anchor", customer=None, initiated_by="customer", is_test=False).queued(0).accepted(
        0, "zoe"
    ).closed(0)
    to_the_long_night(desk)
    with TemporaryDirectory() as folder:
        facts = desk.build(Path(folder), as_of=as_of_s, timezone=ZONE)
        with open_generation(Path(folder)) as reader:
            compare(desk, as_of_s, facts, reader)


LABELLED = {
    "fact_conversation": {"start": "start_at_us", "queue": "queued_at_us", "close": "closed_at_us"},
    "fact_leg": {"start": "accepted_at_us", "close": "released_at_us"},
    "fact_offer": {"queue": "offered_at_us"},
    "fact_turn": {"start": "turn_at_us"},
    "fact_queue_entry": {"queue": "entered_at_us"},
    "fact_leg_load": {"overlap": "segment_at_us"},
    "fact_agent_load": {"overlap": "segment_at_us"},
    "fact_agent_state": {"overlap": "segment_at_us"},
    "fact_contact": {"start": "start_at_us"},
    "fact_arrivals": {"queue": "slot_at_us"},
}
"""The instant behind each cohort of a fact."""


def check_columns(tables: Mapping[str, list[Row]], raw: Mapping[str, list[Row]], zone: ZoneInfo) -> None:
    """Every column that the stories tell is that of the fact; every row has the labels of its instants."""
    built = {row["conversation_key"]: row for row in tables["fact_conversation"]}
    for row in raw["fact_conversation"]:
        found = built[row["conversation_key"]]
        assert {name: found[name] for name in row} == row
    for row in [*tables["fact_queue_entry"], *tables["fact_open_span"]]:
        assert row["is_inbound"] == built[row["conversation_key"]]["is_inbound"]
    for table, cohorts in LABELLED.items():
        for row in tables[table]:
            for cohort, column in cohorts.items():
                is_over = table != "fact_leg" or cohort != "close" or row["end_reason"] != "open"
                labels = labels_of(cohort, row[column] if is_over else None, zone)
                assert {name: row[name] for name in labels} == labels, (table, cohort)


def compare(desk: Desk, as_of_s: float, facts: Facts, reader: Reader) -> None:
    tables: Mapping[str, list[Row]] = facts.tables
    zone = ZoneInfo(ZONE)
    raw = rows_of(desk, desk.us(as_of_s), recent_us=RECENT_US, zone=zone)
    check_columns(tables, raw, zone)
    for record in catalogue():
        for question in asked(record.id):
            answer = answer_of(query, reader, question)
            found = differences(question, answer, expected_of(tables, question))
            assert not found, f"from facts, {question}: {found[:3]}"
            if record.id in TOLD_BY_STORIES and record.id not in NOT_TOLD:
                found = differences(question, answer, expected_of(raw, question))
                assert not found, f"from raw records, {question}: {found[:3]}"


@few
@given(staffed())
def test_numbers_from_raw_records(desk: Desk) -> None:
    check(desk, 50_000)


@pytest.mark.slow
@many
@given(staffed())
def test_numbers_from_raw_records_of_many_desks(desk: Desk) -> None:
    check(desk, 100_000)
