"""Files that are damaged, packed, growing, something else, or no files at all."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.contract.pipelines.hostile_desk import CLEAN, Desk, csv_text

from staffcast_pipelines.ingest import ingest

TEXT = csv_text(*CLEAN)
PACKED = gzip.compress(TEXT.encode(), mtime=0)
NOISE = random.Random(5).randbytes(50_000)  # noqa: S311 - reproducible, not secret
MORE = csv_text(
    *((f"n{number}", "c3", "2026-11-02T09:00:00Z", "customer", "", "x") for number in range(20_000))
)


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("../../evil_messages.csv")
        member.size = len(TEXT.encode())
        archive.addfile(member, io.BytesIO(TEXT.encode()))
        link = tarfile.TarInfo("messages.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (NOISE, "this is not a text file"),
        (bytes(200_000), "this is not a text file"),
        (b"PK\x03\x04" + NOISE, "this is a zip archive"),
        (b"PAR1" + NOISE, "this is a Parquet file"),
        (b"\x89PNG\r\n" + NOISE, "this is an image"),
        (b"%PDF-1.7\n" + NOISE, "this is a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "this is an old Office document"),
        (b"SQLite format 3\0" + NOISE, "this is an SQLite database"),
        (tar(), "this is a tar archive"),
        (gzip.compress(tar(), mtime=0), "this is a tar archive"),
        (gzip.compress(PACKED, mtime=0), "this is a gzip file within another"),
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "this is a web page"),
        (b"\n\n <html>\n", "this is a web page"),
        (b'<?xml version="1.0"?><messages/>', "this is XML"),
        (PACKED[:30], "damaged or cut off"),
        (PACKED[:-5], "damaged or cut off"),
        (PACKED + b"rest", "damaged or cut off"),
        (PACKED[:60] + bytes([PACKED[60] ^ 1]) + PACKED[61:], "damaged or cut off"),
        (PACKED[:-6] + bytes(6), "damaged or cut off"),
    ],
)
def test_what_is_no_export_is_refused(desk: Desk, content: bytes, message: str) -> None:
    for name in ("messages.csv", "messages.jsonl"):
        desk.refuses(desk.write(name, content), message)


def test_gzip_is_told_by_its_content(desk: Desk) -> None:
    desk.loads_as_clean("messages.csv.gz", PACKED)
    desk.loads_as_clean("messages.csv", PACKED)
    half = len(TEXT) // 2
    members = (gzip.compress(part.encode()) for part in (TEXT[:half], "", TEXT[half:]))
    desk.loads_as_clean("messages.csv.gz", b"".join(members))
    desk.refuses(desk.write("messages.csv.gz", TEXT), "named .gz, but no gzip file")


def test_csv_and_jsonl_under_the_other_name_are_refused(desk: Desk) -> None:
    desk.refuses(desk.write("messages.csv", '{"message_id": "m1"}\n'), "this looks like JSON, not CSV")
    desk.refuses(desk.write("messages.jsonl", TEXT), "none of the 6 rows can be loaded")
    desk.refuses(desk.write("messages.txt", TEXT), "not a .csv, .jsonl or .zip file")


def test_what_is_no_file_is_refused_at_once(desk: Desk) -> None:
    pipe = desk.folder / "messages.csv"
    os.mkfifo(pipe)
    started = time.monotonic()
    desk.refuses(pipe, "not a regular file")
    desk.refuses(pipe.parent / "absent.csv", "no such file or folder")
    desk.refuses(pipe.parent / ("x" * 300), "File name too long")
    loop = desk.folder / "events.csv"
    loop.symlink_to(loop)
    desk.refuses(loop, "Too many levels of symbolic links")
    folder = desk.folder / "agents.csv"
    folder.mkdir()
    desk.refuses(folder, "the folder is empty")
    assert time.monotonic() - started < 5


def test_an_unreadable_file_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.write("messages.csv", TEXT)
    opened = os.open

    def forbidden(name: object, *options: int) -> int:
        if name == path:  # its mode would not keep root out
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(name, *options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", forbidden)
        desk.refuses(path, "Permission denied (check its owner and mode)")


def test_a_link_is_followed_when_it_is_named(desk: Desk) -> None:
    target = desk.write("elsewhere/export-7.csv", TEXT)
    link = desk.folder / "messages.csv"
    link.symlink_to(target)
    (load,) = desk.ingest(link)
    assert load.n_new == 5
    folder = desk.folder / "export"
    folder.mkdir()
    (folder / "messages.csv").symlink_to(target)
    desk.refuses(folder, "a link within a folder is not followed")


def test_a_growing_file_is_refused_and_loads_when_it_is_whole(desk: Desk) -> None:
    path = desk.write("messages.csv", MORE)
    is_done = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not is_done.is_set():
                file.write(b"m0,c1,2026-11-02T09:00:00Z,customer,,half a ")
                file.write(b"line\n")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        desk.refuses(path, "still being written: size changed from")
    finally:
        is_done.set()
        writer.join()
    (load,) = desk.ingest(path)
    assert (load.n_quarantined, load.reasons) == (0, ())
    assert desk.rows("select count(*) from messages where message_id = 'm0'") == [(1,)]


def test_a_file_replaced_while_it_is_loaded_is_refused(desk: Desk) -> None:
    path = desk.write("messages.csv", MORE)
    calls = []

    def replace(_: object) -> None:
        calls.append(1)
        if len(calls) == 2:  # after its first rows were staged
            desk.write("new.csv", TEXT).replace(path)

    with pytest.raises(Exception, match="still being written: it was replaced"):
        ingest(path, data_dir=desk.data_dir, progress=replace)
    assert desk.counts() == (0, 0, 0)
    (load,) = desk.ingest(path)
    assert load.n_new == 5


def archive(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def test_the_standard_input_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(desk.folder))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(PACKED)))
    mapping = desk.write("messages.toml", 'table = "messages"\n')
    (load,) = desk.ingest(Path("-"), mapping=mapping)
    assert (load.file, load.n_new) == ("stdin", 5)
    assert sorted(entry.name for entry in desk.folder.iterdir()) == ["data", "messages.toml"]


def test_an_archive_is_loaded_like_a_folder(desk: Desk) -> None:
    path = archive(
        desk.folder / "export.zip",
        {"x/messages.csv": TEXT, "x/agents.csv": "agent_id\na1\n", "x/config.json": '{"currency": "EUR"}'},
    )
    loads = desk.ingest(path)
    assert [(load.file, load.n_new) for load in loads] == [
        ("export.zip/x/messages.csv", 5),
        ("export.zip/x/agents.csv", 1),
    ]
    assert desk.rows("select key, value from source_config") == [("currency", '"EUR"')]
    assert sorted(entry.name for entry in desk.folder.iterdir()) == ["data", "export.zip"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil_messages.csv",
        "/evil_messages.csv",
        "x/../../evil_messages.csv",
        "..\\evil_messages.csv",
        "a\x1b[31m.csv",
    ],
)
def test_an_archive_that_reaches_out_is_refused(desk: Desk, name: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name
    path = desk.folder / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("messages.csv", TEXT)
        file.writestr(info, TEXT)
    desk.refuses(path, "the archive holds an unsafe file name")
    assert not list(desk.folder.parent.rglob("evil_*"))


def test_other_harmful_archives_are_refused(desk: Desk) -> None:
    link = zipfile.ZipInfo("messages.csv")
    link.external_attr = 0o120777 << 16
    path = desk.folder / "link.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/hostname")
    desk.refuses(path, "a link or special file 'messages.csv'")
    inner = archive(desk.folder / "inner.zip", {"messages.csv": TEXT}).read_bytes()
    desk.refuses(archive(desk.folder / "outer.zip", {"inner.zip": inner}), "an archive within the archive")
    whole = archive(desk.folder / "whole.zip", {"messages.csv": TEXT}).read_bytes()
    desk.refuses(desk.write("cut.zip", whole[:-40]), "damaged or cut off")
    desk.refuses(
        desk.write("flip.zip", whole[:80] + bytes([whole[80] ^ 1]) + whole[81:]), "damaged or cut off"
    )
    desk.refuses(desk.write("text.zip", TEXT), "not a zip archive")


PEAK = """
import resource

def peak_mb():
    # getrusage would give a child what its parent used before, where the kernel tells them apart.
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
"""

CHILD = """
import sys, time
from pathlib import Path
import staffcast_pipelines.ingest
from staffcast.core.errors import StaffcastError

started = time.monotonic()
try:
    report = staffcast_pipelines.ingest.ingest(Path(sys.argv[1]), data_dir=Path(sys.argv[2]))
    said = f"{report.total('n_new')} new, {report.total('n_quarantined')} put aside"
except StaffcastError as error:
    said = str(error)
seconds = time.monotonic() - started
print(said, seconds, peak_mb(), sep="\\t")
"""


def outcome(desk: Desk, path: Path) -> str:
    """What a process of its own makes of a file, in under 10 s of work and 500 MB."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK + CHILD, path, desk.data_dir],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not done.stderr
    said, seconds, rss_mb = done.stdout.strip().split("\t")
    assert float(rss_mb) < 500, done.stdout
    assert float(seconds) < 30, done.stdout  # 10 s on a machine with nothing else to do
    return said


def test_a_gzip_bomb_is_stopped(desk: Desk) -> None:
    path = desk.folder / "messages.csv.gz"
    zeros = b"1\n" * (8 << 20)
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(10):
            file.write(zeros)
    assert "unpacks to more than 200 times its size" in outcome(desk, path)


def test_a_zip_bomb_is_stopped(desk: Desk) -> None:
    path = desk.folder / "messages.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("messages.csv", "w") as file,
    ):
        for _ in range(10):
            file.write(b"1\n" * (8 << 20))
    assert "unpacks to more than 200 times its size" in outcome(desk, path)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (1 << 20).to_bytes(4, "little")  # it lies about its size
    assert "damaged or cut off" in outcome(desk, desk.write("messages.zip", bytes(content)))


def row(number: int, rest: str) -> str:
    start = f'{{"message_id": "k{number}", "conversation_id": "c", "timestamp": "2026-11-02T09:00:00Z"'
    return f'{start}, "sender_type": "bot", {rest}}}\n'


def test_deep_json_is_put_aside(desk: Desk) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    lines = [row(number, f'"x": {deep}') for number in range(20)]
    lines += [row(20, '"x": ' + '{"a":' * 100_000), row(21, '"x": 0')]
    assert outcome(desk, desk.write("messages.jsonl", "".join(lines))) == "1 new, 21 put aside"


@pytest.mark.slow
def test_thousands_of_keys_in_every_row_become_one_column(desk: Desk) -> None:
    keys = ", ".join(f'"key{number}": {number}' for number in range(9_800))
    path = desk.write("messages.jsonl", "".join(row(number, keys) for number in range(60)))
    n_columns = desk.load("messages.csv", TEXT) and len(desk.rows("describe messages"))
    assert outcome(desk, path) == "60 new, 0 put aside"
    assert len(desk.rows("describe messages")) == n_columns


@pytest.mark.slow
@pytest.mark.parametrize("name", ["messages.csv", "messages.jsonl"])
def test_one_endless_line_is_put_aside_or_refused(desk: Desk, name: str) -> None:
    path = desk.write(name, TEXT if name.endswith("csv") else "")
    with path.open("a") as file:
        for _ in range(200):
            file.write("x" * (1 << 20))
    expected = "5 new, 1 put aside" if name.endswith("csv") else "a line of more than 16,777,216 characters"
    assert expected in outcome(desk, path)


READ = """
import sys
from pathlib import Path
from staffcast_pipelines.reading.csv_rows import read_csv
from staffcast_pipelines.reading.opening import inspect

before = peak_mb()
n_rows = sum(table.frame.height for table in read_csv(inspect(Path(sys.argv[1])), wanted=frozenset({"text"})))
print(n_rows, round(1024 * (peak_mb() - before)))
"""


@pytest.mark.slow
def test_a_csv_of_600_mb_is_read_in_bounded_memory(desk: Desk) -> None:
    path = desk.folder / "messages.csv"
    with path.open("w") as file:
        file.write(csv_text())
        for number in range(2_000_000):
            file.write(f'm{number},c,2026-11-02T09:00:00Z,customer,u{number},"one\ntwo 😀, {"x" * 240}"\n')
    assert path.stat().st_size > 600e6
    command = [sys.executable, "-c", PEAK + READ, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    n_rows, more_kb = map(int, done.stdout.split())
    assert n_rows == 2_000_000
    assert more_kb < 300_000
