"""From a path to text: existence, gzip, encoding, and the fingerprint of the content."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Opened", "open_export"]

_CHUNK = 1 << 20
_MAX_RATIO = 200
_FREE_BYTES = 64 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"SQLite format 3", "an SQLite database"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The content of a file.

    Attributes:
        text: The decoded text; bytes that could not be decoded stand as lone surrogates.
        sha256: Fingerprint of the uncompressed bytes.
        is_clean: No cell can hold a NUL or an undecodable byte.
    """

    text: str
    sha256: str
    is_clean: bool


def open_export(path: Path, *, encoding: str = "utf-8") -> Opened:
    """Read a file, plain or gzip, and decode it.

    A byte order mark wins over ``encoding``. An undecodable byte spoils its row, not the file.

    Raises:
        SourceError: The file is missing, unreadable, empty, damaged, or plainly something else.
        ConfigError: The encoding is unknown.
    """
    data = _bytes(path)
    if not data.strip():
        raise SourceError("the file is empty", path=path, hint="export it again")
    for magic, kind in _FOREIGN:
        if data.startswith(magic):
            raise SourceError(
                f"this is {kind}, not CSV or JSON lines", path=path, hint="export it as CSV or JSONL"
            )
    if data[:200].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise SourceError(
            "this is a web page, not CSV or JSON lines",
            path=path,
            hint="the download may have needed a login",
        )
    sha256 = hashlib.sha256(data).hexdigest()
    for mark, name in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    return _decoded(data, encoding, sha256, path)


def _decoded(data: bytes, encoding: str, sha256: str, path: Path) -> Opened:
    try:
        text = data.decode(encoding)
    except LookupError as error:
        raise ConfigError(
            f"{path}: unknown encoding '{encoding}'", hint="for example utf-8, cp1252, latin-1"
        ) from error
    except UnicodeDecodeError as first:
        try:
            return Opened(data.decode(encoding, "surrogateescape"), sha256, is_clean=False)
        except UnicodeDecodeError:
            raise SourceError(
                f"byte {first.start} is not {encoding}",
                path=path,
                hint="declare --encoding, or export it again",
            ) from first
    return Opened(text, sha256, is_clean="\0" not in text)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise SourceError("not a regular file", path=path, hint="name a CSV or JSONL file")
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        return _unzipped(path)
    except FileNotFoundError as error:
        raise SourceError("no such file", path=path, hint="check the path") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(
            "the gzip file is damaged or cut off", path=path, hint="copy it again; nothing of it was stored"
        ) from error
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", path=path, hint="check its owner and mode"
        ) from error


def _unzipped(path: Path) -> bytes:
    limit = _FREE_BYTES + _MAX_RATIO * path.stat().st_size
    chunks: list[bytes] = []
    size = 0
    with gzip.open(path) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise SourceError(
                    f"unpacks to more than {_MAX_RATIO} times its size", path=path, hint="unpack it yourself"
                )
            chunks.append(chunk)
    return b"".join(chunks)
