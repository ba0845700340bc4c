"""From a path to its bytes: a regular file, a gzip file by its content, or a member of a zip archive."""

from __future__ import annotations

import gzip
import io
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from staffcast.core.errors import SourceError
from staffcast_pipelines.reading.archives import (
    DAMAGED,
    FREE_BYTES,
    MAX_BYTES,
    MAX_RATIO,
    open_member,
)
from staffcast_pipelines.reading.foreign import is_gzip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typing_extensions import Buffer

__all__ = ["ByteSource", "Stamp", "archive_of", "growing", "open_bytes", "stamp_of"]

_CHUNK = 1 << 20


class Stamp(NamedTuple):
    """What changes when a file is written to or replaced."""

    device: int
    inode: int
    n_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class ByteSource:
    """An open file.

    Attributes:
        stream: Its bytes, unpacked.
        stamp: Of the file on disk when it was opened.
        is_packed: The bytes are not those on disk.
    """

    stream: io.BufferedReader
    stamp: Stamp
    is_packed: bool


def archive_of(path: Path) -> tuple[Path, str] | None:
    """The archive that a path leads into, and the name in it; None for a path of the file system."""
    if path.exists():
        return None
    archive = next((parent for parent in path.parents if parent.is_file()), None)
    return (archive, path.relative_to(archive).as_posix()) if archive else None


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file, or of the archive that it lies in, as it is now."""
    inside = archive_of(path)
    return _stamp((inside[0] if inside else path).stat())


def growing(path: Path, before: Stamp, after: Stamp) -> SourceError:
    """The refusal of a file that changes while it is read."""
    what = f"size changed from {before.n_bytes:,} to {after.n_bytes:,} bytes"
    if before.inode != after.inode:
        what = "it was replaced"
    elif before.n_bytes == after.n_bytes:
        what = "it was modified"
    return SourceError(
        f"still being written: {what} while it was read",
        path=path,
        hint="wait until it is complete and run again; nothing of it was stored",
    )


@contextmanager
def open_bytes(path: Path) -> Iterator[ByteSource]:
    """Open a file; what damage shows while it is read is said in one line.

    Raises:
        SourceError: It is missing, unreadable, no regular file, damaged, or unpacks to too much.
    """
    inside = None
    try:
        inside = archive_of(path)
        with _regular(inside[0] if inside else path) as file:
            stamp = _stamp(os.fstat(file.fileno()))
            if inside:
                with open_member(file, *inside) as (member, packed):
                    stream = _capped(member, path, lambda: packed)
                    yield ByteSource(stream, stamp, is_packed=True)
            elif is_gzip(file.peek(2)):
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield ByteSource(_capped(unpacked, path, file.tell), stamp, is_packed=True)
            else:
                yield ByteSource(file, stamp, is_packed=False)
    except FileNotFoundError as error:
        raise SourceError("no such file", path=path, hint="check the path") from error
    except (gzip.BadGzipFile, *DAMAGED) as error:
        kind = "archive" if inside else "gzip file"
        raise SourceError(
            f"the {kind} is damaged or cut off", path=path, hint="copy it again; nothing of it was stored"
        ) from error
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", path=path, hint="check its owner and mode"
        ) from error


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _regular(path: Path) -> io.BufferedReader:
    # Asked before it is opened, since opening a device or a pipe does something; and again after,
    # without waiting for whoever may have put a pipe in its place.
    if not stat.S_ISREG(path.stat().st_mode):
        raise _not_regular(path)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file: io.BufferedReader = io.BufferedReader(io.FileIO(os.open(path, flags)), _CHUNK)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise _not_regular(path)
    return file


def _not_regular(path: Path) -> SourceError:
    return SourceError("not a regular file", path=path, hint="name a CSV or JSONL file")


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _capped(inner: _Readable, path: Path, packed: Callable[[], int]) -> io.BufferedReader:
    return io.BufferedReader(_Capped(inner, path, packed), _CHUNK)


class _Capped(io.RawIOBase):
    """Unpacked bytes, as long as they are in proportion to the packed ones read for them."""

    def __init__(self, inner: _Readable, path: Path, packed: Callable[[], int]) -> None:
        self._inner = inner
        self._path = path
        self._packed = packed
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        found = self._inner.read(len(view))
        view[: len(found)] = found
        self._n_bytes += len(found)
        if self._n_bytes > min(FREE_BYTES + MAX_RATIO * self._packed(), MAX_BYTES):
            raise SourceError(
                f"unpacks to more than {MAX_RATIO} times its size",
                path=self._path,
                hint="unpack it yourself",
            )
        return len(found)
