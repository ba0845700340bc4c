"""Exports as rows of text: bytes are opened, decoded and split, every row with its line, none lost unsaid."""

from __future__ import annotations
