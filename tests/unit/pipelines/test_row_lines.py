from __future__ import annotations

import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from staffcast_pipelines.loading.key_count import KeyCount
from staffcast_pipelines.reading.row_lines import OnlyRows, row_lines

LINES = st.lists(
    st.sampled_from([b"{}\n", b"[1]\r\n", b"\n", b" \t\r\n", b"\x0c\n", b"\xc2\xa0\n"]), max_size=30
)


@given(LINES, st.binary(min_size=30, max_size=30), st.integers(1, 9))
def test_rows_left_out_are_blank_and_lines_keep_their_number(
    lines: list[bytes], noise: bytes, buffer_size: int
) -> None:
    rows = list(row_lines(lines))
    is_kept = bytes(byte & 1 for byte in noise[: len(rows)])
    left = io.BufferedReader(OnlyRows(lines, is_kept), buffer_size).read().splitlines(keepends=True)
    kept = [row for row, kept in zip(rows, is_kept, strict=True) if kept]
    assert list(row_lines(left)) == kept
    numbers = [number for number, line in enumerate(lines) if not line.isspace()]
    assert [number for number, line in enumerate(left) if not line.isspace()] == [
        number for number, kept in zip(numbers, is_kept, strict=True) if kept
    ]


def test_a_last_line_without_an_end_stays_one() -> None:
    assert io.BufferedReader(OnlyRows([b"a\n", b"b"], bytes([0, 1]))).read() == b"\nb"


@given(st.text(alphabet='":a \n', max_size=40), st.integers(1, 40))
def test_keys_are_counted_the_same_however_the_file_is_cut(text: str, size: int) -> None:
    data = text.encode()
    count = KeyCount()
    for start in range(0, len(data), size):
        count.observe(data[start : start + size])
    assert count.n_keys == text.count('":')
    assert count.n_lines == text.count("\n")
    assert count.ends_line == (not text or text.endswith("\n"))
    is_spaced = any(before in " \n" and after == ":" for before, after in pairwise(text))
    assert count.may_be_spaced >= is_spaced
