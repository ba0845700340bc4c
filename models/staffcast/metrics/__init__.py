"""The metric catalogue, its compiler, and query(), the only door to numbers.

Listing the catalogue loads neither duckdb nor polars: what needs them is imported when first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from staffcast.metrics.loader import catalogue, metric
from staffcast.metrics.options import options_from_settings
from staffcast.metrics.record import Direction, Grain, Kind, Metric, Option
from staffcast.metrics.request import dimensions_of

if TYPE_CHECKING:
    from staffcast.metrics.comparison import Verdict, compare
    from staffcast.metrics.explanation import Explanation, explain
    from staffcast.metrics.run import Reader, query

__all__ = [
    "Direction",
    "Explanation",
    "Grain",
    "Kind",
    "Metric",
    "Option",
    "Reader",
    "Verdict",
    "catalogue",
    "compare",
    "dimensions_of",
    "explain",
    "metric",
    "options_from_settings",
    "query",
]

_LAZY = {
    "Explanation": "explanation",
    "Reader": "run",
    "Verdict": "comparison",
    "compare": "comparison",
    "explain": "explanation",
    "query": "run",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the lazy module exports
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
