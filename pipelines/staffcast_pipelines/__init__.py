"""From export files to fact tables."""

from __future__ import annotations
