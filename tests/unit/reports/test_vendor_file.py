from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import ConfigError, SourceError
from staffcast.reports.vendor_file import Unit, read_vendor_file, unit, vendor_value

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vendor.csv"


@pytest.mark.parametrize(
    ("text", "given", "value", "tolerance"),
    [
        ("95", None, 95, 1),
        ("95.40", None, 95.4, 0.01),
        ("-3", None, -3, 1),
        ("12000", None, 12000, 1),
        ("1.2E3", None, 1200, 1),
        ("82.4%", None, 0.824, 0.001),
        ("82.4", Unit.PERCENT, 0.824, 0.001),
        ("2.5", Unit.H, 9000, 360),
        ("01:02:03", None, 3723, 1),
        ("2:03", Unit.MIN, 123, 1),
        ("Yes", None, 1, 0),
        ("false", None, 0, 0),
    ],
)
def test_numbers_are_read_as_printed(text: str, given: Unit | None, value: float, tolerance: float) -> None:
    read = vendor_value(text, given)
    assert read.value == pytest.approx(value)
    assert read.tolerance == pytest.approx(tolerance)


@pytest.mark.parametrize("text", ["", "n/a", "1,5", "1:75", "nan", "inf", "--3", "%"])
def test_other_texts_are_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        vendor_value(text)


def test_a_value_matches_what_rounds_or_is_cut_to_it() -> None:
    printed = vendor_value("53")
    assert [printed.matches(ours) for ours in (52.0, 52.6, 53.9, 54.0, 54.1, None)] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


def test_a_total(file: Path) -> None:
    file.write_text("from,to,value_min\n2026-10-01,2026-10-31,1.5\n", encoding="utf-8-sig")
    total = read_vendor_file(file).total
    assert total is not None
    assert (total.value, total.tolerance) == (90, 6)


def test_a_list_with_and_without_values(file: Path) -> None:
    file.write_text("Ticket, Reply \nc1,10\nc2,\n", encoding="utf-8")
    found = read_vendor_file(file, id_column="Ticket", value_column="Reply").by_conversation
    assert set(found) == {"c1", "c2"}
    assert found["c2"] is None
    file.write_text("conversation_id\nc1\n", encoding="utf-8")
    assert read_vendor_file(file).by_conversation == {"c1": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no rows"),
        ("value\n", "no rows"),
        ("value\n1\n2\n", "2 totals"),
        ("value\nmany\n", "vendor.csv:2:value: 'many' is not a number"),
        ("total\n3\n", "neither a column value nor conversation_id, only total"),
        ("value,value_s\n3,3\n", "several values"),
        ("conversation_id,value\nc1,1\nc1,2\n", "vendor.csv:3: conversation c1 occurs twice"),
        ("conversation_id,value\n,1\n", "vendor.csv:2:conversation_id: empty"),
        ("conversation_id,value\nc1,1,9\n", "more cells"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(file: Path, text: str, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message.replace("(", r"\(")):
        read_vendor_file(file)


def test_a_missing_file_and_column_are_named(file: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_vendor_file(file)
    file.write_bytes(b"value\n\xff\xfe\n")
    with pytest.raises(SourceError, match="cannot be read"):
        read_vendor_file(file)
    file.write_text("value\n3\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"no column 'valeu'.*did you mean 'value'"):
        read_vendor_file(file, value_column="valeu")


def test_a_unit_is_one_of_five() -> None:
    assert unit("min") is Unit.MIN
    assert unit(None) is None
    with pytest.raises(ConfigError, match="unknown unit"):
        unit("parsec")
