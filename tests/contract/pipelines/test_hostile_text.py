"""Encodings, byte order marks, NUL bytes, half characters and line ends."""

from __future__ import annotations

import codecs
import json

import pytest
from tests.contract.pipelines.hostile_desk import CLEAN, COLUMNS, Desk, csv_text

TEXT = csv_text(*CLEAN)
WESTERN = csv_text(*(row for row in CLEAN if row[0] != "m2"), ("m2", *CLEAN[1][1:5], "Yes € – until six"))
BOM = "\ufeff"


def jsonl(*, ascii_only: bool) -> str:
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in CLEAN)
    return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows)


@pytest.mark.parametrize("form", ["csv", "jsonl", "escaped"])
def test_a_byte_order_mark_tells_the_encoding(desk: Desk, form: str) -> None:
    text = TEXT if form == "csv" else jsonl(ascii_only=form == "escaped")
    name = "messages.csv" if form == "csv" else "messages.jsonl"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        desk.loads_as_clean(name, (BOM + text).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_named(desk: Desk, encoding: str) -> None:
    path = desk.write("messages.csv", TEXT.encode(encoding))
    desk.refuses(path, f"UTF-16 without a byte order mark (declare --encoding {encoding})")
    desk.loads_as_clean("messages.csv", path.read_bytes(), encoding=encoding)


def test_a_mark_wins_over_a_declared_encoding(desk: Desk) -> None:
    desk.loads_as_clean("messages.csv", codecs.BOM_UTF8 + TEXT.encode(), encoding="cp1252")


def test_a_byte_of_another_encoding_spoils_its_row(desk: Desk) -> None:
    row = "m0,c1,2026-11-02T09:00:00Z,customer,,für uns\n"
    for encoding, byte in (("latin-1", "0xFC"), ("cp1252", "0xFC"), ("cp437", "0x81")):
        reason = f"holds the byte {byte}, which is not text in this encoding: declare --encoding"
        desk.puts_aside("messages.csv", TEXT.encode() + row.encode(encoding), [(7, "text", reason)])


def test_a_declared_encoding_is_read_without_mojibake(desk: Desk) -> None:
    load = desk.load("messages.csv", WESTERN.encode("cp1252"), encoding="cp1252")
    assert (load.n_new, load.n_quarantined) == (5, 0)
    found = {text for (text,) in desk.rows("select text from messages")}
    assert found >= {"Grüße! Is the café open?", "Yes € – until six"}
    assert not any(mark in text for text in found for mark in "\ufffdÃâ")


def test_utf8_declared_to_be_something_else_is_refused(desk: Desk) -> None:
    path = desk.write("messages.csv", WESTERN)
    desk.refuses(path, "this is UTF-8, not cp1252", encoding="cp1252")


def test_a_cp1252_file_holds_bytes_that_mean_nothing(desk: Desk) -> None:
    content = WESTERN.encode("cp1252") + b"m0,c1,2026-11-02T09:00:00Z,customer,,a\x81b\n"
    load = desk.load("messages.csv", content, encoding="cp1252")
    assert (load.n_new, load.n_quarantined) == (5, 1)
    assert desk.faults()[0][:2] == (7, "text")


def test_bytes_that_no_row_can_be_found_in_refuse_the_file(desk: Desk) -> None:
    path = desk.write("messages.csv", codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le") + b"\x00\xd8\x00")
    desk.refuses(path, "is not utf-16")


def test_an_unknown_encoding_is_named(desk: Desk) -> None:
    desk.refuses(desk.write("messages.csv", TEXT), "unknown encoding 'klingon'", encoding="klingon")


def test_a_header_in_another_encoding_is_no_header(desk: Desk) -> None:
    path = desk.write("messages.csv", WESTERN.replace("text", "tëxt").encode("cp1252"))
    desk.refuses(path, "this is no header: it holds the byte 0xEB")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (b"a\0b", "holds a NUL character"),
        (b"a\xed\xa0\xbdb", "holds the byte 0xED, which is not text in this encoding: declare --encoding"),
        (b"a\xc0\x80b", "holds the byte 0xC0, which is not text in this encoding: declare --encoding"),
        (
            b"a\xf4\x90\x80\x80b",
            "holds the byte 0xF4, which is not text in this encoding: declare --encoding",
        ),
    ],
)
def test_what_is_no_text_spoils_its_row(desk: Desk, cell: bytes, reason: str) -> None:
    row = b"m0,c1,2026-11-02T09:00:00Z,customer,," + cell + b"\n"
    desk.puts_aside("messages.csv", TEXT.encode() + row, [(7, "text", reason)])
    broken = b'{"message_id": "m0", "conversation_id": "c0", "text": "' + cell + b'"}\n'
    load = desk.load("messages-2.jsonl", broken + jsonl(ascii_only=False).encode())
    assert load.n_quarantined == 1
    assert load.reasons[0].text.removeprefix("text: ") == reason
    assert load.reasons[0].first_line == 1


def test_escapes_of_what_is_no_text_spoil_their_row(desk: Desk) -> None:
    half = "holds half of a character (a lone surrogate)"
    row = dict(zip(COLUMNS, CLEAN[0], strict=True)) | {"message_id": "m0"}
    lines, faults = [], []
    for escape, reason in ((r"\u0000", "holds a NUL character"), (r"\ud83d", half), (r"\ude00\ud83d", half)):
        for name in ("text", "conversation_id", "mood"):
            lines.append(json.dumps(row | {name: "here"}).replace("here", escape) + "\n")
            faults.append((len(CLEAN) + len(lines), name, reason))
        desk.puts_aside("messages.jsonl", jsonl(ascii_only=True) + "".join(lines), faults)


def test_line_ends_do_not_matter(desk: Desk) -> None:
    for end in ("\n", "\r\n", "\r"):
        desk.loads_as_clean("messages.csv", TEXT.replace("\n", end))
        desk.loads_as_clean("messages.jsonl", jsonl(ascii_only=False).replace("\n", end))


def test_mixed_line_ends_do_not_matter(desk: Desk) -> None:
    lines = TEXT.splitlines()
    ends = ["\n", "\r\n", "\r", "\r\n\n", "\n\n\r", ""]
    desk.loads_as_clean("messages.csv", "".join(map("".join, zip(lines, ends, strict=True))))


def test_line_ends_within_a_cell_are_kept(desk: Desk) -> None:
    desk.load(
        "messages.csv", csv_text(("m1", "c1", "2026-11-02T09:00:00Z", "customer", "", '"a\r\nb\rc\nd"'))
    )
    assert desk.rows("select text from messages") == [("a\r\nb\rc\nd",)]


def test_other_line_separators_are_text(desk: Desk) -> None:
    text = "a\u2028b\u0085c\x0bd\x0ce\x1ef"
    row = ("m1", "c1", "2026-11-02T09:00:00Z", "customer", "", text)
    desk.load("messages.csv", csv_text(row))
    desk.load(
        "messages-2.jsonl", json.dumps(dict(zip(COLUMNS, ("m2", *row[1:]), strict=True)), ensure_ascii=False)
    )
    assert desk.rows("select text from messages") == [(text,), (text,)]
