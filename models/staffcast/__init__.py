"""Live-chat analytics and workforce planning: the library.

Its parts load when they are first asked for:

Example:
    >>> import staffcast
    >>> queue = staffcast.staffing.ChatQueue(120.0, (300, 360, 420), patience_s=600)
    >>> target = staffcast.staffing.Target(service_level_share=0.8, threshold_s=30)
    >>> int(staffcast.staffing.required_agents(queue, target))
    6
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__version__ = "0.1.0"
__all__ = ["__version__"]

_PARTS = ("forecasting", "metrics", "planning", "reports", "staffing", "statistics")


def __getattr__(name: str) -> ModuleType:
    if name not in _PARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
