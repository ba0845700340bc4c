"""Result tables and documents that the CLI and the dashboard both show."""

from __future__ import annotations
