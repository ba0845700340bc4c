"""SQL texts that ship inside the packages."""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["sql_text"]


@cache
def sql_text(package: str, name: str) -> str:
    """The text of ``<package>/sql/<name>.sql``.

    Example:
        >>> sql_text("staffcast.planning", "waits").startswith("--")
        True
    """
    return (resources.files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
