"""Counts the keys of JSON lines while the file is read for its fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["KeyCount"]

_COLON, _QUOTE, _SPACE, _NEWLINE = 58, 34, 32, 10


@dataclass(slots=True)
class KeyCount:
    """Counts ``":`` and line ends while a file is read for its fingerprint.

    Behind every key stands ``":``, and a colon with space before it is counted apart.
    """

    n_keys: int = 0
    n_lines: int = 0
    ends_line: bool = True
    may_be_spaced: bool = False
    last: int = 0

    def observe(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        codes = np.frombuffer(chunk, np.uint8)
        before, is_colon = codes[:-1], codes[1:] == _COLON
        self.n_keys += int(np.count_nonzero(is_colon & (before == _QUOTE)))
        self.n_keys += self.last == _QUOTE and chunk[0] == _COLON
        is_spaced = bool(np.any(is_colon & (before <= _SPACE))) or (
            self.last <= _SPACE and chunk[0] == _COLON
        )
        self.may_be_spaced = self.may_be_spaced or is_spaced
        self.n_lines += int(np.count_nonzero(codes == _NEWLINE))
        self.last = chunk[-1]
        self.ends_line = self.last == _NEWLINE
