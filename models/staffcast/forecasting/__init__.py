"""Contact volume forecasts."""

from __future__ import annotations
