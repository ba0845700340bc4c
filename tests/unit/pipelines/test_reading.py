from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.core.errors import ConfigError, SchemaError, SourceError
from staffcast_pipelines.reading.csv_rows import read_csv
from staffcast_pipelines.reading.jsonl_rows import read_jsonl
from staffcast_pipelines.reading.opening import Opened, open_export

if TYPE_CHECKING:
    from staffcast_pipelines.reading.raw import RawTable

WANTED = frozenset({"id", "text"})


def csv_of(text: str, *, is_clean: bool = True, delimiter: str | None = None) -> RawTable:
    return read_csv(
        Opened(text, "sha", is_clean=is_clean), path=Path("x.csv"), wanted=WANTED, delimiter=delimiter
    )


def jsonl_of(text: str) -> RawTable:
    return read_jsonl(Opened(text, "sha", is_clean=True), path=Path("x.jsonl"), wanted=WANTED)


def cells(raw: RawTable) -> list[tuple[str | None, ...]]:
    return raw.frame.select("id", "text").rows()


def faults(raw: RawTable) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in raw.bad]


def test_cells_over_several_lines_keep_their_first_line() -> None:
    raw = csv_of('id,text\n1,"one\ntwo"\n\n2,three\n')
    assert cells(raw) == [("1", "one\ntwo"), ("2", "three")]
    assert raw.lines.to_list() == [2, 5]
    assert not raw.bad


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(end: str) -> None:
    raw = csv_of(end.join(["id,text", "1,a", "2,b"]))
    assert cells(raw) == [("1", "a"), ("2", "b")]
    assert raw.lines.to_list() == [2, 3]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_read_off_the_header(mark: str) -> None:
    assert cells(csv_of(f"id{mark}text\n1{mark}a")) == [("1", "a")]


def test_a_sep_line_names_the_separator() -> None:
    raw = csv_of("sep=;\nid;text\n1;a, b")
    assert cells(raw) == [("1", "a, b")]
    assert raw.lines.to_list() == [3]


def test_a_declared_separator_wins() -> None:
    assert csv_of("id,text;x\n1;2", delimiter=";").columns == ("id,text", "x")


def test_ragged_rows_are_bad_and_the_others_survive() -> None:
    raw = csv_of("id,text\n1,a\n2\n3,c,d\n4,e\n")
    assert cells(raw) == [("1", "a"), ("4", "e")]
    assert faults(raw) == [(3, "1 fields instead of 2"), (4, "3 fields instead of 2")]


def test_an_open_quote_costs_its_line_only() -> None:
    raw = csv_of('id,text\n1,a\n2,"open\n3,c\n4,d\n')
    assert cells(raw) == [("1", "a"), ("3", "c"), ("4", "d")]
    assert raw.lines.to_list() == [2, 4, 5]
    assert [line for line, _ in faults(raw)] == [3]


def test_an_open_quote_that_a_later_quote_closes_costs_its_line_only() -> None:
    raw = csv_of('id,text\n1,"open\n2,b\n3,"c"\n4,d\n')
    assert cells(raw) == [("2", "b"), ("3", "c"), ("4", "d")]
    assert [line for line, _ in faults(raw)] == [2]


def test_a_repeated_header_is_skipped() -> None:
    raw = csv_of("id,text\n1,a\nid,text\n2,b\n")
    assert cells(raw) == [("1", "a"), ("2", "b")]
    assert raw.skipped == {"repeated header": 1}


def test_other_columns_are_extras_and_empty_ones_are_not() -> None:
    raw = csv_of("id,text,mood,shift\n1,a,good,\n2,b,,\n")
    assert raw.extras == {0: {"mood": "good"}}


def test_a_nameless_column_is_named_by_its_place() -> None:
    assert csv_of(",id,text\n0,1,a\n").columns == ("column_1", "id", "text")


def test_a_header_alone_is_no_rows() -> None:
    raw = csv_of("id,text\n")
    assert cells(raw) == []
    assert not raw.bad


def test_a_doubled_column_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"x\.csv:1:id: the header names this column twice"):
        csv_of("id,text,id\n")


def test_a_nul_spoils_its_row() -> None:
    raw = csv_of("id,text\n1,a\0b\n2,b\n", is_clean=False)
    assert cells(raw) == [("2", "b")]
    assert faults(raw) == [(2, "holds a NUL character")]


def test_batches_keep_extras_and_lines_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staffcast_pipelines.reading.csv_rows.BATCH_ROWS", 2)
    raw = csv_of("id,text,x\n1,a,\n2,\0,p\n3,c,q\n4,d,\n5,e,r\n", is_clean=False)
    assert cells(raw) == [("1", "a"), ("3", "c"), ("4", "d"), ("5", "e")]
    assert raw.lines.to_list() == [2, 4, 5, 6]
    assert raw.extras == {1: {"x": "q"}, 3: {"x": "r"}}


@given(
    st.lists(
        st.sampled_from(
            ["1,a\n", '2,"b\nb"\n', '3,"c\n', "4\n", "5,e,f\n", "\n", "id,text\n", '6,"g""g"\n', '7,"h"h\n']
        ),
        max_size=20,
    )
)
def test_blocks_make_no_difference(lines: list[str]) -> None:
    """Reading in blocks of two lines, most of them careful, finds the rows that one big block finds."""
    text = "id,text\n" + "".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for size in (2, 3, 10_000):
            patch.setattr("staffcast_pipelines.reading.csv_rows._BLOCK_LINES", size)
            raw = csv_of(text)
            found.append((cells(raw), raw.lines.to_list(), faults(raw), raw.skipped))
    assert found[0] == found[1] == found[2]


def test_json_values_become_text() -> None:
    raw = jsonl_of(
        '{"id": 7, "text": "a", "flag": true, "n": 1.5, "nested": {"b": 1, "a": [1]}, "nothing": null}'
    )
    assert cells(raw) == [("7", "a")]
    assert raw.extras == {0: {"flag": "true", "n": "1.5", "nested": '{"a": [1], "b": 1}'}}


def test_json_lines_that_are_none_are_bad() -> None:
    raw = jsonl_of('{"id": 1}\n\n[1]\n{"id": \n"x"\n{"id": 2}\n')
    assert raw.frame.rows() == [("1",), ("2",)]
    assert [line for line, _ in faults(raw)] == [3, 4, 5]
    assert raw.lines.to_list() == [1, 6]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "\\u0000"}', "holds a NUL character"),
        ('{"id": "\\ud83d"}', "holds half of a character (a lone surrogate)"),
        ('{"id": ' + "[" * 100_000, "JSON nested too deeply"),
    ],
)
def test_hostile_json_is_bad(line: str, reason: str) -> None:
    raw = jsonl_of(f'{line}\n{{"id": "ok", "text": "\\ud83d\\ude00"}}')
    assert faults(raw) == [(1, reason)]
    assert cells(raw) == [("ok", "\U0001f600")]


def test_an_array_of_objects_is_refused() -> None:
    with pytest.raises(SourceError, match="JSON array"):
        jsonl_of('[{"id": 1}]')


def write(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        "id,text\n1,äöü".encode(),
        b"\xef\xbb\xbf" + "id,text\n1,äöü".encode(),
        b"\xff\xfe" + "id,text\n1,äöü".encode("utf-16-le"),
        b"\xfe\xff" + "id,text\n1,äöü".encode("utf-16-be"),
    ],
)
def test_byte_order_marks_decide_the_encoding(tmp_path: Path, data: bytes) -> None:
    assert open_export(write(tmp_path, "x.csv", data)).text == "id,text\n1,äöü"


def test_gzip_of_the_same_content_has_the_same_fingerprint(tmp_path: Path) -> None:
    plain = open_export(write(tmp_path, "x.csv", b"id\n1"))
    packed = open_export(write(tmp_path, "x.csv.gz", gzip.compress(b"id\n") + gzip.compress(b"1")))
    assert packed == plain


def test_an_undecodable_byte_is_named(tmp_path: Path) -> None:
    opened = open_export(write(tmp_path, "x.csv", b"id,text\n1,caf\xe9\n2,b\n"))
    raw = read_csv(opened, path=Path("x.csv"), wanted=WANTED)
    assert cells(raw) == [("2", "b")]
    assert faults(raw) == [(2, "holds the byte 0xE9, which is not UTF-8: declare --encoding")]


def test_a_declared_encoding_is_used(tmp_path: Path) -> None:
    assert open_export(write(tmp_path, "x.csv", b"caf\xe9"), encoding="cp1252").text == "café"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"PAR1rest", "a Parquet file"),
        (b"<!DOCTYPE html><html>", "a web page"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_export(write(tmp_path, "x.csv", data))


@pytest.mark.parametrize("cut", [slice(0, 20), slice(0, -4)])
def test_a_damaged_gzip_is_refused(tmp_path: Path, cut: slice) -> None:
    data = gzip.compress(b"id,text\n" + b"1,a\n" * 1000)
    with pytest.raises(SourceError, match="damaged or cut off"):
        open_export(write(tmp_path, "x.csv.gz", data[cut]))


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staffcast_pipelines.reading.opening._FREE_BYTES", 1000)
    with pytest.raises(SourceError, match="more than 200 times"):
        open_export(write(tmp_path, "x.csv.gz", gzip.compress(bytes(3_000_000))))


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a regular file"):
        open_export(tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        open_export(tmp_path / "absent.csv")


def test_bytes_that_no_row_can_be_found_in_refuse_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"byte 0 is not utf-16-le"):
        open_export(write(tmp_path, "x.csv", b"\xff\xfe\x00\xd8\x00"))


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown encoding 'klingon'"):
        open_export(write(tmp_path, "x.csv", b"id"), encoding="klingon")
