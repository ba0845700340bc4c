"""Broken rows, quotes, headers and separators."""

from __future__ import annotations

import gzip
import json

import pytest
from tests.contract.pipelines.hostile_desk import CLEAN, COLUMNS, Desk, csv_text

TEXT = csv_text(*CLEAN)
HEADER, *LINES = TEXT.splitlines(keepends=True)
TIME = "2026-11-02T09:00:00Z"
OPEN = "a quote is not closed or stands inside a field"


def test_ragged_rows_are_put_aside(desk: Desk) -> None:
    text = HEADER + "m0,c1\n" + LINES[0] + f"m9,c1,{TIME},bot,,x,y,z\n" + "".join(LINES[1:]) + ",\n"
    desk.puts_aside(
        "messages.csv",
        text,
        [
            (2, None, "2 fields instead of 6"),
            (4, None, "8 fields instead of 6"),
            (9, None, "2 fields instead of 6"),
        ],
    )


@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_broken_quote_costs_its_line_only(desk: Desk, place: int) -> None:
    for line in (
        f'm0,c1,{TIME},bot,,"open\n',
        f'm0,c1,{TIME},bot,,"a "quoted" word"\n',
        f'm0,"c1,{TIME},bot,,x\n',
        '"\n',
        '"""\n',
    ):
        text = HEADER + "".join(LINES[:place]) + line + "".join(LINES[place:])
        desk.puts_aside("messages.csv", text, [(place + 2, None, OPEN)])


def test_a_quote_that_swallows_rows_costs_its_line_only(desk: Desk) -> None:
    quoted = LINES[3].replace("It does not work", '"It does not work"')
    text = HEADER + LINES[0] + f'm0,c1,{TIME},bot,,"open\n' + "".join(LINES[1:3]) + quoted + LINES[4]
    desk.puts_aside("messages.csv", text, [(3, None, OPEN)])


def test_other_quotes_are_text(desk: Desk) -> None:
    texts = ["it's fine", 'it"s fine', "`", "''"]
    rows = ((f"m{number}", "c1", TIME, "customer", "", text) for number, text in enumerate(texts))
    desk.load("messages.csv", csv_text(*rows))
    assert [text for (text,) in desk.rows("select text from messages order by message_id")] == texts


def test_other_separators_are_seen(desk: Desk) -> None:
    for mark in (";", "\t", "|"):
        for lead in ("", f"sep={mark}\r\n"):
            desk.loads_as_clean("messages.csv", lead + csv_text(*CLEAN, mark=mark))


def test_all_cells_may_be_quoted_and_columns_in_any_order(desk: Desk) -> None:
    rows = [[f'"{cell}"' for cell in reversed(row)] for row in (COLUMNS, *CLEAN)]
    desk.loads_as_clean("messages.csv", "".join(",".join(row) + "\n" for row in rows))


@pytest.mark.parametrize("lead", ["", "\ufeff"])
def test_files_put_together_repeat_the_header(desk: Desk, lead: str) -> None:
    text = HEADER + "".join(LINES[:2]) + lead + HEADER + "".join(LINES[2:]) + HEADER
    load = desk.load("messages.csv", text)
    assert (load.n_rows, load.n_new, load.n_skipped) == (7, 5, 2)
    assert [(reason.text, reason.n) for reason in load.reasons] == [("repeated header", 2)]
    desk.holds_clean()


def test_files_of_other_columns_put_together_are_refused(desk: Desk) -> None:
    order = (0, 1, 2, 3, 5, 4)
    second = csv_text(
        *(tuple(row[n] for n in order) for row in CLEAN), columns=tuple(COLUMNS[n] for n in order)
    )
    path = desk.write("messages.csv", TEXT + second)
    desk.refuses(path, "messages.csv:7: another header with other columns")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            HEADER.replace("text", "message_id"),
            "messages.csv:1:message_id: the header names this column twice",
        ),
        (
            HEADER.replace("timestamp,", "x,"),
            "messages.csv:timestamp: the column that messages needs is missing",
        ),
        (
            HEADER.replace("timestamp", "time_stamp"),
            "did you mean 'time_stamp'? Rename a column, or use --map",
        ),
        (HEADER.upper(), "messages.csv:conversation_id: the column that messages needs is missing"),
        ('"' + HEADER, "the header cannot be read"),
        ("<html><body>\n", "this is a web page"),
        ('{"message_id": "m1"}\n', "this looks like JSON"),
        ("{\n", "this looks like JSON"),
        ("", "the column that messages needs is missing; the file has no header (Rename"),
    ],
)
def test_a_header_that_is_none_refuses_the_file(desk: Desk, header: str, message: str) -> None:
    desk.refuses(desk.write("messages.csv", header + "".join(LINES)), message)


def test_a_mapping_takes_renamed_columns(desk: Desk) -> None:
    names = "\n".join(f'{name} = "{name.upper()}"' for name in COLUMNS)
    mapping = desk.write("upper.toml", f'table = "messages"\n[columns]\n{names}\n')
    desk.loads_as_clean("export.csv", HEADER.upper() + "".join(LINES), mapping=mapping)


def test_columns_may_change_from_month_to_month(desk: Desk) -> None:
    """New ones are kept as extra, optional ones may go, one that is needed may not."""
    desk.load("messages-1.csv", TEXT)
    november = ("m6", "c3", "2026-12-01T09:00:00Z", "customer", "x")
    load = desk.load("messages-2.csv", csv_text(november, columns=(*COLUMNS[:4], "mood")))
    assert (load.n_new, load.columns_as_extra) == (1, ("mood",))
    assert desk.rows("select text, extra from messages where message_id = 'm6'") == [(None, '{"mood": "x"}')]
    path = desk.write(
        "messages-3.csv", csv_text(november, columns=("message_id", "chat", *COLUMNS[2:4], "mood"))
    )
    desk.refuses(path, "messages-3.csv:conversation_id: the column that messages needs is missing")


def test_a_header_without_names_keeps_its_cells(desk: Desk) -> None:
    rows = (("7", *row, "") for row in CLEAN)
    load = desk.loads_as_clean("messages.csv", csv_text(*rows, columns=("", *COLUMNS, " ")))
    assert load.columns_as_extra == ("column_1",)


@pytest.mark.parametrize("name", ["messages.csv", "messages.jsonl"])
def test_an_empty_file_is_refused(desk: Desk, name: str) -> None:
    for content in ("", "\n \n\t\n", "\ufeff", "\ufeff\n"):
        desk.refuses(desk.write(name, content), "the file is empty")
    desk.refuses(desk.write(name, "\n".encode("utf-16")), "the file is empty")


@pytest.mark.parametrize("end", ["\n", "", "\r\n\r\n"])
def test_a_header_alone_is_no_rows(desk: Desk, end: str) -> None:
    load = desk.load("messages.csv", HEADER.rstrip() + end)
    assert (load.n_rows, load.n_new, load.n_quarantined) == (0, 0, 0)


def test_a_file_where_nothing_fits_is_refused(desk: Desk) -> None:
    path = desk.write("messages.csv", HEADER + "m1\nm2,x\nm3\n")
    desk.refuses(path, "messages.csv:2: none of the 3 rows can be loaded; most often: 1 fields instead of 6")


@pytest.mark.parametrize("n_chars", [2, 20, 30])
def test_a_cut_off_line_is_put_aside_and_the_whole_file_completes_it(desk: Desk, n_chars: int) -> None:
    path = desk.write("messages.csv", HEADER + "".join(LINES[:4]) + LINES[4][:n_chars])
    (load,) = desk.ingest(path)
    assert (load.n_new, load.n_quarantined) == (4, 1)
    assert load.reasons[0].first_line == 6
    whole = desk.load("messages.csv", TEXT)
    assert (whole.n_new, whole.n_duplicate) == (1, 4)
    desk.holds_clean()


def test_a_row_of_many_lines_counts_them_all(desk: Desk) -> None:
    long = "\n".join(["line"] * 5000)
    text = HEADER + f'm0,c1,{TIME},customer,,"{long}"\n' + "m9,c1\n"
    load = desk.load("messages.csv", text)
    assert (load.n_new, load.reasons[0].first_line) == (1, 5002)


def test_a_cell_has_a_longest_size(desk: Desk) -> None:
    for number, n_chars in enumerate((1_000_000, 1_000_001, 10_000_000)):
        desk.write(
            f"export/messages-{number}.csv",
            HEADER + f'm{number},c1,{TIME},customer,,"{"x" * n_chars}"\n' + LINES[0],
        )
    loads = desk.ingest(desk.folder / "export", keep_text="none")
    assert [load.n_quarantined for load in loads] == [0, 1, 1]
    assert desk.faults() == [(2, "text", "a cell of more than 1,000,000 characters")]


def test_thousands_of_columns_become_one(desk: Desk) -> None:
    others = [f"k{number}" for number in range(9_800)]
    rows = [(*row, *others) for row in CLEAN]
    load = desk.loads_as_clean("messages.csv", csv_text(*rows, columns=(*COLUMNS, *others)))
    assert len(load.columns_as_extra) == 9_800
    ((extra,),) = desk.rows("select extra from messages where message_id = 'm1'")
    assert len(json.loads(extra)) == 9_800
    path = desk.write("messages-2.csv", csv_text(columns=(*COLUMNS, *map(str, range(20_000)))))
    desk.refuses(path, "a header of more than 20,000 columns")


def test_what_does_something_elsewhere_is_text_here(desk: Desk) -> None:
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "<script>alert(1)</script>", "'; drop table loads; --"]
    cells += ["{{7*7}}", "$(id)", "../../x", "%s%n", "\x1b[31mred"]
    rows = ((f"m{number:02}", cell, TIME, "agent", cell, cell) for number, cell in enumerate(cells))
    desk.load("messages.csv.gz", gzip.compress(csv_text(*rows).encode()))
    found = desk.rows("select text, conversation_id, sender_id from messages order by message_id")
    assert found == [(cell, cell.strip(), cell.strip()) for cell in cells]
