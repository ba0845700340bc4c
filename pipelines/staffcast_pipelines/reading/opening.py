"""One pass over a file before anything is made of it: what it is, whether it is whole, its fingerprint."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from staffcast.core.errors import ConfigError, SourceError
from staffcast_pipelines.reading.archives import shown
from staffcast_pipelines.reading.foreign import byte_order_mark, refuse_foreign
from staffcast_pipelines.reading.row_lines import OnlyRows
from staffcast_pipelines.reading.streams import (
    ByteSource,
    Stamp,
    archive_of,
    growing,
    open_bytes,
    stamp_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Export", "inspect", "read_small"]

_CHUNK = 1 << 17
_LONGEST_CARRY = 8 << 20
"""A file with a longer line is read with care, whatever it holds."""
_SETTLED_S = 2.0
_PAUSE_S = 0.1
_DOUBTFUL = re.compile(
    rb"\\u(?:0000"
    rb"|(?<=\\\\u)"  # an escaped backslash before a u: what looks like an escape may be none
    rb"|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u)[dD][c-fC-F])"
)
"""JSON escapes of a NUL or of half a character, and those that are not worth telling apart here."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was read once from end to end.

    Attributes:
        path: Where it is; a member of an archive is ``archive.zip/member.csv``.
        sha256: Fingerprint of the unpacked bytes.
        n_bytes: Number of the unpacked bytes.
        encoding: The codec that reads it, which leaves a byte order mark out.
        is_clean: No cell can hold a NUL, an undecodable byte or half of a character.
        is_plain_utf8: The file at ``path`` is this very text in UTF-8, neither packed nor marked, and its
            lines end with a line feed.
        stamp: Of the file on disk.
        is_kept: Which rows are left of a plain file, a byte each; None is all.
    """

    path: Path
    sha256: str
    n_bytes: int
    encoding: str
    is_clean: bool
    is_plain_utf8: bool
    stamp: Stamp
    is_kept: bytes | None = None

    @property
    def name(self) -> str:
        """The file's name as it can be printed, with that of its archive."""
        inside = archive_of(self.path)
        return shown(f"{inside[0].name}/{inside[1]}" if inside else self.path.name)

    @contextmanager
    def text(self) -> Iterator[io.TextIOWrapper]:
        """The decoded text, line ends as they are; undecodable bytes stand as lone surrogates.

        Raises:
            SourceError: The file changed since it was inspected.
        """
        with open_bytes(self.path) as source:
            if source.stamp != self.stamp:
                raise growing(self.path, self.stamp, source.stamp)
            stream = source.stream
            if self.is_kept is not None:
                stream = io.BufferedReader(OnlyRows(stream, self.is_kept))
            yield io.TextIOWrapper(stream, self.encoding, "surrogateescape", newline="")

    def of_rows(self, is_kept: bytes) -> Export:
        """The same file with only some of its rows, the others blank.

        Args:
            is_kept: A byte a row that is not blank: 1 if it is left as it is.
        """
        return replace(self, is_kept=is_kept)

    def check_unchanged(self) -> None:
        """Refuse the file if it was written to or replaced since it was inspected.

        Raises:
            SourceError: It was.
        """
        try:
            now = stamp_of(self.path)
        except OSError as error:
            raise SourceError(
                "the file went away while it was read", path=self.path, hint="run again when it is back"
            ) from error
        if now != self.stamp:
            raise growing(self.path, self.stamp, now)


def inspect(path: Path, *, encoding: str = "utf-8", observe: Callable[[bytes], None] | None = None) -> Export:
    """Read a file once, in bounded memory, and say what it is.

    A byte order mark wins over ``encoding``. gzip is told by its content. An undecodable byte spoils its
    row, not the file.

    Args:
        path: A file, or a member of a zip archive.
        encoding: What it is declared to be.
        observe: Is given the unpacked bytes, piece by piece.

    Raises:
        SourceError: The file is missing, unreadable, empty, damaged, still growing, or plainly something
            else.
        ConfigError: The encoding is unknown.
    """
    encoding = _known_codec(encoding, path)
    with open_bytes(path) as source:
        head = source.stream.read(_CHUNK)
        mark = byte_order_mark(head)
        refuse_foreign(head, path, may_hold_nul=encoding.startswith(("utf-16", "utf-32")))
        codec = mark[1] if mark else encoding
        scan = _Scan(path, codec)
        chunk = head
        while chunk:
            if observe:
                observe(chunk)
            scan.feed(chunk)
            if scan.n_bytes > source.stamp.n_bytes and not source.is_packed:
                break  # it grew: there may be no end of it
            chunk = source.stream.read(_CHUNK)
        _check_settled(path, source, scan)
    scan.finish(is_declared=mark is None)
    if path.suffix.lower() == ".gz" and not source.is_packed:
        raise SourceError("named .gz, but no gzip file", path=path, hint="rename it, or copy it again")
    return Export(
        path,
        scan.sha256.hexdigest(),
        scan.n_bytes,
        codec,
        is_clean=scan.is_clean,
        is_plain_utf8=codec == "utf-8" and not source.is_packed and not scan.has_bare_return,
        stamp=source.stamp,
    )


def read_small(path: Path, *, max_bytes: int = 1 << 20) -> bytes:
    """The whole of a small file, or of a member of an archive.

    Raises:
        SourceError: It cannot be read, or is not small.
    """
    with open_bytes(path) as source:
        content = source.stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise SourceError(f"more than {max_bytes:,} bytes", path=path, hint="is this the right file?")
    return content


def _known_codec(encoding: str, path: Path) -> str:
    try:
        b"id".decode(encoding)  # unlike a look-up, this refuses codecs that do not give text
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise ConfigError(
            f"{path}: unknown encoding '{shown(encoding)}'", hint="for example utf-8, cp1252, latin-1"
        ) from error


def _check_settled(path: Path, source: ByteSource, scan: _Scan) -> None:
    """Whether the file stayed as it is; one that is new and ends within a line is given a moment."""
    if not scan.ends_line and time.time() - source.stamp.modified_ns / 1e9 < _SETTLED_S:
        time.sleep(_PAUSE_S)
    now = stamp_of(path)
    if now != source.stamp:
        raise growing(path, source.stamp, now)


@dataclass(slots=True)
class _Scan:
    """What is known of the bytes so far."""

    path: Path
    codec: str
    sha256: hashlib._Hash = field(default_factory=hashlib.sha256)
    n_bytes: int = 0
    is_clean: bool = True
    has_text: bool = False
    ends_line: bool = True
    has_bare_return: bool = False
    decoder: codecs.IncrementalDecoder | None = None
    is_also_utf8: bool = False
    """No byte so far speaks against UTF-8; only asked of a declared codec of one byte a character."""
    has_wide: bool = False
    utf8: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))
    carry: bytes = b""

    def __post_init__(self) -> None:
        if self.codec not in ("utf-8", "utf-8-sig"):
            self.decoder = codecs.getincrementaldecoder(self.codec)("surrogateescape")
            self.is_also_utf8 = len(bytes(range(256)).decode(self.codec, "replace")) == 256

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes of the file."""
        self.sha256.update(chunk)
        self.n_bytes += len(chunk)
        self.has_text = self.has_text or bool(chunk.strip())
        self.ends_line = chunk.endswith((b"\n", b"\r", b"\n\0", b"\r\0"))
        if self.decoder:
            self._doubt(chunk, final=False)
            chunk = self._transcoded(chunk, final=False)
        if self.is_clean:
            self._search(chunk)

    def finish(self, *, is_declared: bool) -> None:
        """Take in the end of the file."""
        if self.decoder:
            self._search(self._transcoded(b"", final=True))
            self._doubt(b"", final=True)
        self.has_bare_return = self.has_bare_return or _has_bare_return(self.carry)
        self.is_clean = self.is_clean and _is_clean(self.carry)
        if not self.has_text:
            raise SourceError("the file is empty", path=self.path, hint="export it again")
        if is_declared and self.is_also_utf8 and self.has_wide:
            raise SourceError(
                f"this is UTF-8, not {self.codec}",
                path=self.path,
                hint="leave the encoding out for this file",
            )

    def _transcoded(self, chunk: bytes, *, final: bool) -> bytes:
        assert self.decoder is not None  # noqa: S101 - for the type checker
        waiting = len(self.decoder.getstate()[0])
        try:
            return self.decoder.decode(chunk, final).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            at = self.n_bytes - len(chunk) - waiting + error.start
            raise SourceError(
                f"byte {at} is not {self.codec}",
                path=self.path,
                hint="declare --encoding, or export it again",
            ) from error

    def _doubt(self, chunk: bytes, *, final: bool) -> None:
        self.has_wide = self.has_wide or not chunk.isascii()
        if self.is_also_utf8 and self.has_wide:
            try:
                self.utf8.decode(chunk, final)
            except UnicodeDecodeError:
                self.is_also_utf8 = False

    def _search(self, chunk: bytes) -> None:
        """Look at whole lines, in which no character and no escape is cut."""
        window = self.carry + chunk
        cut = window.rfind(b"\n") + 1
        self.carry, lines = window[cut:], window[:cut]
        self.has_bare_return = self.has_bare_return or _has_bare_return(lines)
        self.is_clean = self.is_clean and _is_clean(lines) and len(self.carry) < _LONGEST_CARRY


def _has_bare_return(lines: bytes) -> bool:
    return b"\r" in lines and lines.count(b"\r") != lines.count(b"\r\n")


def _is_clean(lines: bytes) -> bool:
    if b"\0" in lines:
        return False
    if not lines.isascii():
        try:
            lines.decode()
        except UnicodeDecodeError:
            return False
    return b"\\" not in lines or _DOUBTFUL.search(lines) is None
