"""Live-chat analytics and workforce planning: the library."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
