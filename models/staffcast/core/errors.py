"""Every error that staffcast raises on purpose.

The tree::

    StaffcastError
      ConfigError             a setting is unknown, malformed or contradictory
      SourceError             a file cannot be read as what it should be (path, line, field)
        SchemaError           a required column is missing, doubled or of the wrong kind
      DataQualityError        the data were read, but a quality threshold refuses them
      WarehouseError          the database is missing, locked, corrupt or of another version
      MetricError             an unknown metric, dimension or option
      ModelError              a staffing model cannot answer
        InfeasibleTargetError no number of agents meets the target
        UnstableQueueError    work arrives faster than it can ever be done
      ForecastError           too little history, or history that cannot be used

A message says what is wrong and where; ``hint`` says what to do about it.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "ConfigError",
    "DataQualityError",
    "ForecastError",
    "InfeasibleTargetError",
    "MetricError",
    "ModelError",
    "SchemaError",
    "SourceError",
    "StaffcastError",
    "UnstableQueueError",
    "WarehouseError",
    "did_you_mean",
]


class StaffcastError(Exception):
    """The base of all expected errors: one line of what and where, and a hint of what to do.

    Example:
        >>> print(StaffcastError("no such file: chats.csv", hint="check the path"))
        no such file: chats.csv (check the path)
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(StaffcastError):
    """A setting is unknown, malformed or contradictory."""


class SourceError(StaffcastError):
    """A file cannot be read as what it should be.

    Example:
        >>> from pathlib import Path
        >>> print(SourceError("not a time", path=Path("chats.csv"), line=7, field="created_at"))
        chats.csv:7:created_at: not a time
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        where = ":".join(str(part) for part in (path, line, field) if part is not None)
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.path = path
        self.line = line
        self.field = field


class SchemaError(SourceError):
    """A required column is missing, doubled or of the wrong kind."""


class DataQualityError(StaffcastError):
    """The data were read, but a quality threshold refuses them."""


class WarehouseError(StaffcastError):
    """The database is missing, locked, corrupt or of another version."""


class MetricError(StaffcastError):
    """An unknown metric, dimension or option."""


class ModelError(StaffcastError):
    """A staffing model cannot answer."""


class InfeasibleTargetError(ModelError):
    """No number of agents meets the target."""


class UnstableQueueError(ModelError):
    """Work arrives faster than it can ever be done."""


class ForecastError(StaffcastError):
    """Too little history, or history that cannot be used."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known name nearest to ``word``, or list them when they are few.

    Example:
        >>> did_you_mean("csta", ["csat", "fcr"])
        "did you mean 'csat'?"
        >>> did_you_mean("zzz", ["csat", "fcr"])
        'known: csat, fcr'
    """
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"known: {shown}"
