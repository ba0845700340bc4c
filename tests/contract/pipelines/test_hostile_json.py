"""JSON lines that are none, or more than they should be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contract.pipelines.hostile_desk import CLEAN, COLUMNS, Desk

OBJECTS: list[dict[str, Any]] = [dict(zip(COLUMNS, row, strict=True)) for row in CLEAN]
TEXT = "".join(json.dumps(row) + "\n" for row in OBJECTS)
ROW = (
    '{"message_id": "m0", "conversation_id": "c0", "timestamp": "2026-11-02T09:00:00Z", "sender_type": "bot"'
)
DEEP = "[" * 100_000


NO_ROWS: list[tuple[str, str | None, str]] = [
    (ROW + ', "text": NaN}', None, "NaN is not a number that can be counted with"),
    (ROW + ', "sender_id": Infinity}', None, "Infinity is not a number that can be counted with"),
    (ROW + ', "mood": -Infinity}', None, "-Infinity is not a number that can be counted with"),
    (ROW + ', "text": 1e400}', None, "a number is too large"),
    (ROW + ', "mood": [{"x": -1e999}]}', None, "a number is too large"),
    (ROW + f', "mood": {"9" * 5000}}}', None, "a number is too long"),
    (ROW + f', "text": {DEEP}', None, "JSON nested too deeply"),
    (ROW + f', "mood": {DEEP}{"]" * 100_000}}}', None, "JSON nested too deeply"),
    (ROW + f', "mood": {"[" * 101}{"]" * 101}}}', None, "JSON nested too deeply"),
    (ROW + ', "text": "a", "text": "b"}', None, "a key comes twice with different values"),
    (ROW + ', "mood": "a", "mood": "b"}', None, "a key comes twice with different values"),
    (ROW + ', "mood": {"x": 1, "x": 2}}', None, "a key comes twice with different values"),
    (ROW + ', "text" : "a", "text": null}', None, "a key comes twice with different values"),
    (ROW + "}" + ROW + "}", None, "not JSON: more than one value on the line"),
    (ROW + "},", None, "not JSON: more than one value on the line"),
    (ROW + ', "text": "a}', None, "not JSON: Unterminated string"),
    (ROW + ', "text": "a\tb"}', None, "not JSON: Invalid control character"),
    (ROW + ", \"text\": 'a'}", None, "not JSON: Expecting value"),
    (ROW + ', "text": "\\x41"}', None, "not JSON: Invalid \\escape"),
    (ROW, None, "not JSON: Expecting ',' delimiter"),
    ("[1, 2]", None, "not a JSON object"),
    ('"text"', None, "not a JSON object"),
    ("null", None, "not a JSON object"),
    ("# a comment", None, "not JSON: Expecting value"),
    (",".join(COLUMNS), None, "not JSON: Expecting value"),
    (ROW.replace('"m0"', "null").replace('"c0"', '""') + "}", "conversation_id", "is required but empty"),
    ("{}", "conversation_id", "is required but empty"),
]


def test_a_line_that_is_no_row_is_put_aside(desk: Desk) -> None:
    lines = TEXT.splitlines()
    lines[1:1] = [line for line, _, _ in NO_ROWS]
    faults = [(number, field, reason) for number, (_, field, reason) in enumerate(NO_ROWS, 2)]
    desk.puts_aside("messages.jsonl", "\n".join(lines) + "\n", faults)


@pytest.mark.parametrize("number", range(0, len(NO_ROWS), 4))
def test_so_is_the_first_line(desk: Desk, number: int) -> None:
    line, field, reason = NO_ROWS[number]
    if line.startswith("["):
        desk.refuses(desk.write("messages.jsonl", f"{line}\n{TEXT}"), "this is a JSON array")
        return
    desk.puts_aside("messages.jsonl", f"{line}\n{TEXT}", [(1, field, reason)])


ODD: list[tuple[str, tuple[str | None, Any]]] = [
    (ROW + ', "text": 7, "is_auto": true}', ("7", None)),
    (ROW + ', "text": 1.50}', ("1.5", None)),
    (ROW + ', "text": {"b": [1, null], "a": "ü"}}', ('{"a": "ü", "b": [1, null]}', None)),
    (ROW + ', "text": "x", "text": "x"}', ("x", None)),
    (ROW + ', "text": null, "mood": ""}', (None, None)),
    (ROW + ', "text": "x", "mood": [[1]]}', ("x", {"mood": "[[1]]"})),
    (ROW + ', "mood": 0.1, "": 1}', (None, {"mood": "0.1", "": "1"})),
    (f'  {ROW} , "te\\u0078t" : "\\ud83d\\ude00" }} \r', ("😀", None)),
]


def test_odd_values_are_kept_as_text(desk: Desk) -> None:
    lines = [line.replace('"m0"', f'"odd{number}"') for number, (line, _) in enumerate(ODD)]
    assert desk.load("messages.jsonl", TEXT + "\n".join(lines)).n_quarantined == 0
    found = desk.rows("select text, extra from messages where message_id like 'odd%' order by message_id")
    assert [(text, extra and json.loads(extra)) for text, extra in found] == [expected for _, expected in ODD]


def test_ids_keep_the_form_they_have(desk: Desk) -> None:
    ids = ['"007"', "7", "7.0", '"NULL"', '"nan"', '"None"', "true", "12345678901234567890", '"1e5"']
    lines = (f'{{"agent_id": {number}, "name": "x"}}\n' for number in ids)
    desk.load("agents.jsonl", "".join(lines))
    assert {agent for (agent,) in desk.rows("select agent_id from agents")} == {
        "007", "7", "7.0", "NULL", "nan", "None", "true", "12345678901234567890", "1e5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(OBJECTS), "this is a JSON array"),
        (json.dumps(OBJECTS, indent=1), "this is a JSON array"),
        (json.dumps({"messages": OBJECTS}, indent=1), "this is JSON over several lines"),
        (json.dumps({"messages": OBJECTS}), "the column that messages needs is missing"),
        ('{"text": "x"}\n' * 3, "the column that messages needs is missing"),
        ("id,text\n1,2\n", "messages.jsonl:1: none of the 2 rows can be loaded"),
        ("".join(f'{{"k{number}": 1}}\n' for number in range(20_001)), "more than 20,000 different keys"),
    ],
)
def test_another_form_of_json_is_refused(desk: Desk, text: str, message: str) -> None:
    desk.refuses(desk.write("messages.jsonl", text), message)


@pytest.mark.parametrize("n_chars", [1, 40, -1])
def test_a_cut_off_line_is_put_aside_and_the_whole_file_completes_it(desk: Desk, n_chars: int) -> None:
    lines = TEXT.splitlines()
    path = desk.write("messages.jsonl", "\n".join(lines[:4]) + "\n" + lines[4][:n_chars])
    (load,) = desk.ingest(path)
    assert (load.n_new, load.n_quarantined) == (4, 1)
    assert load.reasons[0].first_line == 5
    assert load.reasons[0].text.startswith("the file is cut off here: not JSON")
    whole = desk.load("messages.jsonl", TEXT)
    assert (whole.n_new, whole.n_duplicate) == (1, 4)
    desk.holds_clean()


def test_keys_may_come_and_go(desk: Desk) -> None:
    rows = [row | {f"k{number}": number + 1} for number, row in enumerate(OBJECTS)]
    load = desk.loads_as_clean("messages.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert load.columns_as_extra == ("k0", "k1", "k2", "k3", "k4")
