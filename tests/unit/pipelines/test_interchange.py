from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from staffcast.core.errors import SourceError
from staffcast_pipelines.sources.interchange import plan, table_of


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("messages.csv", "messages"),
        ("Messages.CSV.gz", "messages"),
        ("agent_status.jsonl", "agent_status"),
        ("agents-2026-10.ndjson.gz", "agents"),
        ("events_2.csv", "events"),
        ("events.part2.tsv", "events"),
        ("conversations_old.csv", None),
        ("truth.json", None),
        ("messages.parquet", None),
        ("my_messages.csv", None),
    ],
)
def test_files_are_known_by_their_name(name: str, table: str | None) -> None:
    assert table_of(Path(name)) == table


def test_the_order_is_by_table_then_name(desk: Any) -> None:
    names = ["messages-2.csv", "messages-1.csv", "agents.csv", "conversations.csv"]
    paths = [desk.write(name, "x") for name in names]
    found = [path.name for path, _ in plan([*paths, paths[0]]).tables]
    assert found == ["conversations.csv", "messages-1.csv", "messages-2.csv", "agents.csv"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mesages.csv", "did you mean 'messages'?"),
        ("messages.xlsx", "not a .csv or .jsonl file"),
    ],
)
def test_a_file_of_no_table_is_refused(desk: Any, name: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        plan([desk.write(name, "x")])
    assert message in str(caught.value)


def test_paths_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        plan([tmp_path / "absent"])


def test_folders_without_tables_say_what_they_hold(desk: Any) -> None:
    folder = desk.write("export/notes.txt", "x").parent
    with pytest.raises(SourceError, match=r"holds no table, only notes\.txt"):
        plan([folder])
    (folder / "notes.txt").unlink()
    with pytest.raises(SourceError, match="the folder is empty"):
        plan([folder])
