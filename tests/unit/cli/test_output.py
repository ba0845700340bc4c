"""How results are written."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import polars as pl
import pytest

from staffcast_cli import output
from staffcast_cli.output import Format, render

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pl.DataFrame(
    {
        "metric": ["First-contact resolution of everybody", "Offered"],
        "value": ["12 min 21 s", "–"],
        "n": ["12,647", "7"],
        "verdict": ["no detectable change", "worse"],
    }
)


class Terminal:
    """A stdout that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_numbers_are_never_cut_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr(output.sys, "stdout", Terminal())
    monkeypatch.setattr(output.shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))
    text = render(ROWS, None, Format.TABLE)
    for number in ("12 min 21 s", "12,647"):
        assert number in text


def test_more_columns_than_fit_are_still_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.sys, "stdout", Terminal())
    monkeypatch.setattr(output.shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))
    week = pl.DataFrame({f"Mon 11-{day}": ["2 (1-2)", f"{day} (1-99)"] for day in range(10, 17)})
    text = render(week, None, Format.TABLE)
    assert all(f"{day} (1-99)" in text for day in range(10, 17))


def test_csv_and_json_round_trip_every_bit() -> None:
    numbers = pl.DataFrame({"x": [0.1 + 0.2, 1 / 3, None]})
    assert pl.read_csv(render(numbers, None, Format.CSV).encode())["x"].to_list() == numbers["x"].to_list()
    assert [row["x"] for row in json.loads(render(numbers, None, Format.JSON))] == numbers["x"].to_list()


def test_markdown_escapes_what_would_break_the_table() -> None:
    text = render(pl.DataFrame({"queue": ["a|b\nc"]}), None, Format.MD, title="T", note="N")
    assert "| a\\|b c |" in text
    assert text.startswith("### T")
    assert text.endswith("N\n")


@pytest.mark.parametrize("fmt", list(Format))
def test_an_empty_result_is_written(fmt: Format) -> None:
    empty = pl.DataFrame(schema={"metric": pl.String, "n": pl.Int64})
    assert render(empty, None, fmt).strip()


def test_escape_codes_of_the_data_reach_no_terminal() -> None:
    evil = pl.DataFrame({"queue": ["\x1b[31mred\x1b[0m", "[bold]x[/bold]", "a\u202eb"]})
    for fmt in (Format.TABLE, Format.MD):
        text = render(evil, None, fmt)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[bold]x[/bold]" in text


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("before", encoding="utf-8")
    output.show(ROWS, fmt=None, output=target)
    assert target.read_text(encoding="utf-8").startswith("metric,value")
    assert list(tmp_path.iterdir()) == [target]


class Recorder:
    """A stdout that may be a terminal and remembers what is written."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.is_terminal = is_terminal
        self.text = ""

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> None:
        self.text += text


EVIL = pl.DataFrame({"queue": ["\x1b[31mred\x9b2J\u202eevil\x07\r", "plain"]})


@pytest.mark.parametrize("fmt", Format)
def test_a_terminal_gets_no_control_characters(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Recorder(is_terminal=True)
    monkeypatch.setattr(output.sys, "stdout", terminal)
    output.show(EVIL, fmt=fmt)
    assert "red" in terminal.text
    assert not {"\x1b", "\x9b", "\u202e", "\x07", "\r"} & set(terminal.text)


def test_a_pipe_gets_the_text_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Recorder(is_terminal=False)
    monkeypatch.setattr(output.sys, "stdout", pipe)
    output.show(EVIL, fmt=Format.CSV)
    assert "\x1b[31mred" in pipe.text


def test_csv_for_a_spreadsheet_holds_no_formula() -> None:
    frame = pl.DataFrame({"queue": ["=HYPERLINK(1)", "+1", "sales"], "n": [-1, 2, 3]})
    assert render(frame, None, Format.CSV) == "queue,n\n'=HYPERLINK(1),-1\n+1,2\nsales,3\n"
    assert json.loads(render(frame, None, Format.JSON))[0]["queue"] == "=HYPERLINK(1)"
