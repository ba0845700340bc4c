from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from staffcast.core.errors import SourceError
from staffcast_pipelines.sources.interchange import STDIN, plan, table_of


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
        ("messages.xlsx", "not a .csv, .jsonl or .zip file"),
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


def archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return path


def test_archives_are_like_folders(desk: Any) -> None:
    path = archive(desk.write("b.zip", ""), "x/messages.csv", "agents.csv", "config.json", "notes.txt")
    found = plan([path, desk.write("messages.csv", "x")])
    assert [entry for entry, _ in found.tables] == [
        path / "x/messages.csv",
        desk.folder / "messages.csv",
        path / "agents.csv",
    ]
    assert found.configs == (path / "config.json",)
    assert found.ignored == (path / "notes.txt",)
    folder = desk.write("export/notes.txt", "x").parent
    with pytest.raises(SourceError, match="the archive holds no table, only other"):
        plan([archive(folder / "c.zip", "other")])
    archive(folder / "c.zip", "agents.csv")
    (folder / "notes.txt").unlink()
    assert plan([folder]).tables == ((folder / "c.zip/agents.csv", "agents"),)
    assert plan([folder], mapped_table="messages").tables == ((folder / "c.zip/agents.csv", "messages"),)


def test_links_are_followed_only_when_named(desk: Any) -> None:
    target = desk.write("messages.csv", "x")
    link = desk.write("export/agents.csv", "x").parent / "messages.csv"
    link.symlink_to(target)
    assert plan([link]).tables == ((link, "messages"),)
    with pytest.raises(SourceError, match="a link within a folder is not followed"):
        plan([link.parent])
    link.rename(link.with_name("notes.txt"))
    assert [path.name for path in plan([link.parent]).ignored] == ["notes.txt"]


def test_the_standard_input_is_kept_private(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="say what it is with --map"):
        plan([STDIN], spool_dir=desk.folder)
    with pytest.raises(SourceError, match="cannot be read here"):
        plan([STDIN], mapped_table="messages")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"id\n1\n")))
    ((path, table),) = plan([STDIN], mapped_table="messages", spool_dir=desk.folder).tables
    assert (path.read_bytes(), table) == (b"id\n1\n", "messages")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_paths_that_cannot_be_looked_at_are_refused() -> None:
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(SourceError, match="cannot be read: "):
            plan([Path(name)])
