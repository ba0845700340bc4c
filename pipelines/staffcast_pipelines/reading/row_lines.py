"""Lines of a file that hold a row: those that are not blank, of which some may be left out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import WriteableBuffer

__all__ = ["OnlyRows", "row_lines"]


def row_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that are not blank.

    Example:
        >>> list(row_lines([b"{}", b" ", b"[]"]))
        [b'{}', b'[]']
    """
    return (line for line in lines if not line.isspace())


class OnlyRows(io.RawIOBase):
    r"""The bytes of a file in which every row but some is blank, so that numbers of lines stay true.

    Args:
        lines: The lines of the file.
        is_kept: A byte a row: 1 if it is left as it is.

    Example:
        >>> io.BufferedReader(OnlyRows(io.BytesIO(b"a\n \nb\nc"), bytes([0, 1, 1]))).read()
        b'\n\nb\nc'
    """

    def __init__(self, lines: Iterable[bytes], is_kept: bytes) -> None:
        self._pieces = self._kept(lines, is_kept)
        self._rest = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        view = memoryview(buffer).cast("B")
        rest = self._rest or next(self._pieces, b"")
        size = min(len(view), len(rest))
        view[:size] = rest[:size]
        self._rest = rest[size:]
        return size

    @staticmethod
    def _kept(lines: Iterable[bytes], is_kept: bytes) -> Iterator[bytes]:
        """Each kept line with the line ends that stand for what was before it."""
        n_blank = row = 0
        for line in lines:
            is_row = not line.isspace()
            if is_row and is_kept[row]:
                yield b"\n" * n_blank + line
                n_blank = 0
            else:
                n_blank += 1
            row += is_row
