"""publish, published, override and flags as a user runs them."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Staffcast = Callable[..., Any]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def own(desk: Path, tmp_path: Path) -> Path:
    """A copy that may be written to."""
    shutil.copytree(desk, tmp_path / "own")
    return tmp_path / "own"


def test_publish_override_and_publish_again(staffcast: Staffcast, own: Path) -> None:
    assert "run `staffcast forecast publish`" in staffcast("forecast", "published", "-d", own).err
    [first] = rows_of(staffcast("forecast", "publish", "-d", own, "--days", "2").out)
    assert (first["number"], first["version"]) == ("1", "1")
    again = staffcast("forecast", "publish", "-d", own, "--days", "2")
    assert again.code == 2
    assert "--reason" in again.err
    queue = rows_of(staffcast("forecast", "-d", own, "--days", "2").out)[0]["queue"]
    day = first["period"][:10]
    changed = staffcast(
        "forecast",
        "override",
        "-d",
        own,
        "--queue",
        queue,
        "--from",
        day,
        "--uplift",
        "2",
        "--reason",
        "sale",
    )
    assert changed.code == 0
    assert rows_of(changed.out)[0]["state"] == "in force"
    second = staffcast("forecast", "publish", "-d", own, "--days", "2", "--reason", "a sale is on")
    assert f"sale ({queue}, {day}T00:00" in second.err
    [row] = rows_of(second.out)
    assert row["version"] == "2"
    assert float(row["expected"]) > float(row["plain_expected"])
    listed = staffcast("forecast", "published", "-d", own)
    assert "nothing has come yet" in listed.err
    assert [row["reason"] for row in rows_of(listed.out)] == ["", "a sale is on"]
    undone = staffcast("forecast", "override", "-d", own, "--undo", "1")
    assert rows_of(undone.out)[0]["state"] == "undone"
    assert "changed:" not in staffcast("forecast", "-d", own).err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("--uplift", "2"), "needs --from"),
        (("--from", "2026-11-20", "--uplift", "2"), "needs a reason"),
        (("--from", "2026-11-20", "--reason", "r"), "an uplift or a value"),
        (("--from", "soon", "--uplift", "2", "--reason", "r"), "no local date"),
        (
            ("--from", "2026-11-20", "--uplift", "2", "--reason", "r", "--queue", "nope"),
            "unknown queue 'nope'",
        ),
        (("--undo", "7"), "no override 7"),
    ],
)
def test_overrides_that_are_refused(
    staffcast: Staffcast, desk: Path, line: tuple[str, ...], words: str
) -> None:
    done = staffcast("forecast", "override", "-d", desk, *line)
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1


def test_an_empty_log_is_an_empty_table(staffcast: Staffcast, desk: Path) -> None:
    assert staffcast("forecast", "override", "-d", desk).out.startswith("number,queue,from,to,uplift")


def test_flags(staffcast: Staffcast, desk: Path) -> None:
    listed = staffcast("forecast", "flags", "-d", desk)
    assert listed.code == 0
    assert listed.out.startswith("queue,day,contacts,usual,reason,state")
    for line, words in (
        (("--undo", "2020-01-01"), "nothing is flagged"),
        (("--undo", "sometime"), "no date"),
        (("--undo", "2020-01-01", "--accept", "2020-01-01"), "exclude one another"),
        (("--queue", "nope"), "unknown queue"),
    ):
        done = staffcast("forecast", "flags", "-d", desk, *line)
        assert done.code == 2
        assert words in done.err


def test_doctor_looks_at_them(staffcast: Staffcast, own: Path) -> None:
    assert staffcast("forecast", "publish", "-d", own, "--days", "1").code == 0
    assert 'forecasts,ok,"1 published, 0 overrides"' in staffcast("doctor", "-d", own, "-f", "csv").out
    left = own / "forecasts" / "published" / "tmpx.tmp"
    left.write_text("{", encoding="utf-8")
    assert "tmpx.tmp" in staffcast("doctor", "-d", own, "-f", "csv").out
    assert staffcast("doctor", "--fix", "-d", own).code == 0
    assert not left.exists()
    (own / "forecasts" / "published" / "000001.json").write_text("{", encoding="utf-8")
    damaged = staffcast("doctor", "-d", own, "-f", "csv")
    assert damaged.code == 1
    assert "000001.json is damaged" in damaged.out


def test_backups_and_the_works_council_profile_leave_them_alone(
    staffcast: Staffcast, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert staffcast("forecast", "publish", "-d", own, "--days", "1").code == 0
    before = (own / "forecasts" / "published" / "000001.json").read_bytes()
    assert staffcast("backup", tmp_path / "backup.zip", "-d", own).code == 0
    monkeypatch.setenv("STAFFCAST_WORKS_COUNCIL", "on")
    assert staffcast("works-council", "--apply", "-d", own).code == 0
    assert (own / "forecasts" / "published" / "000001.json").read_bytes() == before
    for line in (("published",), ("flags",), ()):
        done = staffcast("forecast", *line, "-d", own)
        assert done.code == 0, done.err
    assert staffcast("intraday", "--at", "14:00", "-d", own).code == 0


def test_nothing_is_made_where_there_are_no_data(staffcast: Staffcast, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    line = ("override", "--from", "2026-11-20", "--uplift", "2", "--reason", "r")
    for words in (line, ("publish",), ("published",), ("flags",), ("override", "--undo", "1")):
        done = staffcast("forecast", *words, "-d", nowhere)
        assert done.code != 0
        assert done.err.count("\n") == 1
    assert not nowhere.exists()
