"""A wheel in a clean environment outside the checkout runs the whole job: its data and SQL are inside."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from .conftest import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_the_wheel_carries_every_data_file(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    roots = {
        "models": "staffcast",
        "pipelines": "staffcast_pipelines",
        "sample_data": "staffcast_sample_data",
    }
    wanted = {
        path.relative_to(ROOT / root).as_posix()
        for root, package in roots.items()
        for path in (ROOT / root / package).rglob("*")
        if path.suffix in {".sql", ".toml", ".css", ".gz", ".csv", ".json", ".typed"}
    }
    assert len(wanted) > 40
    assert not wanted - packed


def test_the_installed_command_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    command = installed / "staffcast"
    printed = run(command, "demo", "desk", "--days", "3", "--scale", "0.1", "--no-dashboard", cwd=tmp_path)
    assert "Service level" in printed
    assert "Required agents: support-en" in printed
    assert (tmp_path / "desk" / "report.html").stat().st_size > 1_000_000
    listed = run(command, "sql", "select count(*) as n from fact_turn", "-d", "desk/data", cwd=tmp_path)
    assert int(listed.split()[1]) > 100


def test_the_installed_dashboard_finds_its_app(installed: Path, tmp_path: Path) -> None:
    code = (
        "from staffcast_dashboards.launch import command; from pathlib import Path;"
        "print(all(Path(part).exists() for part in command() if part.endswith('.py')))"
    )
    assert run(installed / "python", "-c", code, cwd=tmp_path).strip() == "True"


def test_the_shipped_mapping_is_found_by_its_name(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(
        ",tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
        "0,1,900001,True,Tue Oct 31 22:00:00 +0000 2017,where is my parcel,2,\n"
        "1,2,shop,False,Tue Oct 31 22:05:00 +0000 2017,on its way,,1.0\n",
        encoding="utf-8",
    )
    run(installed / "staffcast", "ingest", "posts.csv", "--map", "support_posts", "-d", "data", cwd=tmp_path)
    asked = "select frt_human_us from fact_conversation"
    assert "300000000" in run(installed / "staffcast", "sql", asked, "-d", "data", cwd=tmp_path)
