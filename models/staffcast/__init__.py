"""Live-chat analytics and workforce planning: the library."""

from __future__ import annotations
