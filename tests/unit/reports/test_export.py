"""Texts that a spreadsheet would run are exported as texts."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.reports.export import csv_text


def through(text: str) -> str:
    rows = list(csv.reader(io.StringIO(csv_text(pl.DataFrame({"text": [text, "end"]})), newline="")))
    assert len(rows) == 3
    return rows[1][0]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\ufeff=1",
        "＝1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", "-", "+49 30 1234", "\tplain", "\n@x", " \u00a0 -x",
        "\u200b=1",
    ],
)  # fmt: skip
def test_a_formula_is_disarmed(text: str) -> None:
    assert through(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    ["sales", "-3", "+4.5", "-1e-7", "3", "a=b", "x@example.org", "10-12", "", " plain", "'quoted", "–"],
)
def test_other_texts_stay(text: str) -> None:
    assert through(text) == text


@given(st.text(max_size=20))
def test_no_text_begins_as_a_formula(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode().replace("\0", "")
    found = through(text) if text else ""
    stripped = found.lstrip()
    is_number = (
        stripped.removeprefix("-").removeprefix("+").replace(".", "", 1).replace("e", "", 1)[:1].isdigit()
    )
    assert not stripped.startswith(("=", "+", "-", "@")) or is_number


def test_numbers_stay_numbers() -> None:
    frame = pl.DataFrame({"n": [-1, 2], "share": [-0.5, None], "=evil": ["a", None]})
    assert csv_text(frame) == "n,share,'=evil\n-1,-0.5,a\n2,,\n"
