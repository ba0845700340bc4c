"""Every metric of the catalogue against a second implementation, in plain Python from the definitions."""

from __future__ import annotations

from typing import Any

import pytest
from tests.property.metrics.compare import answer_of, differences, expected_of, misread
from tests.property.metrics.oracle.every import ORACLES
from tests.property.metrics.questions import questions
from tests.property.metrics.rows import desk_of

from staffcast.metrics import catalogue, query

METRICS = [record.id for record in catalogue()]


def test_every_metric_has_an_oracle() -> None:
    assert sorted(ORACLES) == sorted(METRICS)


@pytest.mark.parametrize("record", [pytest.param(record, id=record.id) for record in catalogue()])
def test_the_oracle_reads_the_record_alike(record: Any) -> None:
    assert not misread(record)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_its_oracle(desks: dict[int, Any], name: str) -> None:
    for number, question in enumerate(questions(1, 3, [name])):
        desk = desks[1 + number % 3]
        found = differences(question, answer_of(query, desk, question), expected_of(desk.rows, question))
        assert not found, f"{question}: {found[:5]}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 6))
@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_its_oracle_on_large_desks(seed: int, name: str) -> None:
    desk = desk_of(seed, 600)
    for question in questions(seed, 8, [name]):
        found = differences(question, answer_of(query, desk, question), expected_of(desk.rows, question))
        assert not found, f"{question}: {found[:5]}"
