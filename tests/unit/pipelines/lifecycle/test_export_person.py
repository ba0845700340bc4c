"""The export of a person holds all their rows and nobody else's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import DataQualityError
from staffcast_pipelines.lifecycle import KnownBy, export_person

from .conftest import EMAIL

if TYPE_CHECKING:
    from .conftest import Place


def test_every_row_of_the_person_is_in_it_and_no_other(place: Place) -> None:
    tables = place.tables()
    with place.open() as warehouse:
        document = export_person(warehouse, EMAIL, known_by=KnownBy.EMAIL)
    assert {table: len(rows) for table, rows in document["tables"].items()} == {
        "bot_sessions": 1, "contacts": 1, "conversations": 2, "customers": 2, "events": 1, "messages": 5,
        "page_views": 1, "surveys": 1,
    }  # fmt: skip
    assert len(document["customers"]) == 2
    texts = [row["text"] for row in document["tables"]["messages"]]
    assert "Hello, canarytext one" in texts
    assert "friendly words" not in texts
    assert {row["kind"] for row in document["identifiers"]} == {"customer_id", "email", "phone"}
    assert {row["file_name"] for row in document["files"]} == {f"{table}.csv" for table in document["tables"]}
    assert json.loads(json.dumps(document, default=str))["customers"] == document["customers"]
    assert place.tables() == tables


def test_the_named_customer_only(place: Place) -> None:
    with place.open() as warehouse:
        document = export_person(warehouse, "canaryid2")
    assert [row["conversation_id"] for row in document["tables"]["conversations"]] == ["canaryconv2"]


def test_nobody_known_is_an_error(place: Place) -> None:
    with place.open() as warehouse, pytest.raises(DataQualityError):
        export_person(warehouse, "nobody")
