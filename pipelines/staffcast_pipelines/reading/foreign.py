"""What the first bytes of a file say it is, when that is no export."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from staffcast.core.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["byte_order_mark", "is_gzip", "refuse_foreign"]

GZIP_MAGIC = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (0, b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, GZIP_MAGIC, "a gzip file within another"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"ARROW1", "an Arrow file"),
    (0, b"Obj\x01", "an Avro file"),
    (0, b"BZh", "a bzip2 file"),
    (0, b"\xfd7zXZ\x00", "an xz file"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"%PDF", "a PDF document"),
    (0, b"{\\rtf", "a rich-text document"),
    (0, b"\x89PNG", "an image"),
    (0, b"\xff\xd8\xff", "an image"),
    (0, b"GIF8", "an image"),
    (0, b"\x7fELF", "a program"),
    (0, b"SQLite format 3", "an SQLite database"),
    (8, b"DUCK", "a DuckDB database"),
)
_SAMPLE = 4096
_NO_CONTROLS = bytes({*range(32, 256), *b"\0\t\n\r"})
"""A text has next to none of the others; NUL is looked at apart."""
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<[?!a-z]", re.IGNORECASE)


def is_gzip(head: bytes) -> bool:
    """Whether these are the first bytes of a gzip file."""
    return head.startswith(GZIP_MAGIC)


def byte_order_mark(head: bytes) -> tuple[bytes, str] | None:
    """The mark that a text begins with, and the codec that reads it and leaves it out.

    Example:
        >>> byte_order_mark("id".encode("utf-8-sig"))[1]
        'utf-8-sig'
    """
    return next(((mark, codec) for mark, codec in _BOMS if head.startswith(mark)), None)


def refuse_foreign(head: bytes, path: Path, *, may_hold_nul: bool = False) -> None:
    """Refuse a file whose first bytes are those of something else.

    Args:
        head: The first bytes.
        path: The file, for messages.
        may_hold_nul: The encoding gives a letter more than one byte.

    Raises:
        SourceError: They are; the message says of what.
    """
    for at, magic, kind in _FOREIGN:
        if head.startswith(magic, at):
            raise SourceError(
                f"this is {kind}, not CSV or JSON lines", path=path, hint="export it as CSV or JSONL"
            )
    text = head[len(mark[0]) :] if (mark := byte_order_mark(head)) else head
    if _WEB_PAGE.match(text):
        raise SourceError(
            "this is a web page, not CSV or JSON lines",
            path=path,
            hint="the download may have needed a login",
        )
    if _MARKUP.match(text):
        raise SourceError(
            "this is XML or another markup, not CSV or JSON lines",
            path=path,
            hint="export it as CSV or JSONL",
        )
    if not (mark or may_hold_nul):
        _refuse_binary(head, path)


def _refuse_binary(head: bytes, path: Path) -> None:
    """A first line with a NUL byte is no header, so no row can be found."""
    if len(head) >= _SAMPLE and len(head[:_SAMPLE].translate(None, _NO_CONTROLS)) > _SAMPLE // 20:
        raise _no_text(path)
    first_line = re.split(rb"[\r\n]", head.lstrip(b"\r\n"), maxsplit=1)[0]
    if b"\0" not in first_line:
        return
    pairs = first_line[:200]
    for codec, letters, gaps in (
        ("utf-16-le", pairs[::2], pairs[1::2]),
        ("utf-16-be", pairs[1::2], pairs[::2]),
    ):
        if gaps.count(0) > len(gaps) * 0.8 and letters.count(0) < len(letters) * 0.2:
            raise SourceError(
                "this is UTF-16 without a byte order mark", path=path, hint=f"declare --encoding {codec}"
            )
    if first_line.lstrip().startswith(b"{"):
        return
    raise _no_text(path)


def _no_text(path: Path) -> SourceError:
    return SourceError("this is not a text file", path=path, hint="export it as CSV or JSONL in UTF-8")
