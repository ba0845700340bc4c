from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.errors import ConfigError, SourceError
from staffcast_pipelines.reading.archives import members
from staffcast_pipelines.reading.opening import Export, inspect, read_small

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "id,text\n1,äöü\n"


def write(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    os.utime(path, (0, 0))  # a file of just now that ends within a line is waited for
    return path


def text_of(export: Export) -> str:
    with export.text() as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"), "utf-32"),
        (b"\0\0\xfe\xff" + TEXT.encode("utf-32-be"), "utf-32"),
    ],
)
@pytest.mark.parametrize("declared", ["utf-8", "cp1252"])
def test_byte_order_marks_decide_the_encoding(
    tmp_path: Path, data: bytes, encoding: str, declared: str
) -> None:
    if encoding == "utf-8" and declared != "utf-8":
        return
    export = inspect(write(tmp_path, "x.csv", data), encoding=declared)
    assert text_of(export) == TEXT
    assert (export.encoding, export.n_bytes, export.is_clean) == (encoding, len(data), True)
    assert export.is_plain_utf8 == (encoding == "utf-8")
    assert export.sha256 == hashlib.sha256(data).hexdigest()


def test_the_observer_sees_every_byte(tmp_path: Path) -> None:
    data = os.urandom(1000).hex().encode() * 200
    seen: list[bytes] = []
    inspect(write(tmp_path, "x.csv", gzip.compress(data)), observe=seen.append)
    assert b"".join(seen) == data
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("data", "is_clean"),
    [
        (rb'{"a": "\ud83d\ude00 \u00e4 \ud55c \n \\"}', True),
        (b"a\0b", False),
        (b"a\xff", False),
        (rb"\u0000", False),
        (rb"\ud83d", False),
        (rb"\ude00", False),
        (rb"\ud83d\ud83d\ude00", False),
        (rb"\ud83d\ude00\ude00", False),
        (rb"\\ud83d\ude00", False),
        (rb"\uD83D\u0041", False),
        (b"\xed\xa0\x80", False),
        (b"x" * (9 << 20), False),  # too long a line to look at whole
    ],
)
@pytest.mark.parametrize("gap", [b"", b"x" * ((1 << 17) - 10) + b"\n" + b"y"])
def test_what_cannot_be_stored_is_seen(tmp_path: Path, data: bytes, is_clean: bool, gap: bytes) -> None:  # noqa: FBT001 - a parameter
    for lead in (b"", b"z" * 3, b"z" * 8, b"z" * 13):
        path = write(tmp_path, "x.jsonl", b"first\n" + gap + lead + data + b"\nlast")
        assert inspect(path).is_clean == is_clean


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    plain = inspect(write(tmp_path, "x.csv", b"id\n1"))
    packed = gzip.compress(b"id\n") + gzip.compress(b"1")
    for name in ("x.csv.gz", "y.csv"):
        export = inspect(write(tmp_path, name, packed))
        assert (export.sha256, export.n_bytes, export.is_plain_utf8) == (plain.sha256, 4, False)
        assert text_of(export) == "id\n1"
    with pytest.raises(SourceError, match=r"named \.gz, but no gzip file"):
        inspect(write(tmp_path, "z.csv.gz", b"id\n1"))


@pytest.mark.parametrize(
    ("encoding", "data", "text"),
    [("cp1252", b"caf\xe9 \x80", "café €"), ("utf-16-le", "é".encode("utf-16-le"), "é")],
)
def test_a_declared_encoding_is_used(tmp_path: Path, encoding: str, data: bytes, text: str) -> None:
    assert text_of(inspect(write(tmp_path, "x.csv", data), encoding=encoding)) == text


def test_utf8_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="this is UTF-8, not iso8859-1"):
        inspect(write(tmp_path, "x.csv", "café".encode()), encoding="latin-1")
    assert inspect(write(tmp_path, "x.csv", b"cafe"), encoding="latin-1").is_clean
    assert inspect(write(tmp_path, "x.csv", "é".encode() + b"\xe9"), encoding="latin-1").is_clean


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "zlib", "a\0b", "undefined", "\x1b[31m"])
def test_an_unknown_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ConfigError, match="unknown encoding"):
        inspect(write(tmp_path, "x.csv", b"id"), encoding=encoding)


def test_bytes_that_no_row_can_be_found_in_refuse_the_file(tmp_path: Path) -> None:
    data = b"\xff\xfe" + "a".encode("utf-16-le") * 100_000 + b"\x00\xd8\x00"
    with pytest.raises(SourceError, match=r"byte 200002 is not utf-16"):
        inspect(write(tmp_path, "x.csv", data))


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("messages.csv"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"PAR1rest", "a Parquet file"),
        (b"\x89PNG\r\n", "an image"),
        (gzip.compress(gzip.compress(b"id", mtime=0), mtime=0), "a gzip file within another"),
        (gzip.compress(tar(), mtime=0), "a tar archive"),
        (tar(), "a tar archive"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\xef\xbb\xbf\n <HTML>", "a web page"),
        (b'<?xml version="1.0"?>', "XML"),
        ("id,text\n1,a".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("id,text\n1,a".encode("utf-16-be"), "UTF-16 without a byte order mark"),
        (bytes(range(256)) * 4, "not a text file"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        inspect(write(tmp_path, "x.csv", data))


NOISE = gzip.compress(random.Random(1).randbytes(50_000).hex().encode(), mtime=0)  # noqa: S311 - no secret


@pytest.mark.parametrize(
    "data",
    [NOISE[:20], NOISE[:-4], NOISE[:-1], NOISE[:1000] + b"\0\0\0\0" + NOISE[1004:], NOISE + b"rest"],
    ids=["header", "no size", "no end", "zeros", "rest"],
)
def test_a_damaged_gzip_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match="damaged or cut off"):
        inspect(write(tmp_path, "x.csv.gz", data))


def test_folders_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for name, message in (
        ("", "not a regular file"),
        ("pipe.csv", "not a regular file"),
        ("loop.csv", "cannot be read: Too many levels"),
        ("absent.csv", "no such file"),
        ("x" * 300, "cannot be read: File name too long"),
    ):
        with pytest.raises(SourceError, match=message):
            inspect(tmp_path / name)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", b"id\n" * 10)

    def grow(_: bytes) -> None:
        with path.open("ab") as file:
            file.write(b"1\n")

    with pytest.raises(SourceError, match="still being written: size changed from 30 to 34 bytes"):
        inspect(path, observe=grow)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.write_bytes(b"id\n1\n2\n"), "size changed from 5 to 7 bytes"),
        (lambda path: os.utime(path, (1, 1)), "it was modified"),
        (
            lambda path: (
                path.with_name("new").write_bytes(b"id\n2\n") and path.with_name("new").replace(path)
            ),
            "replaced",
        ),
    ],
)
def test_a_file_that_changes_later_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    path = write(tmp_path, "x.csv", b"id\n1\n")
    export = inspect(path)
    export.check_unchanged()
    change(path)
    with pytest.raises(SourceError, match=message):
        export.check_unchanged()
    with pytest.raises(SourceError, match=message):
        text_of(export)
    path.unlink()
    with pytest.raises(SourceError, match="went away"):
        export.check_unchanged()


def packed(tmp_path: Path, files: dict[str, bytes], name: str = "x.zip", **options: Any) -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for member, content in files.items():
            archive.writestr(zipfile.ZipInfo(member) if "\\" in member else member, content)
    return path


def test_members_are_read_in_place(tmp_path: Path) -> None:
    path = packed(
        tmp_path, {"b/agents.csv": b"id\n1\n", "a.csv": TEXT.encode(), "__MACOSX/._a.csv": b"x", "b/.x": b""}
    )
    assert members(path) == [path / "a.csv", path / "b/agents.csv"]
    export = inspect(path / "a.csv")
    assert (export.name, text_of(export), export.is_plain_utf8) == ("x.zip/a.csv", TEXT, False)
    assert read_small(path / "b/agents.csv") == b"id\n1\n"
    export.check_unchanged()
    packed(tmp_path, {"a.csv": b"x"})
    with pytest.raises(SourceError, match="still being written"):
        export.check_unchanged()
    with pytest.raises(SourceError, match="no such file in the archive"):
        inspect(path / "c.csv")
    with pytest.raises(SourceError, match="more than 0 bytes"):
        read_small(path / "a.csv", max_bytes=0)


@pytest.mark.parametrize(
    "name", ["../a.csv", "/a.csv", "a/../../b.csv", "C:/a.csv", "a\\b.csv", "a\x1b[0m.csv", "./a.csv"]
)
def test_unsafe_member_names_refuse_the_archive(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path, {"a.csv": b"", name: b""})
    with pytest.raises(SourceError, match="an unsafe file name") as caught:
        members(path)
    assert "\x1b" not in str(caught.value)


def test_archives_of_other_hazards_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = 0o120777 << 16
    locked = packed(tmp_path, {"a.csv": b"id"}, "locked.zip")
    content = bytearray(locked.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(content)
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/hostname")
    with zipfile.ZipFile(tmp_path / "lzma.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", "id")
    twice = packed(tmp_path, {"a.csv": b"1", "b.csv": b"2"}, "twice.zip")
    twice.write_bytes(twice.read_bytes().replace(b"b.csv", b"a.csv"))
    packed(tmp_path, {"a.csv": b"", "b.zip": b""}, "nested.zip")
    packed(tmp_path, {f"{number}.csv": b"" for number in range(1001)}, "many.zip")
    (tmp_path / "text.zip").write_bytes(b"id\n1\n")
    (tmp_path / "cut.zip").write_bytes(locked.read_bytes()[:-30])
    for name, message in (
        ("locked", "an encrypted file 'a.csv'"),
        ("link", "a link or special file 'a.csv'"),
        ("lzma", "an uncommonly packed file 'a.csv'"),
        ("twice", "two files named 'a.csv'"),
        ("nested", "an archive within the archive 'b.zip'"),
        ("many", "more than 1000 files"),
        ("text", "not a zip archive, or damaged"),
        ("cut", "not a zip archive, or damaged"),
    ):
        with pytest.raises(SourceError, match=message):
            members(tmp_path / f"{name}.zip")
    monkeypatch.setattr("staffcast_pipelines.reading.archives._MAX_DIRECTORY_BYTES", 40)
    with pytest.raises(SourceError, match="more than 1000 files"):
        members(locked)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": b"id,text\n" + os.urandom(1000).hex().encode()})
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceError, match="the archive is damaged or cut off"):
        inspect(path / "a.csv")


@pytest.mark.parametrize("name", ["x.csv.gz", "x.zip"])
def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for module in ("streams", "archives"):
        monkeypatch.setattr(f"staffcast_pipelines.reading.{module}.FREE_BYTES", 1000)
    if name == "x.zip":
        path = packed(tmp_path, {"a.csv": b"1\n" * 3_000_000}) / "a.csv"
    else:
        path = write(tmp_path, name, gzip.compress(b"1\n" * 3_000_000))
    with pytest.raises(SourceError, match="more than 200 times"):
        inspect(path)
