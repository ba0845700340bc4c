from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.core.errors import SchemaError, SourceError
from staffcast_pipelines.reading.csv_rows import read_csv
from staffcast_pipelines.reading.jsonl_rows import check_json_lines, read_jsonl
from staffcast_pipelines.reading.opening import inspect
from staffcast_pipelines.reading.raw import RawTable

WANTED = frozenset({"id", "text"})
LONG = "x" * 2_000_000


def tables_of(read: Any, content: str | bytes, name: str, **options: Any) -> list[RawTable]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        os.utime(path, (0, 0))  # a file of just now that ends within a line is waited for
        export = inspect(path)
        if read is read_jsonl:
            check_json_lines(export)
        return list(read(export, wanted=WANTED, **options))


def whole(tables: list[RawTable]) -> RawTable:
    """All tables of a file as one."""
    extras: dict[int, dict[str, str]] = {}
    skipped: dict[str, int] = {}
    base = 0
    for table in tables:
        extras |= {base + row: extra for row, extra in table.extras.items()}
        base += len(table.lines)
        for reason, n in table.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + n
    return RawTable(
        pl.concat([table.frame for table in tables], how="diagonal"),
        pl.concat([table.lines for table in tables]),
        extras,
        tuple(row for table in tables for row in table.bad),
        skipped,
        tables[-1].columns,
    )


def csv_of(content: str | bytes, **options: Any) -> RawTable:
    return whole(tables_of(read_csv, content, "x.csv", **options))


def jsonl_of(content: str | bytes) -> RawTable:
    return whole(tables_of(read_jsonl, content, "x.jsonl"))


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
    raw = csv_of("id,text\n1,a\0b\n2,b\n")
    assert cells(raw) == [("2", "b")]
    assert faults(raw) == [(2, "holds a NUL character")]


def test_tables_end_when_they_have_enough_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staffcast_pipelines.reading.raw.BATCH_ROWS", 2)
    monkeypatch.setattr("staffcast_pipelines.reading.lines._BLOCK_CHARS", 1)
    tables = tables_of(read_csv, "id,text,x\n1,a,\n2,\0,p\n3,c,q\n4,d,\n5,e,r\n", "x.csv")
    assert [cells(table) for table in tables] == [[("1", "a")], [("3", "c"), ("4", "d")], [("5", "e")]]
    assert [table.lines.to_list() for table in tables] == [[2], [4, 5], [6]]
    assert [table.extras for table in tables] == [{}, {0: {"x": "q"}}, {0: {"x": "r"}}]
    assert [faults(table) for table in tables] == [[(3, "holds a NUL character")], [], []]


def test_columns_are_those_seen_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staffcast_pipelines.reading.raw.BATCH_ROWS", 1)
    monkeypatch.setattr("staffcast_pipelines.reading.lines._BLOCK_CHARS", 1)
    tables = tables_of(read_jsonl, '{"id": 1}\n{"id": 2, "text": null}\n{"x": "y"}\n', "x.jsonl")
    assert [table.columns for table in tables] == [
        ("id",), ("id", "text"), ("id", "text", "x"), ("id", "text", "x")
    ]  # fmt: skip
    assert [table.frame.columns for table in tables] == [["id"], *[["id", "text"]] * 3]


LINES = [
    "1,a\n",
    '2,"b\nb"\n',
    '3,"c\n',
    "4\n",
    "5,e,f\n",
    "\n",
    "id,text\n",
    '6,"g""g"\n',
    '7,"h"h\n',
    "8,i\r",
    "9,\0\r\n",
    "id,id\n",
    '0,"\r\n"\n',
]


@given(st.lists(st.sampled_from(LINES), max_size=20))
def test_blocks_make_no_difference(parts: list[str]) -> None:
    """Reading in pieces of any size finds the rows that one big piece finds."""
    text = "id,text\n" + "".join(parts)
    found = []
    for n_chars, n_lines in ((1, 2), (7, 1), (20, 3), (10_000, 10_000)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("staffcast_pipelines.reading.lines._BLOCK_CHARS", n_chars)
            patch.setattr("staffcast_pipelines.reading.lines._MOST_LINES", n_lines)
            try:
                raw = csv_of(text)
                found.append((cells(raw), raw.lines.to_list(), faults(raw), raw.skipped))
            except SourceError as error:
                found.append(str(error).split("/")[-1])
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("cell", ["x" * 900_000, ("x" * 99 + "\n") * 9_000])
def test_a_long_cell_is_a_cell(cell: str) -> None:
    raw = csv_of(f'id,text\n1,"{cell}"\n2,b\n')
    assert cells(raw) == [("1", cell), ("2", "b")]


@pytest.mark.parametrize("cell", ["x" * 10_000_000, ("x" * 99 + "\n") * 100_000])
def test_a_cell_over_the_limit_is_called_that(cell: str) -> None:
    raw = csv_of(f'id,text\n1,"{cell}"\n2,b\n')
    assert cells(raw) == [("2", "b")]
    assert [(row.line, row.field, row.reason) for row in raw.bad] == [
        (2, "text", "a cell of more than 1,000,000 characters")
    ]
    assert jsonl_of(f'{{"id": 1, "text": "{LONG}"}}\n{{"id": 2}}').bad[0].reason == (
        "a cell of more than 1,000,000 characters"
    )


def test_a_line_over_the_limit_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("lines", "csv_rows", "jsonl_rows"):
        monkeypatch.setattr(f"staffcast_pipelines.reading.{module}.MAX_LINE_CHARS", 1000)
    for module in ("csv_rows", "jsonl_rows"):
        monkeypatch.setattr(f"staffcast_pipelines.reading.{module}.MAX_CELL_CHARS", 900)
    monkeypatch.setattr("staffcast_pipelines.reading.lines._BLOCK_CHARS", 100)
    for end in ("\n", "\r\n"):
        raw = csv_of(f"id,text{end}1,{'x' * 5000}{end}2,b{end}")
        assert (cells(raw), raw.lines.to_list()) == ([("2", "b")], [3])
        assert faults(raw) == [(2, "a line of more than 1,000 characters")]
    raw = jsonl_of(f'{{"id": 0, "text": ""}}\n{{"id": "{LONG}"}}\n{{"id": 2}}')
    assert (faults(raw), raw.lines.to_list()) == ([(2, "a line of more than 1,000 characters")], [1, 3])


def test_an_open_quote_is_looked_after_no_further_than_a_row_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("lines", "csv_rows"):
        monkeypatch.setattr(f"staffcast_pipelines.reading.{module}.MAX_LINE_CHARS", 100)
    monkeypatch.setattr("staffcast_pipelines.reading.lines._BLOCK_CHARS", 10)
    raw = csv_of('id,text\n1,"open\n' + "2,b\n" * 1000 + '3,"c"\n')
    assert len(raw.lines) == 1001
    assert [line for line, _ in faults(raw)] == [2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,text\n1,a\n2", "the file is cut off here: 1 fields instead of 2"),
        ('id,text\n1,a\n2,"b', "the file is cut off here: a quote is not closed or stands inside a field"),
    ],
)
def test_a_last_line_that_is_cut_off_is_called_that(text: str, reason: str) -> None:
    assert faults(csv_of(text)) == [(3, reason)]


def test_a_second_header_with_other_columns_refuses_the_file() -> None:
    with pytest.raises(SourceError, match=r"x\.csv:3: another header with other columns"):
        csv_of("id,text,x\n1,a,b\nid,x,text\n2,b,c\n")
    raw = csv_of("id,text\nid,a\n\ufeffid,text\n")  # one cell alone may be called like a column
    assert (cells(raw), raw.skipped) == ([("id", "a")], {"repeated header": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,t\xe9xt\n1,a\n", "no header: it holds the byte 0xE9"),
        (b'{"id": 1}\n', "looks like JSON"),
        (b'"id\n1,a\n', "the header cannot be read"),
        (",".join(map(str, range(20_001))).encode(), "more than 20,000 columns"),
    ],
)
def test_what_is_no_header_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        csv_of(content)


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


DEEP = "[" * 90 + "]" * 90


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "\\u0000"}', "holds a NUL character"),
        ('{"id": "\\ud83d"}', "holds half of a character (a lone surrogate)"),
        ('{"i\\udc00": 1}', "holds half of a character (a lone surrogate)"),
        ('{"id": ' + "[" * 100_000, "JSON nested too deeply"),
        ('{"id": ' + "[" * 101 + "]" * 101 + "}", "JSON nested too deeply"),
        ('{"id": NaN}', "NaN is not a number that can be counted with"),
        ('{"id": {"x": [-Infinity]}}', "-Infinity is not a number that can be counted with"),
        ('{"id": 1e400}', "a number is too large"),
        ('{"id": ' + "9" * 5000 + "}", "a number is too long"),
        ('{"id": 1}{"id": 2}', "not JSON: more than one value on the line"),
        ('{"id": 1, "id": 2}', "a key comes twice with different values"),
        ('{"id" : 1, "id": 2}', "a key comes twice with different values"),
        ('{"id": 1, "i\\u0064": 2}', "a key comes twice with different values"),
        ('{"id": {"a": 1, "a": 2}}', "a key comes twice with different values"),
        ('"id"', "not a JSON object"),
        ("id,text", "not JSON: Expecting value"),
    ],
)
def test_hostile_json_is_bad(line: str, reason: str) -> None:
    raw = jsonl_of(f'{line}\n{{"id": "ok", "text": "\\ud83d\\ude00"}}\n')
    assert faults(raw) == [(1, reason)]
    assert cells(raw) == [("ok", "\U0001f600")]


@pytest.mark.parametrize("line", ['{"id": 7, "id": 7}', '{"id" : 7}', f'{{"id": 7, "x": {DEEP}}}'])
def test_odd_json_is_good(line: str) -> None:
    assert jsonl_of(f'{line}\n{{"text": ""}}').frame["id"].to_list() == ["7", None]


def test_a_last_json_line_that_is_cut_off_is_called_that() -> None:
    raw = jsonl_of('{"id": 1, "text": "a"}\n{"id": 2, "te')
    assert faults(raw) == [(2, "the file is cut off here: not JSON: Unterminated string")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"id": 1}]', "a JSON array"),
        ('\n[\n {"id": 1}\n]\n', "a JSON array"),
        ('{\n "id": 1\n}\n', "JSON over several lines"),
        ("\ufeff\n", "the file is empty"),
        ("".join(f'{{"k{number}": 1}}\n' for number in range(20_001)), "more than 20,000 different keys"),
    ],
)
def test_one_json_document_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        jsonl_of(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter_in_json(end: str) -> None:
    raw = jsonl_of(end.join(['{"id": 1}', "", '{"id": 2, "text": "a"}']))
    assert (cells(raw), raw.lines.to_list()) == ([("1", None), ("2", "a")], [1, 3])
