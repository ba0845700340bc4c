"""SQL with named parameters: bound when it runs, written out as literals when it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Template"]

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Template:
    """A statement with ``:name`` parameters and their values.

    Example:
        >>> statement = Template("select 1 where queue = :queue", {"queue": "o'neill"})
        >>> statement.bound()
        ('select 1 where queue = ?', ["o'neill"])
        >>> statement.inlined()
        "select 1 where queue = 'o''neill'"
    """

    text: str
    values: Mapping[str, int | str]

    def bound(self) -> tuple[str, list[object]]:
        """The text with positional ``?`` and the values in their order."""
        order = [self.values[match[1]] for match in _PARAMETER.finditer(self.text)]
        return _PARAMETER.sub("?", self.text), list(order)

    def inlined(self) -> str:
        """The text with each value as a literal, to be pasted anywhere."""
        return _PARAMETER.sub(lambda match: _literal(self.values[match[1]]), self.text)


def _literal(value: int | str) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
