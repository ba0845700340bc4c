"""A forecast that is piped into the plan, and what-ifs of a table: through the command line."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Staffcast = Callable[..., Any]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("fmt", ["csv", "json"])
def test_the_plan_of_a_piped_forecast_is_the_plan(
    staffcast: Staffcast, desk: Path, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    """The same paths, to the last agent and digit."""
    own = staffcast("staff", "-d", desk, "-f", "csv")
    forecast = staffcast("forecast", "-d", desk, "--paths", "-f", fmt)
    monkeypatch.setattr("sys.stdin", io.StringIO(forecast.out))
    piped = staffcast("staff", "-d", desk, "--forecast", "-", "-f", "csv")
    assert piped.out == own.out


def test_without_paths_its_bounds_are_planned(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    staffcast("forecast", "-d", desk, "-o", tmp_path / "f.csv")
    rows = rows_of(staffcast("staff", "-d", desk, "--forecast", "f.csv", "-f", "csv").out)
    own = rows_of(staffcast("staff", "-d", desk, "-f", "csv").out)
    assert [row["required_agents"] for row in rows] == [row["required_agents"] for row in own]
    (tmp_path / "half.csv").write_text(
        "\n".join(line for number, line in enumerate((tmp_path / "f.csv").read_text("utf-8").splitlines())
                  if number < 20) + "\n", encoding="utf-8"
    )  # fmt: skip
    assert len(rows_of(staffcast("staff", "-d", desk, "--forecast", "half.csv", "-f", "csv").out)) == 19


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("", "neither CSV nor JSON", 3),
        ("[{", "neither CSV nor JSON", 3),
        ("a,b\n1,2\n", "no column 'interval_at'", 2),
        ("{head}\n", "empty", 2),
        ("{head}\nq,soon,2026-11-16,1,540,3600000000,1,0,2,8\n", "not of its kind", 2),
        ("{head}\nq,2026-11-16T09:00:00Z,2026-11-16,1,540,3600000000,-1,0,2,8\n", "0 or more", 2),
        ("{head}\nq,2026-11-16T09:00:00Z,2026-11-16,1,540,3600000000,inf,0,2,8\n", "0 or more", 2),
        ("{head}\nq,2026-11-16T09:00:00Z,2026-11-16,1,540,0,1,0,2,8\n", "open", 2),
        ("{head}\nq,2026-11-16T09:00:00Z,2026-11-16,1,540,3600000000,,0,2,8\n", "empty cells", 2),
    ],
)
def test_what_is_no_forecast(
    staffcast: Staffcast, desk: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str, code: int
) -> None:
    head = "queue,interval_at,local_date,local_weekday,local_minute,open_us,expected,lower,upper,n_weeks"
    monkeypatch.setattr("sys.stdin", io.StringIO(text.replace("{head}", head)))
    done = staffcast("staff", "-d", desk, "--forecast", "-")
    assert (done.code, words in done.err) == (code, True), done.err
    assert done.err.count("\n") == 1


def test_a_scenario_changes_forecast_and_plan(
    staffcast: Staffcast, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "what-if.csv").write_text(
        "name,what,from,to,factor,share,effective_share,sd\n"
        "bot,,2026-11-16,2026-11-22,,0.5,0.4,0.05\n"
        "slow,handle_time,2026-11-16,2026-11-22,1.5,,,\n",
        encoding="utf-8",
    )
    (tmp_path / "staffcast.toml").write_text('scenarios = "what-if.csv"\n', encoding="utf-8")

    def total(name: str, *line: str) -> float:
        return sum(float(row[name]) for row in rows_of(staffcast(*line, "-d", desk, "-f", "csv").out))

    base, fewer = (total("expected", "forecast", *more) for more in ((), ("--scenario", "bot")))
    assert fewer == pytest.approx(0.8 * base)
    busy = [total("slot_occupancy_share", "staff", *more) for more in ((), ("--scenario", "slow"))]
    assert busy[1] > 1.2 * busy[0]
    said = staffcast("staff", "--scenario", "bot", "-d", desk).err
    assert f"scenario 'bot': {fewer - base:+,.0f} contacts" in said
    assert "FTE of 40 hours" in said
    monkeypatch.setenv("STAFFCAST_SCENARIO", "bot")
    assert total("expected", "forecast") == pytest.approx(fewer)
    assert "x 0.8 +- 0.05" in staffcast("forecast", "-d", desk).err
    unknown = staffcast("forecast", "-d", desk, "--scenario", "bott")
    assert unknown.code == 2
    assert "bot" in unknown.err


def test_three_days_choose_no_model_and_the_last_line_says_so(staffcast: Staffcast, desk: Path) -> None:
    shown = staffcast("forecast", "-d", desk, "-f", "table").out
    assert "too little history to choose among models" in shown
    assert "forecast it best" not in shown
