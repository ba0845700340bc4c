"""SQL texts that ship inside the packages."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

__all__ = ["fill", "sql_text", "statement"]

_PLACEHOLDER = re.compile(r"\{\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}\}")
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?")


@cache
def sql_text(package: str, name: str) -> str:
    """The text of ``<package>/sql/<name>.sql``.

    Example:
        >>> sql_text("staffcast.planning", "waits").startswith("--")
        True
    """
    return (resources.files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def statement(package: str, name: str, /, **names: str | tuple[str, ...]) -> str:
    """The text of ``<package>/sql/<name>.sql`` with its placeholders filled; see ``fill``.

    Raises:
        ValueError: As ``fill``.
    """
    return fill(sql_text(package, name), **names)


def fill(text: str, /, **names: str | tuple[str, ...]) -> str:
    """Fill names of tables and columns into a statement; values are never filled in but bound.

    ``{{keys}}`` becomes the names separated by commas; ``{{keys|a.@ = b.@| and }}`` repeats the pattern for
    each name with the separator between.

    Args:
        text: The statement.
        names: A name, or several, by placeholder.

    Raises:
        ValueError: Something is no plain lower-case name, or placeholders and arguments differ.

    Example:
        >>> fill("select {{columns}} from {{table}}", table="agents", columns=("agent_id", "team"))
        'select agent_id, team from agents'
        >>> fill("on {{keys|a.@ = b.@| and }}", keys=("x", "y"))
        'on a.x = b.x and a.y = b.y'
    """
    wanted = {match[1] for match in _PLACEHOLDER.finditer(text)}
    if wanted != names.keys():
        raise ValueError(f"placeholders {sorted(wanted)}, arguments {sorted(names)}")
    lists = {key: (given,) if isinstance(given, str) else given for key, given in names.items()}
    for key, given in lists.items():
        if any(not _IDENTIFIER.fullmatch(name) for name in given):
            raise ValueError(f"not a name: {key} = {given!r}")

    def filled(match: re.Match[str]) -> str:
        pattern, separator = match[2] or "@", ", " if match[2] is None else match[3]
        return separator.join(pattern.replace("@", name) for name in lists[match[1]])

    return _PLACEHOLDER.sub(filled, text)
