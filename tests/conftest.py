"""Settings that hold for every test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

# How long an example takes says nothing about right or wrong, and a busy machine is slow.
settings.register_profile("staffcast", deadline=None)
settings.load_profile("staffcast")

MOST_EXAMPLES = int(os.environ.get("STAFFCAST_MOST_EXAMPLES", "1000000"))
"""Slow suites draw at most so many examples a test: CI has less time than a night."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cut the number of examples of slow property tests."""
    for item in items:
        own = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
        if own is not None and item.get_closest_marker("slow") and own.max_examples > MOST_EXAMPLES:
            cut = settings(own, max_examples=MOST_EXAMPLES)
            item.obj._hypothesis_internal_use_settings = cut  # type: ignore[attr-defined]
