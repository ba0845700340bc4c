"""Every command on a small desk: formats, filters, exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import setting_names
from staffcast_cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Staffcast = Callable[..., Any]

COMMANDS = sorted(str(info.name) for info in app.registered_commands)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("command", [*COMMANDS, "config"])
def test_every_command_explains_itself(staffcast: Staffcast, command: str) -> None:
    done = staffcast(command, "--help")
    assert done.code == 0
    assert "Usage" in done.out
    assert not done.err


def test_the_report_has_one_row_per_metric(staffcast: Staffcast, desk: Path) -> None:
    rows = rows_of(staffcast("report", "-d", desk).out)
    assert [row["metric"] for row in rows][:3] == ["offered", "answered", "abandoned"]
    assert all(row["value"] or row["null_reason"] for row in rows)
    assert all(row["convention"] for row in rows)


def test_formats_hold_the_same_rows(staffcast: Staffcast, desk: Path) -> None:
    as_csv = rows_of(staffcast("report", "csat", "offered", "-d", desk, "-f", "csv").out)
    as_json = json.loads(staffcast("report", "csat", "offered", "-d", desk, "-f", "json").out)
    assert [float(row["value"]) for row in as_csv] == [row["value"] for row in as_json]
    for fmt in ("table", "md"):
        shown = staffcast("report", "csat", "offered", "-d", desk, "-f", fmt).out
        assert "CSAT" in shown
        assert "%" in shown


def test_the_suffix_of_the_output_file_decides_the_format(
    staffcast: Staffcast, desk: Path, tmp_path: Path
) -> None:
    done = staffcast("report", "offered", "-d", desk, "-o", tmp_path / "kpis.json")
    assert done.out == ""
    assert json.loads((tmp_path / "kpis.json").read_text(encoding="utf-8"))[0]["metric"] == "offered"


def test_groups_filters_periods_and_options(staffcast: Staffcast, desk: Path) -> None:
    rows = rows_of(
        staffcast(
            "report", "service_level", "-d", desk, "--by", "queue", "--where", "language=en",
            "--from", "2026-11-14", "--to", "2026-11-15", "--set", "service_level.within_s=20",
        ).out
    )  # fmt: skip
    assert {row["queue"][-3:] for row in rows} == {"-en"}
    assert all(row["period_start"] == "2026-11-14" for row in rows)
    assert all("20 s" in row["convention"] for row in rows)


def test_the_report_can_show_the_ledger(staffcast: Staffcast, desk: Path) -> None:
    printed = staffcast("report", "csat", "--ledger", "--format", "md", "-d", desk).out
    assert "ledger: " in printed


def test_fail_under_has_its_own_exit_code(staffcast: Staffcast, desk: Path) -> None:
    assert staffcast("report", "offered", "-d", desk, "--fail-under", "offered=1").code == 0
    missed = staffcast("report", "offered", "-d", desk, "--fail-under", "offered=1000000")
    assert missed.code == 4
    assert "offered" in missed.err
    assert staffcast("report", "queue_wait", "-d", desk, "--fail-under", "queue_wait=0").code == 4
    assert staffcast("report", "fcr", "-d", desk, "--fail-under", "fcr=0.1").code == 4


def test_explained_sql_gives_the_reported_number(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    sql = tmp_path / "q.sql"
    for metric in ("service_level", "first_response", "open_concurrency", "csat"):
        sql.write_text(staffcast("explain", metric, "-d", desk).out, encoding="utf-8")
        [explained] = rows_of(staffcast("sql", sql.read_text(encoding="utf-8"), "-d", desk).out)
        [reported] = rows_of(staffcast("report", metric, "-d", desk).out)
        assert explained["value"] == reported["value"]
        assert explained["n"] == reported["n"]


def test_explain_lists_the_rows_behind_the_number(staffcast: Staffcast, desk: Path) -> None:
    rows = rows_of(staffcast("explain", "csat", "-d", desk, "--rows").out)
    [reported] = rows_of(staffcast("report", "csat", "-d", desk).out)
    assert sum(row["row_status"] == "used" for row in rows) == int(reported["n"])


def test_forecast_and_staff_cover_the_seven_days_after_as_of(staffcast: Staffcast, desk: Path) -> None:
    forecast = rows_of(staffcast("forecast", "-d", desk).out)
    plan = rows_of(staffcast("staff", "-d", desk).out)
    assert len(forecast) == len(plan) > 100
    days = sorted({row["local_date"] for row in plan})
    assert (days[0], days[-1]) == ("2026-11-16", "2026-11-22")
    for row in plan:
        assert int(row["lower_agents"]) <= int(row["required_agents"]) <= int(row["upper_agents"])
        assert 0 <= float(row["service_level_share"]) <= 1


def test_the_best_model_forecasts_the_same_intervals_and_says_what_it_is(
    staffcast: Staffcast, desk: Path
) -> None:
    usual, best = (staffcast("forecast", "-d", desk, "--model", model) for model in ("average", "best"))
    places = [row["queue"] for row in rows_of(usual.out)]
    assert [row["queue"] for row in rows_of(best.out)] == places
    assert "weeks of history" in best.err
    plan = rows_of(staffcast("staff", "-d", desk, "--model", "best", "--country", "de").out)
    assert len(plan) == len(places)
    assert all(int(row["lower_agents"]) <= int(row["upper_agents"]) for row in plan)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--backtest", "--queue", "none"), 2, "unknown queue 'none'"),
        (("--model", "bets"), 2, "did you mean 'best'"),
        (("--model", "best", "--country", "XX"), 1, "XX"),
    ],
)
def test_a_forecast_that_cannot_be(
    options: tuple[str, ...], code: int, words: str, staffcast: Staffcast, desk: Path
) -> None:
    done = staffcast("forecast", "-d", desk, *options)
    assert (done.code, done.err.count("\n")) == (code, 1)
    assert words in done.err


def test_a_stricter_target_needs_no_fewer_agents(staffcast: Staffcast, desk: Path) -> None:
    def agents(*options: str) -> int:
        return sum(
            int(row["required_agents"]) for row in rows_of(staffcast("staff", "-d", desk, *options).out)
        )

    assert agents("--sl", "95/10") >= agents("--sl", "60/60")
    assert agents("--volume", "3") > agents()
    assert agents("--concurrency", "1") >= agents("--concurrency", "3")


def test_staff_prints_a_grid_per_queue(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("staff", "-d", desk, "-f", "table", "--queue", "support-en")
    assert "Required agents: support-en" in done.out
    assert "Mon 11-16" in done.out
    assert "excluding_short_abandons" in done.err


def test_metrics_lists_the_glossary(staffcast: Staffcast) -> None:
    assert "fcr" in staffcast("metrics").out
    full = staffcast("metrics", "fcr", "-f", "table").out
    assert "window_days" in full
    assert "dimensions" in full


def test_config_show_names_every_setting_and_its_origin(
    staffcast: Staffcast, desk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "staffcast.toml").write_text("min_n = 9\n", encoding="utf-8")
    monkeypatch.setenv("STAFFCAST_SHRINKAGE_SHARE", "0.2")
    rows = {row["setting"]: row for row in rows_of(staffcast("config", "show", "-d", desk).out)}
    assert list(rows) == list(setting_names())
    assert rows["min_n"]["origin"] == "staffcast.toml"
    assert rows["shrinkage_share"]["origin"].startswith("environment")
    assert rows["timezone"]["origin"] == "data config.json"
    assert rows["data_dir"]["origin"] == "flag"
    assert rows["reply_within_s"]["origin"] == "default"


def test_init_writes_a_file_that_loads_and_is_not_overwritten(staffcast: Staffcast, tmp_path: Path) -> None:
    assert staffcast("init").code == 0
    text = (tmp_path / "staffcast.toml").read_text(encoding="utf-8")
    for name in setting_names():
        assert f"# {name} = " in text
    commented = re.compile(rf"^# (?=({'|'.join(setting_names())}) = )", re.MULTILINE)
    uncommented = commented.sub("", text)
    (tmp_path / "staffcast.toml").write_text(uncommented, encoding="utf-8")
    assert staffcast("config", "show").code == 0
    again = staffcast("init")
    assert again.code == 2
    assert "--force" in again.err
    assert staffcast("init", "--force").code == 0


def test_ingest_again_changes_nothing(staffcast: Staffcast, export: Path, tmp_path: Path) -> None:
    first = rows_of(staffcast("ingest", export, "-d", tmp_path / "w").out)
    before = staffcast("report", "-d", tmp_path / "w").out
    renamed = tmp_path / "renamed"
    shutil.copytree(export, renamed)
    second = rows_of(staffcast("ingest", renamed, "-d", tmp_path / "w").out)
    assert all(row["new"] == row["rows"] for row in first)
    assert all(row["new"] == row["updated"] == "0" for row in second)
    assert staffcast("report", "-d", tmp_path / "w").out == before
    for row in first + second:
        parts = ("new", "updated", "duplicate", "quarantined", "skipped", "suppressed")
        assert int(row["rows"]) == sum(int(row[part]) for part in parts)


def test_a_dry_run_stores_nothing(staffcast: Staffcast, export: Path, tmp_path: Path) -> None:
    assert staffcast("ingest", export, "-d", tmp_path / "w", "--dry-run").code == 0
    assert not (tmp_path / "w").exists()


def test_check_passes_on_the_sample(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("check", "-d", desk)
    assert done.code == 0
    assert {row["status"] for row in rows_of(done.out)} <= {"ok", "warn"}


def test_doctor_finds_the_published_data(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("doctor", "-d", desk)
    assert done.code == 0
    assert "generation 1" in done.out


def test_doctor_says_what_is_missing(staffcast: Staffcast, tmp_path: Path) -> None:
    done = staffcast("doctor", "-d", tmp_path / "nothing")
    assert done.code == 1
    assert "staffcast ingest" in done.out


def test_sql_limits_rows_and_says_so(staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("sql", "select * from fact_turn", "-d", desk, "--limit", "3")
    assert len(rows_of(done.out)) == 3
    assert "only the first 3 rows" in done.err


def test_the_html_report_is_self_contained(staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    assert staffcast("report", "-d", desk, "--html", tmp_path / "r.html").code == 0
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script src=" not in text
    assert '<link rel="stylesheet" href="http' not in text
