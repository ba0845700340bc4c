"""diff, reconcile, close, concurrency, audit bot and fcr-curve as a user runs them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.reports.october import chat, survey, write_export

from staffcast.metrics import metric

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Staffcast = Callable[..., Any]

DAYS = ("--period", "2026-11-15", "--versus", "2026-11-14")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    "line",
    [
        ("diff", "service_level", *DAYS, "--by", "queue"),
        ("diff", "offered", *DAYS),
        ("audit", "bot"),
        ("audit", "bot", "--rows", "--all"),
        ("fcr-curve",),
        ("fcr-curve", "--by", "language"),
        ("csat", "--by", "queue"),
        ("concurrency",),
        ("reconcile", "--metric", "service_level", "--vendor", "vendor.csv"),
    ],
    ids=" ".join,
)
def test_every_format_holds_the_same_rows(
    staffcast: Staffcast, desk: Path, tmp_path: Path, line: tuple[str, ...]
) -> None:
    (tmp_path / "vendor.csv").write_text("value\n82.4 %\n", encoding="utf-8")
    as_csv, as_json = (staffcast(*line, "-d", desk, "-f", fmt) for fmt in ("csv", "json"))
    assert as_csv.code == as_json.code == 0, as_csv.err
    read, parsed = rows_of(as_csv.out), json.loads(as_json.out)
    assert len(read) == len(parsed) > 0
    for text, row in zip(read, parsed, strict=True):
        for name, value in row.items():
            if isinstance(value, float):
                assert float(text[name]) == value
            elif isinstance(value, str):
                assert text[name].lstrip("'") == value
    shown = staffcast(*line, "-d", desk, "-f", "table")
    assert shown.code == 0
    assert "None" not in shown.out
    assert "nan" not in shown.out


def test_diff_adds_up(staffcast: Staffcast, desk: Path) -> None:
    rows = rows_of(staffcast("diff", "csat", *DAYS, "--by", "queue", "-d", desk, "-f", "csv").out)
    whole, parts = rows[0], rows[1:]
    assert whole["dimension"] == ""
    assert float(whole["contribution"]) == pytest.approx(sum(float(row["contribution"]) for row in parts))


def test_diff_halves_short_data(staffcast: Staffcast, desk: Path) -> None:
    """Of three days, the last one against the one before."""
    done = staffcast("diff", "offered", "-d", desk, "-f", "table")
    assert "2026-11-15 against 2026-11-14" in done.out


def test_diff_says_which_days_are_missing(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("diff", "offered", "-p", "2026-11-14..2026-11-20", "-v", "2026-11-13", "-d", desk)
    assert done.code == 0
    assert "the data cover 2026-11-14" in done.err


def test_reconcile_says_what_matches(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    [reported] = rows_of(staffcast("report", "first_response", "-d", desk).out)
    vendor = tmp_path / "vendor.csv"
    vendor.write_text(f"value_s\n{float(reported['value']):.3f}\n", encoding="utf-8")
    done = staffcast("reconcile", "-m", "first_response", "--vendor", vendor, "-d", desk)
    assert "our own definition" in done.err
    assert rows_of(done.out)[0]["matches"] == "true"
    vendor.write_text("value_h\n99\n", encoding="utf-8")
    done = staffcast("reconcile", "-m", "first_response", "--vendor", vendor, "-d", desk)
    assert done.code == 0
    assert "no way to count" in done.err


def test_reconcile_lists_conversations(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    rows = rows_of(
        staffcast("sql", "select conversation_id from fact_conversation where is_offered", "-d", desk).out
    )
    vendor = tmp_path / "ids.csv"
    ids = [*(row["conversation_id"] for row in rows[1:]), "elsewhere"]
    vendor.write_text("\n".join(["Chat ID", *ids, ""]), encoding="utf-8")
    asked = ("reconcile", "-m", "volume", "--vendor", vendor, "--id-column", "Chat ID", "-d", desk)
    done = staffcast(*asked)
    assert "conversations differ from our definition" in done.err
    assert rows_of(done.out)[0]["metric"] == "offered"
    listed = rows_of(staffcast(*asked, "--rows").out)
    reasons = {row["conversation_id"]: row["reason"] for row in listed}
    assert reasons["elsewhere"] == "not in the data"
    assert reasons[rows[0]["conversation_id"]].startswith("not at the vendor")


def test_charts_are_written(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    for command in ("concurrency", "fcr-curve"):
        page = tmp_path / f"{command}.html"
        done = staffcast(command, "-d", desk, "--html", page)
        assert done.code == 0, done.err
        text = page.read_text(encoding="utf-8")
        assert '<figure role="img" aria-label="' in text
        assert "http://" not in text.split("</script>")[-1]


def test_the_disputed_are_listed(staffcast: Staffcast, desk: Path) -> None:
    listed = rows_of(staffcast("audit", "bot", "--rows", "-d", desk).out)
    assert {row["verdict"] for row in listed} <= {"disputed"}
    assert all(row["reasons"] for row in listed)


def test_a_month_from_close_to_restatement(
    staffcast: Staffcast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFCAST_MIN_N", "0")
    few = tuple(metric(name) for name in ("offered", "csat", "service_level"))
    monkeypatch.setattr("staffcast.reports.closing.catalogue", lambda: few)
    write_export(tmp_path / "october", *(chat(f"c{day}", day) for day in (1, 9, 32)), survey("c1", 1, 5))
    assert staffcast("ingest", "october", "-d", "data").code == 0
    assert staffcast("close", "--list", "-d", "data").code == 0
    assert staffcast("close", "--restated", "-d", "data").code == 2
    closed = staffcast("close", "2026-10", "-d", "data")
    assert closed.code == 0
    assert "closed 2026-10" in closed.err
    again = staffcast("close", "2026-10", "-d", "data")
    assert again.code == 2
    assert "--replace" in again.err
    figures = rows_of(staffcast("close", "2026-10", "--show", "-d", "data").out)
    assert figures == rows_of(closed.out)
    nothing = staffcast("close", "--restated", "-d", "data")
    assert (nothing.code, rows_of(nothing.out)) == (0, [])
    write_export(tmp_path / "late", survey("c9", 9, 1))
    assert staffcast("ingest", "late", "-d", "data").code == 0
    changed = {
        (row["metric"], row["part"]): row
        for row in rows_of(staffcast("close", "--restated", "2026-10", "-d", "data").out)
    }
    assert changed["csat", ""]["reasons"] == "late survey: 1 more"
    [listed] = rows_of(staffcast("close", "--list", "-d", "data").out)
    assert (listed["month"], listed["number"]) == ("2026-10", "1")
    assert staffcast("close", "2026-10", "--restated", "-d", "data", "-f", "table").code == 0
    assert staffcast("close", "2026-10", "--replace", "-d", "data").code == 0


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("diff nonsense", 2, "unknown metric"),
        ("diff csat --period yesterday", 2, "is no period"),
        ("diff csat --period 2020-01", 2, "no data"),
        ("diff queue_wait", 2, "queue_wait_mean"),
        ("diff csat --by nonsense", 2, "possible: "),
        ("reconcile --metric nonsense --vendor v.csv", 2, "cannot reconcile"),
        ("reconcile --metric csat --vendor missing.csv", 3, "cannot be read"),
        ("reconcile --metric csat --vendor v.csv --unit parsec", 2, "unknown unit"),
        ("reconcile --metric csat --vendor v.csv --rows", 2, "by conversation"),
        ("reconcile --metric csat --vendor bad.csv", 3, "bad.csv:2:value: 'many' is not a number"),
        ("reconcile --metric volume --vendor ids.csv", 2, "no conversation of the file"),
        ("close", 2, "which month"),
        ("close October", 2, "is no month"),
        ("close 2026-11", 2, "not over"),
        ("close 2026-10 --show", 2, "is not closed"),
        ("close --list --restated", 2, "exclude one another"),
        ("concurrency --where queue=nowhere", 1, "at least 30 chats"),
        ("audit bot --set window=3", 2, "unknown option"),
        ("fcr-curve --by nonsense", 2, "possible: "),
        ("csat --by agent_id", 2, "cannot be weighted by 'agent_id'"),
        ("fcr-curve --set window_days=0", 2, "from 1 to 90"),
    ],
)
def test_bad_input_is_one_line(
    staffcast: Staffcast, desk: Path, tmp_path: Path, line: str, code: int, message: str
) -> None:
    (tmp_path / "v.csv").write_text("value\n1\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("value\nmany\n", encoding="utf-8")
    (tmp_path / "ids.csv").write_text("conversation_id\nx\n", encoding="utf-8")
    done = staffcast(*line.split(), "-d", desk)
    assert done.code == code
    assert message in done.err
    assert done.err.count("\n") == 1
    assert not done.out


@pytest.mark.parametrize("line", ["audit --help", "audit bot --help"])
def test_the_audits_explain_themselves(staffcast: Staffcast, line: str) -> None:
    done = staffcast(*line.split())
    assert "Usage" in done.out
    assert "bot" in done.out
