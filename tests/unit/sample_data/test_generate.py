from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from staffcast_sample_data import DeskParameters, generate
from staffcast_sample_data.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import WrittenDesk

COLUMNS = {
    "conversations": "conversation_id created_at closed_at status customer_id account_id channel mode"
    " department queue language priority topic tags initiated_by page_url referrer device country bot_outcome"
    " bot_billed ticket_id parent_conversation_id is_test",
    "messages": "message_id conversation_id timestamp sender_type sender_id text is_canned is_auto visibility"
    " reply_to",
    "events": "event_id conversation_id event_type timestamp agent_id queue to_queue to_channel detail",
    "surveys": "survey_id conversation_id sent_at responded_at csat nps ces resolved comment",
    "agents": "agent_id name type team site timezone skills languages max_concurrency hourly_cost",
    "agent_status": "agent_id status started_at ended_at",
    "schedules": "agent_id activity started_at ended_at paid planned",
    "contacts": "contact_id customer_id channel created_at topic handle_s cost",
    "customers": "customer_id account_id name email phone segment tier language",
    "accounts": "account_id plan size",
    "queues": "queue timezone hours channels skills max_concurrency",
    "targets": "queue channel priority tier metric within_s share clock from_date to_date",
}
QUICK = replace(DeskParameters(), replications=1)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_files_have_the_columns_of_the_interchange_folder(desk: WrittenDesk, name: str) -> None:
    assert desk[name].columns == COLUMNS[name].split()
    assert desk[name].height > 0


def test_other_files_are_there(desk: WrittenDesk) -> None:
    assert {"page_views", "bot_sessions", "costs"} <= desk.frames.keys()
    config = json.loads((desk.generated.folder / "config.json").read_text(encoding="utf-8"))
    assert config["as_of"] == "2026-10-27T23:00:00.000Z"
    assert config["timezone"] == "Europe/Berlin"
    assert config["service_level_target_seconds"] == 45.0


def test_result_counts_what_was_written(desk: WrittenDesk) -> None:
    assert desk.generated.n_conversations == desk["conversations"].height
    assert desk.generated.n_messages == desk["messages"].height


def test_same_seed_gives_the_same_bytes_in_any_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, zone in (("one", "UTC"), ("two", "America/Los_Angeles")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        generate(tmp_path / name, days=1, seed=5, scale=0.2, parameters=QUICK)
    monkeypatch.undo()
    time.tzset()
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_another_desk(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), days=1, seed=seed, scale=0.2, parameters=QUICK)
    assert contents(tmp_path / "1")["messages.csv"] != contents(tmp_path / "2")["messages.csv"]


def test_scale_shrinks_demand_and_staff(tmp_path: Path) -> None:
    small = generate(tmp_path / "small", days=2, scale=0.2, parameters=QUICK)
    large = generate(tmp_path / "large", days=2, scale=1.0, parameters=QUICK)
    assert 3.5 < large.n_conversations / small.n_conversations < 6.5
    staff = [
        (tmp_path / name / "agents.csv").read_text(encoding="utf-8").count("\n")
        for name in ("small", "large")
    ]
    assert staff[1] > staff[0]


def test_progress_is_told(tmp_path: Path) -> None:
    lines: list[str] = []
    generate(tmp_path, days=1, scale=0.1, progress=lines.append, parameters=QUICK)
    assert len(lines) == 3


@pytest.mark.parametrize(("days", "scale"), [(0, 1.0), (-3, 1.0), (7, 0.0), (7, -1.0)])
def test_impossible_sizes_are_refused(tmp_path: Path, days: int, scale: float) -> None:
    with pytest.raises(ValueError, match="days must be at least 1"):
        generate(tmp_path / "never", days=days, scale=scale)
    assert not (tmp_path / "never").exists()


def test_command_writes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "a b"), "--days", "1", "--scale", "0.1", "--seed", "4", "--end", "2026-03-30"])
    assert "conversations" in capsys.readouterr().out
    assert (tmp_path / "a b" / "truth.json").exists()
