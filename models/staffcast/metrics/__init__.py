"""The metric catalogue, its compiler, and query(), the only door to numbers."""

from __future__ import annotations
