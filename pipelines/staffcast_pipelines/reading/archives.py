"""Zip archives: read in place, member by member, after every member has been found harmless."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from staffcast.core.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DAMAGED", "FREE_BYTES", "MAX_BYTES", "MAX_RATIO", "members", "open_member", "shown"]

MAX_RATIO = 200
FREE_BYTES = 64 << 20
"""What may be unpacked before the ratio counts."""
MAX_BYTES = 64 << 30
"""What may be unpacked from one file, whatever its ratio."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError)
"""What reading a damaged archive raises."""

_MAX_MEMBERS = 1000
_MAX_DIRECTORY_BYTES = 4 << 20
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst", ".xlsx")
_CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_END = b"PK\x05\x06"
_END_64, _LOCATOR_64 = b"PK\x06\x06", b"PK\x06\x07"


def shown(name: str) -> str:
    """A file name that can be printed: control, direction and zero-width characters become ``?``.

    Example:
        >>> shown("a" + chr(27) + "[31m.csv")
        'a?[31m.csv'
    """
    return _CONTROLS.sub("?", name)


def members(archive: Path) -> list[Path]:
    """Paths of the files in an archive, below the archive's own, sorted.

    Raises:
        SourceError: It cannot be read, holds a member that is not a plain file of its own folder,
            or would unpack to far more than it is.
    """
    try:
        with archive.open("rb") as stream:
            return [archive / name for name in sorted(_members(stream, archive))]
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", path=archive, hint="check its owner and mode"
        ) from error


@contextmanager
def open_member(stream: IO[bytes], archive: Path, name: str) -> Iterator[tuple[IO[bytes], int]]:
    """The bytes of a member and its packed size."""
    found = _members(stream, archive)
    if name not in found:
        raise SourceError("no such file in the archive", path=archive / name, hint="check the path")
    with zipfile.ZipFile(stream) as opened, opened.open(found[name]) as member:
        yield member, found[name].compress_size


def _members(stream: IO[bytes], archive: Path) -> dict[str, zipfile.ZipInfo]:
    try:
        if _directory_bytes(stream) > _MAX_DIRECTORY_BYTES:
            raise _refusal(archive, f"more than {_MAX_MEMBERS} files")
        with zipfile.ZipFile(stream) as opened:
            infos = opened.infolist()
    except (*DAMAGED, UnicodeDecodeError) as error:
        raise SourceError(
            "not a zip archive, or damaged or cut off",
            path=archive,
            hint="copy it again; nothing of it was stored",
        ) from error
    if len(infos) > _MAX_MEMBERS:
        raise _refusal(archive, f"more than {_MAX_MEMBERS} files")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if fault := _fault(info):
            raise _refusal(archive, f"{fault} '{shown(info.orig_filename)}'")
        if info.is_dir() or _is_hidden(info.filename):
            continue
        if info.filename in found:
            raise _refusal(archive, f"two files named '{info.filename}'")
        found[info.filename] = info
    _check_size(archive, sum(info.file_size for info in infos), stream.seek(0, 2))
    return found


def _directory_bytes(stream: IO[bytes]) -> int:
    """Size of the table of contents as the archive states it, before anything is made of it."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - (1 << 17)))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile
    stated: int = struct.unpack_from("<L", tail, at + 12)[0]
    if tail[max(0, at - 20) : at].startswith(_LOCATOR_64):
        (record,) = struct.unpack_from("<Q", tail, at - 12)
        if record + 56 > size:
            raise zipfile.BadZipFile
        stream.seek(record)
        end = stream.read(56)
        if not end.startswith(_END_64):
            raise zipfile.BadZipFile
        stated = max(stated if stated != 0xFFFFFFFF else 0, struct.unpack_from("<Q", end, 40)[0])
    return stated


def _fault(info: zipfile.ZipInfo) -> str | None:
    name = info.orig_filename
    parts = name.removesuffix("/").split("/")
    if _CONTROLS.search(name) or "\\" in name or re.match("[A-Za-z]:", name) or name.startswith("/"):
        return "an unsafe file name"
    if any(part in ("", ".", "..") for part in parts):
        return "an unsafe file name"
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "a link or special file"
    if info.flag_bits & 0x1:
        return "an encrypted file"
    if PurePosixPath(name.lower()).suffix in _ARCHIVES:
        return "an archive within the archive"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "an uncommonly packed file"
    return None


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")


def _check_size(archive: Path, n_bytes: int, packed: int) -> None:
    if n_bytes > min(FREE_BYTES + MAX_RATIO * packed, MAX_BYTES):
        raise SourceError(
            f"unpacks to more than {MAX_RATIO} times its size", path=archive, hint="unpack it yourself"
        )


def _refusal(archive: Path, what: str) -> SourceError:
    return SourceError(
        f"the archive holds {what}; nothing of it was read", path=archive, hint="pack the tables alone"
    )
