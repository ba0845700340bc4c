"""Errors, settings, units, enums and time zones (standard library only)."""

from __future__ import annotations
