"""All oracles: the import of each subject registers its metrics."""

from __future__ import annotations

from tests.property.metrics.oracle import (  # noqa: F401 - registered by the import
    agents,
    backlog,
    bot,
    concurrency,
    cost,
    demand,
    handling,
    resolution,
    responses,
    satisfaction,
    waits,
)
from tests.property.metrics.oracle.arithmetic import Figure, Question, figures
from tests.property.metrics.oracle.judgement import ORACLES

__all__ = ["ORACLES", "Figure", "Question", "figures"]
