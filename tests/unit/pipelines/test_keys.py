from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.core.errors import WarehouseError
from staffcast_pipelines.loading.keys import Keyring, content_expr

if TYPE_CHECKING:
    from pathlib import Path

RING = Keyring(bytes(32))
TEXTS = st.lists(st.one_of(st.none(), st.text("ab:;=0123 ", max_size=6)), min_size=2, max_size=2)


def test_the_key_is_made_once(tmp_path: Path) -> None:
    first = Keyring.open(tmp_path, create=True)
    assert Keyring.open(tmp_path, create=False).hash("x", "y") == first.hash("x", "y")


@pytest.mark.parametrize("text", ["", "zz", "ab", "é"])
def test_a_damaged_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "staffcast.key").write_text(text, encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"staffcast\.key"):
        Keyring.open(tmp_path, create=True)


def test_hashing_a_column_is_hashing_its_values() -> None:
    column = pl.Series(["a", None, "b", "a"])
    expected = [None if text is None else RING.hash("p", "scope", text) for text in column]
    assert RING.hash_each("p", column, "scope").to_list() == expected


def test_fingerprints_depend_on_key_purpose_and_content() -> None:
    one = RING.fingerprints("p", ["a", None, "b", "a"]).to_list()
    assert one[1] is None
    assert one[0] == one[3] != one[2]
    assert one[0] != RING.fingerprints("q", ["a"])[0]
    assert one[0] != Keyring(bytes(31) + b"1").fingerprints("p", ["a"])[0]


@given(TEXTS, TEXTS)
def test_different_rows_have_different_content(one: list[str | None], other: list[str | None]) -> None:
    frame = pl.DataFrame([one, other], schema={"a": pl.String, "b": pl.String}, orient="row")
    first, second = frame.select(content_expr(["a", "b"])).to_series().to_list()
    assert (first == second) == (one == other)


@given(TEXTS, TEXTS)
def test_parts_do_not_run_together(one: list[str | None], other: list[str | None]) -> None:
    parts = [[text or "" for text in row] for row in (one, other)]
    assert (RING.hash(*parts[0]) == RING.hash(*parts[1])) == (parts[0] == parts[1])
