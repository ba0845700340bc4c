"""What customers say: bounds for those who say nothing, effort, and whether it was resolved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.metrics.test_query import closed, one

from staffcast.core.units import US_PER_DAY
from staffcast.metrics import query


def survey(**answers: Any) -> dict[str, Any]:
    return {"conversation_key": "s/a/1", "close_date": "2026-11-02", "is_responded": True, **answers}


def rated(csat: float) -> dict[str, Any]:
    valid = 1 <= csat <= 5
    return survey(csat=csat, is_csat_valid=valid, is_csat_positive=valid and csat >= 4)


SILENT = survey(is_responded=False)


def test_the_bounds_of_csat_span_what_the_silent_might_have_said(reader_of: Any) -> None:
    # 10 asked: 3 positive, 1 neutral, 1 off the scale, 5 silent.
    rows = [rated(5), rated(4), rated(5), rated(3), rated(9), *([SILENT] * 5)]
    found = {
        row["metric"]: (row["numerator"], row["denominator"])
        for row in query(
            reader_of(fact_survey=rows), ["csat", "csat_lower", "csat_upper", "csat_response_rate"]
        ).iter_rows(named=True)
    }
    assert found == {
        "csat": (3, 4),
        "csat_lower": (3, 10),  # all six without a valid rating dissatisfied
        "csat_upper": (9, 10),  # all six satisfied
        "csat_response_rate": (4, 10),
    }


def test_effort_is_high_when_it_was_easy(reader_of: Any) -> None:
    rows = [*(survey(ces=value) for value in (7.0, 6.0, 6.5, 3.0, 1.0, 0.0, 8.0)), survey()]
    reader = reader_of(fact_survey=rows)
    mean, easy = (one(query(reader, name)) for name in ("ces", "ces_easy"))
    assert mean["value"] == 23 / 5  # 7 + 6 + 6 + 3 + 1, six and a half counts as six
    assert (easy["numerator"], easy["denominator"]) == (3, 5)
    assert json.loads(mean["n_excluded"]) == {"no_rating": 1, "off_scale": 2}


def test_what_customers_say_of_resolution(reader_of: Any) -> None:
    rows = [survey(is_resolved=True), survey(is_resolved=False), survey(is_resolved=None), SILENT]
    rows[3] |= {"is_resolved": None}
    row = one(query(reader_of(fact_survey=rows), "survey_fcr"))
    assert (row["numerator"], row["denominator"], json.loads(row["n_excluded"])) == (1, 2, {"no_answer": 1})


def test_templates_are_counted_by_message_not_by_chat(reader_of: Any) -> None:
    rows = [
        closed(n_human_messages=10, n_canned_messages=4),
        closed(n_human_messages=2, n_canned_messages=0),
    ]
    row = one(query(reader_of(fact_conversation=rows), "canned_share"))
    assert (row["numerator"], row["denominator"]) == (4, 12)  # not the mean of 40 % and 0 %


CONTACTS = [
    closed(n_transfers=0),
    closed(n_transfers=1),
    closed(n_transfers=0, next_issue_gap_us=US_PER_DAY),
    closed(n_transfers=0, prev_issue_gap_us=US_PER_DAY),  # the repeat of the one before
    closed(n_transfers=0, maturity_us=US_PER_DAY),  # not yet seen for a week
]


@pytest.mark.parametrize(
    ("options", "numerator", "denominator"),
    [
        ({}, 2, 3),
        ({"transfer_fails": "yes"}, 1, 3),
        ({"contacts": "all"}, 3, 4),
        ({"matured": "no"}, 3, 4),
        ({"contacts": "all", "matured": "no", "transfer_fails": "yes"}, 3, 5),
    ],
)
def test_what_counts_as_resolved_at_first_contact(
    reader_of: Any, options: dict[str, object], numerator: int, denominator: int
) -> None:
    row = one(query(reader_of(fact_conversation=CONTACTS), "fcr", options=options))
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
