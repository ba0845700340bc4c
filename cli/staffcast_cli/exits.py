"""Exit codes, and which error ends with which."""

from __future__ import annotations

from enum import IntEnum

from staffcast.core.errors import (
    ConfigError,
    DataQualityError,
    MetricError,
    SourceError,
    StaffcastError,
)

__all__ = ["Exit", "exit_code"]


class Exit(IntEnum):
    """What the process tells its caller."""

    OK = 0
    FAILURE = 1
    """Disk full, database locked, target infeasible, no data yet, ..."""
    USAGE = 2
    """A wrong command line or setting."""
    DATA_REFUSED = 3
    """An export, or its quality, was refused."""
    BELOW_THRESHOLD = 4
    """``--fail-under`` was missed."""


def exit_code(error: StaffcastError) -> Exit:
    """The exit code of an error.

    Example:
        >>> exit_code(MetricError("unknown metric 'x'")).name
        'USAGE'
    """
    if isinstance(error, ConfigError | MetricError):
        return Exit.USAGE
    if isinstance(error, SourceError | DataQualityError):
        return Exit.DATA_REFUSED
    return Exit.FAILURE
