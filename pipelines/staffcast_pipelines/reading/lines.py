"""Physical lines of a text, with a window that looks ahead no further than it must."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

__all__ = ["MAX_LINE_CHARS", "Lines"]

MAX_LINE_CHARS = 16 << 20
"""A longer line is cut to this and one more, so that it can be told."""
_BLOCK_CHARS = 1 << 18
_MOST_LINES = 4096


class Lines:
    """The lines of a text in order, each with its end as it is in the text.

    Attributes:
        number: Physical number of the next line, from 1.
    """

    def __init__(self, stream: TextIO) -> None:
        self.number = 1
        self._blocks = _blocks(stream)
        self._lines: list[str] = []
        self._start = 0

    def ahead(self) -> list[str]:
        """The next lines, some thousand at most; none at the end."""
        if self._start == len(self._lines):
            self._lines, self._start = next(self._blocks, []), 0
        return self._lines[self._start : self._start + _MOST_LINES]

    def peek(self, index: int) -> str | None:
        """The line ``index`` after the next one, or None after the end."""
        while self._start + index >= len(self._lines):
            block = next(self._blocks, None)
            if block is None:
                return None
            del self._lines[: self._start]
            self._start = 0
            self._lines += block
        return self._lines[self._start + index]

    def advance(self, n_lines: int) -> None:
        """Go on by ``n_lines``."""
        self._start += n_lines
        self.number += n_lines


def _blocks(stream: TextIO) -> Iterator[list[str]]:
    """Whole lines, block by block, cut only between lines."""
    carry = ""
    while text := stream.read(_BLOCK_CHARS):
        text = carry + text
        # A return at the very end may be half of a line end.
        cut = text.rfind("\n") + 1 or text.rfind("\r", 0, len(text) - 1) + 1
        if cut:
            yield _split(text[:cut])
        carry = text[cut:]
        if len(carry) > MAX_LINE_CHARS:
            yield [carry[: MAX_LINE_CHARS + 1]]
            _skip_line(stream)
            carry = ""
    if carry:
        yield _split(carry)


def _split(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def _skip_line(stream: TextIO) -> None:
    while piece := stream.readline(_BLOCK_CHARS):
        if piece.endswith(("\n", "\r")):
            return
