"""A seeded generator of a chat desk, and small packaged files."""

from __future__ import annotations
