"""What goes wrong ends in one line that says what, where and what to do, and the right exit code."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from staffcast_cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Staffcast = Callable[..., Any]

HEADER = "conversation_id,created_at,closed_at,queue\n"


def is_one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.startswith("error: ") and "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["report", "cast"], 2, "did you mean 'csat'?"),
        (["report", "csat", "--by", "qeue"], 2, "did you mean 'queue'?"),
        (["report", "csat", "--where", "qeue=a"], 2, "did you mean 'queue'?"),
        (["report", "csat", "--set", "csat.window=1"], 2, "csat"),
        (["report", "csat", "--grain", "fortnight"], 2, "fortnight"),
        (["report", "csat", "--clock", "lunar"], 2, "lunar"),
        (["report", "--from", "yesterday"], 2, "YYYY-MM-DD"),
        (["report", "--from", "2026-11-15", "--to", "2026-11-01"], 2, "is empty"),
        (["report", "service_level", "--set", "convention=virtual"], 2, "virtual"),
        (["explain", "nothing"], 2, "unknown metric"),
        (["staff", "--sl", "eighty"], 2, "80/30"),
        (["staff", "--sl", "100/20"], 2, "below 1"),
        (["staff", "--sl", "80/nan"], 2, "80/30"),
        (["staff", "--concurrency", "0"], 2, "between 1 and"),
        (["report", "--where", "queue=suport-en"], 2, "did you mean 'support-en'?"),
        (["report", "--from", "2030-01-01", "--to", "2030-01-07"], 2, "the data cover"),
        (["report", "--compare", "--grain", "day"], 2, "--grain"),
        (["report", "--where", "queue=support-en", "--html", "r.html"], 2, "--html"),
        (["report", "csat", "--fail-under", "csat=nan"], 2, "--fail-under"),
        (["report", "csat", "--fail-under", "csat=80"], 2, "such as 0.8"),
        (["report", "csat", "--fail-under", "fcr=0.8"], 2, "fcr"),
        (["report", "-o", "kpis.xlsx"], 2, ".xlsx"),
        (["sql", "select 1; select 2"], 1, "one statement"),
        (["staff", "--shrinkage", "1.5"], 2, "below 1"),
        (["staff", "--queue", "suport-en"], 2, "did you mean 'support-en'?"),
        (["forecast", "--days", "0"], 2, "between 1 and"),
        (["forecast", "--every", "7"], 2, "15, 30 or 60"),
        (["sql", "select 1 +"], 1, "query failed"),
        (["sql", "drop table fact_turn"], 1, "only queries"),
        (["sql", "select * from read_csv('x.csv')"], 1, "may not use read_csv"),
    ],
)
def test_a_wrong_question_says_what_to_ask(
    staffcast: Staffcast, desk: Path, arguments: list[str], code: int, says: str
) -> None:
    done = staffcast(*arguments, "-d", desk)
    assert done.code == code
    assert done.out == ""
    assert is_one_line(done.err)
    assert says in done.err


@pytest.mark.parametrize("command", ["report", "staff", "forecast", "sql", "explain", "check"])
def test_no_data_yet(staffcast: Staffcast, tmp_path: Path, command: str) -> None:
    extra = {"sql": ["select 1"], "explain": ["csat"]}.get(command, [])
    done = staffcast(command, *extra, "-d", tmp_path / "nothing")
    assert done.code == 1
    assert is_one_line(done.err)
    assert "staffcast ingest" in done.err


def test_an_unknown_command_or_flag_is_a_usage_error(staffcast: Staffcast) -> None:
    assert staffcast("forcast").code == 2
    assert staffcast("report", "--frm", "2026-11-01").code == 2
    assert staffcast("report", "--format", "xml").code == 2


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("conversations.csv", "", "empty"),
        ("conversations.csv", "conversation_id,queue\nc1,q\n", "created_at"),
        ("conversations.csv", HEADER + "c1,2026-11-02 09:00:00,,q\n", "--tz"),
        ("conversations.csv", "<!doctype html><html><body>Sign in</body></html>\n", ""),
        ("notes.txt", "hello\n", ""),
    ],
)
def test_a_file_that_is_no_export_is_refused_and_nothing_is_stored(
    staffcast: Staffcast, tmp_path: Path, name: str, text: str, says: str
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    done = staffcast("ingest", file, "-d", tmp_path / "w")
    assert done.code == 3
    assert is_one_line(done.err[done.err.index("error: ") :])
    assert name in done.err
    assert says in done.err
    assert staffcast("report", "-d", tmp_path / "w").code == 1


def test_an_empty_folder_and_a_wrong_path_are_refused(staffcast: Staffcast, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in ("empty", "missing"):
        done = staffcast("ingest", tmp_path / path, "-d", tmp_path / "w")
        assert done.code == 3
        assert is_one_line(done.err)


def test_a_bad_row_is_put_aside_with_its_line(staffcast: Staffcast, tmp_path: Path) -> None:
    file = tmp_path / "conversations.csv"
    file.write_text(
        HEADER + "c1,2026-11-02T09:00:00Z,,q\nc2,not a time,,q\nc3,2026-11-02T10:00:00Z,,q,surplus\n",
        encoding="utf-8",
    )
    done = staffcast("ingest", file, "-d", tmp_path / "w", "-f", "table")
    assert done.code == 0
    assert "line 3" in done.out
    assert "line 4" in done.out
    listed = staffcast("sql", "select line from quarantine order by line", "-d", tmp_path / "w")
    assert listed.out.split() == ["line", "3", "4"]


def test_a_naive_time_is_read_in_the_zone_that_was_said(staffcast: Staffcast, tmp_path: Path) -> None:
    file = tmp_path / "conversations.csv"
    file.write_text(HEADER + "c1,2026-11-02 09:00:00,,q\n", encoding="utf-8")
    assert staffcast("ingest", file, "-d", tmp_path / "w", "--tz", "Europe/Berlin").code == 0
    found = staffcast("sql", "select start_at_us from fact_conversation", "-d", tmp_path / "w")
    assert found.out.split()[1] == "1793606400000000"  # 08:00 UTC
    wrong = staffcast("ingest", file, "-d", tmp_path / "w", "--tz", "Berlin")
    assert wrong.code == 2
    assert "Europe/Berlin" in wrong.err


def test_a_locked_warehouse_names_the_holder(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(desk, copy)
    with duckdb.connect(copy / "warehouse.duckdb"):
        done = staffcast("check", "-d", copy)
    assert done.code in {0, 1}  # the same process may share the file; another may not
    assert "Traceback" not in done.err


@pytest.mark.parametrize("which", ["warehouse.duckdb", "generations/gen-000001.duckdb"])
def test_a_corrupt_database_is_named(staffcast: Staffcast, desk: Path, tmp_path: Path, which: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(desk, copy)
    (copy / which).write_bytes(b"\x00" * 5000)
    done = staffcast("check" if "warehouse" in which else "report", "-d", copy)
    assert done.code == 1
    assert is_one_line(done.err)
    assert which.rpartition("/")[2] in done.err


def test_a_wrong_setting_is_named_with_its_file(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    (tmp_path / "staffcast.toml").write_text("fcr_windows_days = 3\n", encoding="utf-8")
    done = staffcast("report", "-d", desk)
    assert done.code == 2
    assert "staffcast.toml" in done.err
    assert "fcr_window_days" in done.err


def test_an_output_that_cannot_be_written(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    done = staffcast("report", "-d", desk, "-o", tmp_path / "no" / "such" / "folder.csv")
    assert done.code == 1
    assert is_one_line(done.err)


def test_an_unexpected_error_shows_no_traceback(
    staffcast: Staffcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("secret customer text")

    monkeypatch.setattr(main, "app", fail)
    done = staffcast("report")
    assert done.code == 1
    assert "internal error: RuntimeError" in done.err
    assert "secret" not in done.err
